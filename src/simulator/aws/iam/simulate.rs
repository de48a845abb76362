//! `SimulatePrincipalPolicy`: what IAM says before anything is tried.
//!
//! It knows the policies that stand with a principal, and no policy of any resource.

use std::collections::BTreeSet;

use super::super::super::authorize::policies_of_role;
use super::super::super::policy::{Caller, Context, Document, Origin, Policies, Question, Ruling, act};
use super::super::super::world::IamRole;
use super::super::failure::Failure;
use super::super::rights::policies_of_identity;
use super::super::xml::Xml;
use super::{Call, paged};

pub(super) fn simulate(call: &Call<'_>) -> Result<Xml, Failure> {
    let source = call.form.required("PolicySourceArn")?;
    let actions = call.form.members("ActionNames");
    if actions.is_empty() {
        let constraint = "Member must not be null";
        return Err(Failure::constraint(
            "ValidationError",
            "null",
            "actionNames",
            constraint,
        ));
    }
    for action in &actions {
        let whole = action
            .split_once(':')
            .is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty());
        if !whole {
            let message = format!("Invalid Action: {action} must be in the form of service:action");
            return Err(Failure::bad_request("InvalidInput", message));
        }
    }
    let mut resources = call.form.members("ResourceArns");
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let policies = policies_of(call, source)?;
    let context = given_context(call);
    let caller = Caller {
        arn: source.to_owned(),
        session: None,
        account: call.identity.account.clone(),
    };
    let mut rows: Vec<(String, Xml)> = Vec::new();
    for action in &actions {
        for resource in &resources {
            let question = Question {
                caller: &caller,
                action,
                resource,
                context: &context,
            };
            rows.push((rows.len().to_string(), result(&policies, question)));
        }
    }
    let (shown, next) = call.page(&rows, |(number, _)| number)?;
    let list = Xml::default().list("EvaluationResults", shown.iter().map(|(_, row)| row.clone()));
    Ok(paged(list, next.as_deref()))
}

/// Finds the policies of the principal that is meant: a role, or the identity that somebody comes in with.
fn policies_of(call: &Call<'_>, source: &str) -> Result<Policies, Failure> {
    let aws = &call.world.aws;
    let parts: Vec<&str> = source.splitn(6, ':').collect();
    let name = match parts.as_slice() {
        ["arn", partition, "iam", "", account, name]
            if *partition == aws.partition && *account == call.identity.account =>
        {
            name
        }
        _ => {
            let message = format!("Invalid Entity Arn: {source} does not clearly define entity type and name.");
            return Err(Failure::bad_request("InvalidInput", message));
        }
    };
    let is_meant = |identity: &&_| aws.principal_of(identity) == source;
    if let Some(identity) = aws.identities.iter().find(is_meant) {
        return Ok(policies_of_identity(call.world, identity));
    }
    let role: &IamRole = aws.role_by_arn(source).ok_or_else(|| {
        let message = format!("The entity with name {name} cannot be found.");
        Failure::new(404, "NoSuchEntity", message)
    })?;
    Ok(policies_of_role(
        aws,
        role.account(),
        role.documents.get(),
        role.boundary.as_deref(),
    ))
}

/// Reads the context that the simulation is given; it knows nothing else of a request.
fn given_context(call: &Call<'_>) -> Context {
    (1..)
        .map_while(|index| {
            let entry = format!("ContextEntries.member.{index}");
            let key = call.form.get(&format!("{entry}.ContextKeyName"))?;
            Some((key, call.form.members(&format!("{entry}.ContextKeyValues"))))
        })
        .fold(Context::default(), |context, (key, values)| {
            context.with_all(key, values)
        })
}

fn result(policies: &Policies, question: Question<'_>) -> Xml {
    let ruling = act(policies, question);
    let decision = match ruling {
        Ruling::Allowed => "allowed",
        Ruling::Denied(_) => "explicitDeny",
        Ruling::NotAllowed(_) => "implicitDeny",
    };
    let missing: BTreeSet<&str> = policies
        .identity
        .iter()
        .flat_map(Document::condition_keys)
        .filter(|key| question.context.values(key).is_none())
        .collect();
    let row = Xml::default()
        .text("EvalActionName", question.action)
        .text("EvalResourceName", question.resource)
        .text("EvalDecision", decision)
        .list("MatchedStatements", [])
        .texts("MissingContextValues", missing);
    let allowed_by = |origin: Origin| match ruling {
        Ruling::Denied(by) | Ruling::NotAllowed(by) if by == origin => "false",
        _ => "true",
    };
    let row = if policies.service_control.is_empty() {
        row
    } else {
        let detail = Xml::default().text("AllowedByOrganizations", allowed_by(Origin::ServiceControl));
        row.element("OrganizationsDecisionDetail", &detail)
    };
    if policies.boundary.is_none() {
        row
    } else {
        let detail = Xml::default().text("AllowedByPermissionsBoundary", allowed_by(Origin::Boundary));
        row.element("PermissionsBoundaryDecisionDetail", &detail)
    }
}
