//! Where the night takes place: pipelines of every kind over files of this machine and of an SFTP server.

use crate::mainframe;
use crate::scenario::campaign;
use crate::sftp::{self, sshd::Sshd};
use crate::site::Site;

use super::keyring::Gnupg;

const LIMITS: &str = "batch_rows = 250\ncommit_rows = 500\nlease_seconds = 3";

const SCHEDULE: &str = "\n[schedule]\ncron = \"* * * * * *\"\n\n[retry]\nattempts = 100\nfirst_pause = \"1s\"\n\
                        longest_pause = \"2s\"\n\n[source]";

/// JSON lines whose sender says by a second file that they are complete.
const LEADS: &str = r#"name = "leads"

[source]
kind = "file"
path = "in/leads_*.jsonl"
ready = "marker"
marker = "{name}.done"
after = "delete"

[format]
kind = "json"
[format.columns]
id = "id"
at = "at"
email = "email"

[[output]]
record = "campaign_response"
[output.fields]
source_system = "'crm'"
source_key = "id"
occurred_at = "to_timestamp(at)"
response_type = "'form'"
party_email = "email"
"#;

/// A JSON array in a zip archive.
const VISITS: &str = r#"name = "visits"

[source]
kind = "file"
path = "in/visits_*.zip"
ready = "unchanged"
unchanged_seconds = 0
after = "archive"
archive = "archive"

[format]
kind = "json"
layout = "array"
array_path = "export.visits"
[format.columns]
id = "id"
at = "at"
number = "dialled.number"
[format.archive]
entry = "*.json"

[[output]]
record = "campaign_response"
[output.fields]
source_system = "'site'"
source_key = "id"
occurred_at = "to_timestamp(at)"
response_type = "'visit'"
code_type = "'dnis'"
code = "number"
"#;

/// Rows of fixed width; encrypted and signed, where there is somebody to do it.
const SALES: &str = r#"
[format]
kind = "fixed_width"
columns = [
    { name = "order_id", start = 1, length = 8 },
    { name = "placed_at", start = 9, length = 20 },
    { name = "total", start = 29, length = 8 },
]
[format.trailer]
starts_with = "TRL"
columns = [{ name = "record_count", start = 4, length = 7 }]
PGP
[[output]]
record = "conversion"
[output.fields]
source_system = "'till'"
source_key = "order_id"
converted_at = "to_timestamp(placed_at)"
conversion_type = "'order'"
amount = "money(total, 'plain')"
currency_code = "'USD'"

[control]
rows = "trailer.record_count"
"#;

/// Of records of variable length and generations: the trailer's totals must agree, and no number may be left out.
const USAGE_CONTROL: &str = r#"
[generations]
gap = "hold"

[control]
rows = "trailer.record_count"
rows_include = ["header", "trailer"]
sums = { "sum(money(amount, 'plain'))" = "trailer.amount_total" }
"#;

/// Pipelines of every kind, without a file. The SFTP server is asked at `port`.
pub fn world(server: &Sshd, port: u16, state: &str, keyring: Option<&Gnupg>) -> Site {
    let site = campaign(Site::at("warehouse.db", state, LIMITS), &[], 0);
    site.write("BILLS.cpy", mainframe::COPYBOOK);
    site.write("pipelines/bills.toml", mainframe::PIPELINE.replace("FORMAT", "") + mainframe::CONTROL);
    site.write("pipelines/leads.toml", LEADS);
    site.write("pipelines/visits.toml", VISITS);
    let remote = |name: &str, source: &str, rest: &str| {
        let login = sftp::login(server, port);
        let source = source.replace("ROOT", &server.root().display().to_string());
        site.write(
            &format!("pipelines/{name}.toml"),
            format!("name = \"{name}\"\n\n[source]\n{login}timeout_seconds = 2\n{source}\n{rest}"),
        );
    };
    let marked = "ready = \"marker\"\nmarker = \"{name}.done\"\n";
    let archived = "after = \"archive\"\narchive = \"ROOT/done\"\n";
    remote("costs", &format!("path = \"ROOT/in/*.csv\"\n{marked}{archived}"), sftp::REST);
    remote(
        "sales",
        &format!("path = \"ROOT/in/*.txt\"\n{marked}after = \"delete\"\n"),
        &SALES.replace("PGP", &pgp(keyring)),
    );
    let (_, format) = mainframe::PIPELINE.split_once("[format]").unwrap();
    let variable = "framing = \"variable\"\nshort_records = \"null\"";
    let usage = format!("[format]{}{USAGE_CONTROL}", format.replace("FORMAT", variable));
    let unchanged = "ready = \"unchanged\"\nunchanged_seconds = 0\n";
    remote("usage", &format!("path = \"ROOT/in/USAGE.*\"\n{unchanged}{archived}"), &usage);
    for pipeline in ["bills", "calls", "costs", "leads", "orders", "plan", "sales", "usage", "visits"] {
        site.replace(&format!("pipelines/{pipeline}.toml"), "\n[source]", SCHEDULE);
    }
    site
}

/// The lines of `[format.pgp]`; none where there is no GnuPG.
fn pgp(keyring: Option<&Gnupg>) -> String {
    let Some(keyring) = keyring else { return String::new() };
    let folder = keyring.folder().display();
    format!(
        "[format.pgp]\nkey = {{ file = \"{folder}/us.key\" }}\npassphrase = {{ file = \"{folder}/passphrase\" }}\n\
         signed_by = [\"{folder}/them.asc\"]\n"
    )
}
