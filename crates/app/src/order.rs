//! `seloste order`: lists, shows and archives orders.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use seloste_domain::id::{CompanyId, OrderId, PersonId};
use seloste_domain::order::{OrderState, Ratio, UnitPrice};
use seloste_ops::order::{self as ops, Filter, Row, Shown};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What can be done with orders.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List orders, the newest first; archived ones only when asked for
    List(ListOptions),
    /// Show an order with its lines
    Show(Which),
    /// Archive every order whose time by the notice's rule has come
    Archive,
}

/// Which orders are listed.
#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// Only in this state: draft, confirmed, delivered, invoiced, cancelled or archived
    #[arg(long)]
    state: Option<OrderState>,
    /// Only of this company
    #[arg(long)]
    company: Option<CompanyId>,
    /// Only of the person with this id
    #[arg(long)]
    person: Option<PersonId>,
    /// From this day on
    #[arg(long)]
    from: Option<Date>,
    /// Until this day
    #[arg(long)]
    until: Option<Date>,
    /// Archived ones too
    #[arg(long)]
    archived: bool,
    /// Most rows
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

/// Which order.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// The order's id
    id: Option<OrderId>,
    /// The order's number; of every company that has an order with it
    #[arg(long)]
    number: Option<String>,
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::List(options) => list(run, options),
        Command::Show(which) => show(run, &which),
        Command::Archive => {
            let archived = run.with(false, |register, actor| Ok(ops::archive(register, actor)?))?;
            if run.json() {
                return output::json(&json!({ "archived": archived }));
            }
            output::line(run.say("order-archived", &[("count", &archived)]))
        }
    }
}

fn list(run: &Run, options: ListOptions) -> Outcome {
    let filter = Filter {
        state: options.state,
        archived: options.archived || options.state == Some(OrderState::Archived),
        company: options.company,
        person: options.person,
        organisation: None,
        from: options.from,
        until: options.until,
    };
    let page = run.with(false, |register, actor| Ok(ops::newest(register, actor, &filter, options.limit)?))?;
    if run.json() {
        return output::json(&page.iter().map(row_json).collect::<Vec<_>>());
    }
    output::table(&page.iter().map(|row| cells(run, row)).collect::<Vec<_>>())
}

/// A row of a list.
pub(crate) fn cells(run: &Run, row: &Row) -> Vec<String> {
    let order = &row.order;
    let customer = match (&row.person, &row.organisation) {
        (Some(person), Some(organisation)) => format!("{person} ({organisation})"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    };
    vec![
        run.say("order", &[]),
        order.id.to_string(),
        order.number.clone(),
        order.ordered_on.to_string(),
        order.company.to_string(),
        order.state.to_string(),
        order.gross.to_string(),
        customer,
    ]
}

/// A row of a list for programs.
pub(crate) fn row_json(row: &Row) -> serde_json::Value {
    let order = &row.order;
    json!({
        "id": order.id,
        "number": order.number,
        "company": order.company,
        "ordered_on": order.ordered_on,
        "state": order.state,
        "lines": order.line_count,
        "net_cents": order.net.0,
        "gross_cents": order.gross.0,
        "person": order.person,
        "person_name": row.person,
        "organisation": order.organisation,
        "organisation_name": row.organisation,
    })
}

fn show(run: &Run, which: &Which) -> Outcome {
    let shown = run.with(false, |register, actor| {
        let ids = match (which.id, &which.number) {
            (Some(id), _) => vec![id],
            (None, Some(number)) => ops::by_number(register, actor, number)?,
            (None, None) => return Err(Failure::Said("order-which", String::new())),
        };
        let shown = ids.into_iter().map(|id| ops::show(register, actor, id)).collect::<Result<Vec<_>, _>>()?;
        Ok(shown)
    })?;
    if run.json() {
        let as_json =
            |s: &Shown| json!({ "order": s.order, "person_name": s.person, "organisation_name": s.organisation });
        return output::json(&shown.iter().map(as_json).collect::<Vec<_>>());
    }
    shown.iter().try_for_each(|shown| print(run, shown))
}

/// At least two decimals, and more when the price has them.
fn price(price: UnitPrice) -> String {
    let mut price = price.to_decimal().normalize();
    price.rescale(price.scale().max(2));
    price.to_string()
}

fn print(run: &Run, shown: &Shown) -> Outcome {
    let order = &shown.order;
    output::line(run.say(
        "order-head",
        &[
            ("number", &order.number),
            ("company", &order.company),
            ("day", &order.ordered_on),
            ("state", &order.state),
            ("id", &order.id),
        ],
    ))?;
    for customer in [&shown.person, &shown.organisation].into_iter().flatten() {
        output::line(format!("  {customer}"))?;
    }
    if let Some(delivery) = &order.delivery {
        let address = delivery.address.display(run.text().language()).replace('\n', ", ");
        output::line(format!("  {}: {} {address}", run.say("order-delivery", &[]), delivery.name))?;
    }
    let rows: Vec<Vec<String>> = order
        .lines
        .iter()
        .map(|line| {
            vec![
                format!("  {}", line.number),
                line.product.clone(),
                line.description.clone(),
                line.quantity.to_decimal().normalize().to_string(),
                price(line.unit_price),
                if line.discount == Ratio::ZERO { String::new() } else { format!("-{} %", line.discount.percent()) },
                format!("{} %", line.vat_rate.percent()),
                line.net().map(|net| net.to_string()).unwrap_or_default(),
            ]
        })
        .collect();
    output::table(&rows)?;
    let totals = &order.totals;
    output::line(run.say("order-sums", &[("net", &totals.net), ("vat", &totals.vat), ("gross", &totals.gross)]))
}
