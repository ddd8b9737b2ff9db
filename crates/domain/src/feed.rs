//! Feeds: a folder, an address or the company register that is read on a schedule as a source of the notice.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, FeedId, FeedRunId, ImportId, MappingId, SourceId};
use crate::import::Noun;
use crate::word::words;

/// Most characters in a name.
const MAX_NAME: usize = 100;
/// Most characters in an address or the path of a folder.
const MAX_ADDRESS: usize = 2_000;
/// Most characters in a secret.
pub const MAX_SECRET: usize = 4_000;
/// Minutes between two readings: from five minutes to thirty days.
pub const EVERY: std::ops::RangeInclusive<i64> = 5..=43_200;
/// Minutes between two readings that forms offer.
pub const CHOICES: [i64; 6] = [15, 60, 360, 1_440, 10_080, 43_200];

words! {
    /// What is read.
    Place {
        /// The files of a folder of this machine.
        Folder = "folder",
        /// What an HTTP address answers.
        Http = "http",
        /// The company register, for the organisations that have a business id.
        CompanyRegister = "company_register",
    }
    /// Whether it is read.
    FeedState {
        /// On its schedule.
        Active = "active",
        /// Not until a person lets it go on.
        Paused = "paused",
        /// Stopped by the program: the notice no longer declares what it needs.
        Stopped = "stopped",
    }
    /// What came of a run.
    RunState {
        /// It goes on, or was broken off.
        Running = "running",
        /// A file was imported.
        Imported = "imported",
        /// There was nothing new.
        Unchanged = "unchanged",
        /// It did not succeed; nothing was imported.
        Failed = "failed",
    }
    /// Why a run did not succeed.
    Trouble {
        /// The notice in force no longer declares the source.
        Source = "source",
        /// The notice in force no longer declares what its rows are, or its purpose.
        Undeclared = "undeclared",
        /// The notice in force no longer has the company.
        Company = "company",
        /// The folder is not below one that the operator allows.
        NotAllowed = "not_allowed",
        /// The folder is not there.
        Missing = "missing",
        /// The folder or a file in it can not be read.
        Unreadable = "unreadable",
        /// The file is not a table.
        NotATable = "not_a_table",
        /// Its columns are not those of the mapping, or one is undecided.
        Columns = "columns",
        /// The program was stopped during the import; what it had done was undone.
        Interrupted = "interrupted",
        /// No company register is set.
        Off = "off",
        /// The company register answered something that can not be understood.
        Record = "record",
        /// The database did not work.
        Database = "database",
        /// Not an address that can be asked.
        Address = "address",
        /// Without TLS, from a host that the operator has not named.
        Plain = "plain",
        /// The host is inside the network, and the operator has not named it.
        Internal = "internal",
        /// The host has no address.
        UnknownHost = "unknown_host",
        /// No connection, or it broke.
        Connection = "connection",
        /// It took too long.
        Timeout = "timeout",
        /// The server's certificate is not one that is trusted, or it speaks no TLS.
        Tls = "tls",
        /// It leads elsewhere.
        Redirect = "redirect",
        /// The server refused; the status is told beside.
        Status = "status",
        /// Larger than allowed.
        TooLarge = "too_large",
        /// Compressed, though that was not asked for.
        Encoding = "encoding",
        /// The answer was no HTTP.
        Answer = "answer",
        /// The secret can not stand in a header, or not be opened.
        Secret = "secret",
        /// What came could not be written.
        Disk = "disk",
        /// The certificates that are to be trusted can not be read.
        Certificates = "certificates",
    }
}

impl Trouble {
    /// Whether only a person can help, so that the feed is stopped.
    #[must_use]
    pub const fn stops(self) -> bool {
        matches!(self, Self::Source | Self::Undeclared | Self::Company)
    }
}

/// A feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// What people call it; once a register.
    pub name: String,
    /// What is read.
    pub place: Place,
    /// The folder or the address; empty for the company register.
    pub address: String,
    /// What the rows are.
    pub noun: Noun,
    /// Where the data comes from, as the notice names it.
    pub source: SourceId,
    /// The company whose customers these are; none: the file tells.
    pub company: Option<CompanyId>,
    /// The saved mapping; none: columns are guessed.
    pub mapping: Option<MappingId>,
    /// Minutes between two readings.
    pub every: i64,
    /// Whether it is read.
    pub state: FeedState,
    /// Whether a secret is kept for it.
    pub has_secret: bool,
    /// Runs that failed, one after the other.
    pub failures: i64,
    /// Why the last run failed.
    pub trouble: Option<Trouble>,
    /// The status that the server answered then.
    pub status: Option<String>,
    /// When it was last read.
    pub checked_at: Option<Timestamp>,
    /// When it is read next, or taken from a runner that did not come back.
    pub next_at: Option<Timestamp>,
    /// Whether a runner has it now.
    pub running: bool,
    /// Grows by one with every change by a person.
    pub version: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// One run of a feed that found something, or failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedRun {
    /// Its id.
    pub id: FeedRunId,
    /// The feed.
    pub feed: FeedId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What came of it.
    pub state: RunState,
    /// Why it failed.
    pub trouble: Option<Trouble>,
    /// The status that the server answered.
    pub status: Option<String>,
    /// What the file is called.
    pub file_name: Option<String>,
    /// SHA-256 of the file, hexadecimal.
    pub file_hash: Option<String>,
    /// The import that it made.
    pub import: Option<ImportId>,
    /// Rows, things added, changed, found as they were; rows refused.
    pub counts: [i64; 5],
    /// The first things that were wrong, without any value.
    pub problems: Vec<RunProblem>,
    /// Whether a file of the refused rows is kept.
    pub has_error_file: bool,
}

/// Something that was wrong in a run. It holds no value of the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunProblem {
    /// The row's number as a spreadsheet shows it; none: it is about the file.
    pub row: Option<u64>,
    /// The column.
    pub column: Option<String>,
    /// The code of its text.
    pub code: String,
    /// The arguments of its text.
    pub args: Vec<(String, String)>,
}

/// A feed as a form or the command line gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FeedDraft {
    /// What people call it.
    pub name: String,
    /// `folder`, `http` or `company_register`.
    pub place: String,
    /// The folder or the address.
    pub address: String,
    /// `people`, `organisations` or `orders`.
    pub noun: String,
    /// A source of the notice.
    pub source: String,
    /// A company, or empty.
    pub company: String,
    /// The id of a saved mapping, or empty.
    pub mapping: String,
    /// Minutes between two readings.
    pub every: String,
    /// The value of `Authorization`; empty: as it was.
    pub secret: String,
    /// Whether the secret that is kept is to be forgotten.
    pub forget_secret: bool,
}

/// A feed checked as far as it can be without asking anything else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidFeed {
    /// What people call it.
    pub name: String,
    /// What is read.
    pub place: Place,
    /// The folder or the address.
    pub address: String,
    /// What the rows are.
    pub noun: Noun,
    /// The source; whether the notice has it is for the caller to check.
    pub source: SourceId,
    /// The company; whether the notice has it is for the caller to check.
    pub company: Option<CompanyId>,
    /// The saved mapping.
    pub mapping: Option<MappingId>,
    /// Minutes between two readings.
    pub every: i64,
}

impl FeedDraft {
    /// Checks the feed.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self) -> Result<ValidFeed, FieldErrors> {
        let mut errors = FieldErrors::default();
        let required = |field: &str, text: &str, longest| match one_line(field, text, longest) {
            Ok(text) if text.is_empty() => Err(FieldError::new(field, code::REQUIRED)),
            other => other,
        };
        let name = errors.keep(required("name", &self.name, MAX_NAME));
        let place = errors.keep(self.place.parse().map_err(|_| FieldError::new("place", code::REQUIRED)));
        let address = match place {
            Some(Place::CompanyRegister) => Some(String::new()),
            _ => errors.keep(required("address", &self.address, MAX_ADDRESS)),
        };
        let noun = match place {
            Some(Place::CompanyRegister) => Some(Noun::Organisations),
            _ => errors.keep(Noun::named(&self.noun).ok_or_else(|| FieldError::new("noun", code::REQUIRED))),
        };
        let source = errors.keep(self.source.parse().map_err(|_| FieldError::new("source", code::REQUIRED)));
        let optional = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let company = optional(&self.company).map(|company| company.parse());
        let company = company.transpose().map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN));
        let company = errors.keep(company);
        let mapping = optional(&self.mapping).filter(|_| place != Some(Place::CompanyRegister));
        let mapping = mapping.map(|id| id.parse()).transpose();
        let mapping = errors.keep(mapping.map_err(|_| FieldError::new("mapping", code::MAPPING_UNKNOWN)));
        let every = self.every.trim().parse().ok().filter(|minutes| EVERY.contains(minutes));
        let every = errors.keep(every.ok_or_else(|| {
            FieldError::new("every", code::EVERY_INVALID).with("min", EVERY.start()).with("max", EVERY.end())
        }));
        let is_header = self.secret.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        if !is_header || self.secret.len() > MAX_SECRET {
            errors.push(FieldError::new("secret", code::SECRET_INVALID).with("max", MAX_SECRET));
        }
        match (name, place, address, noun, source, company, mapping, every) {
            (
                Some(name),
                Some(place),
                Some(address),
                Some(noun),
                Some(source),
                Some(company),
                Some(mapping),
                Some(every),
            ) if errors.is_empty() => Ok(ValidFeed { name, place, address, noun, source, company, mapping, every }),
            _ => Err(errors),
        }
    }
}

impl Feed {
    /// The feed as a form shows it; the secret is never shown again.
    #[must_use]
    pub fn draft(&self) -> FeedDraft {
        FeedDraft {
            name: self.name.clone(),
            place: self.place.to_string(),
            address: self.address.clone(),
            noun: self.noun.as_str().into(),
            source: self.source.to_string(),
            company: self.company.as_ref().map(ToString::to_string).unwrap_or_default(),
            mapping: self.mapping.map(|id| id.to_string()).unwrap_or_default(),
            every: self.every.to_string(),
            secret: String::new(),
            forget_secret: false,
        }
    }

    /// Whether a person should look at it.
    #[must_use]
    pub const fn is_in_trouble(&self) -> bool {
        matches!(self.state, FeedState::Stopped) || (matches!(self.state, FeedState::Active) && self.trouble.is_some())
    }
}

/// The pauses after runs that failed, one after the other; the last again and again.
const PAUSES: [SignedDuration; 5] = [
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(24),
];

/// When to read again: after `every` minutes, or after a pause that grows with each failure and that is at least as long
/// as the server asked for.
#[must_use]
pub fn next_reading(every: i64, failures: i64, asked: Option<SignedDuration>, now: Timestamp) -> Timestamp {
    let pause = match usize::try_from(failures).unwrap_or(0).checked_sub(1) {
        None => SignedDuration::from_mins(every),
        Some(place) => PAUSES.get(place).or(PAUSES.last()).copied().unwrap_or(SignedDuration::from_hours(24)),
    };
    now.checked_add(asked.map_or(pause, |asked| pause.max(asked))).unwrap_or(now)
}

/// Whether a file of this name is one that somebody is still writing, or hides.
#[must_use]
pub fn is_passed_over(name: &str) -> bool {
    const ENDINGS: [&str; 8] = [".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~"];
    let lower = name.to_lowercase();
    name.starts_with('.') || name.starts_with("~$") || ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> FeedDraft {
        FeedDraft {
            name: " Verkkokaupan asiakkaat ".into(),
            place: "folder".into(),
            address: "/srv/feeds".into(),
            noun: "people".into(),
            source: "registration".into(),
            every: "60".into(),
            ..FeedDraft::default()
        }
    }

    #[test]
    fn a_feed_is_checked_whole() {
        let valid = draft().validate().unwrap();
        assert_eq!((valid.name.as_str(), valid.place, valid.every), ("Verkkokaupan asiakkaat", Place::Folder, 60));
        let register =
            FeedDraft { place: "company_register".into(), address: String::new(), noun: String::new(), ..draft() };
        assert_eq!(register.validate().unwrap().noun, Noun::Organisations);
        let empty =
            FeedDraft { secret: "a\nb".into(), company: "?".into(), mapping: "x".into(), ..FeedDraft::default() };
        let wrong = empty.validate().unwrap_err();
        let fields: Vec<_> = wrong.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "place", "address", "noun", "source", "company", "mapping", "every", "secret"]);
        for every in ["4", "43201", "-1", "x"] {
            assert_eq!(FeedDraft { every: every.into(), ..draft() }.validate().unwrap_err().0[0].field, "every");
        }
    }

    #[test]
    fn pauses_grow_and_the_server_is_heard() {
        let now = Timestamp::UNIX_EPOCH;
        let minutes = |failures, asked: Option<i64>| {
            let asked = asked.map(SignedDuration::from_mins);
            next_reading(60, failures, asked, now).duration_since(now).as_mins()
        };
        assert_eq!([0, 1, 2, 3, 4, 5, 6].map(|n| minutes(n, None)), [60, 5, 30, 120, 480, 1440, 1440]);
        assert_eq!((minutes(1, Some(45)), minutes(3, Some(45))), (45, 120));
    }

    #[test]
    fn what_is_being_written_is_passed_over() {
        for name in [".hidden", "a.csv.part", "A.TMP", "a.csv~", "~$a.xlsx", "a.crdownload"] {
            assert!(is_passed_over(name), "{name}");
        }
        assert!(!is_passed_over("asiakkaat.csv") && !is_passed_over("part.csv"));
    }
}
