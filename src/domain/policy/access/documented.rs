//! AWS's documented examples, named after their pages.

use serde_json::{Value, json};

use super::super::{default_key_policy, new_key_policy, new_trust};
use super::world::*;
use super::*;
use crate::domain::arn::{KeyArn, RoleArn};

/// "Default key policy": it lets IAM policies decide, and gives nothing by itself.
#[test]
fn default_key_policy_lets_iam_decide() {
    World::one_account().gets_in();
    World::one_account().no_role_policy().stopped(
        "policies of the IAM role ExampleRole",
        &["no statement allows kms:DescribeKey"],
    );
    let without = World::one_account().key_policy(&json!([of_key(
        "Allow",
        &json!({"AWS": "arn:aws:iam::111122223333:user/KeyAdmin"}),
        &json!("kms:*")
    )]));
    let obstacle = without.stopped("key policy", &["neither lets IAM decide", ROLE, "add the statement"]);
    let hand_over = obstacle.hand_over.unwrap();
    assert_eq!(hand_over["Principal"], json!({"AWS": ROLE}));
    assert_eq!(hand_over["Action"], use_it());
    // The account's ID says the same as its root principal.
    World::one_account()
        .key_policy(&json!([of_key("Allow", &json!({"AWS": ACCOUNT}), &json!("kms:*"))]))
        .gets_in();
}

/// "Determining whether a request is allowed or denied within an account": a resource's policy that names the role is enough.
#[test]
fn within_an_account_the_key_policy_alone_is_enough() {
    for principal in [this_role(), everyone(), json!("*")] {
        World::one_account()
            .no_role_policy()
            .key_policy(&json!([of_key("Allow", &principal, &use_it())]))
            .gets_in();
    }
    let some = of_key("Allow", &this_role(), &json!(["kms:DescribeKey", "kms:Encrypt"]));
    World::one_account()
        .no_role_policy()
        .key_policy(&json!([some]))
        .stopped("key policy", &["kms:Decrypt"]);
}

/// "The difference between explicit and implicit denies": an explicit Deny wins in every policy.
#[test]
fn an_explicit_deny_wins_in_every_policy() {
    let deny = json!([{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}]);
    let all = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny[0]]);
    for world in [World::one_account, World::two_accounts] {
        let obstacle = world()
            .role_policy(&deny)
            .stopped("inline policy more", &["explicit Deny"]);
        assert_eq!(obstacle.statement.unwrap(), deny[0]);
        world()
            .with(|world| {
                world
                    .role
                    .attached
                    .push(named("arn:aws:iam::111122223333:policy/guard", &deny));
            })
            .stopped(
                "managed policy arn:aws:iam::111122223333:policy/guard",
                &["explicit Deny"],
            );
        world().boundary(Some(&all)).stopped("boundary", &["explicit Deny"]);
        let key_deny = of_key(
            "Deny",
            &json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}),
            &json!("kms:Encrypt"),
        );
        let allow = of_key("Allow", &everyone(), &json!("kms:*"));
        world()
            .key_policy(&json!([allow, key_deny]))
            .stopped("key policy", &["kms:Encrypt"]);
    }
}

/// "Permissions boundaries for IAM entities": a boundary limits the role's policies, and what a key policy gives to the
/// role's ARN; it doesn't limit what is given to everyone with `aws:PrincipalArn`.
#[test]
fn permissions_boundaries() {
    let elsewhere = json!([{"Effect": "Allow", "Action": ["s3:*", "cloudwatch:*"], "Resource": "*"}]);
    let enough = json!([{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]);
    World::one_account().boundary(Some(&enough)).gets_in();
    World::one_account().boundary(Some(&elsewhere)).stopped(
        BOUNDARY,
        &["doesn't allow kms:DescribeKey", "whoever keeps the boundary"],
    );
    let by_arn = json!([of_key("Allow", &this_role(), &use_it())]);
    World::one_account()
        .key_policy(&by_arn)
        .boundary(Some(&elsewhere))
        .stopped(BOUNDARY, &["doesn't allow"]);
    let by_wildcard = with_condition(
        of_key("Allow", &json!("*"), &use_it()),
        json!({"ArnEquals": {"aws:PrincipalArn": ROLE}}),
    );
    World::one_account()
        .key_policy(&json!([by_wildcard]))
        .boundary(Some(&elsewhere))
        .gets_in();
    World::one_account()
        .boundary(None)
        .unknown(BOUNDARY, &["couldn't be read"]);
    World::two_accounts()
        .boundary(Some(&elsewhere))
        .stopped(BOUNDARY, &["doesn't allow"]);
}

/// "Cross-account policy evaluation logic" and "Allowing users in other accounts to use a KMS key": both sides must allow.
#[test]
fn two_accounts_must_both_allow() {
    World::two_accounts().gets_in();
    World::two_accounts()
        .key_policy(&json!([of_key("Allow", &this_role(), &use_it())]))
        .gets_in();
    World::two_accounts()
        .no_role_policy()
        .stopped("policies of the IAM role", &["no statement allows"]);
    World::two_accounts()
        .no_role_policy()
        .key_policy(&json!([of_key("Allow", &this_role(), &use_it())]))
        .stopped("policies of the IAM role", &["no statement allows"]);
    let default = World::two_accounts().with(|world| world.policy = Some(default_key_policy("aws", OTHER)));
    let obstacle = default.stopped("key policy", &["names neither the IAM role", "in account 444455556666"]);
    assert_eq!(obstacle.hand_over.unwrap()["Principal"], json!({"AWS": ROLE}));
    let unread = World::two_accounts().with(|world| world.policy = None);
    let obstacle = unread.unknown(
        "key policy",
        &["can't be read, it belongs to account", "hand the statement"],
    );
    assert_eq!(obstacle.hand_over.unwrap()["Action"], use_it());
    unread.no_role_policy().stopped("policies of the IAM role", &[]);
}

/// "kms:CallerAccount" and "Allow access through a service": what AWS managed keys' policies say.
#[test]
fn condition_keys_of_kms() {
    let caller = |account: &str| {
        let condition = json!({"StringEquals": {"kms:CallerAccount": account}});
        World::one_account().no_role_policy().key_policy(&json!([with_condition(
            of_key("Allow", &everyone(), &use_it()),
            condition
        )]))
    };
    caller(ACCOUNT).gets_in();
    caller(OTHER).stopped("key policy", &["kms:CallerAccount"]);
    let service = json!({"StringEquals": {"kms:ViaService": "ec2.us-west-2.amazonaws.com"}});
    World::one_account()
        .no_role_policy()
        .key_policy(&json!([with_condition(
            of_key("Allow", &everyone(), &use_it()),
            service.clone()
        )]))
        .stopped("key policy", &["kms:ViaService", "nothing"]);
    let unless = json!({"StringNotEquals": {"kms:ViaService": "ec2.us-west-2.amazonaws.com"}});
    let allow = of_key("Allow", &json!({"AWS": ACCOUNT}), &json!("kms:*"));
    World::one_account()
        .key_policy(&json!([
            allow,
            with_condition(of_key("Deny", &everyone(), &json!("kms:Decrypt")), unless)
        ]))
        .stopped("key policy", &["explicit Deny"]);
    let tagged = json!({"StringEquals": {"aws:PrincipalTag/team": "orders"}});
    World::one_account()
        .key_policy(&json!([with_condition(
            of_key("Allow", &json!({"AWS": ACCOUNT}), &json!("kms:*")),
            tagged
        )]))
        .unknown("key policy", &["aws:PrincipalTag/team", "can't be known from here"]);
}

/// "AWS global condition context keys", one example a key: who asks, how, and where.
#[test]
fn global_condition_keys() {
    let denied = |condition: Value| {
        let deny = json!([{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": condition}]);
        World::one_account().role_policy(&deny)
    };
    for harmless in [
        json!({"Bool": {"aws:SecureTransport": "false"}}),
        json!({"StringNotEquals": {"aws:RequestedRegion": ["us-west-2", "eu-west-1"]}}),
        json!({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}),
        json!({"StringNotEquals": {"aws:ResourceAccount": ACCOUNT}}),
        json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}),
        json!({"StringNotEquals": {"aws:PrincipalType": "AssumedRole"}}),
        json!({"Bool": {"aws:ViaAWSService": "true"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}),
        json!({"Null": {"aws:PrincipalArn": "true"}}),
        json!({"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}),
    ] {
        denied(harmless).gets_in();
    }
    for deadly in [
        json!({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2020-06-30T23:59:59Z"}}),
        json!({"Null": {"aws:SourceVpce": "true"}}),
        json!({"ForAllValues:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}),
    ] {
        denied(deadly).stopped("inline policy more", &["explicit Deny"]);
    }
    for open in [
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-xxxxxxxxxxx"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
        json!({"StringNotLike": {"aws:userid": "AROAEXAMPLEID:*"}}),
        json!({"Null": {"kms:EncryptionContext:AppName": "true"}}),
    ] {
        denied(open).unknown("inline policy more", &["a Deny may cover"]);
    }
}

/// "AWS: Denies access to AWS based on the source IP".
#[test]
fn deny_based_on_the_source_ip() {
    let example = json!([{
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}},
    }]);
    let obstacle = World::one_account().role_policy(&example).stopped(
        "inline policy more",
        &["explicit Deny", "Atlas calls from 198.51.100.7"],
    );
    assert_eq!(obstacle.addresses, nets(&["198.51.100.7"]));
    World::one_account()
        .role_policy(&example)
        .with(|world| world.control_plane = Some(nets(&["203.0.113.0/28"])))
        .gets_in();
    World::one_account()
        .role_policy(&example)
        .with(|world| world.nodes = Some(nets(&["2001:db8::7", "192.0.2.10"])))
        .stopped("inline policy more", &["2001:db8::7"]);
    World::one_account()
        .role_policy(&example)
        .with(|world| world.nodes = None)
        .unknown("inline policy more", &["aws:SourceIp", "addresses aren't known"]);
    // Over private endpoints there is no such address.
    World::one_account()
        .role_policy(&example)
        .with(|world| world.private = true)
        .unknown("inline policy more", &["private endpoints"]);
}

/// An Allow that holds for some of the addresses: the others are named, a range that is cut too.
#[test]
fn allow_from_some_addresses() {
    let some = |ranges: Value| {
        let mut policy = new_key_policy(&key_arn(ACCOUNT)).unwrap().value()["Statement"].clone();
        policy[0]["Condition"] = json!({"IpAddress": {"aws:SourceIp": ranges}});
        let world = World::one_account().no_role_policy().role_policy(&policy);
        world.with(|world| world.nodes = Some(nets(&["192.0.2.0/30"])))
    };
    some(json!(["198.51.100.0/24", "192.0.2.0/24"])).gets_in();
    let obstacle = some(json!(["198.51.100.0/24", "192.0.2.0/31"])).stopped("inline policy more", &["192.0.2.2/31"]);
    assert_eq!(obstacle.addresses, nets(&["192.0.2.2/31"]));
    // An Allow from everywhere beside it: no address matters.
    some(json!("203.0.113.0/24"))
        .role_policy(
            new_key_policy(&key_arn(ACCOUNT))
                .unwrap()
                .value()
                .get("Statement")
                .unwrap(),
        )
        .gets_in();
    // The trust is for the control plane alone.
    let trust = |range: &str| {
        let mut trust = new_trust(ATLAS, ID).unwrap().value()["Statement"].clone();
        trust[0]["Condition"]["IpAddress"] = json!({"aws:SourceIp": range});
        World::one_account().trust(&trust)
    };
    trust("198.51.100.0/24").gets_in();
    trust("192.0.2.0/24").stopped("trust policy", &["198.51.100.7"]);
}

/// "AWS JSON policy elements: Principal", "`NotPrincipal` with Deny" and deleted principals.
#[test]
fn principals_of_key_policies() {
    let allow = of_key("Allow", &json!({"AWS": ACCOUNT}), &json!("kms:*"));
    let but = |named: Value| {
        let deny = json!({"Effect": "Deny", "NotPrincipal": {"AWS": named}, "Action": "kms:*", "Resource": "*"});
        World::one_account().key_policy(&json!([allow, deny]))
    };
    but(json!("arn:aws:iam::111122223333:user/Admin")).stopped("key policy", &["explicit Deny"]);
    but(json!([ROLE, "arn:aws:iam::111122223333:root"])).unknown("key policy", &["a Deny may cover"]);
    let session = json!({"AWS": "arn:aws:sts::111122223333:assumed-role/ExampleRole/session"});
    World::one_account()
        .no_role_policy()
        .key_policy(&json!([of_key("Allow", &session, &use_it())]))
        .unknown("key policy", &["Principal"]);
    let other = json!({"AWS": "arn:aws:sts::111122223333:assumed-role/Other/session"});
    World::one_account()
        .key_policy(&json!([allow, of_key("Deny", &other, &json!("kms:*"))]))
        .gets_in();
}

/// "Grants in AWS KMS": a permission beside the policies, of one principal, for some operations.
#[test]
fn grants() {
    let world = |operations: &[&str], constrained| {
        let grant = Grant {
            grantee: ROLE.to_owned(),
            operations: operations.iter().map(|one| (*one).to_owned()).collect(),
            constrained,
        };
        let closed = of_key(
            "Allow",
            &json!({"AWS": "arn:aws:iam::111122223333:user/Admin"}),
            &json!("kms:*"),
        );
        let world = World::one_account().no_role_policy().key_policy(&json!([closed]));
        world.with(|world| world.grants = Some(vec![grant]))
    };
    let all = ["DescribeKey", "Encrypt", "Decrypt"];
    world(&all, false).gets_in();
    world(&all, true).unknown("key", &["a grant on it may let"]);
    world(&all[..2], false).stopped("key policy", &["kms:Decrypt"]);
    world(&all, false)
        .with(|world| world.grants = None)
        .unknown("key", &["grants couldn't be read"]);
}

/// "How to use an external ID", and trust policies that don't fit.
#[test]
fn trust_comes_first() {
    let other = json!([{"Effect": "Allow", "Principal": {"AWS": ATLAS}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "another"}}}]);
    let obstacle = World::one_account()
        .trust(&other)
        .no_role_policy()
        .stopped("trust policy of the IAM role ExampleRole", &["another", ID]);
    assert_eq!(
        obstacle.hand_over.unwrap()["Condition"]["StringEquals"]["sts:ExternalId"],
        ID
    );
    let account = json!({"StringEquals": {"sts:ExternalId": ID, "aws:PrincipalAccount": "536727724300"}});
    let narrowed = json!([{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": account}]);
    World::one_account().trust(&narrowed).gets_in();
    let organization = json!([{"Effect": "Allow", "Principal": {"AWS": ATLAS}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": ID, "aws:PrincipalOrgID": "o-1"}}}]);
    World::one_account()
        .trust(&organization)
        .unknown("trust policy", &["aws:PrincipalOrgID"]);
    // What stops it counts more than what isn't known.
    World::one_account()
        .trust(&organization)
        .no_role_policy()
        .stopped("policies of the IAM role", &[]);
}

/// "Key states of AWS KMS keys", and partitions.
#[test]
fn the_key_itself() {
    World::one_account()
        .with(|world| world.key.state = "PendingDeletion".to_owned())
        .stopped(
            "the key arn:aws:kms",
            &["pending deletion", "cancel its deletion, then enable it"],
        );
    World::one_account()
        .with(|world| world.key.state = "Disabled".to_owned())
        .stopped("the key", &["disabled", "enable it"]);
    World::one_account()
        .with(|world| world.key.state = Key::UNREADABLE.to_owned())
        .gets_in();
    World::one_account()
        .with(|world| world.role.role.arn = RoleArn::parse("arn:aws-cn:iam::111122223333:role/ExampleRole").unwrap())
        .stopped("the key", &["partition aws,", "in aws-cn"]);
}

#[test]
fn any_partition_is_judged_alike() {
    for (partition, region) in [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")] {
        let role = format!("arn:{partition}:iam::{ACCOUNT}:role/x");
        let arn = format!("arn:{partition}:kms:{region}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab");
        let world = World::one_account().with(|world| {
            world.role.role.arn = RoleArn::parse(&role).unwrap();
            world.key.arn = KeyArn::parse(&arn).unwrap();
            world.role.inline[0].document = Some(new_key_policy(&arn).unwrap());
            world.policy = Some(default_key_policy(partition, ACCOUNT));
        });
        world.gets_in();
        world
            .with(|world| world.policy = Some(default_key_policy("aws", ACCOUNT)))
            .stopped(
                "key policy",
                &["neither lets IAM decide", &format!("arn:{partition}:iam::")],
            );
    }
}
