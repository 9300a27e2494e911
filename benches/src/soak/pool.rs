//! What the callers of a soak test know to ask about: keys, objects, attributes, cursors and tags
//! that answers have named.

use std::sync::{Mutex, PoisonError};

use reqwest::Client;
use reqwest::header::HeaderValue;
use serde_json::Value;

use super::questions::Question;
use crate::Result;
use crate::answer::{Answer, encoded};
use crate::server::Server;

/// Things of a kind that are remembered; later ones take the places of any.
const REMEMBERED_MAX: usize = 20_000;

/// Children of one answer that are remembered.
const CHILDREN_LEARNT: usize = 4;

/// Longer paths and cursors make URLs that clients refuse to send.
const TEXT_BYTES_MAX: usize = 8 << 10;

/// One question in so many is about an object that gets overwritten.
const OVERWRITTEN: u8 = 4;

/// Shared by all callers.
#[derive(Debug)]
pub(super) struct Pool {
    keys: Vec<String>,
    overwritten: Vec<String>,
    learnt: Mutex<Learnt>,
}

#[derive(Debug, Default)]
struct Learnt {
    objects: Vec<Object>,
    datasets: Vec<Object>,
    cursors: Vec<String>,
    /// With the tags of their answers.
    answered: Vec<(Question, HeaderValue)>,
}

/// An object of a file.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) key: String,
    pub(super) path: String,
    pub(super) address: Option<u64>,
    pub(super) attribute: Option<String>,
    is_dataset: bool,
}

impl Pool {
    /// Knows the files that the server lists, and their root groups; `overwritten` are among them.
    pub(super) async fn of_files(
        client: &Client,
        server: &Server,
        overwritten: Vec<String>,
    ) -> Result<Self> {
        let mut keys = Vec::new();
        let mut target = "/files?limit=50000".to_owned();
        loop {
            let page = Answer::get_ok(client, server, &target).await?.json()?;
            let files = page["files"].as_array().into_iter().flatten();
            keys.extend(files.filter_map(|file| Some(file["key"].as_str()?.to_owned())));
            match page["next"].as_str() {
                Some(next) => target = format!("/files?limit=50000&after={}", encoded(next)),
                None => break,
            }
        }
        if keys.is_empty() {
            return Err("the corpus has no files".into());
        }
        Ok(Self { keys, overwritten, learnt: Mutex::default() })
    }

    /// Any file.
    pub(super) fn key(&self, random: &mut fastrand::Rng) -> &str {
        let overwritten = random.u8(..OVERWRITTEN) == 0;
        let keys = if overwritten { &self.overwritten } else { &self.keys };
        random.choice(keys).map_or("", String::as_str)
    }

    /// Any object: a root group, or one that an answer has named.
    pub(super) fn object(&self, random: &mut fastrand::Rng) -> Object {
        let learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        let known = random.choice(&learnt.objects).filter(|_| random.u8(..4) > 0).cloned();
        drop(learnt);
        known.unwrap_or_else(|| Object {
            key: self.key(random).to_owned(),
            path: "/".to_owned(),
            address: None,
            attribute: None,
            is_dataset: false,
        })
    }

    /// Any dataset that an answer has named; as long as there is none, any object.
    pub(super) fn dataset(&self, random: &mut fastrand::Rng) -> Object {
        let learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        let known = random.choice(&learnt.datasets).cloned();
        drop(learnt);
        known.unwrap_or_else(|| self.object(random))
    }

    /// A cursor that some answer gave as its `next`.
    pub(super) fn cursor(&self, random: &mut fastrand::Rng) -> Option<String> {
        let learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        random.choice(&learnt.cursors).cloned()
    }

    /// Any question that had an answer, with the answer's tag.
    pub(super) fn answered(&self, random: &mut fastrand::Rng) -> Option<(Question, HeaderValue)> {
        let learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        random.choice(&learnt.answered).cloned()
    }

    /// Remembers what the answer to `question` names.
    pub(super) fn learn(
        &self,
        random: &mut fastrand::Rng,
        question: &Question,
        tag: Option<HeaderValue>,
        answer: &Value,
    ) {
        let objects = named_objects(random, question, answer);
        let objects: Vec<_> =
            objects.filter(|object| object.path.len() <= TEXT_BYTES_MAX).collect();
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        for object in objects {
            if object.is_dataset {
                remember(random, &mut learnt.datasets, object.clone());
            }
            remember(random, &mut learnt.objects, object);
        }
        let next = answer["next"].as_str();
        if let Some(next) = next.filter(|next| next.len() <= TEXT_BYTES_MAX) {
            remember(random, &mut learnt.cursors, next.to_owned());
        }
        if let Some(tag) = tag {
            remember(random, &mut learnt.answered, (question.clone(), tag));
        }
    }
}

fn named_objects(
    random: &mut fastrand::Rng,
    question: &Question,
    answer: &Value,
) -> impl Iterator<Item = Object> {
    let of = |object: &Value, attribute: Option<&Value>| {
        let (key, path) = (question.key.clone()?, object["path"].as_str()?.to_owned());
        let (address, is_dataset) = (object["address"].as_u64(), object["type"] == "dataset");
        let attribute = attribute.and_then(|attribute| attribute["name"].as_str());
        let attribute = attribute.map(str::to_owned);
        Some(Object { key, path, address, attribute, is_dataset })
    };
    let children = answer["children"].as_array().map(Vec::as_slice).unwrap_or_default();
    let attributes = answer["metadata"]["attributes"].as_array();
    let attributes = attributes.map(Vec::as_slice).unwrap_or_default();
    let children = random.choose_multiple(children, CHILDREN_LEARNT).into_iter();
    let children = children.filter_map(move |child| of(child, None));
    let metadata = &answer["metadata"];
    let attributes = random.choose_multiple(attributes, CHILDREN_LEARNT).into_iter();
    let attributes = attributes.filter_map(move |attribute| of(metadata, Some(attribute)));
    children.chain(attributes).collect::<Vec<_>>().into_iter()
}

fn remember<T>(random: &mut fastrand::Rng, things: &mut Vec<T>, thing: T) {
    if things.len() < REMEMBERED_MAX {
        things.push(thing);
    } else {
        let place = random.usize(..things.len());
        things[place] = thing;
    }
}
