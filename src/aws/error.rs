//! What went wrong with one call.

use std::error::Error as StdError;
use std::sync::Arc;

use aws_config::meta::ProviderChainError;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::operation::RequestId;

use super::Aws;
use super::settings::SignIn;

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The service answered with an error of this HTTP status.
    Answered(u16),
    /// There are no credentials: nothing is configured, as far as was looked.
    NoCredentials,
    /// There are credentials configured, and they couldn't be had: an expired sign-in, a role that can't be assumed.
    Credentials,
    /// There was no connection: nothing was sent.
    Unreachable,
    /// The request was on its way and no whole answer came.
    Cut,
    /// An answer came that isn't what the service answers.
    Unreadable,
    /// The request couldn't be made.
    Unsent,
}

/// One call to AWS that failed, after the repetitions that make sense.
#[derive(Clone, Debug)]
pub struct Error {
    /// `IAM`, `KMS` or `STS`.
    pub service: &'static str,
    /// The API's operation: `CreateKey`.
    pub operation: &'static str,
    /// How far it came.
    pub kind: ErrorKind,
    /// AWS's ID of the request, which its support asks for.
    pub request_id: Option<Box<str>>,
    pub(super) code: Option<Box<str>>,
    pub(super) message: Option<Box<str>>,
    /// What is behind it, outermost first.
    pub(super) causes: Box<[String]>,
    /// How to get fresh credentials.
    pub(super) sign_in: Arc<SignIn>,
}

impl Error {
    /// Returns the service's own error code, as it came.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Returns the service's own words.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Returns whether the service answered with this code.
    pub fn is(&self, code: &str) -> bool {
        self.code() == Some(code)
    }

    /// Returns whether it isn't allowed, whichever of its names the service has for that.
    pub fn is_denied(&self) -> bool {
        matches!(self.code(), Some("AccessDenied" | "AccessDeniedException"))
    }

    /// Returns whether the operator's sign-in has run out: the same call goes through after a new one.
    pub fn is_signed_out(&self) -> bool {
        let expired = matches!(self.code(), Some("ExpiredToken" | "ExpiredTokenException"));
        expired || (self.kind == ErrorKind::Credentials && matches!(*self.sign_in, SignIn::Sso { .. }))
    }

    /// Returns whether it is too much at once: nothing was done.
    pub fn is_throttled(&self) -> bool {
        matches!(
            self.code(),
            Some(
                "Throttling"
                    | "ThrottlingException"
                    | "ThrottledException"
                    | "TooManyRequestsException"
                    | "RequestLimitExceeded"
            )
        )
    }

    /// Returns whether what was asked for may have been done all the same: sent, and no answer that says no.
    pub fn may_have_happened(&self) -> bool {
        match self.kind {
            ErrorKind::Cut | ErrorKind::Unreadable => true,
            ErrorKind::Answered(status) => status >= 500 && !self.is_throttled(),
            ErrorKind::NoCredentials | ErrorKind::Credentials | ErrorKind::Unreachable | ErrorKind::Unsent => false,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AWS {} {}: ", self.service, self.operation)?;
        match (self.code(), self.message()) {
            (Some(code), Some(message)) => write!(f, "{code}: {message}"),
            (Some(text), None) | (None, Some(text)) => f.write_str(text),
            (None, None) => f.write_str(self.causes.last().map_or("no answer", String::as_str)),
        }
    }
}

impl StdError for Error {}

impl Aws {
    /// Returns what turns the SDK's error of one operation into ours.
    pub(super) fn failed<E>(&self, service: &'static str, operation: &'static str) -> impl Fn(SdkError<E>) -> Error
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let sign_in = Arc::clone(&self.sign_in);
        move |error| read(service, operation, &error, Arc::clone(&sign_in))
    }

    /// Returns the error of an answer that lacks or garbles what it must have.
    pub(super) fn unreadable(&self, service: &'static str, operation: &'static str, why: impl Into<String>) -> Error {
        Error {
            service,
            operation,
            kind: ErrorKind::Unreadable,
            request_id: None,
            code: None,
            message: None,
            causes: Box::new([why.into()]),
            sign_in: Arc::clone(&self.sign_in),
        }
    }
}

fn read<E>(service: &'static str, operation: &'static str, error: &SdkError<E>, sign_in: Arc<SignIn>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let chain = || sources(Some(error));
    let credentials = chain().find_map(|error| error.downcast_ref::<CredentialsError>());
    // What the SDK's own wrapper says ("dispatch failure") helps nobody: its sources do.
    let mut causes = texts(error.source());
    let kind = if let Some(credentials) = credentials {
        causes = match tried(credentials) {
            Some(tried) => vec![tried],
            None => texts(credentials.source()),
        };
        match credentials {
            CredentialsError::CredentialsNotLoaded(_) => ErrorKind::NoCredentials,
            _ => ErrorKind::Credentials,
        }
    } else {
        match error {
            SdkError::ConstructionFailure(_) => ErrorKind::Unsent,
            SdkError::DispatchFailure(_) if chain().any(never_connected) => ErrorKind::Unreachable,
            SdkError::DispatchFailure(failure) if failure.is_user() => ErrorKind::Unsent,
            SdkError::ResponseError(_) => ErrorKind::Unreadable,
            SdkError::ServiceError(answer) => match answer.raw().status().as_u16() {
                // A good answer that can't be read, which the SDK takes for an error of the service.
                200..300 => ErrorKind::Unreadable,
                status => ErrorKind::Answered(status),
            },
            // Timed out, or the connection broke.
            _ => ErrorKind::Cut,
        }
    };
    // What the SDK's parser says about somebody else's page helps nobody.
    let garbled = matches!(kind, ErrorKind::Answered(_) | ErrorKind::Unreadable);
    if error.code().is_some() || garbled {
        causes.clear();
    }
    Error {
        service,
        operation,
        kind,
        request_id: error.request_id().map(Box::from),
        code: error.code().map(Box::from),
        message: error.message().map(Box::from),
        causes: causes.into(),
        sign_in,
    }
}

fn never_connected(error: &(dyn StdError + 'static)) -> bool {
    error
        .downcast_ref::<hyper_util::client::legacy::Error>()
        .is_some_and(hyper_util::client::legacy::Error::is_connect)
}

/// Returns an error and what is behind it, outermost first.
fn sources<'a>(error: Option<&'a (dyn StdError + 'static)>) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error, |&error| error.source())
}

/// Returns the texts of an error and its sources, each once.
fn texts(error: Option<&(dyn StdError + 'static)>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for error in sources(error) {
        let text = error.to_string();
        // Wrappers that say nothing of their own, and those that repeat what they wrap.
        if text.is_empty()
            || matches!(
                text.as_str(),
                "io error" | "timeout" | "other" | "user error" | "unhandled error"
            )
        {
            continue;
        }
        texts.retain(|outer| !outer.contains(&text));
        texts.push(text);
    }
    texts
}

/// Says where credentials were looked for, if that is all that is known.
fn tried(error: &CredentialsError) -> Option<String> {
    let chain = error.source()?.downcast_ref::<ProviderChainError<CredentialsError>>()?;
    let places: Vec<&str> = chain
        .attempts()
        .iter()
        .map(aws_config::meta::ProviderAttempt::name)
        .collect();
    Some(format!("looked in: {}", places.join(", ")))
}
