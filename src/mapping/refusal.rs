//! Why a value could not be read: raised inside an expression, carried through `DataFusion`, told to people in the end.

use std::error::Error;
use std::fmt;

use datafusion_common::DataFusionError;
use datafusion_common::arrow::error::ArrowError;

/// Text could not be cast to the type that was asked for.
pub const BAD_CAST: &str = "bad_cast";
/// Text is no date or time of the pattern.
pub const BAD_DATE: &str = "bad_date";
/// Text is no amount of money, or could be two.
pub const BAD_MONEY: &str = "bad_money";
/// Text is no telephone number that can be dialled.
pub const BAD_PHONE: &str = "bad_phone";
/// Text is no e-mail address.
pub const BAD_EMAIL: &str = "bad_email";
/// A required column has no value.
pub const REQUIRED: &str = "required";
/// Text is longer than its column.
pub const TOO_LONG: &str = "too_long";
/// Text is none of the words its column allows.
pub const NOT_A_CHOICE: &str = "not_a_choice";
/// A number, date or time is beyond what its type holds.
pub const OUT_OF_RANGE: &str = "out_of_range";
/// A local time exists twice, and the pipeline says to reject those.
pub const REPEATED_HOUR: &str = "repeated_hour";
/// A local time doesn't exist, and the pipeline says to reject those.
pub const SKIPPED_HOUR: &str = "skipped_hour";
/// Anything else that an expression can fail with, such as a division by zero.
pub const BAD_EXPRESSION: &str = "bad_expression";

/// A value that is refused. `reason` never repeats `text`, so that masking the text is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// One of the codes above.
    pub code: &'static str,
    /// The offending text as it was read, unmasked; empty where it isn't known.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Refusal {
    pub fn new(code: &'static str, text: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { code, text: text.into(), reason: reason.into() }
    }

    /// What an evaluation failed with, in our words. Errors of the libraries become a few plain reasons: their own
    /// texts name types and functions nobody wrote, and may repeat the value.
    pub fn of(error: &DataFusionError) -> Self {
        find(error).unwrap_or_else(|| Self::new(BAD_EXPRESSION, "", "the expression can't be worked out for this row"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for Refusal {}

impl From<Refusal> for DataFusionError {
    fn from(refusal: Refusal) -> Self {
        Self::External(Box::new(refusal))
    }
}

fn find(error: &DataFusionError) -> Option<Refusal> {
    match error {
        DataFusionError::External(inner) => from_inner(inner.as_ref()),
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => find(inner),
        DataFusionError::Shared(inner) => find(inner),
        DataFusionError::Collection(all) => all.iter().find_map(find),
        DataFusionError::ArrowError(inner, _) => from_arrow(inner),
        DataFusionError::Execution(text) if text.to_lowercase().contains("overflow") => Some(overflow()),
        _ => None,
    }
}

fn from_inner(error: &(dyn Error + 'static)) -> Option<Refusal> {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return Some(refusal.clone());
    }
    if let Some(error) = error.downcast_ref::<DataFusionError>() {
        return find(error);
    }
    error.downcast_ref::<ArrowError>().and_then(from_arrow)
}

fn from_arrow(error: &ArrowError) -> Option<Refusal> {
    match error {
        ArrowError::DivideByZero => Some(Refusal::new(BAD_EXPRESSION, "", "division by zero")),
        ArrowError::ArithmeticOverflow(_) => Some(overflow()),
        ArrowError::ExternalError(inner) => from_inner(inner.as_ref()),
        // Casts between numbers: text is read by our own casts.
        ArrowError::CastError(_) => Some(Refusal::new(OUT_OF_RANGE, "", "a number doesn't fit the type it is cast to")),
        ArrowError::InvalidArgumentError(text) if text.contains("too large") || text.contains("too small") => {
            Some(overflow())
        }
        _ => None,
    }
}

fn overflow() -> Refusal {
    Refusal::new(OUT_OF_RANGE, "", "a number grew beyond what its type holds")
}
