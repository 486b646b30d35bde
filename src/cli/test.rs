//! `campaignd test`: golden cases of pipelines.

use std::path::Path;
use std::process::ExitCode;

use campaignd_contract::{Error, Supervision};

use super::exit::{Exit, Failure, end};
use super::once::chosen;
use super::{opening, print};
use crate::pipeline;

/// Run the golden cases of pipelines: input, expected records, expected rejects.
///
/// A case is a folder `NAME.tests/CASE/` beside the pipeline's file `NAME.toml`. It holds `input.*`, an
/// `expected.RECORD.csv` for each record kind the pipeline writes (the mapped columns, dates and times in UTC) and
/// `expected.rejects.csv` (line, field, code, text). Nothing is loaded.
///
/// Exit codes: 0 every case passes, 65 one differs.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Pipelines to test, by name; without names, all.
    #[arg(value_name = "PIPELINE")]
    pub pipelines: Vec<String>,
    /// Write what comes out as what is expected, to be read over before it is committed.
    #[arg(long)]
    pub update: bool,
}

/// Runs them and prints what differs.
pub fn run(arguments: &Arguments, settings: &Path) -> ExitCode {
    end(opening::settings(settings).and_then(|settings| {
        let (mut cases, mut failed) = (0, 0);
        for loaded in chosen(&settings, &arguments.pipelines)? {
            let spool = tempfile::tempdir()
                .map_err(|error| Failure::Warehouse(Error::io("make", "a temporary folder", &error)))?;
            let assembled =
                pipeline::assemble(&settings, loaded, Some(spool.path().to_owned()), &Supervision::default())?;
            for case in pipeline::check_cases(&assembled, arguments.update)? {
                cases += 1;
                let name = format!("{}/{}", loaded.settings.name, case.name);
                for path in &case.written {
                    print::line(&format!("wrote {}", path.display()))?;
                }
                if case.differences.is_empty() {
                    print::line(&format!("ok      {name}"))?;
                } else {
                    failed += 1;
                    print::line(&format!("differs {name}\n{}", case.differences.join("\n")))?;
                }
            }
        }
        print::line(&format!("{cases} cases, {failed} differ"))?;
        Ok(if failed == 0 { Exit::Done } else { Exit::Refused })
    }))
}
