//! The difference between what is observed and what is wanted, as steps. Pure.

use serde::{Deserialize, Serialize};

use super::desired::{AccessRoleChoice, ClusterChoice, DesiredState, KeyChoice, NewKeySettings, RoleChoice, Rollout};
use super::fingerprint::Fingerprint;
use super::permission;
use super::recognize::{interrupted_key, our_access_role};
use super::step::{Action, Output, Slot, Step, StepId};
use crate::domain::access_role::AccessRole;
use crate::domain::cluster::{Cluster, ClusterState, Eligibility};
use crate::domain::iam_role::{IamRole, IamRoleDetail};
use crate::domain::key::{Key, Rotation, same_key};
use crate::domain::policy::{self, Merged, PolicyDocument, Verdict};
use crate::domain::project::{EncryptionSetting, Project};
use crate::domain::region::Region;
use crate::domain::text::count;
use crate::observe::{Fetched, Lookup, ObservedState};
use crate::problem::Problem;

/// The name of the inline policy that lets an IAM role use the key.
pub const INLINE_POLICY: &str = "atlas-cmk-encryption-at-rest";

/// Something that was looked at and needs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// What it is.
    pub what: String,
    /// What was found.
    pub found: String,
}

/// The steps from what is observed to what is wanted. No steps: nothing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The project.
    pub project: Project,
    /// The AWS account that the operator acts in: 12 digits.
    pub account: String,
    /// What was wanted.
    pub desired: DesiredState,
    /// The steps; each stands behind those that it depends on.
    pub steps: Vec<Step>,
    /// What was looked at and needs nothing.
    pub settled: Vec<Settled>,
    /// What the operator is told before going on.
    pub notes: Vec<String>,
    /// What it was based on.
    pub fingerprint: Fingerprint,
}

impl Plan {
    /// Returns whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the step with a name.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Returns the names of the clusters that it encrypts, in their order.
    pub fn clusters(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::EncryptCluster { name } => Some(name.as_str()),
            _ => None,
        })
    }
}

/// Plans the way from what is observed to what is wanted.
///
/// # Errors
/// All reasons why there can be no plan: parts that couldn't be read, an IAM role or key that doesn't exist, clusters
/// that can't be encrypted.
pub fn plan(observed: &ObservedState, desired: &DesiredState) -> Result<Plan, Vec<Problem>> {
    let world = World::read(observed, desired)?;
    let mut draft = Draft::default();

    let access_role = draft.access_role(&world, desired);
    let iam_role = draft.iam_role(&world, desired, &access_role);
    let key = draft.key(&world, desired);
    draft.role_policy(&world, desired, &key);
    draft.authorize(&world, &access_role, &iam_role);
    draft.setting(&world, desired, &access_role, &iam_role, &key);
    draft.clusters(&world, desired);
    if !draft.problems.is_empty() {
        return Err(draft.problems);
    }

    Ok(Plan {
        fingerprint: Fingerprint::of(&world.project.id, world.account, &draft.steps),
        project: world.project.clone(),
        account: world.account.to_owned(),
        desired: desired.clone(),
        steps: draft.steps,
        settled: draft.settled,
        notes: draft.notes,
    })
}

/// The parts that every plan needs, all read.
struct World<'a> {
    project: &'a Project,
    account: &'a str,
    access_roles: &'a [AccessRole],
    setting: &'a EncryptionSetting,
    clusters: Vec<&'a Cluster>,
    /// `None`: it is to be created.
    role: Option<&'a IamRoleDetail>,
    /// `None`: it is to be created.
    key: Option<&'a Key>,
    /// Whether the key comes from an interrupted creation, so that what holds at creation is still to be done.
    key_is_new: bool,
    ours: Option<&'a AccessRole>,
}

fn part<'a, T>(fetched: &'a Fetched<T>, what: &str, problems: &mut Vec<Problem>) -> Option<&'a T> {
    match fetched {
        Fetched::Known(value) => Some(value),
        Fetched::Failed(problem) => {
            problems.push(problem.clone());
            None
        }
        Fetched::NotLooked | Fetched::Looking => {
            problems.push(Problem::internal(format!("{what} wasn't looked at yet")));
            None
        }
    }
}

fn or_none<T>(found: Result<Option<T>, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    found.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    })
}

/// Returns what a lookup found of the thing that is wanted now.
#[expect(clippy::option_option, reason = "not read, not there, there: all three are meant")]
fn looked_up<'a, K: PartialEq, T>(
    lookup: Option<&'a Lookup<K, T>>,
    wanted: &K,
    what: &str,
    problems: &mut Vec<Problem>,
) -> Option<Option<&'a T>> {
    let fetched = lookup.filter(|lookup| lookup.of == *wanted).map(|lookup| &lookup.found);
    part(fetched.unwrap_or(&Fetched::NotLooked), what, problems).map(Option::as_ref)
}

impl<'a> World<'a> {
    fn read(observed: &'a ObservedState, desired: &DesiredState) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let project = part(&observed.project, "the project", &mut problems);
        let aws = part(&observed.aws_identity, "the AWS identity", &mut problems);
        let access_roles = part(&observed.access_roles, "the project's access roles", &mut problems);
        let setting = part(&observed.setting, "the project's encryption setting", &mut problems);
        let clusters = part(&observed.clusters, "the project's clusters", &mut problems);
        let flex = part(&observed.flex_clusters, "the project's Flex clusters", &mut problems);
        let role_name = desired.role.name().to_owned();
        let role = looked_up(observed.chosen_role.as_ref(), &role_name, "the IAM role", &mut problems);
        let key = looked_up(
            observed.chosen_key.as_ref(),
            &desired.key.key_ref(),
            "the key",
            &mut problems,
        );

        if let (Some(None), RoleChoice::Existing { arn, .. }) = (&role, &desired.role) {
            problems.push(
                Problem::prerequisite(format!("there is no IAM role {arn}"))
                    .hint("look at the role's name and at the AWS account that you are signed in to"),
            );
        }
        if let (Some(Some(found)), RoleChoice::Existing { arn, .. }) = (&role, &desired.role)
            && found.role.arn != *arn
        {
            problems.push(
                Problem::prerequisite(format!("the IAM role is {}, not {arn}", found.role.arn))
                    .hint("look at the path in the ARN and at the AWS account that you are signed in to"),
            );
        }
        if let (Some(None), KeyChoice::Existing(wanted)) = (&key, &desired.key) {
            problems.push(
                Problem::prerequisite(format!("there is no key {wanted} in {}", desired.region))
                    .hint("look at the region and at the AWS account that you are signed in to"),
            );
        }
        if project.is_some_and(|project| project.id != desired.project_id) {
            problems.push(Problem::internal("the project was changed, and wasn't looked at yet"));
        }
        if observed.region.is_some_and(|region| region != desired.region) {
            problems.push(Problem::internal(format!(
                "the keys in {} weren't looked at yet",
                desired.region
            )));
        }
        if let Some(Some(key)) = key
            && key.arn.region_name() != desired.region.aws()
        {
            problems.push(
                Problem::prerequisite(format!("the key {} isn't in {}", key.arn, desired.region))
                    .hint("choose the key's region, or a key in this one"),
            );
        }
        let (
            Some(project),
            Some(aws),
            Some(access_roles),
            Some(setting),
            Some(clusters),
            Some(flex),
            Some(role),
            Some(key),
        ) = (project, aws, access_roles, setting, clusters, flex, role, key)
        else {
            return Err(problems);
        };
        let ours = our_access_role(
            observed,
            &desired.access_role,
            access_roles,
            setting,
            Some(&desired.role),
        );
        let ours = or_none(ours, &mut problems);
        let interrupted = match (&desired.key, key) {
            (KeyChoice::CreateUnlessThere(settings), None) => {
                or_none(interrupted_key(observed, &settings.alias), &mut problems)
            }
            (KeyChoice::CreateUnlessThere(_), Some(_)) | (KeyChoice::Existing(_), _) => None,
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            project,
            account: &aws.account,
            access_roles,
            setting,
            clusters: clusters.iter().chain(flex).collect(),
            role,
            key: key.or(interrupted),
            key_is_new: interrupted.is_some(),
            ours,
        })
    }
}

fn id(name: &str) -> StepId {
    StepId::new(name)
}

#[derive(Default)]
struct Draft {
    steps: Vec<Step>,
    settled: Vec<Settled>,
    notes: Vec<String>,
    problems: Vec<Problem>,
}

/// The three values of the access role.
struct AccessRoleSlots {
    id: Slot,
    principal: Slot,
    external_id: Slot,
}

impl Draft {
    fn step(&mut self, id: StepId, action: Action, after: &[&str]) {
        let depends_on = after
            .iter()
            .map(|name| StepId::new(*name))
            .filter(|id| self.has(id))
            .collect();
        self.steps.push(Step { id, action, depends_on });
    }

    fn has(&self, id: &StepId) -> bool {
        self.steps.iter().any(|step| step.id == *id)
    }

    fn settle(&mut self, what: impl Into<String>, found: impl Into<String>) {
        self.settled.push(Settled {
            what: what.into(),
            found: found.into(),
        });
    }

    fn access_role(&mut self, world: &World<'_>, desired: &DesiredState) -> AccessRoleSlots {
        if let Some(ours) = world.ours {
            let found = if ours.is_authorized() {
                format!("{}, authorized", ours.role_id)
            } else {
                let created = ours.created.map(|at| format!(", created {}", at.strftime("%F %T UTC")));
                format!(
                    "{}{}, external ID {}, not authorized yet",
                    ours.role_id,
                    created.unwrap_or_default(),
                    ours.external_id
                )
            };
            self.settle("Atlas access role", found);
            return AccessRoleSlots {
                id: Slot::Known(ours.role_id.clone()),
                principal: Slot::Known(ours.atlas_aws_account_arn.clone()),
                external_id: Slot::Known(ours.external_id.clone()),
            };
        }
        let unfinished = world.access_roles.iter().filter(|role| !role.is_authorized()).count();
        if unfinished > 0 && desired.access_role == AccessRoleChoice::Recognized {
            self.notes.push(format!(
                "The project has {} whose set-up was never finished; left alone, since nothing shows that it is ours.",
                count(unfinished, "access role")
            ));
        }
        self.step(id("create-access-role"), Action::CreateAccessRole, &[]);
        AccessRoleSlots {
            id: Slot::After(Output::AccessRoleId),
            principal: Slot::After(Output::AtlasPrincipal),
            external_id: Slot::After(Output::ExternalId),
        }
    }

    fn iam_role(&mut self, world: &World<'_>, desired: &DesiredState, access_role: &AccessRoleSlots) -> Slot {
        let (principal, external_id) = (access_role.principal.clone(), access_role.external_id.clone());
        let Some(found) = world.role else {
            let tags = match &desired.role {
                RoleChoice::Named { tags, .. } => tags.clone(),
                RoleChoice::Existing { .. } => std::collections::BTreeMap::new(),
            };
            let name = desired.role.name().to_owned();
            let action = Action::CreateIamRole {
                name,
                tags,
                principal,
                external_id,
            };
            self.step(id("create-iam-role"), action, &["create-access-role"]);
            return Slot::After(Output::IamRoleArn);
        };
        let role = &found.role;
        match self.trust(world, role, &principal, &external_id) {
            Ok(true) => {
                let action = Action::UpdateTrustPolicy {
                    role: role.name.clone(),
                    before: role.trust.clone(),
                    principal,
                    external_id,
                };
                self.step(id("update-trust-policy"), action, &["create-access-role"]);
            }
            Ok(false) => {}
            Err(problem) => self.problems.push(problem),
        }
        self.settle("IAM role", role.arn.to_string());
        Slot::Known(role.arn.to_string())
    }

    /// Returns whether the trust policy needs our statement.
    fn trust(
        &mut self,
        world: &World<'_>,
        role: &IamRole,
        principal: &Slot,
        external_id: &Slot,
    ) -> Result<bool, Problem> {
        let name = &role.name;
        let verdict = permission::trust_verdict(role, world.ours, world.access_roles);
        if let Verdict::Denied { why, .. } = &verdict {
            return Err(
                Problem::prerequisite(format!("Atlas can't assume the IAM role {name}: {why}"))
                    .hint("take that Deny out of its trust policy, or choose another IAM role"),
            );
        }
        if verdict.is_allowed() {
            self.settle("Trust policy", format!("{name} trusts Atlas with this external ID"));
            return Ok(false);
        }
        let merged = policy::merge_trust(&role.trust, &principal.show(), &external_id.show())?;
        if merged == Merged::Already {
            self.settle("Trust policy", format!("{name} has Atlas's statement"));
            self.notes.extend(
                verdict
                    .why()
                    .map(|why| format!("Whether {name} trusts Atlas can't be told: {why}.")),
            );
            return Ok(false);
        }
        Ok(true)
    }

    fn key(&mut self, world: &World<'_>, desired: &DesiredState) -> Slot {
        let wanted = match &desired.key {
            KeyChoice::CreateUnlessThere(settings) => Some(settings),
            KeyChoice::Existing(_) => None,
        };
        let Some(found) = world.key else {
            if let Some(settings) = wanted {
                self.step(id("create-key"), Action::CreateKey(settings.clone()), &[]);
                self.key_extras(settings, &Slot::After(Output::KeyArn), true);
            }
            return Slot::After(Output::KeyArn);
        };
        let arn = Slot::Known(found.arn.to_string());
        match wanted {
            Some(settings) if world.key_is_new => {
                self.settle("Key", format!("{}, from an interrupted run", found.arn));
                self.key_extras(settings, &arn, found.rotation == Rotation::Off);
            }
            Some(settings) => {
                self.settle("Key", format!("{} ({})", found.arn, settings.alias));
                self.notes.extend(settings.deviations(found));
            }
            None => self.settle("Key", found.arn.to_string()),
        }
        arn
    }

    /// What a new key gets besides; the alias last, since a key that is found by it is taken as finished.
    fn key_extras(&mut self, settings: &NewKeySettings, key: &Slot, rotation: bool) {
        if let Some(days) = settings.rotation_days.filter(|_| rotation) {
            let action = Action::EnableRotation { days, key: key.clone() };
            self.step(id("enable-rotation"), action, &["create-key"]);
        }
        let action = Action::CreateAlias {
            alias: settings.alias.clone(),
            key: key.clone(),
        };
        self.step(id("create-alias"), action, &["create-key", "enable-rotation"]);
    }

    fn role_policy(&mut self, world: &World<'_>, desired: &DesiredState, key: &Slot) {
        let before = world.role.and_then(|found| found.inline_policy(INLINE_POLICY)).cloned();
        if let Some(found) = world.role {
            match self.key_access(world, found, desired.region, before.as_ref(), key) {
                Ok(true) => {}
                Ok(false) => return,
                Err(problem) => return self.problems.push(problem),
            }
        }
        let action = Action::PutRolePolicy {
            role: desired.role.name().to_owned(),
            policy: INLINE_POLICY.to_owned(),
            before,
            key: key.clone(),
        };
        self.step(id("put-role-policy"), action, &["create-iam-role", "create-key"]);
    }

    /// Returns whether the IAM role's inline policy needs the key.
    fn key_access(
        &mut self,
        world: &World<'_>,
        found: &IamRoleDetail,
        region: Region,
        before: Option<&PolicyDocument>,
        key: &Slot,
    ) -> Result<bool, Problem> {
        let name = &found.role.name;
        if found
            .inline
            .iter()
            .any(|policy| policy.name == INLINE_POLICY && policy.document.is_none())
        {
            return Err(
                Problem::prerequisite(format!("the inline policy {INLINE_POLICY} of {name} can't be read"))
                    .hint("it would be replaced: let iam:GetRolePolicy be allowed to you, then look again"),
            );
        }
        let missing = permission::key_access(found, world.key.map(|key| &key.arn), region).missing;
        if let Some(why) = missing.iter().find_map(|(_, verdict)| match verdict {
            Verdict::Denied { why, .. } => Some(why),
            _ => None,
        }) {
            return Err(
                Problem::prerequisite(format!("the IAM role {name} can't use the key: {why}"))
                    .hint("take that Deny out of its policies, or choose another IAM role"),
            );
        }
        if missing.is_empty() {
            self.settle("Role's policy", format!("{name} may use the key"));
            return Ok(false);
        }
        if policy::merge_key_access(before, &key.show())? == Merged::Already {
            self.settle("Role's policy", format!("{name} has the statement for the key"));
            let why = missing.iter().find_map(|(_, verdict)| verdict.why());
            self.notes
                .extend(why.map(|why| format!("Whether {name} may use the key can't be told: {why}.")));
            return Ok(false);
        }
        Ok(true)
    }

    fn authorize(&mut self, world: &World<'_>, access_role: &AccessRoleSlots, iam_role: &Slot) {
        let before = world
            .ours
            .filter(|ours| ours.is_authorized())
            .and_then(|ours| ours.iam_role_arn.clone());
        if let (Some(before), Slot::Known(arn)) = (&before, iam_role) {
            if before.as_str() == arn {
                return;
            }
            let others: Vec<_> = world
                .ours
                .iter()
                .flat_map(|ours| ours.features.iter())
                .map(String::as_str)
                .collect();
            if !others.is_empty() {
                self.notes.push(format!(
                    "The access role is used by {}; all of it moves to {arn}.",
                    others.join(", ")
                ));
            }
        }
        let action = Action::AuthorizeAccessRole {
            access_role: access_role.id.clone(),
            iam_role: iam_role.clone(),
            before,
        };
        self.step(
            id("authorize-access-role"),
            action,
            &["create-access-role", "create-iam-role", "update-trust-policy"],
        );
    }

    fn setting(
        &mut self,
        world: &World<'_>,
        desired: &DesiredState,
        access_role: &AccessRoleSlots,
        iam_role: &Slot,
        key: &Slot,
    ) {
        let now = &world.setting.aws;
        let same_role = match (&now.role_id, &access_role.id) {
            (Some(now), Slot::Known(wanted)) => now == wanted,
            (None, Slot::Known(_)) => world.ours.is_some_and(AccessRole::serves_encryption),
            (_, Slot::After(_)) => false,
        };
        let same_key = match (&now.key, world.key) {
            (Some(now), Some(wanted)) => same_key(now, &wanted.arn),
            _ => false,
        };
        if now.enabled && same_role && same_key && now.region == Some(desired.region) {
            self.settle("Project setting", "this key is enabled for the project");
            return;
        }
        let action = Action::EnableProjectSetting {
            access_role: access_role.id.clone(),
            iam_role: iam_role.clone(),
            key: key.clone(),
            region: desired.region,
            before: now.clone(),
        };
        self.step(
            id("enable-project-setting"),
            action,
            &[
                "create-access-role",
                "update-trust-policy",
                "authorize-access-role",
                "create-key",
                "put-role-policy",
            ],
        );
    }

    fn clusters(&mut self, world: &World<'_>, desired: &DesiredState) {
        let chosen = match &desired.clusters {
            ClusterChoice::Eligible => world
                .clusters
                .iter()
                .filter(|cluster| cluster.is_eligible() || is_under_way(cluster))
                .copied()
                .collect(),
            ClusterChoice::Named(names) => self.named(&world.clusters, names),
        };
        // Without a change of the setting, what makes its key usable still comes before any cluster.
        let mut ready = vec![id("enable-project-setting")];
        if !self.has(&ready[0]) {
            ready = ["update-trust-policy", "put-role-policy", "authorize-access-role"]
                .map(id)
                .to_vec();
        }
        ready.retain(|id| self.has(id));
        let (mut encrypted, mut before) = (0, None::<StepId>);
        for cluster in chosen {
            match cluster.eligibility() {
                Eligibility::AlreadyEncrypted if !is_under_way(cluster) => {
                    encrypted += 1;
                    continue;
                }
                Eligibility::Eligible | Eligibility::AlreadyEncrypted => {}
                Eligibility::Ineligible(reason) => {
                    self.problems.push(
                        Problem::prerequisite(format!("cluster {} can't be encrypted: {reason}", cluster.name))
                            .hint("mend that, or leave the cluster out"),
                    );
                    continue;
                }
            }
            let step = StepId::new(format!("encrypt-cluster:{}", cluster.name));
            self.steps.push(Step {
                id: step.clone(),
                action: Action::EncryptCluster {
                    name: cluster.name.clone(),
                },
                depends_on: ready.iter().cloned().chain(before.clone()).collect(),
            });
            match desired.rollout {
                Rollout::Canary if before.is_some() => {}
                Rollout::Canary | Rollout::OneByOne => before = Some(step),
                Rollout::Together => {}
            }
        }
        if encrypted > 0 {
            self.settle(
                "Clusters",
                format!(
                    "{} encrypted with a customer-managed key already",
                    count(encrypted, "cluster")
                ),
            );
        }
    }

    /// Returns the clusters with these names, each once.
    fn named<'a>(&mut self, clusters: &[&'a Cluster], names: &[String]) -> Vec<&'a Cluster> {
        let mut found: Vec<&Cluster> = Vec::new();
        for name in names {
            match clusters.iter().find(|cluster| cluster.name == *name) {
                Some(_) if found.iter().any(|known| known.name == *name) => {}
                Some(cluster) => found.push(cluster),
                None => {
                    let hint = match Cluster::nearest(name, clusters.iter().copied()) {
                        Some(near) => format!("did you mean {}?", near.name),
                        None => "look at the names of the project's clusters".to_owned(),
                    };
                    let problem = Problem::prerequisite(format!("the project has no cluster {name}")).hint(hint);
                    self.problems.push(problem);
                }
            }
        }
        found
    }
}

/// Returns whether a cluster is on its way to be encrypted by a request that was sent before.
fn is_under_way(cluster: &Cluster) -> bool {
    cluster.is_encrypted() && cluster.state == ClusterState::Updating
}
