//! Expressions over fields: how long a record is, and which redefinitions it has.
//!
//! `FIELD * 10 + 200`, `TYPE = 'C' || in(TYPE, 'D', 'E')`, `!(COUNT >= 3 && COUNT != 7)`, `if(A = null, false, true)`.
//! Names have `_` for `-`, and their case matters.

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// What is written out.
    Constant(Scalar),
    /// The value of the field of that name.
    Field(String),
    /// What isn't so.
    Not(Box<Expression>),
    /// A number with the other sign.
    Negated(Box<Expression>),
    /// Two with an operator between them.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// Whether the first is one of the others.
    In(Vec<Expression>),
    /// The second where the first is so, else the third.
    If(Box<[Expression; 3]>),
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// Nothing.
    Null,
    /// Whether something is so.
    Boolean(bool),
    /// A whole number.
    Number(i128),
    /// Text.
    Text(String),
}

/// What stands between two expressions; [`OPERATORS`] has how each is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Divided,
    Remainder,
}

/// Operators, those that bind loosest first.
const OPERATORS: [&[(&str, Operator)]; 5] = [
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("==", Operator::Equal),
        ("=", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times), ("/", Operator::Divided), ("%", Operator::Remainder)],
];

/// Parentheses and signs inside one another: more are nobody's handwriting.
const DEEPEST: u32 = 50;

impl Expression {
    /// The expression that a text is.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text.trim_start(), depth: 0 };
        let expression = parser.level(0)?;
        if parser.rest.is_empty() { Ok(expression) } else { Err(format!("`{}` is too much in `{text}`", parser.rest)) }
    }

    /// The names of the fields in it.
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Field(name) => vec![name],
            Self::Not(one) | Self::Negated(one) => one.fields(),
            Self::Binary(_, left, right) => [left.fields(), right.fields()].concat(),
            Self::In(all) => all.iter().flat_map(Self::fields).collect(),
            Self::If(all) => all.iter().flat_map(Self::fields).collect(),
        }
    }

    /// Its value, where fields have these.
    pub fn value(&self, field: &dyn Fn(&str) -> Scalar) -> Result<Scalar, String> {
        Ok(match self {
            Self::Constant(value) => value.clone(),
            Self::Field(name) => field(name),
            Self::Not(one) => Scalar::Boolean(!truth(&one.value(field)?)?),
            Self::Negated(one) => match one.value(field)? {
                Scalar::Number(number) => Scalar::Number(number.checked_neg().ok_or("a number is too large")?),
                other => return Err(format!("{} is no number", other.shown())),
            },
            Self::Binary(Operator::Or, left, right) => {
                Scalar::Boolean(truth(&left.value(field)?)? || truth(&right.value(field)?)?)
            }
            Self::Binary(Operator::And, left, right) => {
                Scalar::Boolean(truth(&left.value(field)?)? && truth(&right.value(field)?)?)
            }
            Self::Binary(operator, left, right) => binary(*operator, &left.value(field)?, &right.value(field)?)?,
            Self::In(all) => {
                let values = all.iter().map(|one| one.value(field)).collect::<Result<Vec<_>, _>>()?;
                let found = values.split_first().is_some_and(|(first, rest)| rest.iter().any(|one| same(first, one)));
                Scalar::Boolean(found)
            }
            Self::If(all) => {
                let [condition, then, otherwise] = &**all;
                if truth(&condition.value(field)?)? { then.value(field)? } else { otherwise.value(field)? }
            }
        })
    }

    /// Whether it holds.
    pub fn holds(&self, field: &dyn Fn(&str) -> Scalar) -> Result<bool, String> {
        truth(&self.value(field)?)
    }
}

impl Scalar {
    fn shown(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(value) => format!("'{value}'"),
        }
    }

    /// The number it is, or is written as.
    pub fn number(&self) -> Option<i128> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

fn truth(value: &Scalar) -> Result<bool, String> {
    match value {
        Scalar::Boolean(value) => Ok(*value),
        // Nothing compared with something is neither: not true.
        Scalar::Null => Ok(false),
        other => Err(format!("{} is neither true nor false", other.shown())),
    }
}

/// Text that is a number equals that number.
fn same(left: &Scalar, right: &Scalar) -> bool {
    match (left, right) {
        (Scalar::Number(_), Scalar::Text(_)) | (Scalar::Text(_), Scalar::Number(_)) => left.number() == right.number(),
        _ => left == right,
    }
}

fn binary(operator: Operator, left: &Scalar, right: &Scalar) -> Result<Scalar, String> {
    use std::cmp::Ordering;
    match operator {
        Operator::Equal => return Ok(Scalar::Boolean(same(left, right))),
        Operator::NotEqual => return Ok(Scalar::Boolean(!same(left, right))),
        _ if *left == Scalar::Null || *right == Scalar::Null => return Ok(Scalar::Null),
        _ => {}
    }
    let ordered = match (left, right) {
        (Scalar::Text(left), Scalar::Text(right)) => Some(left.cmp(right)),
        _ => left.number().zip(right.number()).map(|(left, right)| left.cmp(&right)),
    };
    let ordering = ordered.ok_or_else(|| format!("{} and {} can't be compared", left.shown(), right.shown()));
    let compared = |wanted: &[Ordering]| ordering.clone().map(|found| Scalar::Boolean(wanted.contains(&found)));
    let calculated = |calculate: fn(i128, i128) -> Option<i128>| {
        let numbers = left.number().zip(right.number());
        let numbers = numbers.ok_or_else(|| format!("{} or {} is no number", left.shown(), right.shown()))?;
        calculate(numbers.0, numbers.1).map(Scalar::Number).ok_or_else(|| "there is no such number".to_owned())
    };
    match operator {
        Operator::Less => compared(&[Ordering::Less]),
        Operator::LessOrEqual => compared(&[Ordering::Less, Ordering::Equal]),
        Operator::Greater => compared(&[Ordering::Greater]),
        Operator::GreaterOrEqual => compared(&[Ordering::Greater, Ordering::Equal]),
        Operator::Plus => calculated(i128::checked_add),
        Operator::Minus => calculated(i128::checked_sub),
        Operator::Times => calculated(i128::checked_mul),
        Operator::Divided => calculated(i128::checked_div),
        Operator::Remainder => calculated(i128::checked_rem),
        Operator::Or | Operator::And | Operator::Equal | Operator::NotEqual => Ok(Scalar::Null),
    }
}

struct Parser<'t> {
    rest: &'t str,
    depth: u32,
}

impl<'t> Parser<'t> {
    fn level(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = OPERATORS.get(level) else { return self.single() };
        let mut left = self.level(level + 1)?;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take(sign)) {
            let right = self.level(level + 1)?;
            left = Expression::Binary(*operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deep".into());
        }
        let single = self.undeeper();
        self.depth -= 1;
        single
    }

    fn undeeper(&mut self) -> Result<Expression, String> {
        if self.take("(") {
            let inner = self.level(0)?;
            return if self.take(")") { Ok(inner) } else { Err("a `(` has no `)`".into()) };
        }
        if self.take("!") {
            return Ok(Expression::Not(Box::new(self.single()?)));
        }
        if self.take("-") {
            return Ok(Expression::Negated(Box::new(self.single()?)));
        }
        if self.take("'") {
            let (text, rest) = self.rest_of_text()?;
            self.rest = rest.trim_start();
            return Ok(Expression::Constant(Scalar::Text(text.to_owned())));
        }
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            let number = word.parse().map_err(|_| format!("`{word}` is no whole number"))?;
            return Ok(Expression::Constant(Scalar::Number(number)));
        }
        match word {
            "" if self.rest.is_empty() => Err("it ends where a value is expected".into()),
            "" => Err(format!("`{}` is where a value is expected", self.rest)),
            "null" => Ok(Expression::Constant(Scalar::Null)),
            "true" => Ok(Expression::Constant(Scalar::Boolean(true))),
            "false" => Ok(Expression::Constant(Scalar::Boolean(false))),
            "in" => Ok(Expression::In(self.arguments()?)),
            "if" => match <[Expression; 3]>::try_from(self.arguments()?) {
                Ok(all) => Ok(Expression::If(Box::new(all))),
                Err(_) => Err("`if` takes three values".into()),
            },
            name => Ok(Expression::Field(name.to_owned())),
        }
    }

    /// The text up to the next quote, and what follows that.
    fn rest_of_text(&self) -> Result<(&'t str, &'t str), String> {
        self.rest.split_once('\'').ok_or_else(|| "a text in it has no end".to_owned())
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, String> {
        if !self.take("(") {
            return Err("`in` and `if` are followed by `(`".into());
        }
        let mut arguments = vec![self.level(0)?];
        while self.take(",") {
            arguments.push(self.level(0)?);
        }
        if self.take(")") { Ok(arguments) } else { Err("a `(` has no `)`".into()) }
    }

    fn take(&mut self, sign: &str) -> bool {
        match self.rest.strip_prefix(sign) {
            // What is in quotes begins right behind the quote.
            Some(rest) => {
                self.rest = if sign == "'" { rest } else { rest.trim_start() };
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(name: &str) -> Scalar {
        match name {
            "A" => Scalar::Number(7),
            "T" => Scalar::Text("C".into()),
            "N" => Scalar::Text("12".into()),
            _ => Scalar::Null,
        }
    }

    fn value(text: &str) -> String {
        Expression::parse(text)
            .and_then(|expression| expression.value(&fields))
            .map_or_else(|wrong| wrong, |v| v.shown())
    }

    #[test]
    fn values() {
        for (text, expected) in [
            ("A * 10 + 200", "270"),
            ("200 + A*10 - 2 * (3 + 1)", "262"),
            ("-A + 10 % 4", "-5"),
            ("T = 'C' && !(A > 7)", "true"),
            ("T = 'D' || in(T, 'P', 'C')", "true"),
            ("in(A, 1, 2)", "false"),
            ("if(T = 'C', A, 0)", "7"),
            ("X = null", "true"),
            ("X > 3 || A >= 7", "true"),
            ("N = 12", "true"),
            ("N + 1", "13"),
            ("T != 'C'", "false"),
            ("'a b' < 'b'", "true"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn mistakes() {
        insta::assert_snapshot!(
            ["A +", "A B", "(A", "'C", "1.5", "if(A)", "T + 1", "A / 0", "!A", "&& A", "in A"].map(value).join("\n"),
            @r"
        it ends where a value is expected
        `B` is too much in `A B`
        a `(` has no `)`
        a text in it has no end
        `1.5` is no whole number
        `if` takes three values
        'C' or 1 is no number
        there is no such number
        7 is neither true nor false
        `&& A` is where a value is expected
        `in` and `if` are followed by `(`
        "
        );
        assert_eq!(value(&"(".repeat(100_000)), "it is nested too deep");
        assert_eq!(value(&"!".repeat(100_000)), "it is nested too deep");
    }

    proptest! {
        #[test]
        fn any_text_is_an_expression_or_a_mistake(text in "[AT0-9'()!&|=<>+*/%, -]{0,40}") {
            prop_assert!(!value(&text).is_empty());
        }
    }
}
