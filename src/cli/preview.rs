//! `campaignd preview`: what a pipeline would load, before anything is loaded.

use std::path::Path;
use std::process::ExitCode;

use arrow_schema::DataType;
use campaignd_contract::{Error, Supervision};

use super::exit::{Exit, Failure, end};
use super::listing::{Cell, Column, Format, FormatArgument, Listing};
use super::once::chosen;
use super::{opening, print};
use crate::pipeline::{self, Preview, PreviewRows};

/// Show what a pipeline makes of its input: mapped rows and rejects. Nothing is loaded, nothing is released.
///
/// Reads the first file that is ready, or the one given by --file.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pipeline, by name.
    #[arg(value_name = "PIPELINE")]
    pub pipeline: String,
    /// The file to read, by its name in the source.
    #[arg(long, value_name = "FILE")]
    pub file: Option<String>,
    /// Rows to read at most; whole batches are read.
    #[arg(long, value_name = "ROWS", default_value_t = 1_000)]
    pub rows: usize,
    /// Records and rejects to show at most, of each kind.
    #[arg(long, value_name = "ROWS", default_value_t = 10)]
    pub show: usize,
    /// Print only what this output makes of it, the first being 1; CSV and JSON hold one listing, so they need it
    /// where there are several.
    #[arg(long, value_name = "NUMBER", conflicts_with = "rejects")]
    pub output: Option<usize>,
    /// Print only the rejects.
    #[arg(long)]
    pub rejects: bool,
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// Prints a table for each output and one of the rejects.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(opening::settings(settings).and_then(|settings| {
        let names = [arguments.pipeline.clone()];
        let spool =
            tempfile::tempdir().map_err(|error| Failure::Warehouse(Error::io("make", "a temporary folder", &error)))?;
        for loaded in chosen(&settings, &names)? {
            let mut assembled =
                pipeline::assemble(&settings, loaded, Some(spool.path().to_owned()), &Supervision::default())?;
            match pipeline::preview(&mut assembled, arguments.file.as_deref(), arguments.rows)? {
                Some(preview) => print(&preview, arguments)?,
                None => print::line("the source has no file that is ready")?,
            }
        }
        Ok(Exit::Done)
    }))
}

fn print(preview: &Preview, arguments: &Arguments) -> Result<(), Failure> {
    let format = arguments.format.format;
    let alone = arguments.rejects || arguments.output.is_some() || format != Format::Table;
    if alone {
        let output = arguments.output.unwrap_or(1);
        let listing = match preview.outputs.get(output.saturating_sub(1)) {
            _ if arguments.rejects => rejects(preview, arguments.show),
            Some(output) => records(output, arguments.show)?,
            None => {
                let there = format!("the pipeline has {} outputs", preview.outputs.len());
                return Err(Failure::Asked(Error::permanent("show", format!("output {output}"), there)));
            }
        };
        return Ok(listing.print(format)?);
    }
    print::line(&format!("{}: {} rows read", preview.file, preview.rows_read))?;
    for (index, output) in preview.outputs.iter().enumerate() {
        let (totals, number) = (output.totals, index + 1);
        print::line(&format!(
            "\noutput {number} → {}: {} accepted, {} rejected, {} filtered",
            output.table.name, totals.accepted, totals.rejected, totals.filtered
        ))?;
        records(output, arguments.show)?.print(format)?;
    }
    if !preview.rejects.is_empty() {
        print::line(&format!("\nrejects: {}", preview.rejects.len()))?;
        rejects(preview, arguments.show).print(format)?;
    }
    Ok(())
}

fn records(output: &PreviewRows, show: usize) -> Result<Listing, Failure> {
    let mut columns = vec![Column::number("line")];
    let schema = output.batches.first().map(|(batch, _)| batch.schema());
    columns.extend(schema.iter().flat_map(|schema| schema.fields()).map(|field| {
        let number = matches!(field.data_type(), DataType::Int64 | DataType::Decimal128(..));
        Column { name: field.name().clone(), right: number }
    }));
    let mut listing = Listing::new(columns);
    for (batch, lines) in &output.batches {
        for (cells, line) in pipeline::cells(batch)?.into_iter().zip(lines) {
            if listing.rows.len() == show {
                return Ok(listing);
            }
            let cells = cells.into_iter().zip(&listing.columns[1..]).map(|(text, column)| match (text, column.right) {
                (text, _) if text.is_empty() => Cell::Null,
                (text, true) => Cell::Number(text),
                (text, false) => Cell::Text(text),
            });
            listing.rows.push(std::iter::once(Cell::from(*line)).chain(cells).collect());
        }
    }
    Ok(listing)
}

fn rejects(preview: &Preview, show: usize) -> Listing {
    let mut listing = Listing::new(vec![
        Column::number("line"),
        Column::number("output"),
        Column::text("field"),
        Column::text("code"),
        Column::text("text"),
        Column::text("reason"),
    ]);
    for reject in preview.rejects.iter().take(show) {
        listing.rows.push(vec![
            reject.place.line.into(),
            reject.output.map(|output| output as u64 + 1).into(),
            reject.field.as_str().into(),
            reject.code.as_str().into(),
            reject.text.as_str().into(),
            reject.reason.as_str().into(),
        ]);
    }
    listing
}
