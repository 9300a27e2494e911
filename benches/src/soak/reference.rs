//! The answers that are right: those of servers over local folders, which have no faults and which
//! nobody writes to. There is one for each version of the objects that get overwritten.

use std::path::Path;
use std::sync::Arc;

use reqwest::{Client, StatusCode};
use serde_json::Value;

use super::MAX_DATA;
use super::questions::Question;
use super::stage::{Stage, Written};
use crate::Result;
use crate::answer::Answer;
use crate::server::Server;

/// What differs between a bucket and a folder, or between two looks at the same.
const PASSING: [&str; 4] = ["etag", "cached", "age_ms", "last_modified"];

/// What answers say of the flags: as the server under test has it.
const FLAGS: [&str; 2] = ["--list-ttl=5s", MAX_DATA];

/// The servers that know.
pub(super) struct Reference {
    servers: [Server; 2],
    written: Arc<Written>,
    client: Client,
}

impl Reference {
    pub(super) fn start(h5scout: &Path, stage: &Stage) -> Result<Self> {
        let server = |version| Server::h5scout(h5scout, stage.folder(version)?, &FLAGS, &[]);
        let servers = [server(0)?, server(1)?];
        Ok(Self { servers, written: stage.written.clone(), client: Client::new() })
    }

    /// What is wrong with an answer of the server under test, if anything.
    ///
    /// # Errors
    ///
    /// When the reference does not answer.
    pub(super) async fn fault_of(
        &self,
        question: &Question,
        status: StatusCode,
        answer: &Value,
    ) -> Result<Option<String>> {
        let overwritten = question.key.as_ref().and_then(|key| self.written.get(key));
        let versions: &[usize] = match overwritten {
            None => &[0],
            Some(_) if status == StatusCode::CONFLICT && answer["code"] == "file_changed" => {
                return Ok(None);
            }
            Some(versions) if status == StatusCode::OK => {
                let etag = answer["etag"].as_str().unwrap_or_default();
                match versions.iter().position(|version| version.etag == etag) {
                    Some(0) => &[0],
                    Some(_) => &[1],
                    None => return Ok(Some(format!("the version {etag:?} was never written"))),
                }
            }
            // What fails does not say of which version.
            Some(_) => &[0, 1],
        };
        let mut expected = Vec::new();
        for version in versions {
            let right =
                Answer::get(&self.client, &self.servers[*version], &question.target).await?;
            let right = (right.status, right.json()?);
            if self.is_same((status, answer), (right.0, &right.1)) {
                return Ok(None);
            }
            expected.push(format!("{} {}", right.0, right.1));
        }
        Ok(Some(format!("{status} {answer}\n    expected: {}", expected.join("\n    or: "))))
    }

    fn is_same(&self, given: (StatusCode, &Value), right: (StatusCode, &Value)) -> bool {
        let (status, code) = (given.0, &given.1["code"]);
        if status != StatusCode::OK {
            return status == right.0 && *code == right.1["code"];
        }
        right.0 == StatusCode::OK && self.lasting(given.1) == self.lasting(right.1)
    }

    /// An answer without what may differ.
    fn lasting(&self, answer: &Value) -> Value {
        let mut answer = answer.clone();
        without_passing(&mut answer);
        for file in answer["files"].as_array_mut().into_iter().flatten() {
            without_passing(file);
            let versions = file["key"].as_str().and_then(|key| self.written.get(key));
            if let Some(versions) = versions {
                let sizes = versions.each_ref().map(|version| version.bytes.len());
                let is_known = sizes.iter().any(|size| file["size"] == *size);
                file["size"] = if is_known { "of a version".into() } else { Value::Null };
            }
        }
        answer
    }
}

fn without_passing(answer: &mut Value) {
    if let Some(members) = answer.as_object_mut() {
        members.retain(|name, _| !PASSING.contains(&name.as_str()));
    }
}
