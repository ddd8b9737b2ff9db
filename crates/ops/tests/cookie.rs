//! Cookie choices on both databases: no event without a choice that covers it (promise P12), and none that outlives it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use jiff::SignedDuration;
use seloste_domain::cookie::{ChoiceDraft, EventKind, MOST_EVENTS, SettingDraft};
use seloste_domain::id::CompanyId;
use seloste_domain::language::Language;
use seloste_domain::notice::CookieUse;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::cookie::{self, Chosen, CookieRefused, Site};
use seloste_ops::{OpsError, StoreError, log, notice};
use seloste_testkit::raw::Raw;
use seloste_testkit::{NOTICE, TestRegister, each_database, samples};

const ORIGIN: &str = "https://www.example.com";
const BOTH: [CookieUse; 2] = [CookieUse::Statistics, CookieUse::TargetedContent];

fn actor() -> Actor {
    TestRegister::operator()
}

fn company() -> CompanyId {
    samples::COMPANY.parse().unwrap()
}

fn set(test: &TestRegister, version: i64, origins: &str) {
    let draft = SettingDraft { origins: origins.into(), months: String::new() };
    cookie::set(test, &actor(), &company(), version, &draft).unwrap();
}

fn site(test: &TestRegister) -> Site {
    cookie::site(test, samples::COMPANY, ORIGIN).unwrap()
}

fn draft(test: &TestRegister, allowed: &[CookieUse]) -> ChoiceDraft {
    let text = cookie::wording(test, samples::COMPANY, Language::Sv).unwrap().version();
    ChoiceDraft { allowed: allowed.to_vec(), text, way: "banner".into(), has_signal: false }
}

fn choose(test: &TestRegister, allowed: &[CookieUse], before: Option<&str>) -> Chosen {
    cookie::choose(test, &site(test), &draft(test, allowed), before).unwrap()
}

fn tell(test: &TestRegister, visitor: &str, kind: EventKind) -> Result<(), OpsError> {
    cookie::tell(test, &site(test), visitor, kind, "/tuotteet/saapas")
}

#[expect(clippy::panic, reason = "what was not refused is a failed test")]
fn refused<T: std::fmt::Debug>(outcome: Result<T, OpsError>) -> CookieRefused {
    match outcome {
        Err(OpsError::Cookie(why)) => why,
        other => panic!("it was not refused: {other:?}"),
    }
}

fn count(test: &TestRegister, table: &str) -> usize {
    Raw::open(&test.db().settings().place).rows(&format!("SELECT register_id FROM {table}")).len()
}

fn actions(test: &TestRegister) -> Vec<String> {
    let entries = log::newest(test, &actor(), None, 50).unwrap();
    let own = entries.into_iter().filter(|entry| entry.action.starts_with("cookie."));
    own.map(|entry| format!("{} {}", entry.action, entry.fields.join("+"))).collect()
}

#[test]
fn an_event_needs_a_choice_that_covers_it_and_goes_with_it() {
    each_database(|place| {
        let test = TestRegister::create(place);
        set(&test, 0, ORIGIN);
        // Nobody has chosen: whatever number is invented, nothing is kept.
        for visitor in ["", "0123456789abcdef0123456789abcdef"] {
            assert_eq!(refused(tell(&test, visitor, EventKind::PageSeen)), CookieRefused::NotCovered);
        }
        let chosen = choose(&test, &[CookieUse::Statistics], None);
        let visitor = chosen.visitor.as_str();
        assert_eq!(visitor.len(), 32);
        tell(&test, visitor, EventKind::PageSeen).unwrap();
        cookie::tell(&test, &site(&test), visitor, EventKind::OrderSent, "/tilaus/10004711/kiitos").unwrap();
        // What was refused is not kept, nor what happens before the choice by a clock that was set back.
        assert_eq!(refused(tell(&test, visitor, EventKind::ProductSeen)), CookieRefused::NotCovered);
        test.clock().advance(-SignedDuration::from_hours(1));
        assert_eq!(refused(tell(&test, visitor, EventKind::PageSeen)), CookieRefused::NotCovered);
        test.clock().advance(SignedDuration::from_hours(2));
        let proof = cookie::proof(&test, &actor(), visitor).unwrap();
        let events: Vec<_> = proof.events.iter().map(|event| (event.kind, event.path.as_str())).collect();
        assert_eq!(events, [("page_seen", "/tuotteet/saapas"), ("order_sent", "/tilaus/*/kiitos")]);
        assert_eq!(proof.uses, [("statistics", true), ("targeted_content", false)]);
        assert!(proof.language == "sv" && proof.text.contains("kakor"), "{}", proof.text);
        assert_eq!((proof.way, proof.origin.as_str(), proof.ended), ("banner", ORIGIN, None));

        // Taken back: the events are gone with it, and nothing more comes. Taking back twice, or by an invented number, changes nothing.
        cookie::withdraw(&test, &site(&test), "0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(count(&test, "cookie_event"), 2);
        cookie::withdraw(&test, &site(&test), visitor).unwrap();
        assert_eq!(count(&test, "cookie_event"), 0);
        cookie::withdraw(&test, &site(&test), visitor).unwrap();
        assert_eq!(refused(tell(&test, visitor, EventKind::PageSeen)), CookieRefused::NotCovered);
        let proof = cookie::proof(&test, &actor(), visitor).unwrap();
        assert_eq!(proof.ended.unwrap().0, "withdrawn");
        assert!(proof.events.is_empty() && proof.uses[0].1, "what was allowed stays known: the proof of the past");
        assert_eq!(actions(&test).iter().filter(|action| action.starts_with("cookie.withdraw")).count(), 1);
        assert!(actions(&test).contains(&"cookie.choose statistics".to_owned()), "{:?}", actions(&test));
    });
}

#[test]
fn the_database_itself_takes_no_event_that_is_not_covered_and_lets_no_cover_go_from_under_one() {
    each_database(|place| {
        let test = TestRegister::create(place);
        set(&test, 0, ORIGIN);
        let chosen = choose(&test, &[CookieUse::Statistics], None);
        tell(&test, &chosen.visitor, EventKind::PageSeen).unwrap();
        let mut raw = Raw::open(&test.db().settings().place);
        // A copy of the event that says it is for the use that was refused, or that it is not covered, and the end of the cover.
        let columns = "register_id, event_id, choice_id, cookie_use, covers, company_id, kind, path, at";
        let copied = |of: &str| format!("INSERT INTO cookie_event ({columns}) SELECT {of} FROM cookie_event");
        let id = raw.id(&"0".repeat(32));
        for statement in [
            copied(&format!("register_id, {id}, choice_id, 'targeted_content', 1, company_id, kind, path, at")),
            copied(&format!("register_id, {id}, choice_id, 'targeted_content', 0, company_id, kind, path, at")),
            copied(&format!("register_id, {id}, {id}, cookie_use, 1, company_id, kind, path, at")),
            "UPDATE cookie_choice_use SET covers = 0 WHERE cookie_use = 'statistics'".to_owned(),
            "UPDATE cookie_choice_use SET covers = 1 WHERE cookie_use = 'targeted_content'".to_owned(),
            "DELETE FROM cookie_choice_use".to_owned(),
        ] {
            assert!(raw.refuses(&statement), "{statement}");
        }
        assert_eq!(count(&test, "cookie_event"), 1);
    });
}

#[test]
fn a_choice_ends_by_time_by_a_new_one_by_its_web_service_and_by_the_notice() {
    each_database(|place| {
        let test = TestRegister::create(place);
        set(&test, 0, ORIGIN);
        let first = choose(&test, &BOTH, None);
        tell(&test, &first.visitor, EventKind::ProductSeen).unwrap();
        let second = choose(&test, &[CookieUse::Statistics], Some(&first.visitor));
        assert_ne!(first.visitor, second.visitor);
        assert_eq!(count(&test, "cookie_event"), 0, "what the first allowed is gone");
        assert_eq!(refused(tell(&test, &first.visitor, EventKind::PageSeen)), CookieRefused::NotCovered);
        tell(&test, &second.visitor, EventKind::PageSeen).unwrap();
        assert_eq!(cookie::end_due(&test).unwrap(), 0);

        // Its last day comes: nothing is covered from that moment, whether the runner was there or not.
        test.clock().set(second.choice.expires_at);
        assert_eq!(refused(tell(&test, &second.visitor, EventKind::PageSeen)), CookieRefused::NotCovered);
        assert_eq!(count(&test, "cookie_event"), 1);
        assert_eq!(cookie::end_due(&test).unwrap(), 1);
        assert_eq!(count(&test, "cookie_event"), 0);
        assert_eq!(cookie::proof(&test, &actor(), &second.visitor).unwrap().ended.unwrap().0, "expired");

        // A web service that is taken away takes its choices along: nobody could take them back there.
        let third = choose(&test, &BOTH, None);
        tell(&test, &third.visitor, EventKind::BasketFilled).unwrap();
        set(&test, 1, "https://toinen.example.com");
        assert_eq!(count(&test, "cookie_event"), 0);
        assert_eq!(refused(cookie::site(&test, samples::COMPANY, ORIGIN)), CookieRefused::Origin);
        set(&test, 2, ORIGIN);
        assert_eq!(refused(tell(&test, &third.visitor, EventKind::PageSeen)), CookieRefused::NotCovered);

        // A notice that declares a use no longer.
        let fourth = choose(&test, &BOTH, None);
        tell(&test, &fourth.visitor, EventKind::ProductSeen).unwrap();
        tell(&test, &fourth.visitor, EventKind::PageSeen).unwrap();
        let fewer = NOTICE.replace("\"statistics\", \"targeted_content\"]\nconsent", "\"statistics\"]\nconsent");
        notice::publish(&test, &actor(), &fewer.replacen("version = 1", "version = 2", 1), 1).unwrap();
        assert_eq!(refused(tell(&test, &fourth.visitor, EventKind::ProductSeen)), CookieRefused::Undeclared);
        cookie::end_due(&test).unwrap();
        assert_eq!(count(&test, "cookie_event"), 1);

        // The proof goes a year after a choice has ended.
        assert_eq!(count(&test, "cookie_choice"), 4);
        test.clock().advance(SignedDuration::from_hours(24 * 367));
        cookie::end_due(&test).unwrap();
        assert_eq!(count(&test, "cookie_choice"), 1, "the fourth has just ended by its time");
        assert!(matches!(
            cookie::proof(&test, &actor(), &first.visitor),
            Err(OpsError::Store(StoreError::NotFound(_)))
        ));
    });
}

#[test]
fn what_can_not_be_chosen_is_refused_and_leaves_nothing() {
    each_database(|place| {
        let test = TestRegister::create(place);
        assert_eq!(refused(cookie::site(&test, samples::COMPANY, ORIGIN)), CookieRefused::Origin);
        set(&test, 0, ORIGIN);
        for origin in
            ["", "null", "https://www.example.com.evil.example", "http://www.example.com", "https://WWW.EXAMPLE.COM"]
        {
            assert_eq!(refused(cookie::site(&test, samples::COMPANY, origin)), CookieRefused::Origin, "{origin}");
        }
        assert!(matches!(cookie::site(&test, "nobody", ORIGIN), Err(OpsError::Store(StoreError::NotFound(_)))));
        let site = site(&test);
        let of = |draft: ChoiceDraft| refused(cookie::choose(&test, &site, &draft, None));
        let good = draft(&test, &BOTH);
        assert_eq!(of(ChoiceDraft { allowed: Vec::new(), ..good.clone() }), CookieRefused::NothingAllowed);
        assert_eq!(of(ChoiceDraft { allowed: vec![CookieUse::Necessary], ..good.clone() }), CookieRefused::Undeclared);
        assert_eq!(of(ChoiceDraft { text: "0".repeat(64), ..good.clone() }), CookieRefused::OtherText);
        assert_eq!(of(ChoiceDraft { has_signal: true, ..good.clone() }), CookieRefused::Signal);
        assert_eq!((count(&test, "cookie_choice"), count(&test, "cookie_text")), (0, 0));
        let own = ChoiceDraft { has_signal: true, way: "settings".into(), ..good };
        let chosen = cookie::choose(&test, &site, &own, None).unwrap();
        assert!(cookie::proof(&test, &actor(), &chosen.visitor).unwrap().despite_signal);

        // Paths that say something of somebody, or are none.
        for path in ["", "tuotteet", "/haku?q=maija", "/a#b"] {
            assert!(matches!(
                cookie::tell(&test, &site, &chosen.visitor, EventKind::PageSeen, path),
                Err(OpsError::Fields(_))
            ));
        }
        assert_eq!(count(&test, "cookie_event"), 0);
        // There is an end to what one visitor may fill.
        let filled = format!("UPDATE cookie_choice SET events = {}", MOST_EVENTS - 1);
        Raw::open(&test.db().settings().place).run(&filled);
        tell(&test, &chosen.visitor, EventKind::PageSeen).unwrap();
        assert_eq!(refused(tell(&test, &chosen.visitor, EventKind::PageSeen)), CookieRefused::Full);
        assert_eq!(count(&test, "cookie_event"), 1);
    });
}

#[test]
fn staff_see_counts_and_only_those_who_may_set_and_prove() {
    each_database(|place| {
        let test = TestRegister::create(place);
        set(&test, 0, &format!("{ORIGIN}\nhttp://127.0.0.1:8090"));
        let chosen = choose(&test, &BOTH, None);
        tell(&test, &chosen.visitor, EventKind::PageSeen).unwrap();
        choose(&test, &[CookieUse::Statistics], None);
        cookie::withdraw(&test, &site(&test), &choose(&test, &[CookieUse::Statistics], None).visitor).unwrap();
        let marketing = test.actor(Role::Marketing);
        let seen = cookie::overview(&test, &marketing).unwrap();
        assert_eq!(seen.in_force, [(CookieUse::Statistics, 2), (CookieUse::TargetedContent, 1)]);
        assert_eq!(seen.kinds[0], (EventKind::PageSeen, 1));
        assert_eq!(seen.weeks.len(), 12);
        let week = seen.weeks.last().unwrap();
        assert_eq!((&week.given[..], week.withdrawn), (&[(BOTH[0], 3), (BOTH[1], 1)][..], 1));
        assert_eq!(week.monday.weekday(), jiff::civil::Weekday::Monday);
        // Of one company nothing is told to staff of another; nor may they set or prove.
        let other = test.actor_in(Role::DataProtection, "verkkokauppa");
        let seen = cookie::overview(&test, &other).unwrap();
        assert!(seen.in_force.iter().all(|(_, count)| *count == 0) && seen.kinds.iter().all(|(_, count)| *count == 0));
        assert!(cookie::setting(&test, &other, &company()).is_err());
        assert!(cookie::set(&test, &other, &company(), 1, &SettingDraft::default()).is_err());
        assert!(cookie::proof(&test, &other, &chosen.visitor).is_err());
        for role in [Role::Reader, Role::Office, Role::Marketing, Role::Auditor] {
            let actor = test.actor(role);
            assert!(cookie::set(&test, &actor, &company(), 1, &SettingDraft::default()).is_err(), "{role}");
            assert!(cookie::proof(&test, &actor, &chosen.visitor).is_err(), "{role}");
        }
        // Two who change at the same time: the later one is told.
        let conflict = cookie::set(&test, &actor(), &company(), 0, &SettingDraft::default());
        assert!(matches!(conflict, Err(OpsError::Store(StoreError::Conflict { .. }))), "{conflict:?}");
        // The number itself is nowhere in the database: who reads it can not speak for a visitor.
        let mut raw = Raw::open(&test.db().settings().place);
        let hashes = raw.rows("SELECT visitor_hash FROM cookie_choice");
        assert!(!hashes.iter().flatten().any(|hash| hash.contains(&chosen.visitor)));
    });
}
