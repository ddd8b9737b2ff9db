//! `seloste reminder`: which invoices are late and may be reminded of, and reminding of them by the rules of the pages.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use seloste_domain::id::{CompanyId, InvoiceId};
use seloste_domain::reminder::{FeeChoice, ReminderKind};
use seloste_ops::reminder::{self as ops, Asked, Channel, Standing};
use seloste_web::Styles;
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What can be done with reminders.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List late invoices, those that were due first first, with what may be sent of them today
    Due {
        /// Only of this company of the group
        #[arg(long)]
        company: Option<CompanyId>,
        /// Most rows
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Send a reminder or a payment demand: by e-mail where there is an address, else as a letter to print
    Send(SendOptions),
}

/// How a reminder goes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Way {
    /// By e-mail
    Email,
    /// On paper
    Letter,
}

impl From<Way> for Channel {
    fn from(way: Way) -> Self {
        match way {
            Way::Email => Self::Email,
            Way::Letter => Self::Letter,
        }
    }
}

/// What is sent.
#[derive(Debug, Args)]
pub(crate) struct SendOptions {
    /// The invoice's id
    invoice: InvoiceId,
    /// What is sent: reminder or demand
    #[arg(long, default_value = "reminder")]
    kind: ReminderKind,
    /// Which fee is claimed: legal, standard or none
    #[arg(long, default_value = "legal")]
    fee: FeeChoice,
    /// How [default: by e-mail where there is an address]
    #[arg(long, value_enum)]
    channel: Option<Way>,
    /// The file of the letter, when it is one; it must not be there yet
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How letters look [default: style in the data directory]
    #[arg(long, value_name = "DIR")]
    style: Option<PathBuf>,
}

pub(crate) fn perform(run: &Run, command: &Command) -> Outcome {
    match command {
        Command::Due { company, limit } => due(run, company.as_ref(), *limit),
        Command::Send(options) => send(run, options),
    }
}

fn due(run: &Run, company: Option<&CompanyId>, limit: usize) -> Outcome {
    let (page, today) = run
        .with(false, |register, actor| Ok((ops::overdue(register, actor, company, None, limit)?, register.today())))?;
    let may = |standing: &Standing, kind| standing.debt.may_send(kind, today).is_ok();
    if run.json() {
        let rows = page.rows.iter().map(|standing| {
            let issued = standing.invoice.issued();
            json!({
                "invoice": standing.invoice.id,
                "number": issued.map(|issued| issued.number.clone()),
                "company": standing.invoice.company,
                "due": standing.debt.due,
                "open_cents": standing.debt.open.0,
                "sent": standing.debt.sent.len(),
                "stopped": standing.debt.stopped,
                "handed_over": standing.debt.handed_over,
                "may_remind": may(standing, ReminderKind::Reminder),
                "may_demand": may(standing, ReminderKind::Demand),
                "may_hand_over": standing.debt.may_hand_over(today).is_ok(),
                "limitation": standing.limitation.on,
            })
        });
        return output::json(&json!({ "invoices": rows.collect::<Vec<_>>(), "has_more": page.has_next }));
    }
    let row = |standing: &Standing| {
        let issued = standing.invoice.issued();
        let may_do = [
            ("reminder", may(standing, ReminderKind::Reminder)),
            ("demand", may(standing, ReminderKind::Demand)),
            ("hand-over", standing.debt.may_hand_over(today).is_ok()),
        ];
        let may_do: Vec<&str> = may_do.into_iter().filter(|(_, may)| *may).map(|(what, _)| what).collect();
        vec![
            standing.invoice.id.to_string(),
            issued.map(|issued| issued.number.clone()).unwrap_or_default(),
            standing.debt.due.to_string(),
            standing.debt.open.to_string(),
            if may_do.is_empty() { "-".to_owned() } else { may_do.join(",") },
            issued.map(|issued| issued.buyer.name.clone()).unwrap_or_default(),
        ]
    };
    output::table(&page.rows.iter().map(row).collect::<Vec<_>>())
}

fn send(run: &Run, options: &SendOptions) -> Outcome {
    let channel = options.channel.map(Channel::from);
    let asked = Asked { invoice: options.invoice, kind: options.kind, fee: options.fee, channel };
    let sent = run.with(false, |register, actor| {
        let folder = options.style.clone().unwrap_or_else(|| register.db().settings().data.join("style"));
        let styles = Styles::read(&folder).map_err(|error| Failure::Unfit("style-wrong", error.to_string()))?;
        let preview = ops::preview(register, actor, asked)?;
        // A letter that nobody can print would not have been sent: its file is there before it is.
        let out = match (preview.channel, &options.out) {
            (Channel::Letter, Some(out)) => Some((out, new_file(out)?)),
            (Channel::Letter, None) => return Err(Failure::Said("reminder-no-out", String::new())),
            (Channel::Email, _) => None,
        };
        let sent = seloste_web::send_reminder(register, actor, &styles, asked, Some(&preview.seen));
        let (id, channel) = match sent {
            Ok(sent) => sent,
            Err(error) => {
                out.iter().for_each(|(path, _)| drop(std::fs::remove_file(path)));
                return Err(error.into());
            }
        };
        if let Some((path, mut file)) = out {
            let letter = seloste_web::reminder_letter(register, actor, &styles, id)?.unwrap_or_default();
            std::io::Write::write_all(&mut file, &letter).map_err(|error| Failure::file(path, error))?;
        }
        Ok((id, channel, preview.items.total()))
    })?;
    let (id, channel, total) = sent;
    if run.json() {
        return output::json(&json!({ "id": id, "channel": channel.as_str(), "total_cents": total.0 }));
    }
    output::line(run.say("reminder-sent", &[("channel", &channel.as_str()), ("total", &total)]))
}

fn new_file(path: &Path) -> Outcome<std::fs::File> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    file.map_err(|error| Failure::file(path, error))
}
