//! Paths inside a file.

use std::fmt;

/// An absolute HDF5 path in normal form. Its segments are link names: none is empty or ".", none
/// contains a "/". ".." is a name like any other, as HDF5 has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectPath {
    segments: Vec<String>,
}

impl ObjectPath {
    /// Reads a path. A missing leading "/" is added; repeated and trailing "/" and "." segments
    /// mean nothing.
    pub fn parse(path: &str) -> Self {
        Self { segments: segments(path.as_bytes()).map(lossy).collect() }
    }

    /// The link names from the root down.
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The last link name; "/" for the root.
    pub fn name(&self) -> &str {
        self.segments.last().map_or("/", String::as_str)
    }

    /// The path of the first `count` segments.
    pub fn ancestor(&self, count: usize) -> Self {
        Self { segments: self.segments.iter().take(count).cloned().collect() }
    }

    /// The path of the group that the last link is in, and the link's name; `None` for the root.
    pub(crate) fn parent(&self) -> Option<(Self, &str)> {
        let (name, parents) = self.segments.split_last()?;
        Some((Self { segments: parents.to_vec() }, name))
    }

    /// What stands before the "/" and the name of a link in the group at this path: "" for the
    /// root.
    pub(crate) fn prefix(&self) -> String {
        if self.segments.is_empty() { String::new() } else { self.to_string() }
    }

    /// The path of the link `name` in the group at this path. `None` where no path can say it.
    pub fn child(&self, name: &[u8]) -> Option<String> {
        let name = std::str::from_utf8(name).ok()?;
        if name.is_empty() || name == "." || name.contains('/') {
            return None;
        }
        Some(format!("{}/{name}", self.prefix()))
    }
}

impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments.is_empty() {
            return f.write_str("/");
        }
        self.segments.iter().try_for_each(|segment| write!(f, "/{segment}"))
    }
}

/// The link names of a path as a file writes it: in a soft link, say.
pub(crate) fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/').filter(|segment| !segment.is_empty() && *segment != b".")
}

/// Bytes as text, with replacement characters where they are none.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised() {
        for (asked, normal) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("a/b", "/a/b"),
            ("/a//b/", "/a/b"),
            ("/./a/./b/.", "/a/b"),
            ("/a/../b", "/a/../b"),
            ("/ a /b c", "/ a /b c"),
        ] {
            assert_eq!(ObjectPath::parse(asked).to_string(), normal, "{asked:?}");
        }
    }

    #[test]
    fn a_child_has_a_path_only_if_a_path_can_name_it() {
        let root = ObjectPath::parse("/");
        assert_eq!(root.child(b"x").as_deref(), Some("/x"));
        assert_eq!(ObjectPath::parse("/a").child("å".as_bytes()).as_deref(), Some("/a/å"));
        for name in [&b""[..], b".", b"a/b", b"\xff"] {
            assert_eq!(root.child(name), None, "{name:?}");
        }
    }
}
