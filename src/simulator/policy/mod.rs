//! AWS's policy language: what IAM and KMS accept, and what it means.
//!
//! `document` reads the text, `grammar` holds what each kind of policy must look like when it is written, `conditions`
//! and `evaluation` say what a policy decides. Documents are kept by their owners as the text that was sent.

mod conditions;
mod document;
mod evaluation;
mod grammar;
mod pattern;

pub(super) use conditions::Context;
pub(super) use document::Document;
pub(super) use evaluation::{Caller, Question, Ruling, assume_role, use_key};
pub(super) use grammar::{Kind, Malformed, accept, size_without_space};
