//! Accounting: every row read has one outcome per output, in counts and in money. Checked before each commit and
//! kept in `etl_control`.

use campaignd_contract::{Error, Result, RowOutcome, Table};

use super::prepared::PreparedOutput;

/// What became of the rows of one output in one batch.
#[derive(Debug, Clone)]
pub struct Account {
    /// The record kind.
    pub table: &'static Table,
    /// Row counts.
    pub rows: Totals,
    /// Sums of the output's money column in millionths, where it has one.
    pub money: Option<Totals>,
    /// Rows whose money couldn't be worked out.
    pub unknown: i128,
    /// Of the accepted rows, those whose key was new.
    pub inserted: i128,
    /// Of the accepted rows, those that replaced other values.
    pub updated: i128,
}

/// Read, and the four things that can happen to what was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// What came in.
    pub read: i128,
    /// Loaded.
    pub accepted: i128,
    /// Refused, with a reason.
    pub rejected: i128,
    /// Left out by `when`.
    pub filtered: i128,
    /// There already, with the same values.
    pub duplicate: i128,
}

impl Totals {
    /// Whether everything read is accounted for.
    pub fn balanced(&self) -> bool {
        self.read == self.accepted + self.rejected + self.filtered + self.duplicate
    }

    /// Adds other totals.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.filtered += other.filtered;
        self.duplicate += other.duplicate;
    }
}

impl Account {
    /// An empty account of an output that writes `table`.
    pub fn new(table: &'static Table, has_money: bool) -> Self {
        Self {
            table,
            rows: Totals::default(),
            money: has_money.then(Totals::default),
            unknown: 0,
            inserted: 0,
            updated: 0,
        }
    }

    /// Books a batch whose upsert had `outcomes`. `rows_read` and `undecodable` were counted where the rows came
    /// in, independently of what the mapping and the warehouse say.
    pub fn book(&mut self, rows_read: u64, undecodable: u64, output: &PreparedOutput, outcomes: &[RowOutcome]) {
        self.rows.read += i128::from(rows_read);
        self.rows.rejected += i128::from(undecodable) + i128::from(output.rejected);
        self.rows.filtered += i128::from(output.filtered);
        for outcome in outcomes {
            match outcome {
                RowOutcome::Inserted => self.inserted += 1,
                RowOutcome::Updated => self.updated += 1,
                RowOutcome::Unchanged => self.rows.duplicate += 1,
            }
        }
        self.rows.accepted = self.inserted + self.updated;
        let (Some(totals), Some(money)) = (&mut self.money, &output.money) else { return };
        totals.read += money.read;
        totals.rejected += money.rejected;
        totals.filtered += money.filtered;
        self.unknown += i128::from(undecodable) + i128::from(money.unknown);
        for (amount, outcome) in money.records.iter().zip(outcomes) {
            let amount = i128::from(amount.unwrap_or(0));
            match outcome {
                RowOutcome::Unchanged => totals.duplicate += amount,
                RowOutcome::Inserted | RowOutcome::Updated => totals.accepted += amount,
            }
        }
    }

    /// Adds the account of a later batch of the same output.
    pub fn add(&mut self, later: &Self) {
        self.rows.add(&later.rows);
        if let (Some(money), Some(more)) = (&mut self.money, &later.money) {
            money.add(more);
        }
        self.unknown += later.unknown;
        self.inserted += later.inserted;
        self.updated += later.updated;
    }

    /// Refuses to commit what doesn't balance: a mistake of this program, never of the input.
    pub fn check(&self, unit: &str) -> Result<()> {
        for (what, totals) in [("rows", Some(&self.rows)), ("money", self.money.as_ref())] {
            let Some(totals) = totals else { continue };
            if !totals.balanced() {
                return Err(Error::permanent(
                    "account for",
                    format!("{what} of {} from {unit}", self.table.name),
                    format!(
                        "read {} but accepted {} + rejected {} + filtered {} + duplicate {}",
                        totals.read, totals.accepted, totals.rejected, totals.filtered, totals.duplicate
                    ),
                )
                .next("nothing of this batch was written; this is a defect of campaignd, please report it"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missing_row_or_cent_is_refused() {
        let mut account = Account::new(&crate::model::facts::CONVERSION, true);
        account.rows = Totals { read: 10, accepted: 6, rejected: 1, filtered: 2, duplicate: 1 };
        account.money = Some(Totals { read: 100, accepted: 60, rejected: 10, filtered: 20, duplicate: 10 });
        assert!(account.check("a file").is_ok());
        let mut lost_cent = account.clone();
        lost_cent.money.as_mut().unwrap().accepted -= 1;
        assert!(lost_cent.check("a file").unwrap_err().to_string().contains("money of conversion"));
        account.rows.read += 1;
        assert!(account.check("a file").unwrap_err().to_string().contains("read 11 but accepted 6"));
    }
}
