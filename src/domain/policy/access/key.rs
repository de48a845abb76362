//! Whether a session of the IAM role may use the key.

use super::super::context::{self, Origin, User};
use super::super::key_use::KEY_ACTIONS;
use super::super::principal::Reach;
use super::super::statement::Request;
use super::super::truth::Truth;
use super::door::Door;
use super::side::Side;
use super::{Access, KeySide, Obstacle, Place};
use crate::domain::arn;
use crate::domain::iam_role::{IamRole, IamRoleDetail};

/// Judges whether the key lies in the IAM role's partition.
pub(super) fn in_reach(iam_role: &str, key: &KeySide<'_>) -> Access {
    let [role_in, key_in] = [iam_role, key.arn].map(|arn| arn::partition(arn).unwrap_or_default());
    if role_in == key_in {
        return Access::GetsIn;
    }
    stopped(
        key,
        format!("it is in partition {key_in}, the IAM role {iam_role} in {role_in}"),
        "choose an IAM role and a key of one partition",
    )
}

/// Judges the key by itself: its kind and state.
pub(super) fn stands(side: &KeySide<'_>) -> Access {
    // A key that may not be described is judged by its policies alone.
    let Some(key) = side.key.filter(|key| key.state != crate::domain::key::Key::UNREADABLE) else {
        return Access::GetsIn;
    };
    let fix = match key.state.as_str() {
        "PendingDeletion" => "cancel its deletion, then enable it: cancelling leaves it disabled",
        "Disabled" => "enable it",
        _ => "choose another key",
    };
    match key.unusable_because() {
        reasons if reasons.is_empty() => Access::GetsIn,
        reasons => stopped(side, format!("it can't be used: {}", reasons.join(", ")), fix),
    }
}

fn stopped(key: &KeySide<'_>, why: String, fix: &str) -> Access {
    Access::Stopped(Obstacle {
        place: Place::Key(key.arn.to_owned()),
        statement: None,
        why,
        fix: fix.to_owned(),
        hand_over: None,
        addresses: Vec::new(),
    })
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
    /// The role's own policies.
    identity: Side<'a>,
    /// Its permissions boundary, if it has one.
    boundary: Option<Side<'a>>,
    /// The key's own side.
    door: Door<'a>,
}

impl<'a> Use<'a> {
    fn of(detail: &'a IamRoleDetail, key: &'a KeySide<'a>, action: &'static str, origin: Origin<'_>) -> Self {
        let role = &detail.role;
        let user = User {
            role: role.arn.as_str(),
            key: key.key,
        };
        let request = Request {
            principal: None,
            action,
            resource: Some(key.arn),
            context: &context::using(Some(user), key.arn, origin),
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
            Side::of([(Place::Boundary(boundary.clone()), document)], &request)
        });
        Self {
            role,
            identity: Side::of(inline.chain(attached), &request),
            boundary,
            door: Door::of(role.arn.as_str(), key, action, origin),
        }
    }

    fn judge(&self) -> Access {
        let sides = [Some(&self.identity), self.boundary.as_ref(), Some(&self.door.policy)];
        let sides: Vec<_> = sides.into_iter().flatten().collect();
        self.door.weigh(&sides, self.allowed(), || self.lacking())
    }

    /// Returns whether an Allow is given, whatever is denied.
    fn allowed(&self) -> Truth {
        let (identity, within) = (self.identity.allows(), self.within());
        if !self.door.is_one_account() {
            return Truth::all([self.door.lets_in(), identity, within]);
        }
        // AWS doesn't say that a boundary limits a grant, nor that it doesn't.
        let granted = Truth::all([self.door.granted(), within.max(Truth::Unknown)]);
        Truth::any([
            self.door.named(Reach::Anyone),
            granted,
            Truth::all([self.door.named(Reach::Role), within]),
            Truth::all([self.door.named(Reach::Account), identity, within]),
        ])
    }

    /// Returns whether the boundary allows it.
    fn within(&self) -> Truth {
        self.boundary.as_ref().map_or(Truth::Yes, Side::allows)
    }

    /// Names what lacks an Allow.
    fn lacking(&self) -> Obstacle {
        if self.door.lets_in() == Truth::No {
            return self.door.lacks();
        }
        let identity = self.identity.allows();
        let would_do =
            identity != Truth::No || (self.door.is_one_account() && self.door.named(Reach::Role) != Truth::No);
        match &self.role.boundary {
            Some(boundary) if would_do && self.within() == Truth::No => self.door.at(
                Place::Boundary(boundary.clone()),
                None,
                format!("it doesn't allow {}", self.door.asked()),
                "let whoever keeps the boundary allow the three actions on the key".to_owned(),
            ),
            _ => self.role_lacks(),
        }
    }

    fn role_lacks(&self) -> Obstacle {
        let fix = "give the IAM role an inline policy with the statement";
        let asked = self.door.asked();
        match self.identity.nearest(&asked) {
            Some((place, nearest, why)) => self.door.at(place, Some(&nearest), why, fix.to_owned()),
            None => self.door.at(
                Place::RolePolicies(self.role.name.clone()),
                None,
                format!("no statement allows {asked}"),
                fix.to_owned(),
            ),
        }
    }
}
