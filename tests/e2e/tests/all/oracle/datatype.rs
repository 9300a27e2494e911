//! Datatypes of truth files (the library's view, in memory) in the words of the API (the file's).

use serde_json::{Map, Value, json};

/// The whole datatype, as far as the truth tells it. `offset_size`: bytes of an address.
pub fn described(truth: &Value, offset_size: u64) -> Value {
    let size = &truth["size"];
    let base = || described(&truth["base"], offset_size);
    let mut described = match class(truth) {
        "integer" => {
            let mut described =
                json!({"class": "integer", "size": size, "signed": truth["signed"]});
            if !fills_its_bytes(truth) {
                described["precision"] = truth["precision"].clone();
            }
            described
        }
        "float" => float(truth),
        "string" => {
            let length = if is_true(&truth["vlen"]) { &Value::Null } else { size };
            let padding = match truth["pad"].as_str() {
                Some("nullterm") => "null-terminated",
                Some("nullpad") => "null-padded",
                Some("spacepad") => "space-padded",
                _ => "reserved",
            };
            let charset = truth["cset"].as_str().unwrap_or("reserved");
            json!({"class": "string", "length": length, "charset": charset,
                   "padding": padding})
        }
        "enum" => {
            let members: Map<_, _> = members(truth)
                .map(|member| (name(member).to_owned(), member["value"].clone()))
                .collect();
            json!({"class": "enum", "base": base(), "members": members})
        }
        "compound" => compound(truth, offset_size),
        "array" => json!({"class": "array", "dims": truth["dims"], "base": base()}),
        "vlen" => json!({"class": "vlen", "base": base()}),
        "complex" => json!({"class": "complex", "base": base()}),
        "opaque" if truth["tag"].is_string() => {
            json!({"class": "opaque", "size": size, "tag": truth["tag"]})
        }
        "reference" if truth["kind"] == "object" || truth["kind"] == "region" => {
            let size = file_size(truth, offset_size);
            json!({"class": "reference", "to": truth["kind"], "size": size})
        }
        "reference" => json!({"class": "reference"}),
        class @ ("bitfield" | "time" | "opaque") => json!({"class": class, "size": size}),
        _ => return json!({}),
    };
    let has_order = matches!(class(truth), "integer" | "float" | "bitfield" | "time");
    if has_order && size.as_u64() > Some(1) {
        match truth["order"].as_str() {
            Some("LE") => described["order"] = json!("little"),
            Some("BE") => described["order"] = json!("big"),
            _ => {}
        }
    }
    if is_true(&truth["committed"]) {
        described["committed"] = json!(true);
    }
    described
}

/// The short name. `None` where the API does not fix one.
pub fn short_name(truth: &Value) -> Option<String> {
    let size = truth["size"].as_u64()?;
    let big = truth["order"] == "BE" && size > 1;
    Some(match class(truth) {
        "integer" if !fills_its_bytes(truth) || !matches!(size, 1 | 2 | 4 | 8) => return None,
        "integer" => {
            let signed = is_true(&truth["signed"]);
            match (big, signed) {
                (true, true) => format!(">i{size}"),
                (true, false) => format!(">u{size}"),
                (false, true) => format!("int{}", 8 * size),
                (false, false) => format!("uint{}", 8 * size),
            }
        }
        "float" if !is_ieee(truth) || size > 8 || truth["order"] == "VAX" => return None,
        "float" if big => format!(">f{size}"),
        "float" => format!("float{}", 8 * size),
        "bitfield" => format!("bitfield{}", 8 * size),
        "enum" if is_boolean(truth) => "bool".to_owned(),
        "compound" if is_complex(truth) => complex(&members(truth).next()?["type"], size)?,
        "complex" => complex(&truth["base"], size)?,
        class @ ("enum" | "compound" | "string" | "array" | "vlen" | "opaque" | "reference"
        | "time") => class.to_owned(),
        _ => return None,
    })
}

/// The two-value enum by which h5py and NumPy write booleans.
pub fn is_boolean(truth: &Value) -> bool {
    let mut found: Vec<_> = members(truth).map(|m| (name(m), m["value"].as_i64())).collect();
    found.sort_unstable();
    found == [("FALSE", Some(0)), ("TRUE", Some(1))] && truth["size"] == 1
}

/// The name of a truth's member.
pub fn name(member: &Value) -> &str {
    member["name"].as_str().unwrap_or_default()
}

/// Members of a compound or of an enum, in their order.
pub fn members(truth: &Value) -> impl Iterator<Item = &Value> {
    truth["members"].as_array().into_iter().flatten()
}

/// The class of a datatype.
pub fn class(truth: &Value) -> &str {
    truth["class"].as_str().unwrap_or_default()
}

/// Converting between memory and file, the library moves every member by what those before it have
/// grown or shrunk.
fn compound(truth: &Value, offset_size: u64) -> Value {
    let mut by_offset: Vec<&Value> = members(truth).collect();
    by_offset.sort_by_key(|member| member["offset"].as_u64());
    let mut grown = 0;
    let mut offsets = Vec::new();
    for member in by_offset {
        offsets.push((name(member), signed(&member["offset"]) + grown));
        let datatype = &member["type"];
        grown += signed(&json!(file_size(datatype, offset_size))) - signed(&datatype["size"]);
    }
    let fields: Vec<Value> = members(truth)
        .map(|member| {
            let offset = offsets.iter().find(|(of, _)| *of == name(member)).map(|found| found.1);
            json!({"name": name(member), "offset": offset,
                   "datatype": described(&member["type"], offset_size)})
        })
        .collect();
    json!({"class": "compound", "size": signed(&truth["size"]) + grown, "fields": fields})
}

/// The size of an element in the file, in bytes.
fn file_size(truth: &Value, offset_size: u64) -> u64 {
    let size = truth["size"].as_u64().unwrap_or(0);
    let heap_id = 4 + offset_size + 4;
    match class(truth) {
        "vlen" => heap_id,
        "string" if is_true(&truth["vlen"]) => heap_id,
        "reference" if truth["kind"] == "object" => offset_size,
        "reference" if truth["kind"] == "region" => offset_size + 4,
        // The reference of 1.12: its kind, flags, and the place of the rest in the global heap.
        "reference" => 2 + heap_id,
        "array" => {
            let count: u64 =
                truth["dims"].as_array().into_iter().flatten().filter_map(Value::as_u64).product();
            count * file_size(&truth["base"], offset_size)
        }
        "compound" => compound(truth, offset_size)["size"].as_u64().unwrap_or(size),
        _ => size,
    }
}

fn float(truth: &Value) -> Value {
    let mut described = json!({"class": "float", "size": truth["size"]});
    if !is_ieee(truth) {
        described["exponent"] = json!({"location": truth["exp_pos"], "size": truth["exp_size"]});
        described["mantissa"] = json!({"location": truth["mant_pos"], "size": truth["mant_size"]});
        described["bias"] = truth["exp_bias"].clone();
    }
    described
}

fn is_ieee(truth: &Value) -> bool {
    let fields = ["sign_pos", "exp_pos", "exp_size", "mant_pos", "mant_size", "exp_bias"]
        .map(|field| truth[field].as_u64().unwrap_or(u64::MAX));
    let known = match truth["size"].as_u64() {
        Some(2) => [15, 10, 5, 0, 10, 15],
        Some(4) => [31, 23, 8, 0, 23, 127],
        Some(8) => [63, 52, 11, 0, 52, 1023],
        Some(16) => [127, 112, 15, 0, 112, 16383],
        _ => return false,
    };
    fields == known && truth["norm"] == "implied"
}

fn is_complex(truth: &Value) -> bool {
    let parts: Vec<_> = members(truth).collect();
    let [real, imaginary] = parts.as_slice() else { return false };
    (name(real), name(imaginary)) == ("r", "i") && class(&real["type"]) == "float"
}

fn complex(part: &Value, size: u64) -> Option<String> {
    match part["order"].as_str()? {
        "BE" => Some(format!(">c{size}")),
        "LE" => Some(format!("complex{}", 8 * size)),
        _ => None,
    }
}

fn fills_its_bytes(truth: &Value) -> bool {
    truth["bit_offset"] == 0
        && truth["precision"].as_u64() == truth["size"].as_u64().map(|size| 8 * size)
}

fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true)
}

fn signed(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_behind_a_string_of_variable_length_move() {
        let integer = json!({"class": "integer", "size": 4, "signed": true, "order": "LE",
                             "precision": 32, "bit_offset": 0});
        let text = json!({"class": "string", "size": 8, "vlen": true, "cset": "utf-8",
                          "pad": "nullterm"});
        let truth = json!({"class": "compound", "size": 16, "members": [
            {"name": "text", "offset": 0, "type": text},
            {"name": "n", "offset": 8, "type": integer},
        ]});
        let described = described(&truth, 8);
        assert_eq!(described["size"], 24);
        assert_eq!(described["fields"][1]["offset"], 16);
    }

    #[test]
    fn short_names_are_those_of_numpy() {
        let mut truth = json!({"class": "integer", "size": 2, "signed": false, "order": "BE",
                               "precision": 16, "bit_offset": 0});
        assert_eq!(short_name(&truth).as_deref(), Some(">u2"));
        truth["order"] = json!("LE");
        assert_eq!(short_name(&truth).as_deref(), Some("uint16"));
        truth["precision"] = json!(12);
        assert_eq!(short_name(&truth), None);
    }
}
