//! Values as JSON: nested lists by shape, compounds by field name, strings without their padding.

use h5range::decode::message::dataspace::Dataspace;
use h5range::decode::message::datatype::{Datatype, DatatypeClass};
use h5range::{Elements, Reference, Value};

use crate::answers::ReferenceTarget;
use crate::datatype::{complex_parts, is_boolean, reference_target};
use crate::json::Json;
use crate::known_paths::KnownPaths;
use crate::path::lossy;
use crate::session::OpenFile;

/// Lists without elements that one value may consist of: a shape such as 1,000,000,000 × 0 has no
/// elements to count.
const EMPTY_LISTS_MAX: u64 = 10_000;

/// Where a value is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// Scalars in it, elements of arrays and fields of compounds counted out.
    pub(crate) elements: u64,
    /// Bytes of each string.
    pub(crate) string_bytes: u64,
}

/// A value that may be cut.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rendered {
    pub(crate) value: Json,
    pub(crate) truncated: bool,
}

impl OpenFile {
    /// Reads and renders elements that stand one behind the other in `data`.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub(crate) async fn value(
        &self,
        elements: &Elements<'_>,
        dataspace: &Dataspace,
        cut: Cut,
        paths: &KnownPaths,
    ) -> h5range::Result<Rendered> {
        let dimensions: &[u64] = match dataspace {
            Dataspace::Null => return Ok(Rendered { value: Json::Null, truncated: false }),
            Dataspace::Scalar => &[],
            Dataspace::Simple { dimensions, .. } => dimensions,
        };
        // Whole elements, where their size in scalars is known beforehand.
        let whole = (cut.elements / scalars(elements.datatype)).max(1).min(cut.elements);
        let count = elements.count.min(whole);
        let wanted = Elements { count, ..*elements };
        let read = self.file.read_values(&wanted, Some(cut.elements)).await?;
        let mut renderer = Renderer::new(cut, paths);
        renderer.truncated = read.truncated || count < elements.count;
        let mut values = read.values.into_iter();
        let value = renderer.nested(elements.datatype, dimensions, &mut values);
        Ok(Rendered { value, truncated: renderer.truncated })
    }
}

/// Elements that were read, each rendered whole.
pub(crate) fn render_each(
    datatype: &Datatype,
    values: Vec<Value>,
    paths: &KnownPaths,
) -> Vec<Json> {
    let whole = Cut { elements: u64::MAX, string_bytes: u64::MAX };
    let mut renderer = Renderer::new(whole, paths);
    values.into_iter().map(|value| renderer.value(datatype, value)).collect()
}

/// Scalars in one element; one for what has its own length.
pub(crate) fn scalars(datatype: &Datatype) -> u64 {
    match &datatype.class {
        DatatypeClass::Compound { .. } if complex_parts(datatype).is_some() => 1,
        DatatypeClass::Compound { members } => {
            let fields = members.iter().map(|member| scalars(&member.datatype));
            fields.fold(0, u64::saturating_add).max(1)
        }
        DatatypeClass::Array { dimensions, base } => {
            let sizes = dimensions.iter().map(|&size| u64::from(size));
            sizes.fold(scalars(base), u64::saturating_mul).max(1)
        }
        _ => 1,
    }
}

struct Renderer<'a> {
    string_bytes: usize,
    empty_lists_left: u64,
    truncated: bool,
    paths: &'a KnownPaths,
}

impl<'a> Renderer<'a> {
    fn new(cut: Cut, paths: &'a KnownPaths) -> Self {
        Self {
            string_bytes: usize::try_from(cut.string_bytes).unwrap_or(usize::MAX),
            empty_lists_left: EMPTY_LISTS_MAX,
            truncated: false,
            paths,
        }
    }

    /// Lists by shape, until `values` ends.
    fn nested(
        &mut self,
        datatype: &Datatype,
        dimensions: &[u64],
        values: &mut std::vec::IntoIter<Value>,
    ) -> Json {
        let Some((&size, inner)) = dimensions.split_first() else {
            return values.next().map_or(Json::Null, |value| self.value(datatype, value));
        };
        let without_elements = inner.contains(&0);
        let mut list = Vec::new();
        for _ in 0..size {
            if without_elements {
                let Some(left) = self.empty_lists_left.checked_sub(1) else {
                    self.truncated = true;
                    break;
                };
                self.empty_lists_left = left;
            } else if values.len() == 0 {
                break;
            }
            list.push(self.nested(datatype, inner, values));
        }
        Json::List(list)
    }

    fn value(&mut self, datatype: &Datatype, value: Value) -> Json {
        match value {
            Value::Signed(number) => Json::Signed(number),
            Value::Unsigned(number) => Json::Unsigned(number),
            Value::Float(number) => Json::Float(number),
            Value::Complex(real, imaginary) => complex(real, imaginary),
            Value::Text(bytes) => self.text(&bytes),
            Value::Opaque(bytes) => {
                let end = self.cut_at(bytes.len());
                Json::from_bytes(bytes.get(..end).unwrap_or_default())
            }
            Value::Enumeration { name, value } => self.enumeration(datatype, name, *value),
            Value::Compound(fields) => self.compound(datatype, fields),
            Value::Sequence(values) => {
                let base = base(datatype);
                Json::List(values.into_iter().map(|value| self.value(base, value)).collect())
            }
            Value::Reference(reference) => self.reference(reference),
        }
    }

    fn enumeration(&mut self, datatype: &Datatype, name: Option<Vec<u8>>, value: Value) -> Json {
        if let (true, Some(name)) = (is_boolean(datatype), name.as_deref()) {
            return Json::Bool(name == b"TRUE");
        }
        let name = name.map_or(Json::Null, |name| Json::Text(lossy(&name)));
        Json::object([("enum", name), ("value", self.value(datatype, value))])
    }

    fn compound(&mut self, datatype: &Datatype, fields: Vec<(Vec<u8>, Value)>) -> Json {
        if complex_parts(datatype).is_some()
            && let [(_, Value::Float(real)), (_, Value::Float(imaginary))] = fields.as_slice()
        {
            return complex(*real, *imaginary);
        }
        let members = match &datatype.class {
            DatatypeClass::Compound { members } => members.as_slice(),
            _ => &[],
        };
        let fields = fields.into_iter().zip(members);
        let fields = fields
            .map(|((name, value), member)| (lossy(&name), self.value(&member.datatype, value)));
        Json::Object(fields.collect())
    }

    fn reference(&self, reference: Reference) -> Json {
        let kind = match reference_target(reference.kind) {
            ReferenceTarget::Object => "object",
            ReferenceTarget::Region => "region",
            ReferenceTarget::Attribute => "attribute",
        };
        let address = reference.address;
        Json::object([
            ("reference", Json::Text(kind.to_owned())),
            ("address", address.map_or(Json::Null, |address| Json::Unsigned(address.get()))),
            ("path", address.map_or(Json::Null, |address| self.paths.path(address))),
        ])
    }

    /// Text, cut between two characters.
    fn text(&mut self, bytes: &[u8]) -> Json {
        let end = self.cut_at(bytes.len());
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                Json::Text(text.get(..text.floor_char_boundary(end)).unwrap_or("").to_owned())
            }
            Err(_) => Json::from_bytes(bytes.get(..end).unwrap_or_default()),
        }
    }

    fn cut_at(&mut self, length: usize) -> usize {
        self.truncated |= length > self.string_bytes;
        length.min(self.string_bytes)
    }
}

/// The type of the elements of an array or a sequence. Of an array of several dimensions it is
/// the array itself until the innermost list, whose elements are no lists any more.
fn base(datatype: &Datatype) -> &Datatype {
    match &datatype.class {
        DatatypeClass::Array { base, .. } | DatatypeClass::VariableLength { base, .. } => base,
        _ => datatype,
    }
}

fn complex(real: f64, imaginary: f64) -> Json {
    Json::List(vec![Json::Float(real), Json::Float(imaginary)])
}

#[cfg(test)]
mod tests {
    use h5range::decode::message::datatype::{ByteOrder, ReferenceKind};

    use h5range::decode::Address;

    use super::*;

    const CUT: Cut = Cut { elements: 100, string_bytes: 4 };

    fn integer() -> Datatype {
        let order = ByteOrder::LittleEndian;
        let class = DatatypeClass::FixedPoint { order, signed: true, bit_offset: 0, precision: 32 };
        Datatype { size: 4, class }
    }

    fn render(datatype: &Datatype, dimensions: &[u64], values: Vec<Value>) -> (String, bool) {
        let known = KnownPaths::of(Address::new(96), None, &[]);
        let mut renderer = Renderer::new(CUT, &known);
        let value = renderer.nested(datatype, dimensions, &mut values.into_iter());
        (serde_json::to_string(&value).unwrap(), renderer.truncated)
    }

    fn integers(count: i64) -> Vec<Value> {
        (0..count).map(Value::Signed).collect()
    }

    #[test]
    fn values_are_nested_by_shape() {
        let nested = |dimensions: &[u64], count| render(&integer(), dimensions, integers(count)).0;
        assert_eq!(nested(&[], 1), "0");
        assert_eq!(nested(&[3], 3), "[0,1,2]");
        assert_eq!(nested(&[2, 1, 2], 4), "[[[0,1]],[[2,3]]]");
        assert_eq!(nested(&[2, 3], 4), "[[0,1,2],[3]]");
    }

    #[test]
    fn shapes_without_elements_are_bounded() {
        assert_eq!(render(&integer(), &[0, 5], vec![]), ("[]".to_owned(), false));
        assert_eq!(render(&integer(), &[2, 0], vec![]), ("[[],[]]".to_owned(), false));
        for dimensions in [&[u64::MAX, 0][..], &[u64::MAX, u64::MAX, 0], &[99, u64::MAX, 0, 7]] {
            let (text, truncated) = render(&integer(), dimensions, vec![]);
            assert!(truncated && text.len() < 100_000, "{dimensions:?}: {}", text.len());
        }
    }

    #[test]
    fn text_is_cut_between_two_characters() {
        let text = |text: &str| render(&integer(), &[], vec![Value::Text(text.into())]);
        assert_eq!(text("abcd"), (r#""abcd""#.to_owned(), false));
        assert_eq!(text("abcde"), (r#""abcd""#.to_owned(), true));
        assert_eq!(text("abcé"), (r#""abc""#.to_owned(), true));
    }

    #[test]
    fn an_enumeration_gives_name_and_value() {
        let value = |name: Option<&str>| Value::Enumeration {
            name: name.map(|name| name.as_bytes().to_vec()),
            value: Box::new(Value::Signed(1)),
        };
        let (named, _) = render(&integer(), &[], vec![value(Some("RED"))]);
        assert_eq!(named, r#"{"enum":"RED","value":1}"#);
        let (nameless, _) = render(&integer(), &[], vec![value(None)]);
        assert_eq!(nameless, r#"{"enum":null,"value":1}"#);
    }

    #[test]
    fn a_reference_has_its_path_only_where_that_is_known() {
        let reference = |address: Option<u64>| {
            let address = address.map(Address::new);
            Value::Reference(Reference { kind: ReferenceKind::Object, address })
        };
        let text = |address| render(&integer(), &[], vec![reference(address)]).0;
        assert_eq!(text(Some(96)), r#"{"reference":"object","address":96,"path":"/"}"#);
        assert_eq!(text(Some(97)), r#"{"reference":"object","address":97,"path":null}"#);
        assert_eq!(text(None), r#"{"reference":"object","address":null,"path":null}"#);
    }

    #[test]
    fn arrays_and_fields_count_as_many_scalars() {
        let array = Datatype {
            size: 24,
            class: DatatypeClass::Array { dimensions: vec![2, 3], base: Box::new(integer()) },
        };
        assert_eq!((scalars(&integer()), scalars(&array)), (1, 6));
    }
}
