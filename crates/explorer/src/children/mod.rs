//! Children of a group: the links first, then the headers of one page.

mod other_files;
mod summary;

use std::sync::Arc;

use futures::future::join_all;
use h5range::decode::Address;
use h5range::decode::message::link::LinkTarget;
use h5range::walk::{LinkStorage, Object, ObjectKind};
use h5range::{Error, LinkRef, Links};
use tracing::Instrument;

use crate::answers::{
    Child, ChildObject, ChildrenAnswer, Incomplete, LinkKind, PartError, Success,
};
use crate::cursor::PageCursor;
use crate::error::{ExplorerError, Result};
use crate::json::base64;
use crate::locate::{End, ExternalStep, Hops, Located};
use crate::other_files::{Lead, Leads};
use crate::page::Page;
use crate::path::{ObjectPath, lossy};
use crate::queries::{ChildrenQuery, Detail, Place, Resolve};
use crate::session::{OpenFile, Session};
use crate::spans;
use crate::virtual_extent::is_virtual;

/// Children whose headers are read side by side. It bounds the memory of a page of 100,000, at the
/// price of a few more waves; a page of ordinary size is one batch.
pub(crate) const BATCH: usize = 10_000;

impl Session {
    /// A page of the children of a group.
    ///
    /// # Errors
    ///
    /// When the group cannot be read. What is wrong with single children is in the answer.
    pub async fn children(&self, query: &ChildrenQuery) -> Result<ChildrenAnswer> {
        let span = spans::question("children", self.key(), &query.place);
        self.read_children(query).instrument(span).await
    }

    async fn read_children(&self, query: &ChildrenQuery) -> Result<ChildrenAnswer> {
        let located = self.locate(&query.place).await?;
        let group = Group::of(&located, &query.place)
            .map_err(|error| ExplorerError::from_file(self.key(), error))?;
        let part = self.part(&located, query).await?;
        let is_whole = part.is_none();
        let links = match part {
            Some(part) => part,
            None => located.file.links_once(&located.object).await?,
        };
        if let (true, Some(error)) = (links.is_empty(), links.incomplete()) {
            return Err(ExplorerError::from_file(self.key(), error.clone()));
        }
        let page = Page::of(&links, query, group.creation_order_tracked);
        let _turn = self.explorer.large_pages.turn(page.places.len()).await;
        let mut children = Vec::with_capacity(page.places.len());
        let mut leads = Leads::default();
        for batch in page.places.chunks(BATCH) {
            let batch = batch.iter().filter_map(|place| links.get(*place));
            let batch = batch.map(|link| group.child(link, query.detail));
            let read = async { join_all(batch).await.into_iter().collect() };
            let batch: Vec<Entry> = located.file.drive(read).await?;
            for Entry { child, lead } in batch {
                if let Some(lead) = lead {
                    leads.add(children.len(), *lead);
                }
                children.push(child);
            }
        }
        let grown = self.grow_all(located.file.key(), &leads.growing, &mut children).await?;
        let opened = match query.resolve {
            Resolve::External => self.follow_all(leads.away, &mut children).await?,
            Resolve::Soft => 0,
        };
        Ok(ChildrenAnswer {
            success: Success,
            key: self.key().to_owned(),
            etag: self.version().etag.clone(),
            path: group.path.as_ref().map(ObjectPath::to_string),
            address: located.object.address.get(),
            cached: false,
            total: is_whole.then_some(page.total),
            order: page.order,
            truncated: page.next.is_some(),
            next: page.next.map(|cursor| cursor.encode()),
            children,
            incomplete: links.incomplete().map(incomplete),
            errors: links.errors().iter().map(part_error).collect(),
            from_other_files: located.other_file || opened > 0 || grown > 0,
        })
    }
}

impl Session {
    /// The links that are enough to tell the page and whether another one follows, where the group
    /// is large and its format lets a part of it be read. A filter needs all of them, and where
    /// they are known, so does everybody.
    async fn part(&self, located: &Located, query: &ChildrenQuery) -> Result<Option<Arc<Links>>> {
        let Located { file, object, .. } = located;
        if query.q.is_some() || file.knows_links(object) {
            return Ok(None);
        }
        let after = query.after.as_ref().and_then(PageCursor::name);
        let count = query.limit.saturating_add(1);
        let part = file.drive(file.file.links_after(object, after, count)).await?;
        Ok(part.map(Arc::new))
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

/// A child, and what other files have to say of it.
struct Entry {
    child: Child,
    lead: Option<Box<Lead>>,
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
        let mut entry = Entry { child: self.unread(&link), lead: None };
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
                entry.lead = is_virtual(&object).then(|| Box::new(Lead::Growing(object)));
            }
            Ok(End::External(step)) => entry.lead = Some(Box::new(Lead::Away(step, hops))),
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
