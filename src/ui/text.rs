//! Text by its width on the screen: cut and wrapped at the ends of what people see as one character.

use std::borrow::Cow;

use jiff::Timestamp;
use ratatui::buffer::CellWidth as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// Returns how many cells a safe text takes.
pub(super) fn width(text: &str) -> usize {
    text.graphemes(true)
        .map(|cluster| usize::from(cluster.cell_width()))
        .sum()
}

/// Returns the longest beginning of a safe text that fits, and what is left.
pub(super) fn split(text: &str, room: usize) -> (&str, &str) {
    let mut taken = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        taken += usize::from(cluster.cell_width());
        if taken > room {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// Returns the shortest end of a safe text that leaves out at least so many cells at its beginning.
pub(super) fn without_start(text: &str, cells: usize) -> &str {
    let mut skipped = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        if skipped >= cells {
            return text.split_at(at).1;
        }
        skipped += usize::from(cluster.cell_width());
    }
    ""
}

/// Returns a safe text that fits, with an ellipsis where something was cut off.
pub(super) fn cut<'a>(text: &'a str, room: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    match room.checked_sub(width(ellipsis)) {
        Some(rest) => Cow::Owned(format!("{}{ellipsis}", split(text, rest).0)),
        None => Cow::Borrowed(split(text, room).0),
    }
}

/// Returns a safe line as lines that fit: broken between words, and within a word only where it doesn't fit by itself.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for (nth, word) in text.split(' ').enumerate() {
        let wanted = width(word);
        let space = usize::from(nth > 0);
        if used + space + wanted <= room {
            push(&mut lines, if space == 1 { " " } else { "" });
            push(&mut lines, word);
            used += space + wanted;
            continue;
        }
        if used > 0 {
            lines.push(String::new());
        }
        let mut rest = word;
        while width(rest) > room {
            let (fits, left) = split(rest, room);
            // A cluster that is wider than the room has a line of its own, else this would never end.
            let (fits, left) = if fits.is_empty() {
                rest.split_at(rest.graphemes(true).next().map_or(rest.len(), str::len))
            } else {
                (fits, left)
            };
            push(&mut lines, fits);
            rest = left;
            if !rest.is_empty() {
                lines.push(String::new());
            }
        }
        push(&mut lines, rest);
        used = width(rest);
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(last) = lines.last_mut() {
        last.push_str(text);
    }
}

/// Returns a time as people read clocks: `0:07`, `12:03`, `1:02:03`.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// Returns a moment as people read it, to the second: `2026-11-25 08:00:07 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Returns how long something took, in words: `at once`, `in 0:15`.
pub(super) fn took(ms: u64) -> String {
    if ms < 1000 {
        "at once".to_owned()
    } else {
        format!("in {}", clock(ms))
    }
}

/// Returns a number with its thousands apart: `1,000`.
pub(super) fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FAMILY: &str = "👨‍👩‍👧‍👦";

    #[test]
    fn nothing_is_cut_inside_a_cluster() {
        assert_eq!(cut("orders", 6, "…"), "orders");
        assert_eq!(cut("orders-eu", 6, "…"), "order…");
        assert_eq!(width(FAMILY), 2);
        assert_eq!(cut(&format!("ab{FAMILY}cd"), 4, "…"), "ab…");
        let decomposed = "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}";
        assert_eq!(width(decomposed), 4);
        assert_eq!(
            cut(&format!("{decomposed}x"), 4, "…"),
            format!("{}…", "\u{1112}\u{1161}\u{11ab}")
        );
        assert_eq!(cut("abc", 2, "..."), "ab");
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a arn:aws:kms", 6), ["a", "arn:aw", "s:kms"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap(FAMILY, 1), ["", FAMILY].map(str::to_owned)[1..].to_vec());
    }

    #[test]
    fn clocks_and_numbers() {
        assert_eq!([clock(0), clock(61_900), clock(3_723_000)], ["0:00", "1:01", "1:02:03"]);
        assert_eq!(
            [number(7), number(999), number(1_000), number(1_234_567)],
            ["7", "999", "1,000", "1,234,567"]
        );
    }

    proptest! {
        #[test]
        fn what_is_cut_or_wrapped_fits(text in "[ a-z가-힣é👩\u{200d}\u{301}]{0,40}", room in 2usize..20) {
            prop_assert!(width(&cut(&text, room, "…")) <= room);
            let lines = wrap(&text, room);
                // One cluster alone may be wider than the room.
                let fits = |line: &String| width(line) <= room || line.graphemes(true).count() == 1;
            prop_assert!(lines.iter().all(fits), "{lines:?}");
            let kept = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(kept(&lines.concat()), kept(&text));
        }
    }
}
