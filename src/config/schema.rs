//! The JSON schemas of the settings files, the connectors' own schemas set in by `kind`.
//!
//! They are made from the settings structs, so documentation, editor and check can't part ways.

use campaignd_contract::Table;
use schemars::schema_for;
use serde_json::{Map, Value, json};

use super::{Daemon, Pipeline};
use crate::connectors::{Connector, FORMATS, SOURCES, WAREHOUSES};
use crate::model::{may_be_given, must_be_given, record_kinds};

/// Schema of `campaignd.toml`.
pub fn daemon() -> Value {
    let mut schema = schema_for!(Daemon).to_value();
    schema["title"] = "campaignd.toml".into();
    set_connectors(&mut schema, "warehouse", WAREHOUSES);
    schema
}

/// Schema of a pipeline file. What may stand in `[output.fields]` depends on the record kind and is left to the
/// lints, which say more about it than a schema can.
pub fn pipeline() -> Value {
    let mut schema = schema_for!(Pipeline).to_value();
    schema["title"] = "campaignd pipeline".into();
    set_connectors(&mut schema, "source", SOURCES);
    set_connectors(&mut schema, "format", FORMATS);
    schema
}

/// Schema of a pipeline file for editors: also says which columns each record kind has.
pub fn pipeline_with_records() -> Value {
    let mut schema = pipeline();
    let tables: Vec<&Table> = record_kinds().collect();
    let output = &mut schema["$defs"]["Output"];
    output["properties"]["record"] = json!({
        "description": output["properties"]["record"]["description"],
        "type": "string",
        "oneOf": tables.iter().map(|table| json!({ "const": table.name, "description": table.meaning })).collect::<Vec<_>>(),
    });
    output["allOf"] = tables
        .iter()
        .map(|table| {
            json!({
                "if": { "properties": { "record": { "const": table.name } }, "required": ["record"] },
                "then": { "properties": { "fields": fields(table) } },
            })
        })
        .collect();
    schema
}

fn fields(table: &Table) -> Value {
    let columns = table.columns.iter().filter(|column| may_be_given(column));
    let columns = columns.map(|column| (column.name.to_owned(), sql_for(column.meaning)));
    let inputs = table.inputs.iter().map(|input| (input.name.to_owned(), sql_for(input.meaning)));
    let required: Vec<&str> = must_be_given(table).map(|column| column.name).collect();
    json!({
        "properties": columns.chain(inputs).collect::<Map<_, _>>(),
        "required": required,
        "additionalProperties": false,
    })
}

fn sql_for(meaning: &str) -> Value {
    json!({ "type": "string", "description": format!("{meaning} An SQL expression over the source's columns.") })
}

/// Puts in place of the property `key` the schemas of all its connectors, told apart by `kind`.
fn set_connectors<Built: ?Sized>(root: &mut Value, key: &str, connectors: &[Connector<Built>]) {
    let mut branches = Vec::new();
    for connector in connectors {
        let prefix = format!("{key}_{}", connector.kind);
        let mut schema = (connector.schema)().to_value();
        let inner = schema.as_object_mut().and_then(|object| object.remove("$defs"));
        add_kind(&mut schema, connector.kind);
        rename_references(&mut schema, &prefix);
        if let Some(Value::Object(definitions)) = inner {
            for (name, mut definition) in definitions {
                rename_references(&mut definition, &prefix);
                root["$defs"][format!("{prefix}_{name}")] = definition;
            }
        }
        root["$defs"][&prefix] = schema;
        branches.push(json!({ "$ref": format!("#/$defs/{prefix}") }));
    }
    let description = root["properties"][key]["description"].take();
    root["properties"][key] = json!({ "description": description, "oneOf": branches });
    if let Some(definitions) = root["$defs"].as_object_mut() {
        definitions.shift_remove("ConnectorTable");
    }
}

fn add_kind(schema: &mut Value, kind: &str) {
    let Some(object) = schema.as_object_mut() else { return };
    object.shift_remove("$schema");
    object.insert("title".into(), kind.into());
    let mut properties = Map::new();
    properties.insert("kind".into(), json!({ "const": kind, "description": "Which connector." }));
    if let Some(Value::Object(own)) = object.remove("properties") {
        properties.extend(own);
    }
    object.insert("properties".into(), Value::Object(properties));
    let mut required = vec![Value::from("kind")];
    if let Some(Value::Array(own)) = object.remove("required") {
        required.extend(own);
    }
    object.insert("required".into(), Value::Array(required));
    object.insert("additionalProperties".into(), Value::Bool(false));
}

fn rename_references(schema: &mut Value, prefix: &str) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                match value {
                    Value::String(target) if key == "$ref" => {
                        *target = target.replacen("#/$defs/", &format!("#/$defs/{prefix}_"), 1);
                    }
                    _ => rename_references(value, prefix),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename_references(item, prefix)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::sample::sample;
    use crate::config::shape;
    use crate::config::tree;

    fn misfits(schema: &Value, text: &str) -> Vec<String> {
        let (mut tree, errors) = tree::parse(text);
        assert_eq!(errors, []);
        shape::check(schema, &mut tree).misfits.into_iter().map(|misfit| misfit.message).collect()
    }

    fn references<'s>(schema: &'s Value, found: &mut Vec<&'s str>) {
        match schema {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        for schema in [daemon(), pipeline_with_records()] {
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
            let mut found = Vec::new();
            references(&schema, &mut found);
            assert!(found.len() > 3);
            for reference in found {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(schema.pointer(pointer).is_some(), "{reference} leads nowhere");
            }
        }
    }

    #[test]
    fn the_samples_fit_the_editors_schema_and_mistakes_do_not() {
        let (daemon, pipeline) = (daemon(), pipeline_with_records());
        let sample = |kind| sample(kind).unwrap();
        assert_eq!(misfits(&daemon, sample("campaignd")), [""; 0]);
        assert_eq!(misfits(&pipeline, sample("pipeline")), [""; 0]);
        let wrong = sample("pipeline").replace("\"campaign_cost\"", "\"campaign_costs\"").replace("\"csv\"", "\"xls\"");
        assert_eq!(
            misfits(&pipeline, &wrong),
            ["unknown kind `xls` in [format]", "`record` can't be `campaign_costs`"]
        );
    }

    #[test]
    fn a_record_kind_says_which_fields_it_takes() {
        let schema = pipeline_with_records();
        let branches = schema["$defs"]["Output"]["allOf"].as_array().unwrap();
        let branch = branches.iter().find(|branch| branch["if"]["properties"]["record"]["const"] == "campaign_cost");
        let fields = &branch.unwrap()["then"]["properties"]["fields"];
        assert_eq!(fields["additionalProperties"], false);
        assert_eq!(
            fields["required"],
            json!(["source_system", "source_key", "period_start", "amount", "currency_code"])
        );
        assert!(fields["properties"]["amount"]["description"].as_str().unwrap().starts_with("The amount"));
        assert!(fields["properties"].get("batch_no").is_none() && fields["properties"].get("cost_no").is_none());
    }
}
