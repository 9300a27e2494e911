//! Elements over HTTP: what the built server says of every dataset of the fixtures, whole and in random
//! slices, in every format, against what h5py and NumPy read of them.

use std::process::Command;
use std::time::Duration;

use reqwest::{Response, StatusCode};
use tempfile::TempDir;

use crate::house_rules::repository;
use crate::range_server::RangeServer;
use crate::server::Server;

#[tokio::test]
async fn elements_are_those_that_h5py_reads() {
    let Some(python) = std::env::var_os("H5SCOUT_TEST_PYTHON") else { return };
    let fixtures = repository().join("fixtures");
    let server = Server::over(&fixtures, &[]);
    let script = repository().join("tests/e2e/compare_data.py");
    let output = Command::new(python).arg(script).arg(server.address()).arg(&fixtures).output();
    let output = output.expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaint}");
    let right: u64 = said
        .lines()
        .filter_map(|line| line.rsplit_once("same"))
        .filter_map(|(_, count)| count.trim().parse::<u64>().ok())
        .sum();
    assert!(right > 10_000, "{said}");
}

/// Two rows of 20 MiB in chunks that are pieces of rows, and what a client has of them.
const ROWS: &str = "
import sys, urllib.request, h5py, numpy as np, pyarrow as pa
folder, address = sys.argv[1:]
data = np.arange(2 * 5 << 20, dtype='>i4').reshape(2, 5 << 20)
with h5py.File(f'{folder}/rows.h5', 'w') as file:
    file.create_dataset('wide', data=data, chunks=(1, 1 << 18), compression=1)
url = f'http://{address}/data?key=rows.h5&path=/wide&format=arrow'
with urllib.request.urlopen(url) as answer:
    batches = list(pa.ipc.open_stream(answer))
assert [batch.num_rows for batch in batches] == [1, 1], batches
for batch, row in zip(batches, data):
    assert np.array_equal(batch.column(0).flatten().to_numpy(), row)
";

#[tokio::test]
async fn rows_of_arrow_are_whole_where_blocks_are_less() {
    let Some(python) = std::env::var_os("H5SCOUT_TEST_PYTHON") else { return };
    let folder = TempDir::new().expect("a folder");
    let server = Server::over(folder.path(), &[]);
    let mut script = Command::new(python);
    script.args(["-c", ROWS]).arg(folder.path()).arg(server.address());
    let output = script.output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// 32 MiB that do not compress, in 256 chunks of 128 KiB.
const MAKE: &str = "
import sys, h5py, numpy as np
data = np.random.default_rng(1).integers(0, 65536, (64, 512, 512), np.uint16)
for version in ('earliest', 'latest'):
    with h5py.File(f'{sys.argv[1]}/{version}.h5', 'w', libver=version) as file:
        file.create_dataset('cube', data=data, chunks=(4, 128, 128), compression=1)
";

#[tokio::test]
async fn a_slice_takes_the_chunks_that_it_needs_in_few_round_trips() {
    let Some(python) = std::env::var_os("H5SCOUT_TEST_PYTHON") else { return };
    let folder = TempDir::new().expect("a folder");
    let made = Command::new(python).args(["-c", MAKE]).arg(folder.path()).status();
    assert!(made.expect("Python runs").success());
    let far = RangeServer::start(folder.path(), Duration::from_millis(5)).await;
    let server = Server::over(format!("http://{}", far.address), &[]);
    for file in ["earliest.h5", "latest.h5"] {
        server.json(&format!("/files/{file}/meta?path=/cube")).await;
        for (selection, chunks) in [("7,:,:", 16), ("7:9,130,:", 8), ("63,511,511", 1)] {
            let uri = format!("/files/{file}/data?path=/cube&selection={selection}&format=bin");
            let answer = server.get(&uri).await;
            assert_eq!(answer.status(), StatusCode::OK, "{uri}");
            let (rounds, bytes) = cost(&answer);
            let needed = chunks * (128 << 10);
            eprintln!("{file} {selection}: {rounds} round trips, {bytes} bytes for {needed}");
            // The index, its leaves, and the chunks.
            assert!(rounds <= 4, "{uri}: {rounds}");
            // What lies around an index or a few chunks is read along.
            assert!(bytes * 10 <= needed * 12 + (10 * ALONG_BYTES), "{uri}: {bytes}");
            let again = server.get(&uri).await;
            assert_eq!(cost(&again).0, 0, "its bytes are kept");
        }
    }
}

/// `--read-around`, for two levels of the index and for the chunks.
const ALONG_BYTES: u64 = 3 * (256 << 10);

/// Round trips and bytes of an answer.
fn cost(answer: &Response) -> (u64, u64) {
    let timing = answer.headers()["server-timing"].to_str().expect("text");
    let number = |name: &str| {
        let (_, rest) = timing.split_once(name).expect("a number");
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a number")
    };
    (number("rounds="), number("bytes="))
}

#[tokio::test]
async fn the_examples_for_python_do_what_they_say() {
    let Some(python) = std::env::var_os("H5SCOUT_TEST_PYTHON") else { return };
    let server = Server::over(repository().join("fixtures"), &[]);
    let guide = std::fs::read_to_string(repository().join("docs/clients.md")).expect("the guide");
    let examples: Vec<&str> =
        guide.split("```python\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() >= 2);
    for example in examples {
        let example = example.replace("127.0.0.1:8080", server.address());
        let output = Command::new(&python).args(["-c", &example]).output().expect("Python runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{example}\n{complaint}");
    }
}
