//! Which kind of record some bytes are, and which of several groups of the same bytes it has.

mod choices;
mod condition;

pub use choices::{Choices, Chosen};
pub use condition::{Condition, ConditionError};
