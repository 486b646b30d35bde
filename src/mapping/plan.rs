//! A parsed expression to one that runs: types checked and coerced, casts of text replaced by our strict ones, our
//! functions given their constants, and all of it made physical.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion_common::config::ConfigOptions;
use datafusion_common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion_common::{DFSchema, DFSchemaRef, DataFusionError, Result, ScalarValue, TableReference};
use datafusion_expr::execution_props::ExecutionProps;
use datafusion_expr::expr::{Cast, ScalarFunction, TryCast};
use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion_expr::planner::{ContextProvider, ExprPlanner};
use datafusion_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion_expr::{AggregateUDF, Expr, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};
use datafusion_functions::core::planner::CoreFunctionPlanner;
use datafusion_functions::datetime::planner::DatetimeFunctionPlanner;
use datafusion_functions::unicode::planner::UnicodeFunctionPlanner;
use datafusion_optimizer::analyzer::type_coercion::TypeCoercionRewriter;
use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};
use datafusion_sql::planner::{ParserOptions, PlannerContext, SqlToRel};
use phonenumber::country::Id as Country;

use super::cast::{is_readable, type_name};
use super::contact;
use super::datetime::Pattern;
use super::functions;
use super::kernel::{Kernel, Reader};
use super::money::{MICROS, Notation};
use super::parse::{Parsed, parse};
use super::problem::{Mistake, closest};
use super::refusal::Refusal;
use super::types::{self, Class, class};
use super::zone::Zone;

/// Bytes of stack for planning: the deepest expression that is let through took 3 MB unoptimised.
const STACK: usize = 16 << 20;

/// What `[mapping]` says about local times and telephone numbers.
#[derive(Debug, Clone)]
pub(super) struct Locality {
    pub zone: Zone,
    pub region: Option<Country>,
}

impl Locality {
    /// Where a pipeline's own can't be used, so that the rest of it can still be checked.
    pub fn utc() -> Self {
        Self { zone: Zone::utc(), region: None }
    }
}

/// An expression that can be run.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// As it runs, over the columns of [`Planner::schema`].
    pub physical: Arc<dyn PhysicalExpr>,
    /// As it was meant, before coercion.
    pub logical: Expr,
    /// Its type.
    pub data_type: DataType,
    /// The columns it names, and their indices where the source's columns are known.
    pub names: Vec<String>,
    pub columns: Vec<usize>,
    /// Its value, where it is the same for all rows.
    pub constant: Option<ScalarValue>,
}

/// Plans expressions over the columns of one source.
pub(super) struct Planner {
    context: Context,
    columns: Option<Vec<String>>,
    schema: DFSchemaRef,
    locality: Locality,
}

impl Planner {
    /// For a source with these columns; where they aren't known, every name is taken for one.
    pub fn new(columns: Option<&[String]>, locality: Locality) -> Result<Self, Mistake> {
        let context = Context {
            options: ConfigOptions::new(),
            planners: vec![
                Arc::new(CoreFunctionPlanner::default()),
                Arc::new(UnicodeFunctionPlanner),
                Arc::new(DatetimeFunctionPlanner),
            ],
        };
        let schema = text_schema(columns.unwrap_or_default())?;
        Ok(Self { context, columns: columns.map(<[String]>::to_vec), schema, locality })
    }

    /// Where telephone numbers without a country code are.
    pub fn region(&self) -> Option<Country> {
        self.locality.region
    }

    /// Plans an expression whose result is to be of type `wanted`, where that matters.
    pub fn plan(&self, text: &str, wanted: Option<&DataType>) -> Result<Planned, Vec<Mistake>> {
        // Parsing and planning call themselves at every level of an expression, in frames of many kilobytes.
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("plan".to_owned()).stack_size(STACK);
            match thread.spawn_scoped(scope, || self.plan_here(text, wanted)) {
                Ok(planning) => planning.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                Err(error) => {
                    let help = "the system has no thread or memory left";
                    Err(vec![Mistake::new(format!("it can't be planned now: {error}"), help)])
                }
            }
        })
    }

    fn plan_here(&self, text: &str, wanted: Option<&DataType>) -> Result<Planned, Vec<Mistake>> {
        let parsed = parse(text, self.columns.as_deref())?;
        // Without the source's columns, the names of the expression are its own columns.
        let own;
        let schema = if self.columns.is_some() {
            &self.schema
        } else {
            own = text_schema(&parsed.columns).map_err(|mistake| vec![mistake])?;
            &own
        };
        self.plan_parsed(parsed, schema, wanted).map_err(|mistake| vec![mistake])
    }

    fn plan_parsed(&self, parsed: Parsed, schema: &DFSchemaRef, wanted: Option<&DataType>) -> Result<Planned, Mistake> {
        let options = ParserOptions::new()
            .with_parse_float_as_decimal(true)
            .with_enable_ident_normalization(false)
            .with_map_string_types_to_utf8view(false);
        let logical = SqlToRel::new_with_options(&self.context, options)
            .sql_to_expr(parsed.tree, schema, &mut PlannerContext::new())
            .map_err(|error| unplannable(&error))?
            .unalias_nested()
            .data;
        types::check(&logical, schema)?;
        let mut expression =
            logical.clone().rewrite(&mut TypeCoercionRewriter::new(schema)).map_err(|error| unplannable(&error))?.data;
        if let Some(wanted) = wanted {
            let found = types::type_of(&expression, schema)?;
            if found != *wanted && class(&found) != Class::Null {
                expression = Expr::Cast(Cast::new(Box::new(expression), wanted.clone()));
            }
        }
        let expression =
            expression.transform_up(|part| self.make_ours(part, schema)).map_err(|error| unplannable(&error))?.data;
        let physical =
            create_physical_expr(&expression, schema, &ExecutionProps::new(), &PhysicalPlanningContext::default())
                .map_err(|error| unplannable(&error))?;
        let mut columns = Vec::new();
        for name in &parsed.columns {
            columns.extend(schema.inner().index_of(name).ok());
        }
        let constant = if parsed.columns.is_empty() { Some(constant(physical.as_ref())?) } else { None };
        let data_type = types::type_of(&expression, schema)?;
        Ok(Planned { physical, logical, data_type, names: parsed.columns, columns, constant })
    }

    /// Replaces what `DataFusion` would do its own way.
    fn make_ours(&self, part: Expr, schema: &DFSchemaRef) -> Result<Transformed<Expr>> {
        match part {
            Expr::Cast(Cast { expr, field }) => self.make_cast(*expr, field.data_type(), schema, false),
            Expr::TryCast(TryCast { expr, field }) => self.make_cast(*expr, field.data_type(), schema, true),
            Expr::ScalarFunction(ScalarFunction { func, args }) => {
                if functions::OURS.iter().any(|declared| declared.name == func.name()) {
                    return self.make_reader(func.name(), args);
                }
                let context = SimplifyContext::builder().with_schema(Arc::clone(schema)).build();
                Ok(match func.simplify(args, &context)? {
                    // Some functions only exist as what they are rewritten to, `coalesce` as a `case`.
                    ExprSimplifyResult::Simplified(simplified) => Transformed::yes(simplified),
                    ExprSimplifyResult::Original(args) => {
                        Transformed::no(Expr::ScalarFunction(ScalarFunction::new_udf(func, args)))
                    }
                })
            }
            other => Ok(Transformed::no(other)),
        }
    }

    fn make_cast(&self, inner: Expr, to: &DataType, schema: &DFSchemaRef, lenient: bool) -> Result<Transformed<Expr>> {
        let from = inner.get_type_in(schema)?;
        if class(&from) == Class::Text && class(to) != Class::Text {
            if !is_readable(to) {
                let message = format!("text can't be cast to {} here", type_name(to));
                return Err(fail(Mistake::new(
                    message,
                    "cast it to bigint, decimal, double, date, timestamp or boolean",
                )));
            }
            let kernel = Kernel::Cast(to.clone(), self.locality.zone.clone());
            return read(if lenient { "try_cast" } else { "cast" }, kernel, lenient, inner);
        }
        Ok(Transformed::no(if lenient {
            Expr::TryCast(TryCast::new(Box::new(inner), to.clone()))
        } else {
            Expr::Cast(Cast::new(Box::new(inner), to.clone()))
        }))
    }

    fn make_reader(&self, name: &str, mut arguments: Vec<Expr>) -> Result<Transformed<Expr>> {
        let constants: Vec<String> = arguments.drain(1..).filter_map(|argument| literal_text(&argument)).collect();
        let constant = |index: usize| constants.get(index).map(String::as_str);
        let pattern = || constant(0).map(|text| Pattern::new(text).map_err(|why| bad_pattern(text, &why))).transpose();
        let argument = arguments.swap_remove(0);
        let (name, kernel) = match name {
            "cents" => ("cents", Kernel::Whole(MICROS / 100, "cents")),
            "micros" => ("micros", Kernel::Whole(1, "micros")),
            "email" => ("email", Kernel::Email),
            "from_epoch" => ("from_epoch", Kernel::Epoch(epoch_unit(constant(0).unwrap_or_default())?)),
            "money" => ("money", Kernel::Money(constant(0).map_or(Ok(Notation::Unstated), notation)?)),
            "phone" => {
                let region =
                    constant(0).map(|code| contact::region(code).ok_or_else(|| fail(no_region(code)))).transpose()?;
                ("phone", Kernel::Phone(region.or(self.locality.region)))
            }
            "to_date" => ("to_date", Kernel::Date(pattern()?)),
            _ => {
                let zone = match constant(1) {
                    Some(name) => self.locality.zone.elsewhere(name).ok_or_else(|| fail(no_zone(name)))?,
                    None => self.locality.zone.clone(),
                };
                ("to_timestamp", Kernel::Timestamp(pattern()?, zone))
            }
        };
        read(name, kernel, false, argument)
    }
}

/// A kernel applied to an argument; to a constant, at once.
fn read(name: &'static str, kernel: Kernel, lenient: bool, argument: Expr) -> Result<Transformed<Expr>> {
    if let Some(text) = literal_text(&argument) {
        let texts = StringArray::from(vec![text]);
        let value = kernel.read_as(&texts, lenient).map_err(|refusal| fail(never(&refusal)))?;
        return Ok(Transformed::yes(Expr::Literal(ScalarValue::try_from_array(&value, 0)?, None)));
    }
    let function = ScalarUDF::from(Reader::new(name, kernel, lenient));
    Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), vec![argument]))))
}

fn never(refusal: &Refusal) -> Mistake {
    let text = if refusal.text.is_empty() { String::new() } else { format!("'{}': ", refusal.text) };
    Mistake::new(format!("{text}{}", refusal.reason), "correct the constant")
}

/// The value of an expression without columns.
fn constant(physical: &dyn PhysicalExpr) -> Result<ScalarValue, Mistake> {
    let one_row = RecordBatchOptions::new().with_row_count(Some(1));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &one_row)
        .map_err(|error| Mistake::new(error.to_string(), ""))?;
    physical
        .evaluate(&batch)
        .and_then(|value| value.into_array(1))
        .and_then(|array| ScalarValue::try_from_array(&array, 0))
        .map_err(|error| never(&Refusal::of(&error)))
}

fn literal_text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Literal(value, _) => value.try_as_str().flatten().map(str::to_owned),
        _ => None,
    }
}

fn epoch_unit(word: &str) -> Result<i64> {
    match word {
        "s" => Ok(MICROS),
        "ms" => Ok(1_000),
        "us" => Ok(1),
        _ => Err(fail(Mistake::new(format!("'{word}' is no unit of from_epoch"), "write 's', 'ms' or 'us'"))),
    }
}

fn notation(word: &str) -> Result<Notation> {
    Notation::of(word).ok_or_else(|| {
        let help = "write 'us' (1,234.50), 'eu' (1.234,50) or 'plain' (1234.50)";
        fail(Mistake::new(format!("'{word}' is no notation of money"), help))
    })
}

fn bad_pattern(text: &str, why: &str) -> DataFusionError {
    let help = "write it as strptime does: '%d/%m/%Y %H:%M:%S'";
    fail(Mistake::new(format!("'{text}' is no pattern of dates: {why}"), help))
}

/// A region that isn't one.
pub(super) fn no_region(code: &str) -> Mistake {
    Mistake::new(format!("'{code}' is no country"), "write its ISO 3166-1 code of two letters: 'US'")
}

/// A zone that isn't one.
pub(super) fn no_zone(name: &str) -> Mistake {
    let help = match closest(
        name,
        jiff::tz::db().available().map(|zone| zone.to_string()).collect::<Vec<_>>().iter().map(String::as_str),
    ) {
        Some(close) => format!("did you mean '{close}'?"),
        None => "write an IANA name: 'America/New_York'".into(),
    };
    Mistake::new(format!("there is no time zone '{name}'"), help)
}

/// A mistake on its way through `DataFusion`.
fn fail(mistake: Mistake) -> DataFusionError {
    DataFusionError::External(Box::new(mistake))
}

/// What planning failed with: our own mistake, or the library's words without their frame.
fn unplannable(error: &DataFusionError) -> Mistake {
    match error {
        DataFusionError::External(inner) => match inner.downcast_ref::<Mistake>() {
            Some(mistake) => mistake.clone(),
            None => Mistake::new(inner.to_string(), ""),
        },
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => unplannable(inner),
        DataFusionError::Plan(text) | DataFusionError::NotImplemented(text) | DataFusionError::Internal(text) => {
            let text = text.lines().next().unwrap_or_default();
            Mistake::new(format!("it can't be planned: {text}"), "check the types of its parts")
        }
        other => {
            Mistake::new(format!("it can't be planned: {}", other.strip_backtrace()), "check the types of its parts")
        }
    }
}

fn text_schema(columns: &[String]) -> Result<DFSchemaRef, Mistake> {
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            let message = format!("the source has two columns `{column}`");
            return Err(Mistake::new(message, "name the columns in [format] yourself, each once"));
        }
    }
    let fields: Vec<_> = columns.iter().map(|column| Field::new(column, DataType::Utf8, true)).collect();
    DFSchema::try_from(Schema::new(fields)).map(Arc::new).map_err(|error| unplannable(&error))
}

/// Its own extension, so that a type is asked for in one word where errors are `DataFusion`'s.
trait TypeIn {
    fn get_type_in(&self, schema: &DFSchema) -> Result<DataType>;
}

impl TypeIn for Expr {
    fn get_type_in(&self, schema: &DFSchema) -> Result<DataType> {
        datafusion_expr::ExprSchemable::get_type(self, schema)
    }
}

/// What SQL may refer to: functions, and nothing else.
struct Context {
    options: ConfigOptions,
    planners: Vec<Arc<dyn ExprPlanner>>,
}

impl ContextProvider for Context {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        Err(DataFusionError::Plan(format!("there is no table {name}")))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.planners
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        functions::planned(name)
    }

    fn get_higher_order_meta(&self, _name: &str) -> Option<Arc<HigherOrderUDF>> {
        None
    }

    fn get_aggregate_meta(&self, _name: &str) -> Option<Arc<AggregateUDF>> {
        None
    }

    fn get_window_meta(&self, _name: &str) -> Option<Arc<WindowUDF>> {
        None
    }

    fn get_variable_type(&self, _names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        &self.options
    }

    fn udf_names(&self) -> Vec<String> {
        functions::names().map(str::to_owned).collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udwf_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The columns of an expression whose own content can show in its value: not those it only decides by.
pub(super) fn flowing(expression: &Expr) -> Vec<String> {
    let mut names = Vec::new();
    flow(expression, &mut names);
    names
}

fn flow(expression: &Expr, names: &mut Vec<String>) {
    match expression {
        Expr::Column(column) => names.push(column.name.clone()),
        Expr::Case(case) => {
            let results = case.when_then_expr.iter().map(|(_, then)| then).chain(case.else_expr.iter());
            results.for_each(|result| flow(result, names));
        }
        // Of a condition only yes or no is left.
        Expr::BinaryExpr(binary) if binary.op.is_logic_operator() || binary.op.supports_propagation() => {}
        Expr::Like(_)
        | Expr::SimilarTo(_)
        | Expr::InList(_)
        | Expr::Between(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::Not(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_) => {}
        other => {
            // Only collects: nothing in it can fail.
            let _ = other.apply_children(|child| {
                flow(child, names);
                Ok(TreeNodeRecursion::Continue)
            });
        }
    }
}
