//! The call centres' log: who rang which number, and what came of it.
//!
//! One file a month, `;` between fields, local New York time as dd/mm/yyyy, gzip: what a call-centre system exports.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, date};

use super::company::{self, CHANGING_NUMBER, UNKNOWN_NUMBER};
use super::files::{GenerateError, Writer};
use super::random::Random;

/// A call as the log has it.
#[derive(Debug, Clone)]
pub struct Call {
    pub id: String,
    /// Local time in New York.
    pub start: DateTime,
    pub centre: &'static str,
    pub dnis: &'static str,
    /// `None` where the caller hides the number.
    pub person: Option<u32>,
    pub disposition: &'static str,
    pub wait_seconds: i64,
    pub talk_seconds: i64,
    pub wrap_seconds: i64,
}

/// What a number's traffic looks like.
struct Traffic {
    part: &'static str,
    dnis: &'static str,
    centre: &'static str,
    from: Date,
    until: Date,
    calls: usize,
    /// Sales in 1,000 calls.
    sales: u64,
    /// Seconds of talk in the middle.
    talk: i64,
}

fn traffic() -> [Traffic; 7] {
    let row = |part, dnis, centre, from, until, calls, sales, talk| Traffic {
        part,
        dnis,
        centre,
        from,
        until,
        calls,
        sales,
        talk,
    };
    let (start, end) = (date(2026, 1, 5), date(2026, 8, 31));
    [
        row("CF26-VM-IN", "8005550110", "ALB", start, end, 640, 165, 285),
        row("CF26-VM-OUT", "8005550111", "TPA", start, end, 560, 105, 255),
        row("CF26-CID-IN", "8005550120", "ALB", start, end, 720, 190, 265),
        row("CF26-CID-OUT", "8005550121", "TPA", start, end, 640, 150, 245),
        row("CF26-FWD-OUT", CHANGING_NUMBER, "TPA", start, date(2026, 6, 30), 470, 85, 230),
        row("CF26-BND-IN", CHANGING_NUMBER, "ALB", date(2026, 7, 1), end, 540, 225, 345),
        row("CF26-BND-OUT", "8005550141", "OMA", date(2026, 8, 1), end, 230, 170, 320),
    ]
}

/// All calls of the year so far, in the order they came in.
pub fn calls(random: &mut Random) -> Vec<Call> {
    let mut calls = Vec::new();
    for row in &traffic() {
        for _ in 0..row.calls {
            calls.push(one_call(random, row));
        }
    }
    // Numbers nobody planned, the supervisors' test calls, and the evening on which the number changed hands.
    for _ in 0..46 {
        let start = moment(random, date(2026, 1, 5), date(2026, 8, 31));
        let person = u32::try_from(random.below(u64::from(company::PEOPLE))).expect("fewer people than u32::MAX");
        calls.push(plain(start, "ALB", UNKNOWN_NUMBER, Some(person), "INFO", random.between(20, 140)));
    }
    for _ in 0..38 {
        let start = moment(random, date(2026, 1, 5), date(2026, 8, 31));
        calls.push(plain(start, "ALB", "8005550110", Some(7), "TEST", 12));
    }
    let midnight = date(2026, 7, 1).at(0, 0, 0, 0);
    calls.push(plain(midnight - 10.minutes(), "TPA", CHANGING_NUMBER, Some(5_140), "SALE", 244));
    calls.push(plain(midnight + 5.minutes(), "ALB", CHANGING_NUMBER, Some(2_755), "SALE", 361));
    calls.push(plain(date(2026, 1, 3).at(11, 14, 9, 0), "ALB", "8005550110", Some(33), "INFO", 97));
    calls.sort_by_key(|call| call.start);
    for (index, call) in calls.iter_mut().enumerate() {
        call.id = format!("C26{:06}", index + 1);
    }
    calls
}

fn plain(
    start: DateTime,
    centre: &'static str,
    dnis: &'static str,
    person: Option<u32>,
    disposition: &'static str,
    talk_seconds: i64,
) -> Call {
    Call {
        id: String::new(),
        start,
        centre,
        dnis,
        person,
        disposition,
        wait_seconds: 9,
        talk_seconds,
        wrap_seconds: 20,
    }
}

fn one_call(random: &mut Random, row: &Traffic) -> Call {
    let part = company::part(row.part);
    // Most who ring are on the list that was written to; some heard of it; a few hide their number.
    let person = match random.below(100) {
        0..3 => None,
        3..15 => Some(u32::try_from(random.below(u64::from(company::PEOPLE))).expect("fewer people than u32::MAX")),
        _ => Some(part.first_person + u32::try_from(random.below(u64::from(part.targeted))).expect("a list is a u32")),
    };
    let disposition = if random.chance(row.sales) {
        "SALE"
    } else {
        random.pick(&[
            "INFO", "INFO", "INFO", "INFO", "CALLBACK", "CALLBACK", "NOINT", "NOINT", "NOINT", "ABAND", "WRONG", "DNC",
        ])
    };
    let talk_seconds = match disposition {
        "ABAND" => 0,
        "WRONG" => random.between(8, 40),
        "SALE" => row.talk + random.between(20, 180),
        _ => row.talk + random.between(-130, 60),
    };
    Call {
        id: String::new(),
        start: moment(random, row.from, row.until),
        centre: row.centre,
        dnis: row.dnis,
        person,
        disposition,
        wait_seconds: random.between(2, 75),
        talk_seconds,
        wrap_seconds: if talk_seconds == 0 { 0 } else { random.between(10, 55) },
    }
}

/// A moment in opening hours, rarely on a Sunday.
fn moment(random: &mut Random, from: Date, until: Date) -> DateTime {
    let days = i64::from((until - from).get_days());
    let mut day = from + random.between(0, days).days();
    if day.weekday() == jiff::civil::Weekday::Sunday && random.chance(850) {
        day = from + random.between(0, days).days();
    }
    let second = random.between(8 * 3_600, 20 * 3_600 + 3_599);
    day.at(0, 0, 0, 0) + second.seconds()
}

const HEADER: &str = "call_id;start_time;centre;dnis;ani;disposition;agent;wait_seconds;talk_seconds;wrap_seconds";

/// Writes the monthly files, with what is wrong in them.
pub fn write(calls: &[Call], writer: &mut Writer) -> Result<(), GenerateError> {
    for month in 1..=8 {
        let mut text = format!("{HEADER}\r\n");
        for (index, call) in calls.iter().filter(|call| call.start.month() == month).enumerate() {
            if index == 40 {
                text.push_str(broken(month));
            }
            line(&mut text, call);
        }
        writer.gzip(&format!("calls/calls_2026-{month:02}.csv.gz"), text.as_bytes())?;
        if month == 3 {
            writer.gzip("calls/calls_2026-03_resent.csv.gz", text.as_bytes())?;
        }
    }
    writer.plain("calls/calls_2026-09.csv.gz", b"")
}

fn line(text: &mut String, call: &Call) {
    let ani = call.person.map_or_else(|| "anonymous".to_owned(), company::phone_text);
    let agent = match call.talk_seconds {
        0 => String::new(),
        _ => format!("{}{:02}", call.centre, (call.wait_seconds + call.wrap_seconds) % 17 + 1),
    };
    write!(
        text,
        "{};{};{};{};{ani};{};{agent};{};{};{}\r\n",
        call.id,
        call.start.strftime("%d/%m/%Y %H:%M:%S"),
        call.centre,
        call.dnis,
        call.disposition,
        call.wait_seconds,
        call.talk_seconds,
        call.wrap_seconds
    )
    .expect("writing to a string");
}

/// The bad row of each month.
fn broken(month: i8) -> &'static str {
    match month {
        1 => "C26B00001;14/01/2026 10:21:07;ALB;8005550110;212-555-0142;XFER9;ALB03;12;188;22\r\n",
        2 => "C26B00002;31/02/2026 15:02:44;TPA;8005550111;718-555-0117;INFO;TPA05;8;201;31\r\n",
        3 => "C26B00003;08/03/2026 02:30:00;ALB;8005550120;646-555-0163;CALLBACK;ALB11;5;143;19\r\n",
        4 => "C26B00004;17/04/2026 09:40:\r\n",
        5 => "C26B00005;21/05/2026 13:09:58;TPA;8005550121;555-12;INFO;TPA02;31;164;25\r\n",
        6 => "C26B00006;09/06/2026 18:26:11;ALB;8005550120;917-555-0158;NOINT;ALB07;11;minus ten;14\r\n",
        _ => "",
    }
}

/// The part a call belongs to on its day, where the plan knows its number.
pub fn part_of(call: &Call) -> Option<&'static str> {
    let day = call.start.date().to_string();
    let mut codes = company::CODES.iter();
    codes.find(|code| code.code == call.dnis && *code.from <= *day && *day < *code.until).map(|code| code.part)
}
