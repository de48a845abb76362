//! From what is wanted to the text of a file that reads back to the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::Value;

use crate::domain::key::KeyRef;
use crate::domain::name::ROTATION_DAYS;
use crate::plan::desired::{AccessRoleChoice, ClusterChoice, DesiredState, KeyChoice, NewKeySettings, RoleChoice};

/// Writes what is wanted, and the AWS profile to use, as a configuration file with comments.
pub fn write(desired: &DesiredState, profile: Option<&str>) -> String {
    let mut file = File(String::new());
    file.text("# atlas-cmk: a customer-managed AWS KMS key for a MongoDB Atlas project.");
    file.text("# `atlas-cmk plan` shows what is to be done, `atlas-cmk apply` does it.");

    file.section("project");
    file.pair("id", desired.project_id.as_str(), "");

    file.section("aws");
    let atlas = format!("the key's region; {} is the same", desired.region.atlas());
    file.pair("region", desired.region.aws(), &atlas);
    if let Some(profile) = profile {
        file.pair("profile", profile, "used alone, whatever the environment says");
    }
    if let Some(folder) = &desired.aws_half {
        file.pair(
            "half",
            folder.as_str(),
            "the AWS half is written here, for the AWS administrator to carry out",
        );
    }

    file.section("role");
    match &desired.role {
        RoleChoice::Named {
            name,
            reuse,
            tags,
            path,
            permissions_boundary,
        } => {
            file.pair("name", name.as_str(), "used if it exists, else created");
            file.reuse(*reuse);
            file.tags(tags);
            if path != "/" {
                file.pair("path", path.as_str(), "of a role that is created");
            }
            if let Some(boundary) = permissions_boundary {
                file.pair("permissions_boundary", boundary.as_str(), "of a role that is created");
            }
        }
        RoleChoice::Existing { arn, reuse } => {
            file.pair("arn", arn.as_str(), "must exist");
            file.reuse(*reuse);
        }
    }
    match &desired.access_role {
        AccessRoleChoice::Recognized => {}
        AccessRoleChoice::New => file.pair("access_role", "new", "unfinished Atlas access roles are left alone"),
        AccessRoleChoice::Picked(id) => file.pair("access_role", id.as_str(), "the Atlas access role"),
    }
    if desired.drop_dead_principals {
        file.pair(
            "drop_dead_principals",
            true,
            "deleted principals are taken out of the trust policy",
        );
    }

    file.section("key");
    match &desired.key {
        KeyChoice::Existing(KeyRef::Alias(alias)) => file.pair("alias", alias.as_str(), "must exist"),
        KeyChoice::Existing(KeyRef::Id(id)) => file.pair("id", id.as_str(), "must exist"),
        KeyChoice::Existing(KeyRef::Arn(arn)) => file.pair("arn", arn.as_str(), "must exist"),
        KeyChoice::CreateUnlessThere(settings) => file.new_key(settings),
    }
    if desired.extend_key_policy {
        file.pair(
            "extend_policy",
            true,
            "the key policy may get one statement more for the IAM role",
        );
    }

    file.section("clusters");
    match &desired.clusters {
        ClusterChoice::Eligible => file.pair("encrypt", "eligible", "every cluster that can be encrypted"),
        ClusterChoice::Named(names) => {
            let names: Vec<Value> = names.iter().map(|name| name.as_str().into()).collect();
            file.pair("encrypt", names, "or \"eligible\"");
        }
    }
    file.pair(
        "rollout",
        desired.rollout.to_string(),
        "\"together\", \"canary\" or \"one-by-one\"",
    );
    if !desired.resume.is_empty() {
        let names: Vec<Value> = desired.resume.iter().map(|name| name.as_str().into()).collect();
        file.pair("resume", names, "paused clusters that are resumed first");
    }
    for new in &desired.create {
        file.text("\n[[clusters.create]]");
        file.pair("name", new.name.as_str(), "");
        file.pair("provider", new.provider.as_str(), "");
        file.pair("region", new.region.as_str(), "");
        file.pair(
            "instance_size",
            new.instance_size.as_str(),
            "M10 or larger; charged from its creation on",
        );
    }
    file.0
}

struct File(String);

impl File {
    fn text(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn section(&mut self, name: &str) {
        let _ = writeln!(self.0, "\n[{name}]");
    }

    fn pair(&mut self, key: &str, value: impl Into<Value>, comment: &str) {
        let _ = write!(self.0, "{key} = {}", value.into());
        if !comment.is_empty() {
            let _ = write!(self.0, "  # {comment}");
        }
        self.0.push('\n');
    }

    fn reuse(&mut self, reuse: bool) {
        self.pair(
            "reuse",
            reuse,
            "whether Atlas may get permissions of an existing IAM role beyond the key's use",
        );
    }

    fn tags(&mut self, tags: &BTreeMap<String, String>) {
        if !tags.is_empty() {
            let tags: toml::Table = tags
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().into()))
                .collect();
            self.pair("tags", tags, "");
        }
    }

    fn new_key(&mut self, settings: &NewKeySettings) {
        self.pair("alias", settings.alias.as_str(), "used if it exists, else created");
        self.pair("create", true, "");
        self.text("# What follows holds when the key is created.");
        self.pair("description", settings.description.as_str(), "");
        let (least, most) = (ROTATION_DAYS.start(), ROTATION_DAYS.end());
        let days = i64::from(settings.rotation_days.unwrap_or(0));
        self.pair("rotation_days", days, &format!("0 is off, else {least} to {most}"));
        self.pair(
            "multi_region",
            settings.multi_region,
            "whether it can have replicas in other regions",
        );
        self.tags(&settings.tags);
    }
}
