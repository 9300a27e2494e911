//! Values as JSON: nested lists by shape, compounds by field name, strings without their padding.

use h5range::decode::Address;
use h5range::decode::message::dataspace::Dataspace;
use h5range::decode::message::datatype::{Datatype, DatatypeClass};
use h5range::{Elements, Reference, Value};

use crate::answers::ReferenceTarget;
use crate::datatype::{complex_parts, is_boolean, reference_target};
use crate::json::Json;
use crate::path::{ObjectPath, lossy};
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

/// The objects whose paths are known without looking for them.
#[derive(Debug, Default)]
pub(crate) struct KnownPaths(Vec<(Address, String)>);

impl KnownPaths {
    /// The root, and the objects on the way to `path`: `trail` gives their addresses from the root
    /// down.
    pub(crate) fn of(root: Address, path: Option<&ObjectPath>, trail: &[Address]) -> Self {
        let mut known = vec![(root, "/".to_owned())];
        if let Some(path) = path {
            let levels = trail.iter().enumerate();
            known.extend(levels.map(|(at, address)| (*address, path.ancestor(at).to_string())));
        }
        Self(known)
    }

    /// A path of the object at `address`: the shortest that is known.
    fn path(&self, address: Address) -> Json {
        let known = self.0.iter().find(|(known, _)| *known == address);
        known.map_or(Json::Null, |(_, path)| Json::Text(path.clone()))
    }
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
        let mut renderer = Renderer {
            string_bytes: usize::try_from(cut.string_bytes).unwrap_or(usize::MAX),
            empty_lists_left: EMPTY_LISTS_MAX,
            truncated: read.truncated || count < elements.count,
            paths,
        };
        let mut values = read.values.into_iter();
        let value = renderer.nested(elements.datatype, dimensions, &mut values);
        Ok(Rendered { value, truncated: renderer.truncated })
    }
}

/// Scalars in one element; one for what has its own length.
fn scalars(datatype: &Datatype) -> u64 {
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

impl Renderer<'_> {
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
                let left = self.empty_lists_left.checked_sub(1);
                self.truncated |= left.is_none();
                self.empty_lists_left = left.unwrap_or(0);
            }
            if values.len() == 0 && (!without_elements || self.empty_lists_left == 0) {
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
