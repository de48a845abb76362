//! The AWS half in other hands: whose each step is, and what is known of AWS where little or nothing can be read.

use super::desired::{DesiredState, KeyChoice, RoleChoice};
use super::planner::Plan;
use super::render::is_in_aws;
use super::step::{Outputs, Slot, Step};
use crate::domain::aws_identity::AwsIdentity;
use crate::domain::key::{Key, KeyRef};
use crate::observe::{Fetched, ObservedState};
use crate::problem::Problem;

impl Plan {
    /// Returns whether a step is the AWS administrator's: it is written out for them and not carried out from here.
    pub fn is_elsewhere(&self, step: &Step) -> bool {
        self.desired.aws_half.is_some() && is_in_aws(step)
    }

    /// Returns the same plan with the values that the steps done so far have brought about.
    #[must_use]
    pub fn with_outputs(mut self, outputs: &Outputs) -> Self {
        for slot in self.steps.iter_mut().flat_map(|step| step.action.slots_mut()) {
            if let Slot::After(output) = slot
                && let Some(value) = outputs.get(output)
            {
                *slot = Slot::Known(value.clone());
            }
        }
        self
    }
}

/// Returns what is observed, with what of AWS can't be read from here taken from what the operator gave: account and
/// partition out of an ARN, the key by its ARN. All else that can't be read stays unknown.
pub(super) fn seen(observed: &ObservedState, desired: &DesiredState) -> ObservedState {
    let mut seen = observed.clone();
    seen.aws_identity = account(observed, desired);
    let wanted = desired.key.key_ref();
    if let Some(lookup) = seen.chosen_key.as_mut().filter(|lookup| lookup.of == wanted)
        && let Fetched::Failed(problem) = &lookup.found
    {
        lookup.found = match wanted {
            KeyRef::Arn(arn) => Fetched::Known(Some(Key::unreadable(arn, Vec::new()))),
            KeyRef::Id(_) | KeyRef::Alias(_) => Fetched::Failed(
                Problem::prerequisite(format!("the key {wanted} can't be looked up from here"))
                    .hint("name the key by its full ARN: the AWS administrator knows it, or creates the key first")
                    .caused_by(problem),
            ),
        };
    }
    seen
}

/// Returns in which account and partition the IAM role is: those of its ARN; those of the operator, where the operator can
/// look for it there; else those of the key's ARN.
fn account(observed: &ObservedState, desired: &DesiredState) -> Fetched<AwsIdentity> {
    let operator = observed.aws_identity.known();
    let given = match (&desired.role, &desired.key) {
        (RoleChoice::Existing { arn, .. }, _) => Some((arn.account(), arn.partition())),
        (RoleChoice::Named { .. }, _) if operator.is_some() && reads_role(observed, desired) => None,
        (_, KeyChoice::Existing(KeyRef::Arn(arn))) => Some((arn.account(), arn.partition())),
        _ => None,
    };
    match (given, &observed.aws_identity) {
        (Some((account, partition)), _) => Fetched::Known(AwsIdentity {
            account: account.to_owned(),
            account_alias: None,
            arn: operator.map(|operator| operator.arn.clone()).unwrap_or_default(),
            partition: partition.to_owned(),
        }),
        (None, Fetched::Failed(problem)) => Fetched::Failed(
            Problem::prerequisite("it isn't known in which AWS account the IAM role is to be")
                .hint("name the key by its full ARN, or the IAM role by its ARN: the account is in it")
                .caused_by(problem),
        ),
        (None, as_it_is) => as_it_is.clone(),
    }
}

/// Returns whether the operator may look for the wanted IAM role.
fn reads_role(observed: &ObservedState, desired: &DesiredState) -> bool {
    let lookup = observed.chosen_role.as_ref();
    lookup.is_some_and(|lookup| lookup.of == desired.role.name() && lookup.found.known().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::arn::{KeyArn, RoleArn};
    use crate::observe::Lookup;
    use crate::observe::fixture::{
        ACCESS_ROLE, EXTERNAL_ID, KEY, ROLE, access_role, all_done, desired, first_time, key_arn, role_arn,
    };
    use crate::plan::{AccessRoleChoice, Action, Output, StepId, plan};

    fn refused() -> Problem {
        Problem::prerequisite("there are no AWS credentials")
    }

    /// Nothing of AWS can be read.
    fn blind(mut world: ObservedState, wanted: &DesiredState) -> ObservedState {
        world.aws_identity = Fetched::Failed(refused());
        world.iam_roles = Fetched::Failed(refused());
        world.keys = Fetched::Failed(refused());
        world.key_policy = None;
        world.key_grants = None;
        world.key_in_use = None;
        world.chosen_role = Some(Lookup {
            of: wanted.role.name().to_owned(),
            found: Fetched::Failed(refused()),
        });
        world.chosen_key = Some(Lookup {
            of: wanted.key.key_ref(),
            found: Fetched::Failed(refused()),
        });
        world
    }

    fn elsewhere(role: RoleChoice) -> DesiredState {
        DesiredState {
            role,
            key: KeyChoice::Existing(KeyRef::Arn(key_arn(KEY))),
            aws_half: Some("atlas-cmk-aws".to_owned()),
            ..desired()
        }
    }

    fn ids(plan: &Plan) -> Vec<&str> {
        plan.steps.iter().map(|step| step.id.as_str()).collect()
    }

    #[test]
    fn from_nothing_the_plan_is_the_same_and_its_steps_in_aws_are_the_administrators() {
        let wanted = elsewhere(RoleChoice::named(ROLE));
        let told = plan(&blind(first_time(), &wanted), &wanted).unwrap();
        assert_eq!(
            ids(&told),
            [
                "create-access-role",
                "create-iam-role",
                "put-role-policy",
                "authorize-access-role",
                "enable-project-setting",
                "encrypt-cluster:orders",
                "encrypt-cluster:billing",
            ]
        );
        let theirs: Vec<_> = told.steps.iter().filter(|step| told.is_elsewhere(step)).collect();
        assert_eq!(theirs.len(), 2);
        let first = StepId::new("create-access-role");
        assert!(theirs.iter().all(|step| step.depends_on.contains(&first)));
        assert_eq!(told.account, "111122223333");
        assert_eq!(told.iam_role, role_arn(ROLE).as_str());
        assert!(told.needed_permissions().is_empty(), "nothing is done in AWS from here");
        let after = Slot::After(Output::IamRoleArn);
        let mut actions: Vec<_> = told.steps.iter().map(|step| step.action.clone()).collect();
        assert!(
            actions
                .iter_mut()
                .flat_map(Action::slots_mut)
                .all(|slot| *slot != after),
            "nobody brings its ARN about from here"
        );
    }

    #[test]
    fn account_and_partition_come_from_an_arn() {
        let key = KeyArn::parse(&format!("arn:aws-us-gov:kms:us-gov-west-1:444455556666:key/{KEY}")).unwrap();
        let mut wanted = elsewhere(RoleChoice::named(ROLE));
        wanted.region = key.region().unwrap();
        wanted.key = KeyChoice::Existing(KeyRef::Arn(key));
        let mut world = blind(first_time(), &wanted);
        world.region = Some(wanted.region);
        let told = plan(&world, &wanted).unwrap();
        assert_eq!(told.iam_role, format!("arn:aws-us-gov:iam::444455556666:role/{ROLE}"));

        let arn = RoleArn::parse("arn:aws:iam::777788889999:role/team/atlas").unwrap();
        let wanted = elsewhere(RoleChoice::Existing {
            arn: arn.clone(),
            reuse: false,
        });
        let told = plan(&blind(first_time(), &wanted), &wanted).unwrap();
        assert_eq!(
            (told.account.as_str(), told.iam_role.as_str()),
            ("777788889999", arn.as_str())
        );
        let trust = told.step(&StepId::new("update-trust-policy")).unwrap();
        assert!(matches!(&trust.action, Action::UpdateTrustPolicy { before: None, .. }));
        assert!(trust.policy_change().is_none(), "what can't be read is no difference");
    }

    #[test]
    fn what_cannot_be_known_is_asked_for() {
        let mut wanted = elsewhere(RoleChoice::named(ROLE));
        wanted.key = desired().key;
        let problems = plan(&blind(first_time(), &wanted), &wanted).unwrap_err();
        let hints: Vec<_> = problems.iter().flat_map(|problem| &problem.hints).collect();
        assert!(hints.iter().all(|hint| hint.contains("ARN")), "{problems:?}");
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn what_atlas_has_proven_needs_nothing() {
        let wanted = elsewhere(RoleChoice::named(ROLE));
        let done = plan(&blind(all_done(), &wanted), &wanted).unwrap();
        assert!(done.is_empty(), "{:?}", ids(&done));
    }

    #[test]
    fn an_access_role_that_was_picked_gives_the_documents_their_values() {
        let mut wanted = elsewhere(RoleChoice::named(ROLE));
        wanted.access_role = AccessRoleChoice::Picked(ACCESS_ROLE.to_owned());
        let mut world = blind(first_time(), &wanted);
        world.access_roles = Fetched::Known(vec![access_role(ACCESS_ROLE, EXTERNAL_ID)]);
        let known = plan(&world, &wanted).unwrap();
        let text = crate::plan::render::aws_half(&known).unwrap();
        assert!(text.iter().any(|file| file.text.contains(EXTERNAL_ID)));

        let later = plan(&blind(first_time(), &wanted), &elsewhere(RoleChoice::named(ROLE))).unwrap();
        assert!(crate::plan::render::aws_half(&later).is_none());
        let outputs = Outputs::from([
            (Output::ExternalId, EXTERNAL_ID.to_owned()),
            (Output::AtlasPrincipal, crate::observe::fixture::PRINCIPAL.to_owned()),
        ]);
        assert_eq!(crate::plan::render::aws_half(&later.with_outputs(&outputs)), Some(text));
    }
}
