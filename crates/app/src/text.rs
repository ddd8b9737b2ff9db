//! The program's own words in Finnish, Swedish and English.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use seloste_domain::language::Language;
use unic_langid::langid;

const FI: &str = include_str!("../texts/fi.ftl");
const SV: &str = include_str!("../texts/sv.ftl");
const EN: &str = include_str!("../texts/en.ftl");

/// The texts of one language.
pub(crate) struct Text {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Text {
    pub(crate) fn new(language: Language) -> Self {
        let (id, source) = match language {
            Language::Fi => (langid!("fi"), FI),
            Language::Sv => (langid!("sv"), SV),
            Language::En => (langid!("en"), EN),
        };
        let mut bundle = FluentBundle::new(vec![id]);
        bundle.set_use_isolating(false);
        // What can not be read is left out; a test reads all of it.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    pub(crate) const fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a text with this key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The text with this key; a key without a text is shown itself.
    pub(crate) fn say(&self, key: &str, args: &[(&str, &dyn std::fmt::Display)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return args.iter().fold(key.to_owned(), |said, (name, value)| format!("{said} {name}={value}"));
        };
        let mut values = FluentArgs::new();
        for (name, value) in args {
            values.set(*name, value.to_string());
        }
        self.bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Keys with the names of their arguments.
    fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        FluentResource::try_new(source.to_owned()).unwrap();
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in source.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (key, text) = line.split_once(" = ").unwrap();
            let names = text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap().to_owned()).collect();
            assert!(found.insert(key.to_owned(), names).is_none(), "{key} twice");
        }
        found
    }

    #[test]
    fn the_languages_have_the_same_keys_and_arguments() {
        assert_eq!(keys(FI), keys(SV));
        assert_eq!(keys(FI), keys(EN));
    }

    #[test]
    fn every_key_of_the_code_has_a_text_and_every_text_is_used() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let code: String = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .map(|code| code.split("#[cfg(test)]").next().unwrap().to_owned())
            .collect();
        let known = keys(EN);
        for key in known.keys() {
            let computed = ["error-", "finding-", "import-", "mapping-", "row-", "table-"]
                .iter()
                .any(|prefix| key.starts_with(prefix));
            assert!(computed || code.contains(&format!("\"{key}\"")), "{key} is not used");
        }
        for part in code.split("say(\"").skip(1) {
            let key = part.split('"').next().unwrap();
            assert!(known.contains_key(key), "{key} has no text");
        }
    }

    #[test]
    fn arguments_come_into_their_places() {
        assert!(Text::new(Language::Sv).say("serve-listening", &[("address", &"http://a")]).contains("http://a"));
        assert_eq!(Text::new(Language::En).say("no-such-key", &[("a", &1)]), "no-such-key a=1");
    }
}
