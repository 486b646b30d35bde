//! What it cost: the ledger's export and the vendors' monthly invoice files.

use std::fmt::Write as _;

use super::billing::{self, Usage};
use super::calls::{Call, part_of};
use super::files::{GenerateError, Writer, ledger_dollars};

/// Ledger postings: part or campaign, kind, first and last day, cents, text.
static POSTINGS: &[(&str, &str, &str, &str, i64, &str)] = &[
    ("CF26-VM-IN", "list", "01/05/2026", "08/31/2026", 64_000, "new-mover list"),
    ("CF26-VM-IN", "print", "01/05/2026", "01/31/2026", 118_000, "announcement card"),
    ("CF26-VM-OUT", "list", "01/05/2026", "08/31/2026", 64_000, "new-mover list"),
    ("CF26-VM-OUT", "print", "01/05/2026", "01/31/2026", 118_000, "announcement card"),
    ("CF26-CID-IN", "list", "01/05/2026", "08/31/2026", 72_500, "family list"),
    ("CF26-CID-IN", "print", "01/05/2026", "02/28/2026", 131_000, "announcement card"),
    ("CF26-CID-OUT", "list", "01/05/2026", "08/31/2026", 72_500, "family list"),
    ("CF26-CID-OUT", "print", "01/05/2026", "02/28/2026", 131_000, "announcement card"),
    ("CF26-FWD-OUT", "list", "01/05/2026", "06/30/2026", 48_000, "small-business list"),
    ("CF26-FWD-OUT", "print", "01/05/2026", "01/31/2026", 96_000, "brochure"),
    ("CF26-BND-IN", "print", "07/01/2026", "07/31/2026", 142_000, "bundle brochure"),
    ("CF26-BND-IN", "incentive", "07/01/2026", "08/31/2026", 60_000, "first month free, booked as cost"),
    ("EM26-CUST", "creative", "04/06/2026", "04/30/2026", 45_000, "copy and layout"),
    ("EM26-LAPSED", "creative", "05/04/2026", "05/31/2026", 45_000, "copy and layout"),
    ("EM26-AUTUMN", "creative", "08/31/2026", "08/31/2026", 30_000, "copy and layout"),
    ("SO26-VISITOR", "creative", "06/01/2026", "08/31/2026", 35_000, "film, cut for visitors"),
    ("SO26-LOOKALIKE", "creative", "06/01/2026", "08/31/2026", 35_000, "film, cut for new people"),
    ("CF26", "creative", "01/05/2026", "08/31/2026", 150_000, "call scripts for every part"),
    ("", "other", "03/01/2026", "03/31/2026", 120_000, "brand study"),
];

/// Toll-free minutes by part and month. From July on the mainframe's billing run sends them itself.
static TELECOM: &[(&str, i64, i64)] = &[
    ("CF26-VM-IN", 1, 8),
    ("CF26-VM-OUT", 1, 8),
    ("CF26-CID-IN", 1, 8),
    ("CF26-CID-OUT", 1, 8),
    ("CF26-FWD-OUT", 1, 6),
    ("CF26-BND-IN", 7, 8),
];

/// The last month whose toll-free minutes are in the ledger.
const LAST_IN_LEDGER: i64 = 6;

static LAST_DAYS: [u8; 8] = [31, 28, 31, 30, 31, 30, 31, 31];

/// Writes the ledger: US dates, money with thousands separators.
pub fn ledger(calls: &[Call], writer: &mut Writer) -> Result<(), GenerateError> {
    let mut text = String::from("posting,account,cost_kind,from,to,amount,currency,text\n");
    let mut posting = 0;
    let mut post = |account: &str, kind: &str, from: &str, to: &str, amount: &str, note: &str| {
        posting += 1;
        writeln!(text, "P26-{posting:04},{account},{kind},{from},{to},{amount},USD,\"{note}\"")
            .expect("writing to a string");
    };
    for (account, kind, from, to, cents, note) in POSTINGS {
        post(account, kind, from, to, &ledger_dollars(*cents), note);
    }
    for (part, first, last) in TELECOM {
        for month in *first..=(*last).min(LAST_IN_LEDGER) {
            let seconds = seconds(calls, part, month);
            let (from, to) = (format!("{month:02}/01/2026"), format!("{month:02}/{}/2026", last_day(month)));
            // A line that a person typed.
            let amount = if *part == "CF26-CID-IN" && month == 3 {
                "\"12,34.5\"".to_owned()
            } else {
                ledger_dollars(toll_free(seconds))
            };
            post(part, "telecom", &from, &to, &amount, "toll-free minutes");
        }
    }
    for (part, first_day, cents) in
        [("EM26-CUST", "04/06/2026", 1_800), ("EM26-LAPSED", "05/04/2026", 1_080), ("EM26-AUTUMN", "08/31/2026", 480)]
    {
        post(part, "vendor_fee", first_day, first_day, &ledger_dollars(cents), "sends at 1.2 cents");
    }
    writer.plain("costs/ledger_2026.csv", text.as_bytes())
}

/// Four cents a minute.
fn toll_free(seconds: i64) -> i64 {
    seconds * 4 / 60
}

fn seconds(calls: &[Call], part: &str, month: i64) -> i64 {
    month_calls(calls, part, month).map(|call| call.talk_seconds + call.wait_seconds).sum()
}

/// Writes what the billing run sends from July on, and a file for September that claims 100 dollars too much.
pub fn billing(calls: &[Call], writer: &mut Writer) -> Result<(), GenerateError> {
    for month in LAST_IN_LEDGER + 1..=8 {
        let usages: Vec<Usage> = TELECOM
            .iter()
            .filter(|(_, first, last)| (*first..=*last).contains(&month))
            .map(|&(account, ..)| {
                let seconds = seconds(calls, account, month);
                Usage { account, month, last_day: last_day(month), seconds, cents: toll_free(seconds) }
            })
            .collect();
        billing::write(month, &usages, 0, writer)?;
    }
    let late = [Usage { account: "CF26-VM-IN", month: 8, last_day: last_day(8), seconds: 4_500, cents: 300 }];
    billing::write(9, &late, 10_000, writer)
}

fn last_day(month: i64) -> u8 {
    LAST_DAYS[usize::try_from(month - 1).expect("months start at 1")]
}

fn month_calls<'a>(calls: &'a [Call], part: &'a str, month: i64) -> impl Iterator<Item = &'a Call> {
    calls.iter().filter(move |call| i64::from(call.start.month()) == month && part_of(call) == Some(part))
}

/// Writes each vendor's invoices, a fixed-width file a month that ends in a trailer of count and sum, in cents.
pub fn invoices(calls: &[Call], writer: &mut Writer) -> Result<(), GenerateError> {
    for month in 1..=8 {
        let parts = ["CF26-VM-OUT", "CF26-CID-OUT", "CF26-FWD-OUT"];
        let text = invoice(calls, "GL", &parts, month, 610, 0);
        writer.plain(&format!("invoices/gulfline_2026{month:02}.txt"), text.as_bytes())?;
    }
    // Its trailer says 100 dollars more than its lines: nothing of this file may be seen.
    let lying = invoice(calls, "PV", &["CF26-BND-OUT"], 8, 745, 10_000);
    writer.plain("invoices/prairie_202608.txt", lying.as_bytes())
}

fn invoice(calls: &[Call], prefix: &str, parts: &[&str], month: i64, rate: i64, too_much: i64) -> String {
    let (mut text, mut lines, mut total) = (String::new(), 0, 0);
    for part in parts {
        let count = i64::try_from(month_calls(calls, part, month).count()).expect("thousands of calls");
        if count == 0 {
            continue;
        }
        lines += 1;
        let amount = count * rate;
        total += amount;
        let number = format!("{prefix}26{month:02}{lines:02}");
        let (from, to) = (format!("2026{month:02}01"), format!("2026{month:02}{}", last_day(month)));
        writeln!(text, "D{number:<10}{part:<14}{from}{to}{count:06}{rate:07}{amount:011}USD")
            .expect("writing to a string");
    }
    writeln!(text, "T{lines:06}{:013}", total + too_much).expect("writing to a string");
    text
}

#[cfg(test)]
mod tests {
    use super::super::company;
    use super::*;

    #[test]
    fn every_posting_is_for_a_part_a_campaign_or_nobody() {
        for (account, ..) in POSTINGS {
            let known = account.is_empty()
                || company::PARTS.iter().any(|part| part.code == *account)
                || company::CAMPAIGNS.iter().any(|campaign| campaign.code == *account);
            assert!(known, "{account}");
        }
    }

    #[test]
    fn the_trailer_of_a_lying_file_is_100_dollars_too_high() {
        assert_eq!(invoice(&[], "PV", &["CF26-BND-OUT"], 8, 745, 10_000), "T0000000000000010000\n");
    }
}
