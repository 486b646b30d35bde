//! What becomes of rows.

use super::table::{lines, mapped, one, pipeline};

#[test]
fn a_call_log() {
    let calls = pipeline(
        r#"
        [mapping]
        timezone = "America/New_York"
        phone_region = "US"
        [[output]]
        record = "response"
        when = "disposition <> 'TEST'"
        [output.fields]
        source_key = "call_id"
        occurred_at = "to_timestamp(start_time, '%d/%m/%Y %H:%M:%S')"
        code = "dnis"
        response_type = "case disposition when 'SALE' then 'order' else 'inquiry' end"
        party_phone = "ani"
        seconds = "duration"
        amount = "money(amount)"
        currency_code = "'USD'"
        day = "to_date(start_time, '%d/%m/%Y %H:%M:%S')"
        is_test = "disposition = 'DEMO'"
        "#,
    );
    let output = mapped(
        &calls,
        &[
            "c1|01/03/2026 10:00:00|8005551000|415-555-2671|SALE|60|$1,234.50",
            "c2|01/07/2026 10:00:00|8005551000|+1 415 555 2671|NONE|0|",
            "c3|01/03/2026 10:00:00|8005551000|4155552671|TEST|60|12.00",
            "c4|31/02/2026 10:00:00|8005551000|4155552671|SALE|60|5",
            "c5|01/03/2026 10:00:00|8005551000|123|SALE|x|5",
            "|01/03/2026 10:00:00|8005551000||SALE|1.5|(7.25)",
            "c7|01/03/2026 10:00:00|8005551000123|||12|1,5,0",
            "c8|01/03/2026 10:00:00|8005551000123||SALE|12|",
        ],
    );
    insta::assert_snapshot!(lines(&output), @"
    0: c1 | 2026-03-01T15:00:00 | 8005551000 | order | k1:-IrxBu803veQTLYUvTVHFZVWgg1swE6nKsvFxgFlHIs | 60 | 1234.500000 | USD | 2026-03-01 | false
    1: c2 | 2026-07-01T14:00:00 | 8005551000 | inquiry | k1:-IrxBu803veQTLYUvTVHFZVWgg1swE6nKsvFxgFlHIs | 0 | ∅ | USD | 2026-07-01 | false
    3 bad_date occurred_at '31/02/2026 10:00:00': there is no such date, read as '%d/%m/%Y %H:%M:%S' (1 more field is wrong)
    4 bad_phone party_phone '999': it isn't a telephone number that can be dialled (1 more field is wrong)
    5 required source_key '': `source_key` is required and has no value (1 more field is wrong)
    7 too_long code '9999999999999': `code` takes 12 characters, and this is 13 long
    filtered [2, 6]
    money [Some(1234500000), None, Some(12000000), Some(5000000), Some(5000000), Some(-7250000), None, None]
    ");
}

#[test]
fn lazy_branches_cast_only_where_they_must() {
    let output = mapped(
        &one("seconds = \"case when duration ~ '^[0-9]+$' then cast(duration as bigint) else -1 end\""),
        &["c1||||||", "c2|||||12", "c3|||||many", "c4|||||99999999999999999999"],
    );
    insta::assert_snapshot!(lines(&output), @"
    0: k | 2026-03-01T10:00:00 | order | -1
    1: k | 2026-03-01T10:00:00 | order | 12
    2: k | 2026-03-01T10:00:00 | order | -1
    3 out_of_range seconds '99999999999999999999': it is beyond what bigint holds
    ");
}
