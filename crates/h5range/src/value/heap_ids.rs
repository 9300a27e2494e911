//! Which objects of the global heap some elements refer to. What these objects hold may refer to
//! further objects, so this is asked level by level.

use crate::budget::Budget;
use crate::decode::global_heap::GlobalHeapId;
use crate::decode::message::datatype::{Datatype, DatatypeClass, VariableLengthKind};
use crate::decode::{Address, Cursor, Widths};
use crate::error::Result;
use crate::value::references::{self, Target};
use crate::value::variable_length;

/// An object that an element refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeapReference<'a> {
    /// The object. Never the null id.
    pub(crate) id: GlobalHeapId,
    /// For sequences whose elements may refer to further objects: their type and number.
    pub(crate) sequence: Option<(&'a Datatype, u64)>,
}

/// Gathers the heap references of elements.
pub(crate) struct Gatherer<'a, 'b> {
    budget: &'b Budget,
    widths: Widths,
    references_max: u64,
    references: Vec<HeapReference<'a>>,
}

impl<'a, 'b> Gatherer<'a, 'b> {
    /// Stops when there are `references_max`. Pays from `budget` for what it gathers: several
    /// elements may refer to the same object, so that there are more references on each level.
    pub(crate) fn new(budget: &'b Budget, widths: Widths, references_max: u64) -> Self {
        Self { budget, widths, references_max, references: Vec::new() }
    }

    /// What was gathered.
    pub(crate) fn finish(self) -> Vec<HeapReference<'a>> {
        self.references
    }

    /// Gathers the references of the first `count` elements in `data`, which stands at `address`.
    ///
    /// # Errors
    ///
    /// When there are fewer elements, or one of them is malformed.
    pub(crate) fn elements(
        &mut self,
        datatype: &'a Datatype,
        data: &[u8],
        address: Address,
        count: u64,
    ) -> Result<()> {
        if !refers_to_heap(datatype) {
            return Ok(());
        }
        let mut cursor = Cursor::new(data, "elements", address, self.widths);
        for _ in 0..count {
            if self.is_full() {
                break;
            }
            self.element(datatype, &mut cursor.sub(datatype.size.into(), "element")?)?;
        }
        Ok(())
    }

    fn element(&mut self, datatype: &'a Datatype, cursor: &mut Cursor<'_>) -> Result<()> {
        match &datatype.class {
            DatatypeClass::VariableLength { kind, base } => {
                let sequence = variable_length::decode(cursor)?;
                let is_sequence = *kind == VariableLengthKind::Sequence && refers_to_heap(base);
                let content = is_sequence.then_some((&**base, u64::from(sequence.length)));
                self.gather(sequence.id, content)
            }
            DatatypeClass::Reference { kind } => match references::decode(cursor, *kind)?.target {
                Target::InHeap { id, .. } => self.gather(id, None),
                _ => Ok(()),
            },
            DatatypeClass::Compound { members } => {
                let members = members.iter().filter(|member| refers_to_heap(&member.datatype));
                for member in members {
                    let mut part = cursor.clone();
                    part.skip(member.offset.into(), "the members before")?;
                    self.element(
                        &member.datatype,
                        &mut part.sub(member.datatype.size.into(), "member")?,
                    )?;
                }
                Ok(())
            }
            DatatypeClass::Array { base, .. } if refers_to_heap(base) => {
                while !cursor.is_empty() && !self.is_full() {
                    self.element(base, &mut cursor.sub(base.size.into(), "array element")?)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn is_full(&self) -> bool {
        self.references.len() as u64 >= self.references_max
    }

    fn gather(&mut self, id: GlobalHeapId, sequence: Option<(&'a Datatype, u64)>) -> Result<()> {
        if id.collection.is_none() {
            return Ok(());
        }
        self.budget.decoded(size_of::<HeapReference<'_>>() as u64)?;
        self.references.push(HeapReference { id, sequence });
        Ok(())
    }
}

/// Whether elements of this type may refer to objects of the global heap.
pub(crate) fn refers_to_heap(datatype: &Datatype) -> bool {
    match &datatype.class {
        DatatypeClass::VariableLength { .. } | DatatypeClass::Reference { .. } => true,
        DatatypeClass::Array { base, .. } => refers_to_heap(base),
        DatatypeClass::Compound { members } => {
            members.iter().any(|member| refers_to_heap(&member.datatype))
        }
        _ => false,
    }
}

/// Whether elements of this type, or what they refer to, may be references.
pub(crate) fn has_references(datatype: &Datatype) -> bool {
    match &datatype.class {
        DatatypeClass::Reference { .. } => true,
        DatatypeClass::VariableLength { base, .. } | DatatypeClass::Array { base, .. } => {
            has_references(base)
        }
        DatatypeClass::Compound { members } => {
            members.iter().any(|member| has_references(&member.datatype))
        }
        _ => false,
    }
}
