//! From the peer's options to the settings of a copybook format: what a pipeline would say.

use campaignd_copybook::Dialect;
use campaignd_copybook::layout::{Arrangement, Records};
use campaignd_copybook::source::Form;
use campaignd_formats::{
    BeyondPicture, CopybookByteOrder, CopybookDescriptor, CopybookDisplayNumbers, CopybookFraming, CopybookRedefines,
    CopybookSettings, CopybookShortRecords, CopybookSigns, CopybookTables, CopybookTrim, CopybookWrongCounters,
    ExtraBytes, NullNumber,
};

use super::options::{Preset, RecordFormat, Tables, Word};
use super::plan::Plan;

impl Preset {
    /// How the copybook is written and laid out.
    pub fn dialect(&self) -> Dialect {
        let (before, last) = self.comments;
        Dialect {
            form: Form::Between { before, last },
            arrangement: Arrangement {
                records: Records::OneBehindTheOther,
                text_counters: true,
                redefined_tables: true,
                empty_groups: true,
            },
        }
    }

    /// The settings, of which `given` says only where the copybook is and how the file is compressed. Before the copybook
    /// was read there is no plan, and the length of records isn't known.
    pub fn settings(&self, given: CopybookSettings, plan: Option<&Plan>) -> Result<CopybookSettings, String> {
        let only = CopybookSettings {
            copies: given.copies.clone(),
            pgp: given.pgp.clone(),
            compression: given.compression,
            archive: given.archive.clone(),
            ..CopybookSettings::new(given.copybook.clone())
        };
        if given != only {
            return Err(
                "the format file may say `copybook`, `copies`, `pgp`, `compression` and `archive`; the rest are options of \
                        Cobrix: write them in [options]"
                    .into(),
            );
        }
        let framing = self.framing();
        let is_fixed = matches!(framing, CopybookFraming::Fixed | CopybookFraming::FixedBlocked);
        let blocks = matches!(framing, CopybookFraming::FixedBlocked | CopybookFraming::VariableBlocked);
        let variable = matches!(framing, CopybookFraming::Variable | CopybookFraming::VariableBlocked);
        let (before, behind) = plan.map_or((0, 0), Plan::header_and_trailer);
        let nulls =
            if self.improved_null_detection { vec![NullNumber::Blanks, NullNumber::LowValues] } else { Vec::new() };
        Ok(CopybookSettings {
            code_page: if self.is_ascii() { "ascii".into() } else { "cp037".into() },
            framing,
            record_length: plan.filter(|_| is_fixed).map(|plan| self.length(plan)),
            descriptor: if variable { descriptor(self.rdw) } else { CopybookDescriptor::default() },
            block_descriptor: blocks.then(|| descriptor(self.bdw)),
            skip_start: self.file_start_offset.saturating_add(before),
            skip_end: self.file_end_offset.saturating_add(behind),
            leftover: if self.ignore_leftover && framing == CopybookFraming::Fixed {
                ExtraBytes::Ignore
            } else {
                ExtraBytes::Reject
            },
            tables: if self.tables == Tables::MaxSize { CopybookTables::Full } else { CopybookTables::Counted },
            wrong_counters: CopybookWrongCounters::Full,
            floating: self.floating,
            signs: CopybookSigns::Preferred,
            display_numbers: if self.strict_sign_overpunching {
                CopybookDisplayNumbers::Lenient
            } else {
                CopybookDisplayNumbers::LenientSigns
            },
            beyond_picture: vec![BeyondPicture::Binary, BeyondPicture::Packed],
            short_records: CopybookShortRecords::Null,
            redefines: CopybookRedefines::All,
            trim: CopybookTrim::None,
            null_numbers: nulls,
            extra_bytes: ExtraBytes::Ignore,
            ..given
        })
    }

    fn framing(&self) -> CopybookFraming {
        match self.record_format {
            _ if self.record_length_field.is_some() => CopybookFraming::Layout,
            RecordFormat::Fixed if self.tables == Tables::ShiftRecord => CopybookFraming::Layout,
            RecordFormat::FixedBlocked if !self.blocks_without_words => CopybookFraming::FixedBlocked,
            RecordFormat::Fixed | RecordFormat::FixedBlocked => CopybookFraming::Fixed,
            RecordFormat::Variable => CopybookFraming::Variable,
            RecordFormat::VariableBlocked => CopybookFraming::VariableBlocked,
            RecordFormat::Text => CopybookFraming::Lines,
        }
    }

    /// Bytes of a fixed record.
    fn length(&self, plan: &Plan) -> u32 {
        let described = plan.layout.longest(plan.shape.root).saturating_sub(plan.excluded());
        let own = self.record_length.unwrap_or(described);
        own.saturating_add(self.record_start_offset).saturating_add(self.record_end_offset)
    }
}

impl Plan {
    /// Bytes of header and trailer.
    fn header_and_trailer(&self) -> (u64, u64) {
        let mut lengths = self.shape.excluded.iter().map(|id| u64::from(self.layout.items[*id].total_length()));
        let header = if self.preset.record_header_name.is_some() { lengths.next() } else { None };
        (header.unwrap_or(0), lengths.next().unwrap_or(0))
    }

    /// Bytes of both, as the layout has them.
    fn excluded(&self) -> u32 {
        self.shape.excluded.iter().map(|id| self.layout.items[*id].total_length()).sum()
    }
}

fn descriptor(word: Word) -> CopybookDescriptor {
    CopybookDescriptor {
        byte_order: if word.big_endian { CopybookByteOrder::Big } else { CopybookByteOrder::LittleInEitherHalf },
        counts_itself: word.counts_itself,
        adjust: word.adjustment,
    }
}
