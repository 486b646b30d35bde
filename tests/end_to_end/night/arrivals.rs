//! What comes in a night: files of every kind, good ones and bad ones, made once and sent twice.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::mainframe::{BILLS, Bills};
use crate::scenario::calls_file;
use crate::sftp::{self, sshd::Sshd};
use crate::site::Site;

use super::keyring::Gnupg;

/// How many files of each kind come in a night.
pub const FILES: usize = 12;

/// Of so many each there is one that is quarantined, and one that comes again under another name.
const QUARANTINED_OF: usize = 5;
const AGAIN_OF: usize = 4;

/// Passphrase of the key that our files are encrypted for.
const PASSPHRASE: &str = "open sesame";

/// All files of a night.
pub struct Arrivals {
    /// By the number of the arrival.
    files: Vec<Vec<File>>,
    /// Another content of a file that has been loaded.
    revision: File,
    /// Whose keys some of them are encrypted with.
    pub keyring: Option<Gnupg>,
}

/// A file on its way.
struct File {
    /// Whether it is sent to the server.
    is_remote: bool,
    name: String,
    content: Vec<u8>,
    way: Way,
}

/// How it is sent.
enum Way {
    /// Under another name first, as good senders do.
    Renamed,
    /// Under its own name: half of it can be seen before the rest.
    InPlace,
}

impl Arrivals {
    /// Makes them.
    pub fn new() -> Self {
        let keyring = Gnupg::new();
        if let Some(keyring) = &keyring {
            keyring.make_key("us", "ed25519", "cv25519", PASSPHRASE);
            keyring.make_key("them", "ed25519", "cv25519", "");
            keyring.write_secret("passphrase", PASSPHRASE.as_bytes());
        }
        let mut files: Vec<Vec<File>> = (0..FILES).map(|number| arrival(number, keyring.as_ref())).collect();
        for number in 1..FILES {
            // A sender that writes in place shows half of a file long before it is complete, and says so by its marker.
            let leads = leads(number);
            let half = File { content: leads.content[..leads.content.len() / 2].to_vec(), ..leads };
            files[number - 1].push(half);
        }
        Self { files, revision: visits(0, 7), keyring }
    }

    /// Those of that number come.
    pub fn come(&self, number: usize, site: &Site, server: &Sshd) {
        for file in &self.files[number] {
            file.send(site, server);
        }
        sftp::send(server, &format!("day_{number:02}"), number * 700, number * 700 + 700);
    }

    /// Whether the file that the revision is of has been loaded, so that it may come.
    pub fn is_to_be_revised(&self, site: &Site) -> bool {
        // There may be no warehouse yet.
        let Ok(connection) = rusqlite::Connection::open_with_flags(site.database(), rusqlite::OpenFlags::default())
        else {
            return false;
        };
        let loaded = "SELECT count(*) FROM etl_file WHERE state = 'loaded' AND name = ?1";
        connection.query_row(loaded, [&self.revision.name], |row| row.get(0)).is_ok_and(|count: i64| count == 1)
    }

    /// A name that was loaded comes with other content.
    pub fn revise(&self, site: &Site, server: &Sshd) {
        self.revision.send(site, server);
    }

    /// How many files find their end by themselves: plan, eight of each number, and those that come again. One more waits
    /// for a person.
    pub fn finished() -> i64 {
        i64::try_from(1 + 8 * FILES + FILES / AGAIN_OF).unwrap()
    }

    /// How many wait for a person.
    pub const HELD: i64 = 1;
}

impl File {
    fn send(&self, site: &Site, server: &Sshd) {
        let folder = if self.is_remote { server.root().join("in") } else { site.path("in") };
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(&self.name);
        match self.way {
            Way::InPlace => write(&path, &self.content),
            Way::Renamed => {
                let part: PathBuf = folder.join(format!(".{}.part", self.name));
                write(&part, &self.content);
                fs::rename(part, path).unwrap();
            }
        }
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
}

fn arrival(number: usize, keyring: Option<&Gnupg>) -> Vec<File> {
    let local = |name: String, content: Vec<u8>| File { is_remote: false, name, content, way: Way::Renamed };
    let in_place = |name: String, content: Vec<u8>| File { way: Way::InPlace, ..local(name, content) };
    let remote = |name: String, content: Vec<u8>| File { is_remote: true, ..local(name, content) };

    let calls = calls_file(number * 1_500, number * 1_500 + 1_500);
    let order = format!("order_id,placed_at,call_id,total\nN{number},2026-03-05T10:00:00Z,C0000003,19.95\n");
    let (leads, leads_done) = (leads(number), in_place(format!("leads_{number:02}.jsonl.done"), Vec::new()));
    let sales = sales(number, keyring);
    let mut files = vec![
        local(format!("calls_{number:02}.csv.gz"), calls.clone()),
        bills(number),
        in_place(format!("orders_{number:02}.ctl"), b"orders = 1\ntotal = 19.95\n".to_vec()),
        local(format!("orders_{number:02}.csv"), order.into_bytes()),
        visits(number, 0),
        remote(format!("USAGE.G{:04}V00", generation(number)), usage(number)),
    ];
    if number.is_multiple_of(2) {
        files.extend([leads, leads_done, remote(format!("sales_{number:02}.txt"), sales)]);
        files.push(remote(format!("sales_{number:02}.txt.done"), Vec::new()));
    } else {
        // These senders are wrong about the order, and rename so that it does no harm.
        files.extend([File { way: Way::Renamed, ..leads }, leads_done]);
        files.push(remote(format!("sales_{number:02}.txt.done"), Vec::new()));
        files.push(remote(format!("sales_{number:02}.txt"), sales));
    }
    if number % AGAIN_OF == AGAIN_OF - 1 {
        files.push(local(format!("calls_{number:02}_again.csv.gz"), calls));
    }
    files
}

/// Lines of which some have no date.
fn leads(number: usize) -> File {
    let lines: String = (0..800)
        .map(|lead| {
            let id = number * 800 + lead;
            let at = if lead % 97 == 3 { "yesterday" } else { "2026-04-01T10:00:00Z" };
            format!("{{\"id\":\"L{id}\",\"at\":\"{at}\",\"email\":\"lead{id}@example.com\"}}\n")
        })
        .collect();
    let name = format!("leads_{number:02}.jsonl");
    File { is_remote: false, name, content: lines.into_bytes(), way: Way::InPlace }
}

/// A file of a mainframe. Some trailers lie: those files are quarantined.
fn bills(number: usize) -> File {
    let day: &'static str = format!("202607{:02}", 1 + number).leak();
    let lies = number % QUARANTINED_OF == QUARANTINED_OF - 1;
    let trailer_file_id = if lies { "BILL0002" } else { "BILL0001" };
    let bills = Bills { from: number * 400, lines: 400, run_date: day, trailer_file_id, ..BILLS };
    File { is_remote: false, name: format!("BILLS.{day}"), content: bills.bytes(), way: Way::Renamed }
}

/// Another one, of records behind record descriptor words; every other record ends before its filler.
fn usage(number: usize) -> Vec<u8> {
    let bills = Bills { from: 500_000 + number * 600, lines: 600, ..BILLS };
    let with_length = |(at, record): (usize, &[u8])| {
        let filler = if at % 2 == 1 && at <= 600 { 13 } else { 0 };
        let record = &record[..record.len() - filler];
        let length = u16::try_from(record.len() + 4).unwrap().to_be_bytes();
        [&length[..], &[0, 0], record].concat()
    };
    bills.bytes().chunks(40).enumerate().flat_map(with_length).collect()
}

/// The generation that comes with that number: every other one comes before the one it follows, and has to wait.
fn generation(number: usize) -> usize {
    match number {
        0 => 1,
        last if last == FILES - 1 => FILES,
        odd if odd % 2 == 1 => odd + 2,
        even => even,
    }
}

/// An archive with an array of which some items have no date; `more` items make it another content.
fn visits(number: usize, more: usize) -> File {
    let visit = |visit: usize| {
        let id = number * 500 + visit;
        let at = if visit % 83 == 5 { "soon" } else { "2026-04-03T11:00:00Z" };
        format!("{{\"id\":\"V{id}\",\"at\":\"{at}\",\"dialled\":{{\"number\":\"80055501{}0\"}}}}", 1 + id % 2)
    };
    let visits: Vec<String> = (0..500 + more).map(visit).collect();
    let json = format!("{{\"export\":{{\"of\":\"site\",\"visits\":[{}]}}}}", visits.join(",\n"));
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in [("readme.txt", "not this one"), ("visits.json", &json)] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    let content = archive.finish().unwrap().into_inner();
    File { is_remote: false, name: format!("visits_{number:02}.zip"), content, way: Way::Renamed }
}

/// Rows of fixed width, of which some have no amount.
fn sales(number: usize, keyring: Option<&Gnupg>) -> Vec<u8> {
    let mut text: String = (0..300)
        .map(|sale| {
            let total = if sale % 71 == 9 { "free" } else { "24.50" };
            format!("T{:07}2026-04-02T10:00:00Z{total:>8}\n", number * 300 + sale)
        })
        .collect();
    text += "TRL0000300\n";
    match keyring {
        None => text.into_bytes(),
        Some(keyring) => {
            keyring.gpg(&["--local-user", "them", "--sign", "--recipient", "us", "--encrypt"], text.as_bytes())
        }
    }
}
