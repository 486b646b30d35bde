//! What the e-mail tool and the ad platform report: clicks, leads and spend, and the orders made on the web.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;

use super::company;
use super::files::{GenerateError, Writer, dollars};
use super::orders::Order;
use super::random::Random;

/// An e-mail part: its promotion code, the first and last day of answers, and how many click and buy.
struct Mailing {
    part: &'static str,
    code: &'static str,
    from: Date,
    until: Date,
    clicks: u32,
    orders: u32,
}

fn mailings() -> [Mailing; 2] {
    [
        Mailing {
            part: "EM26-CUST",
            code: "SPRING26",
            from: date(2026, 4, 6),
            until: date(2026, 6, 24),
            clicks: 96,
            orders: 31,
        },
        Mailing {
            part: "EM26-LAPSED",
            code: "COMEBACK",
            from: date(2026, 5, 4),
            until: date(2026, 7, 20),
            clicks: 21,
            orders: 4,
        },
    ]
}

/// A social part: its UTM campaign, number on the platform, daily spend in dollars, and how many ask and buy.
struct AdSet {
    part: &'static str,
    code: &'static str,
    number: &'static str,
    from: Date,
    spend: i64,
    leads: u32,
    orders: u32,
}

fn ad_sets() -> [AdSet; 3] {
    let row = |part, code, number, from, spend, leads, orders| AdSet { part, code, number, from, spend, leads, orders };
    [
        row("SO26-VISITOR", "bundle-visitors", "2384410077", date(2026, 6, 1), 25, 212, 52),
        row("SO26-LOOKALIKE", "bundle-lookalike", "2384410078", date(2026, 6, 1), 52, 148, 19),
        row("SO26-BORDER", "bundle-border", "2384410079", date(2026, 7, 1), 9, 17, 4),
    ]
}

const LAST_DAY: Date = date(2026, 8, 31);

/// Writes the e-mail tool's events and returns the orders that followed.
pub fn email(random: &mut Random, writer: &mut Writer) -> Result<Vec<Order>, GenerateError> {
    let mut orders = Vec::new();
    let mut events: Vec<(DateTime, &str, u32, &str)> = Vec::new();
    for mailing in &mailings() {
        let part = company::part(mailing.part);
        for index in 0..mailing.clicks {
            // Every third person of the list, so that nobody clicks twice.
            let person = part.first_person + index * 7 % part.targeted;
            let clicked = moment(random, mailing.from, mailing.until);
            events.push((clicked, "click", person, mailing.code));
            if index < mailing.orders {
                orders.push(Order {
                    placed: clicked + random.between(4, 50).minutes(),
                    person: Some(person),
                    by_email: true,
                    code_type: "promo_code",
                    code: mailing.code,
                    call_id: String::new(),
                    offer: part.offer,
                    currency: "USD",
                    total: company::offer(part.offer).price,
                });
            }
        }
        for index in 0..part.targeted / 60 {
            let sent = mailing.from.at(9, 0, 0, 0) + i64::from(index).seconds();
            events.push((sent, "bounce", part.first_person + part.targeted - 1 - index, mailing.code));
        }
        events.push((mailing.from.at(10, 12, 0, 0), "unsubscribe", part.first_person + 3, mailing.code));
    }
    // Somebody finds the spring mail in July: its code has run out, so the click is nobody's.
    events.push((
        date(2026, 7, 14).at(20, 31, 8, 0),
        "click",
        company::part("EM26-CUST").first_person + 11,
        "SPRING26",
    ));
    events.sort_unstable();
    let mut text = String::from("event_id,event,email,promo_code,occurred_at\n");
    for (index, (at, event, person, code)) in events.into_iter().enumerate() {
        writeln!(
            text,
            "E{:05},{event},{},{code},{}",
            index + 1,
            company::email_text(person),
            utc(at, "%Y-%m-%dT%H:%M:%SZ")
        )
        .expect("writing to a string");
    }
    writer.gzip("email/events_2026.csv.gz", text.as_bytes())?;
    Ok(orders)
}

/// Writes the ad platform's leads and daily report and returns the orders that followed.
pub fn social(random: &mut Random, writer: &mut Writer) -> Result<Vec<Order>, GenerateError> {
    let mut orders = Vec::new();
    let mut leads = Vec::new();
    for ad_set in &ad_sets() {
        let offer = company::part(ad_set.part).offer;
        for index in 0..ad_set.leads {
            // These people come from outside every list: their addresses are new.
            let person = company::PEOPLE + u32::try_from(random.below(50_000)).expect("below 50,000");
            let created = moment(random, ad_set.from, LAST_DAY);
            leads.push((created, person, ad_set.code));
            if index < ad_set.orders {
                let (currency, total) = match (ad_set.code, index) {
                    ("bundle-lookalike", 5) => ("EUR", 15_900),
                    ("bundle-border", 0..3) => ("CAD", 23_900),
                    ("bundle-border", _) => ("MXN", 329_000),
                    _ => ("USD", company::offer(offer).price),
                };
                orders.push(Order {
                    placed: created + random.between(6, 70).minutes(),
                    person: Some(person),
                    by_email: true,
                    code_type: "utm_campaign",
                    code: ad_set.code,
                    call_id: String::new(),
                    offer,
                    currency,
                    total,
                });
            }
        }
    }
    leads.sort_unstable();
    let leads: Vec<String> = leads
        .into_iter()
        .enumerate()
        .map(|(index, (created, person, code))| {
            format!(
                "  {{\"id\":\"L-{:05}\",\"created_time\":\"{}\",\"utm\":{{\"source\":\"circle\",\"campaign\":\"{code}\"}},\"contact\":{{\"email\":\"{}\"}}}}",
                index + 1,
                utc(created, "%Y-%m-%dT%H:%M:%S+0000"),
                company::email_text(person)
            )
        })
        .collect();
    writer.plain("social/leads_2026.json", format!("[\n{}\n]\n", leads.join(",\n")).as_bytes())?;
    writer.plain("social/circle_ads_2026-06-01_2026-08-31.csv", report(random).as_bytes())?;
    Ok(orders)
}

/// The platform's report: three lines about it, a header, a row a day and ad set, and a line of totals.
fn report(random: &mut Random) -> String {
    let mut text = String::from(
        "Circle Ads,Performance by day and ad set\nAccount,77120934 Northway Telephone\nTime zone,America/New_York\n\
         Day,Campaign ID,Ad set,Currency,Impressions,Clicks,Cost (micros),Purchases,Purchase value\n",
    );
    let (mut impressions, mut clicks, mut micros, mut claimed) = (0, 0, 0, 0);
    for ad_set in &ad_sets() {
        let mut day = ad_set.from;
        while day <= LAST_DAY {
            let spend = ad_set.spend * 10_000 * random.between(78, 122) + random.between(0, 9_999);
            let shown = random.between(900, 1_400) * ad_set.spend / 8;
            let clicked = shown * random.between(6, 19) / 1_000;
            // Platforms claim more purchases than there are orders.
            let purchases = random.between(0, 2) / 2;
            let value = purchases * 17_940;
            writeln!(
                text,
                "{day},{},{},USD,{shown},{clicked},{spend},{purchases},{}",
                ad_set.number,
                ad_set.code,
                dollars(value)
            )
            .expect("writing to a string");
            impressions += shown;
            clicks += clicked;
            micros += spend;
            claimed += purchases;
            day = day.tomorrow().expect("a day in 2026");
        }
    }
    writeln!(text, "Total,,,USD,{impressions},{clicks},{micros},{claimed},{}", dollars(claimed * 17_940))
        .expect("writing to a string");
    text
}

fn moment(random: &mut Random, from: Date, until: Date) -> DateTime {
    let days = i64::from((until - from).get_days());
    (from + random.between(0, days).days()).at(0, 0, 0, 0) + random.between(6 * 3_600, 22 * 3_600).seconds()
}

fn utc(local: DateTime, pattern: &str) -> String {
    let eastern = TimeZone::get("America/New_York").expect("the time-zone database is built in");
    let zoned = local.to_zoned(eastern).expect("these hours lie outside every gap");
    zoned.with_time_zone(TimeZone::UTC).strftime(pattern).to_string()
}
