//! The environment variables that a store reads, in one place.

use std::collections::BTreeMap;
use std::fmt;

/// The variables that say where object stores are and who asks.
///
/// | variable | meaning |
/// |---|---|
/// | `S3_ENDPOINT`, else `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` | URL of an S3 server that is not Amazon's; `http://` in it allows plain HTTP |
/// | `S3_REGION`, else `AWS_REGION`, `AWS_DEFAULT_REGION` | region of the signature, default `us-east-1` |
/// | `S3_ACCESS_KEY`, else `AWS_ACCESS_KEY_ID` | name of the key |
/// | `S3_SECRET_KEY`, else `AWS_SECRET_ACCESS_KEY` | the key |
/// | `AWS_SESSION_TOKEN` | with a temporary `AWS_*` key |
/// | `S3_BUCKET` | the bucket of a source `s3://` that names none |
/// | `AWS_ALLOW_HTTP` | `true`: follow redirects to plain HTTP |
/// | `AWS_SKIP_SIGNATURE` | `true`: ask without credentials |
/// | `AWS_VIRTUAL_HOSTED_STYLE_REQUEST` | `true`: the endpoint contains the bucket already |
/// | `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`, `AWS_CONTAINER_CREDENTIALS_*` | credentials by the role of a pod or task |
/// | `AWS_METADATA_ENDPOINT` | credentials by the role of the machine: asked only when this is set, so that a machine without roles does not wait for an address that nobody answers |
/// | `GOOGLE_*`, `AZURE_*` | as the `object_store` crate documents them |
///
/// For one of several sources each of them can be set with `H5SCOUT_`, the source's name and `_`
/// before it ([`Environment::of_source`]).
///
/// `S3_*` wins over `AWS_*`: it is the more specific, and `AWS_*` is often set on a machine for
/// other reasons. A key and its secret are taken from the same family. An empty variable counts
/// as one that is not set. Without any credentials requests are not signed (anonymous access).
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

const FAMILIES: [&str; 4] = ["S3_", "AWS_", "GOOGLE_", "AZURE_"];

/// How the variables of one of several sources begin, before its name.
const SOURCE_PREFIX: &str = "H5SCOUT_";

/// How the names of variables begin that say the same: who brings one of them brings all.
const ALTERNATIVES: [&[&str]; 5] = [
    &["S3_ENDPOINT", "AWS_ENDPOINT", "AWS_VIRTUAL_HOSTED_STYLE_REQUEST"],
    &["S3_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
    &[
        "S3_ACCESS_KEY",
        "S3_SECRET_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SKIP_SIGNATURE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_",
        "AWS_CONTAINER_",
        "AWS_METADATA_ENDPOINT",
    ],
    &["GOOGLE_"],
    &["AZURE_"],
];

fn is_of(group: &[&str], name: &str) -> bool {
    group.iter().any(|start| name.starts_with(start))
}

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        // A variable that is not UTF-8 is none of ours: `vars` would panic at it.
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        std::env::vars_os().filter_map(utf8).collect()
    }

    /// The variables of this process for the source `name` alone: `H5SCOUT_LAB_S3_ENDPOINT` is the
    /// `S3_ENDPOINT` of `lab`. A `-` in the name is a `_` there.
    pub fn of_source(name: &str) -> Self {
        let prefix = format!("{SOURCE_PREFIX}{}_", name.to_uppercase().replace('-', "_"));
        let own = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            let name = name.into_string().ok()?;
            Some((name.strip_prefix(&prefix)?.to_owned(), value.into_string().ok()?))
        };
        std::env::vars_os().filter_map(own).collect()
    }

    /// These variables, and those of `general` that say something else: where these name a key of
    /// their own, no credential of `general` counts, and so for endpoint and region.
    #[must_use]
    pub fn over(self, general: &Self) -> Self {
        let is_said = |name: &str| {
            let group = ALTERNATIVES.iter().find(|group| is_of(group, name));
            match group {
                Some(group) => self.variables.keys().any(|own| is_of(group, own)),
                None => self.variables.contains_key(name),
            }
        };
        let left = general.variables.iter().filter(|(name, _)| !is_said(name));
        let left: Vec<_> = left.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut variables = self.variables;
        variables.extend(left);
        Self { variables }
    }

    /// The value of `name`, unless it is not set or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The first of `names` that is set.
    pub(crate) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Whether `name` says yes.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        let yes = |value: &str| ["1", "true", "yes", "on"].contains(&value.to_lowercase().as_str());
        self.get(name).is_some_and(yes)
    }

    /// All variables whose names start with `family`.
    pub(crate) fn family(&self, family: &str) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.variables.iter();
        pairs
            .filter(move |(name, _)| name.starts_with(family))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Takes what belongs to a store, and leaves the rest.
impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value.into()));
        let ours = |(name, value): &(String, String)| {
            !value.is_empty() && FAMILIES.iter().any(|family| name.starts_with(family))
        };
        Self { variables: pairs.filter(ours).collect() }
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_its_families_and_hides_their_values() {
        let environment = Environment::from_iter([
            ("S3_SECRET_KEY", "hidden"),
            ("AWS_REGION", ""),
            ("PATH", "/bin"),
            ("AWS_ALLOW_HTTP", "True"),
        ]);
        assert_eq!(format!("{environment:?}"), r#"{"AWS_ALLOW_HTTP", "S3_SECRET_KEY"}"#);
        assert!(environment.is_true("AWS_ALLOW_HTTP"));
        assert_eq!(environment.first(&["AWS_REGION", "S3_SECRET_KEY"]), Some("hidden"));
        assert_eq!(environment.family("AWS_").count(), 1);
    }

    #[test]
    fn what_a_source_says_itself_hides_what_is_said_of_all() {
        let general = Environment::from_iter([
            ("S3_ENDPOINT", "http://all"),
            ("S3_ACCESS_KEY", "all"),
            ("S3_SECRET_KEY", "all"),
            ("S3_REGION", "all"),
            ("GOOGLE_BUCKET", "all"),
        ]);
        let own = [("AWS_ENDPOINT_URL", "http://own"), ("AWS_ACCESS_KEY_ID", "own")];
        let both = Environment::from_iter(own).over(&general);
        let endpoints = ["S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];
        assert_eq!(both.first(&endpoints), Some("http://own"));
        assert_eq!(both.first(&["S3_ACCESS_KEY", "AWS_ACCESS_KEY_ID"]), Some("own"));
        assert_eq!(both.get("S3_SECRET_KEY"), None, "half a key is not completed with another");
        assert_eq!((both.get("S3_REGION"), both.get("GOOGLE_BUCKET")), (Some("all"), Some("all")));
        let none = Environment::default().over(&general);
        assert_eq!(none.variables, general.variables);
        let anonymous = Environment::from_iter([("AWS_SKIP_SIGNATURE", "true")]).over(&general);
        assert_eq!(anonymous.first(&["S3_ACCESS_KEY", "AWS_ACCESS_KEY_ID"]), None);
    }
}
