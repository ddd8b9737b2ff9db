//! The binary `seloste`: command line, server, demo.

mod arguments;
mod collection;
mod consent;
mod cookie;
mod credit;
mod demo;
mod doctor;
mod duplicates;
mod erasure;
mod export;
mod failure;
mod feeds;
mod import;
mod init;
mod interest;
mod invoice;
mod kinds;
mod log;
mod mail;
mod mapping;
mod memory;
mod notice;
mod order;
mod output;
mod partner;
mod payment;
mod person;
mod portal;
mod prohibition;
mod receipt;
mod reminder;
mod request;
mod run;
mod search;
mod serve;
mod text;
mod user;
mod webhooks;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::failure::Outcome;
use crate::run::Run;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_tracing();
    if matches!(arguments.command, Command::Serve(_) | Command::Demo(_)) {
        memory::with_one_arena();
    }
    let run = Run::new(arguments.common);
    match perform(&run, arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(run.text()),
    }
}

fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::Serve(options) => serve::serve(run, &options),
        Command::Demo(options) => demo::demo(run, &options),
        Command::Init(options) => init::init(run, &options),
        Command::Notice(command) => notice::perform(run, command),
        Command::Import(command) => import::perform(run, command),
        Command::Search(options) => search::search(run, &options),
        Command::Person(command) => person::perform(run, command),
        Command::Order(command) => order::perform(run, command),
        Command::Payment(command) => payment::perform(run, command),
        Command::Interest(command) => interest::perform(run, &command),
        Command::Invoice(command) => invoice::perform(run, &command),
        Command::Reminder(command) => reminder::perform(run, &command),
        Command::Collection(command) => collection::perform(run, &command),
        Command::Mail(command) => mail::perform(run, command),
        Command::Feeds(command) => feeds::perform(run, command),
        Command::Credit(command) => credit::perform(run, &command),
        Command::Partner(command) => partner::perform(run, command),
        Command::User(command) => user::perform(run, command),
        Command::Log(command) => log::perform(run, command),
        Command::Export(command) => export::perform(run, &command),
        Command::Kinds(command) => kinds::perform(run, &command),
        Command::Duplicates(command) => duplicates::perform(run, &command),
        Command::Consent(command) => consent::perform(run, &command),
        Command::Prohibition(command) => prohibition::perform(run, &command),
        Command::Request(command) => request::perform(run, &command),
        Command::Access(command) => request::perform_access(run, &command),
        Command::Portability(command) => request::perform_portability(run, &command),
        Command::Erasure(command) => erasure::perform(run, &command),
        Command::Receipt(command) => receipt::perform(run, &command),
        Command::Canary(command) => erasure::perform_canary(run, &command),
        Command::Doctor(options) => doctor::doctor(run, &options),
    }
}

/// Messages about the program itself go to standard error, by `SELOSTE_LOG`; none of them holds personal data.
fn start_tracing() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SELOSTE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
