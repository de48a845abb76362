//! What policies decide.

use super::conditions::met;
use super::context::Context;
use super::document::{Document, Listed, Principal, Statement};
use super::pattern::{Pattern, fits_action};

/// Who asks, as policies name it.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Caller {
    /// ARN of the IAM role or user, or of an account's root.
    pub(in crate::simulator) arn: String,
    /// ARN of the session, where the caller has assumed the role.
    pub(in crate::simulator) session: Option<String>,
    /// The caller's account.
    pub(in crate::simulator) account: String,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct Question<'a> {
    pub(in crate::simulator) caller: &'a Caller,
    pub(in crate::simulator) action: &'a str,
    pub(in crate::simulator) resource: &'a str,
    pub(in crate::simulator) context: &'a Context,
}

/// The policies that stand with the caller.
#[derive(Debug, Clone, Default)]
pub(in crate::simulator) struct Policies {
    /// Inline and attached ones.
    pub(in crate::simulator) identity: Vec<Document>,
    pub(in crate::simulator) boundary: Option<Document>,
    /// Service control policies of the caller's account; none leave everything to the account.
    pub(in crate::simulator) service_control: Vec<Document>,
}

/// What stands with a key, or with a role that is to be assumed.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct KeyRules<'a> {
    pub(in crate::simulator) account: &'a str,
    pub(in crate::simulator) policy: &'a Document,
    /// Whether a grant allows the caller the action.
    pub(in crate::simulator) granted: bool,
    /// Resource control policies of the key's account.
    pub(in crate::simulator) resource_control: &'a [Document],
}

/// How a request is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum Ruling {
    Allowed,
    /// Some statement says Deny, which nothing can outweigh.
    Denied(Origin),
    /// No statement allows it where one has to.
    NotAllowed(Origin),
}

/// Kinds of policy, as AWS's refusals tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum Origin {
    ServiceControl,
    ResourceControl,
    Resource,
    Boundary,
    Identity,
}

impl Ruling {
    /// Returns the end of AWS's refusal, which names the kind of policy; nothing where all is allowed.
    pub(in crate::simulator) fn because(self, action: &str) -> Option<String> {
        let kind = |origin| match origin {
            Origin::ServiceControl => "service control policy",
            Origin::ResourceControl => "resource control policy",
            Origin::Resource => "resource-based policy",
            Origin::Boundary => "permissions boundary",
            Origin::Identity => "identity-based policy",
        };
        match self {
            Self::Allowed => None,
            Self::Denied(origin @ Origin::Identity) => Some(format!("with an explicit deny in an {}", kind(origin))),
            Self::Denied(origin) => Some(format!("with an explicit deny in a {}", kind(origin))),
            Self::NotAllowed(origin) => Some(format!("because no {} allows the {action} action", kind(origin))),
        }
    }
}

/// What the statements of one policy say together.
#[derive(Debug, Default, Clone, Copy)]
struct Voice {
    denies: bool,
    allows: Addressed,
}

/// As what a principal means the caller.
#[derive(Debug, Clone, Copy, Default)]
struct Addressed {
    /// As the user or session that it is, or as one of everybody: nothing but a Deny limits what that allows.
    directly: bool,
    /// As the role: within its permissions boundary.
    role: bool,
    /// As the account, which then decides by its own policies.
    account: bool,
}

/// Decides whether a trust policy lets a caller of another account assume the role.
pub(in crate::simulator) fn assume_role(
    trust: &Document,
    resource_control: &[Document],
    question: Question<'_>,
) -> Ruling {
    if any_denies(resource_control, question) {
        return Ruling::Denied(Origin::ResourceControl);
    }
    let voice = trust_voice(trust, question);
    if voice.denies {
        Ruling::Denied(Origin::Resource)
    } else if voice.allows.at_all() {
        Ruling::Allowed
    } else {
        Ruling::NotAllowed(Origin::Resource)
    }
}

/// Decides by the caller's own policies alone, as where a resource has none.
pub(in crate::simulator) fn act(policies: &Policies, question: Question<'_>) -> Ruling {
    let own = Own::of(policies, question);
    if let Some(origin) = own.denies {
        Ruling::Denied(origin)
    } else if !own.within_organization {
        Ruling::NotAllowed(Origin::ServiceControl)
    } else {
        own.ruling()
    }
}

/// Decides whether the caller, whose own policies are known, may assume a role of an account.
pub(in crate::simulator) fn enter_role(
    policies: &Policies,
    account: &str,
    trust: &Document,
    resource_control: &[Document],
    question: Question<'_>,
) -> Ruling {
    let role = KeyRules {
        account,
        policy: trust,
        granted: false,
        resource_control,
    };
    use_resource(policies, role, trust_voice(trust, question), question)
}

/// Decides whether the caller may do something with a key.
pub(in crate::simulator) fn use_key(policies: &Policies, key: KeyRules<'_>, question: Question<'_>) -> Ruling {
    use_resource(policies, key, key_voice(key.policy, question), question)
}

/// Decides by what stands with the caller and what stands with the resource, whose policy has been heard.
fn use_resource(policies: &Policies, resource: KeyRules<'_>, voice: Voice, question: Question<'_>) -> Ruling {
    let own = Own::of(policies, question);
    if own.denies == Some(Origin::ServiceControl) {
        return Ruling::Denied(Origin::ServiceControl);
    }
    if any_denies(resource.resource_control, question) {
        return Ruling::Denied(Origin::ResourceControl);
    }
    if voice.denies {
        return Ruling::Denied(Origin::Resource);
    }
    if let Some(origin) = own.denies {
        return Ruling::Denied(origin);
    }
    if !own.within_organization {
        return Ruling::NotAllowed(Origin::ServiceControl);
    }
    let directly = voice.allows.directly || resource.granted;
    if question.caller.account != resource.account {
        return if resource.granted || voice.allows.at_all() {
            own.ruling()
        } else {
            Ruling::NotAllowed(Origin::Resource)
        };
    }
    if directly || (voice.allows.role && own.within_boundary) {
        Ruling::Allowed
    } else if voice.allows.account {
        own.ruling()
    } else if voice.allows.role {
        Ruling::NotAllowed(Origin::Boundary)
    } else {
        Ruling::NotAllowed(Origin::Resource)
    }
}

/// What the caller's own policies say.
struct Own {
    denies: Option<Origin>,
    within_organization: bool,
    within_boundary: bool,
    allows: bool,
}

impl Own {
    fn of(policies: &Policies, question: Question<'_>) -> Self {
        let allows = |policy: &Document| identity_voice(policy, question).allows.directly;
        let boundary = policies.boundary.as_slice();
        let denies = [
            (Origin::ServiceControl, policies.service_control.as_slice()),
            (Origin::Boundary, boundary),
            (Origin::Identity, policies.identity.as_slice()),
        ];
        Self {
            denies: denies
                .into_iter()
                .find(|(_, documents)| any_denies(documents, question))
                .map(|(origin, _)| origin),
            within_organization: policies.service_control.is_empty() || policies.service_control.iter().any(allows),
            within_boundary: boundary.iter().all(allows),
            allows: policies.identity.iter().any(allows),
        }
    }

    fn ruling(&self) -> Ruling {
        if !self.allows {
            Ruling::NotAllowed(Origin::Identity)
        } else if !self.within_boundary {
            Ruling::NotAllowed(Origin::Boundary)
        } else {
            Ruling::Allowed
        }
    }
}

fn any_denies(policies: &[Document], question: Question<'_>) -> bool {
    policies.iter().any(|policy| identity_voice(policy, question).denies)
}

/// Hears a policy in which the caller needn't be named.
fn identity_voice(policy: &Document, question: Question<'_>) -> Voice {
    let mut voice = Voice::default();
    for statement in spoken(policy, question) {
        if statement.resources.is_some() && statement.allow {
            voice.allows.directly = true;
        } else if statement.resources.is_some() {
            voice.denies = true;
        }
    }
    voice
}

/// Hears a policy of a role, whose statements mean the role that carries it.
fn trust_voice(policy: &Document, question: Question<'_>) -> Voice {
    voice_of(spoken(policy, question), question)
}

/// Hears a policy of a key, where a statement without resources does nothing.
fn key_voice(policy: &Document, question: Question<'_>) -> Voice {
    let about_resources = spoken(policy, question).filter(|statement| statement.resources.is_some());
    voice_of(about_resources, question)
}

fn voice_of<'a>(statements: impl Iterator<Item = &'a Statement>, question: Question<'_>) -> Voice {
    let mut voice = Voice::default();
    for statement in statements {
        let addressed = Addressed::by(statement, question.caller);
        if statement.allow {
            voice.allows = voice.allows.or(addressed);
        } else {
            voice.denies |= addressed.at_all();
        }
    }
    voice
}

/// Returns the statements that are about this action, resource and context.
fn spoken<'a>(policy: &'a Document, question: Question<'a>) -> impl Iterator<Item = &'a Statement> {
    policy
        .statements
        .iter()
        .filter(move |statement| applies(statement, policy.variables, question))
}

fn applies(statement: &Statement, variables: bool, question: Question<'_>) -> bool {
    let action = statement
        .actions
        .as_ref()
        .is_some_and(|actions| actions.covers(|pattern| fits_action(pattern, question.action)));
    let is_meant = |text: &String| {
        let pattern = if variables {
            Pattern::with_variables(text, question.context)
        } else {
            Some(Pattern::plain(text))
        };
        pattern.is_some_and(|pattern| pattern.fits_resource(question.resource))
    };
    // A trust policy has no resource: the role that carries it is meant.
    let resource = statement
        .resources
        .as_ref()
        .is_none_or(|resources| resources.covers(is_meant));
    action
        && resource
        && statement
            .conditions
            .iter()
            .all(|condition| met(condition, question.context, variables))
}

impl Addressed {
    fn at_all(self) -> bool {
        self.directly || self.role || self.account
    }

    fn or(self, other: Self) -> Self {
        Self {
            directly: self.directly || other.directly,
            role: self.role || other.role,
            account: self.account || other.account,
        }
    }

    fn by(statement: &Statement, caller: &Caller) -> Self {
        let named = |principals: &[Principal]| {
            principals
                .iter()
                .map(|principal| Self::one(principal, caller))
                .fold(Self::default(), Self::or)
        };
        match &statement.principals {
            None => Self::default(),
            Some(Listed::These(principals)) => named(principals),
            Some(Listed::AllBut(principals)) => {
                let named = named(principals);
                // To be spared by a Deny, the caller's account has to be named beside the caller.
                let is_spared = if statement.allow {
                    named.at_all()
                } else {
                    (named.directly || named.role) && (named.account || caller.arn.ends_with(":root"))
                };
                Self {
                    directly: !is_spared,
                    ..Self::default()
                }
            }
        }
    }

    fn one(principal: &Principal, caller: &Caller) -> Self {
        let Principal::Aws(name) = principal else {
            return Self {
                directly: *principal == Principal::Anyone,
                ..Self::default()
            };
        };
        let partition = caller.arn.split(':').nth(1).unwrap_or_default();
        let itself = *name == caller.arn;
        Self {
            directly: caller.session.as_ref() == Some(name) || (itself && caller.session.is_none()),
            role: itself && caller.session.is_some(),
            account: *name == caller.account || *name == format!("arn:{partition}:iam::{}:root", caller.account),
        }
    }
}
