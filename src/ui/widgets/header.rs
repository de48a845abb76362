//! What we work on: the Atlas project and the AWS account, by name and ID, on every screen.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::spinner;
use crate::observe::Fetched;
use crate::ui::{Scene, layout, text};

const NAME: &str = "atlas-cmk";

pub(in crate::ui) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let (brand, rest) = layout::left(area, 12);
    scene.line(brand, &Line::styled(NAME, theme.heading()));
    let (_, second) = layout::top(brand, 1);
    if scene.wizard.session.connection.demo {
        scene.line(second, &Line::styled(" DEMO ", theme.demo()));
    }
    let (atlas, aws) = layout::top(rest, 1);
    let parts = project(scene);
    row(scene, atlas, "Atlas", &parts);
    let parts = account(scene);
    row(scene, aws, "AWS", &parts);
}

type Parts = Vec<(String, Style)>;

fn project(scene: &Scene<'_, '_>) -> Parts {
    let theme = scene.theme;
    let session = &scene.wizard.session;
    let project = match (session.project(), &session.choices.project_id) {
        (Some(project), _) => vec![
            (project.name.clone(), theme.heading()),
            (project.id.clone(), theme.plain()),
        ],
        (None, Some(id)) => vec![("project".to_owned(), theme.muted()), (id.clone(), theme.plain())],
        (None, None) => vec![("no project chosen yet".to_owned(), theme.muted())],
    };
    let who = match &session.observed.atlas_identity {
        Fetched::Known(who) => Some((format!("{} {}", who.kind, who.id), theme.muted())),
        Fetched::Failed(_) => Some((format!("{} not known who you are", theme.signs.failed), theme.failed())),
        Fetched::NotLooked | Fetched::Looking => None,
    };
    project.into_iter().chain(who).collect()
}

fn account(scene: &Scene<'_, '_>) -> Parts {
    let theme = scene.theme;
    let session = &scene.wizard.session;
    match &session.observed.aws_identity {
        Fetched::Known(who) => {
            let name = who.account_alias.clone().map(|alias| (alias, theme.heading()));
            let principal = who.arn.rsplit(':').next().unwrap_or(&who.arn);
            name.into_iter()
                .chain([
                    (who.account.clone(), theme.plain()),
                    (principal.to_owned(), theme.muted()),
                ])
                .collect()
        }
        Fetched::Failed(_) => {
            vec![(format!("{} not known who you are", theme.signs.failed), theme.failed())]
        }
        Fetched::NotLooked | Fetched::Looking => {
            vec![(
                format!("{} asking who you are", spinner::picture(theme, session.now)),
                theme.muted(),
            )]
        }
    }
}

/// Draws parts with space between them. The first, a name of any length, gives way to the IDs after it.
fn row(scene: &mut Scene<'_, '_>, area: Rect, label: &str, parts: &[(String, Style)]) {
    let theme = scene.theme;
    let mut room = usize::from(area.width).saturating_sub(7);
    let mut spans = vec![Span::styled(format!("{label:<7}"), theme.muted())];
    let ids: usize = parts
        .iter()
        .skip(1)
        .take(1)
        .map(|(id, _)| text::width(&theme.line(id)) + 2)
        .sum();
    for (nth, (part, style)) in parts.iter().enumerate() {
        let most = if nth == 0 { room.saturating_sub(ids) } else { room };
        let part = scene.cut(part, most);
        if part.is_empty() {
            continue;
        }
        room = room.saturating_sub(text::width(&part) + 2);
        spans.push(Span::styled(part, *style));
        spans.push(Span::raw("  "));
    }
    scene.line(area, &Line::from(spans));
}
