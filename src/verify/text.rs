//! The evidence as text: what `status` prints.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::evidence::{Evidence, Weight};
use crate::domain::cluster::Cluster;
use crate::domain::key::Key;
use crate::domain::project::AwsKmsSetting;
use crate::domain::text::{count, safe_line};

/// Returns the evidence as text: what holds, each cluster, what the operator should know.
pub fn text(evidence: &Evidence) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "Project {} ({})",
        safe_line(&evidence.project.name),
        evidence.project.id
    );
    for (what, holds) in facts(evidence) {
        let _ = writeln!(text, "  {what:<20}{}", safe_line(&holds));
    }

    let _ = writeln!(text, "\nClusters: {}", used_by(evidence));
    let rows: Vec<_> = evidence.clusters.iter().map(row).collect();
    let widths: [usize; 5] = std::array::from_fn(|nth| rows.iter().map(|row| row[nth].width()).max().unwrap_or(0));
    for row in &rows {
        let mut line = String::from(" ");
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, " {cell}{}", " ".repeat(width - cell.width() + 1));
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }

    let (risks, notes): (Vec<_>, Vec<_>) = evidence
        .findings
        .iter()
        .partition(|finding| finding.weight == Weight::Risk);
    for (head, sign, findings) in [("At risk:", '!', risks), ("To keep in mind:", '-', notes)] {
        if !findings.is_empty() {
            let _ = writeln!(text, "\n{head}");
        }
        for finding in findings {
            let _ = writeln!(text, "  {sign} {}", safe_line(&finding.text));
        }
    }
    text
}

/// Returns what holds for the project, each with its name.
pub(super) fn facts(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let aws = &evidence.encryption_at_rest.aws;
    let mut facts = vec![("Encryption at rest", setting(aws))];
    if let Some(key) = &aws.key {
        facts.push(("Key", key.clone()));
    }
    if let Some(key) = &evidence.key {
        facts.push(("", described(key)));
        if aws.key.as_deref() != Some(key.arn.as_str()) {
            facts.push(("", key.arn.to_string()));
        }
    }
    match (aws.region, &aws.region_name) {
        (Some(region), _) => facts.push(("Region", format!("{} (Atlas: {})", region.aws(), region.atlas()))),
        (None, Some(name)) => facts.push(("Region", name.clone())),
        (None, None) => {}
    }
    if let Some(role) = &evidence.access_role {
        let since = role
            .authorized
            .map_or_else(|| "not authorized".to_owned(), |at| format!("authorized {at}"));
        facts.push(("Access role", format!("{}, {since}", role.role_id)));
        facts.push(("External ID", role.external_id.clone()));
        if let Some(arn) = &role.iam_role_arn {
            facts.push(("IAM role", arn.to_string()));
        }
    }
    if let Some(at) = evidence.at {
        facts.push(("Observed", at.strftime("%FT%TZ").to_string()));
    }
    facts
}

fn setting(aws: &AwsKmsSetting) -> String {
    let word = match (aws.enabled, aws.valid) {
        (false, _) => "off",
        (true, Some(true)) => "enabled, valid",
        (true, Some(false)) => "enabled, NOT VALID",
        (true, None) => "enabled, validity unknown",
    };
    word.to_owned()
}

fn described(key: &Key) -> String {
    format!("{}, {}, rotation {}", key.label(), key.state, key.rotation)
}

/// Returns by how many clusters the key is used: `used by 2 of 3 clusters`.
pub(super) fn used_by(evidence: &Evidence) -> String {
    let (encrypted, dedicated) = evidence.used_by();
    format!("key used by {encrypted} of {}", count(dedicated, "dedicated cluster"))
}

/// Returns a cluster's cells: name, size, place, state, encryption.
pub(super) fn row(cluster: &Cluster) -> [String; 5] {
    let state = if cluster.paused {
        "paused".to_owned()
    } else {
        cluster.state.to_string()
    };
    let encryption = format!("encryption {}", cluster.encryption);
    let place = format!("{} {}", cluster.provider, cluster.regions.join(", "));
    [&cluster.name, &cluster.instance_size, &place, &state, &encryption].map(|cell| safe_line(cell).into_owned())
}
