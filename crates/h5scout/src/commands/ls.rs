//! `h5scout ls`: files of a folder, children of a group, or a whole tree.

use std::io::{BufWriter, Write};
use std::sync::Arc;

use explorer::answers::{ChildrenAnswer, FilesAnswer};
use explorer::{
    CHILDREN_LIMIT_MAX, ChildrenQuery, ErrorCode, Explorer, ExplorerError, FILES_LIMIT_MAX,
    FilesQuery, Freshness, Meter, Place, size_text,
};

use crate::arguments::Ls;
use crate::commands::{open, tree};
use crate::failure::Failure;
use crate::location::{Location, Target};
use crate::output::{Table, child_cells, escaped};

/// Lists what the arguments name.
///
/// # Errors
///
/// When it cannot be read or written.
pub(crate) async fn run(ls: Ls) -> Result<(), Failure> {
    let location = Location::parse(&ls.location)?;
    let explorer = open(&location.source, &ls.engine)?;
    match location.target {
        Target::Folder(prefix) => files(&explorer, &ls, prefix).await,
        Target::File { key, path } => {
            let group = OpenGroup { explorer, ls: &ls, key };
            let path = ls.path.clone().or(path).unwrap_or_else(|| "/".to_owned());
            match group.list(&path).await {
                Err(error) if group.may_be_folder(&error) => {
                    files(&group.explorer, &ls, format!("{}/", group.key)).await
                }
                Err(Stopped::Question(error)) => Err(Failure::of(&ls.location, error)),
                Err(Stopped::Output(failure)) => Err(failure),
                Ok(()) => Ok(()),
            }
        }
    }
}

/// The file whose groups are listed.
pub(crate) struct OpenGroup<'a> {
    pub(crate) explorer: Arc<Explorer>,
    pub(crate) ls: &'a Ls,
    pub(crate) key: String,
}

/// Why a listing ended early.
pub(crate) enum Stopped {
    /// The question has no answer.
    Question(ExplorerError),
    /// The answer could not be written.
    Output(Failure),
}

impl OpenGroup<'_> {
    async fn list(&self, path: &str) -> Result<(), Stopped> {
        let place = Place::new(Some(path), None)?;
        let mut out = BufWriter::new(std::io::stdout());
        if self.ls.recursive {
            return tree::list(self, place, &mut out).await;
        }
        let group = self.children(place).await?;
        if self.ls.json {
            write_json(&mut out, &group)?;
        } else {
            let mut table = Table::default();
            for child in &group.children {
                table.push(child_cells(child, &child.name));
            }
            table.write(&mut out)?;
        }
        out.flush()?;
        Ok(Failure::if_partial(&self.ls.location, group.incomplete.as_ref())?)
    }

    /// All children of a group, whatever the number of pages, as one answer.
    pub(crate) async fn children(&self, place: Place) -> Result<ChildrenAnswer, ExplorerError> {
        let first = ChildrenQuery::new(place).with_limit(CHILDREN_LIMIT_MAX)?;
        let mut answer = self.page(&first).await?;
        while let Some(next) = answer.next.take() {
            let page = self.page(&first.clone().with_after(&next)?).await?;
            answer.children.extend(page.children);
            answer.next = page.next;
        }
        answer.truncated = false;
        Ok(answer)
    }

    async fn page(&self, query: &ChildrenQuery) -> Result<ChildrenAnswer, ExplorerError> {
        let meter = Arc::new(Meter::new());
        self.explorer.children(&self.key, query, Freshness::Trust, &meter).await
    }

    /// A key of an object store may be the name of a folder without its `/`.
    fn may_be_folder(&self, stopped: &Stopped) -> bool {
        let Stopped::Question(error) = stopped else { return false };
        error.code == ErrorCode::FileNotFound && self.ls.path.is_none()
    }
}

/// Lists files: of one level, or with `-R` all below.
async fn files(explorer: &Explorer, ls: &Ls, prefix: String) -> Result<(), Failure> {
    let said = |error| Failure::of(&ls.location, error);
    if ls.path.is_some() {
        return Err(Failure::not_a_file(&ls.location));
    }
    let delimiter = if ls.recursive { "" } else { "/" };
    let mut query = FilesQuery::default()
        .with_prefix(&prefix)
        .with_delimiter(delimiter)
        .and_then(|query| query.with_limit(FILES_LIMIT_MAX))
        .map_err(said)?;
    let mut out = BufWriter::new(std::io::stdout());
    let mut found = false;
    loop {
        let page = explorer.files(&query, &Arc::new(Meter::new())).await.map_err(said)?;
        found |= !page.files.is_empty() || !page.folders.is_empty();
        if ls.json {
            write_json(&mut out, &page)?;
        } else {
            write_files(&mut out, &page)?;
        }
        let Some(next) = page.next else { break };
        query = query.with_after(&next);
    }
    out.flush()?;
    if found || prefix.is_empty() { Ok(()) } else { Err(Failure::not_there(&ls.location)) }
}

fn write_files(out: &mut impl Write, page: &FilesAnswer) -> Result<(), Failure> {
    let mut table = Table::default();
    for folder in &page.folders {
        table.push(["folder".to_owned(), String::new(), String::new(), escaped(folder).into()]);
    }
    for file in &page.files {
        table.push([
            "file".to_owned(),
            size_text(file.size),
            file.last_modified.clone(),
            escaped(&file.key).into(),
        ]);
    }
    Ok(table.write(out)?)
}

/// One JSON document and the end of its line.
pub(crate) fn write_json(
    out: &mut impl Write,
    answer: &impl serde::Serialize,
) -> Result<(), Failure> {
    serde_json::to_writer(&mut *out, answer).map_err(std::io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

impl From<ExplorerError> for Stopped {
    fn from(error: ExplorerError) -> Self {
        Self::Question(error)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Output(failure)
    }
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error.into())
    }
}
