//! What the environment says of traces.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

/// Whether traces are to be sent: a collector is named, or `otlp`, whose collector is on this machine
/// then; and nothing says that they are not.
pub(super) fn wants_traces(variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_off = variable("OTEL_SDK_DISABLED").is_some_and(|off| off.eq_ignore_ascii_case("true"));
    let endpoints = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    let wanted = match variable("OTEL_TRACES_EXPORTER").as_deref() {
        None => endpoints.into_iter().any(|endpoint| variable(endpoint).is_some()),
        Some(exporter) => exporter == "otlp",
    };
    wanted && !is_off
}

/// What is wrong with what is said of samplers, which would be taken for "all requests" else.
pub(super) fn wrong_sampler(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let sampler = variable(SAMPLER)?;
    let base = sampler.strip_prefix("parentbased_").unwrap_or(&sampler);
    let share = variable(SAMPLER_ARG).and_then(|share| share.parse().ok());
    match base {
        "always_on" | "always_off" => None,
        "traceidratio" if share.is_some_and(|share: f64| (0.0..=1.0).contains(&share)) => None,
        "traceidratio" => Some(format!("{SAMPLER}={sampler} needs {SAMPLER_ARG}, from 0 to 1")),
        _ => Some(format!(
            "{SAMPLER}={sampler}: known are always_on, always_off and traceidratio, and these after \
             parentbased_"
        )),
    }
}

/// Who sends them: `h5scout` and its version, unless `OTEL_RESOURCE_ATTRIBUTES` and then
/// `OTEL_SERVICE_NAME` say otherwise.
pub(super) fn resource(variable: impl Fn(&str) -> Option<String>) -> Resource {
    let ours = Resource::builder_empty()
        .with_service_name("h5scout")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_detector(Box::new(EnvResourceDetector::new()));
    let name = variable("OTEL_SERVICE_NAME");
    name.into_iter().fold(ours, |resource, name| resource.with_service_name(name)).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| {
            let found = variables.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn traces_are_sent_where_a_collector_is_named_and_nothing_speaks_against_it() {
        let of = |variables: &[(&str, &str)]| wants_traces(set(variables));
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        assert!(of(&[endpoint]));
        assert!(of(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector/v1/traces")]));
        assert!(of(&[("OTEL_TRACES_EXPORTER", "otlp")]));
        assert!(of(&[endpoint, ("OTEL_SDK_DISABLED", "false")]));

        assert!(!of(&[]));
        assert!(!of(&[endpoint, ("OTEL_SDK_DISABLED", "True")]));
        assert!(!of(&[endpoint, ("OTEL_TRACES_EXPORTER", "none")]));
    }

    #[test]
    fn a_sampler_that_would_not_do_what_it_says_is_refused() {
        let wrong =
            |sampler, share| wrong_sampler(set(&[(SAMPLER, sampler), (SAMPLER_ARG, share)]));
        assert_eq!(wrong_sampler(set(&[])), None);
        assert_eq!(wrong_sampler(set(&[(SAMPLER, "always_off")])), None);
        assert_eq!(wrong("parentbased_traceidratio", "0.25"), None);
        for (sampler, share) in [("xray", "1"), ("traceidratio", "2"), ("traceidratio", "half")] {
            assert!(wrong(sampler, share).is_some_and(|what| what.contains(sampler)));
        }
    }

    #[test]
    fn the_environment_may_name_the_service() {
        let of = |name: Option<&str>| {
            let resource = resource(|_| name.map(str::to_owned));
            resource.get(&"service.name".into()).map(|name| name.to_string())
        };
        assert_eq!(of(None).as_deref(), Some("h5scout"));
        assert_eq!(of(Some("lab")).as_deref(), Some("lab"));
    }
}
