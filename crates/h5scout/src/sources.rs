//! Which stores are served: `SOURCE` or `NAME=SOURCE` on the command line, what a configuration
//! file says of them, and the variables of each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use explorer::{BadSourceName, SourceName, Sources};
use store::{Environment, Store, StoreCaches, StoreConfig};

use crate::failure::Failure;

/// A source as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceText {
    /// The name before the `=`.
    pub(crate) name: Option<SourceName>,
    /// What [`Store::open`] takes.
    pub(crate) url: String,
}

impl FromStr for SourceText {
    type Err = BadSourceName;

    /// What stands before the first `=` is a name, unless it has a `/`: `./a=b` and `s3://b/a=b`
    /// are places.
    fn from_str(text: &str) -> Result<Self, BadSourceName> {
        match text.split_once('=') {
            Some((name, url)) if !name.contains('/') => {
                Ok(Self { name: Some(name.parse()?), url: url.to_owned() })
            }
            _ => Ok(Self { name: None, url: text.to_owned() }),
        }
    }
}

/// What a configuration file says of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SourceSettings {
    /// What [`Store::open`] takes.
    pub(crate) url: String,
    /// `S3_ENDPOINT`
    pub(crate) endpoint: Option<String>,
    /// `S3_REGION`
    pub(crate) region: Option<String>,
    /// A file with `S3_ACCESS_KEY`
    pub(crate) access_key_file: Option<PathBuf>,
    /// A file with `S3_SECRET_KEY`
    pub(crate) secret_key_file: Option<PathBuf>,
    /// `AWS_SKIP_SIGNATURE`
    pub(crate) anonymous: bool,
}

impl SourceSettings {
    /// As variables.
    fn environment(&self) -> Result<Environment, Failure> {
        let read = |path: &Option<PathBuf>| path.as_deref().map(secret).transpose();
        let variables = [
            ("S3_ENDPOINT", self.endpoint.clone()),
            ("S3_REGION", self.region.clone()),
            ("S3_ACCESS_KEY", read(&self.access_key_file)?),
            ("S3_SECRET_KEY", read(&self.secret_key_file)?),
            ("AWS_SKIP_SIGNATURE", self.anonymous.then(|| "true".to_owned())),
        ];
        Ok(variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    }
}

/// The content of a file that is a secret, without the line's end.
fn secret(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path);
    let text =
        text.map_err(|error| Failure::new(format!("{}: not readable", path.display()), error))?;
    Ok(text.trim().to_owned())
}

/// What is served, before it is opened.
pub(crate) type Places = Vec<(Option<SourceName>, String)>;

/// The sources that are to be served: `given`, or `s3://$S3_BUCKET` where that is set, else the
/// current folder.
///
/// # Errors
///
/// When they cannot be told apart.
pub(crate) fn places(given: &[SourceText]) -> Result<Places, Failure> {
    if given.is_empty() {
        return Ok(vec![(None, default_source())]);
    }
    let mut variables = BTreeMap::new();
    for SourceText { name, url } in given {
        let Some(name) = name else {
            if given.len() == 1 {
                continue;
            }
            let what = format!("several sources have names, as in lab={url}");
            return Err(Failure::Misused(what));
        };
        if let Some(other) = variables.insert(name.as_str().replace('-', "_"), name) {
            let what = if other == name {
                format!("two sources are called {name}")
            } else {
                format!("{name} and {other} would have the same variables")
            };
            return Err(Failure::Misused(what));
        }
    }
    Ok(given.iter().map(|source| (source.name.clone(), source.url.clone())).collect())
}

/// Opens all of `places` with one memory. Makes no request.
///
/// # Errors
///
/// Why one of them cannot be opened.
pub(crate) fn open(
    places: Places,
    settings: &BTreeMap<SourceName, SourceSettings>,
    config: &StoreConfig,
) -> Result<Sources, Failure> {
    let caches = StoreCaches::new(config);
    let mut named = BTreeMap::new();
    for (name, url) in places {
        let store = open_one(name.as_ref(), &url, settings, config, &caches);
        match name {
            Some(name) => {
                let said =
                    |failure: Failure| Failure::new(format!("source {name}"), failure.text());
                let store = store.map_err(said)?;
                named.insert(name, store);
            }
            None => return Ok(Sources::one(store?)),
        }
    }
    Ok(Sources::named(named))
}

/// Opens one source, with the variables of its own over those of all.
///
/// # Errors
///
/// Why it cannot be opened.
pub(crate) fn open_one(
    name: Option<&SourceName>,
    url: &str,
    settings: &BTreeMap<SourceName, SourceSettings>,
    config: &StoreConfig,
    caches: &Arc<StoreCaches>,
) -> Result<Arc<Store>, Failure> {
    let Some(name) = name else { return Ok(Store::open_sharing(url, config, caches)?) };
    let in_file = match settings.get(name) {
        Some(settings) => settings.environment()?,
        None => Environment::default(),
    };
    let own = Environment::of_source(name.as_str()).over(&in_file);
    let environment = own.over(&config.environment);
    let config = StoreConfig { environment, ..config.clone() };
    Ok(Store::open_sharing(url, &config, caches)?)
}

/// `s3://$S3_BUCKET` where that is set, else the current folder.
fn default_source() -> String {
    match std::env::var("S3_BUCKET") {
        Ok(bucket) if !bucket.is_empty() => format!("s3://{bucket}"),
        _ => ".".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> (Option<String>, String) {
        let SourceText { name, url } = text.parse().unwrap();
        (name.map(|name| name.to_string()), url)
    }

    #[test]
    fn a_name_stands_before_the_first_equals_sign() {
        let named = |name: &str, url: &str| (Some(name.to_owned()), url.to_owned());
        assert_eq!(source("lab=s3://b/p"), named("lab", "s3://b/p"));
        assert_eq!(source("lab=/data/a=b"), named("lab", "/data/a=b"));
        for place in ["/data", "./a=b", "s3://b/a=b", "https://h/x?y=z", "data"] {
            assert_eq!(source(place), (None, place.to_owned()));
        }
        for wrong in ["Lab=/data", "=/data", "a b=/data", "..=/data"] {
            assert!(wrong.parse::<SourceText>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn several_sources_must_be_told_apart() {
        let count = |texts: &[&str]| {
            let given: Vec<SourceText> = texts.iter().map(|text| text.parse().unwrap()).collect();
            places(&given).map(|places| places.len()).map_err(|failure| failure.text())
        };
        assert_eq!(count(&["/data"]), Ok(1));
        assert_eq!(count(&["lab=/data"]), Ok(1));
        assert_eq!(count(&["lab=/data", "archive=/data"]), Ok(2));
        for (texts, problem) in [
            (["/data", "/more"], "several sources have names"),
            (["lab=/data", "/more"], "several sources have names"),
            (["lab=/data", "lab=/more"], "two sources are called lab"),
            (["a-b=/data", "a_b=/more"], "would have the same variables"),
        ] {
            let error = count(&texts).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
    }
}
