//! What is known about a request when its policies are read.

use std::collections::HashMap;

use jiff::Timestamp;

/// Condition keys and their values. The case of a key doesn't count.
#[derive(Debug, Clone, Default)]
pub(in crate::simulator) struct Context {
    values: HashMap<String, Vec<String>>,
}

impl Context {
    /// Returns the keys that every request has: when it comes, that it comes over TLS and from no service of AWS.
    pub(in crate::simulator) fn at(now: Timestamp) -> Self {
        Self::default()
            .with("aws:CurrentTime", &now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
            .with("aws:EpochTime", &now.as_second().to_string())
            .with("aws:SecureTransport", "true")
            .with("aws:ViaAWSService", "false")
            .with("aws:PrincipalIsAWSService", "false")
    }

    #[must_use]
    pub(in crate::simulator) fn with(self, key: &str, value: &str) -> Self {
        self.with_all(key, [value.to_owned()])
    }

    /// Sets a key that may have several values; without any the request lacks the key.
    #[must_use]
    pub(in crate::simulator) fn with_all(mut self, key: &str, values: impl IntoIterator<Item = String>) -> Self {
        let values: Vec<String> = values.into_iter().collect();
        if !values.is_empty() {
            self.values.insert(key.to_lowercase(), values);
        }
        self
    }

    /// Sets a key for each tag, such as `aws:ResourceTag/team`.
    #[must_use]
    pub(in crate::simulator) fn with_tags(self, kind: &str, tags: &[(String, String)]) -> Self {
        tags.iter().fold(self, |context, (key, value)| {
            context.with(&format!("{kind}/{key}"), value)
        })
    }

    /// Adds all that another one holds.
    #[must_use]
    pub(in crate::simulator) fn and(mut self, other: Self) -> Self {
        self.values.extend(other.values);
        self
    }

    pub(in crate::simulator) fn values(&self, key: &str) -> Option<&[String]> {
        self.values.get(&key.to_lowercase()).map(Vec::as_slice)
    }
}
