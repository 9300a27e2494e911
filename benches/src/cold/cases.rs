//! The questions, and whether two answers to them say the same.

use serde_json::Value;

use crate::Result;
use crate::answer::encoded;
use crate::s3::BUCKET;

/// A first question to a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    /// In tables and plots.
    pub(crate) name: &'static str,
    /// In the bucket, and in the folder of files.
    pub(crate) key: &'static str,
    pub(crate) question: Question,
    pub(crate) path: &'static str,
    pub(crate) limit: u64,
}

/// The routes that are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    Children,
    Meta,
}

const fn children(name: &'static str, key: &'static str, path: &'static str, limit: u64) -> Case {
    Case { name, key, question: Question::Children, path, limit }
}

/// What is measured. The names say the shape of the file.
pub(crate) const CASES: [Case; 8] = [
    children("small file", "small.h5", "/entry/run_07", 10_000),
    children("1,000 datasets in 0.4 MB", "thousand.h5", "/", 10_000),
    children("300 datasets over 542 MB", "scattered.h5", "/", 10_000),
    children("netCDF-4, 63 variables", "climate.nc", "/", 10_000),
    children("20,000 datasets, new format", "twenty_thousand.h5", "/wide", 100_000),
    children("1,000 of 100,000, old format", "wide_earliest.h5", "/wide", 1_000),
    children("1,000 of 100,000, new format", "wide_latest.h5", "/wide", 1_000),
    Case {
        name: "one dataset, 3 groups down",
        key: "nested.h5",
        question: Question::Meta,
        path: "/group_057/group_057/group_057/wanted",
        limit: 1,
    },
];

impl Case {
    /// What ours is asked for.
    pub(crate) fn target(&self) -> String {
        let Self { key, path, limit, .. } = self;
        let path = encoded(path);
        match self.question {
            Question::Children => format!("/files/{key}/children?path={path}&limit={limit}"),
            Question::Meta => format!("/files/{key}/meta?path={path}"),
        }
    }

    /// The word for the peer's script.
    pub(crate) fn word(&self) -> &'static str {
        match self.question {
            Question::Children => "children",
            Question::Meta => "meta",
        }
    }

    /// Bucket and key.
    pub(crate) fn place(&self) -> String {
        format!("{BUCKET}/{}", self.key)
    }

    /// Compares our answer with what the peer has found: names, shapes, chunks, and how many
    /// attributes.
    ///
    /// # Errors
    ///
    /// Where they differ: then their times cannot be compared.
    pub(crate) fn check(&self, ours: &Value, theirs: &[Value]) -> Result<()> {
        let mut ours: Vec<_> = match self.question {
            Question::Children => ours["children"].as_array().into_iter().flatten().collect(),
            Question::Meta => vec![&ours["metadata"]],
        };
        let mut theirs: Vec<_> = theirs.iter().collect();
        // h5py lists by creation where the file tracks that.
        for list in [&mut ours, &mut theirs] {
            list.sort_by_key(|item| item["name"].as_str());
        }
        if ours.len() != theirs.len() {
            let (name, ours, theirs) = (self.name, ours.len(), theirs.len());
            return Err(format!("{name}: {ours} in our answer, {theirs} in the peer's").into());
        }
        for (ours, theirs) in ours.iter().zip(&theirs) {
            // An absent field says as much as null.
            let differs = ["name", "shape", "chunks", "num_attributes"]
                .iter()
                .find(|field| ours[**field] != theirs[**field]);
            if let Some(field) = differs {
                let (ours, theirs) = (&ours[*field], &theirs[*field]);
                return Err(format!("{}: {field}: {ours}, peer {theirs}", self.name).into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_compared_whatever_their_order() {
        let ours = json!({"children": [
            {"name": "a", "shape": [1], "chunks": null, "num_attributes": 2},
            {"name": "b", "num_attributes": 0},
        ]});
        let a = json!({"name": "a", "shape": [1], "chunks": null, "num_attributes": 2});
        let b = json!({"name": "b", "num_attributes": 0});
        CASES[0].check(&ours, &[b.clone(), a.clone()]).unwrap();
        for theirs in [vec![a.clone()], vec![a, json!({"name": "b", "num_attributes": 1})]] {
            assert!(CASES[0].check(&ours, &theirs).is_err(), "{theirs:?}");
        }
    }

    #[test]
    fn targets_are_urls() {
        assert_eq!(CASES[0].target(), "/files/small.h5/children?path=/entry/run_07&limit=10000");
    }
}
