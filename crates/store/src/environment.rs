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
/// `S3_*` wins over `AWS_*`: it is the more specific, and `AWS_*` is often set on a machine for
/// other reasons. A key and its secret are taken from the same family. An empty variable counts
/// as one that is not set. Without any credentials requests are not signed (anonymous access).
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

const FAMILIES: [&str; 4] = ["S3_", "AWS_", "GOOGLE_", "AZURE_"];

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        // A variable that is not UTF-8 is none of ours: `vars` would panic at it.
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        std::env::vars_os().filter_map(utf8).collect()
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
}
