//! E-mail: the settings of the server that sends, and `seloste mail`: the queue, sending what is due, trying again.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, Subcommand};
use seloste_domain::id::MailId;
use seloste_ops::Register;
use seloste_ops::mail::{self, Filter, MailState, Mailbox, Post, Server, SettingsError, Transport};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// The folder in the data directory where messages go when no server is set.
pub(crate) const OUTBOX: &str = "outbox";

/// How e-mail is sent.
#[derive(Clone, Debug, Args)]
#[group(id = "posting")]
pub(crate) struct Options {
    /// Mail server: smtps://USER@HOST, starttls://USER@HOST or smtp://localhost; without one, messages go into a folder
    #[arg(long, env = "SELOSTE_SMTP", value_name = "URL")]
    smtp: Option<String>,
    /// File with the password of the mail server's user, when it is not in SELOSTE_SMTP_PASSWORD
    #[arg(long, env = "SELOSTE_SMTP_PASSWORD_FILE", value_name = "FILE")]
    smtp_password_file: Option<PathBuf>,
    /// File of certificates (PEM) to trust beside those of the machine
    #[arg(long, env = "SELOSTE_SMTP_CA", value_name = "FILE")]
    smtp_ca: Option<PathBuf>,
    /// How long to wait for each answer of the mail server
    #[arg(long, env = "SELOSTE_SMTP_TIMEOUT", value_name = "SECONDS", default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=60))]
    smtp_timeout: u64,
    /// Sender: name@example.com or "Name <name@example.com>"; without a name, the company that writes is named
    #[arg(long, env = "SELOSTE_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Where answers go, when not to the sender
    #[arg(long, env = "SELOSTE_MAIL_REPLY_TO", value_name = "ADDRESS")]
    mail_reply_to: Option<String>,
    /// Folder where messages are written as files instead of being sent [default: outbox in the data directory]
    #[arg(long, env = "SELOSTE_OUTBOX", value_name = "DIR", conflicts_with = "smtp")]
    outbox: Option<PathBuf>,
}

/// What is done with e-mail.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List messages, the newest first
    List {
        /// Only in this state: queued, sending, sent, failed or cancelled
        #[arg(long)]
        state: Option<MailState>,
        /// Most rows
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Send every message that is due now
    SendDue(Options),
    /// Queue a message again that failed or waits
    Retry {
        /// The message's id
        id: MailId,
    },
    /// Take a message out that waits or failed
    Cancel {
        /// The message's id
        id: MailId,
    },
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::List { state, limit } => list(run, state, limit),
        Command::SendDue(options) => send_due(run, &options),
        Command::Retry { id } => {
            run.with(false, |register, actor| Ok(mail::retry(register, actor, id)?))?;
            output::line(run.say("mail-retried", &[("id", &id)]))
        }
        Command::Cancel { id } => {
            run.with(false, |register, actor| Ok(mail::cancel(register, actor, id)?))?;
            output::line(run.say("mail-cancelled", &[("id", &id)]))
        }
    }
}

fn list(run: &Run, state: Option<MailState>, limit: usize) -> Outcome {
    let filter = Filter { states: state.into_iter().collect(), before: None };
    let page = run.with(false, |register, actor| Ok(mail::list(register, actor, &filter, limit)?))?;
    if run.json() {
        let as_json = |(mail, letter): &(mail::Mail, mail::Letter)| {
            json!({
                "id": mail.id,
                "state": mail.state.as_str(),
                "template": mail.template.as_str(),
                "company": mail.company,
                "order": mail.order,
                "to": letter.to,
                "subject": letter.subject,
                "attempts": mail.attempts,
                "next_at": mail.next_at,
                "trouble": mail.trouble.map(mail::Trouble::as_str),
                "reply": mail.reply,
                "created_at": mail.created_at,
                "sent_at": mail.sent_at,
            })
        };
        return output::json(&page.rows.iter().map(as_json).collect::<Vec<_>>());
    }
    let row = |(mail, letter): &(mail::Mail, mail::Letter)| {
        let trouble = mail.trouble.map(mail::Trouble::as_str).unwrap_or_default();
        vec![
            mail.id.to_string(),
            mail.created_at.to_string(),
            mail.state.to_string(),
            format!("{trouble} {}", mail.reply.as_deref().unwrap_or_default()).trim().to_owned(),
            letter.to.clone(),
            letter.subject.clone(),
        ]
    };
    output::table(&page.rows.iter().map(row).collect::<Vec<_>>())
}

fn send_due(run: &Run, options: &Options) -> Outcome {
    let tally = run.with(false, |register, actor| {
        let post = post(run, register, options)?;
        Ok(mail::send_due(register, actor, &post)?)
    })?;
    if run.json() {
        return output::json(&tally);
    }
    output::line(
        run.say("mail-tally", &[("sent", &tally.sent), ("waiting", &tally.waiting), ("failed", &tally.failed)]),
    )
}

/// Where messages go, by the options.
pub(crate) fn post(run: &Run, register: &Register, options: &Options) -> Outcome<Post> {
    let mailbox = |text: &String| Mailbox::parse(text).map_err(unusable);
    let from = options.mail_from.as_ref().map(mailbox).transpose()?;
    let reply_to = options.mail_reply_to.as_ref().map(mailbox).transpose()?;
    let (transport, from) = match (&options.smtp, from) {
        (Some(url), Some(from)) => (Transport::Smtp(Box::new(server(run, options, url)?)), from),
        (Some(_), None) => return Err(Failure::Said("mail-from-missing", String::new())),
        (None, from) => {
            let folder = options.outbox.clone();
            let folder = folder.unwrap_or_else(|| register.db().settings().data.join(OUTBOX));
            (Transport::Outbox(folder), from.map_or_else(|| own_address(register), Ok)?)
        }
    };
    Ok(Post { transport, from, reply_to })
}

fn server(run: &Run, options: &Options, url: &str) -> Outcome<Server> {
    let credential = std::env::var_os("CREDENTIALS_DIRECTORY").map(|dir| PathBuf::from(dir).join("smtp-password"));
    let file = options.smtp_password_file.clone().or_else(|| credential.filter(|path| path.exists()));
    let password = match file {
        Some(file) => Some(run.read(&file)?.trim_end_matches(['\r', '\n']).to_owned()),
        None => std::env::var("SELOSTE_SMTP_PASSWORD").ok(),
    };
    if let Some(trusted) = &options.smtp_ca {
        // A file that is not there would show only when the first message is sent.
        run.read(trusted)?;
    }
    let server = Server::parse(url, password).map_err(unusable)?;
    Ok(server.with(Some(Duration::from_secs(options.smtp_timeout)), options.smtp_ca.as_deref()))
}

/// In whose name messages are written into a folder: the contact person's, whom the notice names.
fn own_address(register: &Register) -> Outcome<Mailbox> {
    let notice = register.notice()?;
    let known = notice.contact().email.as_deref().and_then(|email| Mailbox::parse(email).ok());
    Ok(known.unwrap_or_else(|| Mailbox { name: String::new(), address: "outbox@seloste.invalid".into() }))
}

const fn unusable(error: SettingsError) -> Failure {
    let key = match error {
        SettingsError::Url => "mail-url-wrong",
        SettingsError::Password => "mail-password-in-url",
        SettingsError::Plain => "mail-plain",
        SettingsError::NoPassword => "mail-no-password",
        SettingsError::From => "mail-from-wrong",
    };
    Failure::Said(key, String::new())
}

/// Tells the runner to stop, however the work beside it ends.
struct Stop<'a>(&'a AtomicBool, std::thread::Thread);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.unpark();
    }
}

/// Sends e-mail on a thread of its own while `work` lasts; what is being sent then is still sent and marked.
pub(crate) fn beside<T>(register: &Register, post: &Post, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| mail::run(register, post, &stop));
        let _stop = Stop(&stop, runner.thread().clone());
        work()
    })
}

/// Tells where messages go when no server is set.
pub(crate) fn tell(run: &Run, post: &Post) {
    if let Transport::Outbox(folder) = &post.transport {
        output::note(run.say("mail-outbox", &[("folder", &folder.display())]));
    }
}

/// Removes the messages of a demo register, and nothing else, from the outbox of its data directory.
pub(crate) fn wipe(data: &Path) -> std::io::Result<()> {
    let folder = data.join(OUTBOX);
    let Ok(files) = std::fs::read_dir(&folder) else { return Ok(()) };
    for file in files.filter_map(Result::ok) {
        if file.path().extension().is_some_and(|extension| extension == "eml" || extension == "part") {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}
