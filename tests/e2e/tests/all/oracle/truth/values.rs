//! Values of truth files: what h5py's high level made of elements, taken apart into atoms.

use serde_json::{Value, json};

use crate::oracle::atoms::{self, Atom, Flat};
use crate::oracle::datatype;

/// The value as h5py's high level gave it, guided by its datatype. `is_array`: of a simple
/// dataspace, whose dimensions and those of an array datatype h5py joins.
pub fn flatten(value: &Value, datatype: &Value, is_array: bool) -> Flat {
    let mut flat = Flat { atoms: Vec::new(), complete: true };
    if is_array {
        let mut element = datatype;
        while datatype::class(element) == "array" {
            element = &element["base"];
        }
        flat.list(value, element);
    } else {
        flat.one(value, datatype);
    }
    flat
}

impl Flat {
    fn list(&mut self, value: &Value, element: &Value) {
        if value["empty"] == true {
            return self.atoms.push(Atom::Null);
        }
        let Some(data) = value["data"].as_array() else { return self.atoms.push(Atom::Unknown) };
        for inner in data {
            if !self.complete {
                return;
            }
            self.one(inner, element);
        }
        if !value["truncated_from"].is_null() {
            self.complete = false;
        }
    }

    fn one(&mut self, value: &Value, datatype: &Value) {
        if value["empty"] == true {
            return self.atoms.push(Atom::Null);
        }
        match datatype::class(datatype) {
            "array" => {
                let mut element = datatype;
                while datatype::class(element) == "array" {
                    element = &element["base"];
                }
                self.list(value, element);
            }
            // h5py hands out sequences of big-endian numbers without swapping their bytes.
            "vlen" if datatype["base"]["order"] == "BE" => self.atoms.push(Atom::Unknown),
            "vlen" => {
                self.list(value, &datatype["base"]);
                if self.complete {
                    self.atoms.push(Atom::End);
                }
            }
            "compound" | "complex" if value["complex"].is_array() => {
                for part in value["complex"].as_array().into_iter().flatten() {
                    self.atoms.push(atom(part, &json!({"class": "float"})));
                }
            }
            "compound" => {
                for member in datatype::members(datatype) {
                    if self.complete {
                        self.one(&value[datatype::name(member)], &member["type"]);
                    }
                }
            }
            _ => self.atoms.push(atom(value, datatype)),
        }
    }
}

fn atom(value: &Value, datatype: &Value) -> Atom {
    let found = match (datatype::class(datatype), value) {
        ("enum", Value::Bool(flag)) => Some(Atom::Bool(*flag)),
        ("enum", Value::Number(_)) => {
            atoms::integer(value).map(|value| enumerated(value, datatype))
        }
        ("string", Value::String(text)) => Some(Atom::Text(without_padding(text, datatype))),
        ("string", Value::Object(members)) => match (members.get("str_prefix"), members.get("hex"))
        {
            (Some(Value::String(prefix)), _) => Some(Atom::TextPrefix(prefix.clone())),
            (_, Some(Value::String(hex))) => Some(Atom::Bytes(base64_of_hex(hex))),
            _ => None,
        },
        ("opaque", Value::Object(members)) => {
            let hex = members.get("hex").and_then(Value::as_str);
            let whole = hex.filter(|hex| members.get("bytes") == Some(&json!(hex.len() / 2)));
            whole.map(base64_of_hex).map(Atom::Bytes)
        }
        ("reference", Value::Object(members)) => {
            let null = members.get("null").is_some().then_some(None);
            let address = members.get("addr").and_then(Value::as_u64).map(Some);
            Some(Atom::Reference(null.or(address)))
        }
        ("float", Value::String(text)) => atoms::not_finite(text).map(Atom::Float),
        ("float", Value::Object(members)) => members
            .get("longdouble")
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
            .map(Atom::Float),
        ("integer" | "float" | "bitfield", Value::Number(_)) => atoms::number(value),
        _ => None,
    };
    found.unwrap_or(Atom::Unknown)
}

fn enumerated(value: i128, datatype: &Value) -> Atom {
    if datatype::is_boolean(datatype) {
        return Atom::Bool(value != 0);
    }
    let name = datatype::members(datatype)
        .find(|member| atoms::integer(&member["value"]) == Some(value))
        .map(|member| datatype::name(member).to_owned());
    Atom::Enum { name, value }
}

/// NumPy strips null bytes at the end; the rest of the padding is ours to strip.
fn without_padding(text: &str, datatype: &Value) -> String {
    let fixed = datatype["vlen"] != true;
    let text = match datatype["pad"].as_str() {
        Some("nullterm") if fixed => text.split('\0').next().unwrap_or_default(),
        Some("spacepad") if fixed => text.trim_end_matches('\0').trim_end_matches(' '),
        _ if fixed => text.trim_end_matches('\0'),
        _ => text,
    };
    text.to_owned()
}

/// The bytes that `hex` spells, as the API gives bytes.
pub fn base64_of_hex(hex: &str) -> String {
    use base64::Engine as _;
    let digits = hex.as_bytes().chunks(2);
    let bytes: Vec<u8> = digits
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_of_sequences_is_taken_apart_with_their_ends() {
        let datatype = json!({"class": "vlen", "base": {"class": "integer"}});
        let value = json!({"data": [{"data": [1, 2]}, {"data": []}]});
        let flat = flatten(&value, &datatype, true);
        let one_two = [Atom::Integer(1), Atom::Integer(2), Atom::End, Atom::End];
        assert_eq!((flat.atoms.as_slice(), flat.complete), (&one_two[..], true));
    }

    #[test]
    fn a_cut_in_the_middle_ends_the_row() {
        let datatype = json!({"class": "vlen", "base": {"class": "integer"}});
        let value = json!({"data": [{"data": [1], "truncated_from": 9}, {"data": [5]}]});
        let flat = flatten(&value, &datatype, true);
        assert_eq!((flat.atoms.as_slice(), flat.complete), (&[Atom::Integer(1)][..], false));
    }

    #[test]
    fn fixed_strings_lose_their_padding_and_enums_find_their_names() {
        let text = json!({"class": "string", "vlen": false, "pad": "spacepad"});
        assert_eq!(atom(&json!("ab  "), &text), Atom::Text("ab".to_owned()));
        let colour = json!({"class": "enum", "members": [{"name": "RED", "value": 3}]});
        let red = Atom::Enum { name: Some("RED".to_owned()), value: 3 };
        assert_eq!(atom(&json!(3), &colour), red);
    }
}
