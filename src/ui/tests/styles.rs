//! Styles, which text snapshots don't show.

use ratatui::style::{Color, Modifier};

use super::{Drawn, states, theme};
use crate::wizard::ScreenId;
use crate::wizard::fixture::Rig;

#[test]
fn the_selected_row_is_reversed_and_no_other() {
    let (_, mut rig) = states::clusters().remove(0);
    let drawn = Drawn::of(&mut rig, (80, 24), theme(&[]));
    let is_reversed = |text: &str| drawn.buffer[drawn.find(text)].modifier.contains(Modifier::REVERSED);
    assert!(is_reversed("billing"));
    assert!(!is_reversed("catalog"));
}

#[test]
fn what_failed_is_red_and_what_is_done_is_green() {
    let drawn = Drawn::of(&mut states::failed(), (120, 40), theme(&[]));
    assert_eq!(drawn.buffer[drawn.find("✗ failed")].fg, Color::Red);
    assert_eq!(drawn.buffer[drawn.find("✓ done")].fg, Color::Green);
    assert_eq!(drawn.buffer[drawn.find("AWS IAM refuses")].fg, Color::Red);
}

#[test]
fn a_risk_is_red_from_the_title_on() {
    let drawn = Drawn::of(&mut states::at_risk(), (80, 24), theme(&[]));
    assert_eq!(drawn.buffer[drawn.find("Something is at risk")].fg, Color::Red);
}

#[test]
fn a_difference_has_signs_and_colours() {
    let (_, mut rig) = states::review()
        .into_iter()
        .find(|(name, _)| *name == "review_difference")
        .unwrap();
    let drawn = Drawn::of(&mut rig, (120, 80), theme(&[]));
    let added = drawn.find("+ ");
    assert_eq!(drawn.buffer[added].fg, Color::Green, "{}", drawn.text());
}

#[test]
fn without_colour_there_is_none_and_every_sign_has_its_word() {
    for (name, mut rig) in states::all() {
        let drawn = Drawn::of(&mut rig, (80, 24), theme(&[("NO_COLOR", "1")]));
        let coloured = drawn
            .buffer
            .content
            .iter()
            .find(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
        assert_eq!(coloured, None, "{name}");
        let with_colour = Drawn::of(&mut rig, (80, 24), theme(&[]));
        assert_eq!(
            drawn.text(),
            with_colour.text(),
            "{name}: colour says nothing by itself"
        );
    }
}

#[test]
fn the_terminal_s_own_background_is_left_alone() {
    for (name, mut rig) in states::all() {
        let drawn = Drawn::of(&mut rig, (120, 40), theme(&[]));
        assert!(
            drawn.buffer.content.iter().all(|cell| cell.bg == Color::Reset),
            "{name}"
        );
    }
}

#[test]
fn without_utf8_all_is_ascii() {
    for (name, mut rig) in states::all() {
        let drawn = Drawn::of(&mut rig, (80, 24), theme(&[("LC_ALL", "C")]));
        assert!(drawn.text().is_ascii(), "{name}\n{}", drawn.text());
    }
}

#[test]
fn foreign_text_cannot_act_on_the_terminal() {
    let acts =
        |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    for screen in [
        ScreenId::Connect,
        ScreenId::Role,
        ScreenId::Key,
        ScreenId::Clusters,
        ScreenId::Review,
    ] {
        let mut rig = Rig::on(screen, states::hostile());
        for key in ["j", "j", "j"] {
            let drawn = Drawn::of(&mut rig, (120, 40), theme(&[]));
            let bad = drawn.buffer.content.iter().find(|cell| cell.symbol().contains(acts));
            assert_eq!(bad, None, "{screen:?}\n{}", drawn.text());
            rig.press(key);
        }
    }
}
