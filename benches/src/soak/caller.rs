//! One of many who ask: waits for an answer, has it judged, and asks again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_ENCODING, ETAG, HeaderValue};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::time::timeout;

use super::pool::Pool;
use super::questions::Question;
use super::reference::Reference;
use super::tally::Tally;
use super::weather::Weather;
use crate::Result;
use crate::answer::decoded;

/// One question in so many is given up by its caller before the answer is there.
const GIVEN_UP: u32 = 50;

/// What all callers share.
#[derive(Clone)]
pub(super) struct Caller {
    /// The URL of the server.
    pub(super) base: String,
    pub(super) until: Instant,
    pub(super) pool: Arc<Pool>,
    pub(super) reference: Arc<Reference>,
    pub(super) weather: Weather,
    pub(super) tally: Arc<Tally>,
}

struct Reply {
    status: StatusCode,
    tag: Option<HeaderValue>,
    encoding: String,
    body: Vec<u8>,
}

impl Caller {
    /// Asks until the time is over.
    ///
    /// # Errors
    ///
    /// When the reference does not answer.
    pub(super) async fn ask(self, seed: u64) -> Result<()> {
        let client = Client::new();
        let mut random = fastrand::Rng::with_seed(seed);
        while Instant::now() < self.until {
            let question = Question::random(&mut random, &self.pool);
            let asked_at = Instant::now();
            let asked = reply(&client, &self.base, &question);
            if random.u32(..GIVEN_UP) == 0 {
                // What the server was doing for it has to end as well.
                let patience = Duration::from_micros(random.u64(..3000));
                let _ = timeout(patience, asked).await;
                self.tally.given_up();
                continue;
            }
            match asked.await {
                Ok(reply) => self.judge(&mut random, &question, asked_at, reply).await?,
                // Elements are sent as they are read: what cannot be read then ends the connection.
                Err(error) if error.is_body() && self.weather.excuses_an_end(asked_at) => {
                    self.tally.broken_off();
                }
                Err(error) => {
                    self.tally.failed(&question.target, &with_causes(&error.without_url()))
                }
            }
        }
        Ok(())
    }

    async fn judge(
        &self,
        random: &mut fastrand::Rng,
        question: &Question,
        asked_at: Instant,
        reply: Reply,
    ) -> Result<()> {
        let Reply { status, tag, encoding, body } = reply;
        let answer = match decoded(&encoding, &body).await {
            Ok(body) => serde_json::from_slice::<Value>(&body).map_err(crate::Error::from),
            Err(error) => Err(error),
        };
        let code = answer.as_ref().ok().and_then(|answer| answer["code"].as_str());
        self.tally.answered(status, code);
        if status.is_server_error() {
            if self.weather.excuses(status, asked_at) {
                self.tally.excused();
            } else {
                let text = String::from_utf8_lossy(&body);
                self.tally.fault(&question.target, &format!("{status} {text}"));
            }
            return Ok(());
        }
        if status == StatusCode::NOT_MODIFIED || !question.has_a_right_answer() {
            return Ok(());
        }
        match answer {
            Ok(answer) => {
                let wrong = self.reference.fault_of(question, status, &answer).await?;
                self.tally.compared(&question.target, wrong.as_deref());
                self.pool.learn(random, question, tag, &answer);
            }
            Err(error) => self.tally.compared(&question.target, Some(&error.to_string())),
        }
        Ok(())
    }
}

/// What an error says, and what those say that caused it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

async fn reply(client: &Client, base: &str, question: &Question) -> reqwest::Result<Reply> {
    let response = question.request(client, base).send().await?;
    let header = |name| response.headers().get(name).cloned();
    let encoding = header(CONTENT_ENCODING);
    let encoding = encoding.as_ref().and_then(|name| name.to_str().ok()).unwrap_or_default();
    let (status, tag, encoding) = (response.status(), header(ETAG), encoding.to_owned());
    Ok(Reply { status, tag, encoding, body: response.bytes().await?.to_vec() })
}
