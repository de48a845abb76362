//! Whether a session of the IAM role may use the key.

use super::super::PolicyDocument;
use super::super::context::{self, Origin, User};
use super::super::edit::key_statement;
use super::super::evaluate::{Verdict, assess_all, conclude};
use super::super::key_use::KEY_ACTIONS;
use super::super::mend::key_policy_statement;
use super::super::principal::{Reach, reach};
use super::super::statement::{Assessment, Effect, Request};
use super::super::truth::Truth;
use super::{Access, KeyPolicy, KeySide, Obstacle, Place};
use crate::domain::arn;
use crate::domain::iam_role::{IamRole, IamRoleDetail};
use crate::domain::key::Grant;

/// Judges the key by itself: its kind and state, and whether it lies in the IAM role's partition.
pub(super) fn stands(role: &IamRole, key: &KeySide<'_>) -> Access {
    let stopped = |why: String, fix: &str| {
        Access::Stopped(Obstacle {
            place: Place::Key(key.arn.to_owned()),
            statement: None,
            why,
            fix: fix.to_owned(),
            hand_over: None,
            addresses: Vec::new(),
        })
    };
    let partition = arn::partition(key.arn).unwrap_or_default();
    if partition != role.arn.partition() {
        return stopped(
            format!(
                "it is in partition {partition}, the IAM role {} in {}",
                role.arn,
                role.arn.partition()
            ),
            "choose an IAM role and a key of one partition",
        );
    }
    // A key that may not be described is judged by its policies alone.
    let Some(key) = key.key.filter(|key| key.state != crate::domain::key::Key::UNREADABLE) else {
        return Access::GetsIn;
    };
    let fix = match key.state.as_str() {
        "PendingDeletion" => "cancel its deletion, then enable it: cancelling leaves it disabled",
        "Disabled" => "enable it",
        _ => "choose another key",
    };
    match key.unusable_because() {
        reasons if reasons.is_empty() => Access::GetsIn,
        reasons => stopped(format!("it can't be used: {}", reasons.join(", ")), fix),
    }
}

/// Judges the three actions for requests from one origin.
pub(super) fn used(role: &IamRoleDetail, key: &KeySide<'_>, origin: Origin<'_>) -> Access {
    KEY_ACTIONS.into_iter().fold(Access::GetsIn, |access, action| {
        access.and(|| Use::of(role, key, action, origin).judge())
    })
}

/// One action on the key, with what each kind of document says of it.
struct Use<'a> {
    role: &'a IamRole,
    key: &'a KeySide<'a>,
    action: &'static str,
    /// The role's own policies.
    identity: Side<'a>,
    /// Its permissions boundary, if it has one.
    boundary: Option<Side<'a>>,
    key_policy: Side<'a>,
}

/// The documents of one kind, judged for one request.
struct Side<'a> {
    statements: Vec<(Place, Assessment<'a>)>,
    /// Documents that couldn't be read.
    unread: Vec<Place>,
}

impl<'a> Side<'a> {
    fn of(documents: impl IntoIterator<Item = (Place, Option<&'a PolicyDocument>)>, request: &Request<'_>) -> Self {
        let (mut statements, mut unread) = (Vec::new(), Vec::new());
        for (place, document) in documents {
            match document {
                Some(document) => {
                    let found = assess_all(&[document], request);
                    statements.extend(found.into_iter().map(|found| (place.clone(), found)));
                }
                None => unread.push(place),
            }
        }
        Self { statements, unread }
    }

    /// Returns the first statement that denies, certainly or perhaps.
    fn denying(&self, truth: Truth) -> Option<&(Place, Assessment<'a>)> {
        let mut denies = self
            .statements
            .iter()
            .filter(|(_, found)| found.effect != Effect::Allow);
        denies.find(|(_, found)| found.applies() == truth)
    }

    /// Returns whether a statement allows, of those that count; what couldn't be read may.
    fn allows(&self, counts: impl Fn(&Assessment<'_>) -> bool) -> Truth {
        let allows = self
            .statements
            .iter()
            .filter(|(_, found)| found.effect != Effect::Deny && counts(found));
        let read = Truth::any(allows.map(|(_, found)| found.applies()));
        read.max(if self.unread.is_empty() {
            Truth::No
        } else {
            Truth::Unknown
        })
    }

    /// Returns the first statement that may allow.
    fn perhaps_allowing(&self) -> Option<&(Place, Assessment<'a>)> {
        let mut allows = self.statements.iter().filter(|(_, found)| found.effect != Effect::Deny);
        allows.find(|(_, found)| found.applies() == Truth::Unknown)
    }

    /// Returns the Allow that comes nearest, with why it doesn't apply.
    fn nearest(&self, asked: &str) -> Option<(Place, serde_json::Value, String)> {
        let all: Vec<_> = self.statements.iter().map(|(_, found)| found.clone()).collect();
        let Verdict::NotAllowed {
            nearest: Some(nearest),
            why,
        } = conclude(&all, asked)
        else {
            return None;
        };
        let (place, _) = self.statements.iter().find(|(_, found)| *found.statement == nearest)?;
        Some((place.clone(), nearest, why))
    }
}

impl<'a> Use<'a> {
    fn of(detail: &'a IamRoleDetail, key: &'a KeySide<'a>, action: &'static str, origin: Origin<'_>) -> Self {
        let role = &detail.role;
        let user = User {
            role: role.arn.as_str(),
            key: key.key,
        };
        let context = context::using(Some(user), key.arn, origin);
        let of_role = Request {
            principal: None,
            action,
            resource: Some(key.arn),
            context: &context,
        };
        let of_key = Request {
            principal: Some(role.arn.as_str()),
            ..of_role
        };
        let inline = detail.inline.iter().map(|policy| {
            let place = Place::InlinePolicy {
                policy: policy.name.clone(),
                role: role.name.clone(),
            };
            (place, policy.document.as_ref())
        });
        let attached = detail
            .attached
            .iter()
            .map(|policy| (Place::ManagedPolicy(policy.name.clone()), policy.document.as_ref()));
        let boundary = role.boundary.as_ref().map(|boundary| {
            let document = detail.boundary_document.as_ref();
            Side::of([(Place::Boundary(boundary.clone()), document)], &of_role)
        });
        let key_policy = match key.policy {
            KeyPolicy::Known(policy) => Some(policy),
            KeyPolicy::Unread(_) => None,
        };
        Self {
            role,
            key,
            action,
            identity: Side::of(inline.chain(attached), &of_role),
            boundary,
            key_policy: Side::of([(Place::KeyPolicy(key.arn.to_owned()), key_policy)], &of_key),
        }
    }

    fn judge(&self) -> Access {
        let sides = || [Some(&self.identity), self.boundary.as_ref(), Some(&self.key_policy)];
        let sides = || sides().into_iter().flatten();
        if let Some((place, deny)) = sides().find_map(|side| side.denying(Truth::Yes)) {
            return Access::Stopped(self.at(
                place.clone(),
                Some(deny.statement),
                format!("an explicit Deny covers {}", self.asked()),
                format!("take that Deny out, or except the IAM role {} from it", self.role.arn),
            ));
        }
        let allowed = self.allowed();
        if allowed == Truth::No {
            return Access::Stopped(self.lacking());
        }
        if let Some((place, deny)) = sides().find_map(|side| side.denying(Truth::Unknown)) {
            return Access::Unknown(
                self.at(
                    place.clone(),
                    Some(deny.statement),
                    format!("a Deny may cover {}: {}", self.asked(), deny.why()),
                    "look whether it does; Atlas tries the key when it is enabled for the project: that is the proof"
                        .to_owned(),
                ),
            );
        }
        // What couldn't be read may also deny.
        if let Some(place) = sides().flat_map(|side| &side.unread).next() {
            return Access::Unknown(self.unread(place));
        }
        match allowed {
            Truth::Unknown => Access::Unknown(self.doubtful()),
            Truth::No | Truth::Yes => Access::GetsIn,
        }
    }

    /// Returns whether an Allow is given, whatever is denied.
    fn allowed(&self) -> Truth {
        let (identity, within) = (self.identity.allows(|_| true), self.within());
        if !self.is_one_account() {
            return Truth::all([self.key_side(), identity, within]);
        }
        // AWS doesn't say that a boundary limits a grant, nor that it doesn't.
        let granted = Truth::all([self.granted(), within.max(Truth::Unknown)]);
        Truth::any([
            self.named(Reach::Anyone),
            granted,
            Truth::all([self.named(Reach::Role), within]),
            Truth::all([self.named(Reach::Account), identity, within]),
        ])
    }

    /// Returns whether the boundary allows it.
    fn within(&self) -> Truth {
        self.boundary.as_ref().map_or(Truth::Yes, |side| side.allows(|_| true))
    }

    /// Returns whether the key policy allows it to the IAM role by naming it in this way.
    fn named(&self, wanted: Reach) -> Truth {
        self.key_policy
            .allows(|found| reach(found.statement, self.role.arn.as_str()) == wanted)
    }

    /// Returns whether the key's side lets in: its policy in any way, or a grant.
    fn key_side(&self) -> Truth {
        self.key_policy.allows(|_| true).max(self.granted())
    }

    fn granted(&self) -> Truth {
        let operation = self.action.trim_start_matches("kms:");
        let by = |grant: &Grant| {
            let is_ours =
                grant.grantee == self.role.arn.as_str() && grant.operations.iter().any(|one| one == operation);
            match (is_ours, grant.constrained && operation != "DescribeKey") {
                (false, _) => Truth::No,
                (true, false) => Truth::Yes,
                (true, true) => Truth::Unknown,
            }
        };
        self.key
            .grants
            .map_or(Truth::Unknown, |grants| Truth::any(grants.iter().map(by)))
    }

    /// Names what lacks an Allow.
    fn lacking(&self) -> Obstacle {
        if self.key_side() == Truth::No {
            return self.key_policy_lacks();
        }
        let identity = self.identity.allows(|_| true);
        let would_do = identity != Truth::No || (self.is_one_account() && self.named(Reach::Role) != Truth::No);
        match &self.role.boundary {
            Some(boundary) if would_do && self.within() == Truth::No => self.at(
                Place::Boundary(boundary.clone()),
                None,
                format!("it doesn't allow {}", self.asked()),
                "let whoever keeps the boundary allow the three actions on the key".to_owned(),
            ),
            _ => self.role_lacks(),
        }
    }

    fn role_lacks(&self) -> Obstacle {
        let fix = "give the IAM role an inline policy with the statement";
        match self.identity.nearest(&self.asked()) {
            Some((place, nearest, why)) => self.at(place, Some(&nearest), why, fix.to_owned()),
            None => self.at(
                Place::RolePolicies(self.role.name.clone()),
                None,
                format!("no statement allows {}", self.asked()),
                fix.to_owned(),
            ),
        }
    }

    fn key_policy_lacks(&self) -> Obstacle {
        let place = Place::KeyPolicy(self.key.arn.to_owned());
        let fix = self.key_policy_fix();
        match self.key_policy.nearest(&self.asked()) {
            Some((place, nearest, why)) => self.at(place, Some(&nearest), why, fix),
            None if self.is_one_account() => self.at(
                place,
                None,
                format!(
                    "for {} it neither lets IAM decide (a statement for arn:{}:iam::{}:root) nor names the IAM role {}",
                    self.action,
                    self.role.arn.partition(),
                    self.role.arn.account(),
                    self.role.arn
                ),
                fix,
            ),
            None => self.at(
                place,
                None,
                format!(
                    "for {} it names neither the IAM role {} nor its account {}",
                    self.action,
                    self.role.arn,
                    self.role.arn.account()
                ),
                fix,
            ),
        }
    }

    fn key_policy_fix(&self) -> String {
        match arn::account(self.key.arn).filter(|_| !self.is_one_account()) {
            Some(account) => {
                format!("hand the statement to whoever keeps the key in account {account}, for its key policy")
            }
            None => "add the statement to the key policy".to_owned(),
        }
    }

    /// Names the document that couldn't be read.
    fn unread(&self, place: &Place) -> Obstacle {
        let (why, fix) = match (place, self.key.policy) {
            (Place::KeyPolicy(_), KeyPolicy::Unread(reason)) => (
                format!("it can't be read, {reason}"),
                format!("it must allow the three actions: {}", self.key_policy_fix()),
            ),
            _ => (
                "it couldn't be read".to_owned(),
                "let it be read (iam:GetRolePolicy, iam:GetPolicy, iam:GetPolicyVersion), or look whether it denies the use of \
                 the key"
                    .to_owned(),
            ),
        };
        self.at(place.clone(), None, why, fix)
    }

    /// Names the Allow that it hangs on.
    fn doubtful(&self) -> Obstacle {
        let sides = [Some(&self.key_policy), Some(&self.identity), self.boundary.as_ref()];
        let found = sides.into_iter().flatten().find_map(Side::perhaps_allowing);
        match found {
            Some((place, allow)) => self.at(
                place.clone(),
                Some(allow.statement),
                format!("a statement may allow {}: {}", self.asked(), allow.why()),
                "Atlas tries the key when it is enabled for the project: that is the proof".to_owned(),
            ),
            None => self.at(
                Place::Key(self.key.arn.to_owned()),
                None,
                match self.key.grants {
                    None => "its key policy doesn't let the IAM role in, and its grants couldn't be read".to_owned(),
                    Some(_) => {
                        "a grant on it may let the IAM role in, if its constraints and the boundary let it".to_owned()
                    }
                },
                self.key_policy_fix(),
            ),
        }
    }

    fn is_one_account(&self) -> bool {
        arn::account(self.key.arn) == Some(self.role.arn.account())
    }

    fn asked(&self) -> String {
        format!("{} on {}", self.action, self.key.arn)
    }

    fn at(&self, place: Place, statement: Option<&serde_json::Value>, why: String, fix: String) -> Obstacle {
        let hand_over = match &place {
            Place::KeyPolicy(_) | Place::Key(_) => key_policy_statement(self.role.arn.as_str()).ok(),
            _ => key_statement(self.key.arn).ok(),
        };
        Obstacle {
            place,
            statement: statement.cloned(),
            why,
            fix,
            hand_over,
            addresses: Vec::new(),
        }
    }
}
