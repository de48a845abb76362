//! Done: what holds now, with IDs and ARNs whole on lines of their own.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Heading;
use crate::domain::cluster::ClusterState;
use crate::domain::text::count;
use crate::observe::Fetched;
use crate::ui::widgets::detail;
use crate::ui::widgets::document::Document;
use crate::ui::{Scene, Theme, text};
use crate::verify::{Evidence, Weight};
use crate::wizard::Wizard;

pub(super) fn heading(wizard: &Wizard) -> Heading {
    let (title, why, style): (_, _, fn(Theme) -> Style) = match &wizard.session.evidence {
        Fetched::Known(evidence) => {
            let (encrypted, all) = evidence.used_by();
            let used = format!("the key encrypts {encrypted} of {}", count(all, "dedicated cluster"));
            let why = "Observed anew, not remembered from the run; r looks again.";
            if evidence.is_at_risk() {
                (format!("Something is at risk; {used}"), why, Theme::failed)
            } else {
                (format!("It holds: {used}"), why, Theme::passed)
            }
        }
        Fetched::Failed(_) => {
            let why = "What was applied stays applied; r looks again.";
            ("It couldn't be verified".to_owned(), why, Theme::failed)
        }
        Fetched::NotLooked | Fetched::Looking => ("Looking at what holds now".to_owned(), "", Theme::accent),
    };
    Heading::new(title, why).styled(style)
}

pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let session = &scene.wizard.session;
    let offset = scene.wizard.screens.done.scroll.offset;
    let mut document = scene.document(area.width);
    match &session.evidence {
        Fetched::Known(evidence) => holds(scene, &mut document, evidence),
        other => {
            document.unread("what holds now", other, session.now);
        }
    }
    detail::scrolled(scene, area, None, document.into_lines(), offset);
}

fn holds(scene: &Scene<'_, '_>, document: &mut Document, evidence: &Evidence) {
    let theme = scene.theme;
    setting(document, theme, evidence);
    findings(document, theme, evidence, Weight::Risk, "At risk");
    clusters(document, theme, evidence);
    ids(document, theme, evidence);
    findings(document, theme, evidence, Weight::Note, "To keep in mind");
    report(scene, document);
}

fn setting(document: &mut Document, theme: Theme, evidence: &Evidence) {
    let aws = &evidence.encryption_at_rest.aws;
    let (sign, style, text) = match (aws.enabled, aws.valid) {
        (false, _) => (
            theme.signs.failed,
            theme.failed(),
            "off: the project uses no key in AWS KMS",
        ),
        (true, Some(true)) => (
            theme.signs.passed,
            theme.passed(),
            "enabled, and valid: Atlas can use the key",
        ),
        (true, Some(false)) => (
            theme.signs.failed,
            theme.failed(),
            "enabled, NOT VALID: Atlas can't use the key",
        ),
        (true, None) => (
            theme.signs.unknown,
            theme.unknown(),
            "enabled; Atlas doesn't tell whether the key is valid",
        ),
    };
    document.value("Encryption", &format!("{sign} {text}"), style);
    if let Some(at) = evidence.at {
        document.value("Observed", &text::moment(at), theme.plain());
    }
}

fn clusters(document: &mut Document, theme: Theme, evidence: &Evidence) {
    document.heading("Clusters");
    for cluster in &evidence.clusters {
        let (sign, style): (_, Style) = if cluster.is_encrypted() {
            (theme.signs.passed, theme.passed())
        } else {
            (theme.signs.skipped, theme.muted())
        };
        let by = if cluster.is_encrypted() {
            "encrypted with the key".to_owned()
        } else {
            format!("encryption {}", cluster.encryption)
        };
        let state = if cluster.paused {
            "paused".to_owned()
        } else {
            cluster.state.to_string()
        };
        let changes = if cluster.state == ClusterState::Idle {
            ""
        } else {
            ", Atlas is changing it"
        };
        document.item(
            sign,
            style,
            &format!("{}: {by}, {state}{changes}", cluster.name),
            theme.plain(),
        );
    }
}

fn ids(document: &mut Document, theme: Theme, evidence: &Evidence) {
    document.heading("IDs and ARNs");
    document.whole("Project", &evidence.project.id);
    let aws = &evidence.encryption_at_rest.aws;
    match (&evidence.key, &aws.key) {
        (Some(key), _) => {
            document.whole("Key", key.arn.as_str());
            document.paragraph(
                &format!("  {}, {}, rotation {}", key.label(), key.state, key.rotation),
                theme.muted(),
            );
        }
        (None, Some(named)) => {
            document.whole("Key", named);
        }
        (None, None) => {}
    }
    if let Some(role) = &evidence.access_role {
        if let Some(arn) = &role.iam_role_arn {
            document.whole("IAM role", arn.as_str());
        }
        document.whole("Access role", &role.role_id);
        document.whole("External ID", &role.external_id);
    }
}

fn findings(document: &mut Document, theme: Theme, evidence: &Evidence, weight: Weight, head: &str) {
    let mut findings = evidence
        .findings
        .iter()
        .filter(|finding| finding.weight == weight)
        .peekable();
    if findings.peek().is_some() {
        document.heading(head);
    }
    let (sign, style) = match weight {
        Weight::Risk => (theme.signs.failed, theme.failed()),
        Weight::Note => (theme.signs.dot, theme.accent()),
    };
    for finding in findings {
        document.item(sign, style, &finding.text, theme.plain());
    }
}

fn report(scene: &Scene<'_, '_>, document: &mut Document) {
    let session = &scene.wizard.session;
    document.heading("Report");
    match &session.report {
        Fetched::Known(files) => {
            for file in files {
                document.paragraph(file, scene.theme.code());
            }
        }
        other => {
            document.unread("the report's files", other, session.now);
        }
    }
}
