//! What becomes of rows.

use proptest::prelude::*;

use super::super::{Sums, Total};
use super::table::{batch, columns, compiled, lines, mapped, one, pipeline};

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

#[test]
fn offending_text_is_masked_where_it_identifies() {
    let fields = one(
        "party_email = 'email'\nparty_phone = 'ani'\ncode = 'dnis'\nday = 'to_date(start_time)'\nseconds = 'duration'\namount = \"case when ani is null then null else money(amount) end\"",
    );
    let output = mapped(
        &fields,
        &[
            "1||||||jane@example",
            "2||||||||x",
            "3|||||||jane@example",
            "4|||not a phone 12",
            "5||call 415-555-2671",
            "6|2026-02-31 10:11",
            "7|||||jane.doe@example.com",
            "8|||+14155552671||||abc",
            "9|||+14155552671|||x1",
        ],
    );
    insta::assert_snapshot!(lines(&output), @"
    0: k | 2026-03-01T10:00:00 | ∅ | order | ∅ | ∅ | ∅ | ∅
    1: k | 2026-03-01T10:00:00 | ∅ | order | ∅ | ∅ | ∅ | ∅
    7: k | 2026-03-01T10:00:00 | ∅ | order | k1:-IrxBu803veQTLYUvTVHFZVWgg1swE6nKsvFxgFlHIs | ∅ | ∅ | ∅
    2 bad_email party_email 'xxxx@xxxxxxx': what follows its @ is no domain
    3 bad_phone party_phone 'xxx x xxxxx 99': it has no country code, and neither phone(…, 'US') nor `phone_region` in [mapping] says which is meant
    4 too_long code 'call 999-999-9999': `code` takes 12 characters, and this is 17 long
    5 bad_date day '2026-02-31 10:11': it isn't a date as ISO 8601 writes them, '2026-03-01'
    6 bad_cast seconds 'xxxx.xxx@xxxxxxx.xxx': it isn't a whole number
    8 bad_money amount 'x9': it has characters that don't belong to an amount
    money [None, None, None, None, None, None, None, None, None]
    ");
}

#[test]
fn the_first_input_that_has_a_value_counts() {
    let fields = one("party_id = 'customer'\nparty_phone = 'ani'\nparty_email = 'email'");
    let output = mapped(
        &fields,
        &[
            "1|||+14155552671||||a@b.co|77",
            "2|||not a phone||||not an address|77",
            "3|||+1 415 555 2671||||not an address|",
            "4|||||||A@B.co |",
            "5||||||||",
            "6|||||||a@b.co|  ",
        ],
    );
    insta::assert_snapshot!(lines(&output), @"
    0: k | 2026-03-01T10:00:00 | order | k1:d4k8-aCNxI7x-APtx2eB6bLgosS3wkaPJLKNSf0KFz8
    1: k | 2026-03-01T10:00:00 | order | k1:d4k8-aCNxI7x-APtx2eB6bLgosS3wkaPJLKNSf0KFz8
    2: k | 2026-03-01T10:00:00 | order | k1:-IrxBu803veQTLYUvTVHFZVWgg1swE6nKsvFxgFlHIs
    3: k | 2026-03-01T10:00:00 | order | k1:1-z1rjIipEVOZETcFOkqZcksPHBiMO5fc4rqLhzIgaQ
    4: k | 2026-03-01T10:00:00 | order | ∅
    5 bad_cast party_id '  ': a customer number of blanks is none: write nullif(trim(…), '')
    ");
}

#[test]
fn hours_that_exist_twice_or_not_at_all() {
    let rows =
        ["a|2026-11-01 01:30:00", "b|2026-03-08 02:30:00", "c|2026-11-01 01:30:00-05:00", "d|2026-07-01 12:00:00"];
    let mut all = String::new();
    for rules in ["", ";repeated_hour = 'later';skipped_hour = 'later'", ";repeated_hour = 'reject'"] {
        let fields =
            one(&format!("[mapping];timezone = 'America/New_York'{rules}\noccurred_at = 'to_timestamp(start_time)'"));
        all.push_str(&lines(&mapped(&fields, &rows)));
    }
    insta::assert_snapshot!(all, @"
    0: k | 2026-11-01T05:30:00 | order
    2: k | 2026-11-01T06:30:00 | order
    3: k | 2026-07-01T16:00:00 | order
    1 skipped_hour occurred_at '2026-03-08 02:30:00': this local time doesn't exist in America/New_York, when clocks go forward
    0: k | 2026-11-01T06:30:00 | order
    1: k | 2026-03-08T07:30:00 | order
    2: k | 2026-11-01T06:30:00 | order
    3: k | 2026-07-01T16:00:00 | order
    2: k | 2026-11-01T06:30:00 | order
    3: k | 2026-07-01T16:00:00 | order
    0 repeated_hour occurred_at '2026-11-01 01:30:00': this local time exists twice in America/New_York, when clocks go back
    1 skipped_hour occurred_at '2026-03-08 02:30:00': this local time doesn't exist in America/New_York, when clocks go forward
    ");
}

#[test]
fn casts_are_strict_and_try_cast_is_not() {
    let rows = ["1", "1.5", " 7 ", "-9223372036854775808", "9223372036854775808", "1e3", "", "0x1", "abc"];
    let rows: Vec<_> = rows.iter().map(|text| format!("k|||||{text}")).collect();
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    let mut all = String::new();
    for field in [
        "seconds = 'duration'",
        "seconds = 'try_cast(duration as bigint)'",
        "amount = 'duration'",
        "amount = 'cast(duration as decimal(10,1))'",
        "amount = 'cents(duration)'",
        "amount = 'micros(duration)'",
        "is_test = 'duration'",
        "seconds = 'cast(duration as smallint)'",
        "seconds = \"coalesce(try_cast(duration as bigint), -1)\"",
        "code = \"coalesce(nullif(trim(duration), ''), 'none')\"",
    ] {
        all = format!("{all}{field}\n{}", lines(&mapped(&one(field), &rows)).replace("k | 2026-03-01T10:00:00 | ", ""));
    }
    insta::assert_snapshot!(all, @r#"
    seconds = 'duration'
    0: order | 1
    2: order | 7
    3: order | -9223372036854775808
    6: order | ∅
    1 bad_cast seconds '1.5': it isn't a whole number
    4 out_of_range seconds '9999999999999999999': it is beyond what bigint holds
    5 bad_cast seconds '1e3': it isn't a whole number
    7 bad_cast seconds '0x1': it isn't a whole number
    8 bad_cast seconds 'abc': it isn't a whole number
    seconds = 'try_cast(duration as bigint)'
    0: order | 1
    1: order | ∅
    2: order | 7
    3: order | -9223372036854775808
    4: order | ∅
    5: order | ∅
    6: order | ∅
    7: order | ∅
    8: order | ∅
    amount = 'duration'
    0: order | 1.000000
    1: order | 1.500000
    2: order | 7.000000
    6: order | ∅
    3 out_of_range amount '-9999999999999999999': it is beyond what decimal(19,6) holds
    4 out_of_range amount '9999999999999999999': it is beyond what decimal(19,6) holds
    5 bad_cast amount '1e3': it isn't a number; money with separators or a currency is read by money()
    7 bad_cast amount '0x1': it isn't a number; money with separators or a currency is read by money()
    8 bad_cast amount 'abc': it isn't a number; money with separators or a currency is read by money()
    money [Some(1000000), Some(1500000), Some(7000000), None, None, None, None, None, None]
    amount = 'cast(duration as decimal(10,1))'
    0: order | 1.000000
    1: order | 1.500000
    2: order | 7.000000
    6: order | ∅
    3 out_of_range amount '-9999999999999999999': it is beyond what decimal(10,1) holds
    4 out_of_range amount '9999999999999999999': it is beyond what decimal(10,1) holds
    5 bad_cast amount '1e3': it isn't a number; money with separators or a currency is read by money()
    7 bad_cast amount '0x1': it isn't a number; money with separators or a currency is read by money()
    8 bad_cast amount 'abc': it isn't a number; money with separators or a currency is read by money()
    money [Some(1000000), Some(1500000), Some(7000000), None, None, None, None, None, None]
    amount = 'cents(duration)'
    0: order | 0.010000
    2: order | 0.070000
    6: order | ∅
    1 bad_money amount '1.5': cents are a whole number
    3 out_of_range amount '-9999999999999999999': an amount lies within ±9,223,372,036,854.775807
    4 out_of_range amount '9999999999999999999': an amount lies within ±9,223,372,036,854.775807
    5 bad_money amount '1e3': cents are a whole number
    7 bad_money amount '0x1': cents are a whole number
    8 bad_money amount 'abc': cents are a whole number
    money [Some(10000), None, Some(70000), None, None, None, None, None, None]
    amount = 'micros(duration)'
    0: order | 0.000001
    2: order | 0.000007
    6: order | ∅
    1 bad_money amount '1.5': micros are a whole number
    3 out_of_range amount '-9999999999999999999': an amount lies within ±9,223,372,036,854.775807
    4 out_of_range amount '9999999999999999999': an amount lies within ±9,223,372,036,854.775807
    5 bad_money amount '1e3': micros are a whole number
    7 bad_money amount '0x1': micros are a whole number
    8 bad_money amount 'abc': micros are a whole number
    money [Some(1), None, Some(7), None, None, None, None, None, None]
    is_test = 'duration'
    0: order | true
    6: order | ∅
    1 bad_cast is_test '1.5': it is neither true, t, yes, y, 1 nor false, f, no, n, 0
    2 bad_cast is_test ' 7 ': it is neither true, t, yes, y, 1 nor false, f, no, n, 0
    3 bad_cast is_test '-9999999999999999999': it is neither true, t, yes, y, 1 nor false, f, no, n, 0
    4 bad_cast is_test '9999999999999999999': it is neither true, t, yes, y, 1 nor false, f, no, n, 0
    5 bad_cast is_test '1e3': it is neither true, t, yes, y, 1 nor false, f, no, n, 0
    7 bad_cast is_test '0x1': it is neither true, t, yes, y, 1 nor false, f, no, n, 0
    8 bad_cast is_test 'abc': it is neither true, t, yes, y, 1 nor false, f, no, n, 0
    seconds = 'cast(duration as smallint)'
    0: order | 1
    2: order | 7
    6: order | ∅
    1 bad_cast seconds '1.5': it isn't a whole number
    3 out_of_range seconds '-9999999999999999999': it is beyond what smallint holds
    4 out_of_range seconds '9999999999999999999': it is beyond what smallint holds
    5 bad_cast seconds '1e3': it isn't a whole number
    7 bad_cast seconds '0x1': it isn't a whole number
    8 bad_cast seconds 'abc': it isn't a whole number
    seconds = "coalesce(try_cast(duration as bigint), -1)"
    0: order | 1
    1: order | -1
    2: order | 7
    3: order | -9223372036854775808
    4: order | -1
    5: order | -1
    6: order | -1
    7: order | -1
    8: order | -1
    code = "coalesce(nullif(trim(duration), ''), 'none')"
    0: 1 | order
    1: 1.5 | order
    2: 7 | order
    5: 1e3 | order
    6: none | order
    7: 0x1 | order
    8: abc | order
    3 too_long code '-9999999999999999999': `code` takes 12 characters, and this is 20 long
    4 too_long code '9999999999999999999': `code` takes 12 characters, and this is 19 long
    "#);
}

#[test]
fn amounts_are_exact() {
    let rows = ["k||||||1234.5678905", "k||||||9,223,372,036,854.775807", "k||||||(0.000001)", "k||||||1,000.10"];
    let mut all = String::new();
    for field in [
        "amount = \"money(amount, 'us')\"",
        "amount = \"money(amount, 'us') * 2\"",
        "amount = \"money(amount, 'us') * 0.0825\"",
        "amount = \"money(amount, 'us') / 3\"",
        "amount = \"case when amount like '(%' then 0 else money(amount, 'us') end\"",
    ] {
        all = format!(
            "{all}{field}\n{}",
            lines(&mapped(&one(field), &rows)).replace("k | 2026-03-01T10:00:00 | order | ", "")
        );
    }
    insta::assert_snapshot!(all, @r#"
    amount = "money(amount, 'us')"
    1: 9223372036854.775807
    2: -0.000001
    3: 1000.100000
    0 bad_money amount '9999.9999999': an amount has at most 6 decimal places
    money [None, Some(9223372036854775807), Some(-1), Some(1000100000)]
    amount = "money(amount, 'us') * 2"
    2: -0.000002
    3: 2000.200000
    0 bad_money amount '9999.9999999': an amount has at most 6 decimal places
    1 out_of_range amount '9,223,372,036,999.999999': a number grew beyond what its type holds
    money [None, None, Some(-2), Some(2000200000)]
    amount = "money(amount, 'us') * 0.0825"
    1: 760928193040.519004
    2: 0.000000
    3: 82.508250
    0 bad_money amount '9999.9999999': an amount has at most 6 decimal places
    money [None, Some(760928193040519004), Some(0), Some(82508250)]
    amount = "money(amount, 'us') / 3"
    1: 3074457345618.258602
    2: 0.000000
    3: 333.366667
    0 bad_money amount '9999.9999999': an amount has at most 6 decimal places
    money [None, Some(3074457345618258602), Some(0), Some(333366667)]
    amount = "case when amount like '(%' then 0 else money(amount, 'us') end"
    1: 9223372036854.775807
    2: 0.000000
    3: 1000.100000
    0 bad_money amount '9999.9999999': an amount has at most 6 decimal places
    money [None, Some(9223372036854775807), Some(0), Some(1000100000)]
    "#);
}

#[test]
fn totals_of_a_file_are_exact() {
    let keys = ["sum(money(amount))", "sum(cast(duration as bigint))", "count(*)", "count(dnis)"];
    let mut sums = Sums::compile(keys, Some(&columns()), &crate::settings::Mapping::default()).unwrap();
    let rows =
        ["1||1|||9223372036854775807|0.10", "2|||||9223372036854775807|$0.20", "3||2|||x|(5.5)", "4||||||12,3,4"];
    let problems = [sums.add(&batch(&rows[..2])).unwrap(), sums.add(&batch(&rows[2..])).unwrap()].concat();
    let totals: Vec<_> = sums.totals().iter().map(|(key, total)| format!("{key} = {total}")).collect();
    insta::assert_snapshot!(totals.join("\n"), @"
    sum(money(amount)) = -5.2
    sum(cast(duration as bigint)) = 18446744073709551614
    count(*) = 4
    count(dnis) = 2
    ");
    let problems: Vec<_> =
        problems.iter().map(|p| format!("{} {} {} '{}': {}", p.row, p.code, p.field, p.text, p.reason)).collect();
    insta::assert_snapshot!(problems.join("\n"), @"
    1 bad_money sum(money(amount)) '12,3,4': its separators don't stand between thousands
    0 bad_cast sum(cast(duration as bigint)) 'x': it isn't a whole number
    ");
    assert_eq!(Total { units: -5, scale: 2 }.to_string(), "-0.05");
}

#[test]
fn a_batch_without_rows_is_mapped() {
    let output = mapped(
        &one("seconds = 'duration'\namount = 'money(amount)'\nparty_phone = 'ani'\nwhen = \"duration <> '0'\""),
        &[],
    );
    assert_eq!((output.records.num_rows(), output.rows.len(), output.money), (0, 0, Some(Vec::new())));
}

fn row() -> impl Strategy<Value = String> {
    let phone = prop_oneof![Just(""), Just("+14155552671"), Just("123"), Just("415 555 2671")];
    let time = prop_oneof![Just("2026-03-01 10:00:00"), Just("2026-03-08 02:30:00"), Just("nonsense"), Just("")];
    let number = prop_oneof![Just(""), Just("7"), Just("0"), Just("x"), Just("1.5")];
    let amount = prop_oneof![Just(""), Just("1.50"), Just("1,2"), Just("9223372036854")];
    (0..50, time, phone, number, amount)
        .prop_map(|(id, time, phone, number, amount)| format!("c{id}|{time}|{number}|{phone}|S|{number}|{amount}"))
}

proptest! {
    #[test]
    fn a_batch_split_anywhere_gives_the_same(rows in proptest::collection::vec(row(), 1..60), at in 0_usize..60) {
        let mapping = compiled(&one(
            "[mapping];timezone = 'America/New_York';phone_region = 'US'\nwhen = \"cast(duration as bigint) > 0 or dnis is null\"\noccurred_at = 'to_timestamp(start_time)'\nparty_phone = 'ani'\nseconds = 'case when duration <> dnis then 0 else 10 / cast(duration as bigint) end'\namount = 'money(amount) * 3'",
        ));
        let rows: Vec<_> = rows.iter().map(String::as_str).collect();
        let at = at.min(rows.len());
        let whole = mapping.apply(&batch(&rows)).unwrap().swap_remove(0);
        let mut parts = [&rows[..at], &rows[at..]].map(|part| mapping.apply(&batch(part)).unwrap().swap_remove(0));
        let shift = u32::try_from(at).unwrap();
        let second = &mut parts[1];
        second.rows.iter_mut().chain(&mut second.filtered).for_each(|row| *row += shift);
        second.rejected.iter_mut().for_each(|rejected| rejected.row += shift);
        let schema = whole.records.schema();
        let joined = arrow_select::concat::concat_batches(&schema, parts.iter().map(|part| &part.records)).unwrap();
        prop_assert_eq!(&joined, &whole.records);
        let both = |f: fn(&super::super::MappedOutput) -> Vec<u32>| parts.iter().flat_map(f).collect::<Vec<_>>();
        prop_assert_eq!(both(|part| part.rows.clone()), whole.rows.clone());
        prop_assert_eq!(both(|part| part.filtered.clone()), whole.filtered.clone());
        prop_assert_eq!(parts.iter().flat_map(|part| part.rejected.clone()).collect::<Vec<_>>(), whole.rejected.clone());
        prop_assert_eq!(parts.iter().flat_map(|part| part.money.clone().unwrap()).collect::<Vec<_>>(), whole.money.clone().unwrap());
        // Every row is accounted for, once.
        let mut all = [whole.rows, whole.filtered, whole.rejected.iter().map(|rejected| rejected.row).collect()].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..u32::try_from(rows.len()).unwrap()).collect::<Vec<_>>());
    }

    #[test]
    fn any_text_in_any_function(texts in proptest::collection::vec("[^|]{0,20}", 1..20)) {
        let rows: Vec<_> = texts.iter().map(|text| format!("k|{text}|{text}|{text}|{text}|{text}|{text}|{text}|{text}|{text}")).collect();
        let rows: Vec<_> = rows.iter().map(String::as_str).collect();
        for field in [
            "amount = \"money(amount, 'eu')\"", "amount = 'cents(amount)'", "amount = 'cast(amount as double)::decimal(19,6)'",
            "seconds = 'cast(duration as int)'", "is_test = 'duration'", "day = 'start_time'",
            "occurred_at = \"to_timestamp(start_time, '%d %B %Y', 'Asia/Tehran')\"", "occurred_at = \"from_epoch(start_time, 'ms')\"",
            "party_phone = \"phone(ani, 'DE')\"", "party_email = 'email(email)'", "party_id = 'customer'",
            "code = \"regexp_replace(dnis, '[^0-9]', '', 'g')\"", "code = 'substr(dnis, 2, 3)'", "code = \"split_part(dnis, ' ', 1)\"",
            "code = 'reverse(lpad(dnis, 12))'", "seconds = 'strpos(dnis, duration) + ascii(dnis)'", "code = 'translate(initcap(dnis), duration, amount)'",
        ] {
            let output = mapped(&one(field), &rows);
            prop_assert_eq!(output.rows.len() + output.rejected.len(), rows.len());
        }
    }
}
