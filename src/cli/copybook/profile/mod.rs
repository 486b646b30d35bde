//! `campaignd copybook profile`: what each field of a file holds.

mod commonest;
mod field;
mod kind;
mod table;

use std::path::PathBuf;

use campaignd_contract::Error;
use campaignd_copybook::routing::Chosen;
use campaignd_formats::ExtraBytes;

use self::kind::{KindError, Kinds};
use self::table::Profile;
use super::reading::{Opened, Reading, is_left_out};
use crate::cli::exit::{Exit, Failure};
use crate::cli::listing::FormatArgument;

/// Say what each field of a file holds, before it is loaded the first time: how many have no value or bytes that are
/// none, the least and the largest value, blanks, zeros, nines, LOW-VALUES and HIGH-VALUES, and the commonest values
/// where there are few.
///
/// Each kind of records is told apart: each level 01, and each choice among groups of the same bytes. The entries of a
/// table are counted together. Of texts that are blank, LOW-VALUES or HIGH-VALUES, none is the least or the largest.
/// Values are shown as they are, those of people's data too; dates as they are written.
///
/// How the file is read is said by the options below, or by a file with the settings of a copybook format as in a
/// pipeline's [format]; what is said by both is what the option says.
///
/// Exit codes: 0 all fields could be read, 65 some couldn't.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How it is read.
    #[command(flatten)]
    pub reading: Reading,
    /// Records at most.
    #[arg(long, value_name = "COUNT")]
    pub take: Option<u64>,
    /// How to print it.
    #[command(flatten)]
    pub format: FormatArgument,
}

/// Prints the profile.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Opened { file, mut records } = arguments.reading.open(&arguments.file)?;
    let failed = |error: KindError| {
        let shown = arguments.file.display().to_string();
        let next = match error {
            KindError::TooMany => "give fewer conditions",
            _ => "look at the file by `campaignd copybook decode`",
        };
        Failure::Input(Error::permanent("profile", shown, error.to_string()).next(next))
    };
    let decoder = file.decoder();
    let mut chosen = Chosen::default();
    let mut kinds = Kinds::new(file.layout().clone(), file.options(), file.settings().null_values.clone().into());
    let (mut number, mut left_out, mut without_kind, mut first_without) = (0, 0, 0, None);
    while arguments.take.is_none_or(|most| number < most) {
        let Some(found) = records.next().map_err(Failure::Input)? else { break };
        number += 1;
        if is_left_out(&file, number, found.bytes, &decoder) {
            left_out += 1;
        } else if file.choices().choose(found.bytes, &decoder, &mut chosen) {
            kinds.record(&chosen, found.bytes, number, found.offset).map_err(failed)?;
        } else {
            without_kind += 1;
            first_without.get_or_insert((number, found.offset));
        }
    }
    let kinds = kinds.finish().map_err(failed)?;
    let rejects_longer = file.settings().extra_bytes == ExtraBytes::Reject;
    let faulty = kinds.iter().any(|kind| {
        kind.lost > 0 || rejects_longer && kind.longer > 0 || kind.fields.iter().any(|field| field.faulty > 0)
    });
    let profile =
        Profile { layout: file.layout(), kinds: &kinds, records: number, left_out, without_kind, first_without };
    profile.listing(arguments.format.format).print(arguments.format.format)?;
    Ok(if faulty || without_kind > 0 { Exit::Refused } else { Exit::Done })
}
