//! Paths of many objects, kept as the tree that they are: a path is made only where it is shown.
//!
//! A path as text is as long as its object lies deep. A file that is made to be deep would make
//! texts of all its paths cost the square of its size.

use crate::path::lossy;

/// Bytes of a path that is shown. Of a longer one the end says more than the beginning.
const SHOWN_BYTES_MAX: usize = 16 << 10;

/// The paths by which objects were met.
#[derive(Debug)]
pub(super) struct Paths {
    steps: Vec<Step>,
}

/// One path of [`Paths`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PathId(usize);

#[derive(Debug)]
struct Step {
    parent: PathId,
    name: Box<[u8]>,
}

impl PathId {
    pub(super) const ROOT: Self = Self(usize::MAX);
}

impl Paths {
    pub(super) const fn new() -> Self {
        Self { steps: Vec::new() }
    }

    /// The path of the link `name` in the group at `parent`.
    pub(super) fn add(&mut self, parent: PathId, name: &[u8]) -> PathId {
        self.steps.push(Step { parent, name: name.into() });
        PathId(self.steps.len().saturating_sub(1))
    }

    /// The path as text, with replacement characters where names are not UTF-8.
    pub(super) fn text(&self, path: PathId) -> String {
        let mut names = Vec::new();
        let mut length_bytes = 0_usize;
        let mut at = path;
        let mut cut = false;
        while let Some(step) = self.steps.get(at.0) {
            length_bytes = length_bytes.saturating_add(step.name.len()).saturating_add(1);
            if length_bytes > SHOWN_BYTES_MAX {
                cut = true;
                break;
            }
            names.push(lossy(&step.name));
            at = step.parent;
        }
        names.reverse();
        format!("{}/{}", if cut { "…" } else { "" }, names.join("/"))
    }

    /// The path of a link in the group at `group`, as text.
    pub(super) fn link_text(&self, group: PathId, name: &[u8]) -> String {
        let group = self.text(group);
        let shown = name.get(..name.len().min(SHOWN_BYTES_MAX)).unwrap_or_default();
        format!("{}/{}", group.trim_end_matches('/'), lossy(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_put_together_from_its_links() {
        let mut paths = Paths::new();
        let entry = paths.add(PathId::ROOT, b"entry");
        let data = paths.add(entry, b"data");
        assert_eq!(paths.text(PathId::ROOT), "/");
        assert_eq!(paths.text(data), "/entry/data");
        assert_eq!(paths.link_text(PathId::ROOT, b"x"), "/x");
        assert_eq!(paths.link_text(entry, b"x"), "/entry/x");
    }

    #[test]
    fn of_a_very_long_path_the_end_is_shown() {
        let mut paths = Paths::new();
        let mut path = PathId::ROOT;
        for _ in 0..100_000 {
            path = paths.add(path, b"deeper");
        }
        let text = paths.text(path);
        assert!(text.starts_with("…/deeper/deeper") && text.len() <= SHOWN_BYTES_MAX + 4);
    }
}
