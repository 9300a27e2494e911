//! What a group of 100,000 children takes in memory once it has been looked at.

use reqwest::Client;

use crate::Result;
use crate::answer::Answer;
use crate::report::{Table, bytes};
use crate::server::Server;
use crate::setup::Setup;

const GROUPS: [(&str, &str, f64); 3] = [
    ("100,000 links, old format", "wide_earliest.h5", 100_000.0),
    ("100,000 links, new format", "wide_latest.h5", 100_000.0),
    ("20,000 links, new format", "twenty_thousand.h5", 20_000.0),
];

/// One name: the answer costs nothing, and the group's table of links is read all the same.
const QUESTION: &str = "children?path=/wide&limit=1&detail=names";

/// Measures each group with a server of its own, and writes the part `memory`.
pub(crate) async fn run(setup: &Setup) -> Result<()> {
    setup.progress.expect(GROUPS.len() as u64);
    let columns = ["group", "object cache", "bytes/link", "server before", "server, at most"];
    let mut table = Table::new(&columns);
    for (name, key, links) in GROUPS {
        setup.progress.step(format!("memory: {name}"));
        let source = setup.files.to_str().ok_or("a folder whose name is not UTF-8")?;
        let server = Server::h5scout(&setup.h5scout, source, &[], &[])?;
        let client = Client::new();
        Answer::get_ok(&client, &server, "/health").await?;
        let before = server.resident_bytes()?;
        Answer::get_ok(&client, &server, &format!("/files/{key}/{QUESTION}")).await?;
        let caches = caches(&client, &server).await?;
        let held = caches.iter().find(|(cache, _)| cache == "object").map(|(_, held)| *held);
        let held = held.ok_or("the server counts no object cache")?;
        let row = [
            name.to_owned(),
            bytes(held),
            format!("{:.1}", held as f64 / links),
            bytes(before),
            bytes(server.peak_resident_bytes()?),
        ];
        setup.progress.say(&format!("memory: {}", row.join(" | ")));
        table.row(&row);
    }
    setup.report.put("memory", table.text())
}

/// The bytes that each cache of the server holds, as it counts them.
pub(crate) async fn caches(client: &Client, server: &Server) -> Result<Vec<(String, u64)>> {
    let answer = Answer::get_ok(client, server, "/metrics").await?;
    Ok(of_metrics(&String::from_utf8_lossy(&answer.body)))
}

fn of_metrics(text: &str) -> Vec<(String, u64)> {
    let held = text.lines().filter_map(|line| {
        let (name, held) = line.strip_prefix("h5scout_cache_bytes{cache=\"")?.split_once("\"} ")?;
        Some((name.to_owned(), held.parse::<f64>().ok()? as u64))
    });
    held.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_found_in_the_text_of_prometheus() {
        let text = "# TYPE h5scout_cache_bytes gauge\nh5scout_cache_bytes{cache=\"object\"} 12\n\
                    h5scout_cache_entries{cache=\"object\"} 1\n\
                    h5scout_cache_bytes{cache=\"block\"} 1e6\n";
        let expected = [("object".to_owned(), 12), ("block".to_owned(), 1_000_000)];
        assert_eq!(of_metrics(text), expected);
    }
}
