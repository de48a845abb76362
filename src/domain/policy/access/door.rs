//! Whether the key's own side lets the IAM role in: its key policy and its grants.

use super::super::context::{self, Origin, User};
use super::super::edit::key_statement;
use super::super::key_use::KEY_ACTIONS;
use super::super::mend::key_policy_statement;
use super::super::principal::{Reach, reaches};
use super::super::statement::Request;
use super::super::truth::Truth;
use super::side::Side;
use super::{Access, KeyPolicy, KeySide, Obstacle, Place};
use crate::domain::arn;
use crate::domain::key::Grant;

/// Judges the three actions for requests from one origin.
pub(super) fn opens(iam_role: &str, key: &KeySide<'_>, origin: Origin<'_>) -> Access {
    KEY_ACTIONS.into_iter().fold(Access::GetsIn, |access, action| {
        access.and(|| Door::of(iam_role, key, action, origin).judge())
    })
}

/// One action of the IAM role on the key, as the key's own side sees it.
pub(super) struct Door<'a> {
    iam_role: &'a str,
    key: &'a KeySide<'a>,
    action: &'static str,
    /// The key policy.
    pub(super) policy: Side<'a>,
}

impl<'a> Door<'a> {
    pub(super) fn of(iam_role: &'a str, key: &'a KeySide<'a>, action: &'static str, origin: Origin<'_>) -> Self {
        let user = User {
            role: iam_role,
            key: key.key,
        };
        let request = Request {
            principal: Some(iam_role),
            action,
            resource: Some(key.arn),
            context: &context::using(Some(user), key.arn, origin),
        };
        let document = match key.policy {
            KeyPolicy::Known(policy) => Some(policy),
            KeyPolicy::Unread(_) => None,
        };
        Self {
            iam_role,
            key,
            action,
            policy: Side::of([(Place::KeyPolicy(key.arn.to_owned()), document)], &request),
        }
    }

    fn judge(&self) -> Access {
        self.weigh(&[&self.policy], self.lets_in(), || self.lacks())
    }

    /// AWS's logic over documents of several kinds: an explicit Deny wins wherever it stands, else what is `allowed`
    /// counts.
    pub(super) fn weigh(&self, sides: &[&Side<'_>], allowed: Truth, lacking: impl FnOnce() -> Obstacle) -> Access {
        let denying = |truth| sides.iter().find_map(|side| side.denying(truth));
        if let Some((place, deny)) = denying(Truth::Yes) {
            return Access::Stopped(self.at(
                place.clone(),
                Some(deny.statement),
                format!("an explicit Deny covers {}", self.asked()),
                format!("take that Deny out, or except the IAM role {} from it", self.iam_role),
            ));
        }
        if allowed == Truth::No {
            return Access::Stopped(lacking());
        }
        if let Some((place, deny)) = denying(Truth::Unknown) {
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
        if let Some(place) = sides.iter().find_map(|side| side.unread()) {
            return Access::Unknown(self.unread(place));
        }
        match allowed {
            Truth::Unknown => Access::Unknown(self.doubtful(sides)),
            Truth::No | Truth::Yes => Access::GetsIn,
        }
    }

    /// Returns whether the key's side lets in: its policy in any way, or a grant.
    pub(super) fn lets_in(&self) -> Truth {
        self.policy.allows().max(self.granted())
    }

    /// Returns whether the key policy allows it to the IAM role by naming it in this way.
    pub(super) fn named(&self, wanted: Reach) -> Truth {
        self.policy
            .allows_as(|found| found.applies_if(reaches(found.statement, self.iam_role, wanted)))
    }

    pub(super) fn granted(&self) -> Truth {
        let operation = self.action.trim_start_matches("kms:");
        let by = |grant: &Grant| {
            let is_ours = grant.grantee == self.iam_role && grant.operations.iter().any(|one| one == operation);
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

    /// Names what the key policy lacks.
    pub(super) fn lacks(&self) -> Obstacle {
        let fix = self.fix();
        if let Some((place, nearest, why)) = self.policy.nearest(&self.asked()) {
            return self.at(place, Some(&nearest), why, fix);
        }
        let (action, iam_role) = (self.action, self.iam_role);
        let partition = arn::partition(iam_role).unwrap_or_default();
        let account = arn::account(iam_role).unwrap_or_default();
        let why = if self.is_one_account() {
            format!(
                "for {action} it neither lets IAM decide (a statement for arn:{partition}:iam::{account}:root) nor names \
                 the IAM role {iam_role}"
            )
        } else {
            format!("for {action} it names neither the IAM role {iam_role} nor its account {account}")
        };
        self.at(Place::KeyPolicy(self.key.arn.to_owned()), None, why, fix)
    }

    fn fix(&self) -> String {
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
                format!("it must allow the three actions: {}", self.fix()),
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

    /// Names the Allow that it hangs on: first of the key policy's, which decides whether the others count.
    fn doubtful(&self, sides: &[&Side<'_>]) -> Obstacle {
        let mut found = std::iter::once(self.policy.perhaps_allowing())
            .chain(sides.iter().map(|side| side.perhaps_allowing()))
            .flatten();
        match found.next() {
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
                self.fix(),
            ),
        }
    }

    pub(super) fn is_one_account(&self) -> bool {
        arn::account(self.key.arn) == arn::account(self.iam_role)
    }

    pub(super) fn asked(&self) -> String {
        format!("{} on {}", self.action, self.key.arn)
    }

    pub(super) fn at(&self, place: Place, statement: Option<&serde_json::Value>, why: String, fix: String) -> Obstacle {
        let hand_over = match &place {
            Place::KeyPolicy(_) | Place::Key(_) => key_policy_statement(self.iam_role).ok(),
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
