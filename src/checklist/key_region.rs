//! The key's region is one that Atlas lists, is the one chosen, and lies in the partition of role and operator.

use super::subject::{self, Subject};
use super::{About, Check};
use crate::domain::project::RegionRestriction;
use crate::domain::region::Region;
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::{Choices, RoleChoice};

const ABOUT: About = About {
    id: "key-region",
    why: "Atlas is told one region for the key, and IAM doesn't delegate across partitions.",
    blocks: "the plan",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let Some(chosen) = choices.region else {
        return ABOUT.unknown(
            "no region chosen yet",
            "choose the key's region, or give --region or [aws] region",
        );
    };
    let both = format!("{} (Atlas: {})", chosen.aws(), chosen.atlas());

    // Each partition with whom it is the partition of.
    let mut partitions = vec![(partition_of(chosen), format!("region {chosen}"))];
    if let Some(identity) = observed.aws_identity.known().filter(|_| choices.aws_half.is_none()) {
        partitions.push((identity.partition.as_str(), format!("AWS identity {}", identity.arn)));
    }
    if let Some(RoleChoice::Existing { arn, .. }) = &choices.role {
        partitions.push((arn.partition(), format!("IAM role {arn}")));
    }
    let key = subject::key_arn(observed, choices);
    if let Some(key) = key {
        match key.region() {
            None => {
                return ABOUT.failed(
                    format!("the key is in {}, where Atlas can't use keys", key.region_name()),
                    "choose or create a key in a region that Atlas lists for AWS KMS",
                );
            }
            Some(region) if region != chosen => {
                return ABOUT.failed(
                    format!("the key is in {region}, the region chosen is {both}"),
                    format!("choose the region {region}, or a key in {chosen}"),
                );
            }
            Some(_) => partitions.push((key.partition(), format!("key {key}"))),
        }
    }
    if let Some((other, whose)) = partitions.iter().find(|(partition, _)| *partition != partitions[0].0) {
        return ABOUT.failed(
            format!(
                "{} is in partition {}, {whose} in {other}",
                partitions[0].1, partitions[0].0
            ),
            "choose region, key, IAM role and AWS profile of one partition",
        );
    }
    if let Some(restricted) = restriction(observed, chosen) {
        return restricted;
    }
    match (subject::key(observed, choices), key) {
        (_, Some(_)) => ABOUT.passed(format!("the key is in {both}, which Atlas lists")),
        (Subject::ToCreate, None) => ABOUT.passed(format!("the key will be created in {both}, which Atlas lists")),
        (Subject::NotChosen, None) => ABOUT.unknown(format!("{both}, which Atlas lists; no key chosen yet"), ""),
        (_, None) => ABOUT.unknown(format!("{both}, which Atlas lists; the key isn't known yet"), ""),
    }
}

/// Says why the project may not use keys of a region; only Atlas for Government restricts.
fn restriction(observed: &ObservedState, chosen: Region) -> Option<Check> {
    let project = observed.project.known()?;
    let is_gov = partition_of(chosen) == "aws-us-gov";
    let (allowed, fits) = match &project.regions {
        RegionRestriction::GovRegionsOnly => ("AWS GovCloud regions", is_gov),
        RegionRestriction::CommercialFedrampRegionsOnly => ("FedRAMP's commercial regions", !is_gov),
        RegionRestriction::None | RegionRestriction::Other(_) => return None,
    };
    (!fits).then(|| {
        ABOUT.failed(
            format!(
                "project {} may use {allowed} only, the region chosen is {chosen}",
                safe_line(&project.name)
            ),
            format!("choose a region and a key among {allowed}, or another project"),
        )
    })
}

/// Returns the partition that a region lies in.
fn partition_of(region: Region) -> &'static str {
    match region.aws() {
        name if name.starts_with("us-gov-") => "aws-us-gov",
        name if name.starts_with("cn-") => "aws-cn",
        _ => "aws",
    }
}
