//! `POST /events`: a bucket says what has changed in it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use explorer::answers::EventsAnswer;

use crate::access::Notifier;
use crate::answer::{Wishes, respond_once};
use crate::error::{ApiError, Code};
use crate::notification::Notification;
use crate::parameters::Parameters;
use crate::state::AppState;

pub(crate) const ROUTE: &str = "/events";

/// A thousand records with the longest keys; the one route whose body is read.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Forgets the files that the notification names.
pub(crate) async fn events(
    State(app): State<Arc<AppState>>,
    notifier: Notifier,
    parameters: Parameters,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    parameters.finish()?;
    let Notification { changes, unchanged } = Notification::of(&body.map_err(unread)?)?;
    let answer = app.explorer.forget_changed(&changes, notifier.scope());
    let EventsAnswer { records, ignored, .. } = answer;
    let answer =
        EventsAnswer { records: records + unchanged, ignored: ignored + unchanged, ..answer };
    let (objects, listings) = (answer.cleared.objects, answer.cleared.listings);
    tracing::info!(records = answer.records, ignored = answer.ignored, objects, listings, "events");
    respond_once(answer, &Wishes::default()).await
}

/// What is wrong with a body that did not come whole.
fn unread(rejection: BytesRejection) -> ApiError {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = format!("a notification may have {BODY_BYTES_MAX} bytes at most");
            ApiError::new(Code::PayloadTooLarge, detail)
        }
        _ => ApiError::new(Code::BadRequest, "the body ended too early"),
    }
}
