//! Selections as NumPy writes them: `0:10:2,5,:`.

use std::fmt;

use h5range::{Hyperslab, Span};

use crate::error::{ExplorerError, Result};

/// HDF5 has up to 32 dimensions; an ellipsis may stand for none.
const MEMBERS_MAX: usize = 33;

const PARAMETER: &str = "selection";

/// Which elements of a dataset are wanted, whatever its shape is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Selection {
    members: Vec<Member>,
}

/// What is selected along one dimension, or along some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Member {
    /// One index; the dimension goes.
    Index(i64),
    /// Indices from `start` up to `stop`.
    Range { start: Option<i64>, stop: Option<i64>, step: u64 },
    /// Whole dimensions, as many as there are more than other members.
    Ellipsis,
}

const WHOLE: Member = Member::Range { start: None, stop: None, step: 1 };

/// A selection of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) slab: Hyperslab,
    /// The shape of what is selected: without the dimensions of which one index was asked for.
    pub(crate) shape: Vec<u64>,
    /// The dimensions that this shape has.
    pub(crate) dimensions: Vec<usize>,
}

impl Selection {
    /// Reads a selection: one member for each dimension, between commas. A member is an index, or
    /// `start:stop:step`, of which each may be left out; negative numbers count from the end, and
    /// `...` stands for all dimensions that no other member is for. Nothing selects everything.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |problem: String| ExplorerError::bad_request(PARAMETER, problem);
        // Python writes selections between brackets, and the empty one as ().
        let inner = text.trim();
        let inner = bracketed(inner, '[', ']').or_else(|| bracketed(inner, '(', ')'));
        let inner = inner.unwrap_or(text).trim();
        let inner = inner.strip_suffix(',').unwrap_or(inner);
        if inner.is_empty() {
            return Ok(Self::default());
        }
        let mut members = Vec::new();
        for member in inner.split(',').map(str::trim) {
            if members.len() >= MEMBERS_MAX {
                return Err(wrong(format!("it has more than {MEMBERS_MAX} members")));
            }
            members.push(Member::parse(member).map_err(|problem| {
                wrong(format!("{problem} in {text:?}; a member is 5, 0:10:2, : or ..."))
            })?);
        }
        if members.iter().filter(|member| **member == Member::Ellipsis).count() > 1 {
            return Err(wrong("it has more than one ...".to_owned()));
        }
        // At the end it says nothing.
        if members.last() == Some(&Member::Ellipsis) {
            members.pop();
        }
        Ok(Self { members })
    }

    /// What it selects of a dataset of this `shape`.
    ///
    /// # Errors
    ///
    /// When it has too many members for the shape, or an index that is not there.
    pub(crate) fn of(&self, shape: &[u64]) -> Result<Resolved> {
        let wrong = |problem: String| {
            let problem = format!("{problem}; the shape is {shape:?}");
            ExplorerError::bad_request(PARAMETER, problem)
        };
        let named = self.members.iter().filter(|member| **member != Member::Ellipsis).count();
        let Some(others) = shape.len().checked_sub(named) else {
            return Err(wrong(format!("{self} has {named} members")));
        };
        let mut members = Vec::new();
        for member in &self.members {
            match member {
                Member::Ellipsis => members.extend(std::iter::repeat_n(WHOLE, others)),
                member => members.push(*member),
            }
        }
        members.resize(shape.len(), WHOLE);
        let (mut spans, mut selected, mut dimensions) = (Vec::new(), Vec::new(), Vec::new());
        for (dimension, (member, &extent)) in members.into_iter().zip(shape).enumerate() {
            let span = member.span(extent).ok_or_else(|| {
                wrong(format!("index {member} is out of range along dimension {dimension}"))
            })?;
            if !matches!(member, Member::Index(_)) {
                selected.push(span.count);
                dimensions.push(dimension);
            }
            spans.push(span);
        }
        let slab = Hyperslab::new(spans, shape).map_err(|error| wrong(error.to_string()))?;
        Ok(Resolved { slab, shape: selected, dimensions })
    }
}

fn bracketed(text: &str, open: char, close: char) -> Option<&str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

impl Member {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "..." {
            return Ok(Self::Ellipsis);
        }
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        match parts.as_slice() {
            [index] => Ok(Self::Index(number(index)?)),
            [start, stop] => Self::range(start, stop, ""),
            [start, stop, step] => Self::range(start, stop, step),
            _ => Err(format!("{text:?} has more than two colons")),
        }
    }

    fn range(start: &str, stop: &str, step: &str) -> Result<Self, String> {
        let optional = |text: &str| match text {
            "" => Ok(None),
            text => number(text).map(Some),
        };
        let step = match optional(step)? {
            None => 1,
            Some(step) => u64::try_from(step)
                .ok()
                .filter(|&step| step > 0)
                .ok_or_else(|| format!("a step of {step}, which is not at least 1,"))?,
        };
        // From 0 is from the start.
        let start = optional(start)?.filter(|&start| start != 0);
        Ok(Self::Range { start, stop: optional(stop)?, step })
    }

    /// The indices; `None` for one that is not there.
    fn span(self, extent: u64) -> Option<Span> {
        match self {
            Self::Index(index) => {
                let start = match u64::try_from(index) {
                    Ok(index) => index,
                    Err(_) => extent.checked_sub(index.unsigned_abs())?,
                };
                (start < extent).then_some(Span { start, step: 1, count: 1 })
            }
            Self::Range { start, stop, step } => {
                let start = start.map_or(0, |start| clipped(start, extent));
                let stop = stop.map_or(extent, |stop| clipped(stop, extent));
                let count = stop.saturating_sub(start).div_ceil(step);
                // Of nothing, it does not matter where it starts.
                Some(if count == 0 {
                    Span { start: 0, step: 1, count }
                } else {
                    Span { start, step, count }
                })
            }
            Self::Ellipsis => None,
        }
    }
}

/// A place between elements, as NumPy reads it: from the end where it is negative, and not outside.
fn clipped(index: i64, extent: u64) -> u64 {
    match u64::try_from(index) {
        Ok(index) => index.min(extent),
        Err(_) => extent.saturating_sub(index.unsigned_abs()),
    }
}

fn number(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number { text.parse().ok() } else { None };
    number.ok_or_else(|| format!("{text:?}, which is no whole number of 64 bits,"))
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "{index}"),
            Self::Range { start, stop, step } => {
                start.map_or(Ok(()), |start| write!(f, "{start}"))?;
                f.write_str(":")?;
                stop.map_or(Ok(()), |stop| write!(f, "{stop}"))?;
                if *step == 1 { Ok(()) } else { write!(f, ":{step}") }
            }
            Self::Ellipsis => f.write_str("..."),
        }
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.members.is_empty() {
            return f.write_str("...");
        }
        for (place, member) in self.members.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{member}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str, shape: &[u64]) -> (String, Vec<u64>) {
        let Resolved { slab, shape, .. } = Selection::parse(text).unwrap().of(shape).unwrap();
        (slab.to_string(), shape)
    }

    fn problem(text: &str, shape: &[u64]) -> String {
        let selection = Selection::parse(text);
        selection.and_then(|selection| selection.of(shape)).unwrap_err().detail
    }

    #[test]
    fn members_are_those_of_numpy() {
        for (text, slab, shape) in [
            ("", "[0:6, 0:10]", &[6, 10][..]),
            ("...", "[0:6, 0:10]", &[6, 10]),
            (":", "[0:6, 0:10]", &[6, 10]),
            (" 2 , 3 ", "[2:3, 3:4]", &[]),
            ("-1", "[5:6, 0:10]", &[10]),
            ("...,0", "[0:6, 0:1]", &[6]),
            ("1:4", "[1:4, 0:10]", &[3, 10]),
            ("::2,1:9:3", "[0:5:2, 1:8:3]", &[3, 3]),
            ("-2:,:-8", "[4:6, 0:2]", &[2, 2]),
            ("4:99", "[4:6, 0:10]", &[2, 10]),
            ("-99:2", "[0:2, 0:10]", &[2, 10]),
            ("5:2", "[0:0, 0:10]", &[0, 10]),
            ("...,1:3,...,", "", &[]),
            ("0,...,0", "[0:1, 0:1]", &[]),
            ("[0,1]", "[0:1, 1:2]", &[]),
            ("0,0,...", "[0:1, 0:1]", &[]),
        ] {
            if slab.is_empty() {
                assert!(problem(text, &[6, 10]).contains("more than one ..."), "{text}");
                continue;
            }
            assert_eq!(resolved(text, &[6, 10]), (slab.to_owned(), shape.to_vec()), "{text}");
        }
        assert_eq!(resolved("()", &[]), ("[]".to_owned(), vec![]));
    }

    #[test]
    fn what_does_not_fit_is_said_with_the_shape() {
        let start = "parameter selection: ";
        for (text, wrong) in [
            ("6", "index 6 is out of range along dimension 0; the shape is [6, 10]"),
            ("0,-11", "index -11 is out of range along dimension 1; the shape is [6, 10]"),
            ("0,0,0", "0,0,0 has 3 members; the shape is [6, 10]"),
            (":,:,:", ":,:,: has 3 members; the shape is [6, 10]"),
            ("::0", "a step of 0, which is not at least 1, in \"::0\"; a member is"),
            ("::-1", "a step of -1, which is not at least 1, in \"::-1\""),
            ("a", "\"a\", which is no whole number of 64 bits, in \"a\""),
            ("1.5", "\"1.5\", which is no whole number"),
            ("0,,1", "\"\", which is no whole number"),
            ("+1", "\"+1\", which is no whole number"),
            (
                "99999999999999999999",
                "\"99999999999999999999\", which is no whole number of 64 bits",
            ),
            ("1:2:3:4", "\"1:2:3:4\" has more than two colons"),
        ] {
            let problem = problem(text, &[6, 10]);
            assert!(problem.starts_with(&format!("{start}{wrong}")), "{text}: {problem}");
        }
        assert!(problem(&"0,".repeat(40), &[1]).contains("more than 33 members"));
        assert!(problem("0", &[]).contains("0 has 1 members; the shape is []"));
        assert!(problem("0", &[0]).contains("out of range"));
    }

    #[test]
    fn selections_that_mean_the_same_are_equal() {
        let parse = |text| Selection::parse(text).unwrap();
        for (one, other) in
            [("", "..."), ("0:5,...", ":5"), ("1 ,2", "(1, 2)"), ("::1", ":"), ("3,...", "3,")]
        {
            assert_eq!(parse(one), parse(other), "{one} {other}");
        }
        assert_ne!(parse(":5"), parse("5"));
    }

    #[test]
    fn extreme_numbers_do_no_harm() {
        let extremes = [i64::MIN, -1, 0, 1, i64::MAX].map(|number| number.to_string());
        for extent in [0, 1, u64::MAX] {
            for start in &extremes {
                for stop in &extremes {
                    let text = format!("{start}:{stop}:{}", i64::MAX);
                    let resolved = Selection::parse(&text).unwrap().of(&[extent, extent]).unwrap();
                    assert!(resolved.slab.element_count().is_none_or(|_| true));
                }
                let _ = Selection::parse(start).unwrap().of(&[extent]);
            }
        }
    }
}
