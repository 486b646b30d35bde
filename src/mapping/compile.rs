//! One output of a pipeline from its settings: every name and expression checked, all mistakes found in one go.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_schema::{Field as ArrowField, Schema};
use campaignd_contract::{Column, ColumnType, Input, InputKind, Table};
use datafusion_expr::Expr;

use super::checks;
use super::output::{Field, FieldValue, Money, Output};
use super::party;
use super::plan::{Planned, Planner, flowing};
use super::problem::{Mistake, Problem, closest};
use super::types::{Class, article, class, written};
use crate::settings;

/// The columns of a source that say who somebody is.
#[derive(Debug, Default)]
pub(super) struct Identifying {
    /// Those that the expression of any input names: their text is masked in rejects.
    pub named: BTreeSet<String>,
    /// Those whose content becomes a telephone number or an e-mail address: not to be stored as they are.
    contacts: Vec<Contact>,
}

#[derive(Debug)]
struct Contact {
    column: String,
    output: usize,
    conditional: bool,
}

impl Identifying {
    /// Of all outputs of a pipeline. Mistakes are left to [`compile`].
    pub fn of(outputs: &[(&settings::Output, Option<&'static Table>)], planner: &Planner) -> Self {
        let mut identifying = Self::default();
        for (index, (output, table)) in outputs.iter().enumerate() {
            let inputs = table.map_or(&[][..], |table| table.inputs);
            for (input, text) in inputs.iter().filter_map(|input| Some((input, output.fields.get(input.name)?))) {
                let Ok(field) = planner.plan(text, None) else { continue };
                identifying.named.extend(field.names.iter().cloned());
                if input.kind != InputKind::Identifier {
                    let conditional = output.when.is_some();
                    let contact = |column| Contact { column, output: index, conditional };
                    identifying.contacts.extend(flowing(&field.logical).into_iter().map(contact));
                }
            }
        }
        identifying
    }
}

impl Identifying {
    /// Whether a column may not be stored as it is by an output. Two outputs that both have a condition may see
    /// different rows, so that the number dialled is a customer in one and a campaign's number in the other.
    fn forbids(&self, column: &str, output: usize, conditional: bool) -> bool {
        let here = |contact: &Contact| contact.output == output || !contact.conditional || !conditional;
        self.contacts.iter().any(|contact| contact.column == column && here(contact))
    }
}

/// Compiles the output at `index`, adding what is wrong with it to `problems`.
pub(super) fn compile(
    index: usize,
    output: &settings::Output,
    table: &'static Table,
    planner: &Planner,
    identifying: &Identifying,
    problems: &mut Vec<Problem>,
) -> Option<Output> {
    let mut compiling =
        Compiling { index, output, table, planner, identifying, fields: Vec::new(), mistakes: Vec::new() };
    let when = output.when.as_ref().and_then(|text| compiling.when(text));
    for name in output.fields.keys() {
        if let Err(mistake) = check_name(name, table) {
            compiling.mistakes.push((Some(name.clone()), mistake));
        }
    }
    table.columns.iter().for_each(|column| compiling.column(column));
    let Compiling { fields, mistakes, .. } = compiling;
    if mistakes.is_empty() {
        return Some(assemble(table, when, fields));
    }
    problems.extend(mistakes.into_iter().map(|(field, Mistake { message, help, at })| Problem {
        output: index,
        field,
        control: None,
        message,
        help,
        at,
    }));
    None
}

struct Compiling<'a> {
    index: usize,
    output: &'a settings::Output,
    table: &'static Table,
    planner: &'a Planner,
    identifying: &'a Identifying,
    fields: Vec<Field>,
    mistakes: Vec<(Option<String>, Mistake)>,
}

impl Compiling<'_> {
    fn add(&mut self, field: &str, mistakes: Vec<Mistake>) {
        self.mistakes.extend(mistakes.into_iter().map(|mistake| (Some(field.to_owned()), mistake)));
    }

    fn when(&mut self, text: &str) -> Option<Planned> {
        let planned = self.planner.plan(text, None).and_then(|planned| {
            if class(&planned.data_type) == Class::Boolean {
                return Ok(planned);
            }
            let message = format!("`when` is a condition, and this is {}", article(&planned.data_type));
            Err(vec![Mistake::new(message, format!("write {} = '…'", written(&planned.logical)))])
        });
        planned.map_err(|mistakes| self.add("when", mistakes)).ok()
    }

    fn column(&mut self, column: &'static Column) {
        let inputs: Vec<&'static Input> =
            self.table.inputs.iter().filter(|input| input.column == column.name).collect();
        let given: Vec<_> =
            inputs.iter().filter(|input| self.output.fields.contains_key(input.name)).copied().collect();
        let data_type = checks::arrow_type(column.kind);
        if !given.is_empty() {
            match party::compile(&given, &self.output.fields, self.planner) {
                Ok(parties) => self.fields.push(Field { column, data_type, value: FieldValue::Party(parties) }),
                Err(wrong) => wrong.into_iter().for_each(|(name, mistakes)| self.add(name, mistakes)),
            }
        } else if let Some(text) = self.output.fields.get(column.name) {
            // A column that can't be given was reported with its name.
            if check_name(column.name, self.table).is_err() {
                return;
            }
            match self.field(text, column) {
                Ok(planned) => {
                    self.fields.push(Field { column, data_type, value: FieldValue::Expression(Box::new(planned)) });
                }
                Err(mistakes) => self.add(column.name, mistakes),
            }
        } else if is_missing(column) {
            let message = format!("`{}` is required in {} and isn't given", column.name, self.table.name);
            let names = || inputs.iter().map(|input| format!("`{}`", input.name)).collect::<Vec<_>>().join(" or ");
            let help = if inputs.is_empty() {
                format!("add `{} = \"…\"` to the fields", column.name)
            } else {
                format!("give {}", names())
            };
            self.mistakes.push((None, Mistake::new(message, help)));
        }
    }

    fn field(&self, text: &str, column: &'static Column) -> Result<Planned, Vec<Mistake>> {
        let wanted = checks::arrow_type(column.kind);
        let plain = self.planner.plan(text, None)?;
        let one = |mistake: Mistake| vec![mistake];
        let found = &plain.data_type;
        if let Some(help) = misfit(found, column.kind, &plain.logical) {
            let message = format!("it is {}, and `{}` is {}", article(found), column.name, kind_name(column.kind));
            return Err(vec![Mistake::new(message, help)]);
        }
        check_literals(&plain.logical, column).map_err(one)?;
        let conditional = self.output.when.is_some();
        let forbidden = |name: &String| self.identifying.forbids(name, self.index, conditional);
        if let Some(contact) = flowing(&plain.logical).into_iter().find(forbidden) {
            let message =
                format!("`{contact}` is stored as a pseudonym, so it can't be stored in `{}` as it is", column.name);
            let help =
                "store what you decide by it (case when … then 'a' else 'b' end), or split the output in two by `when`";
            return Err(vec![Mistake::new(message, help)]);
        }
        self.planner.plan(text, Some(&wanted))
    }
}

fn is_missing(column: &Column) -> bool {
    column.required && column.default.is_none() && !column.lineage && column.kind != ColumnType::Identity
}

/// Whether a name may stand in the fields of an output to that table.
fn check_name(name: &str, table: &Table) -> Result<(), Mistake> {
    if table.inputs.iter().any(|input| input.name == name) {
        return Ok(());
    }
    let Some(column) = table.column(name) else {
        let names = table.columns.iter().filter(|c| !c.lineage && c.kind != ColumnType::Identity).map(|c| c.name);
        let names = names.chain(table.inputs.iter().map(|input| input.name));
        let help = match closest(name, names) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("`campaignd schema {}` lists its columns", table.name),
        };
        return Err(Mistake::new(format!("{} has no column `{name}`", table.name), help));
    };
    let inputs: Vec<_> =
        table.inputs.iter().filter(|input| input.column == name).map(|i| format!("`{}`", i.name)).collect();
    if !inputs.is_empty() {
        let message = format!("`{name}` is a pseudonym, made from what identifies a party");
        return Err(Mistake::new(message, format!("give {}", inputs.join(" or "))));
    }
    if column.lineage || column.kind == ColumnType::Identity {
        return Err(Mistake::new(format!("`{name}` is filled when a row is loaded"), "leave it out"));
    }
    Ok(())
}

fn kind_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text(_) | ColumnType::Choice(_) => "text",
        ColumnType::Integer | ColumnType::Identity => "a whole number",
        ColumnType::Decimal => "a decimal",
        ColumnType::Date => "a date",
        ColumnType::Timestamp => "a timestamp",
        ColumnType::Boolean => "yes or no",
        ColumnType::Bytes => "bytes",
    }
}

/// What to write instead where a type can't become a column's; none where it can.
fn misfit(found: &arrow_schema::DataType, kind: ColumnType, expression: &Expr) -> Option<String> {
    use arrow_schema::DataType as D;
    let written = written(expression);
    let fits = match kind {
        _ if matches!(class(found), Class::Text | Class::Null) => true,
        ColumnType::Text(_) | ColumnType::Choice(_) => {
            found.is_integer() || matches!(found, D::Decimal128(..) | D::Date32)
        }
        ColumnType::Integer | ColumnType::Identity => found.is_integer(),
        ColumnType::Decimal => found.is_integer() || matches!(found, D::Decimal128(..)),
        ColumnType::Date => matches!(found, D::Date32),
        ColumnType::Timestamp => matches!(found, D::Timestamp(_, None)),
        ColumnType::Boolean => matches!(found, D::Boolean),
        ColumnType::Bytes => matches!(found, D::Binary),
    };
    if fits {
        return None;
    }
    Some(match kind {
        ColumnType::Text(_) | ColumnType::Choice(_) => {
            format!("write cast({written} as varchar) or to_char({written}, '%Y-%m-%d')")
        }
        ColumnType::Integer | ColumnType::Identity => format!("write cast(round({written}) as bigint)"),
        ColumnType::Decimal if found.is_floating() => format!("write cast({written} as decimal(19,6)): money is exact"),
        ColumnType::Decimal => format!("write case when {written} then 1 else 0 end, or money(…)"),
        ColumnType::Date => "write to_date(text, '%Y-%m-%d'): which day an instant falls on depends on the zone".into(),
        ColumnType::Timestamp => "write to_timestamp(text, '%Y-%m-%d'): midnight in the pipeline's zone".into(),
        ColumnType::Boolean => format!("write {written} = 1"),
        ColumnType::Bytes => "give text".into(),
    })
}

/// Checks the constants that an expression may result in against the words and the length a column takes.
fn check_literals(expression: &Expr, column: &Column) -> Result<(), Mistake> {
    match expression {
        Expr::Literal(value, _) => {
            let Some(Some(text)) = value.try_as_str() else { return Ok(()) };
            checks::check_text(column, text).map_err(|refusal| {
                let words = if let ColumnType::Choice(words) = column.kind { words } else { &[] };
                let help = closest(text, words.iter().copied())
                    .map_or(String::new(), |close| format!("did you mean '{close}'?"));
                Mistake::new(format!("'{text}' doesn't fit: {}", refusal.reason), help)
            })
        }
        Expr::Case(case) => {
            let results = case.when_then_expr.iter().map(|(_, then)| then).chain(case.else_expr.iter());
            results.map(AsRef::as_ref).try_for_each(|result| check_literals(result, column))
        }
        _ => Ok(()),
    }
}

fn assemble(table: &'static Table, when: Option<Planned>, fields: Vec<Field>) -> Output {
    let money = fields
        .iter()
        .position(|field| field.column.kind == ColumnType::Decimal && field.column.unit == "currency_code");
    let currency =
        fields.iter().find(|field| field.column.name == "currency_code").and_then(|field| match &field.value {
            FieldValue::Expression(planned) => planned.constant.as_ref()?.try_as_str()?.map(str::to_owned),
            FieldValue::Party(_) => None,
        });
    let columns: Vec<_> =
        fields.iter().map(|field| ArrowField::new(field.column.name, field.data_type.clone(), true)).collect();
    Output {
        table,
        when,
        money: money.map(|index| Money { column: fields[index].column, currency }),
        money_field: money,
        fields,
        schema: Arc::new(Schema::new(columns)),
    }
}
