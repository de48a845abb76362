//! What is asked: leave, go on without a cluster, the word that starts the run, a file's name.

use ratatui::layout::Rect;

use super::ask;
use crate::plan::Undo;
use crate::plan::render::summary;
use crate::ui::Scene;
use crate::ui::widgets::field::Entry;
use crate::ui::widgets::spinner;
use crate::wizard::Review;
use crate::wizard::dialog::{SaveDialog, SaveState, WORD, WordDialog};

pub(super) fn leave(scene: &mut Scene<'_, '_>, screen: Rect, width: u16) {
    let theme = scene.theme;
    let mut text = scene.document(width);
    text.paragraph(
        "Your choices aren't saved and would be lost. In Atlas and AWS nothing has been changed.",
        theme.plain(),
    );
    if scene.wizard.session.choices.complete().is_some() {
        text.space().paragraph(
            "Saved as a file they can be carried out later, with or without the wizard.",
            theme.muted(),
        );
    }
    ask(scene, screen, width, "Leave?", text.into_lines(), &[]);
}

pub(super) fn no_cluster(scene: &mut Scene<'_, '_>, screen: Rect, width: u16) {
    let theme = scene.theme;
    let mut text = scene.document(width);
    text.paragraph(
        "The key would be set up for the project, and no cluster would use it: nothing would be encrypted with it.",
        theme.plain(),
    );
    text.space().paragraph(
        "Clusters can be switched later: start again and choose them.",
        theme.muted(),
    );
    ask(scene, screen, width, "No cluster is chosen", text.into_lines(), &[]);
}

pub(super) fn word(scene: &mut Scene<'_, '_>, screen: Rect, width: u16, word: &WordDialog) {
    let theme = scene.theme;
    let mut text = scene.document(width);
    if let Review::Ready(plan) = scene.wizard.review() {
        text.paragraph(&format!("{}.", summary(plan)), theme.heading());
        text.value(
            "Project",
            &format!("{} ({})", plan.project.name, plan.project.id),
            theme.plain(),
        );
        text.value(
            "AWS",
            &format!("account {}, {}", plan.account, plan.desired.region),
            theme.plain(),
        );
        let clusters: Vec<_> = plan.clusters().map(str::to_owned).collect();
        if !clusters.is_empty() {
            text.value("Clusters", &crate::domain::text::some_of(&clusters), theme.warning());
        }
        for note in &plan.notes {
            text.item(theme.signs.warning, theme.warning(), note, theme.plain());
        }
        for step in &plan.steps {
            if let Undo::Never(why) = step.undo() {
                let line = format!("Can't be undone: {}: {why}", step.title());
                text.item(theme.signs.warning, theme.danger(), &line, theme.danger());
            }
        }
    }
    text.space();
    if word.is_open() {
        let why = if word.word == WORD {
            ""
        } else {
            "A step can't be undone, so the project's name is asked for. "
        };
        text.paragraph(
            &format!("{why}Type {} to change Atlas and AWS; Esc changes nothing.", word.word),
            theme.plain(),
        );
    } else {
        let moving = spinner::picture(theme, scene.wizard.session.now);
        text.item(
            moving,
            theme.accent(),
            "one moment: what was typed ahead is thrown away",
            theme.muted(),
        );
    }
    let form = [Entry::text("The word", &word.field, "", word.is_open())];
    ask(scene, screen, width, "Apply the plan?", text.into_lines(), &form);
}

pub(super) fn save_file(scene: &mut Scene<'_, '_>, screen: Rect, width: u16, save: &SaveDialog) {
    let theme = scene.theme;
    let mut text = scene.document(width);
    text.paragraph(
        "The choices as a configuration file, without any secret. Later, also without a terminal:",
        theme.plain(),
    );
    text.paragraph(
        &format!("  atlas-cmk apply --config {}", save.field.value()),
        theme.code(),
    );
    match &save.state {
        SaveState::Asking => {}
        SaveState::Replace(path) => {
            text.space().item(
                theme.signs.warning,
                theme.warning(),
                &format!("There is a file {path} already: replace it?"),
                theme.warning(),
            );
        }
        SaveState::Saving => {
            let moving = spinner::picture(theme, scene.wizard.session.now);
            text.space().item(moving, theme.accent(), "writing it", theme.plain());
        }
        SaveState::Failed(problem) => {
            text.space().problem(problem);
        }
    }
    let form = [Entry::text(
        "File",
        &save.field,
        "a name",
        save.state != SaveState::Saving,
    )];
    ask(scene, screen, width, "Save the choices", text.into_lines(), &form);
}
