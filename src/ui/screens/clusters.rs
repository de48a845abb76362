//! Clusters: a table, what choosing one costs, and in which order they are switched.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Heading;
use crate::domain::cluster::{Cluster, Eligibility};
use crate::plan::Rollout;
use crate::ui::Scene;
use crate::ui::layout::Split;
use crate::ui::text;
use crate::ui::view_state::ListId;
use crate::ui::widgets::detail::{self, Detail};
use crate::ui::widgets::field::Entry;
use crate::ui::widgets::list::{Cell, Column, List};
use crate::ui::widgets::titled;
use crate::wizard::Wizard;
use crate::wizard::screens::clusters::{COST, ClusterRow, ClustersFocus};
use crate::wizard::screens::new_cluster::{self, NewClusterPart};

const COLUMNS: &[Column] = &[
    Column::new("", 3),
    Column::new("cluster", 14),
    Column::new("type", 10).giving_way(6),
    Column::new("size", 9).giving_way(4),
    Column::new("region", 13).giving_way(3),
    Column::new("state", 8).giving_way(2),
    Column::new("encryption", 10).giving_way(5),
    Column::new("backup", 6).giving_way(7),
    Column::new("can be encrypted", 16).giving_way(1),
];

pub(super) fn heading(wizard: &Wizard) -> Heading {
    let session = &wizard.session;
    let chosen = session.chosen_clusters().len();
    let created = match session.choices.create.len() {
        0 => String::new(),
        number => format!(" {} to create", text::number(number)),
    };
    let counts = match (session.clusters().next(), wizard.choosable_clusters()) {
        (None, _) => created,
        (Some(_), 0) if chosen == 0 && created.is_empty() => " None can be switched".to_owned(),
        (Some(_), 0) if chosen == 0 => created,
        (Some(_), all) => {
            let created = if created.is_empty() {
                created
            } else {
                format!(",{created}")
            };
            format!(" {} of {} chosen{created}", text::number(chosen), text::number(all))
        }
    };
    Heading::new(
        format!("Which clusters use the key?{counts}"),
        "The key alone encrypts nothing: each cluster chosen here is switched to it.",
    )
}

pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    let theme = scene.theme;
    let wizard = scene.wizard;
    let session = &wizard.session;
    let screen = &wizard.screens.clusters;
    let found = wizard.cluster_rows();
    // All columns are wanted more than room beside them.
    let split = Split::stacked(area);
    let lines = told(scene, found.current(), split.detail_width());
    let mut note = scene.document(area.width);
    note.unread("the clusters", &session.observed.clusters, session.now);
    note.unread("the Flex clusters", &session.observed.flex_clusters, session.now);
    let mut note = note.into_lines();
    if note.is_empty() && found.total == 0 {
        let text = "The project has no cluster. c creates one, encrypted from the start; or go on without: the key is \
                    then set up for the project alone.";
        note = scene.wrapped(text, area.width, theme.warning());
    }
    let shown = found.rows.len();
    let counts = if shown == found.total {
        format!("{} in the project", text::number(found.total))
    } else {
        format!(
            "{} of {} left by the filter",
            text::number(shown),
            text::number(found.total)
        )
    };
    let list = List::of(
        ListId::Clusters,
        titled(theme, "Clusters", &counts),
        COLUMNS,
        &found,
        |row| cells(scene, row),
    )
    .filtered(&screen.list.filter)
    .noted(note);
    detail::draw(
        scene,
        &split,
        &list,
        Detail {
            form: form(scene),
            lines,
            offset: screen.scroll.offset,
        },
    );
}

fn form<'a>(scene: &Scene<'a, '_>) -> Vec<Entry<'a>> {
    let screen = &scene.wizard.screens.clusters;
    let ClustersFocus::New(focus) = screen.focus else {
        return Vec::new();
    };
    let has_focus = |part| focus == part && scene.wizard.dialog.is_none();
    let new = &screen.new;
    vec![
        Entry::text("Name", &new.name, "of the new cluster", has_focus(NewClusterPart::Name)),
        Entry::text("Region", &new.region, "us-east-1", has_focus(NewClusterPart::Region)),
        Entry::text("Size", &new.size, "M10 or larger", has_focus(NewClusterPart::Size)),
    ]
}

fn cells(scene: &Scene<'_, '_>, row: &ClusterRow<'_>) -> Vec<Cell> {
    let theme = scene.theme;
    let [name, kind, size, place, state, encryption, backup, note] = row.columns();
    let (mark, mark_style, note_style) = match (row.chosen, &row.eligibility) {
        (true, _) => ("[x]".to_owned(), theme.passed(), theme.passed()),
        (false, Eligibility::Eligible) if row.can_be_chosen() => ("[ ]".to_owned(), theme.plain(), theme.plain()),
        (false, Eligibility::Ineligible(_)) if row.can_be_chosen() => {
            ("[ ]".to_owned(), theme.plain(), theme.warning())
        }
        (false, Eligibility::AlreadyEncrypted) => (format!(" {} ", theme.signs.passed), theme.passed(), theme.passed()),
        (false, Eligibility::Eligible | Eligibility::Ineligible(_)) => {
            (format!(" {} ", theme.signs.skipped), theme.muted(), theme.warning())
        }
    };
    let style = if row.can_be_chosen() || row.eligibility == Eligibility::AlreadyEncrypted {
        theme.plain()
    } else {
        theme.muted()
    };
    vec![
        (mark, mark_style),
        (name, style),
        (kind, style),
        (size, style),
        (place, style),
        (state, style),
        (encryption, style),
        (backup, style),
        (note, note_style),
    ]
}

fn told(scene: &Scene<'_, '_>, row: Option<&ClusterRow<'_>>, width: u16) -> Vec<Line<'static>> {
    let theme = scene.theme;
    let mut document = scene.document(width);
    let screen = &scene.wizard.screens.clusters;
    if screen.focus != ClustersFocus::List {
        document.paragraph(
            "Three nodes on AWS, encrypted with the key from the start.",
            theme.plain(),
        );
        document.value("Cost", new_cluster::COST, theme.warning());
        return document.into_lines();
    }
    for new in &scene.wizard.session.choices.create {
        let text = format!(
            "{}: {}, {} {}, encrypted from the start",
            new.name, new.instance_size, new.provider, new.region
        );
        document.value("To create", &text, theme.passed());
    }
    if let Some(row) = row {
        document.value(
            "Cluster",
            &format!("{}: {}", row.cluster.name, row.note()),
            theme.heading(),
        );
        document.value("", &whole(row.cluster), theme.plain());
    }
    document.value("Cost", COST, theme.warning());
    let rollout = scene.wizard.session.choices.rollout;
    document.value("Order", &format!("{rollout}: {}", means(rollout)), theme.plain());
    document.into_lines()
}

fn whole(cluster: &Cluster) -> String {
    let backup = if cluster.backup {
        "with backup"
    } else {
        "without backup"
    };
    format!(
        "{}, {}, {} {}, encryption {}, {backup}",
        cluster.cluster_type,
        cluster.instance_size,
        cluster.provider,
        cluster.regions.join(" "),
        cluster.encryption
    )
}

fn means(rollout: Rollout) -> &'static str {
    match rollout {
        Rollout::Together => "all chosen clusters at the same time",
        Rollout::Canary => "the first alone, the rest once it is IDLE again",
        Rollout::OneByOne => "each one once the one before is IDLE again",
    }
}
