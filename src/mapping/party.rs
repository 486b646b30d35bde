//! Who a row is about: the inputs of a table (customer number, telephone, e-mail) become one keyed pseudonym.
//!
//! The first that has a value counts, in this order: customer number, telephone, e-mail address. The others are not
//! even read then. Values are normalised here and hashed at once; no other room sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow_schema::DataType;
use campaignd_contract::{Input, InputKind};
use phonenumber::country::Id as Country;

use super::MappingError;
use super::contact;
use super::evaluate::evaluate;
use super::plan::{Planned, Planner};
use super::problem::Mistake;
use super::pseudonym::Pseudonymiser;
use super::refusal::{BAD_CAST, Refusal};
use super::types::{Class, article, class, written};

/// One input that is given.
#[derive(Debug)]
pub(super) struct PartyField {
    pub name: &'static str,
    kind: InputKind,
    pub planned: Planned,
    region: Option<Country>,
}

/// Compiles the inputs given for one column, in the order in which they count.
pub(super) fn compile(
    given: &[&'static Input],
    fields: &BTreeMap<String, String>,
    planner: &Planner,
) -> Result<Vec<PartyField>, Vec<(&'static str, Vec<Mistake>)>> {
    let mut parties = Vec::new();
    let mut mistakes = Vec::new();
    for kind in [InputKind::Identifier, InputKind::Phone, InputKind::Email] {
        for input in given.iter().filter(|input| input.kind == kind) {
            let Some(text) = fields.get(input.name) else { continue };
            match planner.plan(text, None).and_then(is_text) {
                Ok(text) => {
                    parties.push(PartyField { name: input.name, kind, planned: text, region: planner.region() });
                }
                Err(wrong) => mistakes.push((input.name, wrong)),
            }
        }
    }
    if mistakes.is_empty() { Ok(parties) } else { Err(mistakes) }
}

fn is_text(planned: Planned) -> Result<Planned, Vec<Mistake>> {
    let found = &planned.data_type;
    if matches!(class(found), Class::Text | Class::Null) {
        return Ok(planned);
    }
    let help = format!("write cast({} as varchar)", written(&planned.logical));
    Err(vec![Mistake::new(format!("it is {}: what identifies a party is text", article(found)), help)])
}

/// A row, the index of the input that failed in it, and why.
pub(super) type PartyFailure = (u32, usize, Refusal);

/// The pseudonyms of a batch, NULL where no input has a value, and the rows whose input can't be read, each with the
/// index of the input.
pub(super) fn evaluate_parties(
    parties: &[PartyField],
    pseudonyms: &Pseudonymiser,
    batch: &RecordBatch,
) -> Result<(ArrayRef, Vec<PartyFailure>), MappingError> {
    let mut keys: Vec<Option<String>> = vec![None; batch.num_rows()];
    let mut failures = Vec::new();
    let mut pending: Option<Vec<u32>> = None;
    for (index, party) in parties.iter().enumerate() {
        let part = match &pending {
            None => batch.clone(),
            Some(rows) if rows.is_empty() => break,
            Some(rows) => arrow_select::take::take_record_batch(batch, &UInt32Array::from(rows.clone()))?,
        };
        let evaluated = evaluate(party.planned.physical.as_ref(), &part, &DataType::Utf8)?;
        let row_of = |row: usize| pending.as_ref().map_or_else(|| row_number(row), |rows| Ok(rows[row]));
        for (row, refusal) in &evaluated.failures {
            failures.push((row_of(*row as usize)?, index, refusal.clone()));
        }
        let texts: &StringArray = evaluated.values.as_string::<i32>();
        let mut failed = evaluated.failures.iter().map(|(row, _)| *row as usize).peekable();
        let mut without = Vec::new();
        for row in 0..texts.len() {
            if failed.next_if_eq(&row).is_some() {
                continue;
            }
            let at = row_of(row)?;
            if texts.is_null(row) {
                without.push(at);
                continue;
            }
            match party.key(texts.value(row), pseudonyms) {
                Ok(key) => keys[at as usize] = Some(key),
                Err(refusal) => failures.push((at, index, refusal)),
            }
        }
        pending = Some(without);
    }
    Ok((Arc::new(StringArray::from(keys)), failures))
}

fn row_number(row: usize) -> Result<u32, MappingError> {
    u32::try_from(row).map_err(|_| MappingError::TooManyRows)
}

impl PartyField {
    fn key(&self, text: &str, pseudonyms: &Pseudonymiser) -> Result<String, Refusal> {
        match self.kind {
            InputKind::Phone => contact::phone(text, self.region, |e164| pseudonyms.phone(e164)),
            InputKind::Email => {
                let mut spelled = String::new();
                contact::email(text, &mut spelled)?;
                Ok(pseudonyms.email(&spelled))
            }
            InputKind::Identifier => match text.trim() {
                "" => {
                    Err(Refusal::new(BAD_CAST, text, "a customer number of blanks is none: write nullif(trim(…), '')"))
                }
                number => Ok(pseudonyms.identifier(number)),
            },
        }
    }
}
