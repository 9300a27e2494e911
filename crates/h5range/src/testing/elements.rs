//! Elements of datasets, for tests that ask everything.

use std::sync::Arc;

use bytes::Bytes;

use crate::decode::Address;
use crate::error::Result;
use crate::walk::{Dataset, File, Object};
use crate::{Hyperslab, Span, Values};

/// Elements that are read along each dimension.
const ALONG_MAX: u64 = 12;

/// Bytes of the blocks in which they are read once more.
const BLOCK_BYTES: u64 = 4096;

/// Some elements of one dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementAnswers {
    /// As they stand in the file.
    pub elements: Bytes,
    /// What they mean.
    pub values: Result<Values>,
}

/// Reads elements of each of `datasets`, spread over all of it: at once, and again block by block.
/// Ends with what ends the question.
///
/// # Panics
///
/// When the blocks differ from the whole: this is the body of a test.
pub(super) async fn ask_elements(
    file: &Arc<File>,
    datasets: impl Iterator<Item = &Arc<Object>>,
) -> Vec<(Address, Result<ElementAnswers>)> {
    let mut answers = Vec::new();
    for object in datasets {
        let answer = ask_dataset(file, object).await;
        let ends = answer.as_ref().is_err_and(|error| error.ends_the_question());
        answers.push((object.address, answer));
        if ends {
            break;
        }
    }
    answers
}

async fn ask_dataset(file: &Arc<File>, object: &Object) -> Result<ElementAnswers> {
    let dataset = Arc::new(Dataset::open(Arc::clone(file), object).await?);
    let spread = |&extent: &u64| {
        let step = extent.div_ceil(ALONG_MAX).max(1);
        Span { start: 0, step, count: extent.div_ceil(step) }
    };
    // A dataset of many dimensions has few elements along each of them.
    let shape = dataset.shape();
    let mut spans: Vec<Span> = shape.iter().map(spread).collect();
    spans.iter_mut().skip(3).for_each(|span| span.count = span.count.min(2));
    let Ok(selection) = Hyperslab::new(spans, &shape) else { return Ok(nothing()) };
    let elements = dataset.read(&selection).await?;
    let located = dataset.locate(selection).await?;
    let mut again = Vec::new();
    for block in located.blocks(BLOCK_BYTES) {
        again.extend_from_slice(&located.read(&block).await?);
    }
    assert_eq!(again, elements, "blocks are the whole");
    let values = dataset.values(&elements, Some(1000)).await;
    Ok(ElementAnswers { elements, values })
}

fn nothing() -> ElementAnswers {
    let values = Ok(Values { values: Vec::new(), truncated: false });
    ElementAnswers { elements: Bytes::new(), values }
}
