//! When a sign-in through IAM Identity Center ended, by the cache that the AWS CLI and the SDKs share.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

/// What is read of a cached sign-in; the token itself isn't.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    start_url: String,
    expires_at: Timestamp,
}

/// Returns when the last sign-in at a start URL ended; `None` where it goes on, or where there was none.
///
/// A hint for people: what can't be read is passed over.
pub(super) async fn ended(home: &Path, start_url: &str, now: Timestamp) -> Option<Timestamp> {
    let mut files = tokio::fs::read_dir(home.join(".aws/sso/cache")).await.ok()?;
    let mut last = None;
    while let Ok(Some(file)) = files.next_entry().await {
        let Ok(text) = tokio::fs::read(file.path()).await else {
            continue;
        };
        if let Ok(found) = serde_json::from_slice::<SignedIn>(&text)
            && found.start_url.trim_end_matches('/') == start_url.trim_end_matches('/')
        {
            last = last.max(Some(found.expires_at));
        }
    }
    last.filter(|ends| *ends < now)
}
