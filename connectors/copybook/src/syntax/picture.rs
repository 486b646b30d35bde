//! PICTURE strings.

/// What a `PICTURE` says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Picture {
    /// As written.
    pub text: String,
    /// What it holds.
    pub category: Category,
    /// Character positions it takes as `DISPLAY`, a separate sign not counted. `S`, `V` and `P` take none.
    pub size: u32,
    /// Digits of a number: those stored, without those that `P` stands for.
    pub digits: u32,
    /// Digits after the decimal point, negative where `P`s stand before it: `9(3)PP` has −2, `PP9(3)` has 5.
    pub scale: i32,
    /// Whether a number has a sign.
    pub signed: bool,
    /// The symbols of an edited picture, one a character position (`CR` and `DB` are two positions), repetitions
    /// written out; empty where nothing is edited.
    pub edited: Vec<u8>,
}

/// What a picture holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// Letters and blanks: `A`.
    Alphabetic,
    /// Any characters: `X`, or a mixture of `A`, `X` and `9`.
    Alphanumeric,
    /// Any characters with `B`, `0` or `/` set in.
    AlphanumericEdited,
    /// UTF-16: `N` with `USAGE NATIONAL`, or without a usage.
    National,
    /// Double-byte characters: `G`, or `N` with `USAGE DISPLAY-1`.
    Dbcs,
    /// A number: `9`, `S`, `V`, `P`.
    Numeric,
    /// A number for people: `Z`, `*`, `$`, `,`, `.`, `+`, `-`, `CR`, `DB`, `B`, `0`, `/`.
    NumericEdited,
}
