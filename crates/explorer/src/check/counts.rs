//! Numbers by what they count.

use h5range::decode::message::datatype::{Datatype, DatatypeClass, VariableLengthKind};

use crate::answers::Counts;

/// Counts `number` more of `what`.
pub(super) fn add(counts: &mut Counts, what: &str, number: u64) {
    if number == 0 {
        return;
    }
    // Most of what is counted was counted before.
    if let Some(count) = counts.get_mut(what) {
        *count = count.saturating_add(number);
        return;
    }
    counts.insert(what.to_owned(), number);
}

/// The class of a datatype, in the words of the API.
pub(super) fn class_name(datatype: &Datatype) -> &'static str {
    match &datatype.class {
        DatatypeClass::FixedPoint { .. } => "integer",
        DatatypeClass::FloatingPoint(_) => "float",
        DatatypeClass::Time { .. } => "time",
        DatatypeClass::String { .. }
        | DatatypeClass::VariableLength { kind: VariableLengthKind::String { .. }, .. } => "string",
        DatatypeClass::Bitfield { .. } => "bitfield",
        DatatypeClass::Opaque { .. } => "opaque",
        DatatypeClass::Compound { .. } => "compound",
        DatatypeClass::Reference { .. } => "reference",
        DatatypeClass::Enumeration { .. } => "enum",
        DatatypeClass::VariableLength { .. } => "vlen",
        DatatypeClass::Array { .. } => "array",
        DatatypeClass::Complex { .. } => "complex",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_not_counted() {
        let mut counts = Counts::new();
        add(&mut counts, "hard", 2);
        add(&mut counts, "soft", 0);
        add(&mut counts, "hard", 1);
        assert_eq!(counts, Counts::from([("hard".to_owned(), 3)]));
    }
}
