//! Which identity, region and address are used, in a process of its own each: variables belong to a whole process.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use atlas_cmk::aws::{Aws, Choice};
use atlas_cmk::problem::Problem;
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

use crate::support::server::Server;

/// Where the child is to write what it found.
const RESULT: &str = "ATLAS_CMK_TEST_RESULT";
/// The profile that the operator chose by option.
const CHOSEN: &str = "ATLAS_CMK_TEST_PROFILE";

/// Connects as the variables say and asks who it is. The other tests run this one in a process of its own.
#[tokio::test]
#[ignore = "the other tests of this module run it"]
async fn child() {
    let Some(result) = std::env::var_os(RESULT) else {
        return;
    };
    let choice = Choice {
        profile: std::env::var(CHOSEN).ok(),
        region: None,
    };
    let found = match Aws::connect(&choice).await {
        Ok(aws) => match aws.identity().await {
            Ok(identity) => json!({ "identity": identity, "region": aws.region() }),
            Err(error) => json!({ "failed": Problem::from(error) }),
        },
        Err(problem) => json!({ "refused": problem }),
    };
    std::fs::write(result, found.to_string()).unwrap();
}

/// Runs the child with these variables and nothing else of this process's own.
fn connect(home: &Path, variables: &[(&str, &str)]) -> Value {
    let result = home.join("result.json");
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "aws_config::child", "--ignored", "--quiet"])
        .env_clear()
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env(RESULT, &result)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    serde_json::from_slice(&std::fs::read(result).unwrap()).unwrap()
}

const CONFIG: &str = "
[profile platform]
region = eu-west-1
aws_access_key_id = AKIDPLATFORM
aws_secret_access_key = secret

[profile plain]
aws_access_key_id = AKIDPLAIN
aws_secret_access_key = secret
endpoint_url = http://kms.example.com

[profile bare]
region = eu-west-1

[profile signed-out]
region = eu-west-1
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin

[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
";

/// Returns a home folder with the profiles above.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), CONFIG).unwrap();
    home
}

/// A server that tells each caller the access key that it signed with, as if that were its name.
async fn mirror() -> Server {
    Server::start(|seen, _| {
        let signed = seen
            .header("authorization")
            .and_then(|header| header.split_once("Credential="));
        let key = signed.map_or("", |(_, rest)| rest.split('/').next().unwrap());
        format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/{key}</Arn>\
             <UserId>U</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        )
        .into_response()
    })
    .await
}

fn name(found: &Value) -> &str {
    let arn = found["identity"]["arn"].as_str().unwrap_or_else(|| panic!("{found}"));
    arn.rsplit('/').next().unwrap()
}

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDVARIABLE"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    KEYS.iter().chain(more).copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_profile_is_used_alone() {
    let (home, aws) = (home(), mirror().await);
    let endpoint = ("AWS_ENDPOINT_URL", aws.url.as_str());
    for named in [("AWS_PROFILE", "platform"), (CHOSEN, "platform")] {
        let found = connect(home.path(), &with(&[endpoint, named]));
        assert_eq!((name(&found), &found["region"]), ("AKIDPLATFORM", &json!("eu-west-1")));
    }
    // The option before the variable; the variable for the region before the profile.
    let both = [
        endpoint,
        ("AWS_PROFILE", "nobody"),
        (CHOSEN, "platform"),
        ("AWS_REGION", "US_EAST_1"),
    ];
    let found = connect(home.path(), &with(&both));
    assert_eq!((name(&found), &found["region"]), ("AKIDPLATFORM", &json!("us-east-1")));

    // One without credentials doesn't fall back to the variables of another account.
    let found = connect(home.path(), &with(&[endpoint, ("AWS_PROFILE", "bare")]));
    assert_eq!(found["failed"]["kind"], "prerequisite", "{found}");
    assert_eq!(
        found["failed"]["hints"][0],
        "renew the credentials of AWS profile `bare`"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_variable_counts_as_unset() {
    let (home, aws) = (home(), mirror().await);
    let empty = [
        ("AWS_PROFILE", ""),
        ("AWS_REGION", ""),
        ("AWS_DEFAULT_REGION", "eu-west-2"),
        ("AWS_ENDPOINT_URL_STS", ""),
        ("AWS_ENDPOINT_URL_IAM", " "),
        ("AWS_ENDPOINT_URL", aws.url.as_str()),
        ("AWS_SESSION_TOKEN", ""),
    ];
    let found = connect(home.path(), &with(&empty));
    assert_eq!((name(&found), &found["region"]), ("AKIDVARIABLE", &json!("eu-west-2")));

    // Empty keys and file names: the profile's.
    let empty = [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_CONFIG_FILE", ""),
        ("AWS_SHARED_CREDENTIALS_FILE", ""),
        ("AWS_PROFILE", "platform"),
        ("AWS_ENDPOINT_URL", aws.url.as_str()),
    ];
    assert_eq!(name(&connect(home.path(), &empty)), "AKIDPLATFORM");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let home = home();
    let region = ("AWS_REGION", "us-east-1");
    for variable in [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_IAM",
        "AWS_ENDPOINT_URL_KMS",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_SSO_OIDC",
    ] {
        let found = connect(home.path(), &with(&[region, (variable, "http://kms.example.com")]));
        assert_eq!(found["refused"]["kind"], "input", "{found}");
        assert_eq!(found["refused"]["place"], variable);
    }
    let found = connect(home.path(), &[region, ("AWS_PROFILE", "plain")]);
    assert_eq!(found["refused"]["place"], "endpoint_url of AWS profile `plain`");
    let found = connect(
        home.path(),
        &with(&[region, ("AWS_ENDPOINT_URL", "https://ann:hunter2@kms.example.com")]),
    );
    assert!(!found.to_string().contains("hunter2"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_never_reached_through_a_proxy() {
    let (home, aws, proxy) = (home(), mirror().await, mirror().await);
    let proxies = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ]
    .map(|variable| (variable, proxy.url.as_str()));
    let common = [("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", aws.url.as_str())];
    let found = connect(home.path(), &with(&[common.as_slice(), proxies.as_slice()].concat()));
    assert_eq!((name(&found), proxy.count()), ("AKIDVARIABLE", 0));

    // Everything else is.
    let outside = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", "https://kms.example.com"),
    ];
    let found = connect(home.path(), &with(&[outside.as_slice(), proxies.as_slice()].concat()));
    assert!(found["failed"].is_object() && proxy.count() > 0, "{found}");
}

#[test]
fn what_is_missing_is_named() {
    let home = home();
    let found = connect(home.path(), &[("AWS_PROFILE", "platfrom")]);
    let refused = &found["refused"];
    assert_eq!(
        (&refused["kind"], &refused["place"]),
        (&json!("input"), &json!("AWS_PROFILE"))
    );
    assert!(refused["message"].as_str().unwrap().contains("`platfrom`"), "{found}");
    assert_eq!(
        refused["hints"][0],
        "AWS profiles on this machine: bare, plain, platform, signed-out"
    );

    let found = connect(home.path(), &KEYS);
    assert_eq!(found["refused"]["message"], "no AWS region is chosen");
    let found = connect(home.path(), &with(&[("AWS_REGION", "us-eest-1")]));
    assert_eq!(found["refused"]["place"], "AWS_REGION");

    let found = connect(home.path(), &[("AWS_REGION", "us-east-1")]);
    assert_eq!(found["failed"]["message"], "there are no AWS credentials", "{found}");
    assert_eq!(
        found["failed"]["causes"],
        json!(["looked in: variables, AWS profile `default`, EC2 metadata"])
    );
}

#[test]
fn a_sign_in_that_is_over_names_the_command() {
    let home = home();
    let found = connect(home.path(), &[("AWS_PROFILE", "signed-out")]);
    assert_eq!(
        found["failed"]["message"], "the sign-in of AWS profile `signed-out` has run out",
        "{found}"
    );
    assert_eq!(
        found["failed"]["hints"][0],
        "sign in: `aws sso login --profile signed-out`"
    );
    assert!(!found.to_string().contains("Error {"), "{found}");

    let cache = home.path().join(".aws/sso/cache");
    std::fs::create_dir_all(&cache).unwrap();
    for (name, text) in [
        (
            "a.json",
            r#"{"startUrl":"https://example.awsapps.com/start/","expiresAt":"2026-03-04T09:12:00Z","accessToken":"hush"}"#,
        ),
        (
            "b.json",
            r#"{"startUrl":"https://other.awsapps.com/start","expiresAt":"2026-05-04T09:12:00Z"}"#,
        ),
        ("c.json", r#"{"clientId":"x","expiresAt":"2026-06-04T09:12:00Z"}"#),
    ] {
        std::fs::write(cache.join(name), text).unwrap();
    }
    let found = connect(home.path(), &[("AWS_PROFILE", "signed-out")]);
    assert_eq!(
        found["failed"]["message"],
        "the sign-in of AWS profile `signed-out` ended at 2026-03-04 09:12 UTC"
    );
    assert_eq!(found["failed"]["kind"], "sign_in");
}

#[test]
fn metadata_that_never_answers_holds_nobody_up() {
    let home = home();
    // Packets to it are taken and never answered.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let begun = Instant::now();
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", address.as_str()),
    ];
    let found = connect(home.path(), &variables);
    assert!(found["failed"].is_object(), "{found}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_host_that_refuses_the_connection_is_told_apart() {
    let home = home();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{closed}");
    let found = connect(
        home.path(),
        &with(&[("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", &endpoint)]),
    );
    assert_eq!(found["failed"]["message"], "AWS STS can't be reached", "{found}");
    assert!(found["failed"]["causes"].to_string().contains("refused"), "{found}");
}
