//! What was found in a structure that may be damaged in places, and what was not.

use crate::error::{Error, Result};

/// Errors that are kept of one structure: enough to see what is wrong with it. A damaged file can
/// have one for each of a million links.
const ERRORS_MAX: usize = 100;

/// The things that a structure holds, as far as they can be read, with what kept the others from
/// being read. Damage costs what lies behind it and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// What is damaged, each error once, the first 100 of them. There may be errors where nothing
    /// is missing: what they concern was found in another way.
    pub errors: Vec<Error>,
    missing: Missing,
}

/// How many things are known to be there that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Counted(u64),
    Uncounted,
}

impl<T> Found<T> {
    /// How many things there are, with those that cannot be read; `None` where damage hides that.
    pub fn total(&self) -> Option<u64> {
        match self.missing {
            Missing::Counted(missing) => Some(missing.saturating_add(self.items.len() as u64)),
            Missing::Uncounted => None,
        }
    }

    /// Why things may be missing: the first error; `None` where all of them were found.
    pub fn incomplete(&self) -> Option<&Error> {
        self.errors.first().filter(|_| self.missing != Missing::Counted(0))
    }

    /// The things, for what needs all of them.
    ///
    /// # Errors
    ///
    /// The first error where things are missing.
    pub fn all(self) -> Result<Vec<T>> {
        match self.incomplete() {
            Some(error) => Err(error.clone()),
            None => Ok(self.items),
        }
    }

    /// The first thing that is wanted.
    ///
    /// # Errors
    ///
    /// Where it was not found, but may be among those that are missing: the first error.
    pub fn pick(&self, wanted: impl Fn(&T) -> bool) -> Result<Option<&T>> {
        match (self.items.iter().find(|item| wanted(item)), self.incomplete()) {
            (None, Some(error)) => Err(error.clone()),
            (found, _) => Ok(found),
        }
    }

    /// Adds one thing, or what is wrong with it.
    ///
    /// # Errors
    ///
    /// What ends the question is no matter of one thing. So it is in all of these.
    pub(crate) fn keep(&mut self, item: Result<T>) -> Result<()> {
        match item {
            Ok(item) => self.items.push(item),
            Err(error) => {
                self.note(error)?;
                if let Missing::Counted(missing) = &mut self.missing {
                    *missing = missing.saturating_add(1);
                }
            }
        }
        Ok(())
    }

    /// The part of the structure that was read, or `None` and its error kept: with it goes an
    /// unknown number of things.
    pub(crate) fn part<P>(&mut self, part: Result<P>) -> Result<Option<P>> {
        match part {
            Ok(part) => Ok(Some(part)),
            Err(error) => {
                self.note(error)?;
                self.missing = Missing::Uncounted;
                Ok(None)
            }
        }
    }

    /// The same for several parts.
    pub(crate) fn parts<P>(
        &mut self,
        parts: impl IntoIterator<Item = Result<P>>,
    ) -> Result<Vec<P>> {
        let mut read = Vec::new();
        for part in parts {
            read.extend(self.part(part)?);
        }
        Ok(read)
    }

    /// Adds what was found elsewhere.
    pub(crate) fn extend(&mut self, more: Self) -> Result<()> {
        let items = self.inherit(more)?;
        self.items.extend(items);
        Ok(())
    }

    /// This or another reading of the same things: the other one where it found more. What is wrong
    /// with either is kept.
    pub(crate) fn or_more(self, other: Self) -> Result<Self> {
        let is_better = other.has_more_than(&self);
        let (mut better, worse) = if is_better { (other, self) } else { (self, other) };
        worse.errors.into_iter().try_for_each(|error| better.note(error))?;
        Ok(better)
    }

    /// Whether this reading is the one to take rather than `other`, of which things are missing.
    pub(crate) fn has_more_than(&self, other: &Self) -> bool {
        self.incomplete().is_none() || self.items.len() > other.items.len()
    }

    /// Takes over what was not found of other things, on the way to these; returns what was.
    pub(crate) fn inherit<U>(&mut self, other: Found<U>) -> Result<Vec<U>> {
        other.errors.into_iter().try_for_each(|error| self.note(error))?;
        self.missing = match (self.missing, other.missing) {
            (Missing::Counted(a), Missing::Counted(b)) => Missing::Counted(a.saturating_add(b)),
            _ => Missing::Uncounted,
        };
        Ok(other.items)
    }

    /// Keeps an error of something that nothing is missing for.
    pub(crate) fn note(&mut self, error: Error) -> Result<()> {
        if error.ends_the_question() {
            return Err(error);
        }
        if self.errors.len() < ERRORS_MAX && !self.errors.contains(&error) {
            self.errors.push(error);
        }
        Ok(())
    }

    /// These things made into others, one by one.
    pub(crate) fn try_map<U>(self, make: impl FnMut(T) -> Result<U>) -> Result<Found<U>> {
        let mut made = Found::default();
        let items = made.inherit(self)?;
        items.into_iter().map(make).try_for_each(|item| made.keep(item))?;
        Ok(made)
    }
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { items: Vec::new(), errors: Vec::new(), missing: Missing::Counted(0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Address;
    use crate::error::Limit;

    fn damage(at: u64) -> Error {
        Error::malformed("node", Address::new(at), "damaged")
    }

    #[test]
    fn a_thing_that_cannot_be_read_is_counted_and_a_part_is_not() {
        let mut found = Found::default();
        found.keep(Ok('a')).unwrap();
        assert_eq!((found.total(), found.incomplete()), (Some(1), None));
        found.keep(Err(damage(1))).unwrap();
        assert_eq!((found.total(), found.incomplete()), (Some(2), Some(&damage(1))));
        assert_eq!(found.part(Err::<(), _>(damage(2))), Ok(None));
        assert_eq!((found.total(), found.incomplete()), (None, Some(&damage(1))));
        assert_eq!((found.items.as_slice(), found.errors.len()), (&['a'][..], 2));
        assert_eq!(found.all(), Err(damage(1)));
    }

    #[test]
    fn what_was_found_in_another_way_is_not_missing() {
        let mut found = Found { items: vec!['a'], ..Found::default() };
        found.note(damage(1)).unwrap();
        assert_eq!((found.errors.len(), found.incomplete()), (1, None));
        assert_eq!(found.all(), Ok(vec!['a']));
    }

    #[test]
    fn what_is_made_of_things_misses_what_they_miss() {
        let mut digits = Found { items: vec!['1', 'x'], ..Found::default() };
        digits.keep(Err(damage(1))).unwrap();
        let numbers = digits.try_map(|digit| digit.to_digit(10).ok_or(damage(2))).unwrap();
        assert_eq!((numbers.items.as_slice(), numbers.total()), (&[1][..], Some(3)));
        assert_eq!(numbers.errors, [damage(1), damage(2)]);
    }

    #[test]
    fn errors_are_kept_once_and_not_without_end() {
        let mut found = Found::<()>::default();
        for at in (0..1_000).chain(0..1_000) {
            found.keep(Err(damage(at))).unwrap();
        }
        assert_eq!((found.errors.len(), found.total()), (ERRORS_MAX, Some(2_000)));
    }

    #[test]
    fn what_ends_the_question_is_not_put_aside() {
        let spent = Error::Limit { limit: Limit::Waves, maximum: 1 };
        let mut found = Found::<()>::default();
        assert_eq!(found.keep(Err(spent.clone())), Err(spent.clone()));
        assert_eq!(found.part(Err::<(), _>(spent.clone())), Err(spent));
        assert_eq!(found, Found::default());
    }
}
