//! From settings to what cuts a file into records.

use std::sync::Arc;

use campaignd_contract::{Error, Result};
use campaignd_copybook::decode::Length;
use campaignd_copybook::framing::{
    Endian, Framer, Framing, LengthAnswer, LengthOf, LineEnd, Rdw, RecordFormat, SettingsError,
};
use campaignd_copybook::routing::Chosen;

use super::loaded::Loaded;
use super::settings::{CopybookByteOrder, CopybookDescriptor, CopybookFraming, CopybookSettings, ExtraBytes};
use super::spanned;

/// Cuts the content into records of at most `longest` bytes, or of as many as the copybook has. `length_of` tells the
/// length of records without marks where the copybook doesn't.
pub(super) fn framer(
    settings: &CopybookSettings,
    loaded: &Arc<Loaded>,
    longest: usize,
    length_of: Option<LengthOf>,
) -> Result<Framer> {
    let skipped = settings.record_skip_start.saturating_add(settings.record_skip_end);
    let described = loaded.longest.saturating_add(skipped);
    let longest = u32::try_from(longest).unwrap_or(u32::MAX).max(described).max(loaded.record_length.unwrap_or(0));
    let length = loaded.record_length.unwrap_or(described);
    let (rdw, bdw) = (rdw(settings), bdw(settings));
    let records = match settings.framing {
        CopybookFraming::Fixed => RecordFormat::Fixed { length },
        CopybookFraming::FixedBlocked => RecordFormat::FixedBlocked { length, bdw },
        CopybookFraming::Variable => RecordFormat::Variable(rdw),
        CopybookFraming::VariableBlocked => RecordFormat::VariableBlocked { rdw, bdw },
        CopybookFraming::Lines => RecordFormat::Lines { most: longest, end: LineEnd::Lf },
        CopybookFraming::Layout => RecordFormat::ByLayout,
        CopybookFraming::Spanned | CopybookFraming::SpannedWithoutBlocks => {
            return Framer::new(spanned::framing(longest, settings)).map_err(|wrong| no_framing(&wrong));
        }
    };
    let framing = Framing {
        skip_start: settings.skip_start,
        skip_end: settings.skip_end,
        record_skip_start: settings.record_skip_start,
        record_skip_end: settings.record_skip_end,
        ignore_leftover: settings.leftover == ExtraBytes::Ignore,
        longest,
        ..Framing::new(records)
    };
    let made = if records == RecordFormat::ByLayout {
        let length_of = length_of.unwrap_or_else(|| by_copybook(loaded, settings));
        Framer::by_layout(framing, length_of)
    } else {
        Framer::new(framing)
    };
    made.map_err(|wrong| no_framing(&wrong))
}

/// Puts the segments of spanned records together, in a stream of their own; `None` where records aren't spanned.
pub(super) fn spanned_framer(settings: &CopybookSettings) -> Result<Option<Framer>> {
    let bdw = match settings.framing {
        CopybookFraming::Spanned => Some(bdw(settings)),
        CopybookFraming::SpannedWithoutBlocks => None,
        _ => return Ok(None),
    };
    let framing = Framing {
        skip_start: settings.skip_start,
        skip_end: settings.skip_end,
        ..Framing::new(RecordFormat::Spanned { rdw: rdw(settings), bdw })
    };
    Framer::new(framing).map(Some).map_err(|wrong| no_framing(&wrong))
}

fn rdw(settings: &CopybookSettings) -> Rdw {
    word(settings.descriptor)
}

fn bdw(settings: &CopybookSettings) -> Rdw {
    word(settings.block_descriptor.unwrap_or(settings.descriptor))
}

fn word(descriptor: CopybookDescriptor) -> Rdw {
    Rdw {
        endian: match descriptor.byte_order {
            CopybookByteOrder::Big => Endian::Big,
            CopybookByteOrder::Little => Endian::Little,
            CopybookByteOrder::Swapped => Endian::Swapped,
            CopybookByteOrder::LittleInEitherHalf => Endian::LittleInEitherHalf,
        },
        counts_itself: descriptor.counts_itself,
        adjust: descriptor.adjust,
    }
}

fn no_framing(wrong: &SettingsError) -> Error {
    Error::permanent("use", "the framing of the copybook format", wrong.to_string())
}

/// Tells how long a record is that has no marks: as the copybook says, and the bytes that are left out.
fn by_copybook(loaded: &Arc<Loaded>, settings: &CopybookSettings) -> LengthOf {
    let (loaded, mut decoder, mut chosen) = (Arc::clone(loaded), loaded.decoder(), Chosen::default());
    let bytes_of = |skipped: u32| usize::try_from(skipped).unwrap_or(usize::MAX);
    let (before, behind) = (bytes_of(settings.record_skip_start), bytes_of(settings.record_skip_end));
    Box::new(move |bytes: &[u8]| {
        let Some(record) = bytes.get(before..) else { return LengthAnswer::Needs(before.saturating_add(1)) };
        if !loaded.choices.choose(record, &decoder, &mut chosen) {
            return LengthAnswer::Wrong("no condition of [format.when] holds for it".into());
        }
        let wanted = &chosen.wanted;
        match decoder.length(chosen.record, record, &mut |item| wanted[item]) {
            Length::Is(length) => LengthAnswer::Is(length.saturating_add(before).saturating_add(behind)),
            Length::Needs(bytes) => LengthAnswer::Needs(bytes.saturating_add(before)),
            Length::Unknown(fault) => {
                LengthAnswer::Wrong(format!("{}: {}", loaded.layout.path(fault.item), fault.reason))
            }
        }
    })
}
