//! Rejects: written in the transaction of their batch, opened again for a replay.

use campaignd_contract::{Dialect, Error, Place, Result, Transaction, Value, Warehouse};

use super::prepared::{Reject, Stage};
use super::seal::Seal;
use crate::model;

/// What a reject's bytes are bound to.
pub fn sealed_place(unit_id: &str, place: &Place) -> String {
    format!("{unit_id}#{}", place.ordinal)
}

/// Which batch a reject belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The batch.
    pub batch_no: i64,
    /// The pipeline.
    pub pipeline: &'a str,
    /// The unit.
    pub unit_id: &'a str,
}

/// What becomes of a row that is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It wasn't loaded.
    Rejected,
    /// It was loaded, without what is wrong with it.
    Noted,
}

/// Condition of rejects that wait for something to be done.
pub const UNSETTLED: &str = "state NOT IN ('replayed', 'noted')";

/// Writes rows and what is wrong with them.
pub fn write(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    origin: Origin<'_>,
    rejects: &[Reject],
    fate: Fate,
) -> Result<()> {
    let becomes = match fate {
        Fate::Rejected => "open",
        Fate::Noted => "noted",
    };
    let sql = format!(
        "INSERT INTO {} (batch_no, ordinal, output_no, pipeline, unit_id, source_offset, source_line, source_length, \
         record_kind, stage, code, field, text, reason, value_at_risk, raw_sealed, currency_code, state, \
         rejected_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, {})",
        dialect.stored(&model::operations::ETL_REJECT),
        dialect.now()
    );
    for reject in rejects {
        let (stage, output_no) = match reject.stage {
            Stage::Decode => ("decode", -1),
            Stage::Map(output) => ("map", integer(output as u64)),
        };
        transaction.execute(
            &sql,
            &[
                origin.batch_no.into(),
                integer(reject.place.ordinal).into(),
                output_no.into(),
                origin.pipeline.into(),
                origin.unit_id.into(),
                integer(reject.place.offset).into(),
                integer(reject.place.line).into(),
                i64::from(reject.place.length).into(),
                reject.record_kind.into(),
                stage.into(),
                reject.code.as_str().into(),
                reject.field.as_deref().map(|field| shortened(field, 100)).into(),
                shortened(&reject.text, 400).into(),
                shortened(&reject.reason, 1_000).into(),
                reject.value_at_risk.map_or(Value::Null, Value::Micros),
                Value::Bytes(reject.raw_sealed.clone()),
                reject.value_at_risk.and(reject.currency.as_deref()).into(),
                becomes.into(),
            ],
        )?;
    }
    Ok(())
}

/// A reject that may be replayed.
#[derive(Debug, Clone)]
pub struct OpenReject {
    /// Its number.
    pub reject_no: i64,
    /// The unit its row came from.
    pub unit_id: String,
    /// Where the row stands.
    pub place: Place,
    /// Which output refused it; `None`: the format couldn't read it, so none has it.
    pub output: Option<usize>,
    /// Its bytes.
    pub raw: Vec<u8>,
}

/// Rejects of a pipeline that were not loaded since, in the order of their rows.
pub fn open(warehouse: &mut dyn Warehouse, pipeline: &str, seal: &Seal) -> Result<Vec<OpenReject>> {
    let table = warehouse.dialect().stored(&model::operations::ETL_REJECT);
    let rows = warehouse.query(
        &format!(
            "SELECT reject_no, unit_id, ordinal, source_offset, source_line, source_length, output_no, raw_sealed \
             FROM {table} WHERE pipeline = ?1 AND {UNSETTLED} ORDER BY unit_id, ordinal, output_no, reject_no"
        ),
        &[pipeline.into()],
    )?;
    rows.rows
        .into_iter()
        .map(|row| {
            let number = |column: usize| row[column].as_integer().unwrap_or_default();
            let unsigned = |column: usize| u64::try_from(number(column)).unwrap_or_default();
            let unit_id = row[1].as_text().unwrap_or_default().to_owned();
            let place = Place {
                ordinal: unsigned(2),
                offset: unsigned(3),
                line: unsigned(4),
                length: u32::try_from(number(5)).unwrap_or_default(),
            };
            let sealed = match &row[7] {
                Value::Bytes(bytes) => bytes.as_slice(),
                _ => &[],
            };
            let raw = seal
                .open(sealed, &sealed_place(&unit_id, &place))
                .map_err(|e| Error::permanent("open", format!("reject {} of {pipeline}", number(0)), e.to_string()))?;
            Ok(OpenReject { reject_no: number(0), unit_id, place, output: usize::try_from(number(6)).ok(), raw })
        })
        .collect()
}

/// Marks a reject as loaded by `batch_no`, or as refused once more. An error where it isn't open any more: another
/// process replayed it.
pub fn settle(
    transaction: &mut dyn Transaction,
    dialect: &dyn Dialect,
    reject_no: i64,
    batch_no: i64,
    again: Option<&Reject>,
) -> Result<()> {
    let table = dialect.stored(&model::operations::ETL_REJECT);
    let changed = match again {
        None => transaction.execute(
            &format!(
                "UPDATE {table} SET state = 'replayed', replayed_batch_no = ?2 \
                 WHERE reject_no = ?1 AND state <> 'replayed'"
            ),
            &[reject_no.into(), batch_no.into()],
        )?,
        Some(reject) => transaction.execute(
            &format!(
                "UPDATE {table} SET state = 'rejected_again', code = ?2, field = ?3, text = ?4, reason = ?5 \
                 WHERE reject_no = ?1 AND state <> 'replayed'"
            ),
            &[
                reject_no.into(),
                reject.code.as_str().into(),
                reject.field.as_deref().map(|field| shortened(field, 100)).into(),
                shortened(&reject.text, 400).into(),
                shortened(&reject.reason, 1_000).into(),
            ],
        )?,
    };
    if changed == 1 {
        return Ok(());
    }
    Err(Error::permanent("replay", format!("reject {reject_no}"), "it was replayed by another process meanwhile")
        .next("nothing was written; run the replay again"))
}

/// Text of at most so many characters; what was cut shows as an ellipsis.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
