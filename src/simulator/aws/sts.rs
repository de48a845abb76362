//! STS: who the operator is.

use super::super::world::Identity;
use super::failure::Failure;
use super::xml::Xml;

pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

pub(super) fn carry_out(identity: &Identity, action: &str) -> Result<Option<Xml>, Failure> {
    match action {
        // Nothing can forbid this one.
        "GetCallerIdentity" => Ok(Some(
            Xml::default()
                .text("Arn", &identity.arn)
                .text("UserId", &identity.id)
                .text("Account", &identity.account),
        )),
        _ => Err(Failure::unknown_action(action)),
    }
}
