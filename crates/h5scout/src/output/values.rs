//! Values of attributes in one line.

use explorer::Json;

use super::escaped;

/// A value as a person reads it: JSON without the quotes around names, and with the forms that
/// stand for something written as what they stand for.
pub(crate) fn value_text(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Signed(value) => value.to_string(),
        Json::Unsigned(value) => value.to_string(),
        Json::Float(value) => format!("{value:?}"),
        Json::Text(text) => format!("\"{}\"", escaped(text)),
        Json::List(values) => {
            let values: Vec<String> = values.iter().map(value_text).collect();
            format!("[{}]", values.join(", "))
        }
        Json::Object(members) => object_text(members),
    }
}

fn object_text(members: &[(String, Json)]) -> String {
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    match (names.as_slice(), members) {
        (["enum", "value"], [(_, Json::Text(name)), _]) => escaped(name).into_owned(),
        (["base64"], [(_, Json::Text(text))]) => format!("base64 {text}"),
        (["reference", "address", "path"], [(_, Json::Text(kind)), (_, address), (_, path)]) => {
            match path {
                Json::Text(path) => format!("{kind} {}", escaped(path)),
                _ => format!("{kind} at {}", value_text(address)),
            }
        }
        _ => {
            let member = |(name, value): &(String, Json)| {
                format!("{}: {}", escaped(name), value_text(value))
            };
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_what_they_stand_for() {
        let text = |text: &str| Json::Text(text.to_owned());
        for (value, expected) in [
            (Json::Float(1.0), "1.0"),
            (Json::Float(f64::NAN), "NaN"),
            (text("a\nb"), "\"a\\nb\""),
            (Json::List(vec![Json::Signed(-1), Json::Null]), "[-1, null]"),
            (Json::object([("enum", text("RED")), ("value", Json::Signed(1))]), "RED"),
            (Json::from_bytes(&[0xff]), "base64 /w=="),
            (
                Json::object([
                    ("reference", text("object")),
                    ("address", Json::Unsigned(96)),
                    ("path", Json::Null),
                ]),
                "object at 96",
            ),
            (Json::object([("x", Json::Signed(1)), ("y", Json::Signed(2))]), "{x: 1, y: 2}"),
        ] {
            assert_eq!(value_text(&value), expected);
        }
    }
}
