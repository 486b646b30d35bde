//! The directory that files come from: what lies there, and whether it may be read.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use campaignd_contract::{Candidate, Readiness, Result};
use campaignd_spool::{Selection, is_ambiguous, plain, text_of};
use ssh2::FileStat;

use crate::failure::Failure;
use crate::pool::Pool;

/// What tells one state of a file from another: all that SFTP says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    /// Last change, in whole seconds since 1970-01-01 UTC.
    pub(crate) modified: u64,
}

impl Stamp {
    /// The stamp of a regular file; an error says what it is instead.
    pub(crate) fn of(stat: &FileStat) -> Result<Self, &'static str> {
        use ssh2::FileType as T;
        match stat.file_type() {
            T::RegularFile => {}
            T::Directory => return Err("a directory"),
            T::Symlink => return Err("a symbolic link"),
            T::NamedPipe => return Err("a FIFO"),
            T::Socket => return Err("a socket"),
            T::CharDevice | T::BlockDevice => return Err("a device"),
            T::Other(_) => return Err("no file that its server says the kind of"),
        }
        match (stat.size, stat.mtime) {
            (Some(bytes), Some(modified)) => Ok(Self { bytes, modified }),
            _ => Err("a file that its server doesn't say the size and time of"),
        }
    }

    /// What happened between this stamp and a later one of the same name; `None` where nothing did, as far as the
    /// stamps can tell.
    pub(crate) fn difference(self, later: Self) -> Option<String> {
        let verb = match later.bytes.cmp(&self.bytes) {
            Ordering::Greater => "grew",
            Ordering::Less => "shrank",
            Ordering::Equal => return (self != later).then(|| "it was written to or replaced".to_owned()),
        };
        Some(format!("it {verb} from {} to {} bytes", self.bytes, later.bytes))
    }
}

impl campaignd_spool::Stamp for Stamp {
    fn modified(&self) -> SystemTime {
        let since = Duration::from_secs(self.modified);
        SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

/// A state of a file and when it was first seen.
pub(crate) type Look = campaignd_spool::Look<Stamp>;

/// What was seen of a file that was taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// The state it was in.
    pub(crate) look: Look,
    /// When it was found like that again, after all of it had been read.
    pub(crate) confirmed: SystemTime,
}

/// How long a state must have been seen for to be told from every later one: a whole second, by whatever clock the
/// server has, and as long again for filesystems that count in steps of two seconds.
const TELLING: Duration = Duration::from_secs(3);

impl Taken {
    /// Whether the same stamp now means the same content. Times are whole seconds: a file that was written, read and
    /// written again within one may look the same. But where the same state was seen for longer than that, the server's
    /// clock had moved on before the last look, and any later change carries another time.
    pub(crate) fn proves(&self, now: Stamp) -> bool {
        let seen = self.confirmed.duration_since(self.look.since).unwrap_or_default();
        self.look.stamp == now && seen >= TELLING
    }
}

/// A directory on the server, and which of its files are input.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) directory: PathBuf,
    pub(crate) selection: Selection,
}

/// A name that is input, with what is known of it.
pub(crate) struct Entry {
    pub(crate) name: OsString,
    pub(crate) candidate: Candidate,
    pub(crate) look: Option<Look>,
}

/// Tells the time.
type Clock<'c> = &'c dyn Fn() -> SystemTime;

impl Origin {
    /// Names in the directory that are input, unordered.
    pub(crate) fn names(&self, pool: &Pool) -> Result<Vec<OsString>> {
        let listed = self.list(pool)?.into_iter().map(|(name, _)| name);
        Ok(listed.filter(|name| self.selection.is_input(name)).collect())
    }

    fn list(&self, pool: &Pool) -> Result<Vec<(OsString, FileStat)>> {
        let listed = pool.with("list", &self.directory, |connection| connection.list(&self.directory))?;
        listed.map_err(|failure| {
            let next = match failure {
                Failure::Missing => "have the directory made, or correct `path` in `[source]`",
                Failure::Denied => "have the server's owner give the user the right to read the directory",
                _ => "see that `path` in `[source]` names a directory",
            };
            failure.into_error("list", pool.server.shown(&self.directory)).next(next)
        })
    }

    /// Everything that is input, in order. `earlier` gives the look at a name before this one.
    pub(crate) fn entries(
        &self,
        pool: &Pool,
        clock: Clock,
        earlier: impl Fn(&OsStr) -> Option<Look>,
    ) -> Result<Vec<Entry>> {
        let listed = self.list(pool)?;
        // After the listing: see `Taken::proves`.
        let now = clock();
        let is_file: HashMap<&OsStr, bool> =
            listed.iter().map(|(name, stat)| (name.as_os_str(), Stamp::of(stat).is_ok())).collect();
        let is_there = |marker: &OsString| Ok(is_file.get(marker.as_os_str()).copied().unwrap_or(false));
        let mut may_read = Readability::default();
        let mut entries = Vec::new();
        for (name, stat) in listed.iter().filter(|(name, _)| self.selection.is_input(name)) {
            let mut entry = self.describe(name, stat, earlier(name), now, is_there);
            if matches!(entry.candidate.readiness, Readiness::Ready | Readiness::IfTrailer)
                && let Some(why) = may_read.refusal(pool, &self.directory.join(name), stat)?
            {
                entry.candidate.readiness = Readiness::Refused(why);
            }
            entries.push(entry);
        }
        let modified = |entry: &Entry| entry.candidate.modified;
        entries.sort_by(|a, b| self.selection.order(&(modified(a), &a.name), &(modified(b), &b.name)));
        Ok(entries)
    }

    /// One name, `None` where nothing is there any more.
    pub(crate) fn entry(&self, pool: &Pool, name: &OsStr, clock: Clock, before: Option<Look>) -> Result<Option<Entry>> {
        let Some(stat) = look(pool, &self.directory.join(name))? else { return Ok(None) };
        let now = clock();
        Ok(Some(self.describe(name, &stat, before, now, |marker| {
            let found = look(pool, &self.directory.join(marker)).map_err(|error| error.to_string())?;
            Ok(found.is_some_and(|stat| Stamp::of(&stat).is_ok()))
        })))
    }

    fn describe(
        &self,
        name: &OsStr,
        stat: &FileStat,
        before: Option<Look>,
        now: SystemTime,
        marker_is_there: impl FnOnce(&OsString) -> Result<bool, String>,
    ) -> Entry {
        let stamp = Stamp::of(stat);
        let look = stamp.ok().map(|stamp| Look::again(before, stamp, now));
        let readiness = match (stamp, &look) {
            _ if plain(name).is_err() => Readiness::Refused(
                "its name leads out of the directory, which no honest server lists; ask its owner".to_owned(),
            ),
            _ if is_ambiguous(name) => Readiness::Refused(
                "its name contains `\\x` and two digits, which stands for a raw byte here; rename it".to_owned(),
            ),
            (Ok(_), Some(look)) => self.selection.readiness(name, look, now, marker_is_there),
            (what, _) => {
                let what = what.err().unwrap_or("nothing that can be read");
                let next = match what {
                    "a symbolic link" => "have the file itself put there",
                    _ => "move it away, or add its name to `ignore`",
                };
                Readiness::Refused(format!("is {what}; {next}"))
            }
        };
        let candidate = Candidate {
            name: text_of(name),
            bytes: stamp.ok().map(|stamp| stamp.bytes),
            modified: stat.mtime.and_then(|modified| i64::try_from(modified).ok()),
            readiness,
        };
        Entry { name: name.to_owned(), candidate, look }
    }
}

/// What lies at a path, links not followed; `None` where nothing does.
pub(crate) fn look(pool: &Pool, path: &Path) -> Result<Option<FileStat>> {
    match pool.with("look at", path, |connection| connection.look(path))? {
        Ok(stat) => Ok(Some(stat)),
        Err(Failure::Missing) => Ok(None),
        Err(failure) => Err(failure.into_error("look at", pool.server.shown(path))),
    }
}

/// Which files may be read. SFTP has no way to ask, so they are opened; but a thousand files of one owner, group and
/// mode are all alike, and to open one of them is enough where that goes well.
#[derive(Default)]
struct Readability {
    readable: Vec<(Option<u32>, Option<u32>, Option<u32>)>,
}

impl Readability {
    /// Why a file can't be read; `None` where it can.
    fn refusal(&mut self, pool: &Pool, path: &Path, stat: &FileStat) -> Result<Option<String>> {
        let rights = (stat.uid, stat.gid, stat.perm);
        if self.readable.contains(&rights) {
            return Ok(None);
        }
        match pool.with("open", path, |connection| connection.open(path).map(drop))? {
            Ok(()) => {
                self.readable.push(rights);
                Ok(None)
            }
            // It went away since the listing. The claim will say so.
            Err(Failure::Missing) => Ok(None),
            Err(failure) => Ok(Some(unreadable(&failure))),
        }
    }
}

/// What is said of a file that the server doesn't open.
pub(crate) fn unreadable(failure: &Failure) -> String {
    format!("can't be read: {}; have the server's owner give the user the right to read it", failure.wrong())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use campaignd_spool::{After, Choice, Order, Ready};

    use super::*;

    /// What no OpenSSH server lists, and a hostile one might.
    #[test]
    fn names_that_lead_elsewhere_are_listed_and_refused() {
        let choice = Choice {
            path: "in/*",
            ignore: &[],
            ready: Ready::Trailer,
            marker: None,
            unchanged_seconds: None,
            after: After::Keep,
            archive: None,
            order: Order::Name,
        };
        let origin = Origin { directory: "in".into(), selection: choice.selection("test").unwrap() };
        let stat = FileStat { size: Some(3), uid: None, gid: None, perm: Some(0o100_644), atime: None, mtime: Some(7) };
        let readiness = |name: &[u8]| {
            let name = OsStr::from_bytes(name);
            assert!(origin.selection.is_input(name), "{name:?} is told of");
            origin.describe(name, &stat, None, SystemTime::UNIX_EPOCH, |_| Ok(false)).candidate.readiness
        };
        for name in [&b"x/../../etc/passwd"[..], b"/etc/passwd", b"a/b", b"a\0b"] {
            let Readiness::Refused(why) = readiness(name) else { panic!("{name:?} is refused") };
            assert!(why.contains("leads out of the directory"), "{why}");
        }
        for name in [&b"-rf"[..], b"line\nfeed", b"caf\xe9.csv"] {
            assert_eq!(readiness(name), Readiness::IfTrailer, "{name:?}");
        }
    }

    #[test]
    fn a_file_that_its_server_says_too_little_of_is_refused() {
        let stat =
            |size, perm, mtime| Stamp::of(&FileStat { size, uid: None, gid: None, perm, atime: None, mtime }).err();
        assert_eq!(stat(Some(1), Some(0o100_644), Some(7)), None);
        assert!(stat(Some(1), None, Some(7)).is_some());
        assert!(stat(None, Some(0o100_644), Some(7)).is_some());
        assert!(stat(Some(1), Some(0o100_644), None).is_some());
        assert_eq!(stat(Some(1), Some(0o120_777), Some(7)), Some("a symbolic link"));
    }
}
