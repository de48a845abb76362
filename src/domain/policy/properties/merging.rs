//! Our statements join a document: once, at its end, and nothing else in it changes.

use super::super::edit::is_ours;
use super::*;

/// Asserts that only a statement of others keeps a merged document from being a plain yes: a Deny, or an Allow that may let
/// Atlas in without an external ID.
fn assert_allowed_unless_hindered(verdict: &Verdict, others: &PolicyDocument) {
    match verdict {
        Verdict::Allowed => {}
        Verdict::Denied { statement, .. }
        | Verdict::Unknown {
            statement: Some(statement),
            ..
        } => {
            assert!(others.statements().contains(&statement), "{statement}");
            let is_open = verdict.why().is_some_and(|why| why.contains("without an external ID"));
            assert!(effect(statement) != Effect::Allow || is_open, "{statement}");
        }
        Verdict::NotAllowed { .. } | Verdict::Unknown { statement: None, .. } => panic!("{verdict:?}"),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn merging_trust_only_appends_and_only_once(before in any_document()) {
        let Merged::Changed(after) = merge_trust(&before, ATLAS, ID).unwrap() else {
            assert_allowed_unless_hindered(&trust_verdict(&before, ATLAS, ID), &before);
            return Ok(());
        };
        assert_same_around(&before, &after);
        let (old, new) = (texts_of(&before), texts_of(&after));
        prop_assert_eq!(&new[..old.len()], &old[..]);
        prop_assert_eq!(new.len(), old.len() + 1);
        prop_assert_eq!(merge_trust(&after, ATLAS, ID).unwrap(), Merged::Already);
        assert_allowed_unless_hindered(&trust_verdict(&after, ATLAS, ID), &before);
        prop_assert!(external_ids(&after, ATLAS).iter().any(|id| id == ID));
    }

    #[test]
    fn merging_a_key_only_adds_and_only_once(before in any_document()) {
        let Merged::Changed(after) = merge_key_access(Some(&before), KEY).unwrap() else {
            for (_, verdict) in key_access(&[&before], KEY).missing {
                assert_allowed_unless_hindered(&verdict, &before);
            }
            return Ok(());
        };
        assert_same_around(&before, &after);
        let (old, new) = (before.statements(), after.statements());
        let (old_texts, new_texts) = (texts_of(&before), texts_of(&after));
        let grown: Vec<usize> = (0..old.len()).filter(|at| old_texts[*at] != new_texts[*at]).collect();
        if let [at] = grown[..] {
            prop_assert_eq!(new.len(), old.len());
            prop_assert!(is_ours(old[at]) && is_ours(new[at]));
            let mut without = new[at].clone();
            without["Resource"] = old[at]["Resource"].clone();
            prop_assert_eq!(without.to_string(), old[at].to_string());
            prop_assert_eq!(&new[at]["Resource"], &json!([OTHER_KEY, KEY]));
        } else {
            prop_assert!(grown.is_empty());
            prop_assert_eq!(new.len(), old.len() + 1);
        }
        prop_assert_eq!(merge_key_access(Some(&after), KEY).unwrap(), Merged::Already);
        for (_, verdict) in key_access(&[&after], KEY).missing {
            assert_allowed_unless_hindered(&verdict, &before);
        }
    }

    #[test]
    fn merging_with_what_only_allows_ends_allowed(before in benign_document()) {
        let after = |merged| if let Merged::Changed(after) = merged { after } else { before.clone() };
        let trust = after(merge_trust(&before, ATLAS, ID).unwrap());
        assert_allowed_unless_hindered(&trust_verdict(&trust, ATLAS, ID), &before);
        let policy = after(merge_key_access(Some(&before), KEY).unwrap());
        prop_assert!(key_access(&[&policy], KEY).is_complete());
    }
}
