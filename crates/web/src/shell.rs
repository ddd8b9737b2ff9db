//! What every page has around its content: language, navigation by rights, the search field, who is signed in.

use seloste_domain::format;
use seloste_domain::id::{CompanyId, TagId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::language::Language;
use seloste_domain::notice::Notice;
use seloste_domain::rights::Action;
use seloste_domain::tag::{Tag, name_of};
use seloste_domain::usage::{Actor, Use};
use seloste_domain::value::Value;
use seloste_ops::register::RegisterKind;
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};

use crate::assets;
use crate::guide;
use crate::navigation::{self, Group, Page};
use crate::text::Texts;

/// A company of the group as a choice.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    /// Its short name.
    pub(crate) id: CompanyId,
    /// Its name.
    pub(crate) name: String,
}

/// What every page has around its content.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// The texts.
    pub(crate) t: Texts,
    /// The register's name.
    pub(crate) register: String,
    /// Which item of the navigation the page belongs to.
    pub(crate) here: &'static str,
    /// The navigation.
    pub(crate) navigation: Vec<Group>,
    /// The name of who is signed in.
    pub(crate) user: Option<String>,
    /// Whether this is a demonstration with fictional people.
    pub(crate) demo: bool,
    /// The kinds of data that the notice declares.
    pub(crate) kinds: Kinds,
    /// The companies that the person may choose from.
    pub(crate) companies: Vec<Company>,
    /// The catalogue of tags, for those who may see it.
    pub(crate) tags: Vec<Tag>,
    /// Whether a portal is served, to which customers can be invited.
    pub(crate) portal: bool,
    /// What is in the search field.
    pub(crate) query: String,
    actor: Option<Actor>,
    allowed: Vec<Action>,
}

impl Shell {
    /// The frame of a page for somebody who is signed in.
    ///
    /// # Errors
    /// The notice can not be read.
    pub(crate) fn staff(register: &Register, who: &SignedIn, here: &'static str) -> Result<Self, OpsError> {
        let notice = register.notice()?;
        let now = register.now();
        let usable = |action| Use::authorize(&who.actor, action, &notice, now);
        let allowed: Vec<Action> = Action::ALL.iter().copied().filter(|action| usable(*action).is_ok()).collect();
        let scope = usable(Action::PersonList).or_else(|_| usable(Action::OrderList));
        let companies = scope.map(|usage| usage.scope().companies().to_vec()).unwrap_or_default();
        let mut shell = Self::open(register, &notice, who.language, here);
        shell.navigation = navigation::groups(here, notice.kinds(), |action| allowed.contains(&action));
        shell.user = Some(who.user.name.clone());
        shell.companies = notice
            .companies()
            .iter()
            .filter(|company| companies.contains(&company.id))
            .map(|company| Company { id: company.id.clone(), name: company.name.clone() })
            .collect();
        if notice.kinds().has(Kind::Tags) && allowed.contains(&Action::TagList) {
            shell.tags = seloste_ops::tag::list(register, &who.actor)?;
        }
        shell.actor = Some(who.actor.clone());
        shell.allowed = allowed;
        Ok(shell)
    }

    /// The frame of a page for anybody.
    ///
    /// # Errors
    /// The notice can not be read.
    pub(crate) fn public(register: &Register, language: Language) -> Result<Self, OpsError> {
        Ok(Self::open(register, &*register.notice()?, language, ""))
    }

    fn open(register: &Register, notice: &Notice, language: Language, here: &'static str) -> Self {
        Self {
            t: Texts(language),
            register: notice.register_name(language).to_owned(),
            here,
            navigation: Vec::new(),
            user: None,
            demo: register.kind() == RegisterKind::Demo,
            kinds: notice.kinds(),
            companies: Vec::new(),
            tags: Vec::new(),
            portal: register.portal().is_some(),
            query: String::new(),
            actor: None,
            allowed: Vec::new(),
        }
    }

    /// A text.
    #[must_use]
    pub(crate) fn text(&self, key: &str) -> String {
        self.t.get(key)
    }

    /// The language's tag.
    #[must_use]
    pub(crate) const fn lang(&self) -> &'static str {
        self.t.0.tag()
    }

    /// The pages of the group that the page belongs to, when there are several.
    #[must_use]
    pub(crate) fn pages(&self) -> &[Page] {
        let group = self.navigation.iter().find(|group| group.is_here && group.pages.len() > 1);
        group.map_or(&[], |group| group.pages.as_slice())
    }

    /// The address of the guide about this part of the program.
    #[must_use]
    pub(crate) fn guide(&self) -> String {
        guide::about(self.here)
    }

    /// The address of an asset.
    #[must_use]
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// Whether the person may do something.
    #[must_use]
    pub(crate) fn may(&self, action: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed.as_str() == action)
    }

    /// Whether the notice declares a kind of data.
    #[must_use]
    pub(crate) fn has(&self, kind: &str) -> bool {
        kind.parse().is_ok_and(|kind: Kind| self.kinds.has(kind))
    }

    /// The name of a company.
    #[must_use]
    pub(crate) fn company(&self, id: &CompanyId) -> String {
        let found = self.companies.iter().find(|company| company.id == *id);
        found.map_or_else(|| id.to_string(), |company| company.name.clone())
    }

    /// The name of a tag.
    #[must_use]
    pub(crate) fn tag(&self, id: &TagId) -> String {
        name_of(&self.tags, id, self.t.0)
    }

    /// A value on one line.
    #[must_use]
    pub(crate) fn value(&self, value: &Value) -> String {
        match value {
            Value::Tags(tag) => self.tag(tag),
            other => other.display_in(self.t.0),
        }
    }

    /// A moment.
    #[must_use]
    pub(crate) fn time(&self, at: &jiff::Timestamp) -> String {
        format::time(*at, self.t.0)
    }

    /// A moment, from the log.
    #[must_use]
    pub(crate) fn micros(&self, at: &i64) -> String {
        format::micros(*at, self.t.0)
    }

    /// A day.
    #[must_use]
    pub(crate) fn date(&self, day: &jiff::civil::Date) -> String {
        format::date(*day, self.t.0)
    }

    /// A number.
    #[must_use]
    pub(crate) fn number(&self, number: &i64) -> String {
        format::number(*number, self.t.0)
    }

    /// An amount of euros.
    #[must_use]
    pub(crate) fn money(&self, cents: &seloste_domain::money::Cents) -> String {
        format::money(*cents, self.t.0)
    }
}
