//! `seloste notice`: the privacy notice is checked, shown, published and compared.

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use seloste_domain::language::Language;
use seloste_domain::notice::{self as domain, Notice, Problem, Severity, render};
use seloste_domain::usage::Actor;
use seloste_ops::{OpsError, Register, notice as ops, session};
use serde_json::json;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::run::Run;

/// What can be done with the notice.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell what is missing or contradictory; exit code 1 when anything is
    Check {
        /// A notice.toml
        file: PathBuf,
    },
    /// Show the public text of a file, or of the version in force
    Render {
        /// A notice.toml; without one, the version in force
        file: Option<PathBuf>,
        /// Form of the text
        #[arg(long, value_enum, default_value = "txt")]
        format: Format,
    },
    /// Put a new version into force, as the person who signs in
    Publish {
        /// A notice.toml
        file: PathBuf,
        /// Who publishes it; the password is asked
        #[arg(long, value_name = "LOGIN")]
        user: String,
    },
    /// List the published versions
    Versions,
    /// Tell what a file would change for whom
    Diff {
        /// A notice.toml
        file: PathBuf,
    },
}

/// A form of the public text.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// A page that stands alone
    Html,
    /// Plain text
    Txt,
}

pub(crate) fn perform(run: &Run, command: Command) -> Outcome {
    match command {
        Command::Check { file } => check(run, &file),
        Command::Render { file, format } => render(run, file.as_deref(), format),
        Command::Publish { file, user } => publish(run, &file, &user),
        Command::Versions => versions(run),
        Command::Diff { file } => diff(run, &file),
    }
}

/// One problem as compilers write them: `FILE:line:column: ...`.
pub(crate) fn problem_line(path: &Path, problem: &Problem, language: Language) -> String {
    let severity = match (problem.severity, language) {
        (Severity::Error, Language::Fi) => "virhe",
        (Severity::Error, Language::Sv) => "fel",
        (Severity::Error, Language::En) => "error",
        (Severity::Warning, Language::Fi) => "varoitus",
        (Severity::Warning, Language::Sv) => "varning",
        (Severity::Warning, Language::En) => "warning",
    };
    let (path, line, column, message) = (path.display(), problem.line, problem.column, problem.message(language));
    let article = problem.article.map(|article| match language {
        Language::Fi => format!(" ({article} artikla)"),
        Language::Sv => format!(" (artikel {article})"),
        Language::En => format!(" (Art. {article})"),
    });
    format!("{path}:{line}:{column}: {severity}: {message}{}", article.unwrap_or_default())
}

fn check(run: &Run, file: &Path) -> Outcome {
    let problems = domain::check(&run.read(file)?);
    let language = run.text().language();
    if run.json() {
        let problems: Vec<_> = problems.iter().map(|problem| as_json(problem, language)).collect();
        output::json(&json!({ "file": file, "complete": problems.is_empty(), "problems": problems }))?;
    } else if problems.is_empty() {
        output::line(run.say("notice-complete", &[("file", &file.display())]))?;
    } else {
        problems.iter().try_for_each(|problem| output::line(problem_line(file, problem, language)))?;
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

fn as_json(problem: &Problem, language: Language) -> serde_json::Value {
    json!({
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity.as_str(),
        "article": problem.article,
        "code": problem.code.as_str(),
        "message": problem.what(language),
        "mend": problem.mend(language),
    })
}

/// Reads a notice whose errors are told by line.
pub(crate) fn parse(run: &Run, file: &Path) -> Outcome<Notice> {
    Notice::parse(&run.read(file)?).map_err(|problems| Failure::Notice(file.to_owned(), problems))
}

fn render(run: &Run, file: Option<&Path>, format: Format) -> Outcome {
    let notice = match file {
        Some(file) => parse(run, file)?,
        None => run.with(false, |register, _| Ok(ops::published(register, None)?.1))?,
    };
    let document = render::document(&notice, run.text().language());
    match format {
        Format::Html => output::text(&render::to_page(&document)),
        Format::Txt => output::text(&render::to_text(&document)),
    }
}

fn publish(run: &Run, file: &Path, login: &str) -> Outcome {
    let definition = run.read(file)?;
    parse(run, file)?;
    run.with(false, |register, _| {
        let (token, who) = session::sign_in(register, login, &run.password(login)?, "command line")?;
        let published = in_force(register)
            .and_then(|expected| ops::publish(register, &who.actor, &definition, expected))
            .map_err(Failure::from);
        session::sign_out(register, &token.0)?;
        let version = published?;
        if run.json() {
            return output::json(&json!({ "version": version }));
        }
        output::line(run.say("notice-published", &[("version", &version)]))
    })
}

fn in_force(register: &Register) -> Result<i64, OpsError> {
    Ok(ops::published(register, None)?.0.version)
}

fn versions(run: &Run) -> Outcome {
    let versions = run.with(false, |register, _| Ok(ops::versions(register)?))?;
    if run.json() {
        let versions: Vec<_> = versions
            .iter()
            .map(|v| json!({ "version": v.version, "published_at": v.published_at, "published_by": v.published_by }))
            .collect();
        return output::json(&versions);
    }
    let row = |v: &ops::Published| vec![v.version.to_string(), v.published_at.to_string(), v.published_by.clone()];
    output::table(&versions.iter().map(row).collect::<Vec<_>>())
}

fn diff(run: &Run, file: &Path) -> Outcome {
    let definition = run.read(file)?;
    parse(run, file)?;
    let review = run.with(false, |register, actor: &Actor| Ok(ops::review(register, actor, &definition)?))?;
    let language = run.text().language();
    if run.json() {
        let changes: Vec<_> = review
            .changes
            .iter()
            .map(|change| json!({ "message": change.message(language), "material": change.material }))
            .collect();
        return output::json(
            &json!({ "in_force": review.in_force, "publishable": review.publishable, "changes": changes }),
        );
    }
    if review.changes.is_empty() {
        output::line(run.say("notice-unchanged", &[("version", &review.in_force)]))?;
    }
    for change in &review.changes {
        let sign = if change.material { "!" } else { "-" };
        output::line(format!("{sign} {}", change.message(language)))?;
    }
    if review.changes.iter().any(|change| change.material) {
        output::line(run.say("notice-material", &[]))?;
    }
    if !review.publishable {
        output::line(run.say("notice-number", &[("version", &review.in_force)]))?;
    }
    Ok(())
}
