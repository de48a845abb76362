//! From the text of a file to what is wanted, or to everything that is wrong with it.

use toml::de::DeTable;

use super::ConfigFile;
use super::clusters::clusters;
use super::source::{Faults, Given, Section, find_unknown};
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::key::KeyRef;
use crate::domain::name::{self, DEFAULT_ROTATION_DAYS, ROTATION_DAYS};
use crate::domain::project::ProjectRef;
use crate::domain::region::Region;
use crate::plan::desired::{AccessRoleChoice, KeyChoice, NewKeySettings, RoleChoice};
use crate::problem::Problem;

/// Reads a configuration file; its name is for the problems.
///
/// # Errors
/// All that is wrong with it, each with its line: TOML that isn't, unknown keys, missing and contradicting ones, values
/// that AWS or Atlas wouldn't take.
pub fn read(text: &str, file_name: &str) -> Result<ConfigFile, Vec<Problem>> {
    let mut faults = Faults::of(text, file_name);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        faults.at(&error.span().unwrap_or(0..0), format!("not TOML: {}", error.message()));
    }
    if !errors.is_empty() {
        // What was recovered from around a syntax error would give errors that aren't any.
        return Err(faults.into_problems());
    }
    let document = document.get_ref();
    find_unknown(document, &mut faults);

    let project = project(document, &mut faults);
    let (region, profile, aws_half) = aws(document, &mut faults);
    let role = role(document, &mut faults);
    let access_role = access_role(document, &mut faults);
    let drop_dead_principals = flag(document, "role", "drop_dead_principals", &mut faults);
    let key = key(document, &mut faults);
    let extend_key_policy = flag(document, "key", "extend_policy", &mut faults);
    let clusters = clusters(document, &mut faults);
    let region = key_region(document, region, key.as_ref(), &mut faults);

    match (role, key, clusters) {
        (Some(role), Some(key), Some(clusters)) if faults.is_empty() => Ok(ConfigFile {
            project,
            region,
            profile,
            aws_half,
            role,
            access_role,
            drop_dead_principals,
            key,
            extend_key_policy,
            clusters: clusters.encrypt,
            rollout: clusters.rollout,
            resume: clusters.resume,
            create: clusters.create,
        }),
        _ => Err(faults.into_problems()),
    }
}

fn project(document: &DeTable<'_>, faults: &mut Faults<'_>) -> Option<ProjectRef> {
    let section = Section::of(document, "project");
    let id = section.judged(faults, "id", |id| {
        if name::is_atlas_id(id) {
            Ok(ProjectRef::Id(id.to_owned()))
        } else {
            Err("a project's ID is 24 hex digits; its name goes under `name`")
        }
    });
    let named = section.judged(faults, "name", |name| match ProjectRef::parse(name)? {
        named @ ProjectRef::Name(_) => Ok(named),
        ProjectRef::Id(_) => Err("this is a project's ID or its page's address; the ID goes under `id`".to_owned()),
    });
    if let (Some(_), Some(second)) = (section.value("id"), section.value("name")) {
        faults.at(&second.span(), "[project] has both id and name; it takes one of them");
    }
    Some(id.or(named)?.value)
}

fn flag(document: &DeTable<'_>, section: &'static str, key: &str, faults: &mut Faults<'_>) -> bool {
    let given = Section::of(document, section).flag(faults, key);
    given.is_some_and(|given| given.value)
}

fn access_role(document: &DeTable<'_>, faults: &mut Faults<'_>) -> AccessRoleChoice {
    let choice = Section::of(document, "role").judged(faults, "access_role", |text| match text {
        "new" => Ok(AccessRoleChoice::New),
        id if name::is_atlas_id(id) => Ok(AccessRoleChoice::Picked(id.to_owned())),
        _ => Err("the ID of an Atlas access role is 24 hex digits; or \"new\""),
    });
    choice.map(|given| given.value).unwrap_or_default()
}

fn aws(document: &DeTable<'_>, faults: &mut Faults<'_>) -> (Option<Region>, Option<String>, Option<String>) {
    let section = Section::of(document, "aws");
    let region = section.judged(faults, "region", Region::parse);
    let profile = section.judged(faults, "profile", |profile| {
        if profile.trim().is_empty() {
            Err("the name of a profile is empty")
        } else {
            Ok(profile.to_owned())
        }
    });
    let half = section.judged(faults, "half", |folder| {
        if folder.trim().is_empty() {
            Err("the name of the folder for the AWS half is empty")
        } else {
            Ok(folder.to_owned())
        }
    });
    (
        region.map(|given| given.value),
        profile.map(|given| given.value),
        half.map(|given| given.value),
    )
}

fn role(document: &DeTable<'_>, faults: &mut Faults<'_>) -> Option<RoleChoice> {
    let section = Section::of(document, "role");
    let before = faults.count();
    let named = section.judged(faults, "name", |name| {
        name::check_role_name(name).map(|()| name.to_owned())
    });
    let arn = section.judged(faults, "arn", RoleArn::parse);
    let reuse = section.flag(faults, "reuse").is_some_and(|given| given.value);
    let tags = section.tags(faults);
    if let (Some(_), Some(second)) = (section.value("name"), section.value("arn")) {
        faults.at(&second.span(), "[role] has both name and arn; it takes one of them");
        return None;
    }
    if let (Some(_), Some(tags)) = (section.value("arn"), &tags) {
        faults.at(
            &tags.span,
            "`tags` hold for an IAM role that is created; one that is given by its arn isn't",
        );
    }
    let path = section.judged(faults, "path", |path| {
        name::check_role_path(path).map(|()| path.to_owned())
    });
    let boundary = section.judged(faults, "permissions_boundary", |arn| {
        name::check_policy_arn(arn).map(|()| arn.to_owned())
    });
    for key in ["path", "permissions_boundary"] {
        if let (Some(_), Some(found)) = (section.value("arn"), section.value(key)) {
            let message = format!("`{key}` holds for an IAM role that is created; one that is given by its arn isn't");
            faults.at(&found.span(), message);
        }
    }
    match (named, arn) {
        (Some(name), _) => Some(RoleChoice::Named {
            name: name.value,
            reuse,
            tags: tags.map(|given| given.value).unwrap_or_default(),
            path: path.map_or_else(|| "/".to_owned(), |given| given.value),
            permissions_boundary: boundary.map(|given| given.value),
        }),
        (None, Some(arn)) => Some(RoleChoice::Existing { arn: arn.value, reuse }),
        (None, None) => {
            if faults.count() == before {
                section.lacks(
                    faults,
                    "name (used if it exists, else created) or arn (which must exist)",
                );
            }
            None
        }
    }
}

fn key(document: &DeTable<'_>, faults: &mut Faults<'_>) -> Option<KeyChoice> {
    let section = Section::of(document, "key");
    let alias = section.judged(faults, "alias", |alias| {
        name::check_alias(alias).map(|()| alias.to_owned())
    });
    let id = section.judged(faults, "id", |id| {
        if name::is_key_id(id) {
            Ok(id.to_owned())
        } else {
            Err("a key's ID is a UUID, or mrk- and 32 hex digits")
        }
    });
    let arn = section.judged(faults, "arn", KeyArn::parse);
    let create = section.flag(faults, "create");
    let creates = create.as_ref().is_some_and(|given| given.value);
    let is_unreadable = create.is_none() && section.value("create").is_some();
    let settings = new_key(&section, faults);

    let given: Vec<_> = ["alias", "id", "arn"]
        .into_iter()
        .filter(|key| section.value(key).is_some())
        .collect();
    match given.as_slice() {
        [] => section.lacks(faults, "alias, id or arn"),
        [_] => {}
        [_, second, ..] => {
            if let Some(second) = section.value(second) {
                let message = format!("[key] has {}; it takes one of them", given.join(" and "));
                faults.at(&second.span(), message);
            }
        }
    }
    if let Some(create) = create.filter(|given| given.value && section.value("alias").is_none()) {
        faults.at(
            &create.span,
            "`create` needs an alias: a key can't be created with a given id or arn",
        );
    }
    if !creates && !is_unreadable {
        for key in ["description", "rotation_days", "multi_region", "tags"] {
            if let Some(found) = section.value(key) {
                let message = format!("`{key}` holds when a key is created; this one isn't");
                faults.advise(&found.span(), message, "add create = true, or take it out");
            }
        }
    }
    match (alias, id, arn) {
        (Some(alias), ..) if creates => Some(KeyChoice::CreateUnlessThere(NewKeySettings {
            alias: alias.value,
            ..settings
        })),
        (Some(alias), ..) => Some(KeyChoice::Existing(KeyRef::Alias(alias.value))),
        (None, Some(id), _) => Some(KeyChoice::Existing(KeyRef::Id(id.value))),
        (None, None, Some(arn)) => Some(KeyChoice::Existing(KeyRef::Arn(arn.value))),
        (None, None, None) => None,
    }
}

/// Reads what holds when a key is created; the alias is set by the caller.
fn new_key(section: &Section<'_>, faults: &mut Faults<'_>) -> NewKeySettings {
    let description = section.judged(faults, "description", |text| {
        name::check_key_description(text).map(|()| text.to_owned())
    });
    let rotation = section
        .number(faults, "rotation_days")
        .and_then(|Given { value, span }| {
            let days = u16::try_from(value)
                .ok()
                .filter(|days| *days == 0 || ROTATION_DAYS.contains(days));
            if days.is_none() {
                let (least, most) = (ROTATION_DAYS.start(), ROTATION_DAYS.end());
                faults.at(
                    &span,
                    format!("`rotation_days` is 0 (off) or {least} to {most}, not {value}"),
                );
            }
            days
        });
    NewKeySettings {
        alias: String::new(),
        description: description.map(|given| given.value).unwrap_or_default(),
        rotation_days: Some(rotation.unwrap_or(DEFAULT_ROTATION_DAYS)).filter(|days| *days != 0),
        multi_region: section.flag(faults, "multi_region").is_some_and(|given| given.value),
        tags: section.tags(faults).map(|given| given.value).unwrap_or_default(),
    }
}

/// Returns the region: the one that is given, else the one in the key's ARN; where both are given they must be the same.
fn key_region(
    document: &DeTable<'_>,
    region: Option<Region>,
    key: Option<&KeyChoice>,
    faults: &mut Faults<'_>,
) -> Option<Region> {
    let Some(KeyChoice::Existing(KeyRef::Arn(arn))) = key else {
        return region;
    };
    let span = Section::of(document, "key")
        .value("arn")
        .map_or(0..0, toml::Spanned::span);
    match (Region::parse(arn.region_name()), region) {
        (Err(unknown), _) => faults.at(&span, format!("`arn`: {unknown}")),
        (Ok(of_key), Some(region)) if of_key != region => {
            faults.at(
                &span,
                format!("`arn`: the key is in {of_key}, [aws] region is {region}"),
            );
        }
        (Ok(of_key), _) => return Some(of_key),
    }
    None
}
