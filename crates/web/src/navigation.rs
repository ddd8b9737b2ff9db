//! The navigation: groups of pages in the order of the day's work, those that the person may open and that the notice has data for.

use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::rights::Action;

/// A page of the navigation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// The key of its text, also its name.
    pub(crate) key: &'static str,
    /// Its address.
    pub(crate) href: &'static str,
    right: Action,
    /// The kind of data that it is about: without it the notice has no such page.
    kind: Option<Kind>,
}

const fn page(key: &'static str, href: &'static str, right: Action) -> Page {
    Page { key, href, right, kind: None }
}

const fn page_of(kind: Kind, key: &'static str, href: &'static str, right: Action) -> Page {
    Page { key, href, right, kind: Some(kind) }
}

/// A group's key, and its pages.
const GROUPS: &[(&str, &[Page])] = &[
    ("nav-home", &[page("nav-home", "/", Action::PersonList)]),
    (
        "nav-customers",
        &[
            page("nav-people", "/people", Action::PersonList),
            page("nav-organisations", "/organisations", Action::OrganisationList),
            page_of(Kind::Email, "nav-mail", "/mail", Action::MailList),
            page("duplicates", "/duplicates", Action::DuplicateList),
            page_of(Kind::Tags, "tags", "/tags", Action::TagList),
        ],
    ),
    (
        "nav-sales",
        &[
            page_of(Kind::Orders, "nav-orders", "/orders", Action::OrderList),
            page_of(Kind::Orders, "nav-products", "/products", Action::ProductList),
        ],
    ),
    (
        "nav-billing",
        &[
            page_of(Kind::Orders, "nav-invoices", "/invoices", Action::InvoiceList),
            page_of(Kind::Orders, "nav-payments", "/payments", Action::PaymentList),
            page_of(Kind::Orders, "nav-overdue", "/overdue", Action::ReminderList),
            page_of(Kind::Credit, "nav-credit", "/credit", Action::CreditList),
        ],
    ),
    (
        "nav-sources",
        &[
            page("nav-imports", "/imports", Action::ImportList),
            page("proposals", "/proposals", Action::ProposalList),
            page("nav-feeds", "/feeds", Action::FeedList),
        ],
    ),
    (
        "nav-protection",
        &[
            page("nav-requests", "/requests", Action::RequestList),
            page("restrictions", "/restrictions", Action::RestrictionList),
            page("erasures", "/erasures", Action::ErasureList),
            page("canaries", "/canaries", Action::CanaryRun),
            page("consent-review", "/consents/review", Action::ConsentReview),
            page("nav-partners", "/partners", Action::PartnerList),
            page("tab-disclosures", "/disclosures", Action::DisclosureList),
            page("tab-recalls", "/recalls", Action::RecallList),
            page("tab-legal-requests", "/legal-requests", Action::LegalDisclose),
            page("nav-cookies", "/cookies", Action::CookieList),
            page("nav-notice", "/notices", Action::NoticeReview),
            page("nav-log", "/log", Action::LogRead),
        ],
    ),
    (
        "nav-settings",
        &[
            page("nav-users", "/users", Action::UserList),
            page_of(Kind::Orders, "billing", "/invoices/billing", Action::BillingChange),
            page_of(Kind::Credit, "nav-credit-services", "/credit/services", Action::CreditServiceList),
        ],
    ),
];

/// A group of the navigation with the pages that are there for somebody.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The key of its text: that of its page when it has only one.
    pub(crate) key: &'static str,
    /// Its pages, at least one.
    pub(crate) pages: Vec<Page>,
    /// Whether the page that is shown is one of them.
    pub(crate) is_here: bool,
}

impl Group {
    /// Where its link leads.
    pub(crate) fn href(&self) -> &'static str {
        self.pages.first().map_or("/", |page| page.href)
    }
}

/// The groups for somebody who has some rights, on the page of that name.
pub(crate) fn groups(here: &str, kinds: Kinds, may: impl Fn(Action) -> bool) -> Vec<Group> {
    let is_there = |page: &&Page| may(page.right) && page.kind.is_none_or(|kind| kinds.has(kind));
    let group = |(key, pages): &(&'static str, &'static [Page])| {
        let pages: Vec<Page> = pages.iter().filter(is_there).copied().collect();
        let key = if let [only] = pages.as_slice() { only.key } else { *key };
        (!pages.is_empty()).then(|| Group { key, is_here: pages.iter().any(|page| page.key == here), pages })
    };
    GROUPS.iter().filter_map(group).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_nobody_may_is_not_there_and_a_lonely_page_is_its_group() {
        let all = Kind::ALL.into_iter().collect();
        assert!(groups("nav-home", all, |_| false).is_empty());
        let found = groups("nav-log", all, |action| [Action::LogRead, Action::OrderList].contains(&action));
        let told: Vec<_> = found.iter().map(|group| (group.key, group.href(), group.is_here)).collect();
        assert_eq!(told, [("nav-orders", "/orders", false), ("nav-log", "/log", true)]);
        assert!(groups("", Kinds::default(), |action| action == Action::OrderList).is_empty());
    }

    #[test]
    fn every_page_is_there_once() {
        let pages: Vec<_> = GROUPS.iter().flat_map(|(_, pages)| pages.iter().map(|page| page.key)).collect();
        assert_eq!(pages.iter().collect::<HashSet<_>>().len(), pages.len());
    }
}
