//! Writing XML: elements in the order of their schema, texts escaped, empty ones left out, lengths watched.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::problem::Problem;

/// Attributes of an element.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a str)];

/// A document while it is being written. Writing to memory can not fail.
pub(crate) struct Xml {
    writer: Writer<Vec<u8>>,
    problems: Vec<Problem>,
}

impl Xml {
    pub(crate) fn new() -> Self {
        let mut xml = Self { writer: Writer::new_with_indent(Vec::new(), b' ', 1), problems: Vec::new() };
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    /// An element with what `inside` writes.
    pub(crate) fn element(&mut self, name: &str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.event(Event::Start(start));
        inside(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element that groups others.
    pub(crate) fn group(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.element(name, &[], inside);
    }

    /// An element with a text; none where the text is empty, since an empty element says nothing (PEPPOL-EN16931-R008).
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.text_with(name, &[], text);
    }

    /// The same with attributes.
    pub(crate) fn text_with(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        let text: String = text.chars().filter(|c| is_allowed(*c)).collect();
        if !text.trim().is_empty() {
            self.element(name, attributes, |xml| xml.event(Event::Text(BytesText::new(text.trim()))));
        }
    }

    /// A text in as many elements of one name as it takes, each of `max` characters at most.
    pub(crate) fn texts(&mut self, name: &str, text: &str, max: usize) {
        for part in parts(text, max) {
            self.text(name, &part);
        }
    }

    /// Notes what is missing.
    pub(crate) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The document and what is missing.
    pub(crate) fn finish(self) -> (Vec<Problem>, Vec<u8>) {
        (self.problems, self.writer.into_inner())
    }

    fn event(&mut self, event: Event<'_>) {
        if self.writer.write_event(event).is_err() {
            // Memory takes every byte; were it otherwise, the document would be refused rather than cut.
            self.problems.push(Problem::TooLong);
        }
    }
}

/// Whether XML 1.0 has the character (production 2).
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A text in parts of at most `max` characters, broken between words where it can be.
pub(crate) fn parts(text: &str, max: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut length = 0;
    for word in text.split_whitespace() {
        let size = word.chars().count();
        if length > 0 && length + 1 + size <= max {
            if let Some(last) = parts.last_mut() {
                last.push(' ');
                last.push_str(word);
            }
            length += 1 + size;
            continue;
        }
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(max) {
            if length > 0 {
                parts.push(String::new());
            }
            if let Some(last) = parts.last_mut() {
                last.extend(piece);
            }
            length = piece.len();
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The beginning of a text.
pub(crate) fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_escaped_and_empty_ones_left_out() {
        let mut xml = Xml::new();
        xml.element("a", &[("b", "<&\">")], |xml| {
            xml.text("c", "1 < 2 & \u{ffff}\u{1}x]]>");
            xml.text("d", "  \u{1} ");
        });
        let (problems, bytes) = xml.finish();
        assert!(problems.is_empty());
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"&lt;&amp;&quot;&gt;\">\n <c>1 &lt; 2 &amp; x]]&gt;</c>\n</a>"
        );
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost(text in "[a-zåäö ]{0,200}", max in 1..40_usize) {
            let parts = parts(&text, max);
            prop_assert!(parts.iter().all(|part| (1..=max).contains(&part.chars().count())));
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&parts.concat()), letters(&text));
        }
    }
}
