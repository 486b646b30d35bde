//! What people read about wrong expressions.

use super::table::{one, pipeline, problems};

#[test]
fn names_are_looked_up_and_suggested() {
    insta::assert_snapshot!(problems(&one("code = 'dinis'")), @"output 1, code: column `dinis` is not in the source: it has call_id, start_time, dnis, ani, disposition, duration, amount, email, customer, Agent Name; did you mean `dnis`? (line 1, column 1)");
}
