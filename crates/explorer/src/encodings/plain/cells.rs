//! Elements one by one, as plain values.

use serde_json::to_writer;

use crate::answers::DatatypeClass;
use crate::encodings::cells::Cell;
use crate::plain::{PlainValue, Within, element};

/// What makes plain values of cells.
#[derive(Debug)]
pub(in crate::encodings) struct PlainCells {
    class: DatatypeClass,
    within: Within,
    /// Whether the small array in each element loses its lists too.
    flat: bool,
}

impl PlainCells {
    pub(super) fn new(class: DatatypeClass, is_scalar: bool, flat: bool) -> Self {
        let flat = flat && matches!(class, DatatypeClass::Array { .. });
        Self { class, within: if is_scalar { Within::Scalar } else { Within::Array }, flat }
    }

    pub(super) fn value(&self, cell: Cell<'_>) -> PlainValue {
        match cell {
            Cell::Signed(number) => PlainValue::Signed(number),
            Cell::Unsigned(number) => PlainValue::Unsigned(number),
            Cell::Single(number) => PlainValue::Single(number),
            Cell::Double(number) => PlainValue::Double(number),
            Cell::Value(value) => element(value.clone(), &self.class, self.within),
        }
    }

    /// Writes a cell as JSON.
    ///
    /// # Errors
    ///
    /// When JSON cannot say it.
    pub(in crate::encodings) fn write(
        &self,
        text: &mut Vec<u8>,
        cell: Cell<'_>,
    ) -> serde_json::Result<()> {
        let value = self.value(cell);
        if !self.flat {
            return to_writer(text, &value);
        }
        for (place, leaf) in leaves(value, &self.class).into_iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            to_writer(&mut *text, &leaf)?;
        }
        Ok(())
    }
}

/// What is in the small arrays of an element, and in a list of variable length.
pub(super) fn leaves(value: PlainValue, class: &DatatypeClass) -> Vec<PlainValue> {
    let (rank, base) = match class {
        DatatypeClass::Array { dims, base } => (dims.len(), base),
        DatatypeClass::Vlen { base } => (1, base),
        _ => return vec![value],
    };
    let mut level = vec![value];
    for _ in 0..rank {
        let inner = |value| match value {
            PlainValue::List(values) => values,
            value => vec![value],
        };
        level = level.into_iter().flat_map(inner).collect();
    }
    level.into_iter().flat_map(|value| leaves(value, &base.class)).collect()
}
