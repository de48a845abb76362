//! Whether a trust policy lets Atlas assume the IAM role.

use serde_json::Value;

use super::context::{self, Origin};
use super::evaluate::{Verdict, assess_all, conclude, is_given};
use super::fact::Fact;
use super::statement::{Assessment, Effect, Part, Request};
use super::truth::Truth;
use super::{PolicyDocument, condition};

/// The action with which Atlas becomes the IAM role.
pub(super) const ASSUME_ROLE: &str = "sts:AssumeRole";

/// The condition key of the external ID.
pub(super) const EXTERNAL_ID: &str = "sts:ExternalId";

/// Judges whether a trust policy lets Atlas assume the IAM role with an external ID.
///
/// `principal` is what Atlas gave: an account's root principal, which stands for whoever in that account asks. An Allow
/// that doesn't *demand* an external ID counts as none, although AWS would let Atlas in: any customer of Atlas could have
/// the role assumed (the "confused deputy"), and Atlas isn't to be relied on to take it.
pub fn trust_verdict(trust: &PolicyDocument, principal: &str, external_id: &str) -> Verdict {
    trust_verdict_from(trust, principal, external_id, Origin::default())
}

/// Judges the same for a request that comes from somewhere.
pub(super) fn trust_verdict_from(
    trust: &PolicyDocument,
    principal: &str,
    external_id: &str,
    origin: Origin<'_>,
) -> Verdict {
    let asked = Asked::of(trust, principal, external_id, origin);
    match conclude(&asked.with_id, ASSUME_ROLE) {
        Verdict::Allowed => asked.open().map_or(Verdict::Allowed, |open| Verdict::Unknown {
            why: "a statement beside the right one may let Atlas in without an external ID: Atlas may refuse such an IAM role, \
                  since anybody could use it through Atlas"
                .to_owned(),
            statement: Some(open.clone()),
        }),
        verdict => verdict,
    }
}

/// Returns whether an Allow already gives what a statement of ours would, whatever else is denied.
pub(super) fn trust_is_given(trust: &PolicyDocument, principal: &str, external_id: &str) -> bool {
    is_given(&Asked::of(trust, principal, external_id, Origin::default()).with_id)
}

/// Each statement of a trust policy, judged for Atlas with its external ID and without one.
struct Asked<'a> {
    with_id: Vec<Assessment<'a>>,
    without_id: Vec<Assessment<'a>>,
    /// Without one, and from an organization that no policy of the customer's means.
    as_stranger: Vec<Assessment<'a>>,
}

impl<'a> Asked<'a> {
    fn of(trust: &'a PolicyDocument, principal: &str, external_id: &str, origin: Origin<'_>) -> Self {
        let judged = |external_id, more: Option<(&'static str, Fact<'static>)>| {
            let mut context = context::assuming(principal, external_id, origin);
            context.extend(more);
            let request = Request {
                principal: Some(principal),
                action: ASSUME_ROLE,
                resource: None,
                context: &context,
            };
            assess_all(&[trust], &request)
        };
        let mut asked = Self {
            with_id: judged(Fact::Is(external_id), None),
            without_id: judged(Fact::Absent, None),
            as_stranger: judged(Fact::Absent, Some(("aws:PrincipalOrgID", Fact::Foreign))),
        };
        asked.discount_open();
        asked
    }

    /// Counts no Allow that lets Atlas in without an external ID too, unless a Deny does without one what it doesn't do.
    fn discount_open(&mut self) {
        let closed = self.closed();
        let both = self.with_id.iter_mut().zip(&self.without_id);
        for (assessment, as_anyone) in both.filter(|(found, _)| found.effect == Effect::Allow) {
            if assessment.applies() == Truth::No || as_anyone.applies() == Truth::No {
                continue;
            }
            // A statement that doesn't look at the ID says the same to both, whatever else it hangs on.
            let is_open = if as_anyone.applies() == Truth::Yes || !mentions_id(assessment.statement) {
                Truth::Yes
            } else {
                Truth::Unknown
            };
            let demands = Truth::any([is_open.negated(), closed]);
            let why = "it doesn't demand an external ID, so that Atlas can't tell its customers apart";
            assessment.doubt(Part::Condition, demands, why);
        }
    }

    /// Returns whether a Deny keeps out who comes without an external ID.
    fn closed(&self) -> Truth {
        let denies = self.without_id.iter().filter(|found| found.effect != Effect::Allow);
        Truth::any(denies.map(Assessment::applies))
    }

    /// Returns the first Allow that may let in who comes without an external ID.
    fn open(&self) -> Option<&'a Value> {
        if self.closed() == Truth::Yes {
            return None;
        }
        let mut allows = self.as_stranger.iter().filter(|found| found.effect != Effect::Deny);
        let open = allows.find(|found| found.applies() != Truth::No)?;
        Some(open.statement)
    }
}

/// Returns whether a statement looks at the external ID: as a condition's key, or as a variable in a value.
fn mentions_id(statement: &Value) -> bool {
    let condition = statement.get("Condition").map(ToString::to_string).unwrap_or_default();
    let (condition, key) = (condition.to_lowercase(), EXTERNAL_ID.to_lowercase());
    condition.contains(&format!("\"{key}\"")) || condition.contains(&format!("${{{key}"))
}

/// Returns the external IDs that Allow statements for a principal name exactly, each once, in their order.
///
/// They tell which Atlas access role a trust policy was made for, even where something else in the statement doesn't fit.
pub fn external_ids(trust: &PolicyDocument, principal: &str) -> Vec<String> {
    let request = Request {
        principal: Some(principal),
        action: ASSUME_ROLE,
        resource: None,
        context: &[],
    };
    let variables = trust.has_variables();
    let mut ids: Vec<String> = Vec::new();
    for assessment in assess_all(&[trust], &request) {
        if assessment.effect != Effect::Allow || assessment.applies() == Truth::No {
            continue;
        }
        let tests = assessment.statement.get("Condition").and_then(condition::tests);
        for test in tests
            .iter()
            .flatten()
            .filter(|test| test.key.eq_ignore_ascii_case(EXTERNAL_ID))
        {
            for id in test.exact_values(variables) {
                if !ids.iter().any(|known| known == id) {
                    ids.push(id.to_owned());
                }
            }
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ATLAS: &str = "arn:aws:iam::111122223333:root";
    const OURS: &str = "22222222-aaaa-4bbb-8ccc-0123456789ab";
    const OLD: &str = "11111111-aaaa-4bbb-8ccc-0123456789ab";

    fn document(statements: &Value) -> PolicyDocument {
        PolicyDocument::from_value(json!({"Version": "2012-10-17", "Statement": statements}))
    }

    fn trusting(principal: &Value, condition: &Value) -> Value {
        json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition})
    }

    fn demanding(id: &str) -> Value {
        trusting(&json!({"AWS": ATLAS}), &json!({"StringEquals": {"sts:ExternalId": id}}))
    }

    fn trust(statements: &Value) -> Verdict {
        trust_verdict(&document(statements), ATLAS, OURS)
    }

    /// "Access to AWS accounts owned by third parties": the account's ID as principal, an external ID demanded.
    #[test]
    fn the_documented_trust_policy_is_allowed_in_every_spelling() {
        for (principal, operator, action) in [
            (json!({"AWS": "111122223333"}), "StringEquals", json!("sts:AssumeRole")),
            (
                json!({"AWS": [ATLAS, "999900001111"]}),
                "StringEquals",
                json!(["sts:TagSession", "STS:assumerole"]),
            ),
            (json!("*"), "StringLike", json!("sts:Assume*")),
            (json!({"AWS": ATLAS}), "StringEqualsIgnoreCase", json!("*")),
            (json!({"AWS": ATLAS}), "ForAnyValue:StringEquals", json!("sts:*")),
        ] {
            let statement = json!({
                "Effect": "Allow", "Principal": principal, "Action": action,
                "Condition": {operator: {"STS:ExternalID": [OLD, OURS]}},
            });
            assert_eq!(trust(&json!([statement])), Verdict::Allowed, "{statement}");
            assert_eq!(trust(&statement), Verdict::Allowed, "{statement}");
        }
    }

    #[test]
    fn the_right_principal_with_another_external_id_is_nearest() {
        let other =
            json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"});
        let Verdict::NotAllowed { nearest, why } = trust(&json!([other, demanding(OLD)])) else {
            panic!("not a NotAllowed")
        };
        assert_eq!(nearest, Some(demanding(OLD)));
        assert_eq!(
            why,
            format!(
                "the nearest Allow doesn't cover sts:AssumeRole: its condition on sts:ExternalId (StringEquals: {OLD}) \
                 doesn't hold for {OURS}"
            )
        );
    }

    #[test]
    fn another_account_with_the_right_external_id_is_near_too() {
        let statement = trusting(
            &json!({"AWS": "999900001111"}),
            &json!({"StringEquals": {"sts:ExternalId": OURS}}),
        );
        let verdict = trust(&json!([statement]));
        assert!(
            matches!(&verdict, Verdict::NotAllowed { nearest: Some(near), .. } if *near == statement),
            "{verdict:?}"
        );
        assert!(
            verdict
                .why()
                .unwrap()
                .ends_with(&format!("its Principal doesn't cover {ATLAS}")),
            "{verdict:?}"
        );
    }

    #[test]
    fn a_statement_that_demands_no_external_id_counts_as_none() {
        for condition in [
            json!({}),
            json!({"StringEqualsIfExists": {"sts:ExternalId": OURS}}),
            json!({"ForAllValues:StringEquals": {"sts:ExternalId": OURS}}),
            json!({"StringNotEquals": {"sts:ExternalId": OLD}}),
            json!({"StringEquals": {"sts:ExternalID2": OURS}}),
            json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        ] {
            let statement = trusting(&json!({"AWS": ATLAS}), &condition);
            let verdict = trust(&json!([statement]));
            assert!(
                matches!(&verdict, Verdict::NotAllowed { nearest: Some(_), .. }),
                "{condition} {verdict:?}"
            );
            assert!(
                verdict.why().unwrap().contains("doesn't demand an external ID"),
                "{verdict:?}"
            );
        }
    }

    #[test]
    fn an_explicit_deny_wins_wherever_it_stands() {
        let deny = json!({
            "Effect": "Deny", "Principal": "*", "Action": "sts:*",
            "Condition": {"StringNotEquals": {"sts:ExternalId": OLD}},
        });
        for statements in [json!([deny, demanding(OURS)]), json!([demanding(OURS), deny])] {
            let verdict = trust(&statements);
            assert!(
                matches!(&verdict, Verdict::Denied { statement, .. } if *statement == deny),
                "{verdict:?}"
            );
        }
        assert_eq!(
            trust_verdict(&document(&json!([deny, demanding(OLD)])), ATLAS, OLD),
            Verdict::Allowed
        );
    }

    #[test]
    fn what_cannot_be_known_is_said_with_its_statement() {
        let narrowed = trusting(
            &json!({"AWS": ATLAS}),
            &json!({"StringEquals": {"sts:ExternalId": OURS}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        );
        let verdict = trust(&json!([narrowed]));
        assert!(
            matches!(&verdict, Verdict::Unknown { statement: Some(found), .. } if *found == narrowed),
            "{verdict:?}"
        );
        assert!(verdict.why().unwrap().contains("aws:SourceIp"), "{verdict:?}");

        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}});
        let doubtful = trust(&json!([demanding(OURS), deny]));
        assert!(
            matches!(&doubtful, Verdict::Unknown { statement: Some(found), .. } if *found == deny),
            "{doubtful:?}"
        );
        assert!(matches!(
            trust(&json!([deny])),
            Verdict::NotAllowed { nearest: None, .. }
        ));
        assert_eq!(trust(&json!([demanding(OURS), narrowed])), Verdict::Allowed);
    }

    /// As a whole the policy lets nobody in who comes without an ID.
    #[test]
    fn a_deny_may_demand_the_external_id_too() {
        let open = trusting(&json!({"AWS": ATLAS}), &json!({}));
        let deny =
            |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": condition});
        let nobody = deny(json!({"Null": {"sts:ExternalId": "true"}}));
        assert_eq!(trust(&json!([open, nobody])), Verdict::Allowed);
        let another = deny(json!({"StringNotEquals": {"sts:ExternalId": OURS}}));
        assert_eq!(trust(&json!([another, open])), Verdict::Allowed);
        let perhaps = deny(json!({"StringNotEquals": {"sts:ExternalId": [OURS, "${aws:PrincipalTag/id}"]}}));
        assert_eq!(trust(&json!([open, perhaps])), Verdict::Allowed);
        let of_others = deny(json!({"StringEquals": {"aws:PrincipalTag/x": "y"}}));
        assert!(matches!(trust(&json!([open, of_others])), Verdict::Unknown { .. }));
    }

    /// Who comes without an ID is let in by the other statement: whether Atlas minds is nowhere said.
    #[test]
    fn a_statement_that_demands_no_external_id_spoils_the_one_beside_it() {
        let open = trusting(&json!({"AWS": "111122223333"}), &json!({}));
        let verdict = trust(&json!([demanding(OURS), open]));
        assert!(
            matches!(&verdict, Verdict::Unknown { statement: Some(found), .. } if *found == open),
            "{verdict:?}"
        );
        // The organization that such a statement names is the customer's own.
        let ours = trusting(&json!("*"), &json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}));
        assert_eq!(trust(&json!([demanding(OURS), ours])), Verdict::Allowed);
        let others = trusting(
            &json!("*"),
            &json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}),
        );
        assert!(matches!(
            trust(&json!([demanding(OURS), others])),
            Verdict::Unknown { .. }
        ));
    }

    #[test]
    fn an_element_that_nobody_knows_may_narrow() {
        let mut odd = demanding(OURS);
        odd["condition"] = json!({"odd": true});
        assert!(matches!(trust(&json!([odd])), Verdict::Unknown { .. }));
        assert!(matches!(trust(&json!([demanding(OURS), 7])), Verdict::Unknown { .. }));
        assert!(matches!(
            trust(&json!("odd")),
            Verdict::NotAllowed { nearest: None, .. }
        ));
    }

    #[test]
    fn external_ids_are_those_of_allows_for_the_principal() {
        let elsewhere = trusting(
            &json!({"AWS": "999900001111"}),
            &json!({"StringEquals": {"sts:ExternalId": "x"}}),
        );
        let pattern = trusting(&json!("*"), &json!({"StringLike": {"sts:ExternalId": ["a*", "plain"]}}));
        let negated = trusting(&json!("*"), &json!({"StringNotEquals": {"sts:ExternalId": "not-this"}}));
        let mut denied = demanding("denied");
        denied["Effect"] = json!("Deny");
        let found = external_ids(
            &document(&json!([
                elsewhere,
                demanding(OLD),
                pattern,
                negated,
                denied,
                demanding(OURS),
                demanding(OLD)
            ])),
            ATLAS,
        );
        assert_eq!(found, [OLD, "plain", OURS]);
    }
}
