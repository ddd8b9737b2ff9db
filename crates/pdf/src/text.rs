//! Texts as fonts can show them. PDF/A and PDF/UA allow no character without a glyph, so what no font has is replaced
//! by a box that everyone sees, and reported.

use std::collections::BTreeSet;

use serde_json::Value;
use typst::layout::{Frame, FrameItem};
use typst::text::is_default_ignorable;

use crate::fonts::Fonts;

/// U+25A1 WHITE SQUARE, in the place of what can not be shown.
const BOX: char = '□';

/// Replaces what can not be shown in every text of a JSON value.
pub(crate) struct Cleaner<'a> {
    fonts: &'a Fonts,
    /// Characters that fonts have but could not show where they stood.
    refused: &'a BTreeSet<char>,
    /// What was replaced.
    pub(crate) replaced: BTreeSet<char>,
}

impl<'a> Cleaner<'a> {
    pub(crate) fn new(fonts: &'a Fonts, refused: &'a BTreeSet<char>) -> Self {
        Self { fonts, refused, replaced: BTreeSet::new() }
    }

    pub(crate) fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.value(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mut cleaned = String::with_capacity(text.len());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' if chars.peek() == Some(&'\n') => {}
                '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
                // Joiners shape words (Persian, Indic). What else can not be seen is left out: Typst stumbles over it.
                '\u{200c}' | '\u{200d}' if !cleaned.ends_with(BOX) => cleaned.push(c),
                c if is_default_ignorable(c) => {}
                c if self.can_show(c) => cleaned.push(c),
                c if c.is_whitespace() => cleaned.push(' '),
                c => {
                    self.replaced.insert(c);
                    cleaned.push(BOX);
                }
            }
        }
        cleaned
    }

    /// PDF/A-2a has no characters of private use, though fonts do.
    fn can_show(&self, c: char) -> bool {
        let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
        !private && !c.is_control() && !self.refused.contains(&c) && self.fonts.cover(c)
    }
}

/// The characters that were laid out without a glyph: fonts may have each of them but not together.
pub(crate) fn without_glyph(frame: &Frame, found: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => without_glyph(&group.frame, found),
            FrameItem::Text(text) => {
                for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    found.extend(text.text.get(glyph.range()).unwrap_or_default().chars());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_font_has_is_a_box() {
        let fonts = Fonts::built_in();
        let refused = BTreeSet::from(['w']);
        for (given, shown, replaced) in [
            ("Väinö €", "Väinö €", ""),
            ("a\r\nb\rc\u{2028}d", "a\nb\nc\nd", ""),
            ("a\tb\u{3000}c", "a b\u{3000}c", ""),
            ("x😀y", "x□y", "😀"),
            ("👩\u{200d}👧", "□□", "👧👩"),
            ("\u{0}\u{7}", "□□", "\u{0}\u{7}"),
            ("\u{e000}\u{10ffff}\u{378}", "□□□", "\u{378}\u{e000}\u{10ffff}"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم", ""),
            ("tie\u{ad}to\u{200b}suoja\u{200e}", "tietosuoja", ""),
            ("\u{202e}abc\u{2066}d\u{2069}\u{fe0f}", "abcd", ""),
            ("wx", "□x", "w"),
        ] {
            let mut cleaner = Cleaner::new(&fonts, &refused);
            assert_eq!(cleaner.text(given), shown, "{given:?}");
            assert_eq!(cleaner.replaced.into_iter().collect::<String>(), replaced, "{given:?}");
        }
    }
}
