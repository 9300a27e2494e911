//! One question to one file: where walkers ask for bytes.

use std::future::Future;
use std::sync::Arc;

use byte_source::ByteSource;
use bytes::Bytes;

use crate::budget::{Budget, Limits};
use crate::decode::cache_image::CacheImage;
use crate::decode::{Address, Cursor, Widths};
use crate::error::{Error, Result};
use crate::walk::SourceId;
use crate::walk::wave::Waves;

/// One question to one version of one file: its source, its budget and what the superblock says.
pub struct Reader {
    waves: Waves,
    budget: Arc<Budget>,
    base_address: u64,
    widths: Widths,
    cache_image: Option<Arc<CacheImage>>,
}

impl Reader {
    /// A reader of the file behind `source`, whose addresses count from `base_address`.
    pub fn new(
        source: Arc<dyn ByteSource>,
        base_address: u64,
        widths: Widths,
        limits: Limits,
    ) -> Self {
        let (waves, budget) = (Waves::new(source), Arc::new(Budget::new(limits)));
        Self { waves, budget, base_address, widths, cache_image: None }
    }

    /// The same that spends from the budget of `other`.
    pub(crate) fn with_budget_of(self, other: &Self) -> Self {
        Self { budget: Arc::clone(&other.budget), ..self }
    }

    /// The same, of a file whose newest metadata is in `image`.
    pub(crate) fn with_cache_image(self, image: Option<Arc<CacheImage>>) -> Self {
        Self { cache_image: image, ..self }
    }

    /// Runs `question`, whose asks are answered in waves.
    ///
    /// # Errors
    ///
    /// What `question` answers, or the budget of waves.
    pub async fn drive<T>(&self, question: impl Future<Output = Result<T>>) -> Result<T> {
        self.waves.drive(&self.budget, question).await
    }

    /// Asks for exactly `length` bytes of `structure` at `address`.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] when they are not all inside the file.
    pub(crate) async fn ask(
        &self,
        address: Address,
        length: u64,
        structure: &'static str,
    ) -> Result<Bytes> {
        let available = self.available(address, structure)?;
        if length > available {
            let detail = format!("{length} bytes, but the file ends after {available}");
            return Err(Error::malformed(structure, address, detail));
        }
        self.fetch(address, length).await
    }

    /// Asks for at most `length` bytes at `address`, fewer where the file ends earlier: for a
    /// structure whose size stands inside it.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] when `address` is not inside the file.
    pub(crate) async fn ask_up_to(
        &self,
        address: Address,
        length: u64,
        structure: &'static str,
    ) -> Result<Bytes> {
        let available = self.available(address, structure)?;
        self.fetch(address, length.min(available)).await
    }

    /// Has the next wave take along at most `length` bytes at `address`: for a structure that will
    /// probably be asked for, when it cannot be known yet. What is wrong with it is said when it is
    /// asked for.
    pub(crate) fn ask_ahead(&self, address: Address, length: u64) {
        let Ok(available) = self.available(address, "guess") else { return };
        let length = length.min(available);
        if self.budget.range(length).is_ok() {
            let start = self.base_address.saturating_add(address.get());
            self.waves.ask_ahead(start..start.saturating_add(length));
        }
    }

    async fn fetch(&self, address: Address, length: u64) -> Result<Bytes> {
        self.budget.range(length)?;
        let start = self.base_address.saturating_add(address.get());
        let bytes = self.waves.ask(start..start.saturating_add(length)).await?;
        Ok(match &self.cache_image {
            Some(image) => image.lay_over(address, bytes),
            None => bytes,
        })
    }

    /// Bytes of the file from `address` to its end.
    fn available(&self, address: Address, structure: &'static str) -> Result<u64> {
        let size = self.size_bytes();
        let start = self.base_address.checked_add(address.get());
        match start.and_then(|start| size.checked_sub(start)) {
            Some(available) if available > 0 => Ok(available),
            _ => Err(Error::malformed(structure, address, "the address is outside the file")),
        }
    }

    /// A cursor over `bytes`, which were read from `address`.
    pub(crate) fn cursor<'a>(
        &self,
        bytes: &'a [u8],
        structure: &'static str,
        address: Address,
    ) -> Cursor<'a> {
        Cursor::new(bytes, structure, address, self.widths)
    }

    /// Size of the object that holds the file, in bytes.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.waves.source().size_bytes()
    }

    pub(crate) fn source_id(&self) -> SourceId {
        SourceId(Arc::as_ptr(self.waves.source()).addr())
    }

    /// What this question may still spend.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The widths of addresses and lengths in this file.
    pub fn widths(&self) -> Widths {
        self.widths
    }
}
