//! `/metrics` of the built binary: what is exported is documented, and the other way round.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::conformance::show;
use crate::house_rules::repository;
use crate::range_server::RangeServer;
use crate::server::Server;

/// A metric without its values.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Metric {
    kind: String,
    labels: Vec<String>,
}

/// By name.
type Metrics = BTreeMap<String, Metric>;

/// The text of a server that has met what there is to be counted.
async fn exported() -> String {
    let store = RangeServer::start(&repository().join("fixtures"), Duration::ZERO).await;
    let cache = TempDir::new().expect("a folder");
    let flags = ["--cache-dir", cache.path().to_str().expect("UTF-8")];
    let server = Server::over(format!("http://{}/", store.address), &flags);
    for target in [
        "/files/ordinary/latest.h5/children",
        "/files/ordinary/latest.h5/children",
        "/files/ordinary/latest.h5/meta?path=/",
        "/files/nothing.h5/meta?path=/",
        "/files",
    ] {
        server.get(target).await;
    }
    server.get("/metrics").await.text().await.expect("text")
}

/// The tables of docs/metrics.md.
fn documented() -> Metrics {
    let page = std::fs::read_to_string(repository().join("docs/metrics.md")).expect("the page");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let name = cells[0].trim_end_matches('`').to_owned();
        let labels = cells[2].split([',', ' ']).filter(|label| !label.is_empty());
        let mut labels: Vec<_> = labels.map(|label| label.trim_matches('`').to_owned()).collect();
        labels.sort_unstable();
        (name, Metric { kind: cells[1].to_owned(), labels })
    })
    .collect()
}

/// What the text says, read line by line. Every metric has its help before its type.
fn read(text: &str) -> Metrics {
    let mut metrics = Metrics::new();
    let mut helped = "";
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(help) = line.strip_prefix("# HELP ") {
            helped = help.split_once(' ').expect("a text").0;
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a type");
            assert_eq!(helped, name, "every metric says what it means");
            let metric = Metric { kind: kind.to_owned(), labels: Vec::new() };
            let before = metrics.insert(name.to_owned(), metric);
            assert_eq!(before, None, "{name}");
        } else {
            let end = line.find(['{', ' ']).expect("a value");
            let suffixes = ["", "_bucket", "_sum", "_count"];
            let name = suffixes.iter().find_map(|suffix| {
                let name = line[..end].strip_suffix(suffix)?;
                metrics.contains_key(name).then(|| name.to_owned())
            });
            let metric = metrics.get_mut(&name.expect("a name with a type")).expect("it is there");
            for label in labels(&line[end..]) {
                if label != "le" && !metric.labels.contains(&label) {
                    metric.labels.push(label);
                }
            }
        }
    }
    metrics.values_mut().for_each(|metric| metric.labels.sort_unstable());
    metrics
}

/// The names in `{a="x",b="y"} 1`.
fn labels(text: &str) -> impl Iterator<Item = String> {
    let within =
        text.strip_prefix('{').and_then(|text| text.rsplit_once('}')).unwrap_or_default().0;
    let pairs = within.split("\",").filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').expect("a value").0.to_owned())
}

/// What Prometheus' own parser makes of the text; none where it is not there.
fn parsed(text: &str) -> Option<Metrics> {
    let Some(python) = std::env::var_os("H5SCOUT_TEST_PYTHON") else {
        show("metrics: not parsed by Prometheus' parser (H5SCOUT_TEST_PYTHON)");
        return None;
    };
    let script = repository().join("tests/e2e/oracle/parse_metrics.py");
    let mut parser = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python runs");
    parser.stdin.take().expect("its input").write_all(text.as_bytes()).expect("written");
    let output = parser.wait_with_output().expect("its output");
    assert!(output.status.success(), "it is no text of Prometheus");
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    let metrics = lines.lines().map(|line| {
        let metric: Value = serde_json::from_str(line).expect("JSON");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        assert_ne!(text(&metric["help"]), "", "{metric}");
        let labels = metric["labels"].as_array().expect("labels").iter().map(text).collect();
        (text(&metric["name"]), Metric { kind: text(&metric["type"]), labels })
    });
    Some(metrics.collect())
}

#[tokio::test]
async fn what_is_exported_is_documented_and_the_other_way_round() {
    let text = exported().await;
    let exported = read(&text);
    let documented = documented();
    for (name, metric) in &exported {
        assert_eq!(documented.get(name), Some(metric), "{name} in docs/metrics.md");
    }
    let missing: Vec<_> = documented.keys().filter(|name| !exported.contains_key(*name)).collect();
    assert!(missing.is_empty(), "{missing:?} are documented and not in\n{text}");
    if let Some(parsed) = parsed(&text) {
        assert_eq!(parsed, exported);
    }
}
