//! For tests: which numbers of a file decoders take, and which bytes the checksums cover.
//!
//! Decoders name every field that they take from a cursor, so what they took while everything was
//! asked of a file is the list of the fields of its metadata.

use std::cell::RefCell;

use crate::decode::{Address, Cursor};

/// What was taken.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) fields: Vec<Field>,
    pub(crate) checksums: Vec<Checksum>,
}

/// A number, or a few bytes of fixed meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    pub(crate) address: u64,
    pub(crate) structure: &'static str,
    pub(crate) name: String,
    /// As they were taken: not always those of the file, since blocks of heaps can be filtered.
    pub(crate) bytes: Vec<u8>,
}

/// A checksum over bytes that may hold the checksum itself, which then counts as four zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Checksum {
    pub(crate) covered: u64,
    pub(crate) covered_bytes: u64,
    pub(crate) address: u64,
}

thread_local! {
    static TRACE: RefCell<Option<Trace>> = const { RefCell::new(None) };
}

/// Runs `decode` on this thread, and says what it took.
pub(crate) fn record<T>(decode: impl FnOnce() -> T) -> (T, Trace) {
    TRACE.set(Some(Trace::default()));
    let answer = decode();
    (answer, TRACE.take().unwrap_or_default())
}

/// Notes that `cursor` is asked for a field.
pub(crate) fn field(cursor: &Cursor<'_>, width: usize, name: &str) {
    let Some(bytes) = cursor.peek().get(..width).filter(|bytes| !bytes.is_empty()) else { return };
    note(|trace| {
        trace.fields.push(Field {
            address: cursor.address().get(),
            structure: cursor.structure(),
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        });
    });
}

/// Notes that the checksum at `address` covers so many bytes from `covered` on.
pub(crate) fn checksum(covered: Address, covered_bytes: u64, address: Address) {
    let (covered, address) = (covered.get(), address.get());
    note(|trace| trace.checksums.push(Checksum { covered, covered_bytes, address }));
}

fn note(add: impl FnOnce(&mut Trace)) {
    TRACE.with_borrow_mut(|trace| trace.as_mut().map(add));
}
