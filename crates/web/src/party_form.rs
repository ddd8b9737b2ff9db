//! What forms of people and organisations have in common: rows of contact values, errors at their fields.

use seloste_domain::draft::{DraftAddress, DraftText, is_shown};
use seloste_domain::field::FieldErrors;
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::value::{Label, StoredValue, Value};
use seloste_ops::Register;

use crate::shell::Shell;
use crate::text::{Texts, key};

/// The errors of a form, in the person's language.
#[derive(Clone, Debug)]
pub(crate) struct Errors {
    t: Texts,
    errors: FieldErrors,
}

impl Errors {
    pub(crate) fn new(language: Language, errors: FieldErrors) -> Self {
        Self { t: Texts(language), errors }
    }

    pub(crate) fn none(language: Language) -> Self {
        Self::new(language, FieldErrors::default())
    }

    /// Whether anything is wrong.
    pub(crate) fn any(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The messages of one field.
    pub(crate) fn errors(&self, field: &str) -> Vec<String> {
        self.errors.of(field).map(|error| self.t.field_error(error)).collect()
    }

    /// Whether a field is wrong.
    pub(crate) fn is_wrong(&self, field: &str) -> bool {
        self.errors.of(field).next().is_some()
    }

    /// The messages of a field of a row.
    pub(crate) fn in_row(&self, list: &str, row: &usize, field: &str) -> Vec<String> {
        self.errors(&format!("{list}.{row}.{field}"))
    }
}

/// A choice of a select.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) selected: bool,
}

/// The labels that a kind of value can carry.
pub(crate) fn labels(t: Texts, kind: Kind, selected: &str) -> Vec<Choice> {
    let none = Choice { value: String::new(), text: t.get("label-none"), selected: selected.is_empty() };
    let fitting = Label::ALL.into_iter().filter(|label| label.fits(kind)).map(|label| Choice {
        value: label.as_str().into(),
        text: t.get(&key("label", label.as_str())),
        selected: label.as_str() == selected,
    });
    std::iter::once(none).chain(fitting).collect()
}

/// The sources of the notice, so that each value that is entered has one.
pub(crate) fn sources(register: &Register, language: Language, selected: &str) -> seloste_ops::Result<Vec<Choice>> {
    let notice = register.notice()?;
    let choices = notice.sources().iter().map(|source| Choice {
        value: source.id.to_string(),
        text: source_name(&notice, &source.id, language),
        selected: source.id.as_str() == selected,
    });
    Ok(choices.collect())
}

/// A source's name in a language.
pub(crate) fn source_name(
    notice: &seloste_domain::notice::Notice,
    id: &seloste_domain::id::SourceId,
    language: Language,
) -> String {
    let name = notice.source(id).map(|source| source.name.get(language).to_owned());
    name.unwrap_or_else(|| id.to_string())
}

/// One more empty row, where the next value goes.
pub(crate) fn with_empty(mut rows: Vec<DraftText>) -> Vec<DraftText> {
    rows.push(DraftText::default());
    rows
}

/// The same for addresses.
pub(crate) fn with_empty_address(mut rows: Vec<DraftAddress>) -> Vec<DraftAddress> {
    rows.push(DraftAddress::default());
    rows
}

/// A stored value as a card shows it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// What it is: kind and label.
    pub(crate) what: String,
    /// The value.
    pub(crate) value: String,
    /// Until when it held, when it no longer does.
    pub(crate) past: Option<String>,
    /// Where it came from.
    pub(crate) source: String,
    /// Who entered it.
    pub(crate) by: String,
    /// When.
    pub(crate) at: String,
    /// Whether the value is hidden from this person.
    pub(crate) masked: bool,
    /// The address of its field in the form, for those who may change it.
    pub(crate) edit: Option<String>,
}

/// The values of a card in their order. `form` is the address of its form, for those who may change it.
pub(crate) fn shown_all(
    s: &Shell,
    register: &Register,
    names: &Names,
    values: &[StoredValue],
    form: Option<&str>,
) -> seloste_ops::Result<Vec<Shown>> {
    let mut rows = std::collections::HashMap::<&str, usize>::new();
    let mut all = Vec::new();
    for stored in values {
        let edit = form.filter(|_| is_shown(stored, register.today())).map(|form| {
            let field = match stored.value.kind() {
                Kind::Email => "emails",
                Kind::Telephone => "telephones",
                Kind::PostalAddress => "addresses",
                Kind::Name => return format!("{form}#given"),
                kind => return format!("{form}#{}", kind.as_str()),
            };
            let row = rows.entry(field).or_default();
            *row += 1;
            format!("{form}#{field}-{}", *row - 1)
        });
        all.push(Shown { edit, ..shown(s, register, names, stored)? });
    }
    Ok(all)
}

/// Names of those who entered something.
pub(crate) struct Names(std::collections::HashMap<String, String>);

impl Names {
    /// The names of accounts, by what the log calls them.
    pub(crate) fn of(register: &Register) -> seloste_ops::Result<Self> {
        let users = register.db().look(seloste_ops::user::names)?;
        Ok(Self(users.into_iter().map(|(id, name)| (format!("user:{id}"), name)).collect()))
    }

    /// The name of who acted.
    pub(crate) fn name(&self, t: Texts, actor: &str) -> String {
        if let Some(name) = self.0.get(actor) {
            return name.clone();
        }
        match actor.split_once(':') {
            Some(("operator", name)) => t.arg("actor-operator", "name", name),
            Some(("import", _)) => t.get("actor-import"),
            Some(("program", _)) => t.get("actor-program"),
            Some(("portal", _)) => t.get("actor-portal"),
            _ => actor.to_owned(),
        }
    }
}

/// A value for a card.
pub(crate) fn shown(s: &Shell, register: &Register, names: &Names, stored: &StoredValue) -> seloste_ops::Result<Shown> {
    let notice = register.notice()?;
    let language = s.t.0;
    let kind = s.t.get(&key("kind", stored.value.kind().as_str()));
    let what = match stored.value.label() {
        Some(label) => format!("{kind} ({})", s.t.get(&key("label", label.as_str())).to_lowercase()),
        None => kind,
    };
    let masked = matches!(&stored.value, Value::PostalAddress(address) if address.is_masked());
    let past = stored.valid_until.filter(|until| *until < register.today());
    Ok(Shown {
        what,
        value: if masked { s.t.get("address-protected") } else { s.value(&stored.value) },
        past: past.map(|until| s.date(&until)),
        source: source_name(&notice, &stored.source, language),
        by: names.name(s.t, &stored.entered_by),
        at: s.time(&stored.entered_at),
        masked,
        edit: None,
    })
}
