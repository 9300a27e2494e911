//! h5grove's questions in the explorer's words, and the explorer's answers in h5grove's.

use explorer::answers::{Entity, EntityAnswer};
use explorer::{
    AttributeValuesQuery, DataQuery, EntityQuery, ErrorCode, ExplorerError, ObjectPath, PathsQuery,
    Place, PlainValue, Session, Slice,
};

use serde::Serialize;

use super::errors::base_name;
use super::query::{AskedPath, LinkResolution};
use super::shapes;

/// A question about one file. Questions that mean the same are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct H5groveQuestion {
    path: AskedPath,
    /// Where that is.
    place: Place,
    about: About,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum About {
    Meta(LinkResolution),
    Attr(Option<Vec<String>>),
    Paths,
    Stats(DataQuery),
    UnknownForm { data: DataQuery, format: String, dtype: String },
}

/// The answer to one of them.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct H5groveAnswer {
    value: PlainValue,
    /// Whether it depends on other files than the one asked.
    #[serde(skip)]
    pub(crate) from_other_files: bool,
}

impl H5groveAnswer {
    fn new(value: PlainValue, from_other_files: bool) -> Self {
        Self { value, from_other_files }
    }
}

impl H5groveQuestion {
    pub(super) fn meta(path: AskedPath, links: LinkResolution) -> Self {
        Self::new(path, About::Meta(links))
    }

    /// All attributes, or those of these names.
    pub(super) fn attr(path: AskedPath, names: Option<Vec<String>>) -> Self {
        Self::new(path, About::Attr(names))
    }

    pub(super) fn paths(path: AskedPath) -> Self {
        Self::new(path, About::Paths)
    }

    pub(super) fn stats(path: AskedPath, data: DataQuery) -> Self {
        Self::new(path, About::Stats(data))
    }

    /// Elements in a format, or of numbers, that nobody knows: the answer is an error, and which one
    /// depends on the file.
    pub(super) fn unknown_form(
        path: AskedPath,
        data: DataQuery,
        format: &str,
        dtype: &str,
    ) -> Self {
        let (format, dtype) = (format.to_owned(), dtype.to_owned());
        Self::new(path, About::UnknownForm { data, format, dtype })
    }

    fn new(path: AskedPath, about: About) -> Self {
        let place = path.place();
        Self { path, place, about }
    }

    /// The word for the log.
    pub(crate) fn name(&self) -> &'static str {
        match self.about {
            About::Meta(_) => "entity",
            About::Attr(_) => "attributes",
            About::Paths => "paths",
            About::Stats(_) => "statistics",
            About::UnknownForm { .. } => "data",
        }
    }

    /// The object that it is about.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Asks it.
    ///
    /// # Errors
    ///
    /// The explorer's. A path through a link that leads nowhere is no path.
    pub(crate) async fn ask(&self, session: &Session) -> Result<H5groveAnswer, ExplorerError> {
        let nowhere = || ExplorerError::new(ErrorCode::PathNotFound, "the path is empty");
        let path = self.path.object().ok_or_else(nowhere)?;
        let answered = match &self.about {
            About::Meta(links) => return self.meta_of(session, path, *links).await,
            About::Attr(names) => attributes(session, path, names.as_ref()).await,
            About::Paths => self.paths_below(session, path).await,
            About::Stats(data) => session
                .plain_statistics(data)
                .await
                .map(|(found, elsewhere)| H5groveAnswer::new(shapes::statistics(found), elsewhere)),
            About::UnknownForm { data, format, dtype } => {
                session.slice(data).await.and_then(|slice| {
                    let detail = unknown_form(&slice, format, dtype);
                    Err(ExplorerError::new(ErrorCode::BadRequest, detail))
                })
            }
        };
        answered.map_err(path_not_found)
    }

    async fn meta_of(
        &self,
        session: &Session,
        path: ObjectPath,
        links: LinkResolution,
    ) -> Result<H5groveAnswer, ExplorerError> {
        let query = EntityQuery::new(path).with_follow_links(links != LinkResolution::None);
        let EntityAnswer { entity, children, from_other_files } =
            session.entity(&query).await.map_err(path_not_found)?;
        if links == LinkResolution::All
            && let Some(link) = link_text(&entity)
        {
            let (path, file) = (self.path.as_str(), base_name(session.key()));
            let detail = format!("Cannot resolve {link} at {path} of {file}");
            return Err(ExplorerError::new(ErrorCode::LinkUnresolved, detail));
        }
        let value = shapes::entity(self.path.name(), entity, children);
        Ok(H5groveAnswer::new(value, from_other_files))
    }

    async fn paths_below(
        &self,
        session: &Session,
        path: ObjectPath,
    ) -> Result<H5groveAnswer, ExplorerError> {
        let answer = session.paths(&PathsQuery::new(path)).await?;
        let below = answer.paths.iter().map(|below| self.path.join(below));
        let paths = std::iter::once(self.path.as_str().to_owned()).chain(below);
        let paths = PlainValue::List(paths.map(PlainValue::Text).collect());
        Ok(H5groveAnswer::new(paths, answer.from_other_files))
    }
}

async fn attributes(
    session: &Session,
    path: ObjectPath,
    names: Option<&Vec<String>>,
) -> Result<H5groveAnswer, ExplorerError> {
    let query = AttributeValuesQuery::new(path);
    let query = match names {
        Some(names) => query.with_names(names.clone()),
        None => query,
    };
    let answer = session.attribute_values(&query).await?;
    let members = answer.attributes.into_iter().map(|attribute| (attribute.name, attribute.value));
    let values = PlainValue::Object(members.collect());
    Ok(H5groveAnswer::new(values, answer.from_other_files))
}

/// What is said of a form that nobody knows: first whether the elements have any form at all.
fn unknown_form(slice: &Slice, format: &str, dtype: &str) -> String {
    match (dtype, slice.is_numeric()) {
        ("safe", false) => "Unsupported dtype safe for non-numeric data".to_owned(),
        ("origin", false) => {
            format!("Unsupported encoding {format} for non-numeric content")
        }
        ("origin" | "safe", true) if slice.is_scalar() => {
            format!("Unsupported encoding {format} for empty and scalar datasets")
        }
        ("origin" | "safe", true) => format!("Unsupported encoding {format}"),
        _ => format!("Unsupported dtype {dtype}"),
    }
}

fn path_not_found(error: ExplorerError) -> ExplorerError {
    match error.code {
        ErrorCode::LinkUnresolved => ExplorerError { code: ErrorCode::PathNotFound, ..error },
        _ => error,
    }
}

/// A link as h5py writes it, a bracket that it forgets included.
fn link_text(entity: &Entity) -> Option<String> {
    match entity {
        Entity::SoftLink { target } => Some(format!("<SoftLink to \"{target}\">")),
        Entity::ExternalLink { target_file, target } => {
            Some(format!("<ExternalLink to \"{target}\" in file \"{target_file}\""))
        }
        _ => None,
    }
}
