//! `[clusters]` and `[[clusters.create]]`.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::{Faults, Section};
use crate::domain::name;
use crate::domain::region::Region;
use crate::plan::desired::{ClusterChoice, NewCluster, Rollout};

/// The keys of `[[clusters.create]]`.
const CREATE: [&str; 4] = ["name", "region", "instance_size", "provider"];

/// What the section says.
pub(super) struct Clusters {
    pub(super) encrypt: ClusterChoice,
    pub(super) rollout: Rollout,
    pub(super) resume: Vec<String>,
    pub(super) create: Vec<NewCluster>,
}

pub(super) fn clusters(document: &DeTable<'_>, faults: &mut Faults<'_>) -> Option<Clusters> {
    let section = Section::of(document, "clusters");
    let rollout = section.judged(faults, "rollout", |text| {
        let all = [Rollout::Together, Rollout::Canary, Rollout::OneByOne];
        all.into_iter()
            .find(|rollout| rollout.to_string() == text)
            .ok_or_else(|| format!("\"together\", \"canary\" or \"one-by-one\", not {text:?}"))
    });
    let create = created(&section, faults);
    let encrypt = encrypt(&section, faults);
    let resume = match section.value("resume").map(|value| (value.get_ref(), value.span())) {
        None => Vec::new(),
        Some((DeValue::Array(listed), _)) => names(listed.iter(), "resume", faults, |name| match &encrypt {
            Some(ClusterChoice::Named(chosen)) if !chosen.iter().any(|known| known == name) => Err(format!(
                "{name} isn't named under `encrypt`: a cluster is resumed to be encrypted"
            )),
            _ => Ok(()),
        }),
        Some((_, span)) => {
            faults.at(&span, "`resume` is a list of names");
            Vec::new()
        }
    };
    Some(Clusters {
        encrypt: encrypt?,
        rollout: rollout.map(|given| given.value).unwrap_or_default(),
        resume,
        create,
    })
}

fn encrypt(section: &Section<'_>, faults: &mut Faults<'_>) -> Option<ClusterChoice> {
    let wanted = "a list of names, or \"eligible\"";
    let Some(encrypt) = section.value("encrypt") else {
        section.lacks(faults, &format!("encrypt: {wanted}"));
        return None;
    };
    match encrypt.get_ref() {
        DeValue::String(word) if word == "eligible" => Some(ClusterChoice::Eligible),
        DeValue::Array(listed) => Some(ClusterChoice::Named(names(
            listed.iter(),
            "encrypt",
            faults,
            |_| Ok(()),
        ))),
        _ => {
            faults.at(&encrypt.span(), format!("`encrypt` is {wanted}"));
            None
        }
    }
}

/// Reads a list of clusters' names, each once.
fn names<'d>(
    listed: impl Iterator<Item = &'d Spanned<DeValue<'d>>>,
    key: &str,
    faults: &mut Faults<'_>,
    judge: impl Fn(&str) -> Result<(), String>,
) -> Vec<String> {
    let (mut seen, mut chosen) = (BTreeSet::new(), Vec::new());
    for name in listed {
        let DeValue::String(text) = name.get_ref() else {
            faults.at(
                &name.span(),
                format!("`{key}`: the name of a cluster is a text in quotes"),
            );
            continue;
        };
        if let Err(why) = name::check_cluster_name(text).and_then(|()| judge(text)) {
            faults.at(&name.span(), format!("`{key}`: {why}"));
        } else if seen.insert(text.clone()) {
            chosen.push(text.clone().into_owned());
        } else {
            faults.at(&name.span(), format!("`{key}` names {text} twice"));
        }
    }
    chosen
}

fn created(section: &Section<'_>, faults: &mut Faults<'_>) -> Vec<NewCluster> {
    let Some(value) = section.value("create") else {
        return Vec::new();
    };
    let DeValue::Array(tables) = value.get_ref() else {
        faults.at(
            &value.span(),
            "`create` is a list of clusters: write [[clusters.create]] before each",
        );
        return Vec::new();
    };
    let mut all: Vec<NewCluster> = Vec::new();
    for table in tables {
        let DeValue::Table(keys) = table.get_ref() else {
            faults.at(
                &table.span(),
                "`create` is a list of clusters: write [[clusters.create]] before each",
            );
            continue;
        };
        let one = Section::of_table("[clusters.create]", keys, table.span());
        one.takes_only(faults, &CREATE);
        let Some(new) = new_cluster(&one, faults) else {
            continue;
        };
        if all.iter().any(|known| known.name == new.name) {
            faults.at(&table.span(), format!("[[clusters.create]] creates {} twice", new.name));
        }
        all.push(new);
    }
    all
}

fn new_cluster(section: &Section<'_>, faults: &mut Faults<'_>) -> Option<NewCluster> {
    for key in ["name", "region", "instance_size"] {
        if section.value(key).is_none() {
            section.lacks(faults, key);
        }
    }
    let name = section.judged(faults, "name", |name| {
        name::check_cluster_name(name).map(|()| name.to_owned())
    });
    let size = section.judged(faults, "instance_size", |size| {
        name::check_instance_size(size).map(|()| size.to_owned())
    });
    let provider = section.judged(faults, "provider", |provider| match provider {
        "AWS" | "AZURE" | "GCP" => Ok(provider.to_owned()),
        other => Err(format!("\"AWS\", \"AZURE\" or \"GCP\", not {other:?}")),
    });
    let provider = provider.map_or_else(|| "AWS".to_owned(), |given| given.value);
    let region = section.judged(faults, "region", |region| match provider.as_str() {
        "AWS" => Region::parse(region)
            .map(Region::atlas)
            .map_err(|error| error.to_string()),
        _ => name::check_atlas_region(region).map(|()| region.to_owned()),
    });
    Some(NewCluster {
        name: name?.value,
        provider,
        region: region?.value,
        instance_size: size?.value,
    })
}
