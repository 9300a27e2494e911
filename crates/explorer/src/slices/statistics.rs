//! Statistics of elements as NumPy counts them, which needs all of them in memory.

use super::{DataQuery, Slice};
use crate::answers::DatatypeClass;
use crate::datatype::describe;
use crate::encodings::{Dtype, Format, PlainFormat, PlainKind};
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::plain::PlainStatistics;
use crate::session::Session;

/// Bytes of elements that are looked at. Beside them there is a copy of them at most, or two of complex
/// numbers of single precision.
const BYTES_MAX: u64 = 64 << 20;

impl Session {
    /// Statistics of the elements that `query` selects, and whether they depend on other files.
    ///
    /// # Errors
    ///
    /// When the elements cannot be read, are no numbers, or too many.
    pub async fn plain_statistics(&self, query: &DataQuery) -> Result<(PlainStatistics, bool)> {
        let slice = self.slice(query).await?;
        let from_other_files = slice.from_other_files;
        if slice.shape().is_some_and(|shape| shape.contains(&0)) {
            return Ok((PlainStatistics::NONE, from_other_files));
        }
        if slice.list_type().is_some() && !slice.is_numeric() && slice.list().await?.0.is_empty() {
            return Ok((PlainStatistics::NONE, from_other_files));
        }
        check(&slice)?;
        let datatype = slice.list_type().unwrap_or_else(|| slice.dataset.datatype());
        let class: DatatypeClass = describe(datatype).class;
        let bin = PlainFormat { kind: PlainKind::Bin, flat: false };
        let bin = query.clone().with_format(Format::Plain(bin)).with_dtype(Dtype::Safe);
        let (elements, _memory) = slice.encode(&bin, None).await?.whole_with_memory().await?;
        check_bytes(elements.len() as u64)?;
        let count = move || PlainStatistics::of(&class, &elements);
        let counted = self.explorer.data.pool.run_one(count).await;
        let counted = counted.flatten().ok_or_else(no_numbers)?;
        Ok((counted, from_other_files))
    }
}

fn check(slice: &Slice) -> Result<()> {
    if !slice.is_numeric() {
        return Err(no_numbers());
    }
    check_bytes(slice.size_bytes())
}

/// Of a list of variable length that is known as soon as it was read.
fn check_bytes(bytes: u64) -> Result<()> {
    if bytes > BYTES_MAX {
        let detail = format!(
            "statistics are made of at most {BYTES_MAX} bytes, and these are {bytes}; select less; \
             this limit is fixed"
        );
        return Err(ExplorerError::new(ErrorCode::LimitReached, detail));
    }
    Ok(())
}

fn no_numbers() -> ExplorerError {
    let detail = "there are no statistics of what is no number";
    ExplorerError::new(ErrorCode::BadRequest, detail)
}
