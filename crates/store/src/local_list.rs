//! Pages of a folder's keys, in the order in which S3 gives them.
//!
//! Names are sorted with a `/` behind those of folders: then a walk in depth meets the full keys in
//! the order of their bytes. (`a.h5` comes before `a/b.h5`, since `.` is less than `/`.) The walk
//! leaves out folders that lie wholly before the page or beside the prefix, and ends when the page
//! is full. Of a folder with very many names the first ones are kept, and the folder is read again
//! for those behind them where they do not fill the page. Names that are not UTF-8 cannot be keys and
//! are left out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use byte_source::SourceErrorKind;

use crate::backend::Fault;
use crate::list::{Entry, ListQuery, Page};
use crate::local::{fault, is_below, path_of, version};

/// Names of one folder that are kept at a time, unless a page has more: some megabytes.
const NAMES_KEPT: usize = 1 << 15;

/// The page that `query` asks for.
pub(crate) fn page(root: &Path, query: &ListQuery) -> Result<Page, Fault> {
    let names_kept = NAMES_KEPT.max(query.limit.saturating_add(1));
    let mut walk = Walk { root, query, names_kept, page: Page::default(), last: None };
    let folder = query.prefix.rfind('/').map_or("", |end| query.prefix.split_at(end).0);
    if let Err(error) = root.read_dir() {
        // Not as a folder that is not there: there would be no keys in that.
        return Err(Fault::lasting(SourceErrorKind::Failed, format!("the root: {error}")));
    }
    let Some(start) = start(root, folder) else { return Ok(walk.page) };
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    walk.folder(&folder, start, &mut Vec::new()).map_err(|error| fault(&folder, &error))?;
    Ok(walk.page)
}

/// The folder of the prefix, resolved, if it is one below the root.
fn start(root: &Path, folder: &str) -> Option<PathBuf> {
    let path = if folder.is_empty() { root.to_owned() } else { path_of(root, folder)? };
    let canonical = path.canonicalize().ok()?;
    (is_below(root, &canonical) && canonical.is_dir()).then_some(canonical)
}

struct Walk<'a> {
    root: &'a Path,
    query: &'a ListQuery,
    names_kept: usize,
    page: Page,
    /// The last key or folder that was put on the page.
    last: Option<String>,
}

/// A file or folder below the root; of a symbolic link, what it leads to.
struct Named {
    /// Relative to the root; a folder's ends with `/`.
    key: String,
    /// Resolved.
    path: PathBuf,
}

impl Walk<'_> {
    /// Puts what lies in a folder on the page. `within` are the folders that it lies in: a link that
    /// leads back into one of these would lead round for ever.
    fn folder(&mut self, key: &str, path: PathBuf, within: &mut Vec<PathBuf>) -> io::Result<()> {
        within.push(path.clone());
        let mut behind = None;
        let walked = loop {
            let names = match self.names(key, &path, behind.as_deref()) {
                Ok(names) => names,
                Err(error) => break Err(error),
            };
            let are_all = names.len() < self.names_kept;
            behind = names.last().map(|last| last.key.clone());
            self.through(names, within);
            if are_all || self.page.next.is_some() {
                break Ok(());
            }
        };
        within.pop();
        walked
    }

    fn through(&mut self, names: Vec<Named>, within: &mut Vec<PathBuf>) {
        for Named { key, path } in names {
            if self.page.next.is_some() {
                return;
            }
            if !key.ends_with('/') {
                self.put_file(key, &path);
            } else if self.query.folders && key.len() > self.query.prefix.len() {
                self.put(key, |page, key| page.folders.push(key));
            } else if !within.iter().any(|folder| folder.starts_with(&path)) {
                // One closed folder does not close the others.
                if let Err(error) = self.folder(&key, path, within) {
                    tracing::warn!(key, %error, "a folder cannot be listed");
                }
            }
        }
    }

    fn put_file(&mut self, key: String, path: &Path) {
        // Gone since its folder was read: not there.
        let Ok(metadata) = fs::metadata(path) else { return };
        let version = version(&metadata);
        self.put(key, |page, key| {
            page.entries.push(Entry {
                key,
                size_bytes: version.size_bytes,
                last_modified: version.last_modified,
                etag: Some(version.etag),
            });
        });
    }

    fn put(&mut self, key: String, push: impl FnOnce(&mut Page, String)) {
        let put = self.page.entries.len().saturating_add(self.page.folders.len());
        if put >= self.query.limit {
            self.page.next = self.last.take();
            return;
        }
        self.last = Some(key.clone());
        push(&mut self.page, key);
    }

    /// The first of a folder's names that can be on the page, sorted; those behind `behind`.
    fn names(&self, folder: &str, path: &Path, behind: Option<&str>) -> io::Result<Vec<Named>> {
        let mut names = FirstNames::new(self.names_kept);
        for entry in path.read_dir()? {
            let entry = entry?;
            if let Some(name) = entry.file_name().to_str()
                && let Some(named) = self.named(format!("{folder}{name}"), &entry)
                && behind.is_none_or(|behind| named.key.as_str() > behind)
                && self.can_be_on_page(&named.key)
            {
                names.push(named);
            }
        }
        Ok(names.sorted())
    }

    /// `None` for what is neither file nor folder, and for links that lead nowhere or out.
    fn named(&self, key: String, entry: &fs::DirEntry) -> Option<Named> {
        let mut path = entry.path();
        let mut kind = entry.file_type().ok()?;
        if kind.is_symlink() {
            path = path.canonicalize().ok().filter(|path| is_below(self.root, path))?;
            kind = path.symlink_metadata().ok()?.file_type();
        }
        if kind.is_dir() {
            return Some(Named { key: key + "/", path });
        }
        kind.is_file().then_some(Named { key, path })
    }

    fn can_be_on_page(&self, key: &str) -> bool {
        let (prefix, after) = (self.query.prefix.as_str(), self.query.after.as_deref());
        let is_folder = key.ends_with('/');
        let fits = key.starts_with(prefix) || (is_folder && prefix.starts_with(key));
        let is_shown = !is_folder || (self.query.folders && key.len() > prefix.len());
        let is_behind = match after {
            None => true,
            // A folder that is walked through may begin before the cursor and end behind it.
            Some(after) => key > after || (!is_shown && after.starts_with(key)),
        };
        fits && is_behind
    }
}

/// The first of many names.
struct FirstNames {
    count: usize,
    /// Up to twice as many, so that they are looked through once for as many that come.
    names: Vec<Named>,
    /// As many are known that are not behind this one.
    last: Option<String>,
}

impl FirstNames {
    fn new(count: usize) -> Self {
        Self { count, names: Vec::new(), last: None }
    }

    fn push(&mut self, named: Named) {
        if self.last.as_ref().is_some_and(|last| named.key > *last) {
            return;
        }
        self.names.push(named);
        if self.names.len() >= self.count.saturating_mul(2) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let Some(last) = self.count.checked_sub(1).filter(|last| *last < self.names.len()) else {
            return;
        };
        self.names.select_nth_unstable_by(last, |one, other| one.key.cmp(&other.key));
        self.names.truncate(self.count);
        self.last = self.names.last().map(|named| named.key.clone());
    }

    fn sorted(mut self) -> Vec<Named> {
        self.cut();
        self.names.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        self.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(keys: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for key in keys {
            let path = folder.path().join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, key).unwrap();
        }
        folder
    }

    fn list(root: &Path, prefix: &str, folders: bool) -> Page {
        let query = ListQuery { prefix: prefix.to_owned(), folders, after: None, limit: 100 };
        page(&root.canonicalize().unwrap(), &query).unwrap()
    }

    fn keys(page: &Page) -> Vec<&str> {
        page.entries.iter().map(|entry| entry.key.as_str()).collect()
    }

    #[test]
    fn links_are_followed_below_the_root_and_not_out_or_round() {
        let outside = folder(&["secret.h5"]);
        let inside = folder(&["a/b.h5", "c/d.h5"]);
        let link = |target: &Path, name: &str| {
            std::os::unix::fs::symlink(target, inside.path().join(name)).unwrap();
        };
        link(&outside.path().join("secret.h5"), "stolen.h5");
        link(outside.path(), "out");
        link(Path::new("nowhere"), "dangling");
        link(Path::new("a"), "e");
        link(Path::new(".."), "a/round");
        link(Path::new("a/b.h5"), "b.h5");
        let page = list(inside.path(), "", false);
        assert_eq!(keys(&page), ["a/b.h5", "b.h5", "c/d.h5", "e/b.h5"]);
    }

    #[test]
    fn a_prefix_that_leads_out_lists_nothing() {
        let inside = folder(&["a/b.h5"]);
        for prefix in ["../", "a/../", "/", "a//", "./", "none/", "a/b.h5/"] {
            assert_eq!(list(inside.path(), prefix, false), Page::default(), "{prefix}");
        }
    }

    #[test]
    fn a_root_that_is_gone_is_not_empty() {
        let inside = folder(&["a.h5"]);
        let root = inside.path().canonicalize().unwrap();
        drop(inside);
        let fault = page(&root, &ListQuery { limit: 1, ..ListQuery::default() }).unwrap_err();
        assert_eq!(fault.error.kind, SourceErrorKind::Failed);
        assert!(!fault.error.detail.contains(root.to_str().unwrap()));
    }

    #[test]
    fn a_folder_is_read_again_where_what_is_kept_of_it_does_not_fill_the_page() {
        let keys = ["a.h5", "b/c.h5", "b/d.h5", "e.h5", "f/g/h.h5", "i.h5", "j.h5"];
        let inside = folder(&keys);
        for empty in ["0", "1", "2", "3", "f/0", "f/1", "f/2", "f/3", "hh"] {
            fs::create_dir_all(inside.path().join(empty)).unwrap();
        }
        let root = inside.path().canonicalize().unwrap();
        for (names_kept, limit) in (1..6).flat_map(|kept| (1..9).map(move |limit| (kept, limit))) {
            let query = ListQuery { limit, ..ListQuery::default() };
            let (page, last) = Default::default();
            let mut walk = Walk { root: &root, query: &query, names_kept, page, last };
            walk.folder("", root.clone(), &mut Vec::new()).unwrap();
            assert_eq!(self::keys(&walk.page), keys[..limit.min(keys.len())], "{names_kept}");
            let next = (limit < keys.len()).then(|| keys[limit - 1].to_owned());
            assert_eq!(walk.page.next, next, "{names_kept} of each folder, {limit} on the page");
        }
    }

    #[test]
    fn empty_files_are_files() {
        let inside = folder(&["a.h5"]);
        fs::write(inside.path().join("empty"), "").unwrap();
        assert_eq!(keys(&list(inside.path(), "", true)), ["a.h5", "empty"]);
    }
}
