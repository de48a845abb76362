//! The evidence as a report to keep: one file for people, one for programs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::evidence::{Evidence, Weight};
use super::text::{facts, row, used_by};
use crate::domain::text::safe_line;
use crate::files;
use crate::problem::Problem;

/// Writes the report as Markdown and as JSON into a folder, named by the time of the evidence, and returns both paths.
///
/// # Errors
/// A file can't be written.
pub fn write(folder: &Path, evidence: &Evidence) -> Result<Vec<PathBuf>, Problem> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Problem::input("the folder of the report can't be made")
            .at(folder.display().to_string())
            .caused_by(&error)
    })?;
    let stamp = evidence
        .at
        .map(|at| at.strftime("-%Y%m%dT%H%M%SZ").to_string())
        .unwrap_or_default();
    let json = serde_json::to_string_pretty(evidence)
        .map_err(|error| Problem::internal("the report can't be written as JSON").caused_by(&error))?;
    let mut paths = Vec::new();
    for (extension, text) in [("md", markdown(evidence)), ("json", json + "\n")] {
        let path = folder.join(format!("report{stamp}.{extension}"));
        files::write(&path, &text)?;
        paths.push(path);
    }
    Ok(paths)
}

/// Returns the report as Markdown.
pub fn markdown(evidence: &Evidence) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "# Encryption at rest of project {}\n",
        cell(&evidence.project.name)
    );
    let _ = writeln!(text, "| | |\n|---|---|\n| Project ID | `{}` |", evidence.project.id);
    for (what, holds) in facts(evidence) {
        let _ = writeln!(text, "| {what} | {} |", cell(&holds));
    }

    let _ = writeln!(text, "\n## Clusters\n\n{}\n", used_by(evidence));
    let _ = writeln!(
        text,
        "| name | size | place | state | encryption |\n|---|---|---|---|---|"
    );
    for cluster in &evidence.clusters {
        let cells = row(cluster).map(|one| cell(&one));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }

    for (head, weight) in [("At risk", Weight::Risk), ("To keep in mind", Weight::Note)] {
        let mut findings = evidence
            .findings
            .iter()
            .filter(|finding| finding.weight == weight)
            .peekable();
        if findings.peek().is_some() {
            let _ = writeln!(text, "\n## {head}\n");
        }
        for finding in findings {
            let _ = writeln!(text, "- {}", cell(&finding.text));
        }
    }
    if let Some(role) = &evidence.iam_role {
        let _ = writeln!(text, "\n## Trust policy of {}\n", cell(role.arn.as_str()));
        // Indented, not fenced: no text in the document can end it.
        for line in role.trust.pretty().lines() {
            let _ = writeln!(text, "    {}", safe_line(line));
        }
    }
    text
}

/// Returns a foreign text that can't act as Markdown or HTML.
fn cell(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in safe_line(text).chars() {
        if matches!(c, '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '\\' | '!') {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}
