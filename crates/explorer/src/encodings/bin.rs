//! `bin`: the elements, one behind the other.

use bytes::Bytes;

use super::{Block, Encoder, Form, Takes};
use crate::error::Result;

/// Makes `bin`.
pub(super) struct BinEncoder {
    form: Form,
    size_bytes: Option<u64>,
}

impl BinEncoder {
    pub(super) fn new(form: Form, shape: &[u64]) -> Self {
        let size_bytes = form.size_bytes(shape);
        Self { form, size_bytes }
    }
}

impl Encoder for BinEncoder {
    fn takes(&self) -> Takes {
        Takes::Bytes
    }

    fn size_bytes(&self) -> Option<u64> {
        self.size_bytes
    }

    fn head(&self) -> Vec<u8> {
        Vec::new()
    }

    fn elements(&mut self, block: Block) -> Result<Bytes> {
        self.form.block(block)
    }

    fn tail(&self) -> Vec<u8> {
        Vec::new()
    }
}
