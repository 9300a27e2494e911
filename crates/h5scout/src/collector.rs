//! Whether the environment asks for traces. Every binary looks: one without the feature `otel` has to
//! say that it sends none.

/// A variable of this process. An empty one says nothing, as OpenTelemetry's specification has it.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether traces are to be sent: a collector is named, or `otlp`, whose collector is on this machine
/// then; and nothing says that they are not.
pub(crate) fn is_wanted(variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_off = variable("OTEL_SDK_DISABLED").is_some_and(|off| off.eq_ignore_ascii_case("true"));
    let endpoints = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    let wanted = match variable("OTEL_TRACES_EXPORTER").as_deref() {
        None => endpoints.into_iter().any(|endpoint| variable(endpoint).is_some()),
        Some(exporter) => exporter == "otlp",
    };
    wanted && !is_off
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::set;

    #[test]
    fn traces_are_sent_where_a_collector_is_named_and_nothing_speaks_against_it() {
        let of = |variables: &[(&str, &str)]| is_wanted(set(variables));
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        assert!(of(&[endpoint]));
        assert!(of(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector/v1/traces")]));
        assert!(of(&[("OTEL_TRACES_EXPORTER", "otlp")]));
        assert!(of(&[endpoint, ("OTEL_SDK_DISABLED", "false")]));

        assert!(!of(&[]));
        assert!(!of(&[endpoint, ("OTEL_SDK_DISABLED", "True")]));
        assert!(!of(&[endpoint, ("OTEL_TRACES_EXPORTER", "none")]));
    }
}
