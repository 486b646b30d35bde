//! The bytes there are: a piece of the file, without what is left out at the file's end.

use super::FramingError;

/// A piece of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'w> {
    bytes: &'w [u8],
    /// Offset of the first of them.
    offset: u64,
    /// Offset behind the last byte that may belong to a record.
    end: u64,
    /// Whether the records end there.
    pub ended: bool,
}

/// Why there is no record yet.
#[derive(Debug)]
pub(super) enum Stop {
    /// Bytes up to this offset are needed, counted without those left out at the file's end.
    More(u64),
    /// There won't be one.
    Wrong(FramingError),
}

impl From<FramingError> for Stop {
    fn from(error: FramingError) -> Self {
        Self::Wrong(error)
    }
}

impl<'w> View<'w> {
    pub(super) fn new(window: &'w [u8], offset: u64, ended: bool, skip_end: u64) -> Self {
        let behind = offset.saturating_add(length(window));
        let end = behind.saturating_sub(skip_end);
        let kept = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
        Self { bytes: window.get(..kept).unwrap_or(window), offset, end, ended }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// All bytes from an offset on.
    pub(super) fn from(&self, offset: u64) -> &'w [u8] {
        let start = offset.checked_sub(self.offset).and_then(|start| usize::try_from(start).ok());
        start.and_then(|start| self.bytes.get(start..)).unwrap_or_default()
    }

    /// So many bytes from an offset on; `None` where the file ends before.
    pub(super) fn take(&self, offset: u64, length: u32) -> Result<Option<&'w [u8]>, Stop> {
        let taken = usize::try_from(length).ok().and_then(|length| self.from(offset).get(..length));
        match taken {
            Some(bytes) => Ok(Some(bytes)),
            None if self.ended => Ok(None),
            None => Err(Stop::More(offset.saturating_add(u64::from(length)).max(self.end.saturating_add(1)))),
        }
    }

    /// Whether the records end at this offset.
    pub(super) fn ends_at(&self, offset: u64) -> Result<bool, Stop> {
        if offset < self.end {
            Ok(false)
        } else if self.ended {
            Ok(true)
        } else {
            Err(Stop::More(offset.saturating_add(1)))
        }
    }
}

/// How many bytes these are.
pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
