//! Which types go together. Every column of a source is text: where SQL would quietly compare or add text and numbers,
//! we say what to write instead.

use arrow_schema::DataType;
use datafusion_common::DFSchema;
use datafusion_common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion_expr::expr::{Between, BinaryExpr, Case, InList, Like, ScalarFunction};
use datafusion_expr::type_coercion::functions::fields_with_udf;
use datafusion_expr::{Expr, ExprSchemable, Operator};

use super::cast::type_name;
use super::functions;
use super::problem::Mistake;

/// What a type is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Text,
    Number,
    Boolean,
    Moment,
    Null,
    Other,
}

/// The class of a type.
pub(super) fn class(data_type: &DataType) -> Class {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Class::Text,
        DataType::Boolean => Class::Boolean,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Class::Moment,
        DataType::Null => Class::Null,
        other if other.is_numeric() => Class::Number,
        _ => Class::Other,
    }
}

/// Checks every part of an expression, the innermost first.
pub(super) fn check(expression: &Expr, schema: &DFSchema) -> Result<(), Mistake> {
    let mut children = Vec::new();
    // Only collects: nothing in it can fail.
    let _ = expression.apply_children(|child| {
        children.push(child);
        Ok(TreeNodeRecursion::Continue)
    });
    for child in children {
        check(child, schema)?;
    }
    check_node(expression, schema)
}

fn check_node(expression: &Expr, schema: &DFSchema) -> Result<(), Mistake> {
    match expression {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match op {
            Operator::And | Operator::Or => {
                condition(left, schema)?;
                condition(right, schema)
            }
            Operator::Plus | Operator::Minus | Operator::Multiply | Operator::Divide | Operator::Modulo => {
                number(left, *op, schema)?;
                number(right, *op, schema)
            }
            Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom => comparable(left, right, &op.to_string(), schema),
            _ => Ok(()),
        },
        Expr::Not(inner)
        | Expr::IsTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsNotFalse(inner) => condition(inner, schema),
        Expr::Negative(inner) => number(inner, Operator::Minus, schema),
        Expr::Between(Between { expr, low, high, .. }) => {
            comparable(expr, low, "between", schema)?;
            comparable(expr, high, "between", schema)
        }
        Expr::InList(InList { expr, list, .. }) => {
            list.iter().try_for_each(|item| comparable(expr, item, "in", schema))
        }
        Expr::Case(Case { expr, when_then_expr, .. }) => when_then_expr.iter().try_for_each(|(when, _)| match expr {
            Some(base) => comparable(base, when, "=", schema),
            None => condition(when, schema),
        }),
        Expr::Like(Like { expr, pattern, .. }) | Expr::SimilarTo(Like { expr, pattern, .. }) => {
            for side in [expr, pattern] {
                let found = type_of(side, schema)?;
                if !matches!(class(&found), Class::Text | Class::Null) {
                    let message = format!("{} is {}: `like` looks at text", described(side), article(&found));
                    return Err(Mistake::new(message, format!("write cast({} as varchar)", written(side))));
                }
            }
            Ok(())
        }
        Expr::ScalarFunction(function) => check_call(function, schema),
        _ => Ok(()),
    }
}

fn check_call(call: &ScalarFunction, schema: &DFSchema) -> Result<(), Mistake> {
    let name = call.func.name();
    let mut fields = Vec::with_capacity(call.args.len());
    for argument in &call.args {
        fields.push(argument.to_field(schema).map_err(|_| cannot_type(argument))?.1);
    }
    if functions::OURS.iter().any(|declared| declared.name == name) {
        return check_ours(call, name, schema);
    }
    let given = || fields.iter().map(|field| type_name(field.data_type())).collect::<Vec<_>>().join(", ");
    let usage = functions::find(name).map(|known| known.usage()).unwrap_or_default();
    let Ok(coerced) = fields_with_udf(&fields, call.func.as_ref()) else {
        let column = call.args.iter().find(|argument| matches!(argument, Expr::Column(_)));
        let note = column.map_or(String::new(), |column| format!(": {} is text here", described(column)));
        return Err(Mistake::new(format!("`{name}` can't be called with ({}){note}", given()), usage));
    };
    for ((argument, field), wanted) in call.args.iter().zip(&fields).zip(&coerced) {
        let literal = matches!(argument, Expr::Literal(..));
        if class(field.data_type()) == Class::Text
            && matches!(class(wanted.data_type()), Class::Number | Class::Boolean | Class::Moment)
            && !(literal && class(wanted.data_type()) == Class::Moment)
        {
            let message =
                format!("`{name}` takes {}, and {} is text here", article(wanted.data_type()), described(argument));
            return Err(Mistake::new(message, format!("write {}", as_class(argument, class(wanted.data_type())))));
        }
    }
    Expr::ScalarFunction(call.clone())
        .get_type(schema)
        .map(|_| ())
        .map_err(|_| Mistake::new(format!("`{name}` can't be called with ({})", given()), usage))
}

fn check_ours(call: &ScalarFunction, name: &str, schema: &DFSchema) -> Result<(), Mistake> {
    let usage = functions::find(name).map(|known| known.usage()).unwrap_or_default();
    let Some(first) = call.args.first() else { return Ok(()) };
    let found = type_of(first, schema)?;
    let fits = match class(&found) {
        Class::Text | Class::Null => true,
        Class::Number => name == "from_epoch" && found.is_integer(),
        _ => false,
    };
    if !fits {
        return Err(Mistake::new(
            format!("`{name}` reads text, and {} is {}", described(first), article(&found)),
            usage,
        ));
    }
    for argument in &call.args[1..] {
        if !matches!(argument, Expr::Literal(value, _) if value.try_as_str().flatten().is_some()) {
            let message = format!(
                "the second and later arguments of `{name}` are constants in quotes, and {} isn't one",
                described(argument)
            );
            return Err(Mistake::new(message, usage));
        }
    }
    Ok(())
}

/// The type of a part, which its own parts have passed the checks for.
pub(super) fn type_of(expression: &Expr, schema: &DFSchema) -> Result<DataType, Mistake> {
    expression.get_type(schema).map_err(|_| cannot_type(expression))
}

fn cannot_type(expression: &Expr) -> Mistake {
    Mistake::new(
        format!("the parts of {} don't go together", described(expression)),
        "check the types on both sides of its operators",
    )
}

fn condition(expression: &Expr, schema: &DFSchema) -> Result<(), Mistake> {
    let found = type_of(expression, schema)?;
    if matches!(class(&found), Class::Boolean | Class::Null) {
        return Ok(());
    }
    let help = match class(&found) {
        Class::Text => format!("write {} = '…' or {} is not null", written(expression), written(expression)),
        _ => format!("write {} <> 0 or {} is not null", written(expression), written(expression)),
    };
    Err(Mistake::new(format!("{} is {}, not a condition", described(expression), article(&found)), help))
}

fn number(expression: &Expr, operator: Operator, schema: &DFSchema) -> Result<(), Mistake> {
    let found = type_of(expression, schema)?;
    match class(&found) {
        Class::Text => {
            let written = written(expression);
            let help = format!(
                "write money({written}) for money, cast({written} as bigint) for whole numbers, or || to join texts"
            );
            Err(Mistake::new(format!("{} is text here: `{operator}` works on numbers", described(expression)), help))
        }
        Class::Boolean => {
            let help = format!("write case when {} then 1 else 0 end", written(expression));
            Err(Mistake::new(format!("{} is a condition: `{operator}` works on numbers", described(expression)), help))
        }
        _ => Ok(()),
    }
}

fn comparable(left: &Expr, right: &Expr, operator: &str, schema: &DFSchema) -> Result<(), Mistake> {
    let (of_left, of_right) = (type_of(left, schema)?, type_of(right, schema)?);
    let (left_class, right_class) = (class(&of_left), class(&of_right));
    let literal = |side: &Expr| matches!(side, Expr::Literal(..));
    match (left_class, right_class) {
        (a, b) if a == b || a == Class::Null || b == Class::Null || a == Class::Other || b == Class::Other => Ok(()),
        (Class::Text, Class::Moment) if literal(left) => Ok(()),
        (Class::Moment, Class::Text) if literal(right) => Ok(()),
        (Class::Text, other) => {
            let right = match operator {
                "between" => "… and …".to_owned(),
                "in" => "(…)".to_owned(),
                _ => written(right),
            };
            Err(text_here(left, &format!("{} {operator} {right}", as_class(left, other))))
        }
        (other, Class::Text) => {
            let fixed = format!("{} {operator} {}", written(left), as_class(right, other));
            Err(text_here(right, &fixed))
        }
        _ => {
            let message = format!(
                "{} is {} and {} is {}: they can't be compared",
                described(left),
                article(&of_left),
                described(right),
                article(&of_right)
            );
            Err(Mistake::new(message, "cast one of them"))
        }
    }
}

fn text_here(expression: &Expr, fixed: &str) -> Mistake {
    Mistake::new(format!("{} is text here", described(expression)), format!("write {fixed}"))
}

/// How to write a text so that it is of another class.
fn as_class(expression: &Expr, class: Class) -> String {
    if let Expr::Literal(value, _) = expression
        && let Some(Some(text)) = value.try_as_str()
        && (class == Class::Number || class == Class::Boolean)
    {
        return text.to_owned();
    }
    let written = written(expression);
    match class {
        Class::Number => format!("cast({written} as bigint)"),
        Class::Boolean => format!("cast({written} as boolean)"),
        Class::Moment => format!("to_timestamp({written}, '%Y-%m-%d %H:%M:%S')"),
        _ => written,
    }
}

/// A type with its article: `text`, `a number`.
pub(super) fn article(data_type: &DataType) -> String {
    match class(data_type) {
        Class::Text => "text".into(),
        Class::Number => format!("a number ({})", type_name(data_type)),
        Class::Boolean => "a condition (boolean)".into(),
        Class::Moment => format!("a {}", type_name(data_type)),
        Class::Null => "null".into(),
        Class::Other => type_name(data_type),
    }
}

/// A part of an expression as the subject of a sentence.
pub(super) fn described(expression: &Expr) -> String {
    match expression {
        Expr::Column(_) | Expr::Literal(..) | Expr::ScalarFunction(_) | Expr::Cast(_) | Expr::TryCast(_) => {
            format!("`{}`", written(expression))
        }
        Expr::Case(_) => "the `case`".into(),
        Expr::BinaryExpr(binary) => format!("the result of `{}`", binary.op),
        _ => "a part of the expression".into(),
    }
}

/// A part of an expression, roughly as it was written.
pub(super) fn written(expression: &Expr) -> String {
    match expression {
        Expr::Column(column) if column.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
            column.name.clone()
        }
        Expr::Column(column) => format!("\"{}\"", column.name),
        Expr::Literal(value, _) => match value.try_as_str() {
            Some(Some(text)) => format!("'{}'", text.replace('\'', "''")),
            _ if value.is_null() => "null".into(),
            _ => value.to_string(),
        },
        Expr::ScalarFunction(call) if call.args.is_empty() => format!("{}()", call.func.name()),
        Expr::ScalarFunction(call) if call.args.len() == 1 => {
            format!("{}({})", call.func.name(), written(&call.args[0]))
        }
        Expr::ScalarFunction(call) => format!("{}({}, …)", call.func.name(), written(&call.args[0])),
        Expr::Cast(cast) => format!("cast({} as {})", written(&cast.expr), type_name(cast.field.data_type())),
        Expr::TryCast(cast) => format!("try_cast({} as {})", written(&cast.expr), type_name(cast.field.data_type())),
        Expr::Alias(alias) => written(&alias.expr),
        _ => "…".into(),
    }
}
