//! KMS `CreateKey`, sent twice it makes a second key; `CreateAlias`; `EnableKeyRotation`.

use super::{Attempt, Context, Done, Ended};
use crate::apply::journal::Journal;
use crate::apply::not_yet::{Operation, Refusal};
use crate::aws::NewKey;
use crate::domain::arn::KeyArn;
use crate::domain::key::{Key, KeyRef};
use crate::domain::name::{CreationMark, MARKER_TAG};
use crate::domain::text::count;
use crate::plan::{NewKeySettings, Output, Slot, with_project_tag};
use crate::problem::Problem;

pub(super) async fn create(context: &Context, settings: &NewKeySettings) -> Result<Done, Ended> {
    if let Some(key) = orphan(context, &settings.alias).await? {
        context.produce(Output::KeyArn, key.arn.as_str());
        return Ok(Done::already_so(format!("{}, from an interrupted run", key.arn)));
    }
    let mark = CreationMark::new(context.project_id(), &settings.alias, fastrand::u64(..));
    let marker = mark.as_str();
    let mut tags = with_project_tag(&settings.tags, context.project_id());
    tags.insert(MARKER_TAG.to_owned(), marker.to_owned());
    let wanted = NewKey {
        description: &settings.description,
        tags: &tags,
        multi_region: settings.multi_region,
    };
    context.run.recorder.journal(|journal| journal.key_begun(marker))?;
    let created = context
        .create_once(
            Operation::CreateKey,
            || marked(context, marker),
            async || Ok(context.aws().create_key(&wanted).await?),
        )
        .await;
    let key = match created {
        Ok(key) => key,
        Err(ended) => {
            if !ended.uncertain {
                abandon(context);
            }
            return Err(ended);
        }
    };
    context
        .run
        .recorder
        .journal(|journal| journal.key_created(marker, &key.arn))?;
    context.changed(|fresh| fresh.key = true);
    context.produce(Output::KeyArn, key.arn.as_str());
    Ok(Done::changed(key.arn.to_string()))
}

/// Finds the key that an interrupted run made for the same and never named, where its journal is gone or elsewhere.
async fn orphan(context: &Context, alias: &str) -> Result<Option<Key>, Ended> {
    let purpose = CreationMark::purpose(context.project_id(), alias);
    let found = context
        .persist(Operation::CreateKey, |_: Attempt| async {
            let found = context.aws().nameless_keys_with_tag(MARKER_TAG, &purpose).await;
            match found {
                // Whoever may not list keys may create one all the same.
                Err(error) if error.is_denied() => Ok(Vec::new()),
                found => Ok(found?),
            }
        })
        .await?;
    let usable = found.into_iter().filter(|key| key.state != "PendingDeletion");
    Ok(only_one(usable.collect())?)
}

/// Finds the key that a lost answer was about.
async fn marked(context: &Context, marker: &str) -> Result<Option<Key>, Refusal> {
    let found = context.aws().keys_with_tag(MARKER_TAG, marker).await?;
    only_one(found).map_err(Refusal::ours)
}

fn only_one(mut found: Vec<Key>) -> Result<Option<Key>, Problem> {
    if found.len() > 1 {
        let problem = Problem::service(format!("{} carry the mark of this creation", count(found.len(), "key")))
            .hint("choose the one that is to be used by its ID, and delete the others when nothing uses them");
        return Err(problem);
    }
    Ok(found.pop())
}

/// Takes the intent back out of the journal: it is certain that nothing was created.
fn abandon(context: &Context) {
    if let Err(problem) = context.run.recorder.journal(Journal::key_abandoned) {
        tracing::warn!(%problem, "the intent stays in the journal");
    }
}

/// Names a key: it is found by its alias from then on, or a little later.
pub(super) async fn name(context: &Context, alias: &str, key: &Slot) -> Result<Done, Ended> {
    let arn = context.resolve(key)?;
    let created = context
        .persist(Operation::CreateAlias, |_: Attempt| async {
            let taken = match context.aws().create_alias(alias, &arn).await {
                Ok(()) => return Ok(true),
                Err(error) if error.is("AlreadyExistsException") => error,
                Err(error) => return Err(error.into()),
            };
            match context.aws().key(&KeyRef::Alias(alias.to_owned())).await? {
                Some(found) if found.arn.as_str() == arn => Ok(false),
                _ => Err(Refusal::ours(
                    Problem::from(taken).hint("another key has this alias since the plan was made: plan again"),
                )),
            }
        })
        .await?;
    context.run.recorder.journal(Journal::key_settled)?;
    Ok(if created {
        Done::changed(alias)
    } else {
        Done::already_so(alias)
    })
}

pub(super) async fn rotate(context: &Context, days: u16, key: &Slot) -> Result<Done, Ended> {
    let arn = context.resolve(key)?;
    let id = KeyArn::parse(&arn).map_err(|error| Problem::internal(error.to_string()))?;
    context
        .persist(Operation::EnableRotation, |_: Attempt| async {
            Ok(context.aws().enable_rotation(id.key_id(), days).await?)
        })
        .await?;
    Ok(Done::changed(format!("every {days} days; the key's ID and ARN stay")))
}
