//! What a path leads to, link or object, as trees show it: with the types of its attributes, and of
//! a group with all of its children.

mod attribute_values;
mod children;
mod led;
mod paths;
mod queries;

use std::sync::Arc;

use futures::future::join_all;
use h5range::decode::message::filter_pipeline;
use h5range::walk::{AttributeEntry, Object, ObjectKind};
use h5range::{Error, set_aside};
use tracing::Instrument;

use self::led::Led;
pub use self::queries::{AttributeValuesQuery, EntityQuery, PathsQuery};
use crate::answers::{AttributeType, Entity, EntityAnswer, NamedFilter};
use crate::datatype::describe;
use crate::describe::{self as described, Dataset};
use crate::error::Result;
use crate::path::lossy;
use crate::session::{OpenFile, Session};
use crate::spans;
use crate::virtual_extent::is_virtual;

impl Session {
    /// What a path leads to.
    ///
    /// # Errors
    ///
    /// When there is no such link, when the object cannot be read, or a group has more children
    /// than one answer may have. What is wrong with single children is in the answer.
    pub async fn entity(&self, query: &EntityQuery) -> Result<EntityAnswer> {
        let span = spans::question_of_path("entity", self.key(), &query.path);
        self.read_entity(query).instrument(span).await
    }

    async fn read_entity(&self, query: &EntityQuery) -> Result<EntityAnswer> {
        let (led, away) = self.led(&query.path, query.follow_links).await?;
        let located = match led {
            Led::Link(entity) => {
                return Ok(EntityAnswer { entity, children: None, from_other_files: away });
            }
            Led::Object(located) => located,
        };
        let mut entity = located.file.drive(located.file.entity(&located.object)).await?;
        let mut from_other_files = away || located.other_file;
        if is_virtual(&located.object) {
            let shapes = self.grown_shapes(located.file.key(), &[&located.object]).await?;
            for shape in shapes.into_iter().flatten() {
                from_other_files = true;
                entity.grow(shape)?;
            }
        }
        let children = match &entity {
            Entity::Group { .. } => {
                let (children, from_others) = self.child_entities(&located, &query.path).await?;
                from_other_files |= from_others;
                Some(children)
            }
            _ => None,
        };
        Ok(EntityAnswer { entity, children, from_other_files })
    }
}

impl OpenFile {
    /// An object with the types of its attributes.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    pub(super) async fn entity(&self, object: &Arc<Object>) -> h5range::Result<Entity> {
        let attributes = self.attribute_types(object).await?;
        Ok(match object.kind {
            ObjectKind::Group => Entity::Group { attributes },
            ObjectKind::Dataset => {
                let dataset = Dataset::of(object);
                Entity::Dataset {
                    attributes,
                    shape: described::shape(dataset.dataspace.as_ref()),
                    datatype: dataset.datatype.as_ref().map(describe),
                    chunks: dataset.chunks(),
                    filters: dataset.pipeline.filters.iter().map(named).collect(),
                }
            }
            ObjectKind::Datatype => {
                let datatype = set_aside(object.datatype(), &mut Vec::new())?.flatten();
                Entity::Datatype { attributes, datatype: datatype.as_ref().map(describe) }
            }
        })
    }

    async fn attribute_types(&self, object: &Object) -> h5range::Result<Vec<AttributeType>> {
        let all = self.attributes(object).await?;
        let types = all.items.iter().map(|entry| self.attribute_type(entry));
        join_all(types).await.into_iter().collect()
    }

    async fn attribute_type(&self, entry: &AttributeEntry) -> h5range::Result<AttributeType> {
        let name = lossy(&entry.name);
        match self.file.attribute(entry).await {
            Ok(attribute) => Ok(AttributeType {
                name,
                shape: described::shape(Some(&attribute.dataspace)),
                datatype: Some(describe(&attribute.datatype)),
            }),
            Err(error) if error.ends_the_question() => Err(error),
            Err(_) => Ok(AttributeType { name, shape: None, datatype: None }),
        }
    }
}

impl Entity {
    /// Takes the shape that the sources of a virtual dataset give it.
    ///
    /// # Errors
    ///
    /// Only what ends the question.
    fn grow(&mut self, grown: Result<Vec<u64>>) -> Result<()> {
        match (grown, self) {
            (Ok(grown), Self::Dataset { shape, .. }) => *shape = Some(grown),
            (Err(error), _) if error.code.ends_the_question() => return Err(error),
            _ => {}
        }
        Ok(())
    }
}

fn named(filter: &filter_pipeline::Filter) -> NamedFilter {
    let stored = filter.name.as_deref().filter(|name| !name.is_empty()).map(lossy);
    let registered = || described::registered_filter_name(filter.id).map(str::to_owned);
    NamedFilter { id: filter.id, name: stored.or_else(registered).unwrap_or_default() }
}

/// That a path leads through something that is no group.
fn not_found(name: &[u8], parent: &str) -> Error {
    let parent = if parent.is_empty() { "/" } else { parent };
    Error::PathNotFound { segment: lossy(name), parent: parent.to_owned() }
}
