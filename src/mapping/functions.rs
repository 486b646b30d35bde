//! The functions of expressions: ours, declared below, and those of `DataFusion` that give the same answer each time.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow_schema::DataType;
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use super::kernel::{INSTANT, MONEY};

/// A function of ours.
pub(super) struct Declared {
    /// Its name.
    pub name: &'static str,
    /// How it is written, and what for.
    pub usage: &'static str,
    /// Arguments at least and at most. The first is text, the others are constants.
    arguments: (usize, usize),
    returns: DataType,
}

/// All of ours, by name.
pub(super) static OURS: &[Declared] = &[
    Declared { name: "cents", usage: "cents(text): whole cents to money", arguments: (1, 1), returns: MONEY },
    Declared {
        name: "email",
        usage: "email(text): an address in one spelling",
        arguments: (1, 1),
        returns: DataType::Utf8,
    },
    Declared {
        name: "from_epoch",
        usage: "from_epoch(text, 's' | 'ms' | 'us'): a count since 1970 to an instant",
        arguments: (2, 2),
        returns: INSTANT,
    },
    Declared { name: "micros", usage: "micros(text): whole millionths to money", arguments: (1, 1), returns: MONEY },
    Declared {
        name: "money",
        usage: "money(text[, 'us' | 'eu' | 'plain']): money with separators and currency to an exact amount",
        arguments: (1, 2),
        returns: MONEY,
    },
    Declared {
        name: "phone",
        usage: "phone(text[, 'US']): a number to E.164",
        arguments: (1, 2),
        returns: DataType::Utf8,
    },
    Declared {
        name: "to_date",
        usage: "to_date(text[, '%d/%m/%Y']): a date by a pattern, or as ISO 8601",
        arguments: (1, 2),
        returns: DataType::Date32,
    },
    Declared {
        name: "to_timestamp",
        usage: "to_timestamp(text[, '%d/%m/%Y %H:%M:%S'[, 'Europe/Berlin']]): local time by a pattern, or as ISO 8601, to UTC",
        arguments: (1, 3),
        returns: INSTANT,
    },
];

/// Why a function of SQL isn't there.
pub(super) struct Unavailable {
    pub reason: &'static str,
    pub instead: &'static str,
}

const CHANGES: Unavailable = Unavailable {
    reason: "it answers differently each time, and loading the same file again must change nothing",
    instead: "take the value from the source",
};
const OURS_INSTEAD: Unavailable = Unavailable {
    reason: "it reads times in its own way",
    instead: "use to_timestamp(text, pattern), to_date(text, pattern) or from_epoch(text, 'ms')",
};
const INTERNAL: Unavailable = Unavailable { reason: "it is about DataFusion itself", instead: "use cast(… as …)" };
const UNBOUNDED: Unavailable = Unavailable { reason: "one row could fill the memory", instead: "use rpad or lpad" };

/// Names of functions that are known and kept out, with the reason.
static UNAVAILABLE: &[(&str, &Unavailable)] = &[
    ("now", &CHANGES),
    ("current_timestamp", &CHANGES),
    ("localtimestamp", &CHANGES),
    ("current_date", &CHANGES),
    ("today", &CHANGES),
    ("current_time", &CHANGES),
    ("random", &CHANGES),
    ("rand", &CHANGES),
    ("uuid", &CHANGES),
    ("gen_random_uuid", &CHANGES),
    ("repeat", &UNBOUNDED),
    ("to_timestamp_seconds", &OURS_INSTEAD),
    ("to_timestamp_millis", &OURS_INSTEAD),
    ("to_timestamp_micros", &OURS_INSTEAD),
    ("to_timestamp_nanos", &OURS_INSTEAD),
    ("from_unixtime", &OURS_INSTEAD),
    ("to_unixtime", &OURS_INSTEAD),
    ("to_local_time", &OURS_INSTEAD),
    ("to_time", &OURS_INSTEAD),
    ("make_time", &OURS_INSTEAD),
    ("arrow_cast", &INTERNAL),
    ("arrow_try_cast", &INTERNAL),
    ("cast_to_type", &INTERNAL),
    ("try_cast_to_type", &INTERNAL),
    ("arrow_typeof", &INTERNAL),
    ("arrow_metadata", &INTERNAL),
    ("with_metadata", &INTERNAL),
    ("arrow_field", &INTERNAL),
    ("struct", &INTERNAL),
    ("row", &INTERNAL),
    ("named_struct", &INTERNAL),
    ("get_field", &INTERNAL),
    ("union_extract", &INTERNAL),
    ("union_tag", &INTERNAL),
    ("version", &INTERNAL),
    ("file_row_index", &INTERNAL),
    ("input_file_name", &INTERNAL),
    ("regexp_match", &INTERNAL),
];

/// Why that function is kept out, if it is.
pub(super) fn unavailable(name: &str) -> Option<&'static Unavailable> {
    UNAVAILABLE.iter().find(|(known, _)| *known == name).map(|(_, why)| *why)
}

/// Whether that is an aggregate of SQL.
pub(super) fn is_aggregate(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "sum",
        "count",
        "avg",
        "mean",
        "min",
        "max",
        "median",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "var",
        "variance",
        "var_pop",
        "var_samp",
        "array_agg",
        "string_agg",
        "first_value",
        "last_value",
        "approx_distinct",
        "bool_and",
        "bool_or",
    ];
    NAMES.contains(&name)
}

/// Whether that is a window function of SQL.
pub(super) fn is_window(name: &str) -> bool {
    ["row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "nth_value"]
        .contains(&name)
}

/// A function that may be called.
pub(super) enum Known {
    /// One of ours.
    Ours(&'static Declared),
    /// One of `DataFusion`'s.
    Stock(Arc<ScalarUDF>),
}

impl Known {
    /// Whether it can be called with so many arguments.
    pub fn takes(&self, count: usize) -> bool {
        match self {
            Self::Ours(declared) => (declared.arguments.0..=declared.arguments.1).contains(&count),
            Self::Stock(function) => takes(&function.signature().type_signature, count),
        }
    }

    /// How it is written.
    pub fn usage(&self) -> String {
        match self {
            Self::Ours(declared) => format!("write {}", declared.usage),
            Self::Stock(function) => match function.documentation() {
                Some(documentation) => format!("write {}", documentation.syntax_example),
                None => format!("see `{}` in DataFusion's manual", function.name()),
            },
        }
    }
}

fn takes(signature: &TypeSignature, count: usize) -> bool {
    match signature {
        TypeSignature::OneOf(signatures) => signatures.iter().any(|signature| takes(signature, count)),
        TypeSignature::Exact(types) => types.len() == count,
        TypeSignature::Coercible(types) => types.len() == count,
        TypeSignature::Uniform(arguments, _)
        | TypeSignature::Any(arguments)
        | TypeSignature::Numeric(arguments)
        | TypeSignature::String(arguments)
        | TypeSignature::Comparable(arguments) => *arguments == count,
        TypeSignature::Nullary => count == 0,
        TypeSignature::Variadic(_) | TypeSignature::VariadicAny => count > 0,
        // It says so itself when it is planned.
        _ => true,
    }
}

/// The function of that name.
pub(super) fn find(name: &str) -> Option<Known> {
    if let Some(declared) = OURS.iter().find(|declared| declared.name == name) {
        return Some(Known::Ours(declared));
    }
    STOCK.get(name).map(|function| Known::Stock(Arc::clone(function)))
}

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    OURS.iter().map(|declared| declared.name).chain(STOCK.keys().map(String::as_str))
}

/// As planning wants it: ours as a promise of a type, made good when its constants are known.
pub(super) fn planned(name: &str) -> Option<Arc<ScalarUDF>> {
    match find(name)? {
        Known::Ours(declared) => Some(Arc::new(ScalarUDF::from(Promise::new(declared)))),
        Known::Stock(function) => Some(function),
    }
}

static STOCK: LazyLock<HashMap<String, Arc<ScalarUDF>>> = LazyLock::new(|| {
    let mut functions = HashMap::new();
    for function in datafusion_functions::all_default_functions() {
        let names = std::iter::once(function.name().to_owned()).chain(function.aliases().iter().cloned());
        for name in names {
            let ours = OURS.iter().any(|declared| declared.name == name);
            let out = unavailable(&name).is_some() || unavailable(function.name()).is_some();
            if !ours && !out && function.signature().volatility == Volatility::Immutable {
                functions.insert(name, Arc::clone(&function));
            }
        }
    }
    functions
});

/// A function of ours before its constants are read.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Promise {
    name: &'static str,
    returns: DataType,
    signature: Signature,
}

impl Promise {
    fn new(declared: &'static Declared) -> Self {
        let signature = Signature::variadic_any(Volatility::Immutable);
        Self { name: declared.name, returns: declared.returns.clone(), signature }
    }
}

impl ScalarUDFImpl for Promise {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(self.returns.clone())
    }

    fn invoke_with_args(&self, _arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Err(DataFusionError::Internal(format!("{} was called before its constants were read", self.name)))
    }
}
