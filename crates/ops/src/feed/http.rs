//! Reading an address: asked whether it has changed, fetched into a file, compared with the last content, imported.

use jiff::SignedDuration;
use seloste_domain::feed::Trouble;
use seloste_fetch::{Address, FetchError, Request};
use seloste_store::feed as store;
use zeroize::Zeroizing;

use super::intake::{Intake, Reading};
use super::runner::{Content, Outcome};
use crate::error::Result;
use crate::import::upload::LARGEST;

pub(super) fn read(reading: &Reading<'_>) -> Result<Outcome> {
    let Ok(address) = reading.feed.address.parse::<Address>() else { return Ok(Outcome::failed(Trouble::Address)) };
    let Ok(authorization) = secret(reading)? else { return Ok(Outcome::failed(Trouble::Secret)) };
    let mut why: Option<FetchError> = None;
    let fetched = reading.stage(address.file_name(), |sink| {
        let request = Request {
            address: &address,
            authorization,
            etag: reading.taken.etag.as_deref(),
            last_modified: reading.taken.last_modified.as_deref(),
            accept: "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, */*;q=0.5",
            limit: LARGEST,
            timeout: reading.feeding.timeout,
        };
        reading.feeding.fetcher.fetch(&request, sink).map_err(|error| {
            why = Some(error);
            trouble(error)
        })
    });
    let (mut staged, answer) = match fetched {
        Ok(fetched) => fetched,
        Err(_) if reading.is_stopping() => return Ok(Outcome::Lost),
        Err(trouble) => {
            let status = why.and_then(|why| why.status).map(|status| status.to_string());
            let asked = why.and_then(|why| why.wait).and_then(|wait| SignedDuration::try_from(wait).ok());
            return Ok(Outcome::Failed { trouble, status, asked, of_file: false });
        }
    };
    if !answer.changed {
        return Ok(Outcome::Nothing);
    }
    let content = Content { etag: answer.etag, last_modified: answer.last_modified, hash: Some(staged.hash.clone()) };
    if reading.taken.last_hash.as_ref() == Some(&staged.hash) {
        return Ok(Outcome::Same(content));
    }
    if reading.seen(&staged.hash)? == Some(false) {
        // It was refused before, and nothing of the feed has changed since.
        return Ok(Outcome::Nothing);
    }
    match reading.take_in(&mut staged, Vec::new())? {
        Intake::Imported => Ok(Outcome::New(content)),
        Intake::Refused(trouble) => Ok(Outcome::failed_file(trouble)),
        Intake::NotNow(trouble) => Ok(Outcome::failed(trouble)),
        Intake::Lost => Ok(Outcome::Lost),
    }
}

/// The value of `Authorization`, if one is kept; an error when it can not be opened.
fn secret(reading: &Reading<'_>) -> Result<std::result::Result<Option<Zeroizing<String>>, ()>> {
    let (db, id) = (reading.register.db(), reading.feed.id);
    let Some(sealed) = db.look(|tx| store::secret(tx, id))? else { return Ok(Ok(None)) };
    let opened = db.open_secret(id.0, &sealed).ok();
    let text = opened.and_then(|bytes| std::str::from_utf8(&bytes).map(str::to_owned).ok());
    Ok(text.map(|text| Some(Zeroizing::new(text))).ok_or(()))
}

/// The same trouble in the words of feeds; a test sees to it that each has one.
pub(super) fn trouble(error: FetchError) -> Trouble {
    error.trouble.as_str().parse().unwrap_or(Trouble::Answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_of_fetching_is_one_of_feeds() {
        for why in seloste_fetch::Trouble::ALL {
            assert_eq!(trouble((*why).into()).as_str(), why.as_str());
        }
    }
}
