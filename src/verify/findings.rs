//! What the operator should know about what holds, the weightiest first. Pure.

use super::evidence::{Evidence, Finding, Weight};
use crate::domain::access_role::AccessRole;
use crate::domain::cluster::{ClusterKind, ClusterState, Eligibility};
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::{Key, Rotation};
use crate::domain::policy::{Access, AtlasSide, Entry, KeySide, Obstacle};
use crate::domain::text::{count, some_of};
use crate::observe::{Fetched, ObservedState};
use crate::plan::permission::{Surroundings, key_side};

/// After how many days Atlas asks for a rotation, by default (`AWS_ENCRYPTION_KEY_NEEDS_ROTATION`).
const ALERT_DAYS: u16 = 90;

pub(super) fn of(
    evidence: &Evidence,
    observed: &ObservedState,
    access_roles: &[AccessRole],
    iam_role: Option<&IamRoleDetail>,
) -> Vec<Finding> {
    let mut findings = Findings {
        list: Vec::new(),
        is_valid: evidence.encryption_at_rest.aws.valid == Some(true),
        account: observed.aws_identity.known().map(|identity| identity.account.as_str()),
    };
    findings.setting(evidence);
    if evidence.encryption_at_rest.aws.enabled {
        findings.access_role(evidence);
        findings.iam_role(evidence, observed, iam_role);
        findings.key(evidence, observed);
        findings.clusters(evidence);
    }
    findings.unfinished(access_roles);
    if evidence.encryption_at_rest.aws.enabled {
        findings.keep_in_mind(evidence.key.as_ref());
    }
    findings.list.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    findings.list
}

struct Findings<'a> {
    list: Vec<Finding>,
    /// Whether Atlas has just used the key: what can't be read from here is then no risk by itself.
    is_valid: bool,
    /// The AWS account that the operator is signed in to.
    account: Option<&'a str>,
}

impl Findings<'_> {
    fn risk(&mut self, text: impl Into<String>) {
        self.add(Weight::Risk, text);
    }

    fn note(&mut self, text: impl Into<String>) {
        self.add(Weight::Note, text);
    }

    fn add(&mut self, weight: Weight, text: impl Into<String>) {
        self.list.push(Finding {
            weight,
            text: text.into(),
        });
    }

    /// Adds what couldn't be read from here.
    fn unread(&mut self, what: &str, why: &str) {
        if self.is_valid {
            self.note(format!(
                "{what} couldn't be read: {why}. Atlas itself says that the key is valid."
            ));
        } else {
            self.risk(format!("{what} couldn't be read: {why}."));
        }
    }

    fn setting(&mut self, evidence: &Evidence) {
        let aws = &evidence.encryption_at_rest.aws;
        if !aws.enabled {
            self.risk("Encryption with a customer-managed AWS key is off for the project.");
            return;
        }
        match aws.valid {
            Some(true) => {}
            Some(false) => self.risk(
                "The key isn't valid: Atlas can't use it, and at its next check, within 15 minutes, it shuts down every \
                 encrypted cluster. First restore the key (cancel its deletion, enable it, let the IAM role use it), then \
                 look again; until then neither the key nor the setting can be changed.",
            ),
            None => self.note("Atlas doesn't tell whether the key is valid. Look again in a minute."),
        }
        if aws.access_key_id.is_some() {
            self.note(
                "The key is reached with the credentials of an IAM user, the old way: new ones are refused since 2021. The \
                 move to an IAM role can't be undone.",
            );
        }
    }

    fn access_role(&mut self, evidence: &Evidence) {
        let aws = &evidence.encryption_at_rest.aws;
        match &evidence.access_role {
            Some(role) if role.is_authorized() => {}
            Some(role) => self.risk(format!("The access role {} in use isn't authorized.", role.role_id)),
            None if aws.access_key_id.is_some() => {}
            None => self.risk(format!(
                "The access role in use{} isn't listed: without it Atlas can't reach the key.",
                aws.role_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default()
            )),
        }
    }

    fn iam_role(&mut self, evidence: &Evidence, observed: &ObservedState, found: Option<&IamRoleDetail>) {
        let Some(access_role) = &evidence.access_role else {
            return;
        };
        let Some(arn) = &access_role.iam_role_arn else { return };
        let what = format!("The IAM role {arn}");
        if let Some(account) = self.account.filter(|account| *account != arn.account()) {
            return self.unread(&what, &format!("you are signed in to account {account}"));
        }
        let Some(detail) = found else {
            match observed.chosen_role.as_ref().map(|lookup| &lookup.found) {
                Some(Fetched::Known(_)) => self.risk(format!("{what} doesn't exist: Atlas can't reach the key.")),
                Some(Fetched::Failed(problem)) => self.unread(&what, &problem.message),
                _ => self.unread(&what, "it wasn't looked at"),
            }
            return;
        };
        let surroundings = Surroundings::of(observed);
        let entry = Entry {
            atlas: Some(AtlasSide {
                principal: &access_role.atlas_aws_account_arn,
                external_id: &access_role.external_id,
            }),
            role: detail,
            // The key's state is a finding of its own.
            key: evidence.key.as_ref().map(|key| KeySide {
                key: Some(key).filter(|key| key.is_usable()),
                ..key_side(observed, key)
            }),
            arrival: surroundings.arrival(),
        };
        self.judged(&format!("The IAM role {arn} doesn't let Atlas in"), &entry.trust());
        self.judged("Atlas can't use the key", &entry.key_use());
    }

    /// Adds what stands in Atlas's way, though Atlas may still say that the key is valid.
    fn judged(&mut self, otherwise: &str, access: &Access) {
        match access {
            Access::GetsIn => {}
            Access::Stopped(obstacle) => {
                let next = if self.is_valid {
                    " Atlas still says that the key is valid: it will trip over this at its next check, within 15 minutes."
                } else {
                    ""
                };
                self.risk(format!(
                    "{otherwise}: {obstacle}. What to do: {}{}.{next}",
                    obstacle.fix,
                    handed_over(obstacle)
                ));
            }
            Access::Unknown(obstacle) => self.note(format!(
                "Whether Atlas gets in can't be told from here: {obstacle}. What would settle it: {}{}.",
                obstacle.fix,
                handed_over(obstacle)
            )),
        }
    }

    fn key(&mut self, evidence: &Evidence, observed: &ObservedState) {
        let named = evidence.encryption_at_rest.aws.key.as_deref().unwrap_or("(not told)");
        let what = format!("The key {named}");
        match (&evidence.key, observed.chosen_key.as_ref().map(|lookup| &lookup.found)) {
            (Some(key), _) => self.key_state(key),
            (None, Some(Fetched::Known(_))) => self.unread(&what, "there is no such key in this account and region"),
            (None, Some(Fetched::Failed(problem))) => self.unread(&what, &problem.message),
            (None, _) => self.unread(&what, "it wasn't looked at"),
        }
    }

    fn key_state(&mut self, key: &Key) {
        if key.state == Key::UNREADABLE {
            return self.unread(&format!("The key {}", key.arn), "its state isn't told to you");
        }
        let reasons = key.unusable_because();
        if reasons.is_empty() {
            return;
        }
        let way_out = match key.state.as_str() {
            "PendingDeletion" => " Cancel its deletion, then enable it: cancelling leaves it disabled.",
            "Disabled" => " Enable it.",
            _ => "",
        };
        self.risk(format!(
            "The key {} can't be used: {}. Encrypted clusters stop at Atlas's next check.{way_out}",
            key.arn,
            reasons.join(", ")
        ));
    }

    fn clusters(&mut self, evidence: &Evidence) {
        let (encrypted, dedicated) = evidence.used_by();
        if encrypted == 0 {
            self.risk(format!(
                "The key is configured, used by 0 of {}: nothing is encrypted with it yet.",
                count(dedicated, "cluster")
            ));
        }
        let of = |is_it: fn(&Eligibility) -> bool| {
            let clusters = evidence
                .clusters
                .iter()
                .filter(|cluster| cluster.kind == ClusterKind::Dedicated);
            let clusters = clusters.filter(|cluster| is_it(&cluster.eligibility()));
            clusters.map(|cluster| cluster.name.clone()).collect::<Vec<_>>()
        };
        let eligible = of(|eligibility| *eligibility == Eligibility::Eligible);
        if !eligible.is_empty() && encrypted > 0 {
            self.note(format!(
                "{} could be encrypted with the key too: {}.",
                count(eligible.len(), "cluster"),
                some_of(&eligible)
            ));
        }
        let blocked = of(|eligibility| matches!(eligibility, Eligibility::Ineligible(_)));
        if !blocked.is_empty() {
            self.note(format!(
                "{} can't be encrypted now (paused, busy or with another provider's key): {}.",
                count(blocked.len(), "cluster"),
                some_of(&blocked)
            ));
        }
        let changing = evidence
            .clusters
            .iter()
            .filter(|cluster| cluster.is_encrypted() && cluster.state != ClusterState::Idle);
        for cluster in changing {
            self.note(format!(
                "Cluster {} is {}: Atlas is changing it.",
                cluster.name, cluster.state
            ));
        }
    }

    fn unfinished(&mut self, access_roles: &[AccessRole]) {
        for role in access_roles.iter().filter(|role| !role.is_authorized()) {
            let since = role.created.map(|at| format!(" since {at}")).unwrap_or_default();
            self.note(format!(
                "The access role {} (external ID {}) is unfinished{since}: it was never authorized. Finish it, or delete \
                 it in Atlas if nobody needs it.",
                role.role_id, role.external_id
            ));
        }
    }

    fn keep_in_mind(&mut self, key: Option<&Key>) {
        match key.map(|key| key.rotation) {
            Some(Rotation::Off) => self.note(format!(
                "AWS KMS doesn't rotate the key, and Atlas never does; it raises AWS_ENCRYPTION_KEY_NEEDS_ROTATION after \
                 {ALERT_DAYS} days. With automatic rotation the key's ID and ARN stay."
            )),
            Some(Rotation::On(days)) => {
                let period = days.map_or_else(|| "by itself".to_owned(), |days| format!("every {days} days"));
                self.note(format!(
                    "AWS KMS rotates the key {period}; Atlas doesn't see that and raises AWS_ENCRYPTION_KEY_NEEDS_ROTATION \
                     after {ALERT_DAYS} days. Raise the alert's threshold above the period, or switch the alert off."
                ));
            }
            Some(Rotation::Unknown) | None => {}
        }
        self.note(
            "Never disable or delete the key while a cluster or a snapshot needs it: Atlas would shut the encrypted clusters \
             down. Snapshots keep the key that they were taken with.",
        );
        self.note("Atlas checks the key every 15 minutes. Watch its alerts, AWS_ENCRYPTION_KEY_INVALID above all.");
    }
}

/// Returns the statement to hand to whoever owns the document, where it is a statement that lacks.
fn handed_over(obstacle: &Obstacle) -> String {
    let denies = obstacle
        .statement
        .as_ref()
        .is_some_and(|statement| statement["Effect"] == "Deny");
    match &obstacle.hand_over {
        Some(statement) if !denies && obstacle.addresses.is_empty() => format!(" ({statement})"),
        _ => String::new(),
    }
}
