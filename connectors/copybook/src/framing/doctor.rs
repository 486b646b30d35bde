//! Which framings would explain a file, by its first bytes: all of them are tried, and each tells what speaks for it.

use super::{
    Endian, Framer, Framing, LineEnd, Rdw, RecordFormat, Step, Z_OS_LONGEST, descriptor::Kind, periods, text, view,
};

/// Bytes of the sample that are looked at.
const LOOKED_AT: usize = 64 * 1024;

/// Record lengths tried where the layout's doesn't fit.
const LONGEST_PERIOD: usize = 4_096;

/// What the layout says of the length of records, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordLengths {
    /// The shortest record.
    pub least: u32,
    /// The longest record.
    pub most: u32,
}

/// A framing that may be the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hypothesis {
    /// How the file would be read.
    pub framing: Framing,
    /// What else happened to the file; then it can't be read rightly, and has to be transferred again.
    pub damage: Option<Damage>,
    /// What characters the sample seems to be in.
    pub text: Characters,
    /// 0 to 100. Above 80 there is little doubt; below 40 it is a guess.
    pub score: u8,
    /// Whole records found in the sample.
    pub records: u64,
    /// What speaks for it and against it, in words.
    pub reasons: Vec<String>,
}

/// What a transfer did to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Damage {
    /// A carriage return was put before each byte 0x0A.
    CarriageReturns,
    /// Bytes that are no text were converted from EBCDIC to ASCII as if they were.
    ConvertedToAscii,
}

/// What characters bytes seem to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Characters {
    /// Mostly letters, digits and blanks of ASCII.
    Ascii,
    /// Mostly letters, digits and blanks of EBCDIC.
    Ebcdic,
    /// Neither.
    Unclear,
}

/// What is known of the file.
struct Evidence<'s> {
    sample: &'s [u8],
    file_length: Option<u64>,
    lengths: RecordLengths,
    characters: Characters,
}

/// Ranks the framings that explain a file's first bytes, the best first; some tens of kilobytes are plenty. With
/// `file_length`, the whole file's bytes, a fixed record length can be told much better. Nothing in the answer is
/// certain: it is for a person to choose from.
pub fn diagnose(sample: &[u8], file_length: Option<u64>, record_lengths: &RecordLengths) -> Vec<Hypothesis> {
    let sample = sample.get(..LOOKED_AT).unwrap_or(sample);
    if sample.is_empty() {
        return Vec::new();
    }
    let evidence = Evidence { sample, file_length, lengths: *record_lengths, characters: characters(sample) };
    let mut found = evidence.descriptor_words();
    let words_fit = found.iter().any(|hypothesis| hypothesis.score >= 60);
    found.extend(evidence.lines());
    let fixed = evidence.fixed();
    found.extend(evidence.stripped(&fixed, words_fit));
    found.extend(evidence.carriage_returns(&fixed));
    found.extend(fixed);
    found.extend(evidence.converted(&found));
    found.sort_by_key(|hypothesis| std::cmp::Reverse(hypothesis.score));
    found
}

fn characters(sample: &[u8]) -> Characters {
    let count = |is: fn(u8) -> bool| sample.iter().filter(|byte| is(**byte)).count();
    let (ascii, ebcdic) = (count(text::ascii_word), count(text::ebcdic_word));
    let mostly = |these: usize, others: usize| these * 4 > sample.len() && these > others * 2;
    if mostly(ascii, ebcdic) {
        Characters::Ascii
    } else if mostly(ebcdic, ascii) {
        Characters::Ebcdic
    } else {
        Characters::Unclear
    }
}

/// What a framing makes of the sample.
#[derive(Default)]
struct Outcome {
    records: u64,
    /// Records whose length the layout allows.
    as_layout: u64,
    /// Records that are descriptor words with something behind them, to their very end.
    nested: u64,
    /// Bytes of the records, without descriptor words.
    bytes: u64,
    wrong: Option<String>,
}

impl Evidence<'_> {
    fn hypothesis(&self, framing: Framing, score: u64, records: u64, reasons: Vec<String>) -> Hypothesis {
        let score = u8::try_from(score.min(100)).unwrap_or(100);
        Hypothesis { framing, damage: None, text: self.characters, score, records, reasons }
    }

    /// Whether the sample is the whole file.
    fn whole(&self) -> bool {
        self.file_length == Some(view::length(self.sample))
    }

    fn try_framing(&self, framing: Framing, nested: Option<Rdw>) -> Outcome {
        let mut outcome = Outcome::default();
        let Ok(mut framer) = Framer::new(framing) else { return outcome };
        loop {
            match framer.next(self.sample, 0, self.whole()) {
                Ok(Step::Record(record)) => {
                    let length = view::length(record.bytes);
                    let allowed = u64::from(self.lengths.least)..=u64::from(self.lengths.most);
                    outcome.records += 1;
                    outcome.bytes += length;
                    outcome.as_layout += u64::from(allowed.contains(&length));
                    outcome.nested += u64::from(nested.is_some_and(|rdw| is_block(record.bytes, rdw)));
                }
                Ok(Step::More { .. } | Step::End) => return outcome,
                Err(error) => {
                    outcome.wrong = Some(error.found);
                    return outcome;
                }
            }
        }
    }

    /// All kinds of descriptor words.
    fn descriptor_words(&self) -> Vec<Hypothesis> {
        let words = || {
            let orders = [Endian::Big, Endian::Little, Endian::Swapped].into_iter();
            orders.flat_map(|endian| [true, false].map(|counts_itself| Rdw { endian, counts_itself, adjust: 0 }))
        };
        let mut found = Vec::new();
        for rdw in words() {
            let unblocked = [RecordFormat::Variable(rdw), RecordFormat::Spanned { rdw, bdw: None }];
            let blocked = words().map(|bdw| RecordFormat::VariableBlocked { rdw, bdw });
            let spanned = words().map(|bdw| RecordFormat::Spanned { rdw, bdw: Some(bdw) });
            let formats = unblocked.into_iter().chain(blocked).chain(spanned);
            found.extend(formats.filter_map(|records| self.words(records, rdw)));
        }
        found
    }

    fn words(&self, records: RecordFormat, rdw: Rdw) -> Option<Hypothesis> {
        let spanned = matches!(records, RecordFormat::Spanned { .. });
        let longest = if spanned { super::DEFAULT_LONGEST } else { Z_OS_LONGEST.max(self.lengths.most) };
        let framing = Framing { longest, ..Framing::new(records) };
        let nested = matches!(records, RecordFormat::Variable(_)).then_some(rdw);
        let outcome = self.try_framing(framing, nested);
        // Zeros are records without bytes to a word that doesn't count itself.
        if outcome.records == 0 || outcome.bytes < outcome.records {
            return None;
        }
        let mut reasons = vec![format!("{} fit behind {}", count(outcome.records), describe(records, rdw))];
        if let Some(wrong) = outcome.wrong {
            if outcome.records < 4 {
                return None;
            }
            reasons.push(format!("then {wrong}"));
            return Some(self.hypothesis(framing, 25, outcome.records, reasons));
        }
        let mut score = match outcome.records {
            1 => 55,
            2 => 75,
            _ => 86,
        };
        if outcome.as_layout == outcome.records {
            score += 12;
            reasons.push("all of them have a length that the layout allows".into());
        } else {
            score -= 30 * (outcome.records - outcome.as_layout) / outcome.records;
            reasons.push(format!("{} of them have a length that the layout allows", outcome.as_layout));
        }
        if outcome.nested == outcome.records {
            score = score.saturating_sub(50);
            reasons.push("each of them is itself made of records behind such words, as a block is".into());
        }
        if spanned && !self.has_segments(records) {
            score = score.saturating_sub(10);
            reasons.push("no record is in more than one segment, so the records may not be spanned".into());
        }
        Some(self.hypothesis(framing, score, outcome.records, reasons))
    }

    /// Whether a file that can be read as spanned can't be read otherwise.
    fn has_segments(&self, records: RecordFormat) -> bool {
        let RecordFormat::Spanned { rdw, bdw } = records else { return false };
        let plain = match bdw {
            Some(bdw) => RecordFormat::VariableBlocked { rdw, bdw },
            None => RecordFormat::Variable(rdw),
        };
        let outcome = self.try_framing(Framing { longest: super::DEFAULT_LONGEST, ..Framing::new(plain) }, None);
        outcome.wrong.is_some()
    }

    fn lines(&self) -> Vec<Hypothesis> {
        let mut found = Vec::new();
        for (end, name) in [
            (LineEnd::Lf, "LF (0x0A), or CR LF"),
            (LineEnd::Nel, "EBCDIC NEL (0x15)"),
            (LineEnd::EbcdicLf, "EBCDIC LF (0x25)"),
        ] {
            let most = Z_OS_LONGEST.max(self.lengths.most);
            let framing = Framing::new(RecordFormat::Lines { most, end });
            let outcome = self.try_framing(framing, None);
            let ends = occurrences(self.sample, &[end.byte()]);
            if ends < 2 || outcome.wrong.is_some() {
                continue;
            }
            let is_text = match end {
                LineEnd::Lf => text::ascii,
                LineEnd::Nel | LineEnd::EbcdicLf => text::ebcdic,
            };
            let utf8 = end == LineEnd::Lf && is_utf8(self.sample);
            let others = self.sample.iter().filter(|byte| {
                is_text(**byte).is_none()
                    && (byte.is_ascii() || !utf8)
                    && !matches!(**byte, b'\r' | b'\t')
                    && **byte != end.byte()
            });
            let percent = (others.count() * 100).div_ceil(self.sample.len());
            let mut reasons = vec![format!("{} end with {name}", count(outcome.records))];
            let mut score = if percent == 0 {
                reasons.push("everything else is text".into());
                90
            } else {
                reasons.push(format!("up to {percent} % of the bytes are neither text nor line ends"));
                70_u64.saturating_sub(u64::try_from(percent).unwrap_or(100) * 3)
            };
            if outcome.as_layout == outcome.records {
                score += 8;
                reasons.push("all lines have a length that the layout allows".into());
            }
            found.push(self.hypothesis(framing, score, outcome.records, reasons));
        }
        found
    }

    /// Records of fixed length: the layout's, and the length the bytes repeat with.
    fn fixed(&self) -> Vec<Hypothesis> {
        let mut lengths = vec![self.lengths.most, self.lengths.least];
        lengths.extend(self.best_period());
        lengths.sort_unstable();
        lengths.dedup();
        lengths.into_iter().filter(|length| *length > 0).filter_map(|length| self.fixed_with(length)).collect()
    }

    fn fixed_with(&self, length: u32) -> Option<Hypothesis> {
        let framing = Framing { longest: super::DEFAULT_LONGEST.max(length), ..Framing::z_os_fixed(length) };
        let period = usize::try_from(length).ok()?;
        let records = view::length(self.sample) / u64::from(length);
        if records == 0 {
            return None;
        }
        let agreement = periods::agreement(self.sample, period);
        let mut score = 15;
        let mut reasons = Vec::new();
        match self.file_length {
            Some(all) if all.is_multiple_of(u64::from(length)) => {
                score += 20;
                reasons.push(format!("{all} bytes are {} of {length} bytes", count(all / u64::from(length))));
            }
            Some(all) => {
                let left = all % u64::from(length);
                reasons.push(format!("{all} bytes are no multiple of {length}: {left} would be left"));
                if agreement >= 50 {
                    score += 10;
                    reasons.push(format!(
                        "a header and a trailer of {left} bytes together would explain that: see \"skip_start\" and \
                         \"skip_end\""
                    ));
                }
            }
            None => score += 10,
        }
        score += u64::from(agreement) * 3 / 10;
        reasons.push(format!("bytes agree with those {length} before them {agreement} % better than by chance"));
        let RecordLengths { least, most } = self.lengths;
        if least == most && length == most {
            score += 20;
            reasons.push("it is the layout's length".into());
        } else if length == most || length == least {
            score += 8;
            reasons.push("it is the layout's longest or shortest length".into());
        } else if (least..=most).contains(&length) {
            score += 4;
        } else {
            score -= if least == most { 0 } else { 10 };
            reasons.push("the layout allows no such length".into());
        }
        Some(self.hypothesis(framing, score, records, reasons))
    }

    /// The length that the bytes repeat with best, if any: one that divides the file, if its length is known.
    fn best_period(&self) -> Option<u32> {
        let mut best = (20, None);
        for length in 2..=LONGEST_PERIOD.min(self.sample.len() / 3) {
            let divides = |all: u64| u64::try_from(length).is_ok_and(|length| all.is_multiple_of(length));
            if !self.file_length.is_none_or(divides) {
                continue;
            }
            // Twice the record length agrees about as well.
            let agreement = periods::agreement(self.sample.get(..8_192).unwrap_or(self.sample), length);
            if agreement > best.0 + 5 {
                best = (agreement, u32::try_from(length).ok());
            }
        }
        best.1
    }

    /// Records of different lengths without any marks.
    fn stripped(&self, fixed: &[Hypothesis], words_fit: bool) -> Option<Hypothesis> {
        let RecordLengths { least, most } = self.lengths;
        if least == most {
            return None;
        }
        let mut reasons = vec![format!("the layout has records of {least} to {most} bytes")];
        let repeats = fixed.iter().any(|hypothesis| hypothesis.score >= 55);
        let score = if words_fit {
            reasons.push("but descriptor words fit".into());
            10
        } else if repeats {
            reasons.push("no descriptor words fit, but a fixed length does".into());
            35
        } else {
            reasons
                .push("no descriptor words fit, and no fixed length does: a transfer has probably removed them".into());
            62
        };
        Some(self.hypothesis(Framing::new(RecordFormat::ByLayout), score, 0, reasons))
    }

    /// A file of fixed length in which each 0x0A was made 0x0D0A.
    fn carriage_returns(&self, fixed: &[Hypothesis]) -> Option<Hypothesis> {
        let feeds = occurrences(self.sample, b"\n");
        let pairs = occurrences(self.sample, b"\r\n");
        let length = self.lengths.most;
        if pairs < 2 || pairs < feeds || self.characters == Characters::Ascii || self.lengths.least != length {
            return None;
        }
        let mut repaired = Vec::with_capacity(self.sample.len());
        for (index, byte) in self.sample.iter().enumerate() {
            if !(*byte == b'\r' && self.sample.get(index + 1) == Some(&b'\n')) {
                repaired.push(*byte);
            }
        }
        let period = usize::try_from(length).ok().filter(|period| *period > 0)?;
        let before = periods::agreement(self.sample, period);
        let after = periods::agreement(&repaired, period);
        let whole = self.whole() && repaired.len().is_multiple_of(period) && !self.sample.len().is_multiple_of(period);
        let score = 45 + if whole { 35 } else { 0 } + u64::from(after.saturating_sub(before)) / 2;
        let mut reasons = vec![format!("all {pairs} bytes 0x0A have 0x0D before them, in a file that isn't text")];
        reasons.push(format!("without these 0x0D, bytes agree {after} % better than by chance instead of {before} %"));
        if whole {
            reasons.push(format!("without them, the file is a multiple of {length} bytes"));
        }
        reasons.push("transfer the file again in binary".into());
        let records = view::length(&repaired) / u64::from(length);
        let best = fixed.iter().map(|hypothesis| hypothesis.score).max().unwrap_or(0);
        let score = if after > before || whole { score } else { score.min(u64::from(best.saturating_sub(1))) };
        let damaged = self.hypothesis(Framing::z_os_fixed(length), score, records, reasons);
        Some(Hypothesis { damage: Some(Damage::CarriageReturns), ..damaged })
    }

    /// A file in ASCII that still holds bytes that are no text: what packed and binary numbers become by a conversion.
    fn converted(&self, found: &[Hypothesis]) -> Option<Hypothesis> {
        let utf8 = is_utf8(self.sample);
        let is_text =
            |byte: u8| text::ascii(byte).is_some() || matches!(byte, b'\r' | b'\n' | b'\t') || utf8 && !byte.is_ascii();
        let others = self.sample.iter().filter(|byte| !is_text(**byte)).count();
        let substituted = self.sample.iter().filter(|byte| matches!(**byte, 0x1A | 0x3F | 0x80..)).count();
        let best = found.iter().max_by_key(|hypothesis| hypothesis.score)?;
        let marked = matches!(
            best.framing.records,
            RecordFormat::Variable(_) | RecordFormat::VariableBlocked { .. } | RecordFormat::Spanned { .. }
        );
        if self.characters != Characters::Ascii || others * 50 < self.sample.len() || substituted == 0 || marked {
            return None;
        }
        let mut reasons = best.reasons.clone();
        reasons.push(format!(
            "the text is ASCII, but {others} of {} bytes are no text: if the file comes from a mainframe, packed and \
             binary numbers were destroyed by a conversion; transfer it again in binary",
            self.sample.len()
        ));
        let score = best.score.saturating_add(1).min(100);
        Some(Hypothesis { damage: Some(Damage::ConvertedToAscii), score, reasons, ..best.clone() })
    }
}

/// Whether a record is made of records behind descriptor words, to its very end.
fn is_block(bytes: &[u8], rdw: Rdw) -> bool {
    let mut rest = bytes;
    while let Some((&[a, b, c, d], behind)) = rest.split_first_chunk::<4>() {
        let length = rdw.plausible(Kind::Record, [a, b, c, d], Z_OS_LONGEST).filter(|length| *length > 0);
        let inside = length.and_then(|length| usize::try_from(length).ok()).and_then(|length| behind.get(length..));
        match inside {
            Some([]) => return true,
            Some(left) => rest = left,
            None => return false,
        }
    }
    false
}

/// Whether this is UTF-8, the last character perhaps cut.
fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// How often these bytes occur.
fn occurrences(bytes: &[u8], these: &[u8]) -> usize {
    bytes.windows(these.len()).filter(|window| *window == these).count()
}

fn count(records: u64) -> String {
    if records == 1 { "1 record".into() } else { format!("{records} records") }
}

/// Descriptor words in words.
fn describe(records: RecordFormat, rdw: Rdw) -> String {
    let (bdw, name) = match records {
        RecordFormat::VariableBlocked { bdw, .. } => (Some(bdw), "record"),
        RecordFormat::Spanned { bdw, .. } => (bdw, "segment"),
        _ => (None, "record"),
    };
    match bdw {
        Some(bdw) if bdw == rdw => format!("block and {name} descriptor words, {}", order(rdw)),
        Some(bdw) => {
            format!("block descriptor words, {}, and {name} descriptor words, {}", order(bdw), order(rdw))
        }
        None => format!("{name} descriptor words, {}", order(rdw)),
    }
}

fn order(word: Rdw) -> String {
    let order = match word.endian {
        Endian::Big => "big endian",
        Endian::Little | Endian::LittleInEitherHalf => "little endian",
        Endian::Swapped => "turned round (Cobrix's order)",
    };
    let itself = if word.counts_itself { "counting themselves" } else { "not counting themselves" };
    format!("{order}, {itself}")
}
