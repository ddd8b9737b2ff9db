//! Documents of the contract with a partner (Art. 28(9): a contract is in writing, also in electronic form). They say who
//! signed what for whom, and are no data of the register's people.

use jiff::Timestamp;

use crate::field::{FieldError, code};
use crate::id::{PartnerDocumentId, PartnerId};

/// Bytes of a document at most.
pub const LARGEST: usize = 10 << 20;
/// Documents of one partner at most.
pub const MOST: usize = 20;
/// Bytes at the end of a file in which its end is looked for.
const TAIL: usize = 1024;

/// A document without its content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartnerDocument {
    /// Its id.
    pub id: PartnerDocumentId,
    /// Whose contract it belongs to.
    pub partner: PartnerId,
    /// What the one who added it called the file.
    pub file_name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

/// Checks that a file is a PDF, by what is in it and not by what it is called (ISO 32000-2, 7.5: a header, a cross-reference
/// and an end), and that it is not too large. Whether its reader can be trusted with it is not told: it is given back as a
/// file, never shown.
///
/// # Errors
/// At `file`: there is none, it is too large, or no PDF.
pub fn check(bytes: &[u8]) -> Result<(), FieldError> {
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or_default();
    let has = |part: &[u8]| tail.windows(part.len()).any(|window| window == part);
    let is_pdf = (bytes.starts_with(b"%PDF-1.") || bytes.starts_with(b"%PDF-2.")) && has(b"startxref") && has(b"%%EOF");
    match () {
        () if bytes.is_empty() => Err(FieldError::new("file", code::REQUIRED)),
        () if bytes.len() > LARGEST => Err(FieldError::new("file", code::FILE_TOO_LARGE).with("max", LARGEST >> 20)),
        () if !is_pdf => Err(FieldError::new("file", code::NOT_PDF)),
        () => Ok(()),
    }
}

/// The name of a file as it is kept: without folders and what can not stand in a header, and with the ending of a PDF.
#[must_use]
pub fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !matches!(c, '"' | ';')).take(120).collect();
    let stem = clean.trim().trim_end_matches(".pdf").trim_end_matches(".PDF").trim_matches('.');
    format!("{}.pdf", if stem.is_empty() { "sopimus" } else { stem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_a_pdf_is_taken() {
        let good = b"%PDF-1.7\n1 0 obj\nendobj\nstartxref\n9\n%%EOF\n";
        assert_eq!(check(good), Ok(()));
        let code = |bytes: &[u8]| check(bytes).unwrap_err().code;
        assert_eq!(code(b""), code::REQUIRED);
        assert_eq!(code(b"PK\x03\x04 a .docx that is called .pdf"), code::NOT_PDF);
        assert_eq!(code(&good[..20]), code::NOT_PDF, "cut in half");
        assert_eq!(code(b"<html>%PDF-1.7 startxref %%EOF"), code::NOT_PDF);
        let mut large = vec![b' '; LARGEST + 1];
        large[..8].copy_from_slice(b"%PDF-1.7");
        assert_eq!(code(&large), code::FILE_TOO_LARGE);
    }

    #[test]
    fn a_file_name_names_no_folder() {
        for (given, kept) in [
            ("Sopimus 12.pdf", "Sopimus 12.pdf"),
            ("C:\\Users\\x\\a.PDF", "a.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("a\"; filename=\"b.exe", "a filename=b.exe.pdf"),
            ("..", "sopimus.pdf"),
            ("", "sopimus.pdf"),
        ] {
            assert_eq!(file_name(given), kept, "{given}");
        }
    }
}
