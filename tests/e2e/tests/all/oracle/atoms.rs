//! Values taken apart into a row of atoms, so that values which were nested, cut and spelt
//! differently can be compared.

use serde_json::Value;

/// The smallest parts of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Atom {
    Integer(i128),
    Float(f64),
    Bool(bool),
    Text(String),
    /// The beginning of a longer text.
    TextPrefix(String),
    /// Bytes as base64.
    Bytes(String),
    Enum {
        name: Option<String>,
        value: i128,
    },
    /// A reference, and where it leads; outer `None`: not known, inner `None`: nowhere.
    Reference(Option<Option<u64>>),
    /// The end of a sequence of variable length.
    End,
    /// The value of an attribute without elements.
    Null,
    /// Anything.
    Unknown,
}

/// A value as a row of atoms.
#[derive(Debug, Clone, PartialEq)]
pub struct Flat {
    /// From the first element on.
    pub atoms: Vec<Atom>,
    /// Whether these are all.
    pub complete: bool,
}

/// Takes apart a value as the API gives it.
///
/// # Errors
///
/// When the value does not fit its shape and datatype.
pub fn flatten(
    value: &Value,
    datatype: &Value,
    shape: &Value,
    complete: bool,
) -> Result<Flat, String> {
    let mut flat = Flat { atoms: Vec::new(), complete };
    let Some(dimensions) = shape.as_array() else {
        let atom = if value.is_null() { Atom::Null } else { return misfit(value, "null") };
        return Ok(Flat { atoms: vec![atom], complete });
    };
    flat.nested(value, dimensions, datatype)?;
    if !complete {
        // Where a sequence was cut, its end is not its end.
        while flat.atoms.last() == Some(&Atom::End) {
            flat.atoms.pop();
        }
    }
    Ok(flat)
}

impl Flat {
    fn nested(
        &mut self,
        value: &Value,
        dimensions: &[Value],
        datatype: &Value,
    ) -> Result<(), String> {
        let Some((first, rest)) = dimensions.split_first() else {
            return self.element(value, datatype);
        };
        let Some(list) = value.as_array() else { return misfit(value, "a list") };
        if self.complete && Some(list.len() as u64) != first.as_u64() {
            return Err(format!("{} elements along a dimension of {first}", list.len()));
        }
        list.iter().try_for_each(|inner| self.nested(inner, rest, datatype))
    }

    fn element(&mut self, value: &Value, datatype: &Value) -> Result<(), String> {
        let base = &datatype["base"];
        let atom = match datatype["class"].as_str().unwrap_or_default() {
            "array" => {
                let dimensions = datatype["dims"].as_array().map_or(&[][..], Vec::as_slice);
                return self.nested(value, dimensions, base);
            }
            "vlen" => {
                let Some(list) = value.as_array() else { return misfit(value, "a list") };
                list.iter().try_for_each(|inner| self.element(inner, base))?;
                Atom::End
            }
            "compound" if value.is_array() => return self.complex(value),
            "complex" => return self.complex(value),
            "compound" => {
                let fields = datatype["fields"].as_array().map_or(&[][..], Vec::as_slice);
                return fields.iter().try_for_each(|field| {
                    let inner = field["name"].as_str().and_then(|name| value.get(name));
                    let cut = !self.complete && inner.is_none();
                    match inner {
                        Some(inner) => self.element(inner, &field["datatype"]),
                        None if cut => Ok(()),
                        None => Err(format!("no field {} in {value}", field["name"])),
                    }
                });
            }
            class => atom(value, class)?,
        };
        self.atoms.push(atom);
        Ok(())
    }

    fn complex(&mut self, value: &Value) -> Result<(), String> {
        match value.as_array().map(Vec::as_slice) {
            Some([real, imaginary]) => {
                self.atoms.push(atom(real, "float")?);
                self.atoms.push(atom(imaginary, "float")?);
                Ok(())
            }
            _ => misfit(value, "two numbers"),
        }
    }
}

fn atom(value: &Value, class: &str) -> Result<Atom, String> {
    let found = match (class, value) {
        ("float", Value::String(text)) => not_finite(text).map(Atom::Float),
        ("string", Value::String(text)) => Some(Atom::Text(text.clone())),
        ("reference", Value::Object(members)) => {
            members.get("address").map(|address| Atom::Reference(Some(address.as_u64())))
        }
        ("enum", Value::Object(members)) => members.get("value").and_then(integer).map(|value| {
            let name = members.get("enum").and_then(Value::as_str).map(str::to_owned);
            Atom::Enum { name, value }
        }),
        (_, Value::Object(members)) => {
            members.get("base64").and_then(Value::as_str).map(|b| Atom::Bytes(b.to_owned()))
        }
        (_, Value::Bool(flag)) => Some(Atom::Bool(*flag)),
        ("integer" | "float" | "bitfield" | "time", Value::Number(_)) => number(value),
        _ => None,
    };
    found.map_or_else(|| misfit(value, class), Ok)
}

/// A JSON number, exactly.
pub fn number(value: &Value) -> Option<Atom> {
    integer(value).map(Atom::Integer).or_else(|| value.as_f64().map(Atom::Float))
}

/// A JSON number that is an integer.
pub fn integer(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

/// The three floats that JSON has no numbers for.
pub fn not_finite(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn misfit<T>(value: &Value, wanted: &str) -> Result<T, String> {
    let text: String = value.to_string().chars().take(80).collect();
    Err(format!("{text} where {wanted} is expected"))
}

/// Compares two rows, each of which may be cut.
///
/// # Errors
///
/// Where they first differ.
pub fn compare(expected: &Flat, answered: &Flat) -> Result<(), String> {
    for (place, (left, right)) in expected.atoms.iter().zip(&answered.atoms).enumerate() {
        if !same(left, right) {
            return Err(format!("{right:?} instead of {left:?} at {place}"));
        }
    }
    let (wanted, given) = (expected.atoms.len(), answered.atoms.len());
    let too_few = given < wanted && answered.complete;
    let too_many = given > wanted && expected.complete;
    let cut_for_nothing = expected.complete && !answered.complete && wanted <= MAXIMUM_ELEMENTS;
    if (too_few || too_many) && !expected.atoms.contains(&Atom::Unknown) {
        return Err(format!("{given} values instead of {wanted}"));
    }
    let text = answered.atoms.iter().any(|atom| matches!(atom, Atom::Text(_)));
    if cut_for_nothing && !text && !expected.atoms.contains(&Atom::Unknown) {
        return Err(format!("cut at {given} of {wanted} values"));
    }
    Ok(())
}

/// `max_elements` of the API where the question does not say.
const MAXIMUM_ELEMENTS: usize = 100;
/// Texts are only cut beyond some 4,096 bytes (`max_string`).
const CUT_TEXT_BYTES: usize = 4000;

fn same(expected: &Atom, answered: &Atom) -> bool {
    match (expected, answered) {
        (Atom::Unknown, _) => true,
        (Atom::Float(left), Atom::Float(right)) => {
            left == right || (left.is_nan() && right.is_nan())
        }
        (Atom::Integer(integer), Atom::Float(float))
        | (Atom::Float(float), Atom::Integer(integer)) => *integer as f64 == *float,
        (Atom::Reference(None), Atom::Reference(_)) => true,
        (Atom::Text(whole) | Atom::TextPrefix(whole), Atom::Text(text))
            if text.len() >= CUT_TEXT_BYTES =>
        {
            whole.starts_with(text.as_str()) || text.starts_with(whole.as_str())
        }
        _ => expected == answered,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: Value, datatype: Value, shape: Value) -> Result<Flat, String> {
        flatten(&value, &datatype, &shape, true)
    }

    #[test]
    fn nested_lists_become_a_row_guided_by_shape_and_datatype() {
        let datatype = json!({"class": "compound", "fields": [
            {"name": "n", "datatype": {"class": "integer"}},
            {"name": "v", "datatype": {"class": "vlen", "base": {"class": "string"}}},
        ]});
        let flat = of(json!([{"n": 1, "v": ["a"]}]), datatype, json!([1])).unwrap();
        assert_eq!(flat.atoms, [Atom::Integer(1), Atom::Text("a".into()), Atom::End]);
    }

    #[test]
    fn a_list_that_does_not_fit_the_shape_is_an_error() {
        let short = of(json!([1]), json!({"class": "integer"}), json!([2]));
        assert_eq!(short.unwrap_err(), "1 elements along a dimension of 2");
    }

    #[test]
    fn cut_rows_agree_as_far_as_both_go() {
        let integer = json!({"class": "integer"});
        let whole = of(json!([1, 2, 3]), integer.clone(), json!([3])).unwrap();
        let cut = flatten(&json!([1, 2]), &integer, &json!([3]), false).unwrap();
        let cut_expectation = Flat { complete: false, ..whole.clone() };
        assert_eq!(compare(&cut_expectation, &cut), Ok(()));
        assert_eq!(compare(&whole, &cut).unwrap_err(), "cut at 2 of 3 values");
    }

    #[test]
    fn numbers_are_compared_exactly_and_nan_is_nan() {
        assert!(same(&Atom::Float(f64::NAN), &Atom::Float(f64::NAN)));
        assert!(same(&Atom::Float(2.0), &Atom::Integer(2)));
        assert!(!same(&Atom::Float(0.1), &Atom::Float(0.1_f32.into())));
        assert!(!same(&Atom::Integer(1), &Atom::Bool(true)));
    }
}
