//! What a run did, for people and for exit codes.

use crate::load::Account;

/// What became of one file in a run.
#[derive(Debug)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub outcome: FileOutcome,
}

/// What can become of a file.
#[derive(Debug)]
pub enum FileOutcome {
    /// It was loaded, to its end; an account for each output.
    Loaded(Vec<Account>),
    /// It had been loaded before, under this name: nothing to do.
    Done,
    /// Its content had been loaded before, under another name.
    Duplicate(String),
    /// It waits for a person.
    Held(String),
    /// Nothing (more) of it is loaded until somebody looks.
    Quarantined(String),
    /// The same, since it has more rejected rows than it may have.
    TooManyRejects(String),
    /// It has no bytes.
    Empty,
    /// It isn't ready yet.
    Waiting(String),
    /// It can't be read like this: a directory, no permission.
    Refused(String),
    /// It went away or changed while it was being fetched.
    Lost(String),
}

impl FileOutcome {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Loaded(_) => "loaded",
            Self::Done => "done before",
            Self::Duplicate(_) => "duplicate",
            Self::Held(_) => "held",
            Self::Quarantined(_) | Self::TooManyRejects(_) => "quarantined",
            Self::Empty => "empty",
            Self::Waiting(_) => "waiting",
            Self::Refused(_) => "refused",
            Self::Lost(_) => "lost",
        }
    }

    /// Why, in words; empty where there is nothing to say.
    pub fn reason(&self) -> String {
        match self {
            Self::Duplicate(of) => format!("same content as {of}, which is loaded"),
            Self::Held(why)
            | Self::Quarantined(why)
            | Self::TooManyRejects(why)
            | Self::Waiting(why)
            | Self::Refused(why)
            | Self::Lost(why) => why.clone(),
            Self::Empty => "has no bytes".into(),
            Self::Loaded(_) | Self::Done => String::new(),
        }
    }

    /// Whether nothing of it is left to be done.
    pub fn is_through(&self) -> bool {
        matches!(self, Self::Loaded(_) | Self::Done | Self::Duplicate(_) | Self::Empty)
    }

    /// Whether somebody has to do something.
    pub fn needs_attention(&self) -> bool {
        matches!(self, Self::Held(_) | Self::Quarantined(_) | Self::TooManyRejects(_) | Self::Refused(_))
    }
}

/// What a run of a pipeline did.
#[derive(Debug, Default)]
pub struct RunReport {
    /// The pipeline.
    pub pipeline: String,
    /// Number of the run.
    pub number: i64,
    /// Every file it saw.
    pub files: Vec<FileReport>,
    /// What its source let go of, or why it didn't.
    pub notes: Vec<String>,
}

impl RunReport {
    /// Rows read from files loaded now.
    pub fn rows_read(&self) -> i128 {
        self.first_outputs().map(|account| account.rows.read).sum()
    }

    /// Sum over all outputs of files loaded now.
    pub fn total(&self, of: impl Fn(&Account) -> i128) -> i128 {
        self.accounts().map(of).sum()
    }

    /// All accounts of files loaded now.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.files.iter().flat_map(|file| match &file.outcome {
            FileOutcome::Loaded(accounts) => accounts.as_slice(),
            _ => &[],
        })
    }

    fn first_outputs(&self) -> impl Iterator<Item = &Account> {
        self.files.iter().filter_map(|file| match &file.outcome {
            FileOutcome::Loaded(accounts) => accounts.first(),
            _ => None,
        })
    }

    /// The files that wait for a person, and why.
    pub fn attention(&self) -> String {
        let waiting = self.files.iter().filter(|file| file.outcome.needs_attention());
        let files: Vec<String> =
            waiting.map(|file| format!("{} {}: {}", file.name, file.outcome.word(), file.outcome.reason())).collect();
        files.join("; ")
    }

    /// Whether a file waits for a person.
    pub fn needs_attention(&self) -> bool {
        self.files.iter().any(|file| file.outcome.needs_attention())
    }
}

/// What is going on, while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// A file was claimed and is about to be loaded.
    Started {
        /// Its name.
        name: &'a str,
    },
    /// So many rows of it have been read.
    Rows(u64),
    /// It is done with.
    Ended,
}
