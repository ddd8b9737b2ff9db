//! What visitors of a fictional web service chose in the last weeks.

use jiff::SignedDuration;
use seloste_domain::cookie::{
    ChoiceEnd, ChoiceWay, CookieChoice, EventKind, MONTHS, SettingDraft, Wording, asked, last_day, visitor,
    visitor_hash,
};
use seloste_domain::id::CookieChoiceId;
use seloste_domain::language::Language;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::cookie::{self as rows, NewEvent};
use seloste_store::log::Act;

use crate::error::Result;
use crate::register::{Register, local_date, start_of};

/// The web service of the demo.
const ORIGIN: &str = "https://www.example.com";
/// Visitors who allowed something.
const VISITORS: i64 = 90;
/// Over how many hours they are spread.
const HOURS: i64 = 11 * 7 * 24;

/// Sets the first company's web service and adds choices, some with an event, some taken back.
///
/// # Errors
/// The database can not be written.
pub(super) fn make(register: &Register, by: &Actor) -> Result<()> {
    let notice = register.notice()?;
    let asked = asked(&notice);
    let Some(company) = notice.companies().first().filter(|_| !asked.is_empty()) else { return Ok(()) };
    let draft = SettingDraft { origins: ORIGIN.into(), months: MONTHS.to_string() };
    crate::cookie::set(register, by, &company.id, 0, &draft)?;
    let usage = register.authorize(&Actor::Program("web_service"), Action::CookieChoose)?;
    let (now, company, wording) =
        (register.now(), company.id.clone(), Wording::new(&company.name, &asked, Language::Fi));
    register.db().write(&usage, move |w| {
        rows::keep_text(&mut w.plain().tx(), &wording.version(), wording.language, &wording.shown(), now)?;
        for number in 0..VISITORS {
            // More came lately than before, as when a shop has just opened.
            let hours = HOURS * (VISITORS - number) * (VISITORS - number) / (VISITORS * VISITORS) + 1;
            let given_at = now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(now);
            let env = w.env().clone();
            let (hash, id) = (visitor_hash(&visitor(env.bytes())), CookieChoiceId(env.id()));
            // Everybody allowed the first use, every third the others, too.
            let uses = asked.iter().enumerate().map(|(place, cookie)| (*cookie, place == 0 || number % 3 == 0));
            let choice = CookieChoice {
                id,
                company: company.clone(),
                origin: ORIGIN.into(),
                text: wording.version(),
                way: if number % 9 == 0 { ChoiceWay::Settings } else { ChoiceWay::Banner },
                despite_signal: false,
                uses: uses.collect(),
                given_at,
                expires_at: start_of(last_day(local_date(given_at), MONTHS)),
                ended: None,
            };
            let tx = &mut w.plain().tx();
            rows::insert(tx, &choice, &hash)?;
            for (kind, path) in [(EventKind::PageSeen, "/"), (EventKind::ProductSeen, "/tuotteet/kumisaapas")] {
                let event = NewEvent {
                    id: env.id(),
                    visitor: hash,
                    company: company.clone(),
                    origin: ORIGIN.into(),
                    kind,
                    path: path.into(),
                    at: now,
                };
                rows::add_event(tx, &event)?;
            }
            if number % 10 == 4 {
                rows::end(tx, id, ChoiceEnd::Withdrawn, now)?;
            }
        }
        w.log(Act::on(format!("company:{company}")))
    })?;
    Ok(())
}
