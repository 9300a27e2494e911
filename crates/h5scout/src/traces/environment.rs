//! What the environment says of traces.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

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
    use crate::testing::set;

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
