//! Changes, as the pages of history and of conflicts tell them.

use seloste_domain::format;
use seloste_domain::history::{Change, PartyChange};
use seloste_domain::id::CompanyId;
use seloste_domain::mirror::MirroredInvoice;
use seloste_domain::order::Order;
use seloste_domain::person::Representation;
use seloste_domain::value::StoredValue;
use seloste_ops::Register;
use seloste_ops::history::Entry;

use crate::party_form::Names;
use crate::shell::Shell;
use crate::text::key;

/// A change as a page tells it: lines of what went and what came.
pub(crate) struct ChangeView {
    pub(crate) seq: u64,
    pub(crate) at: String,
    pub(crate) who: String,
    pub(crate) action: String,
    pub(crate) gone: Vec<(String, String)>,
    pub(crate) came: Vec<(String, String)>,
    pub(crate) can_put_back: bool,
}

/// The lines of a change.
pub(crate) fn change_view(s: &Shell, names: &Names, entry: Entry, put_back: bool) -> ChangeView {
    let (mut gone, mut came) = (Vec::new(), Vec::new());
    let fixed;
    match entry.change {
        Change::Party(change) => {
            fixed = change.created || change.is_merging();
            party_lines(s, *change, &mut gone, &mut came);
        }
        Change::Letter(letter) => {
            fixed = true;
            came.push((s.text("letter-heading"), letter.heading));
            came.push((s.text("letter-body"), letter.body));
        }
        Change::Mirrored(change) => {
            fixed = true;
            gone.extend(change.before.iter().flat_map(|before| mirrored_lines(s, &before.invoice)));
            came.extend(change.after.iter().flat_map(|after| mirrored_lines(s, &after.invoice)));
            only_differences(&mut gone, &mut came);
        }
        Change::Order(change) => {
            fixed = change.before.is_none();
            gone.extend(change.before.iter().flat_map(|order| order_lines(s, order)));
            came.extend(change.after.iter().flat_map(|order| order_lines(s, order)));
            if !fixed {
                only_differences(&mut gone, &mut came);
            }
        }
    }
    ChangeView {
        seq: entry.seq,
        at: s.time(&entry.at),
        who: names.name(s.t, &entry.actor),
        action: s.text(&key("action", &entry.action)),
        can_put_back: put_back && !fixed,
        gone,
        came,
    }
}

type Lines = Vec<(String, String)>;

fn party_lines(s: &Shell, change: PartyChange, gone: &mut Lines, came: &mut Lines) {
    let t = s.t;
    let value = |stored: &StoredValue| (t.get(&key("kind", stored.value.kind().as_str())), s.value(&stored.value));
    gone.extend(change.removed.iter().map(value));
    came.extend(change.added.iter().map(value));
    let represents = |r: &Representation| {
        let until = r.valid_until.map(|day| format!(" – {}", s.date(&day))).unwrap_or_default();
        (t.get("kind-organisation"), format!("{}{until}", r.organisation_name))
    };
    gone.extend(change.representations_removed.iter().map(represents));
    came.extend(change.representations_added.iter().map(represents));
    let company = |id: &CompanyId| (t.get("field-company"), s.company(id));
    gone.extend(change.companies_removed.iter().map(company));
    came.extend(change.companies_added.iter().map(company));
    if let Some(protected) = change.protected_address {
        came.push((t.get("field-protected"), t.get(if protected { "yes" } else { "no" })));
    }
    if let Some(name) = change.name {
        gone.extend(name.before.map(|name| (t.get("field-name"), name.name)));
        came.extend(name.after.map(|name| (t.get("field-name"), name.name)));
    }
}

/// What a thing has before and after is no change.
fn only_differences(gone: &mut Lines, came: &mut Lines) {
    let both: Vec<_> = gone.iter().filter(|line| came.contains(line)).cloned().collect();
    gone.retain(|line| !both.contains(line));
    came.retain(|line| !both.contains(line));
}

fn mirrored_lines(s: &Shell, invoice: &MirroredInvoice) -> Lines {
    vec![
        (s.text("invoice-number"), invoice.number.clone()),
        (s.text("invoice-due"), s.date(&invoice.due)),
        (s.text("order-gross"), s.money(&invoice.gross)),
        (s.text("invoice-open"), s.money(&invoice.open)),
    ]
}

fn order_lines(s: &Shell, order: &Order) -> Lines {
    let mut lines = vec![
        (s.text("order-state"), s.text(&key("state", order.state.as_str()))),
        (s.text("order-net"), s.money(&order.totals.net)),
    ];
    lines.extend(order.requested_on.map(|day| (s.text("order-requested"), s.date(&day))));
    lines.extend(order.lines.iter().map(|line| {
        let quantity = format::scaled(line.quantity.0, 3, 0, s.t.0);
        let price = format::scaled(line.unit_price.0, 4, 2, s.t.0);
        let product = format!("{} {}", line.product, line.description);
        (s.text("order-line"), format!("{quantity} × {} à {price} €", product.trim()))
    }));
    lines
}

/// What others changed between the version that somebody opened and the one that stands now, the newest first. Letters
/// change nothing, and no version.
pub(crate) fn since(
    s: &Shell,
    register: &Register,
    entries: Vec<Entry>,
    opened: i64,
    now: i64,
) -> seloste_ops::Result<Vec<ChangeView>> {
    let names = Names::of(register)?;
    let count = usize::try_from(now.saturating_sub(opened)).unwrap_or(0);
    let changes = entries.into_iter().filter(|entry| !matches!(entry.change, Change::Letter(_))).take(count);
    Ok(changes.map(|entry| change_view(s, &names, entry, false)).collect())
}
