//! STS: who the operator is.

use super::super::world::World;
use super::failure::Failure;
use super::xml::Xml;

pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

pub(super) fn carry_out(world: &World, action: &str) -> Result<Option<Xml>, Failure> {
    match action {
        "GetCallerIdentity" => Ok(Some(
            Xml::default()
                .text("Arn", &world.aws.caller_arn)
                .text("UserId", &world.aws.caller_id)
                .text("Account", &world.aws.account),
        )),
        _ => Err(Failure::unknown_action(action)),
    }
}
