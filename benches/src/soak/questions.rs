//! Random questions: most that have an answer, some that have none, some that mean nothing.

use reqwest::header::{ACCEPT_ENCODING, CACHE_CONTROL, HeaderValue, IF_NONE_MATCH};
use reqwest::{Client, Method, RequestBuilder};

use super::pool::{Object, Pool};
use crate::answer::encoded;

const LIMITS: [u64; 5] = [1, 10, 100, 1_000, 100_000];
const ENCODINGS: [&str; 4] = ["gzip", "zstd", "br", "identity"];
const LETTERS: [&str; 5] = ["a", "e", "0", "data", "ä"];

/// Of which most fit some dataset.
const SELECTIONS: [&str; 8] = ["...", "0", "-1", ":5", "...,:4", "::3,1:3", ":2,:2,:2", "3:1"];
const VIEWS: [&str; 4] = ["auto", "table", "line", "heatmap"];

/// What nobody should ask, and anybody may.
const NONSENSE: [&str; 10] = [
    "/files/no/such/file.h5/children",
    "/files/%00/meta",
    "/files/../../etc/passwd/children",
    "/files?limit=0",
    "/files?limt=5",
    "/files?after=%FF",
    "/children",
    "/meta?key=&path=/",
    "/nothing/here",
    "/files?q=a&q=b",
];

/// A question, ready to be asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) target: String,
    /// The file that it is about.
    pub(super) key: Option<String>,
    method: Method,
    encoding: Option<&'static str>,
    known: Option<HeaderValue>,
    fresh: bool,
}

impl Question {
    pub(super) fn random(random: &mut fastrand::Rng, pool: &Pool) -> Self {
        let answered = pool.answered(random).filter(|_| random.u8(..8) == 0);
        if let Some((question, tag)) = answered {
            return Self { known: (random.u8(..2) == 0).then_some(tag), ..question };
        }
        let (target, key, method) = match random.u8(..100) {
            0..35 => children(random, pool),
            35..55 => meta(random, pool),
            55..65 => attribute(random, pool),
            65..75 => data(random, pool),
            75..82 => preview(random, pool),
            82..90 => (files(random, pool), None, Method::GET),
            90..92 => refresh(random, pool),
            92..94 => ("/health".to_owned(), None, Method::GET),
            94 => ("/metrics".to_owned(), None, Method::GET),
            _ => (any(random, &NONSENSE).to_owned(), None, Method::GET),
        };
        Self {
            target,
            key,
            method,
            // Most answers are read by the caller, to learn from them.
            encoding: (random.u8(..4) == 0).then(|| any(random, &ENCODINGS)),
            known: None,
            fresh: random.u8(..20) == 0,
        }
    }

    /// Whether it has one right answer, which any server over the same files gives.
    pub(super) fn has_a_right_answer(&self) -> bool {
        self.method == Method::GET && self.target != "/metrics"
    }

    /// The request that asks it.
    pub(super) fn request(&self, client: &Client, base: &str) -> RequestBuilder {
        let mut request = client.request(self.method.clone(), format!("{base}{}", self.target));
        if let Some(encoding) = self.encoding {
            request = request.header(ACCEPT_ENCODING, encoding);
        }
        if let Some(known) = &self.known {
            request = request.header(IF_NONE_MATCH, known.clone());
        }
        if self.fresh {
            request = request.header(CACHE_CONTROL, "no-cache");
        }
        request
    }
}

type Parts = (String, Option<String>, Method);

fn children(random: &mut fastrand::Rng, pool: &Pool) -> Parts {
    let object = pool.object(random);
    let mut target = about("children", random, &object);
    target += &format!("&limit={}", any(random, &LIMITS));
    if random.u8(..4) == 0 {
        target += any(random, &["&detail=names", "&order=creation", "&resolve=external"]);
    }
    if random.u8(..6) == 0 {
        target += &format!("&q={}", encoded(any(random, &LETTERS)));
    }
    let cursor = pool.cursor(random).filter(|_| random.u8(..6) == 0);
    if let Some(cursor) = cursor {
        target += &format!("&after={}", encoded(&cursor));
    }
    (target, Some(object.key), Method::GET)
}

fn meta(random: &mut fastrand::Rng, pool: &Pool) -> Parts {
    let object = pool.object(random);
    (about("meta", random, &object), Some(object.key), Method::GET)
}

fn attribute(random: &mut fastrand::Rng, pool: &Pool) -> Parts {
    let object = pool.object(random);
    let name = object.attribute.as_deref().unwrap_or("units");
    let target = format!("{}&name={}", about("attribute", random, &object), encoded(name));
    (target, Some(object.key), Method::GET)
}

fn data(random: &mut fastrand::Rng, pool: &Pool) -> Parts {
    let object = pool.dataset(random);
    let selection = encoded(any(random, &SELECTIONS));
    let target = format!("{}&selection={selection}", about("data", random, &object));
    (target, Some(object.key), Method::GET)
}

fn preview(random: &mut fastrand::Rng, pool: &Pool) -> Parts {
    let object = pool.dataset(random);
    let (view, size) = (any(random, &VIEWS), any(random, &[1, 16, 100]));
    let target = format!("{}&view={view}&max_size={size}", about("preview", random, &object));
    (target, Some(object.key), Method::GET)
}

fn files(random: &mut fastrand::Rng, pool: &Pool) -> String {
    let key = pool.key(random);
    let part = key.char_indices().nth(random.usize(..key.len().max(1)));
    let prefix = &key[..part.map_or(0, |(at, _)| at)];
    let mut target = format!("/files?limit={}", any(random, &[1, 10, 100, 10_000]));
    target += &match random.u8(..4) {
        0 => format!("&prefix={}", encoded(prefix)),
        1 => format!("&delimiter=/&prefix={}", encoded(prefix)),
        2 => format!("&q={}", encoded(any(random, &LETTERS))),
        _ => format!("&after={}", encoded(prefix)),
    };
    target
}

fn refresh(random: &mut fastrand::Rng, pool: &Pool) -> Parts {
    let key = pool.key(random);
    (format!("/files/refresh?key={}", encoded(key)), None, Method::POST)
}

/// A question about an object by its path, by its address, or by one that is nobody's.
fn about(route: &str, random: &mut fastrand::Rng, object: &Object) -> String {
    let Object { key, path, address, .. } = object;
    let bits = random.u8(1..63);
    let place = match (random.u8(..10), address) {
        (0..3, Some(address)) => format!("address={address}"),
        (3, _) => format!("address={}", random.u64(..1 << bits)),
        (4, _) => format!("path={}/nothing", encoded(path)),
        _ => format!("path={}", encoded(path)),
    };
    format!("/files/{}/{route}?{place}", encoded(key))
}

fn any<T: Copy>(random: &mut fastrand::Rng, choices: &[T]) -> T {
    choices[random.usize(..choices.len())]
}
