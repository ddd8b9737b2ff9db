//! `seloste invoice`: lists invoices, writes one as a file for an operator.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use seloste_domain::id::{CompanyId, InvoiceId, OrganisationId, PartnerId, PersonId};
use seloste_domain::invoice::InvoiceState;
use seloste_ops::invoice::{self as ops, Filter, Form, Invoice};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What can be done with invoices.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List invoices, drafts first, then the newest
    List(ListOptions),
    /// Write a sent invoice to a new file for an operator; that is a disclosure, and logged
    File {
        /// The invoice's id
        id: InvoiceId,
        /// The form
        #[arg(long, value_enum, default_value = "finvoice")]
        form: Kind,
        /// The declared partner that it is for, by its id
        #[arg(long, value_name = "ID")]
        partner: PartnerId,
        /// The file; it must not be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// The form of an electronic invoice.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// Finvoice 3.0
    Finvoice,
    /// Peppol BIS Billing 3.0 (UBL 2.1)
    Ubl,
}

/// Which invoices are listed.
#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// Only those that stand so: draft, open, overdue, paid or credited
    #[arg(long)]
    state: Option<InvoiceState>,
    /// Only of this company
    #[arg(long)]
    company: Option<CompanyId>,
    /// Only of the person with this id
    #[arg(long)]
    person: Option<PersonId>,
    /// Only of the organisation with this id
    #[arg(long)]
    organisation: Option<OrganisationId>,
    /// Only with this number or reference number
    #[arg(long)]
    number: Option<String>,
    /// From this day on
    #[arg(long)]
    from: Option<Date>,
    /// Until this day
    #[arg(long)]
    until: Option<Date>,
    /// Most rows
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    match command {
        Command::List(options) => list(run, options),
        Command::File { id, form, partner, out } => {
            let form = match form {
                Kind::Finvoice => Form::Finvoice,
                Kind::Ubl => Form::Ubl,
            };
            // The name is taken before anything leaves the register.
            let file = std::fs::OpenOptions::new().write(true).create_new(true).open(out);
            let mut file = file.map_err(|error| Failure::file(out, error))?;
            let written = run.with(false, |register, actor| Ok(ops::file(register, actor, *id, form, *partner)?));
            let bytes = match written {
                Ok(bytes) => bytes,
                Err(error) => {
                    // An empty file says nothing.
                    drop(std::fs::remove_file(out));
                    return Err(error);
                }
            };
            std::io::Write::write_all(&mut file, &bytes).map_err(|error| Failure::file(out, error))?;
            if run.json() {
                return output::json(&json!({ "file": out, "bytes": bytes.len() }));
            }
            output::line(run.say("invoice-written", &[("file", &out.display())]))
        }
    }
}

fn list(run: &Run, options: &ListOptions) -> Outcome {
    let filter = Filter {
        state: options.state,
        company: options.company.clone(),
        person: options.person,
        organisation: options.organisation,
        number: options.number.clone(),
        from: options.from,
        until: options.until,
        ..Filter::default()
    };
    let (page, today) =
        run.with(false, |register, actor| Ok((ops::page(register, actor, &filter, options.limit)?, register.today())))?;
    if run.json() {
        let rows: Vec<_> = page.rows.iter().map(|invoice| row_json(invoice, today)).collect();
        let sums =
            json!({ "count": page.sums.count, "gross_cents": page.sums.gross.0, "open_cents": page.sums.open.0 });
        return output::json(&json!({ "invoices": rows, "sums": sums }));
    }
    output::table(&page.rows.iter().map(|invoice| cells(invoice, today)).collect::<Vec<_>>())?;
    let sums = page.sums;
    output::line(run.say("invoice-sums", &[("count", &sums.count), ("gross", &sums.gross), ("open", &sums.open)]))
}

fn cells(invoice: &Invoice, today: Date) -> Vec<String> {
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let days = invoice.days();
    vec![
        invoice.id.to_string(),
        invoice.number().unwrap_or("-").to_owned(),
        day(days.map(|(date, _)| date)),
        day(days.map(|(_, due)| due)),
        invoice.company.to_string(),
        invoice.state(today).to_string(),
        invoice.balance.gross.to_string(),
        invoice.balance.open().to_string(),
        invoice.buyer_name().to_owned(),
    ]
}

fn row_json(invoice: &Invoice, today: Date) -> serde_json::Value {
    let days = invoice.days();
    json!({
        "id": invoice.id,
        "kind": invoice.kind.as_str(),
        "number": invoice.number(),
        "company": invoice.company,
        "state": invoice.state(today).as_str(),
        "date": days.map(|(date, _)| date),
        "due": days.map(|(_, due)| due),
        "gross_cents": invoice.balance.gross.0,
        "credited_cents": invoice.balance.credited.0,
        "paid_cents": invoice.balance.paid.0,
        "open_cents": invoice.balance.open().0,
        "person": invoice.person,
        "organisation": invoice.organisation,
        "order": invoice.order,
        "buyer": invoice.buyer_name(),
        "mirrored_from": invoice.mirror.as_ref().map(|mirror| mirror.source.clone()),
    })
}
