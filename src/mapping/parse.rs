//! The text of an expression to a syntax tree whose names are the source's: what SQL allows but a field of a pipeline
//! doesn't (aggregates, subqueries, windows) is refused here, with the place where it stands.

use std::ops::ControlFlow;

use datafusion_sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Query, Spanned, UnaryOperator, Value,
    VisitMut, VisitorMut,
};
use datafusion_sql::sqlparser::dialect::GenericDialect;
use datafusion_sql::sqlparser::parser::{Parser, ParserError};
use datafusion_sql::sqlparser::tokenizer::{Span, Token, Tokenizer};

use super::functions;
use super::problem::{Mistake, closest};

/// Characters of an expression at most, and operators in it: bounds on the depth of what walks over it.
const CHARACTERS: usize = 20_000;
const OPERATORS: usize = 100;

/// An expression whose columns are those of the source, spelled as the source spells them.
pub(super) struct Parsed {
    pub tree: Expr,
    /// The columns it names, in order of appearance.
    pub columns: Vec<String>,
}

/// Parses an expression. Where the columns of the source aren't known, every name is taken for one.
pub(super) fn parse(text: &str, columns: Option<&[String]>) -> Result<Parsed, Vec<Mistake>> {
    let mut tree = syntax(text).map_err(|mistake| vec![mistake])?;
    let mut resolver = Resolver { columns, named: Vec::new(), mistakes: Vec::new() };
    let _ = tree.visit(&mut resolver);
    if resolver.mistakes.is_empty() { Ok(Parsed { tree, columns: resolver.named }) } else { Err(resolver.mistakes) }
}

/// The syntax tree of an expression, its names not looked at.
pub(super) fn syntax(text: &str) -> Result<Expr, Mistake> {
    if text.trim().is_empty() {
        return Err(Mistake::new("the expression is empty", "write a column, a constant in quotes or an expression"));
    }
    if text.chars().count() > CHARACTERS {
        let help = "put the values into a table and join there";
        return Err(Mistake::new(format!("the expression is longer than {CHARACTERS} characters"), help));
    }
    let tokens = Tokenizer::new(&GenericDialect {}, text).tokenize_with_location().map_err(|error| {
        let at = (usize::try_from(error.location.line), usize::try_from(error.location.column));
        let message = format!("it isn't SQL: {}", error.message.to_lowercase());
        Mistake::new(message, "text stands in 'single quotes', names with blanks in \"double quotes\"")
            .at(if let (Ok(line), Ok(column)) = at { Some((line, column)) } else { None })
    })?;
    if tokens.iter().filter(|token| is_operator(&token.token)).count() > OPERATORS {
        let help = "use `in (…)` or `case`, or split it into several outputs";
        return Err(Mistake::new(format!("the expression has more than {OPERATORS} operators"), help));
    }
    let mut parser = Parser::new(&GenericDialect {}).with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().map_err(|error| syntax_mistake(&error))?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        let message = format!("it isn't SQL: the expression is over before `{}`", rest.token);
        return Err(Mistake::new(message, "a field holds one expression").at(place(rest.span)));
    }
    Ok(tree)
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => {
            word.quote_style.is_none()
                && matches!(word.value.to_ascii_lowercase().as_str(), "and" | "or" | "not" | "is" | "like")
        }
        Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::Mod
        | Token::StringConcat
        | Token::DoubleColon => true,
        _ => false,
    }
}

fn syntax_mistake(error: &ParserError) -> Mistake {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => "it is nested too deep",
    };
    // The library writes the place behind the message and nowhere else.
    let (text, at) = match text.rsplit_once(" at Line: ") {
        Some((text, place)) => {
            let place = place.split_once(", Column: ").and_then(|(l, c)| Some((l.parse().ok()?, c.parse().ok()?)));
            (text, place)
        }
        None => (text, None),
    };
    let message = match text.strip_prefix("Expected: ").and_then(|text| text.rsplit_once(", found: ")) {
        Some((expected, "EOF")) => format!("it isn't SQL: it ends where {expected} should follow"),
        Some((expected, found)) => format!("it isn't SQL: expected {expected}, found `{found}`"),
        None => format!("it isn't SQL: {}", text.to_lowercase()),
    };
    Mistake::new(message, "").at(at)
}

/// Where a part of an expression stands.
fn place(span: Span) -> Option<(usize, usize)> {
    let (line, column) = (usize::try_from(span.start.line).ok()?, usize::try_from(span.start.column).ok()?);
    (line > 0).then_some((line, column))
}

struct Resolver<'a> {
    columns: Option<&'a [String]>,
    named: Vec<String>,
    mistakes: Vec<Mistake>,
}

impl VisitorMut for Resolver<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let mistake = Mistake::new(
            "a subquery can't stand here: an expression sees one row of the source",
            "look it up in the warehouse, or bring the other table in by a pipeline of its own",
        );
        self.mistakes.push(mistake.at(place(query.span())));
        ControlFlow::Break(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        let span = expression.span();
        match expression {
            Expr::Identifier(name) => {
                if let Some(column) = self.resolve(name, place(span)) {
                    *name = Ident { value: column, quote_style: Some('"'), span };
                }
            }
            // A path into JSON is a column whose name has points.
            Expr::CompoundIdentifier(names) => {
                let joined = names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(".");
                if let Some(column) = self.resolve(&Ident::with_span(span, joined), place(span)) {
                    *expression = Expr::Identifier(Ident { value: column, quote_style: Some('"'), span });
                }
            }
            Expr::Function(function) => self.check_function(function, place(span)),
            Expr::Value(value) if matches!(value.value, Value::Placeholder(_)) => {
                let message = format!("`{value}` stands for nothing here");
                self.mistakes.push(Mistake::new(message, "write the value itself").at(place(span)));
            }
            Expr::AtTimeZone { .. } => self.mistakes.push(
                Mistake::new(
                    "`at time zone` isn't available",
                    "give the zone to to_timestamp(text, pattern, 'Europe/Berlin')",
                )
                .at(place(span)),
            ),
            // Every column is text, and the planner would say so in words of its own.
            Expr::UnaryOp { op, expr } if matches!(**expr, Expr::Identifier(_)) => {
                let help = match op {
                    UnaryOperator::Not => format!("write {expr} <> '…' or {expr} is null"),
                    _ => format!("write -money({expr}) or -cast({expr} as bigint)"),
                };
                self.mistakes.push(
                    Mistake::new(format!("`{expr}` is text here: `{op}` doesn't work on it"), help).at(place(span)),
                );
            }
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {}
            other if is_available(other) => {}
            other => {
                let message = format!("`{other}` isn't available in an expression over one row");
                self.mistakes.push(Mistake::new(message, "").at(place(span)));
            }
        }
        ControlFlow::Continue(())
    }
}

fn is_available(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::IsFalse(_)
            | Expr::IsNotFalse(_)
            | Expr::IsTrue(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::InList { .. }
            | Expr::Between { .. }
            | Expr::BinaryOp { .. }
            | Expr::Like { .. }
            | Expr::ILike { .. }
            | Expr::SimilarTo { .. }
            | Expr::RLike { .. }
            | Expr::UnaryOp { .. }
            | Expr::Cast { .. }
            | Expr::Extract { .. }
            | Expr::Ceil { .. }
            | Expr::Floor { .. }
            | Expr::Position { .. }
            | Expr::Substring { .. }
            | Expr::Trim { .. }
            | Expr::Overlay { .. }
            | Expr::Nested(_)
            | Expr::Value(_)
            | Expr::TypedString(_)
            | Expr::Case { .. }
            | Expr::Interval(_)
    )
}

impl Resolver<'_> {
    /// The source's spelling of a name: exactly so, or, where it isn't quoted and only one fits, in any case.
    fn resolve(&mut self, name: &Ident, at: Option<(usize, usize)>) -> Option<String> {
        let column = match self.columns {
            None => Ok(name.value.clone()),
            Some(columns) => find_column(name, columns),
        };
        match column {
            Ok(column) => {
                if !self.named.contains(&column) {
                    self.named.push(column.clone());
                }
                Some(column)
            }
            Err(mistake) => {
                self.mistakes.push(mistake.at(at));
                None
            }
        }
    }

    fn check_function(&mut self, function: &mut Function, at: Option<(usize, usize)>) {
        let name = function.name.to_string().to_lowercase();
        let mut refuse = |message: String, help: String| self.mistakes.push(Mistake::new(message, help).at(at));
        if functions::is_aggregate(&name) {
            let help = "totals belong into [control] sums, or are worked out in the warehouse".to_owned();
            return refuse(format!("`{name}` looks at many rows: an expression sees one row of the source"), help);
        }
        if function.over.is_some() || functions::is_window(&name) {
            let help = "number or rank rows in the warehouse".to_owned();
            return refuse(format!("`{name}` is a window function: an expression sees one row of the source"), help);
        }
        if let Some(why) = functions::unavailable(&name) {
            return refuse(format!("`{name}` isn't available: {}", why.reason), why.instead.to_owned());
        }
        let Some(known) = functions::find(&name) else {
            let help = match closest(&name, functions::names()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => {
                    "the functions of DataFusion for text, numbers, dates and regular expressions are there".to_owned()
                }
            };
            return refuse(format!("there is no function `{name}`"), help);
        };
        let count = match &function.args {
            FunctionArguments::List(list) => {
                let unnamed =
                    |argument: &FunctionArg| matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Expr(_)));
                if !list.args.iter().all(unnamed) || list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
                    return refuse(format!("`{name}` takes plain arguments"), known.usage());
                }
                list.args.len()
            }
            _ => 0,
        };
        if !known.takes(count) {
            refuse(
                format!("`{name}` can't be called with {count} argument{}", if count == 1 { "" } else { "s" }),
                known.usage(),
            );
        }
    }
}

/// Columns that a message lists at most.
const SHOWN: usize = 20;

/// The column that a name means.
fn find_column(name: &Ident, columns: &[String]) -> Result<String, Mistake> {
    if columns.contains(&name.value) {
        return Ok(name.value.clone());
    }
    if name.quote_style.is_none() {
        let same: Vec<_> = columns.iter().filter(|column| column.eq_ignore_ascii_case(&name.value)).collect();
        if let [column] = same.as_slice() {
            return Ok((*column).clone());
        }
        if !same.is_empty() {
            let all = same.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(" or ");
            return Err(Mistake::new(format!("`{}` could be several columns", name.value), format!("write {all}")));
        }
    }
    let mut list = columns.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if columns.len() > SHOWN {
        list.push_str(", …");
    }
    let message = format!("column `{}` is not in the source: it has {list}", name.value);
    let help = match closest(&name.value, columns.iter().map(String::as_str)) {
        Some(close) if close.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
            format!("did you mean `{close}`?")
        }
        Some(close) => format!("did you mean \"{close}\", in double quotes?"),
        None => String::new(),
    };
    Err(Mistake::new(message, help))
}
