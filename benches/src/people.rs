//! A register full of invented people, made through the store as an import makes them.

use std::path::Path;
use std::sync::mpsc::sync_channel;

use anyhow::{Context as _, Result};
use seloste_domain::draft::{DraftAddress, DraftText};
use seloste_domain::history::PartyChange;
use seloste_domain::id::{CompanyId, PartyId, SourceId, ValueId};
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_domain::value::StoredValue;
use seloste_ops::{Env, Register, Settings};
use seloste_store::party::{self, NewParty, Noun};
use seloste_store::register::RegisterKind;

const NOTICE: &str = include_str!("../../examples/arjasmaa/notice.toml");
const GIVEN: [&str; 40] = [
    "Pirkko", "Juhani", "Aino", "Matti", "Helmi", "Eero", "Kaisa", "Antti", "Liisa", "Mikko", "Sari", "Timo", "Anneli",
    "Kari", "Päivi", "Jukka", "Tuula", "Heikki", "Riitta", "Pekka", "Åsa", "Göran", "Birgitta", "Lars", "Marja",
    "Ville", "Elina", "Olli", "Sanna", "Teemu", "Katri", "Janne", "Outi", "Ari", "Minna", "Petri", "Hanna", "Sami",
    "Leena", "Esa",
];
const STEM: [&str; 40] = [
    "Koski", "Mäki", "Niemi", "Virta", "Saari", "Lehto", "Laakso", "Heino", "Kallio", "Salmi", "Ranta", "Harju",
    "Hakala", "Ahola", "Peltola", "Kivi", "Suo", "Järvi", "Metsä", "Honka", "Kuusi", "Leppä", "Halla", "Syrjä",
    "Aalto", "Tuuli", "Kangas", "Mattila", "Anttila", "Rinne", "Penti", "Karhu", "Susi", "Joki", "Lampi", "Oja",
    "Vuori", "Luoma", "Korpi", "Aho",
];
const END: [&str; 10] = ["nen", "la", "lä", "talo", "salo", "mäki", "niemi", "ranta", "", "vaara"];
const TOWNS: [(&str, &str); 8] = [
    ("00100", "Helsinki"),
    ("90100", "Oulu"),
    ("33100", "Tampere"),
    ("20100", "Turku"),
    ("40100", "Jyväskylä"),
    ("70100", "Kuopio"),
    ("65100", "Vaasa"),
    ("53100", "Lappeenranta"),
];

/// An open register and what it takes to use it.
pub(crate) struct Bench {
    pub(crate) register: Register,
    pub(crate) ids: Vec<PartyId>,
    pub(crate) settings: Settings,
}

impl Bench {
    pub(crate) fn create(dir: &Path, database: Option<&str>) -> Result<Self> {
        let settings = Settings::new(dir, database);
        let register = Register::create(settings.clone(), RegisterKind::Demo, NOTICE, &actor().id(), Env::system())?;
        Ok(Self { register, ids: Vec::new(), settings })
    }

    pub(crate) fn usage(&self, action: Action) -> Result<Use> {
        let notice = self.register.notice()?;
        Ok(Use::authorize(&actor(), action, &notice, self.register.now())?)
    }

    /// Adds people from number `from` on: prepared and sealed on one thread, written on another.
    pub(crate) fn fill(&mut self, from: usize, count: usize) -> Result<()> {
        let usage = self.usage(Action::ImportRun)?;
        let (send, receive) = sync_channel::<Vec<NewParty>>(4);
        let register = self.register.clone();
        let source = register.notice()?.sources().first().context("a source")?.id.clone();
        let preparing = std::thread::spawn(move || -> Result<Vec<PartyId>> {
            let mut ids = Vec::with_capacity(count);
            for chunk in (from..from + count).collect::<Vec<_>>().chunks(500) {
                let made = chunk.iter().map(|n| prepare(&register, &source, *n)).collect::<Result<Vec<_>>>()?;
                ids.extend(made.iter().map(|party| party.id));
                send.send(made)?;
            }
            Ok(ids)
        });
        for chunk in receive {
            self.register.db().write(&usage, move |w| party::create(w, &chunk))?;
        }
        self.ids.extend(preparing.join().map_err(|_| anyhow::anyhow!("the preparing thread ended"))??);
        Ok(())
    }
}

/// Who measures.
pub(crate) fn actor() -> Actor {
    Actor::Operator("bench".into())
}

fn prepare(register: &Register, source: &SourceId, number: usize) -> Result<NewParty> {
    let env = register.db().env();
    let kinds = register.notice()?.kinds();
    let valid = draft(number).validate(kinds, register.today())?;
    let now = register.now();
    let added = valid.values.into_iter().map(|new| StoredValue {
        id: ValueId(env.id()),
        value: new.value,
        valid_from: None,
        valid_until: None,
        source: source.clone(),
        entered_by: "operator:bench".into(),
        entered_at: now,
    });
    let company: CompanyId = "arjasmaa".parse()?;
    let change = PartyChange { added: added.collect(), companies_added: vec![company], ..PartyChange::default() };
    Ok(register.db().prepare(PartyId(env.id()), Noun::Person, change)?)
}

/// The invented person of a number.
pub(crate) fn draft(number: usize) -> PersonDraft {
    let (given, family) = name(number);
    let (postal_code, town) = TOWNS[number % TOWNS.len()];
    PersonDraft {
        given: given.clone(),
        family: family.clone(),
        customer_number: format!("{}", 1_000_000 + number),
        emails: vec![DraftText::new(format!("asiakas{number}@example.com"))],
        telephones: vec![DraftText::new(telephone(number))],
        addresses: vec![DraftAddress {
            street: format!("{}tie {}", STEM[number / 7 % STEM.len()], number % 120 + 1),
            postal_code: postal_code.into(),
            town: town.into(),
            ..DraftAddress::default()
        }],
        companies: vec!["arjasmaa".into()],
        ..PersonDraft::default()
    }
}

/// The name of a number.
pub(crate) fn name(number: usize) -> (String, String) {
    let given = GIVEN[number % GIVEN.len()];
    let stem = STEM[number / GIVEN.len() % STEM.len()];
    let end = END[number / (GIVEN.len() * STEM.len()) % END.len()];
    (given.into(), format!("{stem}{end}"))
}

/// The telephone number of a number.
pub(crate) fn telephone(number: usize) -> String {
    format!("040 {:07}", 1_000_000 + number % 9_000_000)
}
