//! A believable company in a folder: [`generate`] writes settings, pipelines and half a year of input of the made-up
//! carrier Northway Telephone, so that `campaignd demo` works without anything else at hand.
//!
//! Everything follows from the seed: the same files on every machine and day. What is wrong with the input is planted
//! on purpose, one case of each kind, and listed in [`PLANTED`]; the folder's README tells it.

mod billing;
mod calls;
mod company;
mod costs;
mod digital;
mod files;
mod orders;
mod plan;
pub mod random;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

pub use files::GenerateError;

/// The seed whose figures the documentation quotes.
pub const SEED: u64 = 2026;

/// The demo, written.
#[derive(Debug)]
pub struct Demo {
    /// Its `campaignd.toml`.
    pub config: PathBuf,
    /// Files written, settings included.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Calls in the call log, those with planted mistakes left out.
    pub calls: usize,
    /// Orders.
    pub orders: usize,
}

/// Something wrong with the input, on purpose.
#[derive(Debug)]
pub struct Planted {
    /// The file, from the demo's `input` folder.
    pub file: &'static str,
    /// What is wrong with it.
    pub wrong: &'static str,
    /// What campaignd makes of it.
    pub outcome: &'static str,
}

/// Everything wrong with the input.
pub static PLANTED: &[Planted] = &[
    Planted {
        file: "calls/calls_2026-01.csv.gz",
        wrong: "a call with the disposition XFER9, which nobody knows",
        outcome: "rejected as a response: nobody can tell of which kind; its cost counts",
    },
    Planted {
        file: "calls/calls_2026-01.csv.gz",
        wrong: "a call on 3 January to a number that is mapped from 5 January",
        outcome: "loaded, unallocated: its code is outside its validity",
    },
    Planted {
        file: "calls/calls_2026-02.csv.gz",
        wrong: "a call on 31/02/2026",
        outcome: "rejected: there is no such date",
    },
    Planted {
        file: "calls/calls_2026-03.csv.gz",
        wrong: "a call at 02:30 on 8 March, when clocks went from 02:00 to 03:00",
        outcome: "rejected as a response: there is no such time in New York; its cost, by day, counts",
    },
    Planted {
        file: "calls/calls_2026-03_resent.csv.gz",
        wrong: "the March file again under another name",
        outcome: "skipped: its content was loaded before",
    },
    Planted {
        file: "calls/calls_2026-04.csv.gz",
        wrong: "a line that was cut after its second field",
        outcome: "rejected: it has 2 fields instead of 10",
    },
    Planted {
        file: "calls/calls_2026-05.csv.gz",
        wrong: "a caller's number 555-12",
        outcome: "rejected: it isn't a telephone number",
    },
    Planted {
        file: "calls/calls_2026-06.csv.gz",
        wrong: "a call that lasted `minus ten` seconds",
        outcome: "rejected as a response and as a cost: it isn't a whole number",
    },
    Planted { file: "calls/calls_2026-09.csv.gz", wrong: "an empty file", outcome: "said to be empty, and left" },
    Planted {
        file: "calls",
        wrong: "46 calls to a number that is in no plan",
        outcome: "loaded, unallocated: the code is unknown",
    },
    Planted {
        file: "email/events_2026.csv.gz",
        wrong: "a click in July on a code that ended in June",
        outcome: "loaded, unallocated: its code is outside its validity",
    },
    Planted {
        file: "costs/ledger_2026.csv",
        wrong: "an amount of `12,34.5`",
        outcome: "rejected: it isn't money in US notation",
    },
    Planted {
        file: "costs/ledger_2026.csv",
        wrong: "a brand study for no campaign, and call scripts for a campaign as a whole",
        outcome: "loaded, unallocated: totals still meet the ledger",
    },
    Planted {
        file: "orders/orders_2026-07.jsonl",
        wrong: "an order in a currency without a rate (MXN)",
        outcome: "loaded; the revenue of its part is unknown until there is a rate",
    },
    Planted {
        file: "billing/BILLING.G0009V00",
        wrong: "a mainframe file (EBCDIC, packed decimals) whose trailer claims 100.00 more than its records",
        outcome: "quarantined: nothing of it is visible; both figures are said",
    },
    Planted {
        file: "invoices/prairie_202608.txt",
        wrong: "a trailer that claims 100.00 more than its lines",
        outcome: "quarantined: nothing of it is visible, so the cost of CF26-BND-OUT stays unknown",
    },
];

/// Settings and pipelines as shipped, by their path in the demo's folder.
pub static SETTINGS: &[(&str, &str)] = &[
    ("campaignd.toml", include_str!("../../config/demo/campaignd.toml")),
    ("pipelines/plan-lists.toml", include_str!("../../config/demo/pipelines/plan-lists.toml")),
    ("pipelines/plan-offers.toml", include_str!("../../config/demo/pipelines/plan-offers.toml")),
    ("pipelines/plan-campaigns.toml", include_str!("../../config/demo/pipelines/plan-campaigns.toml")),
    ("pipelines/plan-parts.toml", include_str!("../../config/demo/pipelines/plan-parts.toml")),
    ("pipelines/code-map.toml", include_str!("../../config/demo/pipelines/code-map.toml")),
    ("pipelines/dispositions.toml", include_str!("../../config/demo/pipelines/dispositions.toml")),
    ("pipelines/fx-rates.toml", include_str!("../../config/demo/pipelines/fx-rates.toml")),
    ("pipelines/targets.toml", include_str!("../../config/demo/pipelines/targets.toml")),
    ("pipelines/calls.toml", include_str!("../../config/demo/pipelines/calls.toml")),
    (
        "pipelines/calls.tests/bad-rows/input.csv",
        include_str!("../../config/demo/pipelines/calls.tests/bad-rows/input.csv"),
    ),
    (
        "pipelines/calls.tests/bad-rows/expected.campaign_response.csv",
        include_str!("../../config/demo/pipelines/calls.tests/bad-rows/expected.campaign_response.csv"),
    ),
    (
        "pipelines/calls.tests/bad-rows/expected.campaign_cost.csv",
        include_str!("../../config/demo/pipelines/calls.tests/bad-rows/expected.campaign_cost.csv"),
    ),
    (
        "pipelines/calls.tests/bad-rows/expected.rejects.csv",
        include_str!("../../config/demo/pipelines/calls.tests/bad-rows/expected.rejects.csv"),
    ),
    ("pipelines/orders.toml", include_str!("../../config/demo/pipelines/orders.toml")),
    ("pipelines/order-adjustments.toml", include_str!("../../config/demo/pipelines/order-adjustments.toml")),
    ("pipelines/email-events.toml", include_str!("../../config/demo/pipelines/email-events.toml")),
    ("pipelines/social-leads.toml", include_str!("../../config/demo/pipelines/social-leads.toml")),
    ("pipelines/ad-report.toml", include_str!("../../config/demo/pipelines/ad-report.toml")),
    ("copybooks/BILLING.cpy", include_str!("../../config/demo/copybooks/BILLING.cpy")),
    ("pipelines/billing.toml", include_str!("../../config/demo/pipelines/billing.toml")),
    ("pipelines/ledger.toml", include_str!("../../config/demo/pipelines/ledger.toml")),
    ("pipelines/vendor-invoices.toml", include_str!("../../config/demo/pipelines/vendor-invoices.toml")),
];

/// Writes the demo into `directory`, replacing what an earlier one left there under the same names. The same seed
/// gives the same bytes.
pub fn generate(directory: &Path, seed: u64) -> Result<Demo, GenerateError> {
    let mut writer = files::Writer::new(&directory.join("input"));
    let mut random = random::Random::new(seed);

    plan::write(&mut writer)?;
    plan::targets(&mut writer)?;
    let calls = calls::calls(&mut random);
    calls::write(&calls, &mut writer)?;
    let mut placed = orders::of_calls(&calls, &mut random);
    placed.extend(digital::email(&mut random, &mut writer)?);
    placed.extend(digital::social(&mut random, &mut writer)?);
    let orders = orders::write(placed, &mut random, &mut writer)?;
    costs::ledger(&calls, &mut writer)?;
    costs::invoices(&calls, &mut writer)?;
    costs::billing(&calls, &mut writer)?;

    let mut settings = files::Writer::new(directory);
    for (name, text) in SETTINGS {
        settings.plain(name, text.as_bytes())?;
    }
    settings.secret("pseudonym.key", key(&mut random).as_bytes())?;
    settings.plain("README.md", readme().as_bytes())?;
    Ok(Demo {
        config: directory.join("campaignd.toml"),
        files: writer.files + settings.files,
        bytes: writer.bytes + settings.bytes,
        calls: calls.len(),
        orders,
    })
}

/// A key for the demo's pseudonyms. It follows from the seed like all the rest, so it protects nobody; nobody here is
/// real. A company makes its own from the system's random numbers.
fn key(random: &mut random::Random) -> String {
    let mut text = String::new();
    for _ in 0..4 {
        write!(text, "{:016x}", random.word()).expect("writing to a string");
    }
    text.push('\n');
    text
}

fn readme() -> String {
    let mut text = String::from(
        "# Northway Telephone, a made-up carrier\n\n\
         One telemarketing campaign in seven parts, one by e-mail, one on an ad platform; January to August 2026.\n\
         Change a file or a pipeline and run\n\n\
         \tcampaignd --config campaignd.toml check\n\
         \tcampaignd --config campaignd.toml once\n\
         \tcampaignd --config campaignd.toml roi\n\n\
         The number 800-555-0130 belongs to call forwarding until 30 June and to the bundle from 1 July: one call at\n\
         23:50 on the last evening counts for the former, one at 00:05 for the latter.\n\n\
         ## What is wrong with the input, on purpose\n\n\
         | file | what is wrong | what becomes of it |\n|---|---|---|\n",
    );
    for planted in PLANTED {
        writeln!(text, "| {} | {} | {} |", planted.file, planted.wrong, planted.outcome).expect("writing to a string");
    }
    text
}

#[cfg(test)]
mod tests;
