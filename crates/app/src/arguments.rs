//! The command line's commands and options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use seloste_domain::language::Language;

use crate::{
    collection, consent, credit, demo, doctor, duplicates, erasure, export, feeds, import, init, interest, invoice,
    kinds, log, mail, notice, order, partner, payment, person, prohibition, receipt, reminder, request, search, serve,
    user,
};

/// A customer register whose published privacy notice is its configuration.
#[derive(Debug, Parser)]
#[command(name = "seloste", version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Data directory: key file, checkpoints, and the database unless it is elsewhere [default: ./seloste-data]
    #[arg(long, global = true, env = "SELOSTE_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// PostgreSQL database (postgres://...) instead of SQLite in the data directory
    #[arg(long, global = true, env = "SELOSTE_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// Key file, when it is not in the data directory
    #[arg(long, global = true, env = "SELOSTE_KEY", value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Language of messages and texts: fi, sv or en
    #[arg(long, global = true, env = "SELOSTE_LANG", default_value = "fi", value_name = "LANG")]
    pub(crate) lang: Language,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the register's pages
    Serve(serve::Options),
    /// Make a demo register of fictional people, and serve it
    Demo(demo::Options),
    /// Make a register: database, key file, first account
    Init(init::Options),
    /// The privacy notice: check, show, publish, compare
    #[command(subcommand)]
    Notice(notice::Command),
    /// Import people, organisations, orders and invoices from files; undo imports
    #[command(subcommand)]
    Import(import::Command),
    /// Find people, organisations and orders by words
    Search(search::Options),
    /// People
    #[command(subcommand)]
    Person(person::Command),
    /// Orders
    #[command(subcommand)]
    Order(order::Command),
    /// Payments: files of them, what has no place
    #[command(subcommand)]
    Payment(payment::Command),
    /// Reference rates of late interest
    #[command(subcommand)]
    Interest(interest::Command),
    /// Invoices: list them, write one as a file for an operator
    #[command(subcommand)]
    Invoice(invoice::Command),
    /// Reminders and payment demands: which are due, sending them
    #[command(subcommand)]
    Reminder(reminder::Command),
    /// Claims at collection partners: list the cases, hand one over
    #[command(subcommand)]
    Collection(collection::Command),
    /// E-mail: the queue, sending what is due, trying again
    #[command(subcommand)]
    Mail(mail::Command),
    /// Feeds: folders and addresses that are read on a schedule
    #[command(subcommand)]
    Feeds(feeds::Command),
    /// Credit applications: which wait, who asked about whom, what has run out
    #[command(subcommand)]
    Credit(credit::Command),
    /// Partners: who outside the group may receive data
    #[command(subcommand)]
    Partner(partner::Command),
    /// Accounts of the staff
    #[command(subcommand)]
    User(user::Command),
    /// The log of use: verify, read, export
    #[command(subcommand)]
    Log(log::Command),
    /// Lists as files: CSV, XLSX or vCard
    #[command(subcommand)]
    Export(export::Command),
    /// Kinds of data
    #[command(subcommand)]
    Kinds(kinds::Command),
    /// Records that may be one customer
    #[command(subcommand)]
    Duplicates(duplicates::Command),
    /// What people have consented to: entering it with what shows it, withdrawing it, counting who may be reached
    #[command(subcommand)]
    Consent(consent::Command),
    /// What customers have forbidden: entering it, lifting it, opt-out lists
    #[command(subcommand)]
    Prohibition(prohibition::Command),
    /// People's requests about their own data
    #[command(subcommand)]
    Request(request::Command),
    /// Packages of all data about a person
    #[command(subcommand)]
    Access(request::AccessCommand),
    /// What people take along, and bringing it in
    #[command(subcommand)]
    Portability(request::PortabilityCommand),
    /// Erasing people: what would go, the act, what stays and until when
    #[command(subcommand)]
    Erasure(erasure::Command),
    /// Receipts of erasures: verify one, with nothing but the public key
    #[command(subcommand)]
    Receipt(receipt::Command),
    /// Fictional people by whom erasing is tested
    #[command(subcommand)]
    Canary(erasure::CanaryCommand),
    /// Check the installation
    Doctor(doctor::Options),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_options_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }
}
