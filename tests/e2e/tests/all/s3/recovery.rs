//! An outage: the store is gone, and comes back.

use std::time::Instant;

use serde_json::Value;
use store::testing::Writer as _;

use super::own::OwnServer;
use super::{fixture, s3};
use crate::server::{PATIENCE, Server};

const QUESTION: &str = "/files/a.h5/children";

/// Every question is one to the store.
const FLAGS: [&str; 4] = ["--version-ttl", "0s", "--list-ttl", "0s"];

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_the_server_answers_by_itself() {
    let test = "after_an_outage_the_server_answers_by_itself";
    let Some(s3) = s3(test) else { return };
    let Some(mut own) = OwnServer::new(&s3, test) else { return };
    own.start(&[]).await;
    own.s3().bucket("recovery").await.put("a.h5", &fixture("ordinary/latest.h5")).await;
    let server = own.s3().serve("s3://recovery", &FLAGS);
    assert_eq!(server.json(QUESTION).await["total"], 1);

    own.kill();
    for question in [QUESTION, "/files", "/ready"] {
        let (status, problem) = ask(&server, question).await;
        assert!([502, 503, 504].contains(&status), "{question}: {problem}");
        assert_ne!(problem["code"], "internal_error", "{question}");
        assert!(!problem.to_string().contains("127.0.0.1"), "{problem}");
    }
    assert_eq!(server.get("/health").await.status(), 200);

    own.start(&[]).await;
    // What is there now is another file: nothing is answered from before.
    own.s3().bucket("recovery").await.put("a.h5", &fixture("ordinary/empty_latest.h5")).await;
    let back = Instant::now();
    for question in [QUESTION, "/files", "/ready"] {
        while ask(&server, question).await.0 != 200 {
            assert!(back.elapsed() < PATIENCE, "{question} is not answered");
        }
    }
    println!("answered {} ms after the store was back", back.elapsed().as_millis());
    assert_eq!(server.json(QUESTION).await["total"], 0);
}

async fn ask(server: &Server, question: &str) -> (u16, Value) {
    let answer = server.get(question).await;
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}
