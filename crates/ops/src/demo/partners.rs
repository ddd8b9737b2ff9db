//! The demo's partners of all sorts, what was disclosed to them, and what they have to be told since.

use jiff::ToSpan as _;
use jiff::civil::Date;
use seloste_domain::id::{PartnerId, PersonId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;

use crate::disclosure::{self, Case, Subject};
use crate::error::{OpsError, Result};
use crate::legal_request::{self, LegalRequestDraft};
use crate::partner::{self, ContractItem, PartnerDraft, Returned, SubProcessorDraft};
use crate::person;
use crate::recall::{self, Filter, RecallState};
use crate::register::Register;

/// Name, what it stands under, role, interface, kinds, purposes.
type Line = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const PARTNERS: [Line; 12] = [
    (
        "Esimerkkipaino Oy",
        "provider:web_services",
        "processor",
        "file",
        "name postal_address customer_number",
        "directories",
    ),
    (
        "Pilvipuu Ohjelmistot Oy",
        "provider:web_services",
        "processor",
        "api",
        "name email telephone",
        "customer_relationship",
    ),
    (
        "Example Mail Services Inc.",
        "provider:web_services",
        "processor",
        "webhook",
        "name email language",
        "customer_relationship",
    ),
    ("Vanha Postitus Oy", "provider:web_services", "processor", "post", "name postal_address", "directories"),
    ("Entinen Verkkopalvelu Oy", "provider:web_services", "processor", "feed", "name email", "customer_relationship"),
    (
        "Tukipalvelu Esimerkki Ab",
        "provider:web_services",
        "processor",
        "email",
        "name email telephone",
        "customer_relationship",
    ),
    ("Keskeneräinen Sopimus Oy", "provider:web_services", "processor", "file", "name", "customer_relationship"),
    (
        "Kuvitelman Perintä Oy",
        "recipient:collection_agency",
        "recipient",
        "file",
        "name postal_address telephone orders",
        "orders",
    ),
    (
        "Esimerkkipankki Oyj",
        "recipient:credit_grantor",
        "recipient",
        "api",
        "name postal_address email telephone",
        "orders",
    ),
    ("Luottotieto Esimerkki Oy", "provider:credit_information", "recipient", "api", "name postal_address", "orders"),
    (
        "Verkkolasku Esimerkki Oy",
        "recipient:invoicing_operator",
        "recipient",
        "file",
        "name postal_address email orders",
        "orders",
    ),
    (
        "Esimerkin ulosottovirasto",
        "recipient:authorities",
        "recipient",
        "post",
        "name postal_address telephone email",
        "accountability",
    ),
];

fn draft(line: &Line, today: Date) -> PartnerDraft {
    let (name, under, role, interface, kinds, purposes) = *line;
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    let is_processor = role == "processor";
    PartnerDraft {
        name: name.into(),
        under: under.into(),
        role: role.into(),
        interface: interface.into(),
        kinds: words(kinds),
        purposes: words(purposes),
        contract: if is_processor { format!("SOP-{}", name.len()) } else { String::new() },
        from: today.saturating_sub(400.days()).to_string(),
        items: if is_processor { ContractItem::ALL.iter().map(ToString::to_string).collect() } else { Vec::new() },
        groups: vec!["customers".into()],
        email: "yhteys@example.com".into(),
        address: "Esimerkkikatu 5\n00100 HELSINKI".into(),
        breach_contact: "tietoturva@example.com, 09 1234 5678".into(),
        ..PartnerDraft::default()
    }
}

/// Adds the partners, lets something out to them and changes some of it afterwards.
///
/// # Errors
/// The register can not be written.
pub(super) fn add(register: &Register, by: &Actor, customers: &[PersonId]) -> Result<()> {
    let today = register.today();
    let mut ids = Vec::new();
    for line in &PARTNERS {
        let mut draft = draft(line, today);
        match line.0 {
            "Example Mail Services Inc." => {
                draft.country = "US".into();
                draft.safeguard = "standard_clauses".into();
                draft.safeguard_detail =
                    format!("Vakiolausekkeet allekirjoitettu {}", today.saturating_sub(400.days()));
                draft.necessity = "Viestien lähetyspalvelun varmistus on palveluntuottajan laitteilla.".into();
                draft.sub_processors =
                    vec![SubProcessorDraft { name: "Example Hosting Ltd".into(), country: "IE".into() }];
            }
            "Tukipalvelu Esimerkki Ab" => draft.until = today.saturating_add(30.days()).to_string(),
            "Keskeneräinen Sopimus Oy" => {
                draft
                    .items
                    .retain(|item| item != ContractItem::Audit.as_str() && item != ContractItem::Return.as_str());
            }
            _ => {}
        }
        ids.push(partner::create(register, by, &draft)?);
    }
    let some = |from: usize, count: usize| customers.iter().skip(from).take(count).copied().collect::<Vec<_>>();
    give(register, by, (ids[0], "directories"), &some(0, 40), &[Kind::Name, Kind::PostalAddress])?;
    give(register, by, (ids[1], "customer_relationship"), &some(10, 15), &[Kind::Name, Kind::Email, Kind::Telephone])?;
    give(register, by, (ids[2], "customer_relationship"), &some(5, 12), &[Kind::Name, Kind::Email])?;
    give(register, by, (ids[3], "directories"), &some(0, 8), &[Kind::Name, Kind::PostalAddress])?;
    by_law(register, by, ids[11], &some(3, 1))?;
    let version = partner::end(register, by, ids[3], 1)?;
    partner::confirm(register, by, ids[3], version, (Returned::Deleted.as_str(), "Poistotodistus 12"))?;
    partner::end(register, by, ids[4], 1)?;
    changes(register, by, &some(10, 4))
}

/// Lets something of people out to a partner.
pub(super) fn give(
    register: &Register,
    by: &Actor,
    (partner, purpose): (PartnerId, &'static str),
    people: &[PersonId],
    kinds: &[Kind],
) -> Result<()> {
    let usage = register.authorize(by, Action::PersonShow)?;
    let (notice, today, people) = (register.notice()?, register.today(), people.to_vec());
    let fields: Kinds = kinds.iter().copied().collect();
    let case = Case::Service(purpose.parse().map_err(|_| seloste_store::StoreError::NotFound("purpose"))?);
    let made = register.db().write(&usage, move |w| {
        let permit = disclosure::permit(w, &notice, today, partner, case.clone(), fields)?;
        let subjects: Vec<Subject> = people.iter().map(|id| Subject { party: (*id).into(), fields }).collect();
        disclosure::record(w, &permit, &subjects)
    });
    made.map(drop).map_err(OpsError::from_store)
}

fn by_law(register: &Register, by: &Actor, partner: PartnerId, people: &[PersonId]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let draft = LegalRequestDraft {
        asked_by: "Kihlakunnanulosottomies, Esimerkin ulosottovirasto".into(),
        law: "ulosottokaari (705/2007) 3 luku 64 §".into(),
        asked_for: "yhteystiedot".into(),
        asked_on: register.today().saturating_sub(2.days()).to_string(),
        document: "saapunut posti 2026-118".into(),
        decided_by: "Aino Esimerkki".into(),
        granted: true,
        reason: "Laki velvoittaa antamaan tiedot.".into(),
        kinds: vec!["name".into(), "postal_address".into(), "telephone".into()],
    };
    legal_request::record(register, by, partner, people, &draft).map(drop)
}

/// People correct their names, so that partners have to be told; some of that is done.
fn changes(register: &Register, by: &Actor, people: &[PersonId]) -> Result<()> {
    let source = "customer".parse().map_err(|_| seloste_store::StoreError::NotFound("source"))?;
    for id in people {
        let card = person::show(register, by, *id)?.person;
        let mut draft = card.draft(register.today());
        draft.family = format!("{}-Esimerkki", draft.family);
        person::change(register, by, *id, card.version, &draft, &source)?;
    }
    let waiting = recall::list(register, by, &Filter { open: true, ..Filter::default() })?;
    for (place, waiting) in waiting.iter().enumerate().take(3) {
        recall::tell(register, by, waiting.id)?;
        recall::mark_sent(register, by, waiting.id)?;
        if place == 0 {
            recall::close(register, by, waiting.id, RecallState::Acknowledged, "kuitattu sähköpostilla")?;
        }
    }
    Ok(())
}
