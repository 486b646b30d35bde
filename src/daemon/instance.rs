//! One daemon a state directory: a lock that goes with the process, and who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use campaignd_contract::{Error, ErrorClass, Result};

/// Holds the state directory as long as it lives.
#[derive(Debug)]
pub struct Instance {
    _file: File,
}

/// Takes the state directory, made if it isn't there.
///
/// # Errors
///
/// Of class `Transient`, with the process that has it, where another daemon runs in it.
pub fn take(state_directory: &Path) -> Result<Instance> {
    let path = state_directory.join("campaignd.lock");
    let shown = path.display().to_string();
    let failed = |error: &std::io::Error| {
        Error::io("lock", &shown, error)
            .next("correct `state_directory`, or give the user that runs this the right to write there")
    };
    std::fs::create_dir_all(state_directory).map_err(|error| failed(&error))?;
    let mut options = OpenOptions::new();
    let mut file =
        options.read(true).write(true).create(true).truncate(false).open(&path).map_err(|error| failed(&error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let read = file.read_to_string(&mut holder);
            let holder = match (read, holder.trim()) {
                (Ok(_), pid) if !pid.is_empty() => format!("process {pid}"),
                _ => "another process".to_owned(),
            };
            return Err(Error::new(
                ErrorClass::Transient,
                "run in",
                state_directory.display().to_string(),
                format!("{holder} runs there already"),
            )
            .next("stop that one first, or give this one a `state_directory` of its own"));
        }
        Err(TryLockError::Error(error)) => return Err(failed(&error)),
    }
    let written = file
        .set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(format!("{}\n", std::process::id()).as_bytes()));
    written.map_err(|error| failed(&error))?;
    Ok(Instance { _file: file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_told_who_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let first = take(&folder.path().join("state")).unwrap();
        let second = take(&folder.path().join("state")).unwrap_err();
        assert_eq!(second.class(), ErrorClass::Transient);
        assert_eq!(second.wrong(), format!("process {} runs there already", std::process::id()));
        drop(first);
        take(&folder.path().join("state")).unwrap();
    }
}
