//! AWS's policy language: what IAM and KMS accept, and what it means.
//!
//! `document` reads the text, `grammar` holds what each kind of policy must look like when it is written, `context` is
//! what is known about a request, `conditions` and `evaluation` say what a policy decides. Documents are kept by their
//! owners as the text that was sent.

mod conditions;
mod context;
mod document;
mod evaluation;
#[cfg(test)]
mod examples;
mod grammar;
mod pattern;

pub(super) use context::Context;
pub(super) use document::Document;
pub(super) use evaluation::{
    Caller, KeyRules, Origin, Policies, Question, Ruling, act, assume_role, enter_role, use_key,
};
pub(super) use grammar::{Kind, Malformed, accept, size_without_space};
