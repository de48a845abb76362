//! Role: the IAM role that Atlas assumes, and the Atlas access role behind which it stands.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Heading;
use crate::domain::iam_role::IamRole;
use crate::observe::Fetched;
use crate::plan::permission::trust_verdict;
use crate::plan::recognize::our_access_role;
use crate::plan::{AccessRoleChoice, RoleChoice};
use crate::ui::layout::Split;
use crate::ui::view_state::ListId;
use crate::ui::widgets::detail::{self, Detail};
use crate::ui::widgets::document::Document;
use crate::ui::widgets::field::Entry;
use crate::ui::widgets::list::{Column, List};
use crate::ui::widgets::{choice, counted};
use crate::ui::{Scene, text};
use crate::wizard::Context;
use crate::wizard::screens::role::{RoleFocus, RoleRow, RoleRowId};

const COLUMNS: &[Column] = &[
    Column::new("", 3),
    Column::new("", 24),
    Column::new("", 16).giving_way(1),
];

pub(super) fn heading() -> Heading {
    Heading::new(
        "Which IAM role does Atlas assume?",
        "Atlas reaches the key by assuming it. A new one may do that and nothing else.",
    )
}

pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let wizard = scene.wizard;
    let session = &wizard.session;
    let screen = &wizard.screens.role;
    let found = wizard.role_rows();
    let split = Split::of(area, 50);
    let current = found.current();
    let lines = current
        .map(|row| told(scene, row, split.detail_width()))
        .unwrap_or_default();
    let form = match current {
        Some(row) if row.id == RoleRowId::New => form(scene),
        _ => Vec::new(),
    };
    let roles = &session.observed.iam_roles;
    let listed = found.rows.iter().filter(|row| matches!(row.id, RoleRowId::Existing(_)));
    let listed = listed.count();
    let mut note = scene.document(split.list_width());
    note.unread("the IAM roles", roles, session.now);
    let list = List::of(
        ListId::Roles,
        counted(theme, "IAM roles", listed, roles.known().map_or(0, Vec::len)),
        COLUMNS,
        &found,
        |row| {
            let style = if row.id == RoleRowId::New {
                theme.heading()
            } else {
                theme.plain()
            };
            vec![
                choice(theme, row.chosen),
                (row.name.clone(), style),
                (row.detail.clone(), theme.muted()),
            ]
        },
    )
    .focused(screen.focus == RoleFocus::List)
    .filtered(&screen.list.filter)
    .noted(note.into_lines());
    detail::draw(
        scene,
        &split,
        &list,
        Detail {
            form,
            lines,
            offset: screen.scroll.offset,
        },
    );
}

fn form<'a>(scene: &Scene<'a, '_>) -> Vec<Entry<'a>> {
    let screen = &scene.wizard.screens.role;
    let has_focus = |focus| screen.focus == focus && scene.wizard.context() == Context::Field;
    let there = scene.wizard.session.role_named(screen.name.value());
    let there = there.map(|role| format!("there already: {} will be used, not a new one", role.arn));
    vec![
        Entry::text("Name", &screen.name, "a name in IAM", has_focus(RoleFocus::Name)).noted(there),
        Entry::text("Path", &screen.path, "/", has_focus(RoleFocus::Path)),
        Entry::text(
            "Boundary",
            &screen.boundary,
            "none (the ARN of a managed policy)",
            has_focus(RoleFocus::Boundary),
        ),
        Entry::text(
            "Tags",
            &screen.tags,
            "none (key=value, key=value)",
            has_focus(RoleFocus::Tags),
        ),
    ]
}

fn told(scene: &Scene<'_, '_>, row: &RoleRow, width: u16) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut document = scene.document(width);
    match &row.id {
        RoleRowId::New => {
            let text = "Its trust policy lets Atlas in with this project's external ID alone; its inline policy allows \
                        the use of the chosen key alone.";
            document.paragraph(text, theme.plain());
            // A role of this name may be there already: then what it may do is to be accepted as below.
            if row.chosen {
                beyond(scene, &mut document);
                dead_principals(scene, &mut document);
            }
            document.space();
            let wanted = scene.wizard.session.choices.role.as_ref().filter(|_| row.chosen);
            access_role(scene, &mut document, wanted);
            return document.into_lines();
        }
        RoleRowId::Existing(arn) => {
            let roles = scene.wizard.session.observed.iam_roles.known();
            let role = roles.and_then(|roles| roles.iter().find(|role| role.arn == *arn));
            document.whole("ARN", arn.as_str());
            if row.chosen {
                beyond(scene, &mut document);
                dead_principals(scene, &mut document);
                judged(scene, &mut document);
            } else {
                document.paragraph(
                    "Space chooses it and reads what else it may do; Enter goes on with it.",
                    theme.accent(),
                );
            }
            if let Some(role) = role {
                existing(&mut document, scene, role, row.chosen);
                return document.into_lines();
            }
        }
        RoleRowId::NewAccessRole => {
            let text = "Enter chooses it: the unfinished access roles stay as they are. Then choose the IAM role.";
            document.paragraph(text, theme.accent());
        }
        RoleRowId::AccessRole(id) => {
            document.whole("Atlas access role, never authorized", id);
            document.paragraph(&row.detail, theme.plain());
            let text = "Enter picks it: it will be finished, and no new one created. Then choose the IAM role.";
            document.paragraph(text, theme.accent());
        }
    }
    document.space();
    access_role(scene, &mut document, scene.wizard.session.choices.role.as_ref());
    document.into_lines()
}

/// Tells what is known of an IAM role that is there, chosen or not.
fn existing(document: &mut Document, scene: &Scene<'_, '_>, role: &IamRole, chosen: bool) {
    let theme = scene.theme;
    let session = &scene.wizard.session;
    document.space();
    let choice = RoleChoice::Existing {
        arn: role.arn.clone(),
        reuse: false,
    };
    let access_roles = session.observed.access_roles.known().map(Vec::as_slice);
    if !chosen && let Some(access_roles) = access_roles {
        let setting = session.observed.setting.known();
        let access_role = &session.choices.access_role;
        let ours = setting.map(|aws| our_access_role(&session.observed, access_role, access_roles, aws, Some(&choice)));
        if let Some(Ok(ours)) = ours {
            let trust = if trust_verdict(role, ours, access_roles).is_allowed() {
                "lets Atlas in with this external ID already"
            } else {
                "doesn't let Atlas in yet: the plan adds that, and what others need stays"
            };
            document.value("Trust", trust, theme.plain());
        }
    }
    access_role(scene, document, Some(&choice));
    document.space();
    let detail = session.chosen_role().filter(|_| chosen).and_then(Fetched::known);
    if let Some(boundary) = detail.and_then(|detail| detail.as_ref()?.role.boundary.as_ref()) {
        document.value("Boundary", boundary, theme.code());
    }
    if let Some(text) = role.description.as_ref().filter(|text| !text.is_empty()) {
        document.value("Described", text, theme.plain());
    }
    if let Some(created) = role.created {
        document.value("Created", &text::moment(created), theme.plain());
    }
}

/// Tells how the chosen IAM role's trust policy stands, and what else of the role has to be mended.
fn judged(scene: &Scene<'_, '_>, document: &mut Document) {
    if let Some(check) = scene.wizard.check("role-trust") {
        document.check(check);
    }
    for id in ["role-policy", "policy-sizes", "ip-restrictions"] {
        if let Some(check) = scene.wizard.check(id).filter(|check| check.needs_mending()) {
            document.check(check);
        }
    }
}

/// Tells what the chosen IAM role may do beyond the use of the key, with the switch that accepts it.
fn beyond(scene: &Scene<'_, '_>, document: &mut Document) {
    let theme = scene.theme;
    let session = &scene.wizard.session;
    match session.chosen_role() {
        Some(Fetched::Known(_)) => {}
        None => return,
        Some(other) => {
            document.unread("what this IAM role may do", other, session.now);
            return;
        }
    }
    let beyond = session.permissions_beyond_key_use();
    if beyond.is_empty() {
        if let Some(Fetched::Known(Some(_))) = session.chosen_role() {
            document.item(
                theme.signs.passed,
                theme.passed(),
                "It may do nothing beyond the use of the key.",
                theme.plain(),
            );
        }
        return;
    }
    document.item(
        theme.signs.warning,
        theme.danger(),
        "Atlas would get all else that this IAM role may do:",
        theme.danger(),
    );
    for permission in &beyond {
        document.item("  -", theme.danger(), permission, theme.plain());
    }
    let accepted = session.choices.role.as_ref().is_some_and(RoleChoice::reuse);
    document.switch(accepted, "accepted: Atlas may do that too (Space)");
}

/// Tells of deleted principals in the trust policy, with the switch that takes their statements out.
fn dead_principals(scene: &Scene<'_, '_>, document: &mut Document) {
    let wizard = scene.wizard;
    if !wizard.can_drop_dead_principals() {
        return;
    }
    let on = wizard.session.choices.drop_dead_principals;
    if let Some(check) = wizard.check("dead-principals") {
        document.check(check);
    }
    document.switch(on, "take the deleted principals out of the trust policy (d)");
}

/// Tells which Atlas access role will be used with an IAM role.
fn access_role(scene: &Scene<'_, '_>, document: &mut Document, role: Option<&RoleChoice>) {
    let theme = scene.theme;
    let session = &scene.wizard.session;
    let seen = &session.observed;
    let (Fetched::Known(all), Fetched::Known(setting)) = (&seen.access_roles, &seen.setting) else {
        document.unread("the project's access roles", &seen.access_roles, session.now);
        return;
    };
    match our_access_role(seen, &session.choices.access_role, all, setting, role) {
        Err(problem) => {
            document.problem(&problem);
        }
        Ok(None) => {
            document.value("Access role", "a new one is created in Atlas", theme.plain());
        }
        Ok(Some(ours)) => {
            let state = match (&session.choices.access_role, &ours.iam_role_arn) {
                (AccessRoleChoice::Picked(_), _) => "picked, to be finished".to_owned(),
                (AccessRoleChoice::Recognized | AccessRoleChoice::New, Some(arn)) => format!("it points to {arn}"),
                (AccessRoleChoice::Recognized | AccessRoleChoice::New, None) => {
                    "begun earlier, to be finished".to_owned()
                }
            };
            document.value("Access role", &ours.role_id, theme.code());
            document.value("", &state, theme.muted());
        }
    }
}
