//! The user guide is whole and true: every topic in every language with the same structure, every picture there and
//! used, every link leading somewhere, every word of the screen a text of the pages.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Tag};
use seloste_domain::language::Language;
use seloste_web::guide::{TOPICS, events, with_labels};
use seloste_web::routes::ROUTES;
use seloste_web::text::{FILES, Texts};

fn folder(language: Language) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("guide").join(language.tag())
}

/// The files of a language with an ending, without it.
fn files(language: Language, ending: &str) -> BTreeSet<String> {
    let names =
        std::fs::read_dir(folder(language)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(ending).map(ToOwned::to_owned)).collect()
}

fn markdown(language: Language, topic: &str) -> String {
    std::fs::read_to_string(folder(language).join(format!("{topic}.md"))).unwrap()
}

/// What a topic is made of, in order: what must be the same in every language.
fn structure(language: Language, topic: &str) -> Vec<String> {
    let (markdown, keys) = with_labels(language, &markdown(language, topic));
    let mut parts: Vec<_> = events(&markdown)
        .filter_map(|event| match event {
            Event::Start(Tag::Heading { level, .. }) => Some(level.to_string()),
            Event::Start(Tag::Image { dest_url, .. }) => Some(format!("picture {dest_url}")),
            Event::Start(Tag::Link { dest_url, .. }) => Some(format!("link {dest_url}")),
            Event::Start(Tag::Item) => Some("item".into()),
            Event::Start(Tag::TableRow) => Some("row".into()),
            Event::Code(key) => Some(format!("key {key}")),
            _ => None,
        })
        .collect();
    parts.extend(keys);
    parts
}

#[test]
fn every_topic_is_there_in_every_language_with_the_same_structure() {
    let topics: BTreeSet<_> = TOPICS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(topics.len(), TOPICS.len(), "a topic stands twice");
    for language in Language::ALL {
        assert_eq!(files(language, ".md"), topics, "{language:?}");
    }
    for topic in &topics {
        let finnish = structure(Language::Fi, topic);
        assert_eq!(finnish.iter().filter(|part| *part == "h1").count(), 1, "{topic} has one title");
        for language in [Language::Sv, Language::En] {
            assert_eq!(structure(language, topic), finnish, "{topic} in {language:?}");
        }
    }
}

#[test]
fn every_picture_is_there_used_small_and_described() {
    for language in Language::ALL {
        let mut used = BTreeSet::new();
        for (topic, _) in TOPICS {
            let markdown = markdown(language, topic);
            let mut inside = None;
            for event in events(&markdown) {
                match event {
                    Event::Start(Tag::Image { dest_url, .. }) => inside = Some((dest_url.into_string(), String::new())),
                    Event::Text(text) => inside.iter_mut().for_each(|(_, alt)| alt.push_str(&text)),
                    Event::End(pulldown_cmark::TagEnd::Image) => {
                        let (name, alt) = inside.take().unwrap();
                        assert!(alt.chars().count() > 15, "{name} in {language:?} is not described: {alt:?}");
                        assert!(used.insert(name.strip_suffix(".webp").unwrap().to_owned()), "{name} is shown twice");
                    }
                    _ => {}
                }
            }
        }
        assert_eq!(files(language, ".webp"), used, "{language:?}");
        for name in used {
            let picture = std::fs::read(folder(language).join(format!("{name}.webp"))).unwrap();
            let size = imagesize::blob_size(&picture).unwrap();
            assert!(picture.len() <= 60_000 && size.width <= 1000, "{name}: {} bytes, {size:?}", picture.len());
        }
    }
}

#[test]
fn links_lead_to_topics_and_to_pages() {
    for (topic, _) in TOPICS {
        let markdown = markdown(Language::Fi, topic);
        for event in events(&markdown) {
            let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
            let is_page = ROUTES.iter().any(|route| route.method == "GET" && *route.path == *dest_url);
            let is_topic = TOPICS.iter().any(|(name, _)| **name == *dest_url);
            assert!(is_page || is_topic, "{topic} links to {dest_url}");
        }
    }
}

/// A word of the screen that has a value in it would stand there with a hole.
#[test]
fn words_of_the_screen_are_texts_of_the_pages() {
    let known = fluent_syntax::parser::parse(FILES[0].1).unwrap();
    let known: BTreeSet<_> = known
        .body
        .iter()
        .filter_map(|entry| match entry {
            fluent_syntax::ast::Entry::Message(message) => Some(message.id.name),
            _ => None,
        })
        .collect();
    let mut count = 0;
    for language in Language::ALL {
        for (topic, _) in TOPICS {
            for key in with_labels(language, &markdown(language, topic)).1 {
                assert!(known.contains(key.as_str()), "{topic} in {language:?} names {key:?}");
                assert!(!Texts(language).get(&key).contains('{'), "{key} has a value in it");
                count += 1;
            }
        }
    }
    assert!(count > 150, "only {count} were found");
}

#[test]
fn the_guide_has_no_html_of_its_own() {
    for language in Language::ALL {
        for (topic, _) in TOPICS {
            let markdown = markdown(language, topic);
            let html = events(&markdown).find(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
            assert_eq!(html, None, "{topic} in {language:?}");
        }
    }
}

/// A page that leads to a topic of its own names one that is there.
#[test]
fn pages_lead_to_topics_that_are_there() {
    let mut count = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")).unwrap() {
        let path = entry.unwrap().path();
        // The portal's pages have no guide: they say themselves what they are for.
        if path.is_dir() {
            continue;
        }
        let template = std::fs::read_to_string(path).unwrap();
        let Some((_, after)) = template.split_once("{% block guide %}/help/") else { continue };
        let name = after.split_once("{%").unwrap().0;
        assert!(TOPICS.iter().any(|(topic, _)| *topic == name), "{name}");
        count += 1;
    }
    assert!(count > 10, "only {count} were found");
}
