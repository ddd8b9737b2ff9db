//! The demo register: fictional people, organisations and orders, the same every time for the same seed. They come in
//! through the same checks, seals and log as real ones.

mod collection;
mod consents;
mod cookies;
mod credit;
mod erasures;
mod fixtures;
mod interface;
mod invoices;
mod leaving;
mod orders;
mod partners;
mod payments;
mod people;
mod portal;
mod prohibitions;
mod requests;
mod tags;

pub use self::interface::partner_token;
pub use self::portal::visitor as portal_visitor;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use seloste_domain::history::{Changed, PartyChange};
use seloste_domain::id::{OrderId, OrganisationId, PersonId, SourceId, UserId};
use seloste_domain::language::Language;
use seloste_domain::order::{Order, OrderState, archive_due};
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::{Action, Role};
use seloste_domain::usage::Actor;
use seloste_store::party::{self, NewParty, Noun};
use seloste_store::register::RegisterKind;
use seloste_store::{Env, Settings, StoreError};
use serde::{Deserialize, Serialize};

use self::fixtures::{Fixtures, chance, one};
use self::orders::Customer;
use crate::error::{OpsError, Result};
use crate::import::{self, Noun as Rows, Request};
use crate::organisation::name_of;
use crate::person::representation;
use crate::register::Register;
use crate::user::{self, Invitation, NewRole};
use crate::values::{Origin, replace};

/// The notice of the demo: a fictional group.
pub const NOTICE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

/// How much to make.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// People.
    pub people: usize,
    /// Organisations; about half of the people represent one.
    pub organisations: usize,
    /// Orders over ten years.
    pub orders: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self { people: 2_000, organisations: 300, orders: 6_000 }
    }
}

/// An account of the demo with its password, which is printed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// What one types to sign in.
    pub login: String,
    /// The fictional person's name.
    pub name: String,
    /// The password, made at random for this register.
    pub password: String,
    /// What it may.
    pub roles: Vec<Role>,
}

/// Parties and orders saved in one transaction.
const AT_ONCE: usize = 250;

/// Makes a demo register. The first account may do most, so that everything shows.
///
/// # Errors
/// There is a register already, or it can not be written.
pub fn make(settings: Settings, env: Env, by: &Actor, seed: u64, size: Size) -> Result<(Register, Vec<Account>)> {
    let register = Register::create(settings, RegisterKind::Demo, NOTICE, &by.id(), env)?;
    let accounts = add_accounts(&register, by)?;
    let mut demo = Demo {
        rng: StdRng::seed_from_u64(seed),
        words: Fixtures::read(),
        companies: register.notice()?.companies().iter().map(|company| company.id.to_string()).collect(),
        register: register.clone(),
        by: by.clone(),
    };
    let organisations = demo.organisations(size.organisations)?;
    let customers = demo.people(size.people, &organisations)?;
    demo.products()?;
    let orders = demo.orders(size.orders, &customers)?;
    demo.invoices(&orders)?;
    demo.payments()?;
    demo.changes(&accounts, &customers)?;
    demo.duplicates(&customers)?;
    demo.proposals(&customers)?;
    demo.tags(&accounts, &customers)?;
    let people: Vec<PersonId> = customers.iter().map(|customer| customer.person).collect();
    partners::add(&register, by, &people)?;
    collection::make(&register, by)?;
    credit::make(&register, by, &demo.staff(&accounts)?, &customers)?;
    prohibitions::make(&demo.register, &demo.by, &customers)?;
    consents::make(&demo.register, &demo.by, &customers)?;
    requests::make(&demo.register, &demo.by, &customers)?;
    cookies::make(&demo.register, &demo.by)?;
    if let Some(company) = demo.companies.first() {
        erasures::make(&demo.register, &demo.by, company)?;
        leaving::make(&demo.register, &demo.by, company)?;
    }
    Ok((register, accounts.into_iter().map(|(_, account)| account).collect()))
}

const STAFF: [(&str, &str, Language, &[Role]); 5] = [
    ("aino", "Aino Esimerkki", Language::Fi, &[Role::Office, Role::Finance, Role::DataProtection]),
    ("lauri", "Lauri Lukija", Language::Fi, &[Role::Reader]),
    ("anders", "Anders Kontorsson", Language::Sv, &[Role::Office]),
    ("yrsa", "Yrsa Ylläpitäjä", Language::Fi, &[Role::Administrator]),
    ("tarmo", "Tarmo Tarkastaja", Language::En, &[Role::Auditor]),
];

fn add_accounts(register: &Register, by: &Actor) -> Result<Vec<(UserId, Account)>> {
    STAFF
        .iter()
        .map(|(login, name, language, roles)| {
            let invitation = Invitation {
                login: (*login).into(),
                name: (*name).into(),
                language: *language,
                roles: roles.iter().map(|role| NewRole { role: *role, company: None, until: None }).collect(),
            };
            let (id, link) = user::invite(register, by, &invitation)?;
            let password = new_password(register.db().env());
            user::set_up(register, &link.0, &password)?;
            let (login, name) = (invitation.login, invitation.name);
            Ok((id, Account { login, name, password, roles: roles.to_vec() }))
        })
        .collect()
}

/// Sixteen letters and digits that are not mistaken for each other: 80 bits.
fn new_password(env: &Env) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut rng = StdRng::from_seed(env.bytes());
    let group = |rng: &mut StdRng| (0..4).map(|_| char::from(*one(rng, LETTERS))).collect::<String>();
    (0..4).map(|_| group(&mut rng)).collect::<Vec<_>>().join("-")
}

struct Demo {
    rng: StdRng,
    words: Fixtures,
    companies: Vec<String>,
    register: Register,
    by: Actor,
}

/// An organisation that was stored.
struct Employer {
    id: OrganisationId,
    company: people::Company,
}

impl Demo {
    fn source(&mut self) -> Result<SourceId> {
        const SOURCES: [&str; 4] = ["registration", "customer", "earlier_register", "population_register"];
        let notice = self.register.notice()?;
        let wanted = one(&mut self.rng, &SOURCES);
        let source = notice.sources().iter().find(|source| source.id.as_str() == *wanted);
        let source = source.or_else(|| notice.sources().first()).map(|source| source.id.clone());
        source.ok_or(OpsError::Store(StoreError::NotFound("source")))
    }

    fn organisations(&mut self, count: usize) -> Result<Vec<Employer>> {
        let usage = self.register.authorize(&self.by, Action::OrganisationCreate)?;
        let (mut employers, mut parties) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for number in 0..count {
            let company = people::organisation(&mut self.rng, &self.words, number, &self.companies);
            let valid = company.draft.validate(usage.kinds(), self.register.today())?;
            let origin = Origin::of(&usage, &self.source()?);
            let db = self.register.db();
            let id = OrganisationId(db.env().id());
            let mut change = PartyChange {
                companies_added: valid.companies.clone(),
                name: Some(Changed { before: None, after: Some(name_of(&valid, &origin)) }),
                ..PartyChange::default()
            };
            replace(&mut change, &[], &valid.values, self.register.today(), &origin, db.env());
            parties.push(db.prepare(id.into(), Noun::Organisation, change)?);
            employers.push(Employer { id, company });
        }
        self.save(Action::OrganisationCreate, parties)?;
        Ok(employers)
    }

    fn people(&mut self, count: usize, employers: &[Employer]) -> Result<Vec<Customer>> {
        let (mut customers, mut parties) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for number in 0..count {
            let employer = (!employers.is_empty() && chance(&mut self.rng, 50)).then(|| one(&mut self.rng, employers));
            let company = employer.map(|employer| &employer.company);
            let draft = people::person(&mut self.rng, &self.words, number, company, &self.companies);
            let id = PersonId(self.register.db().env().id());
            parties.push(self.person(id, &draft, employer)?);
            customers.push(Customer {
                person: id,
                organisation: employer.map(|employer| employer.id),
                companies: draft.companies,
                name: format!("{} {}", draft.given, draft.family),
                address: draft.addresses.into_iter().next().unwrap_or_default(),
            });
        }
        self.save(Action::PersonCreate, parties)?;
        Ok(customers)
    }

    fn person(&mut self, id: PersonId, draft: &PersonDraft, employer: Option<&Employer>) -> Result<NewParty> {
        let usage = self.register.authorize(&self.by, Action::PersonCreate)?;
        let today = self.register.today();
        let valid = draft.validate(usage.kinds(), today)?;
        let origin = Origin::of(&usage, &self.source()?);
        let db = self.register.db();
        let mut change = PartyChange {
            companies_added: valid.companies,
            protected_address: valid.protected_address.then_some(true),
            ..PartyChange::default()
        };
        replace(&mut change, &[], &valid.values, today, &origin, db.env());
        if let Some(employer) = employer {
            let named = (employer.id, employer.company.draft.name.clone());
            let days = jiff::Span::new().days(self.rng.random_range(30..4000));
            let from = today.saturating_sub(days);
            change.representations_added.push(representation(
                db.env(),
                &named,
                valid.title.as_ref(),
                Some(from),
                &origin,
            ));
        }
        Ok(db.prepare(id.into(), Noun::Person, change)?)
    }

    fn save(&self, action: Action, parties: Vec<NewParty>) -> Result<()> {
        let usage = self.register.authorize(&self.by, action)?;
        for chunk in parties.chunks(AT_ONCE) {
            let chunk = chunk.to_vec();
            self.register.db().write(&usage, move |w| party::create(w, &chunk))?;
        }
        Ok(())
    }

    /// What the orders are made of, in the catalogue of every company.
    fn products(&self) -> Result<()> {
        for company in &self.companies {
            for draft in orders::products(&self.words, company, self.register.today()) {
                crate::product::create(&self.register, &self.by, &draft)?;
            }
        }
        Ok(())
    }

    fn orders(&mut self, count: usize, customers: &[Customer]) -> Result<Vec<Order>> {
        if customers.is_empty() {
            return Ok(Vec::new());
        }
        let usage = self.register.authorize(&self.by, Action::OrderCreate)?;
        let rule = self.register.notice()?.archive_rule();
        let today = self.register.today();
        let mut orders = Vec::with_capacity(count);
        for (number, day) in orders::days(&mut self.rng, count, today).into_iter().enumerate() {
            // Few customers order often, many seldom.
            let (a, b) = (self.rng.random_range(0..customers.len()), self.rng.random_range(0..customers.len()));
            let customer = &customers[a.min(b)];
            let draft = orders::order(&mut self.rng, &self.words, number, customer, day, today);
            let valid = draft.validate(usage.kinds(), today)?;
            let origin = Origin::of(&usage, &self.source()?);
            let id = OrderId(self.register.db().env().id());
            let mut order = crate::order::stored(id, valid, &origin, 1, usage.at());
            if rule.is_some_and(|rule| archive_due(&order, rule.months, today)) {
                order.state = OrderState::Archived;
            }
            orders.push(order);
        }
        for chunk in orders.chunks(AT_ONCE) {
            let chunk = chunk.to_vec();
            self.register.db().write(&usage, move |w| seloste_store::order::create_all(w, &chunk))?;
        }
        Ok(orders)
    }

    /// Who does the daily work.
    fn staff(&self, accounts: &[(UserId, Account)]) -> Result<Actor> {
        let Some((id, _)) = accounts.first() else { return Ok(self.by.clone()) };
        let staff = user::show(&self.register, &self.by, *id)?;
        Ok(Actor::User { id: staff.id, state: staff.state, assignments: staff.assignments })
    }

    /// A few corrections by the staff, so that the history has something to show.
    fn changes(&mut self, accounts: &[(UserId, Account)], customers: &[Customer]) -> Result<()> {
        let actor = self.staff(accounts)?;
        for customer in customers.iter().step_by(97) {
            let source = self.source()?;
            let person = crate::person::show(&self.register, &actor, customer.person)?.person;
            let mut draft = person.draft(self.register.today());
            if let Some(address) = draft.addresses.first_mut() {
                address.street =
                    format!("{} {}", one(&mut self.rng, &self.words.streets), self.rng.random_range(1..80));
            }
            let version = crate::person::change(&self.register, &actor, person.id, person.version, &draft, &source)?;
            if chance(&mut self.rng, 50) && !draft.telephones.is_empty() {
                draft.telephones.truncate(1);
                draft.telephones[0].text = format!("050 555 {:04}", self.rng.random_range(0..10_000));
                crate::person::change(&self.register, &actor, person.id, version, &draft, &source)?;
            }
        }
        Ok(())
    }

    /// A file of the weakest source: what it says of some customers waits for a decision.
    fn proposals(&mut self, customers: &[Customer]) -> Result<()> {
        let notice = self.register.notice()?;
        let Some(source) = notice.sources().iter().min_by_key(|source| source.rank) else { return Ok(()) };
        let mut rows = String::from("asiakasnumero;matkapuhelin;sukunimi;etunimi;konserniyhtiö\n");
        for customer in customers.iter().skip(5).step_by(61) {
            let person = crate::person::show(&self.register, &self.by, customer.person)?.person;
            let draft = person.draft(self.register.today());
            let number = format!("050 555 {:04}", self.rng.random_range(0..10_000));
            let again = if chance(&mut self.rng, 25) { "-Mäki" } else { "" };
            let (given, company) = (draft.given, draft.companies.join(","));
            rows.push_str(&format!("{};{number};{}{again};{given};{company}\n", draft.customer_number, draft.family));
        }
        let file = self.register.db().settings().data.join("demo-update.csv");
        std::fs::write(&file, rows).map_err(|error| unwritable(&file, &error))?;
        let request = Request::new(Rows::People, &file, source.id.clone());
        let told = import::run(&self.register, &self.by, &request, &|_| (), &std::sync::atomic::AtomicBool::new(false));
        std::fs::remove_file(&file).map_err(|error| unwritable(&file, &error))?;
        told.map(drop)
    }

    /// Some customers who were added twice, as it happens: the name or the address is not quite the same.
    fn duplicates(&mut self, customers: &[Customer]) -> Result<()> {
        for customer in customers.iter().skip(11).step_by(173) {
            let source = self.source()?;
            let person = crate::person::show(&self.register, &self.by, customer.person)?.person;
            let mut again = person.draft(self.register.today());
            again.customer_number = String::new();
            if again.given.contains(' ') || chance(&mut self.rng, 40) {
                again.given = again.given.chars().take(1).chain(['.']).collect();
            } else {
                again.family = format!("{}n", again.family);
            }
            again.emails.clear();
            crate::person::create(&self.register, &self.by, &again, &source)?;
        }
        crate::duplicate::find(&self.register, &self.by).map(drop)
    }
}

fn unwritable(path: &std::path::Path, error: &std::io::Error) -> StoreError {
    StoreError::File { path: path.to_owned(), why: error.to_string() }
}
