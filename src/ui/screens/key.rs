//! Key: the region's keys and why one can't be used, one named by hand, or the form of a new one.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Heading;
use crate::domain::key::{Key, KeyRef};
use crate::observe::Fetched;
use crate::plan::KeyChoice;
use crate::ui::Scene;
use crate::ui::layout::Split;
use crate::ui::view_state::ListId;
use crate::ui::widgets::detail::{self, Detail};
use crate::ui::widgets::document::Document;
use crate::ui::widgets::field::Entry;
use crate::ui::widgets::list::{Cell, Column, List};
use crate::ui::widgets::{choice, counted};
use crate::wizard::Wizard;
use crate::wizard::screens::key::{KeyFocus, KeyRow, KeyRowId};
use crate::wizard::screens::new_key::NewKeyPart;

const COLUMNS: &[Column] = &[
    Column::new("", 3),
    Column::new("alias", 28),
    Column::new("ID", 36).giving_way(4),
    Column::new("state", 8).giving_way(1),
    Column::new("region", 9).giving_way(5),
    Column::new("rotation", 8).giving_way(3),
    Column::new("can't be used", 16).giving_way(2),
];

pub(super) fn heading(wizard: &Wizard) -> Heading {
    let region = wizard
        .session
        .choices
        .region
        .map_or_else(String::new, |region| format!(" in {region}"));
    Heading::new(
        format!("Which AWS KMS key{region}?"),
        "Whoever disables or deletes it stops the clusters that use it.",
    )
}

pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let wizard = scene.wizard;
    let session = &wizard.session;
    let screen = &wizard.screens.key;
    let found = wizard.key_rows();
    // All columns are wanted more than room beside them.
    let split = Split::stacked(area);
    let current = found.current();
    let form = current.map(|row| form(scene, &row.id)).unwrap_or_default();
    let lines = current
        .map(|row| told(scene, row, split.detail_width()))
        .unwrap_or_default();
    let keys = &session.observed.keys;
    let listed = found.rows.iter().filter(|row| row.key.is_some()).count();
    let mut note = scene.document(split.list_width());
    note.unread("the keys", keys, session.now);
    let list = List::of(
        ListId::Keys,
        counted(theme, "Keys", listed, keys.known().map_or(0, Vec::len)),
        COLUMNS,
        &found,
        |row| cells(scene, row),
    )
    .focused(screen.focus == KeyFocus::List)
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

fn cells(scene: &Scene<'_, '_>, row: &KeyRow<'_>) -> Vec<Cell> {
    let theme = scene.theme;
    let is_usable = row.unusable.is_empty();
    let [label, id, state, region, rotation, why_not] = row.columns();
    let name = match row.key {
        None => theme.heading(),
        Some(_) if is_usable => theme.plain(),
        Some(_) => theme.muted(),
    };
    let mark = if is_usable {
        choice(theme, row.chosen)
    } else {
        (format!(" {} ", theme.signs.failed), theme.failed())
    };
    let state_style = if is_usable { theme.plain() } else { theme.failed() };
    vec![
        mark,
        (label, name),
        (id, theme.code()),
        (state, state_style),
        (region, theme.plain()),
        (rotation, theme.plain()),
        (why_not, theme.failed()),
    ]
}

fn form<'a>(scene: &Scene<'a, '_>, row: &KeyRowId) -> Vec<Entry<'a>> {
    let screen = &scene.wizard.screens.key;
    let free = scene.wizard.dialog.is_none();
    let new = &screen.new;
    let on = |part| free && screen.focus == KeyFocus::New(part);
    match row {
        KeyRowId::Listed(_) => Vec::new(),
        KeyRowId::Named => {
            let has_focus = free && screen.focus == KeyFocus::Named;
            vec![Entry::text(
                "Key",
                &screen.named,
                "an ID, alias/…, or arn:aws:kms:…:key/…",
                has_focus,
            )]
        }
        KeyRowId::New => {
            let there = scene.wizard.session.key_with_alias(new.alias.value());
            let there = there.map(|key| format!("there already: {} will be used, not a new one", key.id()));
            let mut form = vec![
                Entry::text("Alias", &new.alias, "alias/…", on(NewKeyPart::Alias)).noted(there),
                Entry::text("Description", &new.description, "none", on(NewKeyPart::Description)),
                Entry::text("Tags", &new.tags, "none (key=value, key=value)", on(NewKeyPart::Tags)),
                Entry::switch(
                    "Rotation",
                    new.rotates,
                    "AWS KMS renews the material",
                    on(NewKeyPart::Rotation),
                ),
                Entry::text("Days between", &new.days, "90 to 2560", on(NewKeyPart::Days)),
                Entry::switch(
                    "Multi-Region",
                    new.multi_region,
                    "can have replicas elsewhere",
                    on(NewKeyPart::MultiRegion),
                ),
            ];
            if !new.rotates && !on(NewKeyPart::Days) {
                form.retain(|entry| entry.label != "Days between");
            }
            form
        }
    }
}

fn told(scene: &Scene<'_, '_>, row: &KeyRow<'_>, width: u16) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let session = &scene.wizard.session;
    let mut document = scene.document(width);
    match (&row.id, row.key) {
        (_, Some(key)) => return listed(scene, row, key, width),
        (KeyRowId::Named, None) => match session.chosen_key().filter(|_| is_named(scene)) {
            Some(Fetched::Known(Some(key))) => return listed(scene, row, key, width),
            Some(other) => {
                document.unread("this key", other, session.now);
            }
            None => {
                document.paragraph(
                    "Tab or Enter goes into the field; a pasted key is looked up at once.",
                    theme.muted(),
                );
            }
        },
        (KeyRowId::New | KeyRowId::Listed(_), None) => {
            let text = "Rotation keeps the key's ID and ARN: Atlas needs no change. Whether a key is multi-Region is \
                            decided once; rotation, description and alias can be changed later.";
            document.paragraph(text, theme.muted());
        }
    }
    document.into_lines()
}

/// Returns whether the key in the field is the chosen one.
fn is_named(scene: &Scene<'_, '_>) -> bool {
    let named = KeyRef::parse(scene.wizard.screens.key.named.value());
    matches!(&scene.wizard.session.choices.key, Some(KeyChoice::Existing(chosen)) if named.as_ref() == Ok(chosen))
}

/// Tells whether the key policy lets the IAM role in, with the switch that adds the statement it lacks.
fn key_policy(scene: &Scene<'_, '_>, document: &mut Document, key: &Key) {
    let wizard = scene.wizard;
    let session = &wizard.session;
    let read = session
        .observed
        .key_policy
        .as_ref()
        .filter(|lookup| lookup.of == key.arn);
    let own = session.observed.aws_identity.known().map(|who| who.account.as_str());
    if own.is_some_and(|own| own != key.arn.account()) {
        let unread = read.is_none_or(|lookup| !matches!(lookup.found, Fetched::Known(Some(_))));
        let text = if unread {
            "It belongs to AWS account {}, and its key policy can't be read from here. The review shows the statement \
             that its owner has to add."
        } else {
            "It belongs to AWS account {}: its key policy has to let the IAM role in."
        };
        let text = text.replace("{}", key.arn.account());
        document.item(
            scene.theme.signs.warning,
            scene.theme.warning(),
            &text,
            scene.theme.plain(),
        );
    }
    if wizard.can_extend_key_policy() {
        if let Some(check) = wizard.check("key-policy") {
            document.check(check);
        }
        let on = session.choices.extend_key_policy;
        document.switch(
            on,
            "add the one statement that lets the IAM role in; all others stay (e)",
        );
    }
}

fn listed(scene: &Scene<'_, '_>, row: &KeyRow<'_>, key: &Key, width: u16) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut document = scene.document(width);
    for reason in key.unusable_because() {
        document.item(theme.signs.failed, theme.failed(), &reason, theme.failed());
    }
    document.whole("ARN", key.arn.as_str());
    if row.key.is_none() || key.aliases.len() > 1 {
        document.value("Aliases", &key.aliases.join(", "), theme.plain());
    }
    if !key.description.is_empty() {
        document.value("Described", &key.description, theme.plain());
    }
    if key.state != Key::UNREADABLE {
        let kind = format!("{}, {}, {}, made by {}", key.state, key.spec, key.usage, key.origin);
        document.value("Kind", &kind, theme.plain());
        let regions = if key.multi_region {
            "multi-Region"
        } else {
            "single-Region"
        };
        document.value("Rotation", &format!("{}, {regions}", key.rotation), theme.plain());
    }
    if row.chosen {
        key_policy(scene, &mut document, key);
    }
    document.into_lines()
}
