//! The README's examples, asked of the built binary: what stands there is what it answers.

use std::process::Command;

use crate::server::{REPOSITORY, Server, binary};

/// Members of answers that are others for every server, file system and request.
const VARYING: [&str; 5] = ["etag", "last_modified", "request_id", "cached", "age_ms"];

#[tokio::test]
async fn the_answers_are_those_that_it_shows() {
    let server = Server::over(format!("{REPOSITORY}/fixtures"), &[]);
    let mut asked = 0;
    for (command, shown) in examples() {
        let Some(target) = command.strip_prefix("curl -s 'http://127.0.0.1:8080") else { continue };
        let target = target.strip_suffix('\'').expect("one address");
        let answer = server.get(target).await.text().await.expect("text");
        // It breaks long lines, and cuts some.
        let shown: String = shown.iter().map(|line| line.trim_start()).collect();
        let (answer, shown) = (without_varying(&answer), without_varying(&shown));
        match shown.strip_suffix(" ...") {
            Some(begin) => assert!(answer.starts_with(begin), "{target}\n{answer}\n{begin}"),
            None => assert_eq!(answer, shown, "{target}"),
        }
        asked += 1;
    }
    assert!(asked >= 6, "{asked} questions were found");
}

#[test]
fn the_terminal_prints_what_it_shows() {
    let mut run = 0;
    for (command, shown) in examples() {
        let arguments = command.strip_prefix("h5scout ").filter(|_| !shown.is_empty());
        let Some(arguments) = arguments.filter(|all| all.contains("fixtures/")) else { continue };
        let mut process = Command::new(binary());
        let process = process.args(arguments.split(' ')).current_dir(REPOSITORY);
        let output = process.output().expect("it runs");
        let printed = String::from_utf8(output.stdout).expect("text");
        assert_eq!(printed.lines().collect::<Vec<_>>(), shown, "{command}");
        run += 1;
    }
    assert!(run >= 2, "{run} commands were found");
}

/// Commands of its consoles, each with the lines that stand below it.
fn examples() -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(format!("{REPOSITORY}/README.md")).expect("the README");
    let mut examples: Vec<(String, Vec<String>)> = Vec::new();
    let consoles = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    for line in consoles.flat_map(str::lines) {
        match (line.strip_prefix("$ "), examples.last_mut()) {
            (Some(command), _) => examples.push((command.to_owned(), Vec::new())),
            (None, Some((_, shown))) => shown.push(line.to_owned()),
            (None, None) => panic!("a console begins with {line:?}"),
        }
    }
    examples
}

/// An answer with nothing in the places of what varies.
fn without_varying(answer: &str) -> String {
    VARYING.iter().fold(answer.to_owned(), |answer, name| {
        let member = format!("\"{name}\":");
        let mut parts = answer.split(&member);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |kept, part| {
            let end = part.find([',', '}']).unwrap_or(part.len());
            format!("{kept}{member}{}", &part[end..])
        })
    })
}
