//! A small reader of JSON schemas: what the published schemas of this program use of JSON Schema 2020-12, and no more. A keyword
//! that it does not know fails, so that nothing in a schema goes unread.

use serde_json::Value;

/// Where a document differs from its schema; empty: nowhere.
#[must_use]
pub fn differences(schema: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, document, "", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else { return };
    for (keyword, asked) in schema {
        match keyword.as_str() {
            "$schema" | "$id" | "title" | "description" | "$defs" => {}
            "$ref" => {
                let name = asked.as_str().unwrap_or_default().trim_start_matches("#/$defs/");
                match root["$defs"].get(name) {
                    Some(definition) => check(root, definition, value, at, found),
                    None => found.push(format!("{at}: the schema has no `{name}`")),
                }
            }
            "type" => {
                let types: Vec<&str> = match asked {
                    Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
                    one => one.as_str().into_iter().collect(),
                };
                if !types.iter().any(|kind| is_a(value, kind)) {
                    found.push(format!("{at}: not {types:?}"));
                }
            }
            "const" if asked != value => found.push(format!("{at}: not {asked}")),
            "enum" if !asked.as_array().is_some_and(|all| all.contains(value)) => {
                found.push(format!("{at}: none of {asked}"));
            }
            "const" | "enum" => {}
            "required" => {
                for name in asked.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if value.is_object() && value.get(name).is_none() {
                        found.push(format!("{at}: `{name}` is missing"));
                    }
                }
            }
            "properties" => {
                for (name, part) in asked.as_object().into_iter().flatten() {
                    if let Some(inner) = value.get(name) {
                        check(root, part, inner, &format!("{at}/{name}"), found);
                    }
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                for (name, inner) in value.as_object().into_iter().flatten() {
                    let is_known = known.is_some_and(|known| known.contains_key(name));
                    match asked {
                        Value::Bool(true) => {}
                        Value::Bool(false) if !is_known => found.push(format!("{at}: `{name}` is not declared")),
                        asked if !is_known => check(root, asked, inner, &format!("{at}/{name}"), found),
                        _ => {}
                    }
                }
            }
            "items" => {
                for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, asked, item, &format!("{at}/{place}"), found);
                }
            }
            other => found.push(format!("{at}: the schema uses `{other}`, which is not read")),
        }
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}
