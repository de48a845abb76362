//! The one error for operators: what is wrong, where, and what to do next.

use serde::{Deserialize, Serialize};

/// How rustls begins what it says about a certificate; its error has no type that the HTTP clients pass on.
pub(crate) const BAD_CERTIFICATE: &str = "invalid peer certificate";
/// What to do about a certificate that this machine doesn't trust.
pub(crate) const TRUST: &str = "if a proxy of your network inspects TLS, add its certificate authority to the system's \
     trust store: atlas-cmk trusts what the system trusts";

/// What a [`Problem`] means for the run and for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A value that the operator gave is wrong: an option, a variable, a line of a file (exit code 2).
    Input,
    /// The world isn't ready for what is asked: a prerequisite fails (exit code 3).
    Prerequisite,
    /// The operator's sign-in has run out: the same goes on after a new one (exit code 3).
    SignIn,
    /// The world has moved since the plan was saved (exit code 5).
    Stale,
    /// A service refused or couldn't be reached (exit code 1).
    Service,
    /// The operator stopped it (exit code 130).
    Interrupted,
    /// A fault of this program (exit code 1).
    Internal,
}

/// One thing that is wrong, in the operator's words.
///
/// `Display` gives the message alone; whoever prints for people uses `cli::output`, which adds place, hints and
/// causes. All text is plain: foreign words in it are made safe where they are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What it means for the run.
    pub kind: Kind,
    /// What is wrong, one sentence.
    pub message: String,
    /// Where: a file and line, an option, a request (`PATCH …/encryptionAtRest`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
    /// The service's own error code, as it came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<String>,
    /// What to do next, most useful first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub hints: Vec<String>,
    /// Causes, outermost first, each its own part only.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub causes: Vec<String>,
}

impl Problem {
    /// Returns a problem of a kind with its message.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            place: None,
            code: None,
            hints: Vec::new(),
            causes: Vec::new(),
        }
    }

    /// Returns a problem with what the operator gave.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    /// Returns a problem with the state of the world before a change.
    pub fn prerequisite(message: impl Into<String>) -> Self {
        Self::new(Kind::Prerequisite, message)
    }

    /// Returns a problem that a service reported or caused.
    pub fn service(message: impl Into<String>) -> Self {
        Self::new(Kind::Service, message)
    }

    /// Returns a fault of this program.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }

    /// Returns whether another problem is the same one met at another place.
    pub fn is_same_elsewhere(&self, other: &Self) -> bool {
        let same_words = self.message == other.message && self.causes == other.causes;
        same_words && self.kind == other.kind && self.code == other.code
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Names the service's error code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds one thing to do next, unless it's there already.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
        self
    }

    /// Adds an error and its chain of sources as causes.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            let text = error.to_string();
            if self.causes.last() != Some(&text) {
                self.causes.push(text);
            }
            next = error.source();
        }
        self
    }
}
