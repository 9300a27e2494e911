//! The text of a configuration file, as entries with their lines.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use explorer::SourceName;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::{SOURCE, SOURCES};
use crate::sources::SourceSettings;

/// How alike a key must be to be suggested: what `clap` takes for flags.
const ALIKE: f64 = 0.7;

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Flags.
    pub(super) entries: Vec<Entry>,
    /// The only source, without a name.
    pub(super) source: Option<String>,
    /// Sources with names.
    pub(super) sources: BTreeMap<SourceName, SourceSettings>,
}

/// A key with its values.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Counted from 1.
    pub(super) line: usize,
    /// One, or those of a list.
    pub(super) values: Vec<Value>,
}

/// One value.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Truth(bool),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Truth(truth) => truth.fmt(f),
        }
    }
}

impl Document {
    /// Reads a file that may have `keys`.
    pub(super) fn read(path: &Path, keys: &[String]) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::of(path, error))?;
        Reader { path, text: &text }.document(keys)
    }
}

/// A file that is being read.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

/// A key, and where it stands.
type Key<'a> = (&'a str, Range<usize>);

impl Reader<'_> {
    fn document(&self, keys: &[String]) -> Result<Document, ConfigError> {
        let table = DeTable::parse(self.text).map_err(|error| {
            self.error(&error.span().unwrap_or_default(), error.message().to_owned())
        })?;
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let mut document = Document::default();
        for (key, value) in table.get_ref() {
            let name = self.known(key, &keys)?;
            match name.0 {
                SOURCE => document.source = Some(self.source(&name, value.get_ref())?),
                SOURCES => document.sources = self.sources(&name, value.get_ref())?,
                key => {
                    let values = self.values(&name, value.get_ref())?;
                    let line = self.line(&name.1);
                    document.entries.push(Entry { key: key.to_owned(), line, values });
                }
            }
        }
        document.entries.sort_by_key(|entry| entry.line);
        if document.source.is_some() && !document.sources.is_empty() {
            let problem = format!("give either `{SOURCE}` or `[{SOURCES}.NAME]`");
            return Err(ConfigError::of(self.path, problem));
        }
        Ok(document)
    }

    /// The key, if it is one of `keys`; else an error that names the one most like it.
    fn known<'k>(
        &self,
        key: &'k Spanned<impl AsRef<str>>,
        keys: &[&str],
    ) -> Result<Key<'k>, ConfigError> {
        let name = key.get_ref().as_ref();
        if keys.contains(&name) {
            return Ok((name, key.span()));
        }
        let alike = |known: &&str| strsim::jaro(known, &name.replace('_', "-"));
        let nearest = keys.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)));
        let problem = match nearest.filter(|known| alike(known) > ALIKE) {
            Some(nearest) => format!("there is no `{name}`; did you mean `{nearest}`?"),
            None => format!("there is no `{name}`; `h5scout serve --help` lists all flags"),
        };
        Err(self.error(&key.span(), problem))
    }

    fn source(&self, key: &Key<'_>, value: &DeValue<'_>) -> Result<String, ConfigError> {
        let text = self.text_of(key, value)?;
        if text.starts_with('-') {
            return Err(self.error(&key.1, "a folder whose name begins with - is written ./-…"));
        }
        Ok(text)
    }

    fn sources(
        &self,
        key: &Key<'_>,
        value: &DeValue<'_>,
    ) -> Result<BTreeMap<SourceName, SourceSettings>, ConfigError> {
        let mut sources = BTreeMap::new();
        for (name, settings) in self.table(key, value)? {
            let name_text: &str = name.get_ref().as_ref();
            let parsed = name_text.parse::<SourceName>();
            let parsed = parsed.map_err(|error| self.error(&name.span(), error.to_string()))?;
            let settings = self.settings(&(name_text, name.span()), settings.get_ref())?;
            sources.insert(parsed, settings);
        }
        Ok(sources)
    }

    fn settings(
        &self,
        source: &Key<'_>,
        value: &DeValue<'_>,
    ) -> Result<SourceSettings, ConfigError> {
        let keys = ["url", "endpoint", "region", "access_key_file", "secret_key_file", "anonymous"];
        let mut settings = SourceSettings::default();
        for (key, value) in self.table(source, value)? {
            let (key, value) = (self.known(key, &keys)?, value.get_ref());
            match key.0 {
                "endpoint" => settings.endpoint = Some(self.text_of(&key, value)?),
                "region" => settings.region = Some(self.text_of(&key, value)?),
                "access_key_file" => settings.access_key_file = Some(self.path_of(&key, value)?),
                "secret_key_file" => settings.secret_key_file = Some(self.path_of(&key, value)?),
                "anonymous" => match value {
                    DeValue::Boolean(truth) => settings.anonymous = *truth,
                    _ => return Err(self.error(&key.1, "`anonymous` is true or false")),
                },
                _ => settings.url = self.text_of(&key, value)?,
            }
        }
        if settings.url.is_empty() {
            return Err(self.error(&source.1, format!("source {} has no `url`", source.0)));
        }
        Ok(settings)
    }

    fn values(&self, key: &Key<'_>, value: &DeValue<'_>) -> Result<Vec<Value>, ConfigError> {
        match value {
            DeValue::Array(values) => {
                values.iter().map(|value| self.value(key, value.get_ref())).collect()
            }
            value => Ok(vec![self.value(key, value)?]),
        }
    }

    fn value(&self, (key, span): &Key<'_>, value: &DeValue<'_>) -> Result<Value, ConfigError> {
        match value {
            DeValue::String(text) => Ok(Value::Text(text.as_ref().to_owned())),
            DeValue::Boolean(truth) => Ok(Value::Truth(*truth)),
            DeValue::Integer(number) if number.radix() == 10 => {
                Ok(Value::Text(number.as_str().to_owned()))
            }
            DeValue::Float(number) => Ok(Value::Text(number.as_str().to_owned())),
            _ => Err(self.error(span, format!("`{key}` is a text, a number, true or false"))),
        }
    }

    fn text_of(&self, (key, span): &Key<'_>, value: &DeValue<'_>) -> Result<String, ConfigError> {
        match value {
            DeValue::String(text) => Ok(text.as_ref().to_owned()),
            _ => Err(self.error(span, format!("`{key}` is a text"))),
        }
    }

    fn path_of(&self, key: &Key<'_>, value: &DeValue<'_>) -> Result<PathBuf, ConfigError> {
        self.text_of(key, value).map(PathBuf::from)
    }

    fn table<'v, 't>(
        &self,
        (key, span): &Key<'_>,
        value: &'v DeValue<'t>,
    ) -> Result<&'v DeTable<'t>, ConfigError> {
        match value {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.error(span, format!("`{key}` is a table, as [{SOURCES}.NAME]"))),
        }
    }

    fn error(&self, at: &Range<usize>, problem: impl fmt::Display) -> ConfigError {
        ConfigError::at(self.path, self.line(at), problem)
    }

    fn line(&self, at: &Range<usize>) -> usize {
        let before = self.text.bytes().take(at.start);
        before.filter(|byte| *byte == b'\n').count().saturating_add(1)
    }
}
