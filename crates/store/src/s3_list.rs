//! S3's `ListObjectsV2`: the question and its answer.
//!
//! Pages follow each other by `start-after`, not by continuation tokens: a key is a cursor that
//! does not expire and that a client can keep.

use byte_source::SourceErrorKind;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::backend::Fault;
use crate::list::{Entry, ListQuery, Page};
use crate::wire;

/// The URL that asks for `query` below the store's `root` prefix.
pub(crate) fn url(bucket_url: &str, root: &str, query: &ListQuery) -> String {
    let limit = query.limit.to_string();
    let prefix = format!("{root}{}", query.prefix);
    let start_after = query.after.as_deref().map(|after| start_after(root, query, after));
    let mut pairs = vec![
        ("encoding-type", "url"),
        ("list-type", "2"),
        ("max-keys", limit.as_str()),
        ("prefix", prefix.as_str()),
    ];
    if query.folders {
        pairs.push(("delimiter", "/"));
    }
    if let Some(start_after) = &start_after {
        pairs.push(("start-after", start_after));
    }
    format!("{bucket_url}/?{}", wire::query(&pairs))
}

/// Behind a folder means behind all that is in it: S3 would give the folder of the next key in it
/// again. No key in it is greater than the folder followed by the greatest character.
fn start_after(root: &str, query: &ListQuery, after: &str) -> String {
    let is_folder = query.folders && after.ends_with('/') && after.len() > query.prefix.len();
    let last = if is_folder { "\u{10ffff}" } else { "" };
    format!("{root}{after}{last}")
}

/// The page that `body` holds.
pub(crate) fn page(body: &[u8], root: &str, query: &ListQuery) -> Result<Page, Fault> {
    let broken = |detail: String| {
        Fault::passing(SourceErrorKind::Failed, format!("a listing we cannot read: {detail}"))
    };
    // The library takes any document, and a foreign one would be a listing without keys.
    if !body.get(..ROOT_WITHIN_BYTES).unwrap_or(body).windows(ROOT.len()).any(|at| at == ROOT) {
        return Err(broken(format!("no {}", String::from_utf8_lossy(ROOT))));
    }
    let result: ListBucketResult =
        quick_xml::de::from_reader(body).map_err(|error| broken(error.to_string()))?;
    let names = Names { root, is_encoded: result.encoding_type.as_deref() == Some("url") };
    let mut page = Page { body_bytes: body.len() as u64, ..Page::default() };
    let mut last: Option<String> = None;
    for object in result.contents {
        let Some(key) = names.relative(&object.key) else { continue };
        last = last.max(Some(key.clone()));
        if !Page::is_marker(&key, object.size) {
            page.entries.push(object.entry(key).map_err(broken)?);
        }
    }
    for folder in result.common_prefixes {
        let Some(folder) = names.relative(&folder.prefix) else { continue };
        last = last.max(Some(folder.clone()));
        if query.after.as_ref().is_none_or(|after| folder > *after) {
            page.folders.push(folder);
        }
    }
    if result.is_truncated {
        if last <= query.after {
            return Err(broken("it says that there is more, and gives nothing".to_owned()));
        }
        page.next = last;
    }
    Ok(page)
}

const ROOT: &[u8] = b"ListBucketResult";

/// Before it stands only the declaration of XML.
const ROOT_WITHIN_BYTES: usize = 1024;

/// How names in an answer are to be read.
struct Names<'a> {
    root: &'a str,
    is_encoded: bool,
}

impl Names<'_> {
    /// Relative to the root. `None` for what is not below it, and for the root's own marker; for
    /// names that are not UTF-8, which the interface of S3 rules out.
    fn relative(&self, name: &str) -> Option<String> {
        let name = if self.is_encoded {
            // As forms are encoded: `+` is a space.
            let spaced = name.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8().ok()?.into_owned()
        } else {
            name.to_owned()
        };
        let relative = name.strip_prefix(self.root)?;
        (!relative.is_empty()).then(|| relative.to_owned())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListBucketResult {
    encoding_type: Option<String>,
    #[serde(default)]
    is_truncated: bool,
    #[serde(default)]
    contents: Vec<Contents>,
    #[serde(default)]
    common_prefixes: Vec<CommonPrefix>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contents {
    key: String,
    last_modified: String,
    #[serde(rename = "ETag")]
    etag: Option<String>,
    size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CommonPrefix {
    prefix: String,
}

impl Contents {
    fn entry(&self, key: String) -> Result<Entry, String> {
        let last_modified = self.last_modified.parse().map_err(|error| format!("{error}"));
        Ok(Entry {
            key,
            size_bytes: self.size,
            last_modified: last_modified?,
            etag: self.etag.as_deref().map(wire::bare_tag),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(prefix: &str, folders: bool, after: Option<&str>) -> ListQuery {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        ListQuery { prefix, folders, after, limit: 1000 }
    }

    fn answer(inside: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <Name>b</Name><EncodingType>url</EncodingType>{inside}</ListBucketResult>"#
        )
    }

    fn object(key: &str, size: u64) -> String {
        format!(
            "<Contents><Key>{key}</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>\
             <ETag>&quot;e&quot;</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        )
    }

    #[test]
    fn the_question_is_encoded() {
        let query = query("a b/", false, Some("a b/ü&"));
        assert_eq!(
            url("http://h/b", "root/", &query),
            "http://h/b/?encoding-type=url&list-type=2&max-keys=1000&prefix=root%2Fa%20b%2F\
             &start-after=root%2Fa%20b%2F%C3%BC%26"
        );
    }

    #[test]
    fn behind_a_folder_is_behind_all_that_is_in_it() {
        let after =
            |prefix, folders, after: &str| start_after("", &query(prefix, folders, None), after);
        assert_eq!(after("", true, "runs/"), "runs/\u{10ffff}");
        assert_eq!(after("", false, "runs/"), "runs/");
        assert_eq!(after("runs/", true, "runs/"), "runs/", "the marker of the prefix itself");
        assert_eq!(after("", true, "a.h5"), "a.h5");
    }

    #[test]
    fn odd_keys_are_decoded_and_markers_left_out() {
        let body = answer(&format!(
            "<IsTruncated>false</IsTruncated>{}{}<CommonPrefixes><Prefix>r/x%2By/</Prefix>\
             </CommonPrefixes>{}{}{}",
            object("r/", 0),
            object("r/a%2F%2Fb+c%25.h5", 5),
            object("r/dir/", 0),
            object("r/full/", 1),
            object("r/%01", 0),
        ));
        let page = page(body.as_bytes(), "r/", &query("", true, None)).unwrap();
        let keys: Vec<_> = page.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["a//b c%.h5", "full/", "\u{1}"]);
        assert_eq!(page.folders, ["x+y/"]);
        assert_eq!(page.next, None);
        let first = &page.entries[0];
        assert_eq!((first.etag.as_deref(), first.size_bytes), (Some("e"), 5));
        assert_eq!(first.last_modified.as_millisecond() % 1000, 678);
    }

    #[test]
    fn the_next_page_starts_behind_the_greatest_name() {
        let truncated = "<IsTruncated>true</IsTruncated>";
        let folder = "<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>";
        let body = answer(&format!("{truncated}{}{folder}", object("a", 1)));
        let query = query("", true, Some("a"));
        assert_eq!(page(body.as_bytes(), "", &query).unwrap().next.as_deref(), Some("b/"));
        assert!(page(answer(truncated).as_bytes(), "", &query).is_err());
        assert!(page(b"<html>", "", &query).is_err());
        assert!(page(b"<html></html>", "", &query).is_err());
    }
}
