//! A form that is sent twice adds one person, one organisation; a changed one is told; on both databases.

use seloste_domain::id::{OrganisationId, PersonId};
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::Role;
use seloste_ops::person::Created;
use seloste_ops::{organisation, person};
use seloste_testkit::{TestRegister, each_database, samples};

#[test]
fn a_form_that_is_sent_twice_adds_one_person() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor, source) = (test.register(), TestRegister::operator(), TestRegister::source());
        let id = PersonId(register.db().env().id());
        let send = |draft: &PersonDraft| person::create_once(register, &actor, id, draft, &source).unwrap();
        let draft = samples::representative(1, "Kahdesti Oy");
        assert_eq!((send(&draft), send(&draft)), (Created::New, Created::Before));
        assert_eq!(person::count(register, &actor).unwrap(), 1);
        assert_eq!(organisation::count(register, &actor).unwrap(), 1, "nor is the organisation added twice");

        // Changed after going back in the browser: not lost, not taken for the same, and nothing is changed by it.
        let before = person::show(register, &actor, id).unwrap().person;
        for changed in [
            PersonDraft { family: "Toinen".into(), ..draft.clone() },
            PersonDraft { emails: Vec::new(), ..draft.clone() },
            PersonDraft { title: "Toinen".into(), ..draft.clone() },
            PersonDraft { organisation: None, title: String::new(), ..draft.clone() },
            PersonDraft { companies: vec!["verkkokauppa".into()], ..draft.clone() },
            PersonDraft { protected_address: true, ..draft.clone() },
        ] {
            assert_eq!(send(&changed), Created::Differs, "{changed:?}");
        }
        assert_eq!(person::show(register, &actor, id).unwrap().person.version, before.version);

        // Whom one may not see is not told of either.
        let elsewhere = test.actor_in(Role::Office, "verkkokauppa");
        let theirs = PersonDraft { companies: vec!["verkkokauppa".into()], ..draft };
        assert!(person::create_once(register, &elsewhere, id, &theirs, &source).is_err());
        assert_eq!(person::count(register, &actor).unwrap(), 1);
    });
}

#[test]
fn a_form_that_is_sent_twice_adds_one_organisation() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (register, actor, source) = (test.register(), TestRegister::operator(), TestRegister::source());
        let id = OrganisationId(register.db().env().id());
        let mut draft = samples::organisation(1);
        let first = organisation::create_once(register, &actor, id, &draft, &source).unwrap();
        let second = organisation::create_once(register, &actor, id, &draft, &source).unwrap();
        assert_eq!((first, second), (Created::New, Created::Before));
        draft.name.push_str(" toinen");
        let third = organisation::create_once(register, &actor, id, &draft, &source).unwrap();
        assert_eq!(third, Created::Differs);
        assert_eq!(organisation::count(register, &actor).unwrap(), 1);
    });
}
