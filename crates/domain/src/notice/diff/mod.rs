//! What a new version of the notice changes, for whom, and whether people must be told of it (Art. 13(3), 14(4)).

mod compare;
mod phrases;

use super::Notice;
use super::messages::fill;
use super::model::Text;
use crate::language::Language;

/// What a change concerns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// The controller.
    Controller,
    /// The contact person.
    Contact,
    /// The data protection officer.
    DataProtectionOfficer,
    /// The name of the register or the group.
    Register,
    /// A company of the group.
    Company,
    /// A purpose.
    Purpose,
    /// The legal basis of a purpose.
    LegalBasis,
    /// The legitimate interest of a purpose.
    Interest,
    /// What is done under a purpose.
    Activities,
    /// A group of people.
    Group,
    /// A kind of data.
    Kind,
    /// Whether a kind of data has to be given.
    Requirement,
    /// How long a kind of data is kept.
    Retention,
    /// A source.
    Source,
    /// A ground of disclosure.
    Ground,
    /// A recipient.
    Recipient,
    /// An outside service provider.
    Provider,
    /// The rule of transfers outside the EU and the EEA.
    Transfers,
    /// The rule of archiving.
    Archive,
    /// Publication in directories.
    Publication,
    /// What prevents erasure.
    Erasure,
    /// Cookies.
    Cookies,
    /// Automated decisions.
    AutomatedDecisions,
    /// The supervisory authority.
    Authority,
    /// The controller's own words in a section.
    Text,
}

/// What happened to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is otherwise than before; both as the people read them.
    Changed {
        /// In the old version.
        before: Text,
        /// In the new version.
        after: Text,
    },
}

/// One change between two versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What it concerns.
    pub subject: Subject,
    /// Which one: the name of the purpose, kind, recipient, ... as people read it.
    pub name: Text,
    /// What happened.
    pub act: Act,
    /// Whether the people concerned must be told before it takes effect (Art. 13(3), 14(4)).
    pub material: bool,
    /// The groups of people that it concerns; empty means everyone in the register.
    pub groups: Vec<Text>,
}

impl Change {
    /// The change in words, with the people that it concerns.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let subject = phrases::subject(self.subject).get(language).to_owned();
        let name = self.name.get(language).to_owned();
        let what = match &self.act {
            Act::Added => fill(phrases::ADDED.get(language), &[subject, name]),
            Act::Removed => fill(phrases::REMOVED.get(language), &[subject, name]),
            Act::Changed { before, after } => {
                let (before, after) = (before.get(language).to_owned(), after.get(language).to_owned());
                fill(phrases::CHANGED.get(language), &[subject, name, before, after])
            }
        };
        if self.groups.is_empty() {
            return format!("{what} {}", phrases::EVERYONE.get(language));
        }
        let groups: Vec<_> = self.groups.iter().map(|group| group.get(language)).collect();
        format!("{what} {}", fill(phrases::GROUPS.get(language), &[groups.join("; ")]))
    }
}

/// What `new` changes of `old`, in the order of the notice. The number and the date of the version are not changes.
#[must_use]
pub fn diff(old: &Notice, new: &Notice) -> Vec<Change> {
    compare::compare(old, new)
}
