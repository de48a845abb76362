//! The AWS clients: thin over the SDK.
