//! Attributes of one object with their whole values.

use std::sync::Arc;

use futures::future::join_all;
use h5range::Error;
use h5range::walk::{AttributeEntry, Object};
use tracing::Instrument;

use super::AttributeValuesQuery;
use crate::answers::{AttributeValue, AttributeValuesAnswer};
use crate::attributes::whole_is_too_large;
use crate::error::Result;
use crate::known_paths::KnownPaths;
use crate::locate::Located;
use crate::path::lossy;
use crate::plain::{self, PlainValue};
use crate::session::{OpenFile, Session};
use crate::spans;

impl Session {
    /// Attributes of one object with their whole values. References in them come without paths.
    ///
    /// # Errors
    ///
    /// When one that was asked for by name is not there, or one is too large to be shown whole.
    /// What cannot be read of the others is null.
    pub async fn attribute_values(
        &self,
        query: &AttributeValuesQuery,
    ) -> Result<AttributeValuesAnswer> {
        let span = spans::question_of_path("attributes", self.key(), &query.path);
        self.read_attribute_values(query).instrument(span).await
    }

    async fn read_attribute_values(
        &self,
        query: &AttributeValuesQuery,
    ) -> Result<AttributeValuesAnswer> {
        let (led, away) = self.led(&query.path, true).await?;
        let Located { file, object, other_file, .. } = led.object(&query.path)?;
        let attributes = file.drive(file.attribute_values(&object, query.names.as_deref())).await?;
        let attributes: Option<Vec<_>> = attributes.into_iter().collect();
        let attributes = attributes.ok_or_else(whole_is_too_large)?;
        Ok(AttributeValuesAnswer { attributes, from_other_files: away || other_file })
    }
}

impl OpenFile {
    /// These attributes, or all; `None` for one that is too large.
    async fn attribute_values(
        &self,
        object: &Arc<Object>,
        names: Option<&[String]>,
    ) -> h5range::Result<Vec<Option<AttributeValue>>> {
        let all = self.attributes(object).await?;
        let entries: Vec<&AttributeEntry> = match names {
            None => all.items.iter().collect(),
            Some(names) => {
                let named = |name: &String| {
                    let entry = all.pick(|entry| entry.name == name.as_bytes())?;
                    entry.ok_or_else(|| Error::AttributeNotFound(name.clone()))
                };
                names.iter().map(named).collect::<h5range::Result<_>>()?
            }
        };
        let paths = KnownPaths::of(self.file.root(), None, &[]);
        let values =
            entries.into_iter().map(|entry| self.attribute_value_of(object, entry, &paths));
        join_all(values).await.into_iter().collect()
    }

    async fn attribute_value_of(
        &self,
        object: &Object,
        entry: &AttributeEntry,
        paths: &KnownPaths,
    ) -> h5range::Result<Option<AttributeValue>> {
        let name = lossy(&entry.name);
        match self.whole_attribute(object, entry, paths).await {
            Ok(whole) => Ok(whole.map(|whole| {
                let rank = whole.shape.as_ref().map_or(0, Vec::len);
                let value = plain::of(whole.value, rank, &whole.datatype.class);
                AttributeValue { name, value }
            })),
            Err(error) if error.ends_the_question() => Err(error),
            Err(_) => Ok(Some(AttributeValue { name, value: PlainValue::Null })),
        }
    }
}
