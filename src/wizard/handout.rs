//! The AWS half for whoever has the rights to it: written out, then waited for.

use jiff::{SignedDuration, Timestamp};

use super::Wizard;
use super::effect::{Effect, EffectId};
use super::pending::take;
use super::screens::ScreenId;
use crate::observe::{Fetched, Lookup};
use crate::plan::render::{aws_half, is_in_aws};
use crate::plan::{Plan, Step};
use crate::problem::Problem;

/// While the other side is waited for, everything is looked at again this often.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(15);

impl Wizard {
    /// Returns whether something of the plan is to be done in AWS, which another one could do.
    pub fn can_hand_out(&self) -> bool {
        let is_ours = |plan: &Plan| plan.steps.iter().any(is_in_aws) && !plan.is_way_back();
        matches!(self.plan(), Some(Ok(plan)) if is_ours(plan))
    }

    /// Returns whether the AWS half was written out and isn't done yet.
    pub fn awaits_aws(&self) -> bool {
        self.session.handout.known().is_some() && self.can_hand_out()
    }

    pub(super) fn hand_out(&mut self, effects: &mut Vec<Effect>) {
        let Some(Ok(plan)) = self.plan() else {
            return;
        };
        let Some(files) = aws_half(plan) else {
            let first = plan.steps.first().map_or_else(String::new, Step::title);
            self.notice = Some(format!(
                "Only after \"{first}\": Atlas gives the external ID that the documents need."
            ));
            return;
        };
        let id = self.pending.id();
        self.pending.handout = Some(id);
        self.session.handout = Fetched::Looking;
        effects.push(Effect::HandOut { id, files });
    }

    pub(super) fn handed_out(&mut self, id: EffectId, result: Result<String, Problem>) {
        if !take(&mut self.pending.handout, id) {
            return;
        }
        self.notice = Some(match &result {
            Ok(folder) => format!("Written into {folder}. Once it's done in AWS, this goes on; r looks at once."),
            Err(problem) => problem.message.clone(),
        });
        self.session.handout = result.into();
    }

    /// Looks again from time to time while the other side is waited for.
    pub(super) fn wait_for_aws(&mut self, at: Timestamp, effects: &mut Vec<Effect>) {
        if self.current != ScreenId::Review || self.dialog.is_some() || self.is_looking() || !self.awaits_aws() {
            return;
        }
        let since = self.session.observed.at.map(|seen| at.duration_since(seen));
        if since.is_none_or(|since| since >= LOOK_EVERY) {
            self.look_again(effects);
        }
    }

    /// Asks once whether the operator may do what the plan needs in AWS.
    pub(super) fn look_up_permissions(&mut self, effects: &mut Vec<Effect>) {
        if self.current != ScreenId::Review || self.is_looking() {
            return;
        }
        let Some(Ok(plan)) = self.plan() else {
            return;
        };
        let needed = plan.needed_permissions();
        let asked = self.session.observed.permissions.as_ref().map(|lookup| &lookup.of);
        if needed.is_empty() || asked == Some(&needed) {
            return;
        }
        let id = self.pending.id();
        self.pending.permissions = Some(id);
        self.session.ask_permissions(Lookup {
            of: needed.clone(),
            found: Fetched::Looking,
        });
        effects.push(Effect::LookUpPermissions { id, needed });
    }
}
