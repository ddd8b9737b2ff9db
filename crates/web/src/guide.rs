//! The user guide: a page a topic, in three languages, from Markdown that is compiled in. A topic is added by its files
//! `guide/{fi,sv,en}/TOPIC.md`, the pictures that they show, and a line in [`TOPICS`]; `docs/developing.md` tells how.
//!
//! In these files `{key}` is what the screen says: the text of that key, so that the guide and the pages can not say
//! different things. Code is a key of the keyboard.

use std::collections::HashMap;
use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use rust_embed::RustEmbed;
use seloste_domain::language::Language;

use crate::App;
use crate::assets;
use crate::error::PageError;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::Texts;

/// The topics in the order of the index, each with the part of the navigation that it explains.
pub const TOPICS: &[(&str, &str)] = &[
    ("start", "nav-home"),
    ("customers", "nav-people"),
    ("organisations", "nav-organisations"),
    ("orders", "nav-orders"),
    ("products", "nav-products"),
    ("invoices", "nav-invoices"),
    ("payments", "nav-payments"),
    ("import", "nav-imports"),
    ("proposals", "proposals"),
    ("duplicates", "duplicates"),
    ("letters", ""),
    ("mail", "nav-mail"),
    ("lists", ""),
    ("feeds", "nav-feeds"),
    ("credit", "nav-credit"),
    ("partners", "nav-partners"),
    ("consents", ""),
    ("portal", ""),
    ("requests", "nav-requests"),
    ("erasure", "erasures"),
    ("cookies", "nav-cookies"),
    ("interfaces", ""),
    ("printing", ""),
    ("keyboard", ""),
    ("rights", "nav-log"),
];

#[derive(RustEmbed)]
#[folder = "guide/"]
#[include = "*.md"]
struct Files;

/// A topic in one language.
#[derive(Clone, Debug, Default)]
struct Topic {
    title: String,
    /// Its first paragraph, for the index.
    lead: String,
    html: String,
}

static PAGES: LazyLock<HashMap<(Language, &str), Topic>> = LazyLock::new(|| {
    let languages = [Language::Fi, Language::Sv, Language::En];
    let all = TOPICS.iter().flat_map(|(name, _)| languages.map(|language| (language, *name)));
    all.filter_map(|(language, name)| {
        let file = Files::get(&format!("{}/{name}.md", language.tag()))?;
        Some(((language, name), read(language, std::str::from_utf8(&file.data).ok()?)))
    })
    .collect()
});

/// The guide's address about a part of the navigation.
pub(crate) fn about(here: &str) -> String {
    let topic = TOPICS.iter().find(|(_, part)| !here.is_empty() && *part == here);
    topic.map_or_else(|| "/help".to_owned(), |(name, _)| format!("/help/{name}"))
}

/// How the Markdown of the guide is read, by the pages and by the tests.
#[must_use]
pub fn events(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
}

/// The Markdown with the words of the screen in the place of their keys, and the keys.
#[must_use]
pub fn with_labels(language: Language, markdown: &str) -> (String, Vec<String>) {
    let (mut text, mut keys) = (String::new(), Vec::new());
    let mut parts = markdown.split('{');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (key, after) = part.split_once('}').unwrap_or((part, ""));
        let label = Texts(language).get(key);
        // What has a meaning in Markdown stands for itself.
        let plain = label.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c]));
        text.push_str("**");
        text.extend(plain);
        text.push_str("**");
        text.push_str(after);
        keys.push(key.to_owned());
    }
    (text, keys)
}

fn read(language: Language, markdown: &str) -> Topic {
    let mut topic = Topic::default();
    let mut shown = Vec::new();
    let (markdown, _) = with_labels(language, markdown);
    let mut events = events(&markdown);
    while let Some(event) = events.next() {
        match event {
            // The page has it already as its heading.
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => {
                topic.title = text(&mut events, TagEnd::Heading(HeadingLevel::H1));
            }
            Event::Start(Tag::Paragraph) if topic.lead.is_empty() => {
                topic.lead = text(&mut events, TagEnd::Paragraph);
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                let alt = text(&mut events, TagEnd::Image);
                shown.push(Event::InlineHtml(picture(language, &dest_url, &alt).into()));
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                shown.push(Event::Start(Tag::Link { link_type, dest_url: link(&dest_url).into(), title, id }));
            }
            Event::Code(key) => {
                shown.extend([Event::InlineHtml("<kbd>".into()), Event::Text(key), Event::InlineHtml("</kbd>".into())]);
            }
            // Nothing but what is made here is shown as HTML.
            Event::Html(_) | Event::InlineHtml(_) => {}
            other => shown.push(other),
        }
    }
    html::push_html(&mut topic.html, shown.into_iter());
    topic
}

/// The text up to the end of what has begun.
fn text(events: &mut Parser<'_>, end: TagEnd) -> String {
    let inside = events.take_while(|event| *event != Event::End(end));
    inside
        .map(|event| match event {
            Event::Text(text) | Event::Code(text) => text.into_string(),
            Event::SoftBreak | Event::HardBreak => " ".to_owned(),
            _ => String::new(),
        })
        .collect()
}

/// A picture of a page. Its size stands in the page, so that the text does not jump when it comes.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<img src="{{ url }}" alt="{{ alt }}" width="{{ size.0 }}" height="{{ size.1 }}">"#
)]
struct Picture<'a> {
    url: String,
    alt: &'a str,
    size: (usize, usize),
}

fn picture(language: Language, name: &str, alt: &str) -> String {
    let name = format!("{}/{name}", language.tag());
    let size = assets::picture_size(&name).unwrap_or_default();
    // Writing plain values into a string does not fail.
    Picture { url: assets::url(&format!("guide/{name}")), alt, size }.render().unwrap_or_default()
}

/// A link to a page of the program, or by its name alone to another topic.
fn link(to: &str) -> String {
    if to.starts_with('/') { to.to_owned() } else { format!("/help/{to}") }
}

/// A topic of the list beside the page.
struct Entry {
    name: &'static str,
    title: &'static str,
    lead: &'static str,
}

fn entries(language: Language) -> Vec<Entry> {
    let pages = &*PAGES;
    let entry = |(name, _): &(&'static str, &str)| {
        let topic = pages.get(&(language, *name))?;
        Some(Entry { name, title: &topic.title, lead: &topic.lead })
    };
    TOPICS.iter().filter_map(entry).collect()
}

#[derive(Template)]
#[template(path = "guide.html")]
struct IndexPage {
    s: Shell,
    topics: Vec<Entry>,
}

/// What the guide tells about.
pub(crate) async fn index(State(app): State<App>, Signed(who): Signed) -> Result<Html<String>, PageError> {
    let s = app.run(move |register| Shell::staff(register, &who, "")).await?;
    Ok(Html(IndexPage { topics: entries(s.t.0), s }.render()?))
}

#[derive(Template)]
#[template(path = "guide_topic.html")]
struct TopicPage {
    s: Shell,
    topics: Vec<Entry>,
    /// The place of the topic that is shown.
    at: usize,
    html: &'static str,
}

/// A topic.
pub(crate) async fn topic(
    State(app): State<App>,
    Signed(who): Signed,
    Path(name): Path<String>,
) -> Result<Html<String>, PageError> {
    let s = app.run(move |register| Shell::staff(register, &who, "")).await?;
    let topics = entries(s.t.0);
    let at = topics.iter().position(|topic| topic.name == name).ok_or(PageError::NotFound)?;
    let topic = PAGES.get(&(s.t.0, topics[at].name)).ok_or(PageError::NotFound)?;
    Ok(Html(TopicPage { topics, at, html: &topic.html, s }.render()?))
}
