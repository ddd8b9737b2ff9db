//! What an address says of a list, and what is wrong with it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use seloste_domain::field::code;
use seloste_domain::kind::Kind;
use seloste_domain::list::{ListOf, ListQuery, Sort};
use seloste_domain::money::Cents;
use seloste_domain::notice::{self, Notice};
use seloste_domain::order::OrderState;

const EXAMPLE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

fn parts(address: &str) -> Vec<(String, String)> {
    let pairs = address.split('&').filter(|part| !part.is_empty());
    pairs.map(|part| part.split_once('=').unwrap_or((part, ""))).map(|(n, v)| (n.into(), v.into())).collect()
}

fn read(of: ListOf, address: &str) -> (ListQuery, Vec<(String, &'static str)>) {
    let (query, errors) = ListQuery::read(of, &parts(address), &Notice::parse(EXAMPLE).unwrap());
    (query, errors.0.into_iter().map(|error| (error.field, error.code)).collect())
}

#[test]
fn what_an_address_says_is_read_and_written_back() {
    for (of, address) in [
        (ListOf::People, ""),
        (ListOf::People, "sort=changed"),
        (ListOf::People, "sort=created&order=asc&company=arjasmaa&town=Turku&postal_code=20&has=email&lacks=telephone"),
        (ListOf::People, "source=registration&changed_from=2026-01-02&changed_until=2026-01-02"),
        (ListOf::People, "tag=kanta-asiakas&organisation=0198a3a0-0000-7000-8000-000000000001&created_from=2026-01-01"),
        (ListOf::Organisations, "order=desc&business_id=no"),
        (ListOf::Orders, "sort=total&order=asc&state=draft&from=2026-01-01&until=2026-12-31&total_from=10.00"),
        (ListOf::Orders, "state=all&total_until=1234.56"),
    ] {
        let (query, errors) = read(of, address);
        assert_eq!(errors, [], "{address}");
        let written: Vec<String> = query.parts().iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(written.join("&"), address);
    }
}

#[test]
fn what_is_usual_and_what_belongs_to_the_page_is_left_out() {
    let (query, errors) = read(ListOf::People, "sort=name&order=asc&company=&town=%20&after=x&before=&q=a&town= ");
    assert_eq!((query.parts(), errors.len()), (vec![("town", "%20".to_owned())], 0));
    let (query, _) = read(ListOf::Orders, "");
    assert_eq!((query.sort, query.descending, query.is_filtered()), (Sort::Day, true, false));
}

#[test]
fn values_are_read_as_people_write_them() {
    let (query, errors) = read(ListOf::Orders, "from=1.2.2026&until=2026-02-28&total_from=1 234,50&total_until=2000");
    assert_eq!(errors, []);
    assert_eq!(query.day.from.unwrap().to_string(), "2026-02-01");
    assert_eq!((query.total.from, query.total.until), (Some(Cents(123_450)), Some(Cents(200_000))));
    assert_eq!(read(ListOf::Orders, "state=delivered").0.state, Some(OrderState::Delivered));
}

#[test]
fn what_is_wrong_is_told_by_name_and_the_rest_is_kept() {
    for (of, address, field, wrong) in [
        (ListOf::People, "shoe_size=43", "filter", code::LIST_FILTER_UNKNOWN),
        (ListOf::People, "state=draft", "state", code::LIST_FILTER_UNKNOWN),
        (ListOf::Orders, "town=Turku", "town", code::LIST_FILTER_UNKNOWN),
        (ListOf::Organisations, "organisation=x", "organisation", code::LIST_FILTER_UNKNOWN),
        (ListOf::People, "organisation=x", "organisation", code::CHOICE_UNKNOWN),
        (ListOf::People, "sort=total", "sort", code::CHOICE_UNKNOWN),
        (ListOf::People, "order=up", "order", code::CHOICE_UNKNOWN),
        (ListOf::People, "company=nobody", "company", code::COMPANY_UNKNOWN),
        (ListOf::People, "source=nobody", "source", code::CHOICE_UNKNOWN),
        (ListOf::People, "town=a\0b", "town", code::CONTROL_CHARACTER),
        (ListOf::People, "has=name", "has", code::CHOICE_UNKNOWN),
        (ListOf::People, "tag=Ääni", "tag", code::CHOICE_UNKNOWN),
        (ListOf::Orders, "tag=vip", "tag", code::LIST_FILTER_UNKNOWN),
        (ListOf::People, "has=email&lacks=email", "lacks", code::LIST_CONTRADICTION),
        (ListOf::People, "changed_from=yesterday", "changed_from", code::DATE_INVALID),
        (ListOf::People, "town=Turku&town=Oulu", "town", code::LIST_REPEATED),
        (ListOf::People, "created_from=2026-02-02&created_until=2026-02-01", "created_until", code::DATE_ORDER),
        (ListOf::Orders, "from=2026-02-02&until=2026-02-01", "until", code::DATE_ORDER),
        (ListOf::Orders, "state=lost", "state", code::ORDER_STATE_UNKNOWN),
        (ListOf::Orders, "total_from=many", "total_from", code::AMOUNT_INVALID),
        (ListOf::Orders, "total_from=2&total_until=1", "total_until", code::LIST_SUM_ORDER),
    ] {
        let address = format!("company=arjasmaa&{address}").replace("company=arjasmaa&company", "company");
        let (query, errors) = read(of, &address);
        assert_eq!(errors, [(field.to_owned(), wrong)], "{address}");
        assert!(query.company.is_some() || wrong == code::COMPANY_UNKNOWN, "{address}");
    }
    let many = vec!["has=email"; 41].join("&");
    assert_eq!(read(ListOf::People, &many).1, [("filter".to_owned(), code::TOO_MANY)]);
    let long = format!("town={}", "a".repeat(101));
    assert_eq!(read(ListOf::People, &long).1, [("town".to_owned(), code::TOO_LONG)]);
}

#[test]
fn a_filter_of_an_undeclared_kind_is_refused() {
    let without = |kind| Notice::parse(&notice::without_kind(EXAMPLE, kind)).unwrap();
    for (kind, address) in [
        (Kind::PostalAddress, "town=Turku"),
        (Kind::PostalAddress, "postal_code=20100"),
        (Kind::PostalAddress, "has=postal_address"),
        (Kind::PostalAddress, "lacks=postal_address"),
        (Kind::Tags, "tag=vip"),
    ] {
        let without = without(kind);
        let (query, errors) = ListQuery::read(ListOf::People, &parts(address), &without);
        assert_eq!(errors.0.first().map(|error| error.code), Some(code::UNDECLARED), "{address}");
        assert!(!query.is_filtered(), "{address}");
    }
}
