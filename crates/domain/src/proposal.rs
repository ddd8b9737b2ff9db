//! Proposals: what a source says of somebody and what did not win over the register's own value, because the source is
//! weaker or its word older (P11). A person decides: accept it, or keep what is there.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::business_id::BusinessId;
use crate::id::{ImportId, OrganisationId, PartyId, ProposalId, SourceId, ValueId};
use crate::import::{is_rival, is_same};
use crate::kind::Kind;
use crate::value::{NewValue, StoredValue};

/// What a source proposes. It is sealed under the party's key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposed {
    /// Another value of a kind.
    Value(NewValue),
    /// Another name or business id of an organisation.
    Name {
        /// The name.
        name: String,
        /// Its Finnish business id.
        business_id: Option<BusinessId>,
    },
    /// Another organisation that a person represents, or another title in it.
    Represents {
        /// The organisation.
        organisation: OrganisationId,
        /// Its name when it was proposed.
        name: String,
        /// The person's title.
        title: Option<String>,
    },
}

impl Proposed {
    /// What it is about, as [`crate::history::PartyChange::fields`] names it.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Value(new) => new.value.kind().as_str(),
            Self::Name { .. } => ORGANISATION_NAME,
            Self::Represents { .. } => Kind::Organisation.as_str(),
        }
    }
}

/// The field of an organisation's name, which is no kind of the catalogue.
pub const ORGANISATION_NAME: &str = "organisation_name";

/// How far a proposal has come. One that was accepted is a change of the party, and no proposal any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum State {
    /// Nobody has decided.
    #[default]
    Waiting,
    /// What the register has was kept. It is remembered so that the same word of the same source does not come back.
    Kept,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Waiting, Self::Kept];

    /// The name in the database and in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Kept => "kept",
        }
    }
}

/// Something that a source proposes to change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// Whom it is about.
    pub party: PartyId,
    /// Where it came from, as the notice names the source.
    pub source: SourceId,
    /// The import that brought it.
    pub import: Option<ImportId>,
    /// When the source knew it.
    pub told_at: Timestamp,
    /// How far it has come.
    pub state: State,
    /// What it proposes.
    pub proposed: Proposed,
}

/// What accepting a proposed value would do to the values that are there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// The register says the same meanwhile.
    Same,
    /// It takes the place of this one.
    Replaces(ValueId),
    /// It stands beside the others.
    Adds,
}

/// What accepting a proposed value would do on `day`.
#[must_use]
pub fn standing(stored: &[StoredValue], new: &NewValue, day: Date) -> Standing {
    let mut current = stored.iter().filter(|old| old.holds_on(day));
    if current.clone().any(|old| is_same(&old.value, &new.value)) {
        return Standing::Same;
    }
    current.find(|old| is_rival(&old.value, &new.value)).map_or(Standing::Adds, |old| Standing::Replaces(old.id))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::email::Email;
    use crate::value::{Label, Value};

    fn email(label: Option<Label>, address: &str) -> NewValue {
        let value = Value::Email(Email { label, address: address.into() });
        NewValue { value, valid_from: None, valid_until: None }
    }

    #[test]
    fn a_proposal_replaces_what_has_its_kind_and_label_today() {
        let (day, id) = (date(2026, 11, 23), ValueId(Uuid::from_u128(1)));
        let stored = |new: NewValue, valid_until| StoredValue {
            id,
            value: new.value,
            valid_from: None,
            valid_until,
            source: "customer".parse().unwrap(),
            entered_by: "Testi".into(),
            entered_at: Timestamp::UNIX_EPOCH,
        };
        let has = [stored(email(None, "a@example.com"), None)];
        assert_eq!(standing(&has, &email(None, "b@example.com"), day), Standing::Replaces(id));
        assert_eq!(standing(&has, &email(None, "A@Example.com"), day), Standing::Same);
        assert_eq!(standing(&has, &email(Some(Label::Work), "b@example.com"), day), Standing::Adds);
        let past = [stored(email(None, "a@example.com"), Some(date(2026, 1, 1)))];
        assert_eq!(standing(&past, &email(None, "b@example.com"), day), Standing::Adds);
    }

    #[test]
    fn what_is_proposed_keeps_its_shape_when_it_is_sealed() {
        let all = [
            Proposed::Value(email(None, "a@example.com")),
            Proposed::Name { name: "Wartian Herkku".into(), business_id: None },
            Proposed::Represents {
                organisation: OrganisationId(Uuid::from_u128(2)),
                name: "Wartian Herkku".into(),
                title: Some("Johtaja".into()),
            },
        ];
        for one in all {
            let json = serde_json::to_string(&one).unwrap();
            assert_eq!(serde_json::from_str::<Proposed>(&json).unwrap(), one);
        }
    }
}
