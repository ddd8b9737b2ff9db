//! Erasing a person (Art. 17; promise P16): what would go now and what stays until when, because of what, as a plan that is
//! shown before the act; and the statement of what was done, which becomes the receipt.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::hold::{Hold, InvoiceFacts};
use crate::id::{ErasureId, PartyId, PersonId, RegisterId, RequestId};
use crate::rights::Action;
use crate::word::words;

/// What a statement begins with, so that no other signed text can be taken for one.
pub const FORMAT: &str = "seloste-erasure/1";

words! {
    /// A kind of what is stored about a person, as plan and receipt name it.
    Part {
        /// Name, addresses, numbers, tags: every value of the card, with its source.
        Details = "details",
        /// The organisations that they represent.
        Organisations = "organisations",
        /// What stood before each change, letters and notes: sealed under the person's key, which goes with it.
        History = "history",
        /// Orders with their lines and delivery addresses.
        Orders = "orders",
        /// Invoices that were being written.
        Drafts = "drafts",
        /// Invoices and credit notes that were sent.
        Invoices = "invoices",
        /// Who paid, and what was noted of it.
        Payments = "payments",
        /// What reminders and demands said, and why claims were disputed.
        Reminders = "reminders",
        /// Credit applications, and what was answered about them.
        Credit = "credit",
        /// Messages that were sent or wait, with their files.
        Mail = "mail",
        /// What sources proposed to change.
        Proposals = "proposals",
        /// What was forbidden, and restrictions of processing.
        Prohibitions = "prohibitions",
        /// What was consented to, and what was noted of sales to an existing customer.
        Consents = "consents",
        /// Records that were merged into this one.
        Merged = "merged",
        /// What imports, interfaces and lists remember of the person so that they can be undone.
        Traces = "traces",
        /// Files on disk that name the person.
        Files = "files",
    }
}

/// What is known of a person when the plan is made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// How much there is of each part; parts of which there is nothing may be missing.
    pub counts: Vec<(Part, i64)>,
    /// The sent invoices.
    pub invoices: Vec<InvoiceFacts>,
    /// What keeps all of the person's data: [`crate::hold::HoldGround::keeps_all`].
    pub holds: Vec<Hold>,
    /// How many partners have received data and are told (Art. 19).
    pub recipients: i64,
}

/// What becomes of a part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Which part.
    pub part: Part,
    /// How much of it goes at once.
    pub gone: i64,
    /// How much of it stays.
    pub stays: i64,
}

/// What would go now and what stays.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Part by part, those of which there is something.
    pub lines: Vec<Line>,
    /// What stands in the way, those first that keep all.
    pub holds: Vec<Hold>,
    /// How many partners are told (Art. 19).
    pub recipients: i64,
}

impl Plan {
    /// The plan of what is known on `today`. It is the same whenever the facts are the same.
    #[must_use]
    pub fn of(facts: &Facts, today: Date) -> Self {
        let mut holds = facts.holds.clone();
        let all = holds.iter().any(|hold| hold.ground.keeps_all());
        let mut kept = 0;
        for invoice in &facts.invoices {
            let of_invoice = invoice.holds(today);
            kept += i64::from(!of_invoice.is_empty());
            holds.extend(of_invoice);
        }
        holds.sort_by(|a, b| {
            (!a.ground.keeps_all(), a.ground, &a.name, &a.object).cmp(&(
                !b.ground.keeps_all(),
                b.ground,
                &b.name,
                &b.object,
            ))
        });
        let lines = Part::ALL.iter().filter_map(|part| {
            let count = match part {
                Part::Invoices => i64::try_from(facts.invoices.len()).unwrap_or(i64::MAX),
                _ => facts.counts.iter().filter(|(of, _)| of == part).map(|(_, count)| count).sum(),
            };
            let stays = match part {
                _ if all => count,
                Part::Invoices => kept,
                _ => 0,
            };
            (count > 0).then_some(Line { part: *part, gone: count - stays, stays })
        });
        Self { lines: lines.collect(), holds, recipients: facts.recipients }
    }

    /// Whether something stands in the way of all of it: then nothing can be erased yet.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.holds.iter().any(|hold| hold.ground.keeps_all())
    }

    /// Whether all that keeps all of it ends in the course of business: nobody has to decide anything.
    #[must_use]
    pub fn ends_by_itself(&self) -> bool {
        self.holds.iter().all(|hold| hold.ground.ends_by_itself())
    }

    /// Whether something stays.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.lines.iter().any(|line| line.stays > 0)
    }

    /// When the last of what stays can go; none: that is not known yet, or nothing stays.
    #[must_use]
    pub fn until(&self) -> Option<Date> {
        let known = self.holds.iter().all(|hold| hold.until.is_some());
        self.holds.iter().filter_map(|hold| hold.until).max().filter(|_| known)
    }

    /// What names this plan and no other: SHA-256 of its JSON, in hexadecimal, shortened to 128 bits. Who carries a plan out says
    /// which one they were shown, and is refused when it is not the plan any more.
    #[must_use]
    pub fn version(&self) -> String {
        // A plan is plain data, which can always be written.
        let json = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(json)).chars().take(32).collect()
    }
}

/// What stays and why, as a receipt tells it: no number of an invoice, no id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// [`crate::hold::HoldGround::as_str`].
    pub ground: String,
    /// The article and the law behind it.
    pub article: String,
    /// How many things.
    pub count: i64,
    /// Until that day; none: until it is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// What one step of an erasure did. It names nobody and holds no value; its hash stands in the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// [`FORMAT`].
    pub format: String,
    /// Whose register.
    pub register: RegisterId,
    /// Which erasure.
    pub erasure: ErasureId,
    /// 1 for the act, then one for each time that something that had stayed went.
    pub step: i64,
    /// When.
    pub at: jiff::Timestamp,
    /// The ids under which the person was known: of the record and of those that were merged into it.
    pub subjects: Vec<Uuid>,
    /// Whether the person had asked for it.
    pub at_request: bool,
    /// How much went and how much of it stays, by part.
    pub gone: Vec<Line>,
    /// What stays.
    pub stays: Vec<Kept>,
    /// How many partners are told (Art. 19).
    pub recipients: i64,
    /// 128 random bits: nobody can find out by trying what a statement said of which only the hash is known.
    pub nonce: String,
}

impl Statement {
    /// What stays, counted by ground and day.
    #[must_use]
    pub fn kept(holds: &[Hold]) -> Vec<Kept> {
        let mut all: Vec<Kept> = Vec::new();
        for hold in holds {
            let (ground, article) = (hold.ground.as_str(), hold.ground.article());
            match all.iter_mut().find(|kept| kept.ground == ground && kept.until == hold.until) {
                Some(kept) => kept.count += 1,
                None => all.push(Kept { ground: ground.into(), article: article.into(), count: 1, until: hold.until }),
            }
        }
        all
    }

    /// Whether nothing stays.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.stays.is_empty()
    }
}

/// An erasure that was decided while something kept all of the person's data. It is carried out by itself, by the plan of that
/// moment, as soon as nothing does, unless it is taken back before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Who is erased then.
    pub person: PersonId,
    /// The request that it answers.
    pub request: Option<RequestId>,
    /// Whether the person asked for it.
    pub at_request: bool,
    /// What stood in the way when it was decided.
    pub holds: Vec<Hold>,
    /// Who decided, as the log names them.
    pub decided_by: String,
    /// When.
    pub decided_at: jiff::Timestamp,
}

/// An erasure as its page tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// The id of who was erased. Nothing else is left of them, save what a law keeps.
    pub party: PartyId,
    /// Whether nothing is left.
    pub is_whole: bool,
    /// Whether the person had asked for it.
    pub at_request: bool,
    /// Who carried it out, as the log names them.
    pub made_by: String,
    /// When.
    pub made_at: jiff::Timestamp,
    /// What still stands in the way.
    pub holds: Vec<Hold>,
    /// How many receipts there are.
    pub steps: i64,
}

/// Whether an action goes on with what is left of an erased person: the right to erase, and money, which is booked whoever paid
/// it. For every other action it is not there.
#[must_use]
pub const fn sees_remains(action: Action) -> bool {
    matches!(
        action,
        Action::ErasureList
            | Action::ErasureRun
            | Action::ErasureResume
            | Action::PaymentList
            | Action::PaymentImport
            | Action::PaymentEnter
            | Action::PaymentPlace
            | Action::PaymentUndo
            | Action::CollectionEnd
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::hold::HoldGround;
    use crate::id::InvoiceId;
    use crate::invoice::InvoiceKind;
    use crate::money::Cents;

    fn invoice(day: Date, open: i64) -> InvoiceFacts {
        InvoiceFacts {
            id: InvoiceId(Uuid::nil()),
            number: day.to_string(),
            kind: InvoiceKind::Invoice,
            date: day,
            open: Cents(open),
            moved: None,
            case: None,
        }
    }

    fn held(ground: HoldGround) -> Hold {
        Hold { ground, object: "order:1".into(), name: "1".into(), until: None, review: None }
    }

    const TODAY: Date = date(2026, 11, 28);

    #[test]
    fn all_goes_but_what_a_law_keeps() {
        let facts = Facts {
            counts: vec![(Part::Details, 6), (Part::Orders, 2), (Part::Credit, 0)],
            invoices: vec![invoice(date(2019, 5, 1), 0), invoice(date(2024, 5, 1), 0), invoice(date(2015, 1, 1), 900)],
            ..Facts::default()
        };
        let plan = Plan::of(&facts, TODAY);
        let lines: Vec<_> = plan.lines.iter().map(|line| (line.part, line.gone, line.stays)).collect();
        assert_eq!(lines, [(Part::Details, 6, 0), (Part::Orders, 2, 0), (Part::Invoices, 1, 2)]);
        assert!(plan.is_partial() && !plan.is_held());
        // An open claim has no end that is known.
        assert_eq!(plan.until(), None);
        let paid = Facts { invoices: vec![invoice(date(2024, 5, 1), 0)], ..facts.clone() };
        assert_eq!(Plan::of(&paid, TODAY).until(), Some(date(2030, 12, 31)));
        assert_eq!(Plan::of(&paid, date(2031, 1, 1)).holds, []);
    }

    #[test]
    fn what_keeps_all_keeps_all() {
        for ground in HoldGround::ALL.iter().copied().filter(|ground| ground.keeps_all()) {
            let facts = Facts {
                counts: vec![(Part::Details, 6)],
                invoices: vec![invoice(date(2010, 1, 1), 0)],
                holds: vec![held(ground)],
                ..Facts::default()
            };
            let plan = Plan::of(&facts, TODAY);
            assert!(plan.is_held() && plan.lines.iter().all(|line| line.gone == 0 && line.stays > 0), "{ground}");
        }
    }

    #[test]
    fn a_claim_does_not_end_by_itself() {
        let plan = |grounds: &[HoldGround]| {
            let holds = grounds.iter().copied().map(held).collect();
            Plan::of(&Facts { holds, invoices: vec![invoice(date(2024, 5, 1), 900)], ..Facts::default() }, TODAY)
        };
        assert!(plan(&[HoldGround::OpenOrder, HoldGround::CreditPending]).ends_by_itself());
        for claim in [HoldGround::LegalClaim, HoldGround::RestrictedForClaims] {
            assert!(!plan(&[HoldGround::OpenOrder, claim]).ends_by_itself(), "{claim}");
        }
    }

    #[test]
    fn a_plan_is_known_by_its_version() {
        let facts = Facts { counts: vec![(Part::Details, 6)], ..Facts::default() };
        let plan = Plan::of(&facts, TODAY);
        assert_eq!(plan.version(), Plan::of(&facts, TODAY).version());
        assert_eq!(plan.version().len(), 32);
        let more = Facts { counts: vec![(Part::Details, 7)], ..facts.clone() };
        let hold = Facts { holds: vec![held(HoldGround::LegalClaim)], ..facts };
        assert_ne!(plan.version(), Plan::of(&more, TODAY).version());
        assert_ne!(plan.version(), Plan::of(&hold, TODAY).version());
    }

    #[test]
    fn a_receipt_counts_what_stays_and_names_nothing() {
        let until = Some(date(2032, 12, 31));
        let hold = |name: &str, until| Hold { name: name.into(), until, ..held(HoldGround::Accounting) };
        let kept =
            Statement::kept(&[hold("2026-1", until), hold("2026-2", until), hold("2025-1", Some(date(2031, 12, 31)))]);
        assert_eq!(kept.iter().map(|kept| kept.count).collect::<Vec<_>>(), [2, 1]);
        assert!(!serde_json::to_string(&kept).unwrap().contains("2026-1"));
    }
}
