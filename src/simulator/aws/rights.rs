//! What the caller may do, by the policies that stand with it.

use jiff::Timestamp;

use super::super::authorize::{about_caller, about_key, about_organizations, policies_of_role, resource_control};
use super::super::policy::{Caller, Context, Document, KeyRules, Policies, Question, Ruling, act, enter_role, use_key};
use super::super::world::{IamRole, Identity, KmsKey, RoleDocuments, World};

/// The caller's policies, and what is known about its request.
#[derive(Debug)]
pub(super) struct Rights {
    arn: String,
    caller: Caller,
    policies: Policies,
    context: Context,
}

impl Rights {
    pub(super) fn of(world: &World, identity: &Identity, region: &str, now: Timestamp) -> Self {
        let principal = world.aws.principal_of(identity);
        let is_session = identity.role_name().is_some();
        let tags = world.aws.role_by_arn(&principal).map(|role| role.tags.as_slice());
        let mut context = about_caller(Context::at(now), &principal, &identity.account)
            .with("aws:PrincipalType", if is_session { "AssumedRole" } else { "User" })
            .with("aws:userid", &identity.id)
            .with("aws:SourceIp", &world.aws.caller_address)
            .with("aws:RequestedRegion", region)
            .with_tags("aws:PrincipalTag", tags.unwrap_or_default());
        if !is_session {
            context = context.with("aws:username", principal.rsplit('/').next().unwrap_or_default());
        }
        Self {
            policies: policies_of_identity(world, identity),
            caller: Caller {
                arn: principal,
                session: is_session.then(|| identity.arn.clone()),
                account: identity.account.clone(),
            },
            arn: identity.arn.clone(),
            context,
        }
    }

    /// Refuses what the caller's own policies don't allow; the error is AWS's sentence.
    ///
    /// `shown` is how the sentence names the resource.
    pub(super) fn check(&self, action: &str, resource: &str, shown: &str, more: Context) -> Result<(), String> {
        let context = self.context.clone().and(more);
        let question = self.question(action, resource, &context);
        self.refuse(act(&self.policies, question), action, shown)
    }

    /// Refuses what the caller may not do with a key: by its own policies, the key policy and the key's grants.
    pub(super) fn check_key(&self, world: &World, key: &KmsKey, action: &str) -> Result<(), String> {
        let ruling = self.rule_key(world, key, &Document::read(key.policy.get()), &self.policies, action);
        self.refuse(ruling, action, &key.arn)
    }

    /// Tells whether the caller may assume a role, by its own policies and the trust policy.
    pub(super) fn may_assume(&self, world: &World, role: &IamRole, external_id: Option<&str>) -> bool {
        let trust = role.trust.get().as_deref().map(Document::read).unwrap_or_default();
        let context = self.context.clone().with_tags("aws:ResourceTag", &role.tags);
        let context = context
            .and(about_organizations(&world.aws, &self.caller.account, role.account()))
            .with_all("sts:ExternalId", external_id.map(str::to_owned));
        let question = self.question("sts:AssumeRole", &role.arn, &context);
        let resource_control = resource_control(world, role.account());
        enter_role(&self.policies, role.account(), &trust, &resource_control, question) == Ruling::Allowed
    }

    /// Tells whether a new key policy would let the caller change it again.
    ///
    /// That IAM allows the caller to is taken for granted where the key policy leaves it to IAM.
    pub(super) fn keeps_a_way_in(&self, world: &World, key: &KmsKey, policy: &Document) -> bool {
        let all = Policies {
            identity: vec![Document::read(
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            )],
            ..Policies::default()
        };
        self.rule_key(world, key, policy, &all, "kms:PutKeyPolicy") == Ruling::Allowed
    }

    fn rule_key(&self, world: &World, key: &KmsKey, policy: &Document, own: &Policies, action: &str) -> Ruling {
        let organizations = about_organizations(&world.aws, &self.caller.account, &key.account);
        let context = self.context.clone().and(about_key(key)).and(organizations);
        let operation = action.strip_prefix("kms:").unwrap_or_default();
        let rules = KeyRules {
            account: &key.account,
            policy,
            granted: key.grants(&self.caller.arn, operation),
            resource_control: &resource_control(world, &key.account),
        };
        use_key(own, rules, self.question(action, &key.arn, &context))
    }

    fn question<'a>(&'a self, action: &'a str, resource: &'a str, context: &'a Context) -> Question<'a> {
        Question {
            caller: &self.caller,
            action,
            resource,
            context,
        }
    }

    fn refuse(&self, ruling: Ruling, action: &str, shown: &str) -> Result<(), String> {
        match ruling.because(action) {
            None => Ok(()),
            Some(because) => Err(format!("{} {because}", self.refusal(action, shown))),
        }
    }

    /// Returns AWS's sentence without the kind of policy, which it leaves out in some refusals.
    pub(super) fn refusal(&self, action: &str, shown: &str) -> String {
        format!(
            "User: {} is not authorized to perform: {action} on resource: {shown}",
            self.arn
        )
    }
}

/// Reads the policies that stand with an identity; where it is a session, its role's boundary is one of them.
pub(super) fn policies_of_identity(world: &World, identity: &Identity) -> Policies {
    let boundary = world
        .aws
        .role_by_arn(&world.aws.principal_of(identity))
        .and_then(|role| role.boundary.as_deref());
    let limits = policies_of_role(&world.aws, &identity.account, &RoleDocuments::default(), boundary);
    Policies {
        identity: Document::read_all(&identity.permissions),
        ..limits
    }
}
