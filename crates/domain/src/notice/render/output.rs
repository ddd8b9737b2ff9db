//! The forms of a document: plain text, an HTML fragment, a page that stands alone.

use std::fmt::Write as _;

use super::{Block, Document};

/// Plain text: a heading stands on its own line after an empty one, a list item on its own line.
#[must_use]
pub fn to_text(document: &Document) -> String {
    let mut text = format!("{}\n", document.title);
    let mut after_heading = false;
    for block in &document.blocks {
        if !after_heading {
            text.push('\n');
        }
        after_heading = matches!(block, Block::Heading { .. });
        for line in lines(block) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

fn lines(block: &Block) -> Vec<String> {
    match block {
        Block::Heading { text, .. } | Block::Paragraph(text) => vec![text.clone()],
        Block::Lines(lines) => lines.clone(),
        Block::List(items) => items.iter().map(|item| format!("- {item}")).collect(),
        Block::Terms(terms) => terms
            .iter()
            .flat_map(|term| {
                let details = term.details.iter().map(|detail| format!("  {detail}"));
                std::iter::once(format!("- {}", term.name)).chain(details)
            })
            .collect(),
    }
}

/// A semantic HTML fragment, every text escaped, every heading with its id.
#[must_use]
pub fn to_html(document: &Document) -> String {
    let mut html = format!("<h1>{}</h1>\n", escape(&document.title));
    for block in &document.blocks {
        push_block(&mut html, block);
    }
    html
}

/// A page that stands alone, without script and without anything from elsewhere.
#[must_use]
pub fn to_page(document: &Document) -> String {
    let (language, title, body) = (document.language.tag(), escape(&document.title), to_html(document));
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// Enough to be read on a telephone and on paper.
const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;margin:0}\
    main{max-width:44rem;margin:0 auto;padding:1.5rem}\
    h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem}h3{font-size:1.05rem}dt{font-weight:600;margin-top:.75rem}\
    dd{margin:0 0 0 1rem}";

fn push_block(html: &mut String, block: &Block) {
    // Writing to a String can not fail.
    let _ = match block {
        Block::Heading { level, id, text } => writeln!(html, "<h{level} id=\"{id}\">{}</h{level}>", escape(text)),
        Block::Paragraph(text) => writeln!(html, "<p>{}</p>", escape(text)),
        Block::Lines(lines) => {
            let lines: Vec<_> = lines.iter().map(|line| escape(line)).collect();
            writeln!(html, "<p>{}</p>", lines.join("<br>\n"))
        }
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", escape(item))).collect();
            writeln!(html, "<ul>\n{items}</ul>")
        }
        Block::Terms(terms) => {
            let terms: String = terms
                .iter()
                .map(|term| {
                    let details: String =
                        term.details.iter().map(|detail| format!("<dd>{}</dd>\n", escape(detail))).collect();
                    format!("<dt>{}</dt>\n{details}", escape(&term.name))
                })
                .collect();
            writeln!(html, "<dl>\n{terms}</dl>")
        }
    };
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
