//! Counts comparisons by feature, and keeps the differences.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What was compared, and how often it was right.
#[derive(Debug, Default)]
pub struct Tally {
    features: BTreeMap<&'static str, Counts>,
    differences: Vec<Difference>,
    /// Mistakes of ours that no file excuses: panics, and errors of a store that is a folder.
    pub failures: Vec<String>,
}

/// Outcomes of one feature.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    /// As h5py says.
    pub right: u64,
    /// Otherwise than h5py says.
    pub wrong: u64,
    /// Answered with an error.
    pub refused: u64,
}

/// One answer that is not as expected.
#[derive(Debug)]
struct Difference {
    feature: &'static str,
    kind: String,
    place: String,
    detail: String,
}

/// How one comparison went.
#[derive(Debug)]
pub enum Outcome {
    /// As expected.
    Right,
    /// Otherwise: a kind that many differences share, and what exactly.
    Wrong(String, String),
    /// An error of this code and text.
    Refused(String, String),
}

impl Counts {
    /// Adds other comparisons.
    pub fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.refused += other.refused;
    }

    /// Percent of all comparisons that were right.
    pub fn share(self) -> f64 {
        let all = self.right + self.wrong + self.refused;
        if all == 0 { 100.0 } else { 100.0 * self.right as f64 / all as f64 }
    }
}

impl Tally {
    /// Counts one comparison of `feature` at `place`.
    pub fn count(&mut self, feature: &'static str, place: &str, outcome: Outcome) {
        let counts = self.features.entry(feature).or_default();
        let (kind, detail) = match outcome {
            Outcome::Right => {
                counts.right += 1;
                return;
            }
            Outcome::Wrong(kind, detail) => {
                counts.wrong += 1;
                (kind, detail)
            }
            Outcome::Refused(code, detail) => {
                counts.refused += 1;
                (format!("{code}: {}", without_numbers(&detail)), detail)
            }
        };
        self.differences.push(Difference { feature, kind, place: place.to_owned(), detail });
    }

    /// Adds what another tally counted.
    pub fn merge(&mut self, other: Self) {
        for (feature, counts) in other.features {
            self.features.entry(feature).or_default().add(counts);
        }
        self.differences.extend(other.differences);
        self.failures.extend(other.failures);
    }

    /// Whether all comparisons of the features that `chosen` names were right.
    pub fn all_right(&self, chosen: impl Fn(&str) -> bool) -> bool {
        let mut counted = self.features.iter().filter(|(feature, _)| chosen(feature));
        counted.all(|(_, counts)| counts.wrong + counts.refused == 0)
    }

    /// Percent right, by feature.
    pub fn shares(&self) -> BTreeMap<String, f64> {
        self.features.iter().map(|(name, counts)| ((*name).to_owned(), counts.share())).collect()
    }

    /// The table of all features.
    pub fn table(&self) -> String {
        let mut table = format!(
            "{:<28} {:>8} {:>8} {:>8} {:>8}\n",
            "feature", "right", "wrong", "refused", "percent"
        );
        for (feature, counts) in &self.features {
            let Counts { right, wrong, refused } = counts;
            let share = counts.share();
            let _ =
                writeln!(table, "{feature:<28} {right:>8} {wrong:>8} {refused:>8} {share:>8.2}");
        }
        table
    }

    /// The differences by kind, the most frequent first, each with its first `examples`.
    pub fn report(&self, examples: usize) -> String {
        let mut kinds: BTreeMap<(&str, &str), Vec<&Difference>> = BTreeMap::new();
        for difference in &self.differences {
            kinds.entry((difference.feature, &difference.kind)).or_default().push(difference);
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, found)| std::cmp::Reverse(found.len()));
        let mut report = String::new();
        for ((feature, kind), found) in kinds {
            let _ = writeln!(report, "{} x {feature}: {kind}", found.len());
            for Difference { place, detail, .. } in found.iter().take(examples) {
                let detail: String = detail.chars().take(300).collect();
                let _ = writeln!(report, "    {place}: {detail}");
            }
        }
        report
    }
}

/// Texts that differ only in addresses and sizes are of one kind.
fn without_numbers(text: &str) -> String {
    let mut kind = String::new();
    for character in text.chars().take(120) {
        if !character.is_ascii_digit() {
            kind.push(character);
        } else if !kind.ends_with('N') {
            kind.push('N');
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_groups_by_kind_and_puts_the_frequent_first() {
        let mut tally = Tally::default();
        tally.count("shape", "a:/x", Outcome::Right);
        tally.count("shape", "a:/y", Outcome::Wrong("differs".into(), "[1] instead of [2]".into()));
        for path in ["a:/1", "a:/2"] {
            let refused = Outcome::Refused("malformed_file".into(), format!("at address {path}"));
            tally.count("objects", path, refused);
        }
        assert_eq!(tally.shares()["shape"], 50.0);
        let report = tally.report(1);
        assert!(report.starts_with("2 x objects: malformed_file: at address a:/N\n"), "{report}");
        assert!(report.ends_with("1 x shape: differs\n    a:/y: [1] instead of [2]\n"), "{report}");
        assert!(!tally.all_right(|feature| feature == "shape"));
    }
}
