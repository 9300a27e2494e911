//! What a bucket says has changed is forgotten at once, instead of when its time is over.

use std::collections::BTreeSet;

use crate::answers::{Cleared, EventsAnswer, Success};
use crate::{Explorer, Scope};

/// An object that a notification of a bucket names: written, removed or put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The name of the bucket.
    pub bucket: String,
    /// The key in the bucket, whatever part of it is explored.
    pub key: String,
}

impl Explorer {
    /// Forgets the versions of the files that `changes` name, and the listings that show them; what
    /// was read of a version stays valid for it. Objects that are not explored, or not in `scope`,
    /// are passed over. Makes no request.
    pub fn forget_changed(&self, changes: &[Change], scope: &Scope) -> EventsAnswer {
        let mut cleared = Cleared { listings: 0, objects: 0 };
        let mut is_ours = vec![false; changes.len()];
        // An object may lie in several: sources may be parts of one bucket.
        for source in self.sources() {
            let mut keys = BTreeSet::new();
            for (change, is_ours) in changes.iter().zip(&mut is_ours) {
                let key = source.store.key_of(&change.bucket, &change.key);
                let key = key.filter(|key| scope.has_key(&source.key(key)));
                *is_ours |= key.is_some();
                keys.extend(key);
            }
            let (objects, listings) = source.store.forget_changed(&keys);
            cleared.objects = cleared.objects.saturating_add(objects);
            cleared.listings = cleared.listings.saturating_add(listings);
        }
        let ignored = is_ours.iter().filter(|is_ours| !**is_ours).count() as u64;
        EventsAnswer { success: Success, records: changes.len() as u64, ignored, cleared }
    }
}

#[cfg(test)]
mod tests {
    use store::{Store, StoreConfig};

    use super::*;
    use crate::{ExplorerConfig, Sources};

    fn change(bucket: &str, key: &str) -> Change {
        Change { bucket: bucket.to_owned(), key: key.to_owned() }
    }

    #[test]
    fn objects_are_those_of_any_source_and_in_scope() {
        let store = |source| Store::open(source, StoreConfig::default()).unwrap();
        let stores = [("all", "s3://b"), ("part", "s3://b/runs"), ("other", "s3://c"), ("d", ".")];
        let stores = stores.map(|(name, source)| (name.parse().unwrap(), store(source)));
        let explorer =
            Explorer::over(Sources::named(stores.into_iter().collect()), ExplorerConfig::default());
        let changes = [change("b", "runs/a"), change("b", "a"), change("c", "a"), change("d", "a")];
        let ignored = |scope: &Scope| explorer.forget_changed(&changes, scope).ignored;
        assert_eq!(ignored(&Scope::everything()), 1);
        assert_eq!(ignored(&Scope::below(["part/".to_owned()])), 3);
        assert_eq!(ignored(&Scope::below(["all/a".to_owned(), "other/".to_owned()])), 2);
    }
}
