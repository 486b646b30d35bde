//! What the peer's options say, by its own names: one table of all of them, and what they set.

use std::collections::BTreeMap;

use campaignd_formats::CopybookFloating;

use super::words::{arrow, json, list, number, one_of, yes};
use crate::config::did_you_mean;

/// What the options say. The defaults are the peer's.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "the peer's options are")]
pub struct Preset {
    pub(super) record_format: RecordFormat,
    pub(super) ascii: Option<bool>,
    pub(super) code_page: String,
    pub(super) charset: String,
    /// Fields with a code page or charset of their own: its name, and theirs.
    pub(super) field_code_pages: Vec<(String, Vec<String>)>,
    pub(super) utf16_little_endian: bool,
    pub(super) floating: CopybookFloating,
    pub(super) trim: Trim,
    pub(super) display_as_text: bool,
    pub(super) strict_sign_overpunching: bool,
    pub(super) improved_null_detection: bool,
    pub(super) strict_integral_precision: bool,
    pub(super) binary_as_hex: bool,
    pub(super) tables: Tables,
    /// Of each table, how many entries a word means.
    pub(super) occurs_mappings: BTreeMap<String, BTreeMap<String, u32>>,
    pub(super) record_length: Option<u32>,
    pub(super) minimum_record_length: usize,
    pub(super) maximum_record_length: usize,
    pub(super) record_length_field: Option<String>,
    pub(super) record_length_map: BTreeMap<String, i64>,
    pub(super) rdw: Word,
    pub(super) bdw: Word,
    /// Whether it is known how long blocks are, so that no word stands before them.
    pub(super) blocks_without_words: bool,
    pub(super) file_start_offset: u64,
    pub(super) file_end_offset: u64,
    pub(super) record_start_offset: u32,
    pub(super) record_end_offset: u32,
    pub(super) record_header_name: Option<String>,
    pub(super) record_trailer_name: Option<String>,
    pub(super) ignore_leftover: bool,
    pub(super) segment_field: Option<String>,
    pub(super) segment_filter: Option<Vec<String>>,
    /// Segment ids of each level.
    pub(super) segment_levels: BTreeMap<usize, Vec<String>>,
    pub(super) segment_id_prefix: Option<String>,
    /// Groups that redefine, and the segment ids that have them.
    pub(super) segment_groups: Vec<(String, Vec<String>)>,
    /// Groups, and those whose records are their children.
    pub(super) segment_children: Vec<(String, Vec<String>)>,
    /// Groups that redefine, and the conditions under which they are read.
    pub(super) redefine_rules: Vec<(String, String)>,
    pub(super) keep_root: bool,
    pub(super) drop_group_fillers: bool,
    pub(super) keep_value_fillers: bool,
    pub(super) fillers_after_previous: bool,
    pub(super) non_terminals: Vec<String>,
    pub(super) generate_record_id: bool,
    pub(super) generate_record_bytes: bool,
    pub(super) generate_corrupt_fields: bool,
    pub(super) file_name_column: Option<String>,
    pub(super) debug: Debug,
    /// Characters left out at the start of a copybook's lines, and the last one that is read.
    pub(super) comments: (u32, u32),
    /// What is to be said of options that change no row.
    pub(super) notes: Vec<String>,
}

/// How records are marked off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFormat {
    /// F.
    Fixed,
    /// FB.
    FixedBlocked,
    /// V.
    Variable,
    /// VB.
    VariableBlocked,
    /// D, D2.
    Text,
}

/// Which ends of text are trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trim {
    /// Both.
    Both,
    /// The start.
    Left,
    /// The end.
    Right,
    /// None.
    None,
    /// None, and control characters are kept.
    KeepAll,
}

/// How much room tables take that depend on a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// That of all entries they could have.
    MaxSize,
    /// That of the entries they have.
    ShiftRecord,
    /// The same, and records are filled up to the length they would have with all.
    PadRecord,
}

/// A descriptor word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Word {
    /// Whether its highest byte comes first.
    pub big_endian: bool,
    /// Whether its length counts its own four bytes.
    pub counts_itself: bool,
    /// What is added to its length.
    pub adjustment: i32,
}

/// What stands beside each field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debug {
    /// Nothing.
    Nothing,
    /// Its bytes in hexadecimal.
    Hex,
    /// Its bytes.
    Raw,
    /// Its bytes as text.
    Text,
}

impl Default for Preset {
    fn default() -> Self {
        Self {
            record_format: RecordFormat::Fixed,
            ascii: None,
            code_page: "common".into(),
            charset: "utf-8".into(),
            field_code_pages: Vec::new(),
            utf16_little_endian: false,
            floating: CopybookFloating::Hexadecimal,
            trim: Trim::Both,
            display_as_text: false,
            strict_sign_overpunching: true,
            improved_null_detection: true,
            strict_integral_precision: false,
            binary_as_hex: false,
            tables: Tables::MaxSize,
            occurs_mappings: BTreeMap::new(),
            record_length: None,
            minimum_record_length: 1,
            maximum_record_length: usize::MAX,
            record_length_field: None,
            record_length_map: BTreeMap::new(),
            rdw: Word::default(),
            bdw: Word::default(),
            blocks_without_words: false,
            file_start_offset: 0,
            file_end_offset: 0,
            record_start_offset: 0,
            record_end_offset: 0,
            record_header_name: None,
            record_trailer_name: None,
            ignore_leftover: false,
            segment_field: None,
            segment_filter: None,
            segment_levels: BTreeMap::new(),
            segment_id_prefix: None,
            segment_groups: Vec::new(),
            segment_children: Vec::new(),
            redefine_rules: Vec::new(),
            keep_root: false,
            drop_group_fillers: false,
            keep_value_fillers: false,
            fillers_after_previous: false,
            non_terminals: Vec::new(),
            generate_record_id: false,
            generate_record_bytes: false,
            generate_corrupt_fields: false,
            file_name_column: None,
            debug: Debug::Nothing,
            comments: (6, 72),
            notes: Vec::new(),
        }
    }
}

/// An option of the peer's.
pub struct CobrixOption {
    /// Its name, with `_` for `-`. With `:` or `#` at its end something else follows: what it is about, or a number.
    pub name: &'static str,
    effect: Effect,
}

#[derive(Clone, Copy)]
enum Effect {
    /// It sets something: from what follows its name, and its value.
    Sets(fn(&mut Preset, &str, &str) -> Result<(), String>),
    /// It changes no row, for this reason.
    ChangesNoRow(&'static str),
    /// It is refused, for this reason.
    Refused(&'static str),
}
use Effect::{ChangesNoRow, Refused, Sets};

const fn option(name: &'static str, effect: Effect) -> CobrixOption {
    CobrixOption { name, effect }
}

/// All options there are.
pub static OPTIONS: &[CobrixOption] = &[
    // How records are marked off.
    option("record_format", Sets(|preset, _, value| preset.set_record_format(value))),
    option("is_record_sequence", Sets(|preset, _, value| preset.set_format_if(value, RecordFormat::Variable))),
    option("is_xcom", Sets(|preset, _, value| preset.set_format_if(value, RecordFormat::Variable))),
    option("is_text", Sets(|preset, _, value| preset.set_format_if(value, RecordFormat::Text))),
    option("record_length", Sets(|preset, _, value| put(&mut preset.record_length, Some(number(value)?)))),
    option("minimum_record_length", Sets(|preset, _, value| put(&mut preset.minimum_record_length, number(value)?))),
    option("maximum_record_length", Sets(|preset, _, value| put(&mut preset.maximum_record_length, number(value)?))),
    option("record_length_field", Sets(|preset, _, value| put(&mut preset.record_length_field, Some(value.into())))),
    option("record_length_map", Sets(|preset, _, value| put(&mut preset.record_length_map, json(value)?))),
    option("is_rdw_big_endian", Sets(|preset, _, value| put(&mut preset.rdw.big_endian, yes(value)?))),
    option("is_bdw_big_endian", Sets(|preset, _, value| put(&mut preset.bdw.big_endian, yes(value)?))),
    option("is_rdw_part_of_record_length", Sets(|preset, _, value| put(&mut preset.rdw.counts_itself, yes(value)?))),
    option("rdw_adjustment", Sets(|preset, _, value| put(&mut preset.rdw.adjustment, number(value)?))),
    option("bdw_adjustment", Sets(|preset, _, value| put(&mut preset.bdw.adjustment, number(value)?))),
    option("block_length", Sets(|preset, _, value| preset.set_blocks(value))),
    option("records_per_block", Sets(|preset, _, value| preset.set_blocks(value))),
    option("file_start_offset", Sets(|preset, _, value| put(&mut preset.file_start_offset, number(value)?))),
    option("file_end_offset", Sets(|preset, _, value| put(&mut preset.file_end_offset, number(value)?))),
    option("record_start_offset", Sets(|preset, _, value| put(&mut preset.record_start_offset, number(value)?))),
    option("record_end_offset", Sets(|preset, _, value| put(&mut preset.record_end_offset, number(value)?))),
    option("record_header_name", Sets(|preset, _, value| put(&mut preset.record_header_name, Some(value.into())))),
    option("record_trailer_name", Sets(|preset, _, value| put(&mut preset.record_trailer_name, Some(value.into())))),
    option("debug_ignore_file_size", Sets(|preset, _, value| put(&mut preset.ignore_leftover, yes(value)?))),
    // What bytes mean.
    option("encoding", Sets(|preset, _, value| preset.set_encoding(value))),
    option("ebcdic_code_page", Sets(|preset, _, value| put(&mut preset.code_page, value.to_ascii_lowercase()))),
    option("ascii_charset", Sets(|preset, _, value| put(&mut preset.charset, value.to_ascii_lowercase()))),
    option(
        "field_code_page:",
        Sets(|preset, page, value| push(&mut preset.field_code_pages, (page.into(), list(value)))),
    ),
    option("is_utf16_big_endian", Sets(|preset, _, value| put(&mut preset.utf16_little_endian, !yes(value)?))),
    option("floating_point_format", Sets(|preset, _, value| preset.set_floating(value))),
    option("string_trimming_policy", Sets(|preset, _, value| preset.set_trim(value))),
    option("display_pic_always_string", Sets(|preset, _, value| put(&mut preset.display_as_text, yes(value)?))),
    option("strict_sign_overpunching", Sets(|preset, _, value| put(&mut preset.strict_sign_overpunching, yes(value)?))),
    option("improved_null_detection", Sets(|preset, _, value| put(&mut preset.improved_null_detection, yes(value)?))),
    option(
        "strict_integral_precision",
        Sets(|preset, _, value| put(&mut preset.strict_integral_precision, yes(value)?)),
    ),
    option("binary_as_hex", Sets(|preset, _, value| put(&mut preset.binary_as_hex, yes(value)?))),
    option("variable_size_occurs", Sets(|preset, _, value| preset.set_tables(value))),
    option("occurs_mappings", Sets(|preset, _, value| put(&mut preset.occurs_mappings, json(value)?))),
    option("occurs_mapping", Sets(|preset, _, value| put(&mut preset.occurs_mappings, json(value)?))),
    // Segments.
    option("segment_field", Sets(|preset, _, value| put(&mut preset.segment_field, Some(value.into())))),
    option("segment_filter", Sets(|preset, _, value| put(&mut preset.segment_filter, Some(list(value))))),
    option("segment_id_root", Sets(|preset, _, value| preset.set_level("0", value))),
    option("segment_id_level#", Sets(Preset::set_level)),
    option("segment_id_prefix", Sets(|preset, _, value| put(&mut preset.segment_id_prefix, Some(value.into())))),
    option("redefine_segment_id_map:", Sets(|preset, _, value| push(&mut preset.segment_groups, arrow(value)?))),
    option("segment_children:", Sets(|preset, _, value| push(&mut preset.segment_children, arrow(value)?))),
    option("redefine_rule:", Sets(|preset, _, value| preset.set_rule(value))),
    // The shape of rows.
    option("schema_retention_policy", Sets(|preset, _, value| preset.set_root(value))),
    option("drop_group_fillers", Sets(|preset, _, value| put(&mut preset.drop_group_fillers, yes(value)?))),
    option("drop_value_fillers", Sets(|preset, _, value| put(&mut preset.keep_value_fillers, !yes(value)?))),
    option("filler_naming_policy", Sets(|preset, _, value| preset.set_filler_names(value))),
    option("non_terminals", Sets(|preset, _, value| put(&mut preset.non_terminals, list(value)))),
    option("generate_record_id", Sets(|preset, _, value| put(&mut preset.generate_record_id, yes(value)?))),
    option("generate_record_bytes", Sets(|preset, _, value| put(&mut preset.generate_record_bytes, yes(value)?))),
    option("generate_corrupt_fields", Sets(|preset, _, value| put(&mut preset.generate_corrupt_fields, yes(value)?))),
    option("with_input_file_name_col", Sets(|preset, _, value| put(&mut preset.file_name_column, Some(value.into())))),
    option("debug", Sets(|preset, _, value| preset.set_debug(value))),
    // The copybook's text.
    option("truncate_comments", Sets(|preset, _, value| preset.set_truncation(value))),
    option("comments_lbound", Sets(|preset, _, value| put(&mut preset.comments.0, number(value)?))),
    option("comments_ubound", Sets(|preset, _, value| put(&mut preset.comments.1, number(value)?))),
    // What no row depends on.
    option("pedantic", ChangesNoRow("unknown options are always an error here")),
    option("metadata", ChangesNoRow("it is about the schema's notes")),
    option("enable_indexes", ChangesNoRow("it is about how the work is shared out")),
    option("enable_index_cache", ChangesNoRow("it is about how the work is shared out")),
    option("input_split_records", ChangesNoRow("it is about how the work is shared out")),
    option("input_split_size_mb", ChangesNoRow("it is about how the work is shared out")),
    option("improve_locality", ChangesNoRow("it is about how the work is shared out")),
    option("optimize_allocation", ChangesNoRow("it is about how the work is shared out")),
    option("allow_partial_records", ChangesNoRow("fields that a line ends before are null in any case")),
    option("debug_layout_positions", ChangesNoRow("`campaignd copybook layout` shows the layout")),
    option("enable_self_checks", ChangesNoRow("it is about record extractors")),
    option("strict_schema", ChangesNoRow("it is about writing")),
    option("write_null_strings_as_spaces", ChangesNoRow("it is about writing")),
    option("write_null_display_numbers_as_zeros", ChangesNoRow("it is about writing")),
    option("write_null_comp3_numbers_as_zeros", ChangesNoRow("it is about writing")),
    // What there is another way to say, or none.
    option("copybook", Refused("name it by --copybook")),
    option("copybook_contents", Refused("put it into a file, and name that by --copybook")),
    option("copybooks", Refused("several copybooks can't be merged: put them into one file as redefinitions")),
    option("path", Refused("name the file or folder as the command's argument")),
    option("paths", Refused("name the file or folder as the command's argument")),
    option("data_paths", Refused("name the file or folder as the command's argument")),
    option("ebcdic_code_page_class", Refused("it names Java code")),
    option("record_extractor", Refused("it names Java code")),
    option("record_header_parser", Refused("it names Java code")),
    option("re_additional_info", Refused("it is for Java code")),
    option("rhp_additional_info", Refused("it is for Java code")),
];

impl Preset {
    /// The peer's defaults, and what these options change of them.
    pub fn new<'o>(options: impl IntoIterator<Item = (&'o str, &'o str)>) -> Result<Self, String> {
        let mut preset = Self::default();
        for (name, value) in options {
            preset.set(name, value.trim())?;
        }
        preset.agreement()?;
        Ok(preset)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let (head, tail) = name.split_once(':').map_or((name, None), |(head, tail)| (head, Some(tail.trim())));
        let head = head.trim().to_ascii_lowercase().replace('-', "_");
        let known = OPTIONS.iter().find_map(|option| match (option.name.strip_suffix([':', '#']), tail) {
            (None, None) if option.name == head => Some((option, "")),
            (Some(name), Some(tail)) if option.name.ends_with(':') && name == head => Some((option, tail)),
            (Some(name), None) if option.name.ends_with('#') => head.strip_prefix(name).map(|tail| (option, tail)),
            _ => None,
        });
        let Some((option, tail)) = known else {
            let names: Vec<&str> = OPTIONS.iter().map(|option| option.name).collect();
            return Err(format!("there is no option `{name}`; {}", did_you_mean(&head, &names)));
        };
        match option.effect {
            Sets(set) => set(self, tail, value).map_err(|wrong| format!("option `{name}`: {wrong}")),
            ChangesNoRow(reason) => {
                self.notes.push(format!("option `{name}` changes no row: {reason}"));
                Ok(())
            }
            Refused(reason) => Err(format!("option `{name}` isn't taken: {reason}")),
        }
    }

    /// Refuses options that don't go together.
    fn agreement(&self) -> Result<(), String> {
        let needs_segments = self.segment_filter.is_some()
            || !self.segment_levels.is_empty()
            || !self.segment_groups.is_empty()
            || !self.segment_children.is_empty();
        if needs_segments && self.segment_field.is_none() {
            return Err("options about segments need `segment_field`".into());
        }
        if !self.segment_children.is_empty() && self.segment_groups.is_empty() {
            return Err("`segment_children` needs `redefine_segment_id_map`".into());
        }
        if !self.segment_children.is_empty() && !self.segment_levels.is_empty() {
            return Err("`segment_children` and `segment_id_level` can't be used together".into());
        }
        if !self.segment_children.is_empty() && (self.generate_record_bytes || self.generate_corrupt_fields) {
            return Err("`segment_children` makes a row of several records, of which there are no single bytes".into());
        }
        if self.display_as_text && self.strict_integral_precision {
            return Err("`display_pic_always_string` and `strict_integral_precision` can't be used together".into());
        }
        if self.debug == Debug::Text && self.record_format != RecordFormat::Text {
            return Err("`debug = string` is for record formats D and D2".into());
        }
        if self.minimum_record_length > self.maximum_record_length {
            return Err("`minimum_record_length` is more than `maximum_record_length`".into());
        }
        let missing = (0..self.segment_levels.len()).find(|level| !self.segment_levels.contains_key(level));
        missing
            .map_or(Ok(()), |level| Err(format!("there are deeper segment levels, but no `segment_id_level{level}`")))
    }

    /// Whether the data is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.ascii.unwrap_or(self.record_format == RecordFormat::Text)
    }

    fn set_record_format(&mut self, value: &str) -> Result<(), String> {
        self.record_format = match value.to_ascii_uppercase().as_str() {
            "F" => RecordFormat::Fixed,
            "FB" => RecordFormat::FixedBlocked,
            "V" => RecordFormat::Variable,
            "VB" => RecordFormat::VariableBlocked,
            "D" | "D2" | "T" => RecordFormat::Text,
            _ => return Err(one_of(value, "F, FB, V, VB, D, D2")),
        };
        Ok(())
    }

    fn set_format_if(&mut self, value: &str, format: RecordFormat) -> Result<(), String> {
        if yes(value)? {
            self.record_format = format;
        }
        Ok(())
    }

    fn set_blocks(&mut self, value: &str) -> Result<(), String> {
        number::<u32>(value).map(|_| self.blocks_without_words = true)
    }

    fn set_encoding(&mut self, value: &str) -> Result<(), String> {
        self.ascii = Some(match value.to_ascii_lowercase().as_str() {
            "ascii" => true,
            "ebcdic" => false,
            _ => return Err(one_of(value, "ebcdic, ascii")),
        });
        Ok(())
    }

    fn set_floating(&mut self, value: &str) -> Result<(), String> {
        self.floating = match value.to_ascii_lowercase().as_str() {
            "ibm" => CopybookFloating::Hexadecimal,
            "ieee754" => CopybookFloating::Ieee,
            "ibm_little_endian" => CopybookFloating::HexadecimalLittleEndian,
            "ieee754_little_endian" => CopybookFloating::IeeeLittleEndian,
            _ => return Err(one_of(value, "IBM, IEEE754, IBM_little_endian, IEEE754_little_endian")),
        };
        Ok(())
    }

    fn set_trim(&mut self, value: &str) -> Result<(), String> {
        self.trim = match value.to_ascii_lowercase().as_str() {
            "both" => Trim::Both,
            "left" => Trim::Left,
            "right" => Trim::Right,
            "none" => Trim::None,
            "keep_all" => Trim::KeepAll,
            _ => return Err(one_of(value, "both, left, right, none, keep_all")),
        };
        Ok(())
    }

    fn set_tables(&mut self, value: &str) -> Result<(), String> {
        self.tables = match value.to_ascii_lowercase().as_str() {
            "max_size" | "false" => Tables::MaxSize,
            "shift_record" | "true" => Tables::ShiftRecord,
            "pad_record" => Tables::PadRecord,
            _ => return Err(one_of(value, "max_size, shift_record, pad_record")),
        };
        Ok(())
    }

    fn set_level(&mut self, level: &str, value: &str) -> Result<(), String> {
        let level: usize = number(level)?;
        if level > 49 {
            return Err("there are levels 0 to 49".into());
        }
        self.segment_levels.insert(level, list(value));
        Ok(())
    }

    fn set_rule(&mut self, value: &str) -> Result<(), String> {
        let (group, rule) = value.split_once("=>").ok_or("write the group, `=>`, and the condition")?;
        self.redefine_rules.push((group.trim().into(), rule.trim().into()));
        Ok(())
    }

    fn set_root(&mut self, value: &str) -> Result<(), String> {
        self.keep_root = match value.to_ascii_lowercase().as_str() {
            "collapse_root" => false,
            "keep_original" => true,
            _ => return Err(one_of(value, "collapse_root, keep_original")),
        };
        Ok(())
    }

    fn set_filler_names(&mut self, value: &str) -> Result<(), String> {
        self.fillers_after_previous = match value.to_ascii_lowercase().as_str() {
            "sequence_numbers" => false,
            "previous_field_name" => true,
            _ => return Err(one_of(value, "sequence_numbers, previous_field_name")),
        };
        Ok(())
    }

    fn set_debug(&mut self, value: &str) -> Result<(), String> {
        self.debug = match value.to_ascii_lowercase().as_str() {
            "none" | "false" => Debug::Nothing,
            "hex" | "true" => Debug::Hex,
            "raw" | "binary" => Debug::Raw,
            "string" => Debug::Text,
            _ => return Err(one_of(value, "none, hex, binary, string")),
        };
        Ok(())
    }

    fn set_truncation(&mut self, value: &str) -> Result<(), String> {
        if !yes(value)? {
            self.comments = (0, u32::MAX);
        }
        Ok(())
    }
}

/// Sets something.
#[expect(clippy::unnecessary_wraps, reason = "it ends what may fail before")]
fn put<T>(place: &mut T, value: T) -> Result<(), String> {
    *place = value;
    Ok(())
}

/// Sets one more of something.
#[expect(clippy::unnecessary_wraps, reason = "it ends what may fail before")]
fn push<T>(places: &mut Vec<T>, value: T) -> Result<(), String> {
    places.push(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(options: &[(&str, &str)]) -> String {
        Preset::new(options.iter().copied()).err().unwrap_or_default()
    }

    #[test]
    fn names_are_spelt_in_several_ways() {
        let options = [
            ("Redefine-Segment-Id-Map:0", "A-B => C, D"),
            ("redefine_segment_id_map:1", "E => F"),
            ("segment_field", "S"),
            ("segment_id_root", "C"),
            ("segment_id_level1", "P,Q"),
            ("field_code_page:us-ascii", "X-1, Y"),
            ("record_length_map", "{\"A\": 1, \"_\": 2}"),
        ];
        let preset = Preset::new(options).unwrap();
        let group = |name: &str, ids: &[&str]| (name.to_owned(), ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(preset.segment_groups, [group("A-B", &["C", "D"]), group("E", &["F"])]);
        assert_eq!(preset.segment_levels[&1], ["P", "Q"]);
        assert_eq!(preset.field_code_pages, [group("us-ascii", &["X-1", "Y"])]);
        assert_eq!(preset.record_length_map["_"], 2);
    }

    #[test]
    fn nothing_is_ignored() {
        insta::assert_snapshot!(wrong(&[("record_fromat", "V")]), @"there is no option `record_fromat`; did you mean `record_format`?");
        insta::assert_snapshot!(wrong(&[("record_format", "X")]), @"option `record_format`: `X` is none of F, FB, V, VB, D, D2");
        insta::assert_snapshot!(wrong(&[("record_extractor", "com.example.A")]), @"option `record_extractor` isn't taken: it names Java code");
        insta::assert_snapshot!(wrong(&[("segment_filter", "A")]), @"options about segments need `segment_field`");
        insta::assert_snapshot!(wrong(&[("record_length", "many")]), @"option `record_length`: `many` is no number that can be meant here");
        insta::assert_snapshot!(wrong(&[("redefine_rule:1", "A")]), @"option `redefine_rule:1`: write the group, `=>`, and the condition");
        insta::assert_snapshot!(wrong(&[("segment_field", "S"), ("segment_id_level1", "A")]), @"there are deeper segment levels, but no `segment_id_level0`");
        assert_eq!(wrong(&[("pedantic", "true"), ("input_split_records", "100")]), "");
    }

    /// The README's table names each option, and no other.
    #[test]
    fn the_readme_has_all_options() {
        let readme = include_str!("../../../../connectors/copybook/README.md");
        let table = readme.split("## Cobrix's options").nth(1).unwrap();
        let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
        let named = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let mut documented: Vec<String> = cells.flat_map(named).collect();
        let written = |name: &str| name.replace(':', ":…").replace('#', "…");
        let mut known: Vec<String> = OPTIONS.iter().map(|option| written(option.name)).collect();
        documented.sort_unstable();
        known.sort_unstable();
        assert_eq!(documented, known);
        for option in OPTIONS {
            if let ChangesNoRow(reason) | Refused(reason) = option.effect {
                assert!(table.contains(reason), "{}: {reason}", option.name);
            }
        }
    }
}
