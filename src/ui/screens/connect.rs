//! Connect: who the operator is on both sides, the projects, the regions.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::{Heading, sign_in};
use crate::domain::project::AtlasIdentity;
use crate::observe::Fetched;
use crate::ui::view_state::ListId;
use crate::ui::widgets::document::Document;
use crate::ui::widgets::list::{Column, List};
use crate::ui::widgets::{choice, counted, detail, spinner};
use crate::ui::{Scene, height, layout};
use crate::wizard::Wizard;
use crate::wizard::screens::connect::ConnectFocus;

const PROJECTS: &[Column] = &[
    Column::new("", 3),
    Column::new("name", 12),
    Column::new("ID", 24).giving_way(1),
];
const REGIONS: &[Column] = &[
    Column::new("", 3),
    Column::new("AWS", 14),
    Column::new("Atlas", 14).giving_way(1),
];

/// Cells across for the regions: with both their forms, and with AWS's alone.
const REGIONS_WIDTH: (u16, u16) = (41, 24);

/// Under this width the list that doesn't take the keys gives way.
const ROOMY: u16 = 90;

/// Lines that the lists keep, however much there is to say above them.
const LEAST_LISTED: u16 = 4;

pub(super) fn heading(wizard: &Wizard) -> Heading {
    if !wizard.screens.connect.on_lists() {
        return Heading::new(
            "With which credentials?",
            "What is typed is kept in memory alone. Esc goes back to project and region.",
        );
    }
    let title = if wizard.session.project_is_given() {
        "In which region is the key?"
    } else {
        "Which project, and in which region is the key?"
    };
    Heading::new(
        title,
        "A key lives in one AWS region. Nothing is changed before you confirm the plan.",
    )
}

pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let told = who(scene, area.width);
    let (above, rest) = layout::top(area, height(&told).min(area.height.saturating_sub(LEAST_LISTED + 1)));
    let offset = scene.wizard.screens.connect.scroll.offset;
    detail::scrolled(scene, above, None, told, offset);
    let (_, lists) = layout::top(rest, u16::from(rest.height > LEAST_LISTED + 1));
    if !scene.wizard.screens.connect.on_lists() {
        sign_in::draw(scene, lists);
        return;
    }
    if scene.wizard.session.project_is_given() {
        regions(scene, lists);
        return;
    }
    let gives_way = lists.width < ROOMY && scene.wizard.screens.connect.focus == ConnectFocus::Project;
    let width = if gives_way { REGIONS_WIDTH.1 } else { REGIONS_WIDTH.0 };
    let (left, right) = layout::left(lists, lists.width.saturating_sub(width));
    projects(scene, layout::left(left, left.width.saturating_sub(2)).0);
    regions(scene, right);
}

/// Tells who the operator is on both sides, and what is to be told first.
fn who(scene: &Scene<'_, '_>, width: u16) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let session = &scene.wizard.session;
    let connection = &session.connection;
    let mut document = scene.document(width);
    let atlas = match &session.observed.atlas_identity {
        Fetched::Known(who) => Fetched::Known(atlas_identity(who, session.choices.project_id.as_deref())),
        other => unknown(other),
    };
    let aws = match &session.observed.aws_identity {
        Fetched::Known(who) => Fetched::Known(who.arn.clone()),
        other => unknown(other),
    };
    side(scene, &mut document, "Atlas", &atlas, &connection.atlas);
    side(scene, &mut document, "AWS", &aws, &connection.aws);
    if let Some(folder) = session.aws_half() {
        let text = format!("The AWS administrator does the AWS half: applying the plan writes it to {folder}.");
        document.item(theme.signs.hint, theme.accent(), &text, theme.plain());
    } else if session.observed.aws_identity.problem().is_some() {
        let text = "w goes on without: the AWS half is written out for the AWS administrator";
        document.item(theme.signs.hint, theme.accent(), text, theme.plain());
    }
    for note in &session.notes {
        document.item(theme.signs.warning, theme.warning(), note, theme.plain());
    }
    document.into_lines()
}

fn unknown<T, U>(fetched: &Fetched<T>) -> Fetched<U> {
    match fetched {
        Fetched::Failed(problem) => Fetched::Failed(problem.clone()),
        Fetched::NotLooked => Fetched::NotLooked,
        Fetched::Looking | Fetched::Known(_) => Fetched::Looking,
    }
}

fn atlas_identity(who: &AtlasIdentity, project: Option<&str>) -> String {
    let kind = who.kind;
    let roles: Vec<_> = who
        .roles
        .iter()
        .flatten()
        .filter(|grant| grant.project_id.is_none() || grant.project_id.as_deref() == project)
        .map(|grant| grant.role.as_str())
        .collect();
    if roles.is_empty() {
        format!("{kind} {}", who.id)
    } else {
        format!("{kind} {}, {}", who.id, roles.join(", "))
    }
}

fn side(scene: &Scene<'_, '_>, document: &mut Document, label: &str, who: &Fetched<String>, from: &str) {
    let theme = scene.theme;
    let asking = "asking who you are".to_owned();
    let (sign, text, style): (_, _, Style) = match who {
        Fetched::Known(who) => (theme.signs.passed, who.clone(), theme.passed()),
        Fetched::Failed(problem) => (theme.signs.failed, problem.message.clone(), theme.failed()),
        Fetched::NotLooked | Fetched::Looking => {
            (spinner::picture(theme, scene.wizard.session.now), asking, theme.muted())
        }
    };
    document.value(label, &format!("{sign} {text}"), style);
    let from = if label == "Atlas" && scene.wizard.session.is_government() {
        format!("{from}, Atlas for Government")
    } else {
        from.to_owned()
    };
    document.aside(&from, theme.muted());
    if let Fetched::Failed(problem) = who {
        document.problem_rest(problem);
    }
}

fn projects(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let wizard = scene.wizard;
    let found = wizard.project_rows();
    let mut note = scene.document(area.width);
    match &wizard.session.observed.projects {
        Fetched::Known(all) if all.is_empty() => {
            note.paragraph("The Atlas credential can see no project.", theme.failed());
        }
        Fetched::Failed(problem) if wizard.session.observed.atlas_identity.problem() == Some(problem) => {
            note.item(theme.signs.failed, theme.failed(), "not read: see above", theme.plain());
        }
        projects => {
            note.unread("the projects", projects, wizard.session.now);
        }
    }
    let list = List::of(
        ListId::Projects,
        counted(theme, "Projects", found.rows.len(), found.total),
        PROJECTS,
        &found,
        |row| {
            let name = (row.project.name.clone(), theme.plain());
            vec![choice(theme, row.chosen), name, (row.project.id.clone(), theme.code())]
        },
    )
    .focused(wizard.screens.connect.focus == ConnectFocus::Project)
    .filtered(&wizard.screens.connect.projects.filter)
    .noted(note.into_lines());
    list.draw(scene, area);
}

fn regions(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let wizard = scene.wizard;
    let found = wizard.region_rows();
    let list = List::of(
        ListId::Regions,
        counted(theme, "Regions", found.rows.len(), found.total),
        REGIONS,
        &found,
        |row| {
            let aws = (row.region.aws().to_owned(), theme.plain());
            vec![choice(theme, row.chosen), aws, (row.region.atlas(), theme.muted())]
        },
    )
    .focused(wizard.screens.connect.focus == ConnectFocus::Region)
    .filtered(&wizard.screens.connect.regions.filter);
    list.draw(scene, area);
}
