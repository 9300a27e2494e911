//! JSON values that keep what they are given: every 64-bit integer in full, object members in their
//! order, floats that JSON cannot write as strings.
//!
//! `serde_json::Value` is not used for it, because it sorts the members of objects.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType};
use utoipa::{PartialSchema, ToSchema};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Signed(i64),
    /// An integer.
    Unsigned(u64),
    /// A number, or one of the strings `NaN`, `Infinity` and `-Infinity`.
    Float(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, its members in order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Text where the bytes are UTF-8, else `{"base64": "..."}`.
    pub fn from_text(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::from_bytes(bytes),
        }
    }

    /// `{"base64": "..."}`.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::object([("base64", Self::Text(base64(bytes)))])
    }

    /// The bytes of `{"base64": "..."}`; `None` for any other value.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Object(members) => match members.as_slice() {
                [(name, Self::Text(text))] if name == "base64" => STANDARD.decode(text).ok(),
                _ => None,
            },
            _ => None,
        }
    }

    /// An object with these members.
    pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        let owned = members.into_iter().map(|(name, value)| (name.to_owned(), value));
        Self::Object(owned.collect())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Signed(value) => serializer.serialize_i64(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Float(value) => match non_finite(*value) {
                Some(name) => serializer.serialize_str(name),
                None => serializer.serialize_f64(*value),
            },
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(value)?;
                }
                list.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl PartialSchema for Json {
    fn schema() -> RefOr<Schema> {
        let description = "Any value. Integers are exact; floats that JSON cannot write are \
            \"NaN\", \"Infinity\" and \"-Infinity\"; bytes that are not UTF-8 are {\"base64\": ...}.";
        ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some(description)).into()
    }
}

impl ToSchema for Json {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Value")
    }
}

/// Standard base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn non_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("Infinity")
    } else if value == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &Json) -> String {
        serde_json::to_string(value).unwrap()
    }

    #[test]
    fn integers_are_written_in_full() {
        assert_eq!(text(&Json::Unsigned(u64::MAX)), "18446744073709551615");
        assert_eq!(text(&Json::Signed(i64::MIN)), "-9223372036854775808");
    }

    #[test]
    fn floats_are_written_so_that_they_read_back_the_same() {
        assert_eq!(text(&Json::Float(0.1)), "0.1");
        assert_eq!(text(&Json::Float(f64::from(0.1_f32))), "0.10000000149011612");
        let list = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(Json::Float);
        assert_eq!(text(&Json::List(list.to_vec())), r#"["NaN","Infinity","-Infinity"]"#);
    }

    #[test]
    fn bytes_that_are_not_text_become_base64() {
        assert_eq!(text(&Json::from_text("Å".as_bytes())), "\"Å\"");
        assert_eq!(text(&Json::from_text(&[0xc5])), r#"{"base64":"xQ=="}"#);
    }

    #[test]
    fn members_keep_their_order() {
        let object = Json::object([("z", Json::Null), ("a", Json::Bool(true))]);
        assert_eq!(text(&object), r#"{"z":null,"a":true}"#);
    }
}
