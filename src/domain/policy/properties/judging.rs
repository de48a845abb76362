//! Any text and any JSON can be read and judged, and judgements agree with each other.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::fact::Fact;
use super::super::pattern::{Syntax, matches};
use super::super::statement::{Request, assess};
use super::super::truth::Truth;
use super::*;

fn verdicts(document: &PolicyDocument) -> Vec<Verdict> {
    let keys = KEY_ACTIONS.iter().map(|action| key_verdict(&[document], action, KEY));
    keys.chain([trust_verdict(document, ATLAS, ID)]).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_json_makes_it_panic(value in any_json(), statement in any_json()) {
        for value in [json!({"Version": "2012-10-17", "Statement": [statement]}), json!({"Statement": value}), value] {
            let document = PolicyDocument::from_value(value);
            verdicts(&document);
            external_ids(&document, ATLAS);
            beyond_key_use(&[&document], Some(KEY));
            let _ = merge_trust(&document, ATLAS, ID);
            let _ = merge_key_access(Some(&document), KEY);
            let _ = merge_key_policy(&document, ROLE, KEY);
            let _ = replace_external_id(&document, ATLAS, ID, OTHER_ID);
            let _ = (external_id_principals(&document), without_dead_principals(&document));
            let _ = (dead_principals(&document), dead_exceptions(&document), restricts_addresses(document.value()));
            let _ = (document.size(), document.pretty());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", principal in "\\PC*", id in "\\PC*") {
        let _ = PolicyDocument::parse(&text);
        if let Ok(trust) = new_trust(&principal, &id) {
            prop_assert_eq!(trust_verdict(&trust, &principal, &id), Verdict::Allowed);
            prop_assert_eq!(external_ids(&trust, &principal), [id]);
        }
    }

    #[test]
    fn text_and_document_are_the_same_thing(document in any_document()) {
        let plain = document.to_json();
        let encoded = utf8_percent_encode(&plain, NON_ALPHANUMERIC).to_string();
        for text in [&plain, &encoded, &document.pretty()] {
            prop_assert_eq!(PolicyDocument::parse(text).unwrap().to_json(), plain.clone());
        }
    }

    #[test]
    fn a_deny_more_never_makes_it_allowed(document in any_document(), mut deny in any_statement(), at in any::<prop::sample::Index>()) {
        if let Some(elements) = deny.as_object_mut() {
            elements.insert("Effect".to_owned(), json!("Deny"));
        }
        let mut statements: Vec<Value> = document.statements().into_iter().cloned().collect();
        statements.insert(at.index(statements.len() + 1), deny);
        let mut value = document.value().clone();
        value["Statement"] = json!(statements);
        for (before, after) in verdicts(&document).iter().zip(verdicts(&PolicyDocument::from_value(value))) {
            prop_assert!(before.is_allowed() || !after.is_allowed(), "{:?} {:?}", before, after);
            let denied = |verdict: &Verdict| matches!(verdict, Verdict::Denied { .. });
            prop_assert!(!denied(before) || denied(&after), "{:?} {:?}", before, after);
        }
    }

    /// What is called yes or no without knowing a key stays so whatever the key turns out to be; likewise for one
    /// principal of an account that was judged as a whole.
    #[test]
    fn to_know_more_never_contradicts(statement in any_statement(), variables in any::<bool>(), ip in "[0-9.]{0,4}") {
        let known = [("sts:externalid", Fact::Is(ID))];
        let request = Request { principal: Some(ATLAS), action: "sts:AssumeRole", resource: None, context: &known };
        let coarse = assess(&statement, &request, variables).applies();
        for fact in [Fact::Is(&ip), Fact::Absent] {
            let more = [known[0], ("aws:SourceIp", fact), ("aws:principalorgid", fact)];
            for principal in [ATLAS, "arn:aws:iam::111122223333:role/one", "arn:aws:iam::111122223333:user/two"] {
                let finer = Request { principal: Some(principal), context: &more, ..request };
                let fine = assess(&statement, &finer, variables).applies();
                let unique_id = statement.to_string().contains("EXAMPLEID");
                prop_assert!(coarse == Truth::Unknown || coarse == fine || unique_id, "{:?} {:?} {}", coarse, fine, statement);
            }
        }
    }

    #[test]
    fn wildcards_match_as_a_plain_recursion_does(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
        fn plain(pattern: &[u8], text: &[u8]) -> bool {
            match (pattern, text) {
                ([], _) => text.is_empty(),
                ([b'*', rest @ ..], _) => plain(rest, text) || (!text.is_empty() && plain(pattern, &text[1..])),
                ([b'?', rest @ ..], [_, more @ ..]) => plain(rest, more),
                ([p, rest @ ..], [t, more @ ..]) => p == t && plain(rest, more),
                _ => false,
            }
        }
        let syntax = Syntax { wildcards: true, ..Syntax::default() };
        prop_assert_eq!(matches(&pattern, &text, syntax), plain(pattern.as_bytes(), text.as_bytes()).into());
    }
}
