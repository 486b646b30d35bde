//! What may stand in `[source]` with `kind = "file"`.

use std::path::PathBuf;

use campaignd_contract::{ConnectorSettings, Revision, SettingsProblem};
use campaignd_spool::{After, Choice, Order, Ready};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Files in a directory of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// Which files: a directory, taken literally, and a pattern for the names in it: `/srv/in/calls_*.csv.gz`. In the
    /// pattern `*` is any text, `?` one character, `[0-9]` a class, `{a,b}` alternatives; upper and lower case differ.
    /// Names that start with a dot only match a pattern that does. Subdirectories are not searched. Relative paths
    /// start at the folder of the settings.
    pub path: String,
    /// Patterns of names that are no input although `path` matches them: control files, half-made files.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// How to tell that a file is complete. Required: every default would be wrong for somebody. `marker` where no
    /// markers are sent waits for ever, `trailer` needs a format that has one, and `unchanged` reads half a file from
    /// a sender that stalls. Only who knows the sender can choose; take the first that it supports.
    pub ready: Ready,
    /// Name of the marker file, for `ready = "marker"`: `{name}` is the file's name, `{stem}` the same without its
    /// last extension, as in `"{name}.done"`. It lies in the same directory; names of that form are no input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// Seconds without change after which a file counts as complete, for `ready = "unchanged"`; 10 where not given.
    /// Either its last change is that long ago, or two looks that far apart found the same size and time. With 0 a
    /// file is complete as soon as it is there: right where the sender renames finished files into place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_seconds: Option<u32>,
    /// What becomes of a file, and of its marker and control file, once all of it is in the warehouse.
    #[serde(default)]
    pub after: After,
    /// Directory for `after = "archive"`; made if it isn't there. Relative paths start at the folder of the settings.
    /// Nothing in it is overwritten: a name that is taken gets a part of the content's hash added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<PathBuf>,
    /// In which order files are read.
    #[serde(default)]
    pub order: Order,
    /// What to do with a name that was loaded before and now has other content. The source hands every content out;
    /// the daemon holds or loads it by this setting.
    #[serde(default)]
    pub revision: Revision,
}

impl FileSettings {
    /// Seconds a file has to be left alone.
    pub fn unchanged_seconds(&self) -> u32 {
        self.choice().unchanged_seconds()
    }

    /// What these settings have in common with those of other sources of files.
    pub(crate) fn choice(&self) -> Choice<'_> {
        Choice {
            path: &self.path,
            ignore: &self.ignore,
            ready: self.ready,
            marker: self.marker.as_deref(),
            unchanged_seconds: self.unchanged_seconds,
            after: self.after,
            archive: self.archive.as_deref(),
            order: self.order,
        }
    }
}

impl ConnectorSettings for FileSettings {
    const KIND: &'static str = "file";
    const SAMPLE: &'static str = include_str!("../sample.toml");

    fn problems(&self) -> Vec<SettingsProblem> {
        self.choice().problems()
    }
}
