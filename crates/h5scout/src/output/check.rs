//! The report of a check, for a person.

use std::borrow::Cow;
use std::io::{self, Write};

use explorer::answers::{
    CheckAnswer, Cost, Counts, DanglingLink, DatasetsFound, FileMetadata, Flaw, Rating,
    Suitability, Verdict,
};
use explorer::size_text;

use super::{Table, escaped};

/// Flaws of a kind that are shown; `--json` lists more.
const SHOWN_MAX: usize = 20;

/// Characters of a line, where there is a choice.
const LINE_CHARS: usize = 80;

/// Writes the report.
///
/// # Errors
///
/// Those of `out`.
pub(crate) fn write_check(out: &mut impl Write, answer: &CheckAnswer) -> io::Result<()> {
    let verdict = match answer.verdict {
        Verdict::Sound => "sound",
        Verdict::Damaged => "damaged",
        Verdict::Partial => "not damaged as far as it was read",
    };
    writeln!(out, "{}: {verdict}", escaped(&answer.key))?;
    if let Some(partial) = &answer.partial {
        write_wrapped(out, "  ", &format!("not all was read: {}", escaped(partial)))?;
    }
    if let Some(file) = &answer.file {
        writeln!(out)?;
        inventory(answer, file).write(out)?;
        writeln!(out)?;
        costs(answer).write(out)?;
    }
    if let Some(suitability) = &answer.suitability {
        writeln!(out)?;
        write_suitability(out, suitability)?;
    }
    let flaws = |listed: &[Flaw]| listed.iter().take(SHOWN_MAX).map(flaw_text).collect();
    write_list(out, "damaged", answer.damage.count, flaws(&answer.damage.listed))?;
    write_list(out, "not supported", answer.unsupported.count, flaws(&answer.unsupported.listed))?;
    let dangling = answer.dangling_links.listed.iter().take(SHOWN_MAX).map(dangling_text);
    write_list(out, "dangling soft links", answer.dangling_links.count, dangling.collect())
}

/// What the file consists of.
fn inventory(answer: &CheckAnswer, file: &FileMetadata) -> Lines {
    let mut lines = Lines::default();
    lines.add("file", file_text(file));
    if file.open_for_writing {
        lines.add("", "flagged as open: a writer may be in the middle of a change".to_owned());
    }
    if answer.missing_bytes > 0 {
        lines.add("", format!("{} are missing at its end", size_text(answer.missing_bytes)));
    }
    let groups = &answer.groups;
    lines.add("groups", counted(groups.count, &groups.storage));
    lines.add("", format!("{} levels, at most {} links", groups.levels, groups.most_links));
    lines.add("links", counted(answer.links.count, &answer.links.kinds));
    dataset_lines(&mut lines, &answer.datasets);
    if answer.committed_datatypes > 0 {
        lines.add("datatypes", format!("{} committed", answer.committed_datatypes));
    }
    let attributes = &answer.attributes;
    lines.add("attributes", counted(attributes.count, &attributes.storage));
    lines.add("  of type", list(&attributes.datatypes));
    if let Some(largest) = &attributes.largest {
        let (path, name) = (escaped(&largest.path), escaped(&largest.name));
        lines.add("  largest", format!("{}, {name} of {path}", size_text(largest.size)));
    }
    lines
}

fn dataset_lines(lines: &mut Lines, datasets: &DatasetsFound) {
    lines.add("datasets", counted(datasets.count, &datasets.layouts));
    lines.add("  of type", list(&datasets.datatypes));
    lines.add("  chunk index", list(&datasets.chunk_indexes));
    lines.add("  filters", list(&datasets.filters));
    lines.add("  stored", size_text(datasets.stored_bytes));
    if let Some(chunks) = &datasets.chunks {
        let text = format!("{} in {}", size_text(chunks.stored_bytes), chunks.count);
        lines.add("  chunks", text);
    }
}

fn file_text(file: &FileMetadata) -> String {
    let mut parts =
        vec![size_text(file.size), format!("superblock version {}", file.superblock_version)];
    if (file.offset_size, file.length_size) != (8, 8) {
        let widths = format!("addresses of {}, lengths of {}", file.offset_size, file.length_size);
        parts.push(format!("{widths} bytes"));
    }
    if file.userblock > 0 {
        parts.push(format!("user block of {}", size_text(file.userblock)));
    }
    parts.extend(file.space_strategy.map(|strategy| format!("space {strategy}")));
    parts.extend(file.page_size.map(|bytes| format!("pages of {}", size_text(bytes))));
    parts.join(", ")
}

/// Names and what they are. What is empty is left out.
#[derive(Default)]
struct Lines(Vec<(&'static str, String)>);

impl Lines {
    fn add(&mut self, name: &'static str, value: String) {
        if !value.is_empty() {
            self.0.push((name, value));
        }
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &self.0 {
            write_wrapped(out, &format!("{name:width$}  "), value)?;
        }
        Ok(())
    }
}

/// What the walk cost, a row for each part.
fn costs(answer: &CheckAnswer) -> Table {
    let mut table = Table::default();
    table.push(["cost", "round trips", "requests", "bytes", "ranges"].map(str::to_owned));
    for (name, cost) in [
        ("listing the tree", &answer.cost.listing),
        ("soft links", &answer.cost.soft_links),
        ("attributes", &answer.cost.attributes),
        ("chunk indexes", &answer.cost.storage),
    ] {
        let Cost { round_trips, requests, bytes, ranges, .. } = cost;
        let cells = [round_trips.to_string(), requests.to_string(), size_text(*bytes)];
        let name = [format!("  {name}")];
        table.push(name.into_iter().chain(cells).chain([ranges.to_string()]));
    }
    table
}

fn write_suitability(out: &mut impl Write, suitability: &Suitability) -> io::Result<()> {
    writeln!(out, "object storage: {}", rating_text(suitability.rating))?;
    for remark in &suitability.remarks {
        let start = format!("  {}  ", rating_text(remark.rating));
        write_wrapped(out, &start, &escaped(&remark.finding))?;
        if let Some(advice) = &remark.advice {
            write_wrapped(out, "        ", &format!("→ {advice}"))?;
        }
    }
    Ok(())
}

fn rating_text(rating: Rating) -> &'static str {
    match rating {
        Rating::Good => "good",
        Rating::Fair => "fair",
        Rating::Poor => "poor",
    }
}

fn write_list(
    out: &mut impl Write,
    title: &str,
    count: u64,
    listed: Vec<String>,
) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "\n{title}: {count}")?;
    for text in &listed {
        write_wrapped(out, "  ", text)?;
    }
    let more = count.saturating_sub(listed.len() as u64);
    if more > 0 {
        writeln!(out, "  and {more} more; --json lists the first 1000")?;
    }
    Ok(())
}

fn flaw_text(flaw: &Flaw) -> String {
    let mut text = escaped(&flaw.path).into_owned();
    if let Some(attribute) = &flaw.attribute {
        text.push_str(&format!(" attribute {}", escaped(attribute)));
    }
    if let (Some(structure), Some(address)) = (flaw.structure, flaw.address) {
        text.push_str(&format!(": {structure} at address {address}"));
    }
    format!("{text}: {}", escaped(&flaw.detail))
}

fn dangling_text(link: &DanglingLink) -> String {
    let target = shortened(&link.target);
    format!("{} -> {}, {}", escaped(&link.path), escaped(&target), escaped(&link.reason))
}

/// The beginning of a text that may be long.
fn shortened(text: &str) -> Cow<'_, str> {
    const CHARS_MAX: usize = 60;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

/// `7: 5 compact, 2 dense`.
fn counted(count: u64, counts: &Counts) -> String {
    match list(counts) {
        kinds if kinds.is_empty() => count.to_string(),
        kinds => format!("{count}: {kinds}"),
    }
}

/// `5 compact, 2 dense`.
fn list(counts: &Counts) -> String {
    let kinds: Vec<String> =
        counts.iter().map(|(name, count)| format!("{count} {}", escaped(name))).collect();
    kinds.join(", ")
}

/// Writes `text` behind `start`, in lines of [`LINE_CHARS`] that begin under it. Words are not cut,
/// however long.
fn write_wrapped(out: &mut impl Write, start: &str, text: &str) -> io::Result<()> {
    let indent = start.chars().count();
    let mut line = start.to_owned();
    let mut length = indent;
    for word in text.split(' ') {
        let word_chars = word.chars().count();
        if length > indent && length + 1 + word_chars > LINE_CHARS {
            writeln!(out, "{line}")?;
            line = " ".repeat(indent);
            length = indent;
        }
        if length > indent {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_chars;
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_go_on_under_their_beginning() {
        let mut out = Vec::new();
        let text = "word ".repeat(20);
        write_wrapped(&mut out, "  good  ", text.trim_end()).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with("  good  word") && lines[0].len() <= LINE_CHARS);
        assert!(lines[1].starts_with("        word word"));
    }

    #[test]
    fn a_flaw_says_where_it_is() {
        let flaw = Flaw {
            path: "/x".to_owned(),
            attribute: Some("units".to_owned()),
            structure: Some("global heap collection"),
            address: Some(800),
            detail: "no signature".to_owned(),
        };
        let expected = "/x attribute units: global heap collection at address 800: no signature";
        assert_eq!(flaw_text(&flaw), expected);
    }

    #[test]
    fn long_targets_are_shortened() {
        assert_eq!(shortened("/entry"), "/entry");
        assert_eq!(shortened(&"ä".repeat(61)), format!("{}…", "ä".repeat(60)));
    }

    #[test]
    fn kinds_stand_behind_their_number() {
        let kinds = Counts::from([("dense".to_owned(), 2), ("compact".to_owned(), 5)]);
        assert_eq!(counted(7, &kinds), "7: 5 compact, 2 dense");
        assert_eq!(counted(0, &Counts::new()), "0");
    }
}
