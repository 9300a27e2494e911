//! What object stores send when objects change: JSON of a few shapes.
//!
//! - S3 and MinIO: `{"Records": [{"eventName", "s3": {"bucket": {"name"}, "object": {"key"}}}]}`,
//!   the key encoded as forms are.
//! - Amazon EventBridge: `{"detail": {"bucket": {"name"}, "object": {"key"}}}`, the key as it is.
//! - `{"Event": "s3:TestEvent"}`, with which S3 tries an address: nothing has changed.

use explorer::Change;
use serde::Deserialize;

use crate::error::{ApiError, Code};
use crate::key::percent_decode;

/// MinIO sends one at a time and S3 a few; more are no notification.
const RECORDS_MAX: usize = 1000;

/// What is said to have changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    pub(crate) changes: Vec<Change>,
    /// Records of what changes nothing, such as our own reads.
    pub(crate) unchanged: u64,
}

impl Notification {
    /// Reads `body`.
    ///
    /// # Errors
    ///
    /// 400 `bad_request` when it has none of the shapes, too many records, or a key that is not
    /// encoded as it should be.
    pub(crate) fn of(body: &[u8]) -> Result<Self, ApiError> {
        let sent: Sent =
            serde_json::from_slice(body).map_err(|error| refused(error.to_string()))?;
        match sent {
            Sent { records: Some(records), .. } => Self::of_records(records),
            Sent { detail: Some(object), .. } => {
                Ok(Self { changes: vec![object.change()], unchanged: 0 })
            }
            Sent { event: Some(event), .. } if event == "s3:TestEvent" => {
                Ok(Self { changes: Vec::new(), unchanged: 0 })
            }
            Sent { .. } => Err(refused("it has neither Records nor detail")),
        }
    }

    fn of_records(records: Vec<Record>) -> Result<Self, ApiError> {
        if records.len() > RECORDS_MAX {
            let detail = format!("it has {} records, and {RECORDS_MAX} are allowed", records.len());
            return Err(refused(detail));
        }
        let all = records.len();
        let changing = records.into_iter().filter(|record| !record.is_of_reading());
        let changes: Vec<Change> = changing.map(Record::change).collect::<Result<_, _>>()?;
        let unchanged = all.saturating_sub(changes.len()) as u64;
        Ok(Self { changes, unchanged })
    }
}

fn refused(problem: impl std::fmt::Display) -> ApiError {
    ApiError::new(Code::BadRequest, format!("the body is not a notification: {problem}"))
}

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "Records")]
    records: Option<Vec<Record>>,
    detail: Option<Named>,
    #[serde(rename = "Event")]
    event: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default)]
    event_name: String,
    s3: Named,
}

impl Record {
    /// MinIO can be told to notify of reads as well: ours would have it notify us without end.
    fn is_of_reading(&self) -> bool {
        self.event_name.contains("ObjectAccessed")
    }

    fn change(self) -> Result<Change, ApiError> {
        let Change { bucket, key } = self.s3.change();
        match percent_decode(&key.replace('+', " ")) {
            Ok(decoded) => Ok(Change { bucket, key: decoded.into_owned() }),
            Err(problem) => Err(refused(format_args!("the key {key:?}: {problem}"))),
        }
    }
}

#[derive(Deserialize)]
struct Named {
    bucket: Bucket,
    object: Object,
}

impl Named {
    fn change(self) -> Change {
        Change { bucket: self.bucket.name, key: self.object.key }
    }
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(body: &Value) -> Result<Notification, String> {
        Notification::of(body.to_string().as_bytes()).map_err(|error| error.detail)
    }

    fn record(event: &str, key: &str) -> Value {
        json!({
            "eventVersion": "2.0", "eventSource": "minio:s3", "eventName": event,
            "s3": {"bucket": {"name": "data", "arn": "arn:aws:s3:::data"},
                   "object": {"key": key, "size": 5, "eTag": "e", "sequencer": "1"}},
        })
    }

    fn change(key: &str) -> Change {
        Change { bucket: "data".to_owned(), key: key.to_owned() }
    }

    #[test]
    fn keys_of_records_are_encoded_as_forms() {
        let written = record("s3:ObjectCreated:Put", "a%2F%2Fb+c%2B%25.h5");
        let removed = record("s3:ObjectRemoved:Delete", "%C3%A4%2F%3F");
        let of_minio = json!({"EventName": "s3:ObjectCreated:Put", "Key": "data/a",
                              "Records": [written, removed]});
        let changes = vec![change("a//b c+%.h5"), change("ä/?")];
        assert_eq!(read(&of_minio).unwrap(), Notification { changes, unchanged: 0 });
    }

    #[test]
    fn keys_of_event_bridge_are_as_they_are() {
        let sent = json!({"version": "0", "detail-type": "Object Created", "source": "aws.s3",
                          "detail": {"version": "0", "bucket": {"name": "data"},
                                     "object": {"key": "a+b%20c.h5", "size": 5}}});
        let changes = vec![change("a+b%20c.h5")];
        assert_eq!(read(&sent).unwrap(), Notification { changes, unchanged: 0 });
    }

    #[test]
    fn what_changes_nothing_is_passed_over() {
        let reads = ["s3:ObjectAccessed:Get", "s3:ObjectAccessed:Head"];
        let reads = json!({"Records": reads.map(|event| record(event, "a"))});
        assert_eq!(read(&reads).unwrap(), Notification { changes: Vec::new(), unchanged: 2 });
        let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "data"});
        assert_eq!(read(&test).unwrap(), Notification { changes: Vec::new(), unchanged: 0 });
    }

    #[test]
    fn what_is_no_notification_is_refused() {
        let many: Vec<_> = (0..=RECORDS_MAX).map(|_| record("s3:ObjectCreated:Put", "a")).collect();
        for (body, problem) in [
            (json!([]), "invalid length 0"),
            (json!({}), "neither Records nor detail"),
            (json!({"Event": "other"}), "neither Records nor detail"),
            (json!({"Records": [{"eventName": "s3:ObjectCreated:Put"}]}), "missing field `s3`"),
            (json!({"Records": "many"}), "invalid type: string"),
            (json!({"detail": {"bucket": {"name": 5}}}), "invalid type: integer"),
            (
                json!({"Records": [record("s3:ObjectCreated:Put", "a%zz")]}),
                "two hexadecimal digits",
            ),
            (json!({"Records": [record("s3:ObjectCreated:Put", "a%ff")]}), "not UTF-8"),
            (json!({"Records": many}), "1001 records, and 1000 are allowed"),
        ] {
            let said = read(&body).unwrap_err();
            assert!(said.starts_with("the body is not a notification: "), "{said}");
            assert!(said.contains(problem), "{said}");
        }
        for broken in [&b"{"[..], b"", b"\xff", &b"[".repeat(10_000)] {
            assert!(Notification::of(broken).is_err());
        }
    }
}
