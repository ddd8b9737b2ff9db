//! Asking the company register about all organisations that have a business id, some at a time. What differs becomes a
//! file of organisations, so that it is imported, ranked and undone as any other.

use jiff::SignedDuration;
use seloste_domain::company_register::{Difference, Part, Record, Unusable, differences};
use seloste_domain::feed::{RunProblem, Trouble};
use seloste_domain::organisation::Organisation;
use uuid::Uuid;

use super::http::trouble;
use super::intake::{Intake, Reading};
use super::runner::Outcome;
use crate::company_register::{NotFetched, storable};
use crate::error::Result;

/// Organisations of one reading: what is lost when the register goes away in the middle of it.
const AT_A_TIME: usize = 50;
/// The columns of the file.
const MAPPING: &str = "noun = \"organisations\"\n[columns]\nbusiness_id = \"business_id\"\nname = \"name\"\n\
    company = \"company\"\nvisiting_street = \"street.visiting\"\nvisiting_code = \"postal_code.visiting\"\n\
    visiting_town = \"town.visiting\"\nvisiting_country = \"country.visiting\"\nstreet = \"street\"\n\
    code = \"postal_code\"\ntown = \"town\"\ncountry = \"country\"\n";
const HEADER: [&str; 11] = [
    "business_id",
    "name",
    "company",
    "visiting_street",
    "visiting_code",
    "visiting_town",
    "visiting_country",
    "street",
    "code",
    "town",
    "country",
];

pub(super) fn read(reading: &mut Reading<'_>) -> Result<Outcome> {
    let Some(set) = reading.feeding.company_register.clone() else { return Ok(Outcome::failed(Trouble::Off)) };
    if *set.source() != reading.feed.source {
        return Ok(Outcome::failed(Trouble::Off));
    }
    let after = reading.taken.goes_on.as_deref().and_then(|id| id.parse::<Uuid>().ok());
    let organisations = reading.register.db().read(&reading.usage, |r| {
        let ids = seloste_store::organisation::with_business_id(r, after, AT_A_TIME)?;
        seloste_store::organisation::some(r, &ids)
    })?;
    let is_last = organisations.len() < AT_A_TIME;
    let goes_on = organisations.last().filter(|_| !is_last).map(|last| last.id.to_string());
    let (kinds, today) = (reading.usage.kinds(), reading.register.today());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut problems = Vec::new();
    for organisation in &organisations {
        let Some(id) = &organisation.business_id else { continue };
        if reading.is_stopping() || !reading.renew()? {
            return Ok(Outcome::Lost);
        }
        let record = set.ask(id).and_then(|record| Ok(storable(record, kinds, today)?));
        match record {
            Ok(record) => {
                let differences = differences(organisation, &record, today);
                if differences.iter().any(|difference| !difference.same) {
                    rows.push(row(organisation, &record, &differences));
                }
            }
            Err(NotFetched::Unusable(why)) => problems.push(problem(why, id.as_str())),
            Err(NotFetched::Failed(error)) => {
                let asked = error.wait.and_then(|wait| SignedDuration::try_from(wait).ok());
                let status = error.status.map(|status| status.to_string());
                return Ok(Outcome::Failed { trouble: trouble(error), status, asked, of_file: false });
            }
            Err(NotFetched::Busy) => return Ok(Outcome::failed(Trouble::Timeout)),
            Err(_) => return Ok(Outcome::failed(Trouble::Off)),
        }
        reading.wait(reading.feeding.pace);
    }
    if !organisations.is_empty() && problems.len() == organisations.len() {
        // It answers nothing that can be used: this is not the interface.
        reading.failed(Trouble::Record, None, problems)?;
        return Ok(Outcome::Failed { trouble: Trouble::Record, status: None, asked: None, of_file: false }.noted());
    }
    if rows.is_empty() {
        if !problems.is_empty() {
            reading.failed(Trouble::Record, None, problems)?;
        }
        return Ok(Outcome::Batch(goes_on));
    }
    reading.mapping = Some(MAPPING.to_owned());
    let name = format!("{}-{}", set.source(), today);
    let staged = reading.stage(&name, |sink| {
        let mut text = line(HEADER.map(str::to_owned).as_ref());
        rows.iter().for_each(|row| text.push_str(&line(row)));
        sink.write_all(text.as_bytes()).map_err(|_| Trouble::Disk)
    });
    let (mut staged, ()) = match staged {
        Ok(staged) => staged,
        Err(trouble) => return Ok(Outcome::failed(trouble)),
    };
    match reading.take_in(&mut staged, problems)? {
        Intake::Imported => Ok(Outcome::Batch(goes_on)),
        Intake::Refused(trouble) | Intake::NotNow(trouble) => Ok(Outcome::failed(trouble)),
        Intake::Lost => Ok(Outcome::Lost),
    }
}

fn problem(why: Unusable, id: &str) -> RunProblem {
    let code = match why {
        Unusable::Absent => "company-register-absent",
        Unusable::Other => "company-register-other",
        Unusable::Nameless => "company-register-nameless",
        Unusable::Form => "company-register-form",
    };
    // The business id of a company is no personal data, and tells which card to look at.
    RunProblem { row: None, column: Some(id.to_owned()), code: code.to_owned(), args: Vec::new() }
}

/// What differs; what is the same is left empty, which changes nothing.
fn row(organisation: &Organisation, record: &Record, differences: &[Difference]) -> Vec<String> {
    let differs = |part| differences.iter().any(|difference| difference.part == part && !difference.same);
    let companies: Vec<String> = organisation.companies.iter().map(ToString::to_string).collect();
    let name = if differs(Part::Name) { &record.name } else { &organisation.name };
    let mut row = vec![record.business_id.to_string(), name.clone(), companies.join(",")];
    for (part, place) in [(Part::Street, &record.street), (Part::Postal, &record.postal)] {
        match place.as_ref().filter(|_| differs(part)) {
            Some(place) => {
                row.extend([&place.street, &place.postal_code, &place.town, &place.country].map(String::clone));
            }
            None => row.extend([const { String::new() }; 4]),
        }
    }
    row
}

/// A line of CSV, every cell quoted.
fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
    cells.join(",") + "\n"
}
