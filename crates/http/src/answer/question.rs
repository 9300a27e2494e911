//! The questions about a file whose answers are kept.

use axum::http::HeaderValue;
use bytes::Bytes;
use explorer::answers::{AttributeAnswer, ChildrenAnswer, MetaAnswer, PreviewAnswer};
use explorer::{
    AttributeQuery, ChildrenQuery, DataQuery, ExplorerError, Format, MetaQuery, Place, PlainKind,
    PreviewQuery, Session,
};
use serde::Serialize;

use super::{EntityTag, JSON, Written};
use crate::error::ApiError;
use crate::routes::h5grove::{H5groveAnswer, H5groveQuestion};

/// Elements of larger selections are not kept, but sent as they are read.
const KEPT_ELEMENT_BYTES_MAX: u64 = 256 << 10;

/// A question about one file. Questions that mean the same are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Children(ChildrenQuery),
    Meta(MetaQuery),
    Attribute(AttributeQuery),
    Data(DataQuery),
    Preview(PreviewQuery),
    H5grove(H5groveQuestion),
}

/// The answer to one of them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum QuestionAnswer {
    Children(ChildrenAnswer),
    Meta(Box<MetaAnswer>),
    Attribute(AttributeAnswer),
    #[serde(skip)]
    Data(Elements),
    Preview(Box<PreviewAnswer>),
    H5grove(H5groveAnswer),
}

/// Elements in their format.
#[derive(Debug)]
pub(super) struct Elements {
    body: Bytes,
    from_other_files: bool,
}

/// Why there is no answer to be kept.
pub(super) enum Unanswered {
    Explorer(ExplorerError),
    /// It is too large for that.
    Large,
}

impl Question {
    /// The word for the log.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Children(_) => "children",
            Self::Meta(_) => "meta",
            Self::Attribute(_) => "attribute",
            Self::Data(_) => "data",
            Self::Preview(_) => "preview",
            Self::H5grove(question) => question.name(),
        }
    }

    /// What its answer is.
    pub(super) fn content_type(&self) -> HeaderValue {
        match self {
            Self::Data(query) => HeaderValue::from_static(query.format.content_type()),
            _ => JSON,
        }
    }

    /// Whether its answer says that it was kept.
    pub(super) fn is_json(&self) -> bool {
        match self {
            Self::Data(query) => query.format == Format::Json,
            // h5grove has no word for it.
            Self::H5grove(_) => false,
            _ => true,
        }
    }

    /// Whether its answer has one form only: numbers shrink little, and who wants a part of them
    /// needs to know where it is.
    pub(super) fn is_binary(&self) -> bool {
        match self {
            Self::Data(query) => match query.format {
                Format::Bin | Format::Npy | Format::Arrow => true,
                Format::Plain(plain) => !matches!(plain.kind, PlainKind::Json | PlainKind::Csv),
                Format::Json | Format::Csv => false,
            },
            _ => false,
        }
    }

    /// Whether a range of its answer can be asked for.
    pub(super) fn has_ranges(&self) -> bool {
        matches!(self, Self::Data(query) if query.format == Format::Bin)
    }

    /// The object that it is about.
    pub(super) fn place(&self) -> &Place {
        match self {
            Self::Children(query) => &query.place,
            Self::Meta(query) => &query.place,
            Self::Attribute(query) => &query.place,
            Self::Data(query) => &query.place,
            Self::Preview(query) => &query.place,
            Self::H5grove(question) => question.place(),
        }
    }

    /// Asks it.
    pub(super) async fn ask(&self, session: &Session) -> Result<QuestionAnswer, Unanswered> {
        Ok(match self {
            Self::Children(query) => QuestionAnswer::Children(session.children(query).await?),
            Self::Meta(query) => QuestionAnswer::Meta(Box::new(session.meta(query).await?)),
            Self::Attribute(query) => QuestionAnswer::Attribute(session.attribute(query).await?),
            Self::Data(query) => QuestionAnswer::Data(elements(session, query).await?),
            Self::Preview(query) => {
                QuestionAnswer::Preview(Box::new(session.preview(query).await?))
            }
            Self::H5grove(question) => QuestionAnswer::H5grove(question.ask(session).await?),
        })
    }
}

async fn elements(session: &Session, query: &DataQuery) -> Result<Elements, Unanswered> {
    let slice = session.slice(query).await?;
    if slice.size_bytes() > KEPT_ELEMENT_BYTES_MAX {
        return Err(Unanswered::Large);
    }
    let from_other_files = slice.from_other_files;
    let body = slice.encode(&query.clone().to_be_kept(), None).await?.whole().await?;
    Ok(Elements { body, from_other_files })
}

impl From<ExplorerError> for Unanswered {
    fn from(error: ExplorerError) -> Self {
        Self::Explorer(error)
    }
}

impl QuestionAnswer {
    /// Says in the answer that it was kept.
    pub(super) fn mark_cached(&mut self) {
        match self {
            Self::Children(answer) => answer.cached = true,
            Self::Meta(answer) => answer.cached = true,
            Self::Attribute(answer) => answer.cached = true,
            // They say it since they were made, or never.
            Self::Data(_) | Self::H5grove(..) => {}
            Self::Preview(answer) => answer.cached = true,
        }
    }

    /// True if it depends on the version of its own file and on nothing else.
    pub(super) fn may_be_kept(&self) -> bool {
        !match self {
            Self::Children(answer) => answer.from_other_files,
            Self::Meta(answer) => answer.from_other_files,
            Self::Attribute(answer) => answer.from_other_files,
            Self::Data(elements) => elements.from_other_files,
            Self::Preview(answer) => answer.from_other_files,
            Self::H5grove(answer) => answer.from_other_files,
        }
    }

    /// Its body, written aside.
    pub(super) async fn written(self) -> Result<Written, ApiError> {
        match self {
            Self::Data(Elements { body, .. }) => Ok(Written { tag: EntityTag::of(&body), body }),
            answer => Written::aside(answer).await,
        }
    }
}
