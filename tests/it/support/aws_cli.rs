//! A stand-in for the AWS CLI: a program `aws` that hands its words over and waits; each call is carried out with the AWS
//! SDK, and answered as the AWS CLI answers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use aws_sdk_iam::types::Tag as IamTag;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::types::Tag as KmsTag;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tempfile::TempDir;

/// What `aws` does: one folder a call, whose files appear whole.
const AWS: &str = r#"#!/bin/sh
call=$(mktemp -d "$BRIDGE/call.XXXXXX")
for word in "$@"; do printf '%s\0' "$word"; done >"$call/words.part"
mv "$call/words.part" "$call/words"
while [ ! -e "$call/code" ]; do sleep 0.02; done
cat "$call/out"
cat "$call/err" >&2
exit "$(cat "$call/code")"
"#;

/// What came of a script.
#[derive(Debug)]
#[must_use]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The calls, as `service operation`.
    pub(crate) calls: Vec<String>,
}

impl Ran {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "{}\n{}\n{:?}",
            self.stdout,
            self.stderr,
            self.calls
        );
        self
    }

    /// Returns the calls that change something.
    pub(crate) fn changes(&self) -> Vec<&str> {
        let reads = |call: &&str| !call.contains(" get-") && !call.contains(" describe-") && !call.contains(" wait");
        self.calls.iter().map(String::as_str).filter(reads).collect()
    }
}

/// Runs a script in its folder as whoever an SDK configuration signs in.
pub(crate) async fn run(script: &Path, sdk: &aws_config::SdkConfig) -> Ran {
    let syntax = std::process::Command::new("sh").arg("-n").arg(script).status();
    assert!(
        syntax.unwrap().success(),
        "{}",
        std::fs::read_to_string(script).unwrap()
    );
    shellcheck(script);
    let bridge = Bridge::new(sdk, script.parent().unwrap());
    let path = format!("{}:{}", bridge.folder.path().display(), std::env::var("PATH").unwrap());
    // From another folder: a script finds its files by itself.
    let mut child = std::process::Command::new("sh")
        .arg(script)
        .current_dir("/")
        .env("PATH", path)
        .env("BRIDGE", bridge.folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut calls = Vec::new();
    while child.try_wait().unwrap().is_none() {
        calls.extend(bridge.serve().await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        calls,
    }
}

/// Lets `shellcheck` read it, where there is one.
fn shellcheck(script: &Path) {
    if let Ok(checked) = std::process::Command::new("shellcheck").arg(script).output() {
        let told = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.success(), "{told}");
    }
}

struct Bridge {
    folder: TempDir,
    /// Where the script works: files that its calls name are there.
    works_in: PathBuf,
    iam: aws_sdk_iam::Client,
    kms: aws_sdk_kms::Client,
    sts: aws_sdk_sts::Client,
}

/// What a call is told: its output, or the service's code.
type Answer = Result<String, String>;

/// The words of a call.
struct Call {
    name: String,
    options: BTreeMap<String, String>,
}

impl Call {
    fn of(words: &[String]) -> Self {
        let mut options = BTreeMap::new();
        let mut rest = words[2..].iter().peekable();
        while let Some(word) = rest.next() {
            let Some(name) = word.strip_prefix("--") else {
                options.insert("what".to_owned(), word.clone());
                continue;
            };
            let value = rest.next_if(|next| !next.starts_with("--")).cloned();
            options.insert(name.to_owned(), value.unwrap_or_default());
        }
        Self {
            name: format!("{} {}", words[0], words[1]),
            options,
        }
    }

    #[track_caller]
    fn get(&self, option: &str) -> &str {
        self.options
            .get(option)
            .unwrap_or_else(|| panic!("no --{option} for {}", self.name))
    }

    /// Returns key and value of each tag.
    fn tags(&self, key: &str, value: &str) -> Vec<(String, String)> {
        let tags: Vec<BTreeMap<String, String>> = serde_json::from_str(self.get("tags")).unwrap();
        tags.into_iter()
            .map(|tag| (tag[key].clone(), tag[value].clone()))
            .collect()
    }
}

impl Bridge {
    fn new(sdk: &aws_config::SdkConfig, works_in: &Path) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let aws = folder.path().join("aws");
        std::fs::write(&aws, AWS).unwrap();
        std::fs::set_permissions(&aws, std::fs::Permissions::from_mode(0o700)).unwrap();
        Self {
            folder,
            works_in: works_in.to_owned(),
            iam: aws_sdk_iam::Client::new(sdk),
            kms: aws_sdk_kms::Client::new(sdk),
            sts: aws_sdk_sts::Client::new(sdk),
        }
    }

    /// Answers the calls that wait; returns their names.
    async fn serve(&self) -> Vec<String> {
        let mut served = Vec::new();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let folder = entry.unwrap().path();
            let Ok(words) = std::fs::read_to_string(folder.join("words")) else {
                continue;
            };
            if folder.join("code").exists() {
                continue;
            }
            let words: Vec<String> = words.split_terminator('\0').map(str::to_owned).collect();
            let call = Call::of(&words);
            let (out, err, code) = match self.carry_out(&call).await {
                Ok(out) => (out, String::new(), "0"),
                Err(code) => (
                    String::new(),
                    format!("An error occurred ({code}) when calling {}\n", call.name),
                    "254",
                ),
            };
            std::fs::write(folder.join("out"), out).unwrap();
            std::fs::write(folder.join("err"), err).unwrap();
            std::fs::write(folder.join("code.part"), code).unwrap();
            std::fs::rename(folder.join("code.part"), folder.join("code")).unwrap();
            served.push(call.name);
        }
        served
    }

    fn document(&self, text: &str) -> String {
        match text.strip_prefix("file://") {
            Some(name) => std::fs::read_to_string(self.works_in.join(name)).unwrap(),
            None => text.to_owned(),
        }
    }

    async fn carry_out(&self, call: &Call) -> Answer {
        match call.name.as_str() {
            "sts get-caller-identity" => {
                let identity = self.sts.get_caller_identity().send().await.map_err(code)?;
                Ok(identity.account.unwrap() + "\n")
            }
            name if name.starts_with("iam ") => self.iam(call).await,
            name if name.starts_with("kms ") => self.kms(call).await,
            name => panic!("aws {name}"),
        }
    }

    async fn iam(&self, call: &Call) -> Answer {
        let role = call.get("role-name");
        match call.name.as_str() {
            "iam get-role" | "iam wait" => {
                let found = self.iam.get_role().role_name(role).send().await.map_err(code)?;
                Ok(pretty(
                    found.role.unwrap().assume_role_policy_document.as_deref().unwrap(),
                ))
            }
            "iam create-role" => {
                let document = self.document(call.get("assume-role-policy-document"));
                let tags = call.tags("Key", "Value").into_iter();
                let tags = tags.map(|(key, value)| IamTag::builder().key(key).value(value).build().unwrap());
                let request = self.iam.create_role().role_name(role).path(call.get("path"));
                let request = request
                    .description(call.get("description"))
                    .assume_role_policy_document(document);
                request.set_tags(Some(tags.collect())).send().await.map_err(code)?;
                Ok(String::new())
            }
            "iam update-assume-role-policy" => {
                let document = self.document(call.get("policy-document"));
                let request = self.iam.update_assume_role_policy().role_name(role);
                request.policy_document(document).send().await.map_err(code)?;
                Ok(String::new())
            }
            "iam get-role-policy" => {
                let request = self.iam.get_role_policy().role_name(role);
                let found = request
                    .policy_name(call.get("policy-name"))
                    .send()
                    .await
                    .map_err(code)?;
                Ok(pretty(&found.policy_document))
            }
            "iam put-role-policy" => {
                let request = self
                    .iam
                    .put_role_policy()
                    .role_name(role)
                    .policy_name(call.get("policy-name"));
                let document = self.document(call.get("policy-document"));
                request.policy_document(document).send().await.map_err(code)?;
                Ok(String::new())
            }
            name => panic!("aws {name}"),
        }
    }

    async fn kms(&self, call: &Call) -> Answer {
        match call.name.as_str() {
            "kms describe-key" => {
                let found = self.kms.describe_key().key_id(call.get("key-id")).send().await;
                let key = found.map_err(code)?.key_metadata.unwrap();
                Ok(match call.get("query") {
                    "KeyMetadata.Arn" => key.arn.unwrap() + "\n",
                    "KeyMetadata.KeyState" => key.key_state.unwrap().as_str().to_owned() + "\n",
                    query => panic!("{query}"),
                })
            }
            "kms create-key" => {
                let tags = call.tags("TagKey", "TagValue").into_iter();
                let tags = tags.map(|(key, value)| KmsTag::builder().tag_key(key).tag_value(value).build().unwrap());
                let request = self.kms.create_key().description(call.get("description"));
                let request = request.multi_region(call.options.contains_key("multi-region"));
                let made = request.set_tags(Some(tags.collect())).send().await.map_err(code)?;
                Ok(made.key_metadata.unwrap().arn.unwrap() + "\n")
            }
            "kms create-alias" => {
                let request = self.kms.create_alias().alias_name(call.get("alias-name"));
                request
                    .target_key_id(call.get("target-key-id"))
                    .send()
                    .await
                    .map_err(code)?;
                Ok(String::new())
            }
            "kms enable-key-rotation" => {
                let days = call.get("rotation-period-in-days").parse().unwrap();
                // By its ARN, as the AWS CLI sends it; the ID is what is in it.
                let id = call.get("key-id").rsplit('/').next().unwrap();
                let request = self.kms.enable_key_rotation().key_id(id).rotation_period_in_days(days);
                request.send().await.map_err(code)?;
                Ok(String::new())
            }
            "kms get-key-policy" => {
                let request = self.kms.get_key_policy().key_id(call.get("key-id"));
                let found = request
                    .policy_name(call.get("policy-name"))
                    .send()
                    .await
                    .map_err(code)?;
                Ok(found.policy.unwrap() + "\n")
            }
            "kms put-key-policy" => {
                let request = self.kms.put_key_policy().key_id(call.get("key-id"));
                let document = self.document(call.get("policy"));
                request.policy(document).send().await.map_err(code)?;
                Ok(String::new())
            }
            name => panic!("aws {name}"),
        }
    }
}

/// Returns a document as the AWS CLI prints it: decoded, four spaces deep.
fn pretty(encoded: &str) -> String {
    let text = percent_decode_str(encoded).decode_utf8().unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let mut out = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, indent);
    serde::Serialize::serialize(&value, &mut serializer).unwrap();
    String::from_utf8(out).unwrap() + "\n"
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` takes")]
fn code<E: ProvideErrorMetadata + std::fmt::Debug>(error: SdkError<E>) -> String {
    let mut told = error.code().unwrap_or_default().to_owned();
    if told.is_empty() {
        let _ = write!(told, "{error:?}");
    }
    told
}
