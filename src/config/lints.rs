//! What is wrong with values that have the right type, one file at a time.

use std::net::SocketAddr;
use std::str::FromStr;

use campaignd_contract::SettingsProblem;

use super::document::Document;
use super::report::Problem;
use super::tree::{Given, Node};
use super::{control, currency, records, schedule};
use crate::connectors::{Connector, FORMATS, SOURCES, WAREHOUSES, find};
use crate::load::Share;
use crate::suggest::nearest;

/// Notes what is wrong with `campaignd.toml`.
pub fn daemon(document: &mut Document) {
    connector(document, "warehouse", WAREHOUSES);
    text(document, &["privacy", "key_id"], |key_id| {
        let form = (1..=16).contains(&key_id.len())
            && key_id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        (!form).then(|| {
            let message = format!("`{key_id}` is not a key id: at most 16 lower-case letters and digits");
            (message, "the first key is usually called `k1`".to_owned())
        })
    });
    text(document, &["roi", "currency"], currency::check);
    text(document, &["roi", "margin_rate"], margin_rate);
    listen(document);
    let limit = |name| document.tree.at(["limits", name]);
    if let (Some(batch), Some(commit)) = (limit("batch_rows"), limit("commit_rows"))
        && let (Some(batch_rows), Some(commit_rows)) = (batch.integer(), commit.integer())
        && commit_rows < batch_rows
    {
        let message = "`commit_rows` is less than `batch_rows`, and a batch is never split";
        let help = format!("every batch is a transaction of its own then: set `commit_rows` to at least {batch_rows}");
        let problem = Problem::warning(document.place(&commit.given), message, help);
        document.problems.push(problem);
    }
}

/// The address of the pages; one that others can reach is warned of.
fn listen(document: &mut Document) {
    let Some(node) = document.tree.at(["http", "listen"]).cloned() else { return };
    match node.text().map(str::parse::<SocketAddr>) {
        Some(Ok(address)) if !address.ip().is_loopback() => {
            let message =
                "the pages can be read from the network: they say how campaigns do, and ask nobody who they are";
            let help = "let a proxy with a login stand before `127.0.0.1:9464`, or keep the port to those who may read";
            let problem = Problem::warning(document.place(&node.given), message, help.to_owned());
            document.problems.push(problem);
        }
        Some(Err(_)) => {
            let message = "`listen` is not an address with a port";
            document.problem(&node.given, message, "write it as `127.0.0.1:9464` or `[::1]:9464`");
        }
        _ => {}
    }
}

/// Notes what is wrong with a pipeline file, as far as it can be said without the other files.
pub fn pipeline(document: &mut Document) {
    text(document, &["name"], name);
    text(document, &["schedule", "timezone"], time_zone);
    text(document, &["mapping", "timezone"], time_zone);
    text(document, &["mapping", "phone_region"], phone_region);
    text(document, &["control", "business_date", "timezone"], time_zone);
    text(document, &["rejects", "at_most_share"], share);
    schedule::check(document);
    connector(document, "source", SOURCES);
    connector(document, "format", FORMATS);
    records::check(document);
    control::check(document);
}

/// Checks the text at `path`, if there is one, by `check`, which gives message and help.
pub(super) fn text(document: &mut Document, path: &[&str], check: impl FnOnce(&str) -> Option<(String, String)>) {
    let Some(node) = document.tree.at(path.iter().copied()) else { return };
    let given = node.given.clone();
    if let Some((message, help)) = node.text().and_then(check) {
        document.problem(&given, message, help);
    }
}

fn connector<Built: ?Sized>(document: &mut Document, key: &str, connectors: &'static [Connector<Built>]) {
    let Some(table) = document.tree.get(key).filter(|_| document.fits_under(key)).cloned() else { return };
    let Some(connector) = table.get("kind").and_then(Node::text).and_then(|kind| find(connectors, kind)) else {
        return;
    };
    let serde_json::Value::Object(mut settings) = table.to_json() else { return };
    settings.shift_remove("kind");
    problems_of(document, &table, (connector.problems)(&settings));
}

/// Notes what a connector says is wrong with the settings in its table.
pub fn problems_of(document: &mut Document, table: &Node, problems: Vec<SettingsProblem>) {
    for SettingsProblem { path, message, help } in problems {
        let message = if path.is_empty() { message } else { format!("`{}`: {message}", path.join(".")) };
        document.problem(deepest(table, &path), message, help);
    }
}

/// The place of the value that `path` leads to, or of the last table on the way that is there.
fn deepest<'n>(table: &'n Node, path: &[String]) -> &'n Given {
    let mut node = table;
    for step in path {
        let Some(next) = node.at([step.as_str()]) else { break };
        node = next;
    }
    &node.given
}

fn name(name: &str) -> Option<(String, String)> {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if name.len() <= 64 && name.split('-').all(is_part) {
        return None;
    }
    let message = format!("`{name}` is not a pipeline name: lower-case letters, digits and hyphens, at most 64");
    let kept: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let kept: Vec<&str> = kept.split('-').filter(|part| !part.is_empty()).collect();
    let help = if kept.is_empty() {
        "such as `inbound-calls`".to_owned()
    } else {
        format!("such as `{:.64}`", kept.join("-"))
    };
    Some((message, help))
}

fn time_zone(zone: &str) -> Option<(String, String)> {
    if jiff::tz::db().get(zone).is_ok() {
        return None;
    }
    let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).replace(' ', "_");
    let same_city = zones.iter().map(String::as_str).find(|known| city(known).eq_ignore_ascii_case(&city(zone)));
    let is_abbreviation = zone.len() <= 5 && zone.bytes().all(|byte| byte.is_ascii_uppercase());
    let help = match same_city.or_else(|| nearest(zone, zones.iter().map(String::as_str))) {
        _ if is_abbreviation => "abbreviations mean different zones to different people: name a city of the zone, \
                                 `America/Los_Angeles`"
            .to_owned(),
        Some(near) => format!("did you mean `{near}`?"),
        None => "write it as the IANA time zone database does: `America/New_York`".to_owned(),
    };
    Some((format!("unknown time zone `{zone}`"), help))
}

fn phone_region(region: &str) -> Option<(String, String)> {
    if phonenumber::country::Id::from_str(region).is_ok() {
        return None;
    }
    let help = match region.to_ascii_uppercase().as_str() {
        "UK" => "did you mean `GB`?".to_owned(),
        "USA" => "did you mean `US`?".to_owned(),
        upper if phonenumber::country::Id::from_str(upper).is_ok() => format!("write it in capitals: `{upper}`"),
        _ => "write the country's two letters of ISO 3166-1: `US`".to_owned(),
    };
    Some((format!("unknown phone region `{region}`"), help))
}

fn share(text: &str) -> Option<(String, String)> {
    let message = Share::parse(text).err()?;
    Some((message, "it is a percentage with at most five digits after the point: `\"0.5%\"`".to_owned()))
}

/// A share from 0 to 1 with at most six decimals.
fn margin_rate(rate: &str) -> Option<(String, String)> {
    let (whole, fraction) = rate.split_once('.').unwrap_or((rate, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let help = "it is the share of revenue that is margin: `\"0.35\"` for 35 %, `\"1\"` for all of it";
    if !digits(whole) || !digits(fraction) || fraction.len() > 6 || whole.len() > 12 {
        let message = format!("`{rate}` is not a decimal with at most six digits after the point");
        return Some((message, help.to_owned()));
    }
    let is_share = whole.trim_start_matches('0').is_empty()
        || whole.trim_start_matches('0') == "1" && fraction.bytes().all(|byte| byte == b'0');
    (!is_share).then(|| (format!("a margin rate of {rate} is more than the revenue"), help.to_owned()))
}
