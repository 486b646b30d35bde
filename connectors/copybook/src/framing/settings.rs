//! How a file's bytes are cut into records: what has to be known before the first byte is read.

use super::SettingsError;

/// Payload bytes of the longest record that is believed, unless told otherwise: 1 MiB.
pub const DEFAULT_LONGEST: u32 = 1 << 20;

/// Bytes of the longest record z/OS writes that isn't spanned: 32,760 with its record descriptor word, which isn't
/// counted here.
pub const Z_OS_LONGEST: u32 = 32_756;

/// How a file is cut into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Framing {
    /// What tells where a record ends.
    pub records: RecordFormat,
    /// Bytes at the file's beginning that belong to no record.
    pub skip_start: u64,
    /// Bytes at the file's end that belong to no record.
    pub skip_end: u64,
    /// Bytes at the beginning of each record that are left out of what is handed on. They count as part of the record
    /// wherever a length is told.
    pub record_skip_start: u32,
    /// Bytes at the end of each record that are left out of what is handed on. They count as part of the record.
    pub record_skip_end: u32,
    /// Whether bytes behind the last whole record of fixed length are left out. Otherwise they are an error.
    pub ignore_leftover: bool,
    /// Bytes of the longest record that is believed, descriptor words not counted. A longer one is an error: no record
    /// is ever gathered that is longer.
    pub longest: u32,
}

/// What tells where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFormat {
    /// Each record is as long as the others: `F`, and `FB`, whose blocks leave no marks.
    Fixed {
        /// Bytes of a record in the file.
        length: u32,
    },
    /// Each record is as long as the others, and a block descriptor word stands before each block: no access method of
    /// z/OS writes that, but some transfers do.
    FixedBlocked {
        /// Bytes of a record.
        length: u32,
        /// The word before each block.
        bdw: Rdw,
    },
    /// A record descriptor word before each record: `V`.
    Variable(Rdw),
    /// Besides, a block descriptor word before each block: `VB`.
    VariableBlocked {
        /// The word before each record.
        rdw: Rdw,
        /// The word before each block.
        bdw: Rdw,
    },
    /// Records in segments, a segment descriptor word before each: `VS` and `VBS`.
    Spanned {
        /// The word before each segment.
        rdw: Rdw,
        /// The word before each block; none where the transfer left it out.
        bdw: Option<Rdw>,
    },
    /// Lines of text. The last one may lack its end.
    Lines {
        /// Bytes of the longest line, its end not counted.
        most: u32,
        /// What ends a line.
        end: LineEnd,
    },
    /// Each record says by a field of its own how long it is.
    LengthField(LengthField),
    /// The caller tells by a record's first bytes how long it is; see [`super::Framer::by_layout`].
    ByLayout,
}

/// A word of four bytes that says how long a record, a segment or a block is.
///
/// As z/OS writes it (*z/OS DFSMS Using Data Sets*, variable-length record formats), the first two bytes are a length
/// that counts the word itself, and the other two are zero. In a block descriptor word, bit 0 set means that the
/// other 31 bits are the length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rdw {
    /// Order of the bytes.
    pub endian: Endian,
    /// Whether the length counts the word's own four bytes.
    pub counts_itself: bool,
    /// What is added to the length before it is believed.
    pub adjust: i32,
}

/// Order of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endian {
    /// Highest first: 64 is `00 40 00 00`. This is z/OS.
    Big,
    /// Lowest first: 64 is `40 00 00 00`.
    Little,
    /// Lowest first, in the first two bytes or, where the first is zero, in the last two: `Little` and `Swapped` in one
    /// file.
    LittleInEitherHalf,
    /// All four bytes turned round, as Cobrix expects it where it isn't told `big`: 64 is `00 00 40 00`.
    Swapped,
}

/// What ends a line. A carriage return (0x0D in both ASCII and EBCDIC) before it isn't part of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// ASCII LF, 0x0A.
    Lf,
    /// EBCDIC NEL, 0x15: what z/OS Unix writes.
    Nel,
    /// EBCDIC LF, 0x25.
    EbcdicLf,
}

/// Where in a record its length stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthField {
    /// Bytes of the record before the field.
    pub offset: u32,
    /// Bytes of the field, 1 to 18; a binary one has at most 8.
    pub length: u32,
    /// How the number is written.
    pub number: LengthNumber,
    /// What is added to the number to get the length of the whole record.
    pub adjust: i32,
}

/// How a record's length is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthNumber {
    /// `COMP`, `COMP-4`, `COMP-5`, highest byte first.
    BinaryBig,
    /// Binary, lowest byte first.
    BinaryLittle,
    /// EBCDIC `DISPLAY`, with or without a sign in the last byte.
    Zoned,
    /// `COMP-3`.
    Packed,
    /// ASCII digits, blanks before them allowed.
    AsciiText,
}

/// What a caller knows of a record's length by its first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LengthAnswer {
    /// It takes this many bytes of the record, more than were given, to tell.
    Needs(usize),
    /// The record has this many bytes.
    Is(usize),
    /// These bytes are no record, for this reason.
    Wrong(String),
}

impl Rdw {
    /// As z/OS writes it: big endian, counting itself.
    pub const Z_OS: Self = Self { endian: Endian::Big, counts_itself: true, adjust: 0 };
    /// As Cobrix expects it unless told otherwise: turned round, not counting itself.
    pub const COBRIX: Self = Self { endian: Endian::Swapped, counts_itself: false, adjust: 0 };
}

impl Framing {
    /// Records cut as told, no byte left out, [`DEFAULT_LONGEST`].
    pub const fn new(records: RecordFormat) -> Self {
        Self {
            records,
            skip_start: 0,
            skip_end: 0,
            record_skip_start: 0,
            record_skip_end: 0,
            ignore_leftover: false,
            longest: DEFAULT_LONGEST,
        }
    }

    /// `RECFM=F` or `FB` with this `LRECL`.
    pub const fn z_os_fixed(length: u32) -> Self {
        Self::new(RecordFormat::Fixed { length })
    }

    /// `RECFM=V`, or `VB` whose block descriptor words the transfer left out: the usual case.
    pub const fn z_os_variable() -> Self {
        Self { longest: Z_OS_LONGEST, ..Self::new(RecordFormat::Variable(Rdw::Z_OS)) }
    }

    /// `RECFM=VB` with its block descriptor words.
    pub const fn z_os_variable_blocked() -> Self {
        let records = RecordFormat::VariableBlocked { rdw: Rdw::Z_OS, bdw: Rdw::Z_OS };
        Self { longest: Z_OS_LONGEST, ..Self::new(records) }
    }

    /// `RECFM=VS` or `VBS` with its block descriptor words. A spanned record may be longer than a block, so the longest
    /// is [`DEFAULT_LONGEST`].
    pub const fn z_os_spanned() -> Self {
        Self::new(RecordFormat::Spanned { rdw: Rdw::Z_OS, bdw: Some(Rdw::Z_OS) })
    }

    /// `RECFM=VS` or `VBS` whose block descriptor words the transfer left out.
    pub const fn z_os_spanned_without_blocks() -> Self {
        Self::new(RecordFormat::Spanned { rdw: Rdw::Z_OS, bdw: None })
    }

    /// A text file of z/OS Unix: EBCDIC lines ended by NEL.
    pub const fn z_os_unix_text() -> Self {
        Self::new(RecordFormat::Lines { most: Z_OS_LONGEST, end: LineEnd::Nel })
    }

    /// What Cobrix calls `record_format = V` and expects unless told otherwise.
    pub const fn cobrix_variable() -> Self {
        Self::new(RecordFormat::Variable(Rdw::COBRIX))
    }

    /// What Cobrix calls `record_format = VB` and expects unless told otherwise.
    pub const fn cobrix_variable_blocked() -> Self {
        Self::new(RecordFormat::VariableBlocked { rdw: Rdw::COBRIX, bdw: Rdw::COBRIX })
    }

    /// Says what in these settings can't be.
    pub fn check(&self) -> Result<(), SettingsError> {
        let longest = self.longest;
        let skipped = u64::from(self.record_skip_start) + u64::from(self.record_skip_end);
        if longest == 0 {
            return Err(SettingsError("the longest record is said to have 0 bytes: give at least 1".into()));
        }
        if skipped > u64::from(longest) {
            return Err(SettingsError(format!(
                "{skipped} bytes of each record are to be left out, but the longest record has {longest}: leave out \
                 fewer or raise the longest"
            )));
        }
        match self.records {
            RecordFormat::Fixed { length: 0 } | RecordFormat::FixedBlocked { length: 0, .. } => {
                Err(SettingsError("a record of fixed length is said to have 0 bytes: give the record length".into()))
            }
            RecordFormat::Fixed { length } | RecordFormat::FixedBlocked { length, .. } if length > longest => {
                Err(SettingsError(format!(
                    "the record length {length} is above the longest record, {longest} bytes: raise the longest"
                )))
            }
            RecordFormat::Fixed { length } | RecordFormat::FixedBlocked { length, .. }
                if skipped > u64::from(length) =>
            {
                Err(SettingsError(format!(
                    "{skipped} bytes of each record are to be left out, but a record has {length}: leave out fewer; the \
                 record length counts them"
                )))
            }
            RecordFormat::LengthField(field) => field.check(longest),
            _ => Ok(()),
        }
    }
}

impl LengthField {
    fn check(&self, longest: u32) -> Result<(), SettingsError> {
        let most = match self.number {
            LengthNumber::BinaryBig | LengthNumber::BinaryLittle => 8,
            LengthNumber::Packed => 10,
            LengthNumber::Zoned | LengthNumber::AsciiText => 18,
        };
        if self.length == 0 || self.length > most {
            return Err(SettingsError(format!(
                "the length field has {} bytes: a number written like that has 1 to {most}",
                self.length
            )));
        }
        if u64::from(self.offset) + u64::from(self.length) > u64::from(longest) {
            return Err(SettingsError(format!(
                "the length field ends at byte {} of a record, but the longest record has {longest} bytes: raise the \
                 longest or move the field",
                u64::from(self.offset) + u64::from(self.length)
            )));
        }
        Ok(())
    }

    /// Bytes from the record's beginning to the field's end.
    pub(super) fn end(&self) -> u32 {
        self.offset.saturating_add(self.length)
    }
}
