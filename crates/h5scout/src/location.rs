//! `SOURCE/KEY` on the command line: which part is the store, which the file in it.

use std::path::Path;

use crate::failure::Failure;

/// What a location names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// What [`store::Store::open`] takes.
    pub(crate) source: String,
    /// What lies in it.
    pub(crate) target: Target,
}

/// What a location names in its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// The keys that start with this: all for "".
    Folder(String),
    /// One file, and the rest of the location: a path in the file.
    File { key: String, path: Option<String> },
}

impl Location {
    /// Splits `text`. Of a local path, the longest beginning that is a file is the file, in the
    /// store that its folder is. Of a URL, the bucket (or server) is the store and the rest the key,
    /// or a folder where it ends with `/`.
    ///
    /// # Errors
    ///
    /// When a local path is neither a file nor a folder.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        match text.split_once("://") {
            Some(("file", path)) => Self::local(path, text),
            Some((scheme, rest)) => Ok(Self::remote(scheme, rest)),
            None => Self::local(text, text),
        }
    }

    fn remote(scheme: &str, rest: &str) -> Self {
        let (root, key) = rest.split_once('/').unwrap_or((rest, ""));
        let target = if key.is_empty() || key.ends_with('/') {
            Target::Folder(key.to_owned())
        } else {
            Target::File { key: key.to_owned(), path: None }
        };
        Self { source: format!("{scheme}://{root}"), target }
    }

    fn local(path: &str, text: &str) -> Result<Self, Failure> {
        if Path::new(path).is_dir() {
            return Ok(Self { source: path.to_owned(), target: Target::Folder(String::new()) });
        }
        let slashes = path.rmatch_indices('/').map(|(at, _)| at);
        let mut ends = std::iter::once(path.len()).chain(slashes);
        let is_file = |end: &usize| path.get(..*end).is_some_and(|path| Path::new(path).is_file());
        let Some(end) = ends.find(is_file) else { return Err(Failure::not_there(text)) };
        let (file, rest) = path.split_at(end);
        let (folder, key) = match file.rsplit_once('/') {
            Some(("", key)) => ("/", key),
            Some((folder, key)) => (folder, key),
            None => (".", file),
        };
        let path = (!rest.trim_matches('/').is_empty()).then(|| rest.to_owned());
        let target = Target::File { key: key.to_owned(), path };
        Ok(Self { source: folder.to_owned(), target })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(source: &str, key: &str, path: Option<&str>) -> Location {
        let target = Target::File { key: key.to_owned(), path: path.map(str::to_owned) };
        Location { source: source.to_owned(), target }
    }

    #[test]
    fn the_bucket_is_the_store_and_the_rest_the_key() {
        let parse = |text| Location::parse(text).unwrap();
        assert_eq!(parse("s3://b/a.h5"), file("s3://b", "a.h5", None));
        assert_eq!(parse("s3://b/runs/1/a.h5"), file("s3://b", "runs/1/a.h5", None));
        assert_eq!(parse("https://host:9000/x/a.h5"), file("https://host:9000", "x/a.h5", None));
        for (text, prefix) in [("s3://b", ""), ("s3://b/", ""), ("s3://b/runs/", "runs/")] {
            assert_eq!(parse(text).target, Target::Folder(prefix.to_owned()), "{text}");
        }
    }

    #[test]
    fn of_a_local_path_the_longest_beginning_that_is_a_file_is_the_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("runs")).unwrap();
        std::fs::write(folder.path().join("runs/a.h5"), b"").unwrap();
        let root = folder.path().to_str().unwrap();
        let runs = format!("{root}/runs");

        let parse = |rest: &str| Location::parse(&format!("{runs}{rest}")).unwrap();
        assert_eq!(parse("/a.h5"), file(&runs, "a.h5", None));
        assert_eq!(parse("/a.h5/"), file(&runs, "a.h5", None));
        assert_eq!(parse("/a.h5/entry/data"), file(&runs, "a.h5", Some("/entry/data")));
        assert_eq!(parse("").target, Target::Folder(String::new()));
        assert_eq!(Location::parse(&format!("file://{runs}/a.h5")).unwrap(), parse("/a.h5"));
        assert!(Location::parse(&format!("{runs}/b.h5")).is_err());
    }
}
