//! Which elements count for nothing, of all that was asked for.

use h5range::decode::message::datatype::Datatype;

use super::PreviewQuery;
use super::missing::Missing;
use super::numbers::Number;
use super::valid::Valid;

/// Elements that count for nothing: those that stand for none, and those outside of a range.
#[derive(Debug, Clone)]
pub(super) struct LeftOut {
    missing: Missing,
    valid: Option<Valid>,
}

impl LeftOut {
    /// What `query` leaves out of elements that are read as numbers of `datatype`; `None` where it
    /// does not say.
    pub(super) fn of(query: &PreviewQuery, datatype: &Datatype) -> Option<Self> {
        let valid = query.valid.and_then(|valid| valid.of(datatype));
        let missing = query.missing.of(datatype);
        (query.valid.is_some() || !query.missing.is_empty()).then_some(Self { missing, valid })
    }

    /// Whether no element can be one.
    pub(super) fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.valid.is_none()
    }

    pub(super) fn has(&self, number: Number) -> bool {
        self.missing.has(number) || self.valid.as_ref().is_some_and(|valid| valid.excludes(number))
    }
}
