//! The credentials of Connect: those that are found, and the form for those that are typed.

use ratatui::layout::Rect;

use crate::domain::project::CredentialKind;
use crate::ui::view_state::ListId;
use crate::ui::widgets::detail::{self, Detail};
use crate::ui::widgets::field::Entry;
use crate::ui::widgets::list::{Cell, Column, List};
use crate::ui::widgets::{choice, titled};
use crate::ui::{Scene, layout::Split};
use crate::wizard::Context;
use crate::wizard::screens::connect::ConnectFocus;
use crate::wizard::screens::sign_in::{SignInPart, SourceId, SourceRow};

const COLUMNS: &[Column] = &[
    Column::new("", 3),
    Column::new("", 5),
    Column::new("", 22),
    Column::new("", 20).giving_way(1),
];

pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let wizard = scene.wizard;
    let found = wizard.source_rows();
    let on_list = wizard.screens.connect.focus == ConnectFocus::Sources;
    let split = Split::stacked(area);
    let form = match found.current().map(|row| &row.id) {
        Some(SourceId::Type(kind)) => form(scene, *kind),
        _ => Vec::new(),
    };
    let mut document = scene.document(split.detail_width());
    if form.is_empty()
        && let Some(why) = found.current().and_then(|row| row.unusable.as_ref())
    {
        document.item(theme.signs.failed, theme.failed(), why, theme.failed());
    }
    let mut note = scene.document(area.width);
    note.unread(
        "the profiles on this machine",
        &wizard.session.profiles,
        wizard.session.now,
    );
    let list = List::of(
        ListId::Sources,
        titled(theme, "Credentials", ""),
        COLUMNS,
        &found,
        |row| cells(scene, row),
    )
    .focused(on_list)
    .noted(note.into_lines());
    detail::draw(
        scene,
        &split,
        &list,
        Detail {
            form,
            lines: document.into_lines(),
            offset: 0,
        },
    );
}

fn cells(scene: &Scene<'_, '_>, row: &SourceRow) -> Vec<Cell> {
    let theme = scene.theme;
    let (mark, style) = if row.unusable.is_some() {
        ((format!(" {} ", theme.signs.failed), theme.failed()), theme.muted())
    } else {
        (choice(theme, row.chosen), theme.plain())
    };
    let side = if row.id.is_atlas() { "Atlas" } else { "AWS" };
    vec![
        mark,
        (side.to_owned(), theme.muted()),
        (row.label.clone(), style),
        (row.detail.clone(), theme.muted()),
    ]
}

fn form<'a>(scene: &Scene<'a, '_>, kind: CredentialKind) -> Vec<Entry<'a>> {
    let screen = &scene.wizard.screens.connect;
    let free = scene.wizard.context() != Context::Dialog;
    let has_focus = |part| free && screen.focus == ConnectFocus::SignIn(part);
    let form = &screen.sign_in;
    let (id, secret) = match kind {
        CredentialKind::ServiceAccount => ("Client ID", "Client secret"),
        CredentialKind::ApiKey => ("Public key", "Private key"),
    };
    vec![
        Entry::text(id, &form.id, "typed or pasted", has_focus(SignInPart::Id)),
        Entry::text(secret, &form.secret, "never shown", has_focus(SignInPart::Secret)),
        Entry::switch(
            "Government",
            form.government,
            "it is one of Atlas for Government",
            has_focus(SignInPart::Government),
        ),
    ]
}
