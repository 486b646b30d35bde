//! What people read about wrong expressions.

use super::super::{check_for, codes};
use super::table::{COLUMNS, columns, mapped, one, pipeline, problems, shown, table};

fn each(fields: &[&str]) -> String {
    fields
        .iter()
        .map(|field| format!("{field}\n    {}", problems(&one(field)).replace('\n', "\n    ")))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn names() {
    insta::assert_snapshot!(each(&[
        "code = 'dinis'",
        "code = 'DNIS'",
        "code = '\"Agent Name\"'",
        "code = '\"Agent Nane\"'",
        "code = '\"DNIS\"'",
        "code = 'calls.dnis'",
        "code = 'lowr(dnis)'",
        "code = 'frobnicate(dnis)'",
        "cod = 'dnis'",
        "batch_no = '1'",
        "party_key = 'customer'",
    ]), @r#"
    code = 'dinis'
        output 1, code: column `dinis` is not in the source: it has call_id, start_time, dnis, ani, disposition, duration, amount, email, customer, Agent Name; did you mean `dnis`? (line 1, column 1)
    code = 'DNIS'
        
    code = '"Agent Name"'
        
    code = '"Agent Nane"'
        output 1, code: column `Agent Nane` is not in the source: it has call_id, start_time, dnis, ani, disposition, duration, amount, email, customer, Agent Name; did you mean "Agent Name", in double quotes? (line 1, column 1)
    code = '"DNIS"'
        output 1, code: column `DNIS` is not in the source: it has call_id, start_time, dnis, ani, disposition, duration, amount, email, customer, Agent Name; did you mean `dnis`? (line 1, column 1)
    code = 'calls.dnis'
        output 1, code: column `calls.dnis` is not in the source: it has call_id, start_time, dnis, ani, disposition, duration, amount, email, customer, Agent Name (line 1, column 1)
    code = 'lowr(dnis)'
        output 1, code: there is no function `lowr`; did you mean `lower`? (line 1, column 1)
    code = 'frobnicate(dnis)'
        output 1, code: there is no function `frobnicate`; the functions of DataFusion for text, numbers, dates and regular expressions are there (line 1, column 1)
    cod = 'dnis'
        output 1, cod: response has no column `cod`; did you mean `code`?
    batch_no = '1'
        output 1, batch_no: `batch_no` is filled when a row is loaded; leave it out
    party_key = 'customer'
        output 1, party_key: `party_key` is a pseudonym, made from what identifies a party; give `party_id` or `party_phone` or `party_email`
    "#);
}

#[test]
fn syntax() {
    insta::assert_snapshot!(each(&[
        "code = ''",
        "code = 'dnis +'",
        "code = 'dnis dnis'",
        "code = '(dnis'",
        "code = \"\"\"\ncase\n  when dnis = 'a then 'b'\nend\"\"\"",
        "code = 'select 1'",
        "code = '(select 1)'",
        "code = 'dnis in (select 1)'",
        "code = 'max(dnis)'",
        "code = 'row_number() over ()'",
        "code = 'lower()'",
        "code = 'to_timestamp(start_time, 1, 2, 3)'",
        "code = '$1'",
        "code = 'now()'",
        "code = 'dnis; drop table x'",
        "code = '*'",
        "code = 'array[1,2]'",
    ]), @r#"
    code = ''
        output 1, code: the expression is empty; write a column, a constant in quotes or an expression
    code = 'dnis +'
        output 1, code: it isn't SQL: it ends where an expression should follow
    code = 'dnis dnis'
        output 1, code: it isn't SQL: the expression is over before `dnis`; a field holds one expression (line 1, column 6)
    code = '(dnis'
        output 1, code: it isn't SQL: it ends where ) should follow
    code = """
    case
      when dnis = 'a then 'b'
    end"""
        output 1, code: it isn't SQL: unterminated string literal; text stands in 'single quotes', names with blanks in "double quotes" (line 2, column 25)
    code = 'select 1'
        output 1, code: it isn't SQL: the expression is over before `1`; a field holds one expression (line 1, column 8)
    code = '(select 1)'
        output 1, code: a subquery can't stand here: an expression sees one row of the source; look it up in the warehouse, or bring the other table in by a pipeline of its own (line 1, column 2)
    code = 'dnis in (select 1)'
        output 1, code: a subquery can't stand here: an expression sees one row of the source; look it up in the warehouse, or bring the other table in by a pipeline of its own (line 1, column 10)
    code = 'max(dnis)'
        output 1, code: `max` looks at many rows: an expression sees one row of the source; totals belong into [control] sums, or are worked out in the warehouse (line 1, column 1)
    code = 'row_number() over ()'
        output 1, code: `row_number` is a window function: an expression sees one row of the source; number or rank rows in the warehouse (line 1, column 1)
    code = 'lower()'
        output 1, code: `lower` can't be called with 0 arguments; write lower(str) (line 1, column 1)
    code = 'to_timestamp(start_time, 1, 2, 3)'
        output 1, code: `to_timestamp` can't be called with 4 arguments; write to_timestamp(text[, '%d/%m/%Y %H:%M:%S'[, 'Europe/Berlin']]): local time by a pattern, or as ISO 8601, to UTC (line 1, column 1)
    code = '$1'
        output 1, code: `$1` stands for nothing here; write the value itself (line 1, column 1)
    code = 'now()'
        output 1, code: `now` isn't available: it answers differently each time, and loading the same file again must change nothing; take the value from the source (line 1, column 1)
    code = 'dnis; drop table x'
        output 1, code: it isn't SQL: the expression is over before `;`; a field holds one expression (line 1, column 5)
    code = '*'
        output 1, code: it isn't SQL: expected an expression, found `*` (line 1, column 1)
    code = 'array[1,2]'
        output 1, code: `ARRAY[1, 2]` isn't available in an expression over one row (line 1, column 7)
    "#);
}

#[test]
fn types() {
    insta::assert_snapshot!(each(&[
        "when = \"duration > 60\"",
        "when = \"60 < duration\"",
        "when = \"cast(duration as bigint) > '60'\"",
        "when = \"duration between 1 and 2\"",
        "when = \"duration in (1, 2)\"",
        "when = \"case duration when 1 then true end\"",
        "when = \"start_time > date '2026-01-01'\"",
        "when = \"to_date(start_time) >= '2026-01-01'\"",
        "when = \"to_date(start_time) >= '2026-13-01'\"",
        "when = \"duration\"",
        "when = \"not duration\"",
        "when = \"cast(duration as bigint) = true\"",
        "amount = 'amount * 2'",
        "amount = 'money(amount) * 2'",
        "amount = 'money(amount) + duration'",
        "amount = '-amount'",
        "amount = \"disposition = 'SALE'\"",
        "amount = 'sqrt(money(amount))'",
        "seconds = 'money(amount)'",
        "seconds = 'abs(duration)'",
        "seconds = 'length(duration)'",
        "seconds = 'lower(1)'",
        "day = 'to_timestamp(start_time)'",
        "occurred_at = 'to_date(start_time)'",
        "is_test = 'cast(duration as int)'",
        "code = \"disposition = 'SALE'\"",
        "code = 'money(cast(amount as bigint))'",
        "party_id = 'cast(customer as bigint)'",
        "seconds = 'cast(duration as interval)'",
    ]), @r#"
    when = "duration > 60"
        output 1, when: `duration` is text here; write cast(duration as bigint) > 60
    when = "60 < duration"
        output 1, when: `duration` is text here; write 60 < cast(duration as bigint)
    when = "cast(duration as bigint) > '60'"
        output 1, when: `'60'` is text here; write cast(duration as bigint) > 60
    when = "duration between 1 and 2"
        output 1, when: `duration` is text here; write cast(duration as bigint) >= 1
    when = "duration in (1, 2)"
        output 1, when: `duration` is text here; write cast(duration as bigint) = 1
    when = "case duration when 1 then true end"
        output 1, when: `duration` is text here; write cast(duration as bigint) = 1
    when = "start_time > date '2026-01-01'"
        output 1, when: `start_time` is text here; write to_timestamp(start_time, '%Y-%m-%d %H:%M:%S') > cast('2026-01-01' as date)
    when = "to_date(start_time) >= '2026-01-01'"
        
    when = "to_date(start_time) >= '2026-13-01'"
        output 1, when: '2026-13-01': it isn't a date as ISO 8601 writes them, '2026-03-01'; correct the constant
    when = "duration"
        output 1, when: `when` is a condition, and this is text; write duration = '…'
    when = "not duration"
        output 1, when: it can't be planned: Unary operator 'NOT' requires a boolean expression, got Utf8; check the types of its parts
    when = "cast(duration as bigint) = true"
        output 1, when: `cast(duration as bigint)` is a number (bigint) and `true` is a condition (boolean): they can't be compared; cast one of them
    amount = 'amount * 2'
        output 1, amount: `amount` is text here: `*` works on numbers; write money(amount) for money, cast(amount as bigint) for whole numbers, or || to join texts
    amount = 'money(amount) * 2'
        
    amount = 'money(amount) + duration'
        output 1, amount: `duration` is text here: `+` works on numbers; write money(duration) for money, cast(duration as bigint) for whole numbers, or || to join texts
    amount = '-amount'
        output 1, amount: it can't be planned: Unary operator '-' only supports signed numeric, interval and timestamp types; check the types of its parts
    amount = "disposition = 'SALE'"
        output 1, amount: it is a condition (boolean), and `amount` is a decimal; write case when … then 1 else 0 end, or money(…)
    amount = 'sqrt(money(amount))'
        output 1, amount: it is a number (double), and `amount` is a decimal; write cast(sqrt(money(amount)) as decimal(19,6)): money is exact
    seconds = 'money(amount)'
        output 1, seconds: it is a number (decimal(19,6)), and `seconds` is a whole number; write cast(round(money(amount)) as bigint)
    seconds = 'abs(duration)'
        output 1, seconds: `abs` can't be called with (text); write abs(numeric_expression)
    seconds = 'length(duration)'
        
    seconds = 'lower(1)'
        output 1, seconds: `lower` can't be called with (bigint); write lower(str)
    day = 'to_timestamp(start_time)'
        output 1, day: it is a timestamp, and `day` is a date; write to_date(text, '%Y-%m-%d'): which day an instant falls on depends on the zone
    occurred_at = 'to_date(start_time)'
        output 1, occurred_at: it is a date, and `occurred_at` is a timestamp; write to_timestamp(text, '%Y-%m-%d'): midnight in the pipeline's zone
    is_test = 'cast(duration as int)'
        output 1, is_test: it is a number (int), and `is_test` is yes or no; write cast(duration as int) = 1
    code = "disposition = 'SALE'"
        output 1, code: it is a condition (boolean), and `code` is text; write cast(… as varchar) or to_char(…, '%Y-%m-%d')
    code = 'money(cast(amount as bigint))'
        output 1, code: `money` reads text, and `cast(amount as bigint)` is a number (bigint); write money(text[, 'us' | 'eu' | 'plain']): money with separators and currency to an exact amount
    party_id = 'cast(customer as bigint)'
        output 1, party_id: it is a number (bigint): what identifies a party is text; write cast(cast(customer as bigint) as varchar)
    seconds = 'cast(duration as interval)'
        output 1, seconds: text can't be cast to interval here; cast it to bigint, decimal, double, date, timestamp or boolean
    "#);
}

#[test]
fn constants() {
    insta::assert_snapshot!(each(&[
        "response_type = \"'ordr'\"",
        "response_type = \"case disposition when 'SALE' then 'order' else 'enquiry' end\"",
        "currency_code = \"'EURO'\"",
        "amount = \"'12,50'\"",
        "amount = \"'12.50'\"",
        "amount = \"money('1,234')\"",
        "seconds = '1 / 0'",
        "occurred_at = \"to_timestamp(start_time, 'dd/mm/yyyy')\"",
        "occurred_at = \"to_timestamp(start_time, '%d/%m/%Y %Z')\"",
        "occurred_at = \"to_timestamp(start_time, '%d/%m')\"",
        "occurred_at = \"to_timestamp(start_time, '%d/%m/%Y', 'Europe/Berln')\"",
        "occurred_at = 'to_timestamp(start_time, dnis)'",
        "occurred_at = \"from_epoch(start_time, 'h')\"",
        "amount = \"money(amount, 'uk')\"",
        "party_phone = \"phone(ani, 'USA')\"",
    ]), @r#"
    response_type = "'ordr'"
        output 1, response_type: 'ordr' doesn't fit: `response_type` is one of order, inquiry, refusal; did you mean 'order'?
    response_type = "case disposition when 'SALE' then 'order' else 'enquiry' end"
        output 1, response_type: 'enquiry' doesn't fit: `response_type` is one of order, inquiry, refusal; did you mean 'inquiry'?
    currency_code = "'EURO'"
        output 1, currency_code: 'EURO' doesn't fit: `currency_code` takes 3 characters, and this is 4 long
    amount = "'12,50'"
        output 1, amount: '12,50': it isn't a number; money with separators or a currency is read by money(); correct the constant
    amount = "'12.50'"
        
    amount = "money('1,234')"
        output 1, amount: '1,234': its separator may stand before thousands or before a fraction: say which by 'us' or 'eu'; correct the constant
    seconds = '1 / 0'
        output 1, seconds: division by zero; correct the constant
    occurred_at = "to_timestamp(start_time, 'dd/mm/yyyy')"
        output 1, occurred_at: 'dd/mm/yyyy' is no pattern of dates: it doesn't say year, month and day; write it as strptime does: '%d/%m/%Y %H:%M:%S'
    occurred_at = "to_timestamp(start_time, '%d/%m/%Y %Z')"
        output 1, occurred_at: '%d/%m/%Y %Z' is no pattern of dates: parsing time zone abbreviation is not allowed; write it as strptime does: '%d/%m/%Y %H:%M:%S'
    occurred_at = "to_timestamp(start_time, '%d/%m')"
        output 1, occurred_at: '%d/%m' is no pattern of dates: it doesn't say year, month and day; write it as strptime does: '%d/%m/%Y %H:%M:%S'
    occurred_at = "to_timestamp(start_time, '%d/%m/%Y', 'Europe/Berln')"
        output 1, occurred_at: there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?
    occurred_at = 'to_timestamp(start_time, dnis)'
        output 1, occurred_at: the second and later arguments of `to_timestamp` are constants in quotes, and `dnis` isn't one; write to_timestamp(text[, '%d/%m/%Y %H:%M:%S'[, 'Europe/Berlin']]): local time by a pattern, or as ISO 8601, to UTC
    occurred_at = "from_epoch(start_time, 'h')"
        output 1, occurred_at: 'h' is no unit of from_epoch; write 's', 'ms' or 'us'
    amount = "money(amount, 'uk')"
        output 1, amount: 'uk' is no notation of money; write 'us' (1,234.50), 'eu' (1.234,50) or 'plain' (1234.50)
    party_phone = "phone(ani, 'USA')"
        output 1, party_phone: 'USA' is no country; write its ISO 3166-1 code of two letters: 'US'
    "#);
}

#[test]
fn contacts_are_not_stored_as_they_are() {
    insta::assert_snapshot!(each(&[
        "party_phone = 'ani'\ncode = 'ani'",
        "party_phone = 'ani'\ncode = 'upper(trim(ani))'",
        "party_phone = 'ani'\ncode = \"case when ani like '1800%' then 'free' else 'paid' end\"",
        "party_id = 'customer'\ncode = 'customer'",
    ]), @r#"
    party_phone = 'ani'
    code = 'ani'
        output 1, code: `ani` is stored as a pseudonym, so it can't be stored in `code` as it is; store what you decide by it (case when … then 'a' else 'b' end), or split the output in two by `when`
    party_phone = 'ani'
    code = 'upper(trim(ani))'
        output 1, code: `ani` is stored as a pseudonym, so it can't be stored in `code` as it is; store what you decide by it (case when … then 'a' else 'b' end), or split the output in two by `when`
    party_phone = 'ani'
    code = "case when ani like '1800%' then 'free' else 'paid' end"
        
    party_id = 'customer'
    code = 'customer'
    "#);
    let two = |first: &str, second: &str| {
        let fields = "source_key = 'call_id'\noccurred_at = 'to_timestamp(start_time)'\nresponse_type = \"'order'\"";
        problems(&pipeline(&format!(
            "[[output]]\nrecord = 'response'\n{first}\n[output.fields]\n{fields}\ncode = 'dnis'\nparty_phone = 'ani'
             [[output]]\nrecord = 'response'\n{second}\n[output.fields]\n{fields}\nparty_phone = 'dnis'"
        )))
    };
    insta::assert_snapshot!(two("", ""), @"output 1, code: `dnis` is stored as a pseudonym, so it can't be stored in `code` as it is; store what you decide by it (case when … then 'a' else 'b' end), or split the output in two by `when`");
    assert_eq!(two("when = \"disposition = 'IN'\"", "when = \"disposition = 'OUT'\""), "");
}

#[test]
fn everything_wrong_in_one_go() {
    let wrong = pipeline(
        "[mapping]\ntimezone = 'Amerika/New_York'\nphone_region = 'XX'
        [[output]]\nrecord = 'respons'\n[output.fields]
        [[output]]\nrecord = 'response'\nwhen = 'dinis'\n[output.fields]\ncode = 'foo'\nseconds = 'bar + 1 +'
        [control]\nsums = { 'sum(amount)' = 'trailer.a', 'max(amount)' = 'trailer.b', 'sum(money(amunt))' = 'trailer.c', 'amount' = 'trailer.d' }",
    );
    insta::assert_snapshot!(problems(&wrong), @r#"
    output 1: there is no time zone 'Amerika/New_York'; did you mean 'America/New_York'?
    output 1: 'XX' is no country; write its ISO 3166-1 code of two letters: 'US'
    output 1: there is no record kind `respons`; `campaignd schema` lists the tables
    output 2, when: column `dinis` is not in the source: it has call_id, start_time, dnis, ani, disposition, duration, amount, email, customer, Agent Name; did you mean `dnis`? (line 1, column 1)
    output 2: `source_key` is required in response and isn't given; add `source_key = "…"` to the fields
    output 2: `occurred_at` is required in response and isn't given; add `occurred_at = "…"` to the fields
    output 2, code: column `foo` is not in the source: it has call_id, start_time, dnis, ani, disposition, duration, amount, email, customer, Agent Name (line 1, column 1)
    output 2: `response_type` is required in response and isn't given; add `response_type = "…"` to the fields
    output 2, seconds: it isn't SQL: it ends where an expression should follow
    [control] amount: a total of [control] is one sum or count over the source's columns; write sum(money(amount)), sum(cast(account as bigint)) or count(*)
    [control] max(amount): a total of [control] is one sum or count over the source's columns; write sum(money(amount)), sum(cast(account as bigint)) or count(*)
    [control] sum(amount): a sum adds numbers up exactly, and this is text; write sum(money(amount)) or sum(cast(amount as bigint))
    [control] sum(money(amunt)): column `amunt` is not in the source: it has call_id, start_time, dnis, ani, disposition, duration, amount, email, customer, Agent Name; did you mean `amount`? (line 1, column 7)
    "#);
}

#[test]
fn without_the_columns_the_rest_is_still_checked() {
    let pipeline = one("code = 'anything'\nseconds = 'also > 1'\nday = 'max(x)'\nresponse_type = \"'ordr'\"");
    insta::assert_snapshot!(shown(&check_for(&pipeline, None, table)), @"
    output 1, response_type: 'ordr' doesn't fit: `response_type` is one of order, inquiry, refusal; did you mean 'order'?
    output 1, seconds: `also` is text here; write cast(also as bigint) > 1
    output 1, day: `max` looks at many rows: an expression sees one row of the source; totals belong into [control] sums, or are worked out in the warehouse (line 1, column 1)
    ");
}

#[test]
fn columns_come_once() {
    let twice = [columns(), columns()].concat();
    insta::assert_snapshot!(shown(&check_for(&one("code = 'dnis'"), Some(&twice), table)), @"output 1: the source has two columns `call_id`; name the columns in [format] yourself, each once");
}

#[test]
fn deep_expressions_are_refused_and_long_ones_are_not() {
    let deep = vec!["dnis"; 5_000].join(" || ");
    insta::assert_snapshot!(problems(&one(&format!("code = '{deep}'"))), @"output 1, code: the expression is longer than 20000 characters; put the values into a table and join there");
    let chain = format!("{}{}{}", "lower(".repeat(20), vec!["dnis"; 100].join(" || "), ")".repeat(20));
    assert_eq!(problems(&one(&format!("code = '{chain}'"))), "");
    let nested = format!("{}dnis{}", "(".repeat(300), ")".repeat(300));
    insta::assert_snapshot!(problems(&one(&format!("code = '{nested}'"))), @"output 1, code: it isn't SQL: it is nested too deep");
    let branches = (0..300).map(|n| format!("when '{n}' then 'code{n}'")).collect::<Vec<_>>().join(" ");
    assert_eq!(problems(&one(&format!("code = \"case dnis {branches} end\""))), "");
}

#[test]
fn every_column_of_a_row_that_fails_is_shown_masked() {
    assert_eq!(COLUMNS.len(), 10);
    let output = mapped(
        &one("party_email = 'email'\nseconds = 'cast(duration as bigint) / cast(dnis as bigint)'"),
        &["c|||||7", "c||0|||7"],
    );
    assert_eq!(output.rejected[0].code, codes::BAD_EXPRESSION);
    insta::assert_snapshot!(format!("{:?}", output.rejected), @r#"[RejectedRow { row: 1, field: "seconds", code: "bad_expression", text: "duration = '7', dnis = '0'", reason: "division by zero" }]"#);
}
