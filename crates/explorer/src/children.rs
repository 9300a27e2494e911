//! Children of a group: the links first, then the headers of one page.

use std::sync::Arc;

use futures::future::{FutureExt, join_all};
use futures::stream::{self, StreamExt};
use h5range::decode::Address;
use h5range::decode::message::link::LinkTarget;
use h5range::walk::{LinkStorage, Object, ObjectKind};
use h5range::{Error, LinkRef};

use crate::answers::{
    Child, ChildObject, ChildrenAnswer, DatasetSummary, DatatypeSummary, GroupSummary, Incomplete,
    LinkKind, PartError, Success,
};
use crate::datatype::short_name;
use crate::describe::{self, Dataset};
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::json::base64;
use crate::locate::{End, ExternalStep, Hops, Located};
use crate::page::Page;
use crate::path::{ObjectPath, lossy};
use crate::queries::{ChildrenQuery, Detail, Place, Resolve};
use crate::session::{OpenFile, Session};
use crate::virtual_extent::{GrowingDataset, OpenedSources, is_virtual};

/// Children whose headers are read side by side. It bounds the memory of a page of 100,000, at the
/// price of a few more waves; a page of ordinary size is one batch.
const BATCH: usize = 10_000;

/// Files that one question opens side by side to follow external links.
const OTHER_FILES_AT_ONCE: usize = 16;

/// External links that one question follows: each may be a file of its own, with its own budget.
const OTHER_FILES_MAX: usize = 1_000;

/// What part of a question's budget each of these files gets. Finding an object by its path costs
/// far less; all of them together cannot cost more than some whole budgets.
const OTHER_FILE_SHARE: u64 = 100;

/// What part of a question's budget the sources of the page's virtual datasets get together.
const GROWTH_SHARE: u64 = 4;

impl Session {
    /// A page of the children of a group.
    ///
    /// # Errors
    ///
    /// When the group cannot be read. What is wrong with single children is in the answer.
    pub async fn children(&self, query: &ChildrenQuery) -> Result<ChildrenAnswer> {
        let located = self.locate(&query.place).await?;
        let group = Group::of(&located, &query.place)
            .map_err(|error| ExplorerError::from_file(self.key(), error))?;
        let links = located.file.drive(located.file.links(&located.object)).await?;
        if let (true, Some(error)) = (links.is_empty(), links.incomplete()) {
            return Err(ExplorerError::from_file(self.key(), error.clone()));
        }
        let page = Page::of(&links, query, group.creation_order_tracked);
        let mut entries = Vec::with_capacity(page.places.len());
        for batch in page.places.chunks(BATCH) {
            let batch = batch.iter().filter_map(|place| links.get(*place));
            let batch = batch.map(|link| group.child(link, query.detail));
            let read = async { join_all(batch).await.into_iter().collect() };
            let batch: Vec<Entry> = located.file.drive(read).await?;
            entries.extend(batch);
        }
        let grown = self.grow_all(located.file.key(), &mut entries).await?;
        let opened = match query.resolve {
            Resolve::External => self.follow_all(&mut entries).await?,
            Resolve::Soft => 0,
        };
        Ok(ChildrenAnswer {
            success: Success,
            key: self.key().to_owned(),
            etag: self.version().etag.clone(),
            path: group.path.as_ref().map(ObjectPath::to_string),
            address: located.object.address.get(),
            cached: false,
            total: Some(page.total),
            order: page.order,
            truncated: page.next.is_some(),
            next: page.next.map(|cursor| cursor.encode()),
            children: entries.into_iter().map(|entry| entry.child).collect(),
            incomplete: links.incomplete().map(incomplete),
            errors: links.errors().iter().map(part_error).collect(),
            from_other_files: located.other_file || opened > 0 || grown > 0,
        })
    }

    /// Follows what leads into other files. Returns how many links that were.
    async fn follow_all(&self, entries: &mut [Entry]) -> Result<usize> {
        let frugal = self.with_share(OTHER_FILE_SHARE);
        let mut steps: Vec<(ExternalStep, Hops, &mut Child)> = Vec::new();
        for entry in entries {
            steps.extend(entry.step.take().map(|(step, hops)| (step, hops, &mut entry.child)));
        }
        let mut steps = steps.into_iter();
        // Boxed and gathered first: a closure that borrows, held over an await, would keep the
        // whole question from running as a task.
        let mut follows = Vec::new();
        for (step, hops, child) in steps.by_ref().take(OTHER_FILES_MAX) {
            follows.push(frugal.follow_child(step, hops, child).boxed());
        }
        let followed: Vec<Result<()>> =
            stream::iter(follows).buffered(OTHER_FILES_AT_ONCE).collect().await;
        for (_, _, child) in steps {
            let detail =
                format!("one page follows {OTHER_FILES_MAX} external links; ask for a smaller one");
            child.error = Some(ExplorerError::new(ErrorCode::LimitReached, detail).into());
        }
        let count = followed.len();
        followed.into_iter().collect::<Result<()>>()?;
        Ok(count)
    }

    /// Puts the shapes in place that virtual datasets of the file `key` have with their sources.
    /// Returns how many datasets that were. It has a budget of its own: what it costs must not keep
    /// the listing from being shown.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    async fn grow_all(&self, key: &str, entries: &mut [Entry]) -> Result<usize> {
        let mut datasets: Vec<(Arc<Object>, &mut Child)> = Vec::new();
        for entry in entries {
            datasets.extend(entry.virtual_dataset.take().map(|found| (found, &mut entry.child)));
        }
        if datasets.is_empty() {
            return Ok(0);
        }
        let file = self.open_other(key).await?.with_share(GROWTH_SHARE).open_file().await?;
        let (opened, mut count) = (OpenedSources::default(), 0);
        for page in datasets.chunks_mut(OTHER_FILES_AT_ONCE) {
            let growing = page.iter().map(|(dataset, _)| file.growing_dataset(dataset));
            let growing = file.drive(async { Ok(join_all(growing).await) }).await?;
            let mut shapes = Vec::new();
            for dataset in &growing {
                shapes.push(self.shape_of(&file, dataset, &opened).boxed());
            }
            for ((_, child), shape) in page.iter_mut().zip(join_all(shapes).await) {
                let Some(shape) = shape.transpose() else { continue };
                child.grow(shape)?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// The shape of a dataset that grows; `None` for one that does not, or whose sources are
    /// damaged: that its `meta` says.
    async fn shape_of(
        &self,
        file: &OpenFile,
        growing: &h5range::Result<Option<GrowingDataset>>,
        opened: &OpenedSources,
    ) -> Result<Option<Vec<u64>>> {
        match growing {
            Ok(Some(dataset)) => self.grown_shape(file, dataset, opened).await.map(Some),
            Err(error) if error.ends_the_question() => {
                Err(ExplorerError::from_file(file.key(), error.clone()))
            }
            Ok(None) | Err(_) => Ok(None),
        }
    }

    /// Completes a child that leads into another file.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    async fn follow_child(&self, step: ExternalStep, hops: Hops, child: &mut Child) -> Result<()> {
        let followed: Result<_> = async {
            let located = self.follow(step, &hops).await?;
            let summary = located.file.summarise(&located.object);
            let (object, error) = located.file.drive(summary).await?;
            Ok((located.object.address, object, error))
        }
        .await;
        match followed {
            Ok((address, object, error)) => {
                child.address = Some(address.get());
                child.object = Some(object);
                child.error = error.as_ref().map(part_error);
                Ok(())
            }
            Err(error) if error.code.ends_the_question() => Err(error),
            Err(error) => {
                child.error = Some(error.into());
                Ok(())
            }
        }
    }
}

impl Child {
    /// Takes the shape that the sources of a virtual dataset give it.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    fn grow(&mut self, shape: Result<Vec<u64>>) -> Result<()> {
        match (shape, &mut self.object) {
            (Ok(shape), Some(ChildObject::Dataset(summary))) => {
                summary.size = describe::element_count(&shape);
                summary.shape = Some(shape);
            }
            (Ok(_), _) => {}
            (Err(error), _) if error.code.ends_the_question() => return Err(error),
            (Err(error), _) => self.error = Some(error.into()),
        }
        Ok(())
    }
}

/// What is wrong with a part of an answer. Never an error of the source, which would need a key.
pub(crate) fn part_error(error: &Error) -> PartError {
    ExplorerError::from_file("the file", error.clone()).into()
}

/// Why a list in an answer is not complete.
pub(crate) fn incomplete(error: &Error) -> Incomplete {
    ExplorerError::from_file("the file", error.clone()).into()
}

/// A group whose children are asked for.
struct Group<'a> {
    file: &'a OpenFile,
    object: &'a Arc<Object>,
    /// Where it was asked for; `None` by address.
    path: Option<ObjectPath>,
    /// Its ancestors and itself, by address.
    trail: &'a [Address],
    creation_order_tracked: bool,
}

/// A child, and what other files have to say of it: where it leads on if that is another file, and
/// the sources with which it grows.
struct Entry {
    child: Child,
    step: Option<(ExternalStep, Hops)>,
    virtual_dataset: Option<Arc<Object>>,
}

impl<'a> Group<'a> {
    fn of(located: &'a Located, place: &Place) -> h5range::Result<Self> {
        let path = match place {
            Place::Path(path) => Some(path.clone()),
            Place::Address(_) => None,
        };
        if located.object.kind != ObjectKind::Group {
            let address = located.object.address;
            let asked = path.map_or_else(|| format!("the object at {address}"), |p| p.to_string());
            return Err(Error::NotAGroup(asked));
        }
        let creation_order_tracked = match located.object.link_storage()? {
            LinkStorage::SymbolTable(_) => false,
            LinkStorage::Compact(info) | LinkStorage::Dense(info, _) => info.creation_order_tracked,
        };
        let Located { file, object, trail, .. } = located;
        Ok(Self { file, object, path, trail, creation_order_tracked })
    }

    /// One child, as far as this file goes.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    async fn child(&self, link: LinkRef<'_>, detail: Detail) -> h5range::Result<Entry> {
        let mut entry = Entry { child: self.unread(&link), step: None, virtual_dataset: None };
        if detail == Detail::Names {
            return Ok(entry);
        }
        let hops = Hops::default();
        let end = match link.target {
            LinkTarget::Hard { address } => {
                let object = self.file.object(address).await;
                object.map(|object| End::Object { object, trail: Vec::new() })
            }
            LinkTarget::Soft { path } => {
                let group = self.object.clone();
                self.file.follow_soft(group, &self.path_text(), link.name, path, &hops).await
            }
            LinkTarget::External { file, path } => {
                let at = format!("{}/{}", self.path_text(), lossy(link.name));
                Ok(End::External(ExternalStep::new(at, file, path)))
            }
            LinkTarget::Nowhere => Err(link.leads_nowhere(self.object.address)),
            LinkTarget::UserDefined { .. } => return Ok(entry),
        };
        match end {
            Ok(End::Object { object, .. }) => {
                let (summary, error) = self.file.summarise(&object).await?;
                entry.child.address = Some(object.address.get());
                entry.child.object = Some(summary);
                entry.child.error = error.as_ref().map(part_error);
                entry.virtual_dataset = Some(object).filter(|object| is_virtual(object));
            }
            Ok(End::External(step)) => entry.step = Some((step, hops)),
            Err(error) if error.ends_the_question() => return Err(error),
            Err(error) => {
                entry.child.object = Some(ChildObject::Unresolved);
                entry.child.error = Some(part_error(&error));
            }
        }
        Ok(entry)
    }

    /// What the link alone says.
    fn unread(&self, link: &LinkRef<'_>) -> Child {
        let mut child = Child {
            name: lossy(link.name),
            name_base64: std::str::from_utf8(link.name).is_err().then(|| base64(link.name)),
            path: self.path.as_ref().and_then(|path| path.child(link.name)),
            link: LinkKind::Hard,
            link_class: None,
            target_file: None,
            target: None,
            address: None,
            cycle: false,
            object: Some(ChildObject::Unresolved),
            error: None,
        };
        match &link.target {
            LinkTarget::Hard { address } => {
                child.address = Some(address.get());
                child.cycle = self.trail.contains(address);
                child.object = None;
            }
            LinkTarget::Nowhere => {}
            LinkTarget::Soft { path } => {
                child.link = LinkKind::Soft;
                child.target = Some(lossy(path));
            }
            LinkTarget::External { file, path } => {
                child.link = LinkKind::External;
                child.target_file = Some(lossy(file));
                child.target = Some(lossy(path));
            }
            LinkTarget::UserDefined { class, .. } => {
                child.link = LinkKind::User;
                child.link_class = Some(*class);
            }
        }
        child
    }

    /// The path for link errors; the root's is empty.
    fn path_text(&self) -> String {
        match &self.path {
            Some(path) if path.segments().is_empty() => String::new(),
            Some(path) => path.to_string(),
            None => format!("address {}:", self.object.address),
        }
    }
}

impl OpenFile {
    /// What a listing says of an object, and what kept parts of it from being read.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(crate) async fn summarise(
        &self,
        object: &Object,
    ) -> h5range::Result<(ChildObject, Option<Error>)> {
        let (num_attributes, mut error) = match self.file.attribute_count(object).await {
            Ok(count) => (Some(count), None),
            Err(error) if error.ends_the_question() => return Err(error),
            Err(error) => (None, Some(error)),
        };
        let summary = match object.kind {
            ObjectKind::Group => {
                let num_children = object.compact_link_count();
                ChildObject::Group(GroupSummary { num_children, num_attributes })
            }
            ObjectKind::Dataset => {
                let dataset = Dataset::of(object);
                let summary = dataset_summary(&dataset, num_attributes);
                error = dataset.errors.into_iter().next().or(error);
                ChildObject::Dataset(summary)
            }
            ObjectKind::Datatype => {
                let dtype = match object.datatype() {
                    Ok(datatype) => datatype.as_ref().map(short_name),
                    Err(broken) => {
                        error = Some(broken);
                        None
                    }
                };
                ChildObject::Datatype(DatatypeSummary { dtype, num_attributes })
            }
        };
        Ok((summary, error))
    }
}

fn dataset_summary(dataset: &Dataset, num_attributes: Option<u64>) -> DatasetSummary {
    let dataspace = dataset.dataspace.as_ref();
    let shape = describe::shape(dataspace);
    DatasetSummary {
        ndim: shape.as_ref().map_or(0, |shape| shape.len() as u64),
        shape,
        maxshape: describe::max_shape(dataspace),
        size: dataspace.and_then(|dataspace| dataspace.element_count()),
        dtype: dataset.datatype.as_ref().map(short_name),
        chunks: dataset.chunks(),
        compression: describe::compression(&dataset.pipeline).map(|(name, _)| name),
        filters: describe::filters(&dataset.pipeline),
        num_attributes,
    }
}
