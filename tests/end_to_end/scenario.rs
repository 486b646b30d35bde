//! A small campaign to load: a plan, calls with two outputs and some bad rows, orders with control files. All input is
//! archived after loading, so that a crash can also come between the commit and the move.

use std::fmt::Write as _;

use crate::site::{Site, gzip};

/// Where calls, orders and plan come from and where they go.
const FILES: &str = "ready = \"unchanged\"\nunchanged_seconds = 0\nafter = \"archive\"\narchive = \"archive\"\n";

/// The pipeline of calls: `;` between fields, a response and, for our own centre, a cost. The disposition XFER is not
/// known to it, and `minus ten` is no number of seconds. Callers are known by e-mail: the plan of the world's telephone
/// numbers takes a debug build a second to read, for each process anew. The demo has telephone numbers.
pub const CALLS: &str = r#"
[format]
kind = "csv"
delimiter = ";"

[mapping]
timezone = "America/New_York"

[[output]]
record = "campaign_response"
when = "disposition <> 'TEST'"
[output.fields]
source_system = "'acd'"
source_key = "call_id"
occurred_at = "to_timestamp(start_time, '%d/%m/%Y %H:%M:%S')"
code_type = "'dnis'"
code = "dnis"
disposition = "disposition"
response_type = "case disposition when 'SALE' then 'order' when 'INFO' then 'inquiry' end"
party_email = "caller"
talk_seconds = "talk_seconds"

[[output]]
record = "campaign_cost"
when = "centre = 'ALB'"
[output.fields]
source_system = "'acd'"
source_key = "call_id"
code_type = "'dnis'"
code = "dnis"
cost_kind = "'agent_time'"
period_start = "to_date(start_time, '%d/%m/%Y %H:%M:%S')"
amount = "cast(talk_seconds as bigint) * 0.0095"
currency_code = "'USD'"
"#;

const ORDERS: &str = r#"
[format]
kind = "csv"

[[output]]
record = "conversion"
[output.fields]
source_system = "'shop'"
source_key = "order_id"
converted_at = "to_timestamp(placed_at)"
conversion_type = "'order'"
response_key = "call_id"
response_source_system = "'acd'"
amount = "money(total, 'plain')"
currency_code = "'USD'"

[control]
file = "{stem}.ctl"
rows = "control.orders"
sums = { "sum(money(total, 'plain'))" = "control.total" }
"#;

const PLAN: &str = r#"
[format]
kind = "csv"

[[output]]
record = "campaign_part"
[output.fields]
campaign_part_id = "part"
campaign_id = "'SPRING'"
name = "name"
currency_code = "'USD'"

[[output]]
record = "code_map"
[output.fields]
code_type = "'dnis'"
code = "dnis"
campaign_part_id = "part"
valid_from = "to_timestamp('2026-01-01T00:00:00Z')"
"#;

/// The head of a pipeline that reads `in/PATTERN`.
pub fn head(name: &str, pattern: &str, source: &str) -> String {
    format!("name = \"{name}\"\n\n[source]\nkind = \"file\"\npath = \"in/{pattern}\"\n{source}")
}

/// A site that loads plan, calls (these files, compressed) and orders.
pub fn campaign(site: Site, calls: &[(&str, &[u8])], orders: usize) -> Site {
    site.write("pipelines/calls.toml", head("calls", "calls_*.csv.gz", FILES) + CALLS);
    site.write("pipelines/orders.toml", head("orders", "orders_*.csv", FILES) + ORDERS);
    site.write("pipelines/plan.toml", head("plan", "plan.csv", FILES) + PLAN);
    site.write("in/plan.csv", "part,name,dnis\nVM-IN,Voice mail,8005550110\nCID-IN,Caller ID,8005550120\n");
    for (name, compressed) in calls {
        site.write(&format!("in/{name}"), compressed);
    }
    for file in 0..orders {
        let (mut text, mut cents) = ("order_id,placed_at,call_id,total\n".to_owned(), 0);
        for order in 0..20 {
            let amount = 1_995 + 100 * order;
            cents += amount;
            writeln!(
                text,
                "S{file}-{order},2026-03-05T10:00:00Z,C{:07},{}.{:02}",
                order * 3,
                amount / 100,
                amount % 100
            )
            .unwrap();
        }
        site.write(&format!("in/orders_{file}.csv"), text);
        site.write(
            &format!("in/orders_{file}.ctl"),
            format!("orders = 20\ntotal = {}.{:02}\n", cents / 100, cents % 100),
        );
    }
    site
}

/// Calls `from..to`, about one in 33 of them rejected by one output or both, or not decodable at all.
pub fn calls(from: usize, to: usize) -> String {
    let mut text = "call_id;start_time;centre;dnis;caller;disposition;talk_seconds\n".to_owned();
    for call in from..to {
        let disposition = match call % 66 {
            5 => "XFER",
            20 => "TEST",
            _ if call % 4 == 0 => "SALE",
            _ => "INFO",
        };
        let otherwise_good = disposition == "XFER";
        let talk = if call % 100 == 7 && !otherwise_good { "minus ten".to_owned() } else { (call % 600).to_string() };
        if call % 500 == 77 {
            writeln!(text, "C{call:07};cut").unwrap();
            continue;
        }
        writeln!(
            text,
            "C{call:07};{:02}/{:02}/2026 {:02}:{:02}:{:02};{};{};{};{disposition};{talk}",
            1 + call % 28,
            4 + call % 5,
            9 + call % 10,
            call % 60,
            (call / 60) % 60,
            if call % 3 == 0 { "TPA" } else { "ALB" },
            if call % 2 == 0 { "8005550110" } else { "8005550120" },
            if call % 90 == 11 && !otherwise_good {
                "nobody".to_owned()
            } else {
                format!("caller{}@example.com", call % 700)
            },
        )
        .unwrap();
    }
    text
}

/// The same, compressed.
pub fn calls_file(from: usize, to: usize) -> Vec<u8> {
    gzip(calls(from, to).as_bytes())
}
