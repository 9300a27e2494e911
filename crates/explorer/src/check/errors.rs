//! Sorts what goes wrong on a walk: damage, what is not supported, and what ends the walk.

use h5range::{Error, Limit};

use crate::answers::{Flaw, Flaws};
use crate::path::lossy;

/// Flaws that are listed; more are counted.
pub(super) const LISTED_MAX: usize = 1_000;

/// What went wrong.
#[derive(Debug, Default)]
pub(super) struct Errors {
    pub(super) damage: Flaws,
    pub(super) unsupported: Flaws,
    /// The first error that ends the walk: a spent budget, or a failed source.
    pub(super) end: Option<Error>,
}

impl Errors {
    /// Notes `error`. `path` is asked for the path of the object that it concerns, if that is
    /// listed.
    pub(super) fn note(
        &mut self,
        error: Error,
        path: impl FnOnce() -> String,
        attribute: Option<&[u8]>,
    ) {
        let list = match &error {
            // Nesting is a matter of one structure, unlike all other limits.
            Error::Unsupported(_) | Error::Limit { limit: Limit::Depth, .. } => {
                &mut self.unsupported
            }
            _ if error.ends_the_question() => {
                self.end.get_or_insert(error);
                return;
            }
            _ => &mut self.damage,
        };
        if list.listed.len() < LISTED_MAX {
            let flaw = flaw(error, path(), attribute);
            // Links and attributes of an object suffer from the same damage of its header.
            if list.listed.contains(&flaw) {
                return;
            }
            list.listed.push(flaw);
        }
        list.count = list.count.saturating_add(1);
    }
}

fn flaw(error: Error, path: String, attribute: Option<&[u8]>) -> Flaw {
    let text = error.to_string();
    let (structure, address, detail) = match error {
        Error::Malformed { structure, address, detail } => (Some(structure), Some(address), detail),
        Error::Unsupported(feature) => (None, None, feature),
        _ => (None, None, text),
    };
    Flaw { path, attribute: attribute.map(lossy), structure, address, detail }
}

#[cfg(test)]
mod tests {
    use h5range::decode::Address;

    use super::*;

    fn noted(error: Error) -> Errors {
        let mut errors = Errors::default();
        errors.note(error, || "/x".to_owned(), Some(b"units"));
        errors
    }

    #[test]
    fn damage_says_what_and_where() {
        let errors = noted(Error::malformed("object header", Address::new(96), "version 9"));
        let flaw = &errors.damage.listed[0];
        assert_eq!((flaw.structure, flaw.address), (Some("object header"), Some(96)));
        assert_eq!((flaw.path.as_str(), flaw.attribute.as_deref()), ("/x", Some("units")));
        assert_eq!(flaw.detail, "version 9");
    }

    #[test]
    fn what_is_not_supported_and_what_is_nested_too_deep_is_no_damage() {
        let deep = Error::Limit { limit: Limit::Depth, maximum: 64 };
        for error in [Error::unsupported("layout class 9"), deep] {
            let errors = noted(error);
            assert_eq!((errors.unsupported.count, errors.damage.count), (1, 0));
            assert_eq!(errors.end, None);
        }
    }

    #[test]
    fn a_spent_budget_ends_the_walk() {
        let spent = Error::Limit { limit: Limit::Nodes, maximum: 3 };
        let errors = noted(spent.clone());
        assert_eq!((errors.damage.count, errors.unsupported.count), (0, 0));
        assert_eq!(errors.end, Some(spent));
    }

    #[test]
    fn what_two_parts_of_an_object_suffer_from_is_noted_once() {
        let mut errors = Errors::default();
        for path in ["/a", "/a", "/b"] {
            errors.note(Error::unsupported("x"), || path.to_owned(), None);
        }
        assert_eq!(errors.unsupported.count, 2);
    }

    #[test]
    fn the_list_is_bounded_and_the_count_is_not() {
        let mut errors = Errors::default();
        for feature in 0..=LISTED_MAX {
            errors.note(Error::unsupported(feature.to_string()), String::new, None);
        }
        assert_eq!(errors.unsupported.count, LISTED_MAX as u64 + 1);
        assert_eq!(errors.unsupported.listed.len(), LISTED_MAX);
    }
}
