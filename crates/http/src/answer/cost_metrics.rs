//! What questions cost at the store, in histograms. Only of those whose answer was not kept: the
//! others cost nothing, and the caches count them.

use std::sync::LazyLock;

use metrics::{Histogram, histogram};

use super::Cost;
use crate::metrics::{QUESTION_ROUNDS, QUESTION_STORE};

/// The kinds of questions, as the log has them.
const QUESTIONS: [&str; 10] = [
    "children",
    "meta",
    "attribute",
    "data",
    "preview",
    "files",
    "entity",
    "attributes",
    "paths",
    "statistics",
];

/// Made at the first question, when the recorder is there, and then kept.
static HANDLES: LazyLock<[Handles; 10]> = LazyLock::new(|| QUESTIONS.map(Handles::of));

struct Handles {
    question: &'static str,
    rounds: Histogram,
    store: Histogram,
}

/// Records the cost of a question of the kind `question`.
pub(super) fn record(question: &'static str, cost: &Cost) {
    if let Some(handles) = HANDLES.iter().find(|handles| handles.question == question) {
        handles.rounds.record(cost.rounds as f64);
        handles.store.record(cost.duration);
    }
}

impl Handles {
    fn of(question: &'static str) -> Self {
        Self {
            question,
            rounds: histogram!(QUESTION_ROUNDS, "question" => question),
            store: histogram!(QUESTION_STORE, "question" => question),
        }
    }
}

#[cfg(test)]
mod tests {
    use explorer::{AttributeQuery, ChildrenQuery, DataQuery, MetaQuery, Place, PreviewQuery};

    use super::*;
    use crate::answer::Question;

    #[test]
    fn every_question_about_a_file_has_its_histograms() {
        let root = || Place::new(Some("/"), None).unwrap();
        for question in [
            Question::Children(ChildrenQuery::new(root())),
            Question::Meta(MetaQuery::new(root())),
            Question::Attribute(AttributeQuery::new(root(), "a")),
            Question::Data(DataQuery::new(root())),
            Question::Preview(PreviewQuery::new(root())),
        ] {
            assert!(QUESTIONS.contains(&question.name()), "{question:?}");
        }
    }
}
