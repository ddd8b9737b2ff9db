//! The words of messages in three languages, from Fluent files that are compiled in.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use seloste_domain::language::Language;

const FILES: [(Language, &str); 3] = [
    (Language::Fi, include_str!("../texts/fi.ftl")),
    (Language::Sv, include_str!("../texts/sv.ftl")),
    (Language::En, include_str!("../texts/en.ftl")),
];

static BUNDLES: LazyLock<Vec<(Language, FluentBundle<FluentResource>)>> =
    LazyLock::new(|| FILES.iter().map(|(language, file)| (*language, bundle(*language, file))).collect());

fn bundle(language: Language, file: &str) -> FluentBundle<FluentResource> {
    // A file with errors is caught by the tests; what is good of it is used.
    let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = FluentBundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    // The marks would show as boxes in old programs.
    bundle.set_use_isolating(false);
    let _ = bundle.add_resource(resource);
    bundle
}

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts(pub(crate) Language);

impl Texts {
    /// A text without arguments; a missing one shows its key, which the tests do not let through.
    pub(crate) fn get(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A text with arguments.
    pub(crate) fn with(self, key: &str, values: &[(&'static str, &dyn Display)]) -> String {
        let bundle = BUNDLES.iter().find(|(language, _)| *language == self.0).map(|(_, bundle)| bundle);
        let message = bundle.and_then(|bundle| Some((bundle, bundle.get_message(key)?.value()?)));
        let Some((bundle, pattern)) = message else { return key.to_owned() };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, value.to_string());
        }
        bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_asked_for_is_there_in_every_language() {
        for (language, file) in FILES {
            assert!(FluentResource::try_new(file.to_owned()).is_ok(), "{language}");
        }
        let code = [
            include_str!("confirmation.rs"),
            include_str!("letter.rs"),
            include_str!("portal.rs"),
            include_str!("reminder.rs"),
        ]
        .concat();
        let mut asked = 0;
        for call in ["get(\"", "with(\"", "line(\"", "total(\""] {
            for key in code.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                asked += 1;
                for language in Language::ALL {
                    assert_ne!(Texts(language).get(key), key, "{language}: {key}");
                }
            }
        }
        assert!(asked > 15, "only {asked} were found");
    }
}
