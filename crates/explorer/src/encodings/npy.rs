//! `npy`: a file as `numpy.save` writes it and `numpy.load` reads it (NEP 1, `numpy.lib.format`).

use bytes::Bytes;

use super::numpy::shape_text;
use super::{Block, Encoder, Form, Takes};
use crate::error::Result;

const MAGIC: &[u8] = b"\x93NUMPY";

/// The elements begin at a multiple of it.
const ALIGNMENT: usize = 64;

/// Makes `npy`.
pub(super) struct NpyEncoder {
    form: Form,
    head: Vec<u8>,
    size_bytes: Option<u64>,
}

impl NpyEncoder {
    pub(super) fn new(form: Form, shape: &[u64]) -> Self {
        let head = head(&form, shape);
        let size_bytes =
            form.size_bytes(shape).and_then(|elements| elements.checked_add(head.len() as u64));
        Self { form, head, size_bytes }
    }
}

impl Encoder for NpyEncoder {
    fn takes(&self) -> Takes {
        Takes::Bytes
    }

    fn size_bytes(&self) -> Option<u64> {
        self.size_bytes
    }

    fn head(&self) -> Vec<u8> {
        self.head.clone()
    }

    fn elements(&mut self, block: Block) -> Result<Bytes> {
        self.form.block(block)
    }

    fn tail(&self) -> Vec<u8> {
        Vec::new()
    }
}

/// Magic, version, the length of what follows, and a literal of Python that is padded with spaces
/// up to the elements. Version 1 has two bytes for the length, version 2 four, and version 3 may
/// name members in other letters than those of Latin-1.
fn head(form: &Form, shape: &[u64]) -> Vec<u8> {
    let numpy = form.numpy();
    let shape: Vec<u64> = shape.iter().copied().chain(numpy.inner_shape()).collect();
    let mut text = format!(
        "{{'descr': {}, 'fortran_order': False, 'shape': {}, }}",
        numpy.description(),
        shape_text(&shape)
    );
    let is_short = text.len() + MAGIC.len() + 4 + ALIGNMENT <= usize::from(u16::MAX);
    let (version, length_bytes) = match (text.is_ascii(), is_short) {
        (true, true) => (1, 2),
        (true, false) => (2, 4),
        (false, _) => (3, 4),
    };
    let before = MAGIC.len() + 2 + length_bytes;
    let padded = (before + text.len() + 1).next_multiple_of(ALIGNMENT) - before;
    text.extend(std::iter::repeat_n(' ', padded - text.len() - 1));
    text.push('\n');
    let length = (text.len() as u32).to_le_bytes();
    let length = length.get(..length_bytes).unwrap_or_default();
    [MAGIC, &[version, 0], length, text.as_bytes()].concat()
}
