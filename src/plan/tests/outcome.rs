//! What a plan would bring about, without any cloud: the model that the property test plans again from.

use super::{Action, Output, Plan, Slot, fixture};
use crate::domain::access_role::AccessRole;
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::cluster::{Cluster, ClusterState, EncryptionProvider};
use crate::domain::iam_role::{IamRoleDetail, NamedPolicy};
use crate::domain::key::{Key, KeyRef, Rotation};
use crate::domain::policy::{self, PolicyDocument};
use crate::domain::project::AwsKmsSetting;
use crate::domain::region::Region;
use crate::observe::{Fetched, ObservedState, Unfinished};
use crate::plan::{Outputs, atlas_key, merge_keys};

const NEW_ACCESS_ROLE: &str = "6a0000000000000000000099";
const NEW_EXTERNAL_ID: &str = "99999999-0000-4000-8000-000000000099";
const NEW_KEY: &str = "99999999-12ab-34cd-56ef-1234567890ab";
const NEW_MULTI_REGION_KEY: &str = "mrk-99999999999999999999999999999999";

/// Carries a plan out on what is observed, each step from what the steps before it brought about.
///
/// Panics where a step needs a value that isn't there yet, or a thing that isn't there.
pub(super) fn outcome(observed: &ObservedState, plan: &Plan) -> ObservedState {
    let mut run = Run {
        observed: observed.clone(),
        outputs: Outputs::new(),
        new_key: None,
    };
    for step in &plan.steps {
        run.carry_out(&step.action);
    }
    run.observed
}

struct Run {
    observed: ObservedState,
    outputs: Outputs,
    /// A key between its creation and its alias, by which it is found.
    new_key: Option<Key>,
}

impl Run {
    fn value(&self, slot: &Slot) -> String {
        slot.resolve(&self.outputs).unwrap()
    }

    fn produce(&mut self, output: Output, value: &str) {
        self.outputs.insert(output, value.to_owned());
    }

    fn role(&mut self, name: &str) -> &mut IamRoleDetail {
        let lookup = self.observed.chosen_role.as_mut().unwrap();
        assert_eq!(lookup.of, name);
        super::known(&mut lookup.found).as_mut().unwrap()
    }

    fn access_role(&mut self, id: &str) -> &mut AccessRole {
        let mut all = super::known(&mut self.observed.access_roles).iter_mut();
        all.find(|role| role.role_id == id).unwrap()
    }

    /// Returns the key that is being made: now, or by the run that was interrupted.
    fn key_in_the_making(&mut self, arn: &str) -> &mut Key {
        if self.new_key.is_none() {
            let interrupted = self.observed.unfinished.iter().find_map(|unfinished| match unfinished {
                Unfinished::Key {
                    found: Fetched::Known(keys),
                    ..
                } => keys.iter().find(|key| key.arn.as_str() == arn),
                _ => None,
            });
            self.new_key = interrupted.cloned();
        }
        self.new_key.as_mut().filter(|key| key.arn.as_str() == arn).unwrap()
    }

    #[expect(clippy::too_many_lines, reason = "one arm a kind of step")]
    fn carry_out(&mut self, action: &Action) {
        match action {
            Action::CreateAccessRole => {
                let new = fixture::access_role(NEW_ACCESS_ROLE, NEW_EXTERNAL_ID);
                self.produce(Output::AccessRoleId, &new.role_id);
                self.produce(Output::AtlasPrincipal, &new.atlas_aws_account_arn);
                self.produce(Output::ExternalId, &new.external_id);
                super::known(&mut self.observed.access_roles).push(new);
            }
            Action::CreateIamRole {
                name,
                path,
                principal,
                external_id,
                ..
            } => {
                let lookup = self.observed.chosen_role.as_ref().unwrap();
                assert_eq!(lookup.found, Fetched::Known(None), "it would be a second one");
                let trust = policy::new_trust(&self.value(principal), &self.value(external_id)).unwrap();
                let mut role = fixture::role(name, trust);
                role.role.arn = RoleArn::parse(&format!("arn:aws:iam::{}:role{path}{name}", fixture::ACCOUNT)).unwrap();
                self.produce(Output::IamRoleArn, role.role.arn.as_str());
                fixture::choose_role(&mut self.observed, name, Some(role));
            }
            Action::UpdateTrustPolicy {
                role,
                before,
                principal,
                external_id,
                mend,
            } => {
                let (principal, external_id) = (self.value(principal), self.value(external_id));
                let trust = &mut self.role(role).role.trust;
                assert_eq!(Some(&*trust), before.as_ref());
                *trust = mend.apply(trust, &principal, &external_id).unwrap().changed().unwrap();
            }
            Action::UpdateKeyPolicy { key, before, iam_role } => {
                let role = self.value(iam_role);
                let lookup = self.observed.key_policy.as_mut().unwrap();
                let document = super::known(&mut lookup.found).as_mut().unwrap();
                assert_eq!((document as &PolicyDocument, &lookup.of), (before, key));
                let merged = policy::merge_key_policy(document, &role, key.as_str()).unwrap();
                *document = merged.changed().unwrap();
            }
            Action::PutRolePolicy {
                role,
                policy,
                before,
                keys,
            } => self.put_role_policy(role, policy, before.as_ref(), keys),
            Action::CreateKey(settings) => {
                let id = if settings.multi_region {
                    NEW_MULTI_REGION_KEY
                } else {
                    NEW_KEY
                };
                let key = Key {
                    description: settings.description.clone(),
                    rotation: Rotation::Off,
                    ..fixture::key(id)
                };
                self.produce(Output::KeyArn, key.arn.as_str());
                self.new_key = Some(key);
            }
            Action::EnableRotation { days, key } => {
                let arn = self.value(key);
                self.key_in_the_making(&arn).rotation = Rotation::On(Some(*days));
            }
            Action::CreateAlias { alias, key } => {
                let arn = self.value(key);
                let key = self.key_in_the_making(&arn);
                key.aliases.push(alias.clone());
                let (of, key) = (KeyRef::Alias(alias.clone()), key.clone());
                fixture::choose_key(&mut self.observed, of, Some(key));
            }
            Action::AuthorizeAccessRole {
                access_role, iam_role, ..
            } => {
                let (id, arn) = (self.value(access_role), self.value(iam_role));
                let role = self.access_role(&id);
                role.authorized = "2026-11-25T09:00:00Z".parse().ok();
                role.iam_role_arn = Some(RoleArn::parse(&arn).unwrap());
            }
            Action::EnableProjectSetting {
                access_role,
                iam_role,
                key,
                region,
                before,
            } => self.enable(access_role, iam_role, key, *region, before),
            Action::ResumeCluster { name } => {
                let cluster = self.cluster(name);
                assert!(std::mem::replace(&mut cluster.paused, false), "it runs");
            }
            Action::ReleaseCluster { name, from } => {
                let cluster = self.cluster(name);
                assert!(!cluster.paused && cluster.encryption == *from);
                cluster.encryption = EncryptionProvider::None;
            }
            Action::EncryptCluster { name } => {
                let cluster = self.cluster(name);
                assert!(
                    !cluster.paused
                        && [EncryptionProvider::None, EncryptionProvider::Aws].contains(&cluster.encryption)
                );
                cluster.encryption = EncryptionProvider::Aws;
                cluster.state = ClusterState::Idle;
            }
            Action::CreateCluster(new) => {
                assert!(super::known(&mut self.observed.setting).aws.enabled);
                super::known(&mut self.observed.clusters).push(fixture::encrypted(&new.name));
            }
            Action::CancelKeyDeletion { .. } => "Disabled".clone_into(&mut self.key_in_use().state),
            Action::EnableKey { .. } => "Enabled".clone_into(&mut self.key_in_use().state),
            Action::AwaitValid => super::known(&mut self.observed.setting).aws.valid = Some(true),
        }
    }

    /// Returns the cluster with a name, of which the setting must be enabled by now.
    fn cluster(&mut self, name: &str) -> &mut Cluster {
        assert!(super::known(&mut self.observed.setting).aws.enabled);
        let mut clusters = super::known(&mut self.observed.clusters).iter_mut();
        clusters.find(|cluster| cluster.name == name).unwrap()
    }

    fn key_in_use(&mut self) -> &mut Key {
        super::known(&mut self.observed.key_in_use.as_mut().unwrap().found)
            .as_mut()
            .unwrap()
    }

    fn put_role_policy(&mut self, role: &str, policy: &str, before: Option<&PolicyDocument>, keys: &[Slot]) {
        let keys: Vec<_> = keys.iter().map(|key| self.value(key)).collect();
        let inline = &mut self.role(role).inline;
        let place = inline.iter().position(|known| known.name == policy);
        let there = place.map(|place| inline.remove(place)).and_then(|known| known.document);
        assert_eq!(there.as_ref(), before);
        let merged = merge_keys(before, &keys).unwrap();
        inline.push(NamedPolicy {
            name: policy.to_owned(),
            document: Some(merged.changed().unwrap()),
        });
    }

    fn enable(&mut self, access_role: &Slot, iam_role: &Slot, key: &Slot, region: Region, before: &AwsKmsSetting) {
        let (id, arn, key) = (self.value(access_role), self.value(iam_role), self.value(key));
        KeyArn::parse(&key).unwrap();
        let role = self.access_role(&id);
        assert!(role.is_authorized() && role.iam_role_arn.as_ref().unwrap().as_str() == arn);
        role.features.push(AccessRole::ENCRYPTION_AT_REST.to_owned());
        let aws = &mut super::known(&mut self.observed.setting).aws;
        assert_eq!(
            (aws.enabled, aws.region, &aws.access_key_id),
            (before.enabled, before.region, &before.access_key_id)
        );
        assert_eq!(aws.key, before.key);
        *aws = AwsKmsSetting {
            enabled: true,
            role_id: Some(id),
            key: Some(atlas_key(&arn, &key)),
            region: Some(region),
            region_name: Some(region.atlas()),
            access_key_id: None,
            valid: Some(true),
            require_private_networking: before.require_private_networking,
        };
    }
}
