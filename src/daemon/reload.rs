//! What another set of settings changes.

use std::collections::BTreeMap;

use crate::config::Settings;

/// What changed, in words; `None`: nothing.
pub fn changes(old: &Settings, new: &Settings) -> Option<String> {
    let texts = |settings: &Settings| -> BTreeMap<String, (String, String)> {
        let pipelines = settings.pipelines.iter();
        pipelines.map(|one| (one.settings.name.clone(), (one.text.to_string(), one.hash.clone()))).collect()
    };
    let (before, after) = (texts(old), texts(new));
    let named = |what: &str, names: Vec<&str>| (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")));
    let added = after.keys().filter(|name| !before.contains_key(*name)).map(String::as_str).collect();
    let removed = before.keys().filter(|name| !after.contains_key(*name)).map(String::as_str).collect();
    let differs = |(name, now): (&'_ String, &(String, String))| before.get(name).is_some_and(|then| then != now);
    let other = after.iter().filter(|(name, now)| differs((name, now))).map(|(name, _)| name.as_str()).collect();
    let mut changes: Vec<String> =
        [named("added", added), named("removed", removed), named("changed", other)].into_iter().flatten().collect();
    if old.main_text != new.main_text {
        changes.push("campaignd.toml changed".to_owned());
    }
    let fixed = fixed(old, new);
    if !fixed.is_empty() {
        changes.push(format!("only a restart brings {}", fixed.join(", ")));
    }
    (!changes.is_empty()).then(|| changes.join("; "))
}

/// Settings that were changed and are read at the start only.
fn fixed(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let mut fixed = Vec::new();
    let table = |settings: &Settings| serde_json::to_string(&settings.daemon.warehouse).unwrap_or_default();
    if table(old) != table(new) {
        fixed.push("[warehouse]");
    }
    if old.daemon.state_directory != new.daemon.state_directory {
        fixed.push("state_directory");
    }
    if old.daemon.limits.lease_seconds != new.daemon.limits.lease_seconds {
        fixed.push("limits.lease_seconds");
    }
    fixed
}
