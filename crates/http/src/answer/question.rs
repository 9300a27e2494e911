//! The questions about a file whose answers are kept.

use explorer::answers::{AttributeAnswer, ChildrenAnswer, MetaAnswer};
use explorer::{AttributeQuery, ChildrenQuery, ExplorerError, MetaQuery, Place, Session};
use serde::Serialize;

/// A question about one file. Questions that mean the same are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Children(ChildrenQuery),
    Meta(MetaQuery),
    Attribute(AttributeQuery),
}

/// The answer to one of them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum QuestionAnswer {
    Children(ChildrenAnswer),
    Meta(Box<MetaAnswer>),
    Attribute(AttributeAnswer),
}

impl Question {
    /// The word for the log.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Children(_) => "children",
            Self::Meta(_) => "meta",
            Self::Attribute(_) => "attribute",
        }
    }

    /// The object that it is about.
    pub(super) fn place(&self) -> &Place {
        match self {
            Self::Children(query) => &query.place,
            Self::Meta(query) => &query.place,
            Self::Attribute(query) => &query.place,
        }
    }

    /// Asks it.
    pub(super) async fn ask(&self, session: &Session) -> Result<QuestionAnswer, ExplorerError> {
        Ok(match self {
            Self::Children(query) => QuestionAnswer::Children(session.children(query).await?),
            Self::Meta(query) => QuestionAnswer::Meta(Box::new(session.meta(query).await?)),
            Self::Attribute(query) => QuestionAnswer::Attribute(session.attribute(query).await?),
        })
    }
}

impl QuestionAnswer {
    /// Says in the answer that it was kept.
    pub(super) fn mark_cached(&mut self) {
        match self {
            Self::Children(answer) => answer.cached = true,
            Self::Meta(answer) => answer.cached = true,
            Self::Attribute(answer) => answer.cached = true,
        }
    }

    /// True if it depends on the version of its own file and on nothing else.
    pub(super) fn may_be_kept(&self) -> bool {
        !match self {
            Self::Children(answer) => answer.from_other_files,
            Self::Meta(answer) => answer.from_other_files,
            Self::Attribute(answer) => answer.from_other_files,
        }
    }
}
