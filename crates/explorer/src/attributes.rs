//! Attributes: a page of an object's, and one whole.

use std::sync::Arc;

use futures::future::join_all;
use h5range::walk::{AttributeEntry, Object};
use h5range::{Elements, Error};
use tracing::Instrument;

use crate::answers::{
    Attribute, AttributeAnswer, DatatypeAnswer, Incomplete, PartError, Success, WholeAttribute,
};
use crate::children::{incomplete, part_error};
use crate::cursor::PageCursor;
use crate::datatype::{describe_shared, short_name};
use crate::describe::shape;
use crate::error::{ErrorCode, ExplorerError, Result};
use crate::json::{Json, base64};
use crate::known_paths::KnownPaths;
use crate::locate::Located;
use crate::path::{ObjectPath, lossy};
use crate::queries::{AttributeQuery, MetaQuery, Place};
use crate::session::{OpenFile, Session};
use crate::spans;
use crate::values::Cut;

/// Scalars of an attribute that is shown whole. In memory and as JSON they take about a hundred
/// bytes each; `meta` shows the beginning of larger ones.
const WHOLE_ELEMENTS_MAX: u64 = 8 << 20;

/// A page of the attributes of an object.
pub(crate) struct AttributesPage {
    pub(crate) attributes: Vec<Attribute>,
    /// Over all pages; `None` where damage hides it.
    pub(crate) total: Option<u64>,
    /// Why some may be missing.
    pub(crate) incomplete: Option<Incomplete>,
    /// The end of this page, if another one follows.
    pub(crate) next: Option<PageCursor>,
    /// What is damaged where they are kept.
    pub(crate) errors: Vec<PartError>,
}

impl Session {
    /// One attribute, whole.
    ///
    /// # Errors
    ///
    /// When the attribute is not there or cannot be read.
    pub async fn attribute(&self, query: &AttributeQuery) -> Result<AttributeAnswer> {
        let span = spans::question("attribute", self.key(), &query.place);
        self.read_attribute(query).instrument(span).await
    }

    async fn read_attribute(&self, query: &AttributeQuery) -> Result<AttributeAnswer> {
        let located = self.locate(&query.place).await?;
        let path = match &query.place {
            Place::Path(path) => Some(path),
            Place::Address(_) => None,
        };
        let known = KnownPaths::of(located.file.file.root(), path, &located.trail);
        let Located { file, object, trail, .. } = &located;
        let read = async |known: &KnownPaths| {
            let attribute = file.named_attribute(object, &query.name, known);
            file.drive(attribute).await?.ok_or_else(whole_is_too_large)
        };
        let mut attribute = read(&known).await?;
        if let Some(known) = self.find_paths(path, trail, known).await? {
            attribute = read(&known).await?;
        }
        Ok(AttributeAnswer {
            success: Success,
            key: self.key().to_owned(),
            etag: self.version().etag.clone(),
            path: path.map(ObjectPath::to_string),
            cached: false,
            attribute,
            from_other_files: located.other_file,
        })
    }
}

impl OpenFile {
    /// The page of attributes that `query` asks for.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(crate) async fn attributes_page(
        &self,
        object: &Arc<Object>,
        query: &MetaQuery,
        paths: &KnownPaths,
    ) -> h5range::Result<AttributesPage> {
        let all = self.attributes(object).await?;
        let start = match &query.attributes_after {
            Some(PageCursor::Name(last)) => all.items.partition_point(|e| &e.name <= last),
            _ => 0,
        };
        let limit = usize::try_from(query.attributes_limit).unwrap_or(usize::MAX);
        let page: Vec<&AttributeEntry> = all.items.iter().skip(start).take(limit).collect();
        let cut = Cut { elements: query.max_elements, string_bytes: query.max_string_bytes };
        let more = start.saturating_add(page.len()) < all.items.len();
        let next = page.last().filter(|_| more).map(|last| PageCursor::Name(last.name.clone()));
        let read = page.into_iter().map(|entry| self.attribute_part(object, entry, cut, paths));
        Ok(AttributesPage {
            attributes: join_all(read).await.into_iter().collect::<h5range::Result<_>>()?,
            total: all.total(),
            incomplete: all.incomplete().map(incomplete),
            next,
            errors: all.errors.iter().map(part_error).collect(),
        })
    }

    /// One attribute among others.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    async fn attribute_part(
        &self,
        object: &Object,
        entry: &AttributeEntry,
        cut: Cut,
        paths: &KnownPaths,
    ) -> h5range::Result<Attribute> {
        let mut part = Attribute {
            name: lossy(&entry.name),
            name_base64: std::str::from_utf8(&entry.name).is_err().then(|| base64(&entry.name)),
            shape: None,
            dtype: None,
            datatype: None,
            value: Json::Null,
            truncated: false,
            size: None,
            error: None,
        };
        let attribute = match self.file.attribute(entry).await {
            Ok(attribute) => attribute,
            Err(error) => return part.without(error),
        };
        part.shape = shape(Some(&attribute.dataspace));
        part.dtype = Some(short_name(&attribute.datatype));
        part.datatype = Some(datatype_answer(&attribute));
        match self.attribute_value(object, &attribute, cut, paths).await {
            Ok(rendered) => {
                part.value = rendered.value;
                part.truncated = rendered.truncated;
                part.size = attribute.dataspace.element_count().filter(|_| rendered.truncated);
                Ok(part)
            }
            Err(error) => part.without(error),
        }
    }

    /// The attribute `name`; `None` when it is too large to be shown whole.
    async fn named_attribute(
        &self,
        object: &Object,
        name: &str,
        paths: &KnownPaths,
    ) -> h5range::Result<Option<WholeAttribute>> {
        let entry = self.find_attribute(object, name.as_bytes()).await?;
        let entry = entry.ok_or_else(|| Error::AttributeNotFound(name.to_owned()))?;
        self.whole_attribute(object, &entry, paths).await
    }

    /// An attribute; `None` when it is too large to be shown whole.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) async fn whole_attribute(
        &self,
        object: &Object,
        entry: &AttributeEntry,
        paths: &KnownPaths,
    ) -> h5range::Result<Option<WholeAttribute>> {
        let attribute = self.file.attribute(entry).await?;
        let cut = Cut { elements: WHOLE_ELEMENTS_MAX, string_bytes: u64::MAX };
        let rendered = self.attribute_value(object, &attribute, cut, paths).await?;
        Ok((!rendered.truncated).then(|| WholeAttribute {
            name: lossy(&entry.name),
            shape: shape(Some(&attribute.dataspace)),
            dtype: short_name(&attribute.datatype),
            datatype: datatype_answer(&attribute),
            value: rendered.value,
        }))
    }

    async fn attribute_value(
        &self,
        object: &Object,
        attribute: &h5range::Attribute,
        cut: Cut,
        paths: &KnownPaths,
    ) -> h5range::Result<crate::values::Rendered> {
        let elements = Elements {
            datatype: &attribute.datatype,
            data: &attribute.data,
            address: object.address,
            count: attribute.dataspace.element_count().unwrap_or(u64::MAX),
        };
        self.value(&elements, &attribute.dataspace, cut, paths).await
    }
}

impl Attribute {
    /// The attribute as far as it is known, with what kept it from being known further.
    fn without(mut self, error: Error) -> h5range::Result<Self> {
        if error.ends_the_question() {
            return Err(error);
        }
        self.error = Some(part_error(&error));
        Ok(self)
    }
}

fn datatype_answer(attribute: &h5range::Attribute) -> DatatypeAnswer {
    describe_shared(&attribute.datatype, attribute.committed)
}

/// The error for it.
pub(crate) fn whole_is_too_large() -> ExplorerError {
    let detail = format!(
        "the attribute has more than {WHOLE_ELEMENTS_MAX} values; \
         meta with max_elements shows the first of them; this limit is fixed"
    );
    ExplorerError::new(ErrorCode::LimitReached, detail)
}
