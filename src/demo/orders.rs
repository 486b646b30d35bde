//! Orders, what became of them afterwards, and the control file beside each month's orders.

use std::fmt::Write as _;

use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};

use super::calls::Call;
use super::company;
use super::files::{GenerateError, Writer, dollars};
use super::random::Random;

/// An order as the shop's system exports it.
#[derive(Debug, Clone)]
pub struct Order {
    /// Local time in New York.
    pub placed: DateTime,
    pub person: Option<u32>,
    /// Whether the shop knows the customer by e-mail rather than by telephone.
    pub by_email: bool,
    pub code_type: &'static str,
    pub code: &'static str,
    /// The call that led to it, empty for orders on the web.
    pub call_id: String,
    pub offer: &'static str,
    pub currency: &'static str,
    /// Cents.
    pub total: i64,
}

/// The orders that calls led to: nearly every sale, at the price of the day.
pub fn of_calls(calls: &[Call], random: &mut Random) -> Vec<Order> {
    let mut orders = Vec::new();
    for call in calls.iter().filter(|call| call.disposition == "SALE") {
        let Some(part) = super::calls::part_of(call).map(company::part) else { continue };
        if random.chance(25) {
            continue;
        }
        let price = company::offer(part.offer).price;
        orders.push(Order {
            placed: call.start + call.talk_seconds.seconds(),
            person: call.person,
            by_email: false,
            code_type: "dnis",
            code: call.dnis,
            call_id: call.id.clone(),
            offer: part.offer,
            currency: "USD",
            total: if random.chance(80) { price * 9 / 10 } else { price },
        });
    }
    orders
}

/// Writes the orders of each month as JSON lines with a control file beside them, and the adjustments.
pub fn write(mut orders: Vec<Order>, random: &mut Random, writer: &mut Writer) -> Result<usize, GenerateError> {
    orders.sort_by_key(|order| order.placed);
    let eastern = TimeZone::get("America/New_York").expect("the time-zone database is built in");
    let mut adjustments = String::from("adjustment_id,order_id,type,adjusted_at,new_total,currency,reason\n");
    let mut adjusted = 0;
    let mut number = 0;
    for month in 1..=8 {
        let (mut lines, mut rows, mut total) = (String::new(), 0, 0);
        for order in orders.iter().filter(|order| order.placed.month() == month) {
            number += 1;
            let id = format!("O-{}", 260_000 + number);
            let placed = order.placed.to_zoned(eastern.clone()).expect("opening hours lie outside every gap");
            line(&mut lines, &id, order, &placed);
            rows += 1;
            total += order.total;
            if let Some((kind, new_total, reason, when)) = afterwards(order, random) {
                adjusted += 1;
                let when = when.strftime("%Y-%m-%d %H:%M:%S");
                writeln!(
                    adjustments,
                    "A-{adjusted:04},{id},{kind},{when},{},{},{reason}",
                    dollars(new_total),
                    order.currency
                )
                .expect("writing to a string");
            }
        }
        writer.plain(&format!("orders/orders_2026-{month:02}.jsonl"), lines.as_bytes())?;
        let control = format!("orders = {rows}\ntotal = {}\n", dollars(total));
        writer.plain(&format!("orders/orders_2026-{month:02}.ctl"), control.as_bytes())?;
    }
    writer.plain("orders/adjustments.csv", adjustments.as_bytes())?;
    Ok(number)
}

fn line(text: &mut String, id: &str, order: &Order, placed: &Zoned) {
    let contact = match order.person {
        None => String::from("\"phone\":null"),
        Some(person) if order.by_email => format!("\"email\":\"{}\"", company::email_text(person)),
        Some(person) => format!("\"phone\":\"{}\"", company::phone_text(person)),
    };
    let call = match order.call_id.as_str() {
        "" => "null".to_owned(),
        call => format!("\"{call}\""),
    };
    let stamp = placed.strftime("%Y-%m-%dT%H:%M:%S%:z");
    writeln!(
        text,
        "{{\"order\":{{\"id\":\"{id}\",\"placed_at\":\"{stamp}\",\"total\":{},\"currency\":\"{}\"}},\"customer\":{{{contact}}},\"attribution\":{{\"code_type\":\"{}\",\"code\":\"{}\",\"call_id\":{call}}},\"items\":[{{\"sku\":\"{}\",\"quantity\":1}}]}}",
        dollars(order.total),
        order.currency,
        order.code_type,
        order.code,
        order.offer
    )
    .expect("writing to a string");
}

/// Some are cancelled, some refunded in part, as far as the export's last day. New total in cents, and when.
fn afterwards(order: &Order, random: &mut Random) -> Option<(&'static str, i64, &'static str, DateTime)> {
    let when = order.placed + random.between(2, 27).days();
    let (kind, new_total, reason) = match random.below(100) {
        0..4 => ("RETRACTION", 0, "cancellation"),
        4..6 => ("RESTATEMENT", order.total / 2, "refund"),
        _ => return None,
    };
    (when.date() <= date(2026, 8, 31)).then_some((kind, new_total, reason, when))
}
