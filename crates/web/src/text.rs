//! The texts of the pages, in three languages, from Fluent files that are compiled in.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use seloste_domain::field::FieldError;
use seloste_domain::language::Language;

/// The files, by language.
pub const FILES: [(Language, &str); 3] = [
    (Language::Fi, include_str!("../texts/fi.ftl")),
    (Language::Sv, include_str!("../texts/sv.ftl")),
    (Language::En, include_str!("../texts/en.ftl")),
];

static BUNDLES: LazyLock<Vec<(Language, FluentBundle<FluentResource>)>> =
    LazyLock::new(|| FILES.iter().map(|(language, file)| (*language, bundle(*language, file))).collect());

fn bundle(language: Language, file: &str) -> FluentBundle<FluentResource> {
    let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let tag = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Names stand in running text of one direction; the marks would end in copied text.
    bundle.set_use_isolating(false);
    // A file with errors is caught by the tests; what is good of it is used.
    let _ = bundle.add_resource(resource);
    bundle
}

/// The texts of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts(pub Language);

impl Texts {
    /// A text without arguments; a missing one shows its key, which the tests do not let through.
    #[must_use]
    pub fn get(self, key: &str) -> String {
        self.with(key, &FluentArgs::new())
    }

    /// A text with one argument.
    pub fn arg(self, key: &str, name: &'static str, value: impl Display) -> String {
        let mut args = FluentArgs::new();
        args.set(name, FluentValue::from(value.to_string()));
        self.with(key, &args)
    }

    /// A text with a number, which decides between singular and plural.
    #[must_use]
    pub fn count(self, key: &str, count: &i64) -> String {
        let mut args = FluentArgs::new();
        args.set("count", FluentValue::from(*count));
        args.set("shown", FluentValue::from(seloste_domain::format::number(*count, self.0)));
        self.with(key, &args)
    }

    /// The message of what is wrong with a field.
    #[must_use]
    pub fn field_error(self, error: &FieldError) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in &error.args {
            args.set(*name, FluentValue::from(value.as_str()));
        }
        self.with(error.code, &args)
    }

    /// A text with arguments that were kept.
    #[must_use]
    pub fn args(self, key: &str, kept: &[(String, String)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in kept {
            args.set(name.clone(), FluentValue::from(value.as_str()));
        }
        self.with(key, &args)
    }

    fn with(self, key: &str, args: &FluentArgs<'_>) -> String {
        let bundle = BUNDLES.iter().find(|(language, _)| *language == self.0).map(|(_, bundle)| bundle);
        let message = bundle.and_then(|bundle| Some((bundle, bundle.get_message(key)?.value()?)));
        let Some((bundle, pattern)) = message else { return key.to_owned() };
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, Some(args), &mut errors).into_owned()
    }
}

/// A key made of a prefix and a name, such as `role-office`.
#[must_use]
pub fn key(prefix: &str, name: &str) -> String {
    format!("{prefix}-{}", name.replace(['_', '.'], "-"))
}
