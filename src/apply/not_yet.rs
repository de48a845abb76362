//! "Not yet" as a table: which refusals only mean that a change hasn't spread, and for how long that is believed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::atlas;
use crate::aws;
use crate::plan::StepId;
use crate::problem::Problem;

/// What a step asks of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateAccessRole,
    CreateIamRole,
    UpdateTrustPolicy,
    PutRolePolicy,
    CreateKey,
    CreateAlias,
    EnableRotation,
    UpdateKeyPolicy,
    CancelKeyDeletion,
    EnableKey,
    Authorize,
    EnableSetting,
    ResumeCluster,
    ReleaseCluster,
    EncryptCluster,
    CreateCluster,
}

/// What this run, or one a short time ago, has changed and may not be seen everywhere yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub(crate) struct Fresh {
    /// An IAM role: there was none of this name before.
    pub(crate) role: bool,
    /// An IAM role, its trust policy, its policies, or a key policy.
    pub(crate) iam: bool,
    /// A key.
    pub(crate) key: bool,
    /// The access role's authorization.
    pub(crate) authorization: bool,
    /// The project's encryption setting.
    pub(crate) setting: bool,
    /// What the AWS administrator carries out: it comes when it comes.
    pub(crate) elsewhere: bool,
}

/// For how long a change of an earlier run may not be seen everywhere.
const SPREADS_WITHIN: SignedDuration = SignedDuration::from_mins(3);

impl Fresh {
    /// Returns what earlier runs may have changed a short time ago, by the moment that each of their steps was last at
    /// work. A run that was killed can't have told more.
    pub(crate) fn of_earlier<'a>(steps: impl IntoIterator<Item = (&'a StepId, &'a Timestamp)>, now: Timestamp) -> Self {
        let mut fresh = Self::default();
        let recent = steps
            .into_iter()
            .filter(|(_, at)| now.duration_since(**at) < SPREADS_WITHIN);
        for (step, _) in recent {
            match step.as_str() {
                "create-iam-role" => (fresh.role, fresh.iam) = (true, true),
                "update-trust-policy" | "put-role-policy" | "update-key-policy" => fresh.iam = true,
                "create-key" => fresh.key = true,
                "authorize-access-role" => fresh.authorization = true,
                "enable-project-setting" | "change-key" => fresh.setting = true,
                _ => {}
            }
        }
        fresh
    }
}

/// A request that a service refused or that was lost.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: Option<String>,
    pub(crate) status: Option<u16>,
    /// Whether the change may have been made all the same.
    pub(crate) uncertain: bool,
    /// Whether it would have been sent again, if the run hadn't been stopped.
    pub(crate) given_up: bool,
    /// Whether the operator's sign-in to AWS has run out: nothing was done, and the same goes through after a new one.
    pub(crate) signed_out: bool,
    /// Why the service can't be asked for the moment, whatever was asked: nothing was done, and it is asked again.
    pub(crate) away: Option<&'static str>,
    pub(crate) problem: Problem,
}

impl Refusal {
    /// Returns a refusal of our own making, which no waiting helps.
    pub(crate) fn ours(problem: Problem) -> Self {
        Self {
            code: None,
            status: None,
            uncertain: false,
            given_up: false,
            signed_out: false,
            away: None,
            problem,
        }
    }

    /// Returns the refusal to send a creation again while the one before, whose answer was lost, may still appear.
    pub(crate) fn unseen() -> Self {
        Self {
            uncertain: true,
            ..Self::ours(
                Problem::service("the answer to the creation was lost, and it can't be found so far")
                    .hint("run again, it looks first and does nothing twice"),
            )
        }
    }

    /// Returns whether the service's own words hold some text: only where a code alone means two things.
    fn says(&self, words: &str) -> bool {
        let problem = &self.problem;
        let mut texts = std::iter::once(&problem.message).chain(&problem.causes);
        texts.any(|text| text.to_lowercase().contains(words))
    }

    fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

impl From<atlas::Error> for Refusal {
    fn from(error: atlas::Error) -> Self {
        Self {
            code: error.code().map(str::to_owned),
            status: error.status(),
            uncertain: error.may_have_happened(),
            given_up: error.given_up,
            signed_out: false,
            away: None,
            problem: error.into(),
        }
    }
}

impl From<aws::Error> for Refusal {
    fn from(error: aws::Error) -> Self {
        Self {
            code: error.code().map(str::to_owned),
            status: match error.kind {
                aws::ErrorKind::Answered(status) => Some(status),
                _ => None,
            },
            uncertain: error.may_have_happened(),
            given_up: false,
            signed_out: error.is_signed_out(),
            away: match error.kind {
                aws::ErrorKind::Unreachable => Some(UNREACHED),
                _ if error.is_throttled() => Some(THROTTLED),
                _ => None,
            },
            problem: error.into(),
        }
    }
}

/// How long a refusal is believed to mean "not yet", and what is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) limit: Duration,
    /// In the operator's words. Each reason has a wait of its own.
    pub(crate) reason: &'static str,
    pub(crate) kind: WaitKind,
}

/// What a wait is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitKind {
    /// Something outside that passes.
    Passes,
    /// A change of this run that has to spread: when the wait is over, it is read back.
    Spreads,
    /// The AWS administrator's half: the same.
    Administrator,
}

const fn minutes(number: u64) -> Duration {
    Duration::from_secs(60 * number)
}

const IAM_SPREADS: &str = "AWS IAM needs up to a few minutes to spread a change; Atlas doesn't see it yet";
const ROLE_APPEARS: &str = "AWS IAM doesn't show the new role everywhere yet";
const KEY_APPEARS: &str = "AWS KMS doesn't show the new key everywhere yet";
const UNREACHED: &str = "AWS can't be reached";
const THROTTLED: &str = "AWS asks to slow down";
const LOST: &str = "no whole answer came; what happened is read before it is sent again";
const FAULT: &str = "the service reports an error of its own; what happened is read before it is sent again";

/// Returns how long to wait out a refusal; `None`: waiting doesn't help.
///
/// Three minutes is what MongoDB's Terraform provider waits for IAM, one minute what a new key or role may take to
/// appear.
pub(crate) fn wait(operation: Operation, refusal: &Refusal, fresh: Fresh) -> Option<Wait> {
    use Operation as Op;
    let wait = |limit, reason| {
        Some(Wait {
            limit,
            reason,
            kind: WaitKind::Passes,
        })
    };
    let spread = |limit, reason| {
        Some(Wait {
            limit,
            reason,
            kind: WaitKind::Spreads,
        })
    };
    if let Some(reason) = refusal.away {
        return wait(minutes(3), reason);
    }
    if refusal.uncertain {
        let is_fault = refusal.status.is_some_and(|status| status >= 500);
        return wait(minutes(2), if is_fault { FAULT } else { LOST });
    }
    if fresh.elsewhere && is_the_administrators(operation, refusal) {
        return Some(Wait {
            limit: minutes(60),
            reason: "the AWS administrator's half isn't done yet, or AWS still spreads it; Atlas doesn't get in",
            kind: WaitKind::Administrator,
        });
    }
    let nameless = refusal.code.is_none() && refusal.status == Some(400);
    match (operation, refusal.code.as_deref().unwrap_or_default()) {
        (
            Op::CreateAccessRole
            | Op::Authorize
            | Op::EnableSetting
            | Op::ResumeCluster
            | Op::ReleaseCluster
            | Op::EncryptCluster
            | Op::CreateCluster,
            "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES",
        ) => wait(minutes(10), "Atlas is being upgraded and takes no changes for a moment"),
        (Op::Authorize | Op::EnableSetting, "CANNOT_ASSUME_ROLE") => spread(minutes(3), IAM_SPREADS),
        (Op::Authorize | Op::EnableSetting, _) if nameless && fresh.iam => spread(minutes(3), IAM_SPREADS),
        (Op::EnableSetting, "INVALID_AWS_CREDENTIALS" | "NO_PERMISSION_TO_ENCRYPT_DECRYPT") if fresh.iam => {
            spread(minutes(3), IAM_SPREADS)
        }
        (Op::EnableSetting, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED") if fresh.authorization => {
            spread(minutes(3), "Atlas doesn't see the authorization everywhere yet")
        }
        (Op::EnableSetting, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND") if fresh.key => spread(minutes(1), KEY_APPEARS),
        (Op::PutRolePolicy, "NoSuchEntity") if fresh.role => spread(minutes(1), ROLE_APPEARS),
        (Op::CreateIamRole | Op::PutRolePolicy | Op::UpdateTrustPolicy, "ConcurrentModification") => {
            wait(minutes(3), "somebody else changes this IAM role at the same time")
        }
        // Atlas's principal is there; IAM may not see it everywhere. A trust policy with deleted ones isn't written at all.
        (Op::CreateIamRole | Op::UpdateTrustPolicy, code)
            if code.starts_with("MalformedPolicyDocument") && refusal.says("invalid principal") =>
        {
            spread(minutes(2), "AWS IAM doesn't see a principal of the trust policy yet")
        }
        (Op::CreateAlias | Op::EnableRotation, "NotFoundException" | "KMSInvalidStateException") if fresh.key => {
            spread(minutes(1), KEY_APPEARS)
        }
        (Op::UpdateKeyPolicy, "MalformedPolicyDocumentException")
            if fresh.role && refusal.says("invalid principal") =>
        {
            spread(minutes(2), "AWS KMS doesn't see the new IAM role yet")
        }
        (Op::UpdateKeyPolicy | Op::EnableRotation | Op::CreateAlias, "KMSInvalidStateException")
            if refusal.says("creating") || refusal.says("updating") =>
        {
            wait(minutes(3), "AWS KMS is still at work on the key")
        }
        (Op::EnableKey, "KMSInvalidStateException") => spread(
            minutes(1),
            "AWS KMS doesn't show everywhere yet that the deletion was cancelled",
        ),
        (Op::EncryptCluster | Op::CreateCluster, "ENCRYPTION_AT_REST_NOT_ENABLED") if fresh.setting => {
            spread(minutes(1), "Atlas doesn't see the project's setting everywhere yet")
        }
        _ => None,
    }
}

/// Returns whether a refusal of Atlas may be for what the AWS administrator is still to do.
fn is_the_administrators(operation: Operation, refusal: &Refusal) -> bool {
    let of_key = [
        "INVALID_AWS_CREDENTIALS",
        "NO_PERMISSION_TO_ENCRYPT_DECRYPT",
        "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND",
    ];
    let nameless = refusal.code.is_none() && refusal.status == Some(400);
    let not_assumed = nameless || refusal.is("CANNOT_ASSUME_ROLE");
    match operation {
        Operation::Authorize => not_assumed,
        Operation::EnableSetting => not_assumed || of_key.iter().any(|code| refusal.is(code)),
        _ => false,
    }
}

/// Returns whether a cluster's refusal means "not now": it is looked at until it is IDLE, and asked once more.
///
/// No code is published for a change to a cluster that isn't IDLE, so any 409 is taken so, but for those that time
/// doesn't mend.
pub(crate) fn is_busy_cluster(refusal: &Refusal) -> bool {
    const LASTING: [&str; 5] = [
        "CANNOT_UPDATE_PAUSED_CLUSTER",
        "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER",
        "CANNOT_MODIFY_CLUSTER_WITH_RUNNING_LIVE_IMPORT",
        "OUT_OF_CAPACITY",
        "NO_CAPACITY",
    ];
    let lasting = LASTING.iter().any(|code| refusal.is(code));
    (refusal.status == Some(409) && !lasting) || refusal.is("CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: Option<&str>) -> Refusal {
        Refusal {
            code: code.map(str::to_owned),
            status: Some(status),
            uncertain: false,
            given_up: false,
            signed_out: false,
            away: None,
            problem: Problem::service("refused"),
        }
    }

    const NOTHING: Fresh = Fresh {
        role: false,
        iam: false,
        key: false,
        authorization: false,
        setting: false,
        elsewhere: false,
    };
    const ALL: Fresh = Fresh {
        role: true,
        iam: true,
        key: true,
        authorization: true,
        setting: true,
        elsewhere: false,
    };

    #[test]
    fn each_row_waits_only_where_this_run_gives_a_reason() {
        let rows = [
            (Operation::Authorize, 400, Some("CANNOT_ASSUME_ROLE"), 180, 180),
            (Operation::EnableSetting, 400, Some("CANNOT_ASSUME_ROLE"), 180, 180),
            (
                Operation::EnableSetting,
                400,
                Some("NO_PERMISSION_TO_ENCRYPT_DECRYPT"),
                180,
                0,
            ),
            (Operation::EnableSetting, 400, Some("INVALID_AWS_CREDENTIALS"), 180, 0),
            (
                Operation::EnableSetting,
                400,
                Some("CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED"),
                180,
                0,
            ),
            (
                Operation::EnableSetting,
                404,
                Some("AWS_CUSTOMER_MASTER_KEY_NOT_FOUND"),
                60,
                0,
            ),
            (
                Operation::EnableSetting,
                400,
                Some("AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED"),
                0,
                0,
            ),
            (Operation::Authorize, 400, None, 180, 0),
            (Operation::Authorize, 409, None, 0, 0),
            (Operation::PutRolePolicy, 404, Some("NoSuchEntity"), 60, 0),
            (Operation::PutRolePolicy, 409, Some("LimitExceeded"), 0, 0),
            (Operation::CreateAlias, 400, Some("NotFoundException"), 60, 0),
            (
                Operation::EncryptCluster,
                400,
                Some("ENCRYPTION_AT_REST_NOT_ENABLED"),
                60,
                0,
            ),
            (
                Operation::EncryptCluster,
                405,
                Some("WRITES_NOT_ALLOWED_DURING_APP_UPGRADES"),
                600,
                600,
            ),
        ];
        for (operation, status, code, fresh, stale) in rows {
            let refusal = refused(status, code);
            let seconds = |fresh| wait(operation, &refusal, fresh).map_or(0, |wait| wait.limit.as_secs());
            assert_eq!(
                (seconds(ALL), seconds(NOTHING)),
                (fresh, stale),
                "{operation:?} {code:?}"
            );
        }
    }

    /// One code, two meanings: a principal that KMS doesn't see yet, and a policy that would lock the caller out.
    #[test]
    fn a_key_policy_waits_for_a_new_role_and_for_nothing_else() {
        let code = Some("MalformedPolicyDocumentException");
        let said = |words: &str| Refusal {
            problem: Problem::service(words),
            ..refused(400, code)
        };
        let unseen = said("Policy contains a statement with one or more invalid principals.");
        let waits = |refusal: &Refusal, fresh| wait(Operation::UpdateKeyPolicy, refusal, fresh).is_some();
        assert!(waits(&unseen, ALL) && !waits(&unseen, NOTHING));
        let lock_out = said("The new key policy will not allow you to update the key policy in the future.");
        assert!(!waits(&lock_out, ALL));
    }

    #[test]
    fn what_the_administrator_is_to_do_is_waited_for_longer_and_nothing_else_is() {
        use Operation::{Authorize, EnableSetting, EncryptCluster};
        let fresh = Fresh {
            elsewhere: true,
            ..NOTHING
        };
        let minutes = |operation, status, code| {
            let found = wait(operation, &refused(status, code), fresh);
            found.map_or(0, |wait| wait.limit.as_secs() / 60)
        };
        assert_eq!(minutes(Authorize, 400, Some("CANNOT_ASSUME_ROLE")), 60);
        assert_eq!(
            minutes(EnableSetting, 400, Some("NO_PERMISSION_TO_ENCRYPT_DECRYPT")),
            60
        );
        assert_eq!(minutes(EnableSetting, 400, None), 60);
        assert_eq!(
            minutes(EnableSetting, 400, Some("AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED")),
            0
        );
        assert_eq!(minutes(Authorize, 401, Some("USER_UNAUTHORIZED")), 0);
        assert_eq!(minutes(EncryptCluster, 400, Some("ENCRYPTION_AT_REST_NOT_ENABLED")), 0);
    }

    #[test]
    fn a_changed_key_policy_and_a_changed_key_spread_too() {
        let now = "2026-11-25T08:10:00Z".parse().unwrap();
        let fresh =
            |step: &str| Fresh::of_earlier([(&StepId::new(step), &"2026-11-25T08:09:00Z".parse().unwrap())], now);
        assert!(fresh("update-key-policy").iam && fresh("change-key").setting);
        let refusal = refused(400, Some("NO_PERMISSION_TO_ENCRYPT_DECRYPT"));
        assert!(wait(Operation::EnableSetting, &refusal, fresh("update-key-policy")).is_some());
        let unset = refused(400, Some("ENCRYPTION_AT_REST_NOT_ENABLED"));
        assert!(wait(Operation::CreateCluster, &unset, fresh("change-key")).is_some());
    }

    #[test]
    fn what_an_earlier_run_did_a_short_time_ago_is_fresh() {
        let now = "2026-11-25T08:10:00Z".parse().unwrap();
        let fresh = |step: &str, at: &str| Fresh::of_earlier([(&StepId::new(step), &at.parse().unwrap())], now);
        assert!(fresh("put-role-policy", "2026-11-25T08:08:00Z").iam);
        assert_eq!(fresh("put-role-policy", "2026-11-25T08:06:00Z"), NOTHING);
        let role = fresh("create-iam-role", "2026-11-25T08:09:59Z");
        assert!(role.role && role.iam && !role.key);
        assert_eq!(fresh("encrypt-cluster:orders", "2026-11-25T08:09:59Z"), NOTHING);
    }

    #[test]
    fn a_paused_cluster_is_not_busy() {
        assert!(is_busy_cluster(&refused(409, None)));
        assert!(is_busy_cluster(&refused(
            409,
            Some("ATLAS_CLUSTER_RESTORE_IN_PROGRESS")
        )));
        assert!(!is_busy_cluster(&refused(409, Some("CANNOT_UPDATE_PAUSED_CLUSTER"))));
        assert!(!is_busy_cluster(&refused(400, None)));
    }
}
