//! Files as banks write them, and as they come when something went wrong. All names are made up.
#![expect(clippy::unwrap_used, reason = "functions beside the tests fail as the tests do")]

use std::fmt::Write as _;

use proptest::prelude::*;
use seloste_domain::iban::Iban;
use seloste_domain::payment::Incoming;
use seloste_payments::{FileError, PaymentFile, Place, Problem, limit, read};

const ACCOUNT: &str = "FI7944052020036082";

fn accounts() -> Vec<Iban> {
    ["FI2112345600000785", ACCOUNT].map(|iban| iban.parse().unwrap()).to_vec()
}

fn given(file: impl AsRef<[u8]>) -> Result<PaymentFile, FileError> {
    read(file.as_ref(), &accounts())
}

fn refused(file: impl AsRef<[u8]>) -> (Place, Problem) {
    let error = given(file).unwrap_err();
    (error.place, error.problem)
}

/// A payment's record.
fn record(archive: &str, reference: &str, payer: &str, cents: u64, correction: char) -> String {
    format!("344052020036082261120261119{archive:16}{reference:0>20}{payer:12}1A{cents:010}{correction}J ")
}

fn ktl(records: &[String], trailer: &str) -> String {
    let header = format!("{:90}", "02611231030NDDFI00001 1");
    let lines: Vec<&str> = std::iter::once(header.as_str()).chain(records.iter().map(String::as_str)).collect();
    format!("{}\r\n{trailer:90}\r\n", lines.join("\r\n"))
}

fn sample() -> [String; 3] {
    [
        record("2611200000000001", "12345672", "KORHONEN MAI", 12_550, '0'),
        record("2611200000000002", "1234561", "V[IN\\L[ OY", 1, '0'),
        record("2611200000000001", "12345672", "KORHONEN MAI", 550, '1'),
    ]
}

const TRAILER: &str = "900000200000012551000001000000005500";

#[test]
fn a_reference_payment_file() {
    let file = ktl(&sample(), TRAILER);
    let payments = given(&file).unwrap().payments;
    let told: Vec<_> = payments.iter().map(|p| (p.archive_id.as_str(), p.amount.0, p.payer.as_str())).collect();
    assert_eq!(
        told,
        [
            ("2611200000000001", 12_550, "KORHONEN MAI"),
            ("2611200000000002", 1, "VÄINÖLÄ OY"),
            ("2611200000000001/1", -550, "KORHONEN MAI"),
        ]
    );
    let Incoming { account, booked_on, paid_on, reference, .. } = &payments[0];
    assert_eq!((account.as_str(), booked_on.to_string().as_str()), (ACCOUNT, "2026-11-20"));
    assert_eq!((paid_on.to_string().as_str(), reference.as_ref().unwrap().as_str()), ("2026-11-19", "12345672"));
    // Letters of ISO-8859-1, spaces left out at the ends of records, two batches in a file.
    let latin: Vec<u8> =
        file.chars().map(|c| u8::try_from(u32::from(if c == '\\' { 'Ö' } else { c })).unwrap()).collect();
    assert_eq!(given(&latin).unwrap().payments[1].payer, "VÄINÖLÄ OY");
    let trimmed = file.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert_eq!(given(&trimmed).unwrap().payments, payments);
    let other = ktl(&[record("X", "", "", 5, '0')], "900000100000000005000000000000000000");
    let two = given(format!("{file}{other}")).unwrap().payments;
    assert_eq!((two.len(), two[3].reference.as_ref()), (4, None));
}

#[test]
fn what_is_wrong_with_a_reference_payment_file() {
    let [first, second, third] = sample();
    let file = |records: &[&str]| ktl(&records.iter().map(|r| (*r).to_owned()).collect::<Vec<_>>(), TRAILER);
    let good = file(&[&first, &second, &third]);
    let changed = |from: &str, to: &str| good.replacen(from, to, 1);
    for (file, place, problem) in [
        (String::new(), Place::File, Problem::Empty),
        ("Hei!\n".into(), Place::File, Problem::UnknownKind),
        (good[..good.len() / 2].into(), Place::Line(3), Problem::RecordLength),
        (good.lines().take(4).collect::<Vec<_>>().join("\n"), Place::Line(5), Problem::Cut),
        (file(&[&first, &second]), Place::Line(4), Problem::WrongCount),
        (changed("0000012550", "0000012551"), Place::Line(5), Problem::WrongSum),
        (changed("344052020036082", "344052020036083"), Place::Line(2), Problem::OtherAccount),
        (changed("KORHONEN MAI1", "KORHONEN MAI2"), Place::Line(2), Problem::Currency),
        (changed("0000012550", "00000125.0"), Place::Line(2), Problem::Number),
        (changed("261120261119", "261320261119"), Place::Line(2), Problem::Date),
        (changed("0000005501J", "0000005502J"), Place::Line(4), Problem::Direction),
        (changed("2611200000000001", "                "), Place::Line(2), Problem::Missing),
        (file(&[&first, &first, &third]), Place::Line(3), Problem::Twice),
        (good.replacen("\r\n3", "\r\n4", 1), Place::Line(2), Problem::RecordType),
        (format!("{good}{first}"), Place::Line(6), Problem::RecordType),
        (changed("J \r", "J  \r"), Place::Line(2), Problem::RecordLength),
    ] {
        assert_eq!(refused(&file), (place, problem), "{file}");
    }
}

fn entry(id: &str, cents: &str, inside: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{cents}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>\
         <ValDt><Dt>2026-11-19</Dt></ValDt><AcctSvcrRef>{id}</AcctSvcrRef><NtryDtls>{inside}</NtryDtls></Ntry>"
    )
}

fn transaction(cents: &str, payer: &str, reference: &str) -> String {
    format!(
        "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">{cents}</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Nm>{payer}</Nm></Dbtr>\
         </RltdPties><RmtInf><Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"
    )
}

fn camt(count: usize, sum: &str, entries: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.02\">\n\
         <BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M1</MsgId></GrpHdr><Ntfctn><Id>N1</Id><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id>\
         <Ccy>EUR</Ccy></Acct><TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries><Sum>{sum}</Sum></TtlNtries></TxsSummry>\
         {entries}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n"
    )
}

fn two_entries() -> String {
    let both = format!(
        "{}{}",
        transaction("100", "Maija Korhonen", "12345672"),
        transaction("25.5", "Väinölä &amp; Pojat Oy", "RF341234561")
    );
    format!("{}{}", entry("A1", "125.50", &both), entry("A2", "1.00", &transaction("1.00", "Aapo Aho", "")))
}

#[test]
fn a_notification_of_version_02() {
    let payments = given(camt(2, "126.5", &two_entries())).unwrap().payments;
    let told: Vec<_> = payments.iter().map(|p| (p.archive_id.as_str(), p.amount.0, p.payer.as_str())).collect();
    assert_eq!(
        told,
        [("A1#1", 10_000, "Maija Korhonen"), ("A1#2", 2_550, "Väinölä & Pojat Oy"), ("A2", 100, "Aapo Aho")]
    );
    let references: Vec<_> = payments.iter().map(|p| p.reference.as_ref().map(ToString::to_string)).collect();
    assert_eq!(references, [Some("12345672".into()), Some("1234561".into()), None]);
    // A reference in free text is one too, where it is nothing else.
    let free = entry("A3", "1", "<TxDtls><RmtInf><Ustrd>123 45672</Ustrd></RmtInf></TxDtls>");
    assert!(given(camt(1, "1", &free)).unwrap().payments[0].reference.is_some());
}

#[test]
fn a_notification_of_version_08() {
    let inside = "<TxDtls><Refs><AcctSvcrRef>B7</AcctSvcrRef></Refs><Amt Ccy=\"EUR\">3.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>\
                  <RltdPties><Dbtr><Pty><Nm>Aino Aalto</Nm></Pty></Dbtr></RltdPties><RmtInf><Strd><CdtrRefInf>\
                  <Ref>1234561</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>";
    let file = camt(1, "3", &entry("B1", "3", inside).replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>"));
    let file =
        file.replace("001.02", "001.08").replace("<Dt>2026-11-20</Dt>", "<DtTm>2026-11-20T10:00:00+02:00</DtTm>");
    let payments = given(file).unwrap().payments;
    assert_eq!((payments[0].archive_id.as_str(), payments[0].payer.as_str()), ("B7", "Aino Aalto"));
    assert_eq!(payments[0].booked_on.to_string(), "2026-11-20");
}

#[test]
fn returns_and_what_is_no_payment() {
    let come = entry("A1", "5", "");
    let back = come.replace("CRDT</CdtDbtInd>", "DBIT</CdtDbtInd><RvslInd>true</RvslInd>");
    let returned = entry("A2", "5", "<TxDtls><RtrInf/></TxDtls>").replace("CRDT", "DBIT");
    let outgoing = entry("A3", "5", "").replace("CRDT", "DBIT");
    let pending = entry("A4", "5", "").replace("BOOK", "PDNG");
    let undone = entry("A5", "5", "").replace("<Sts>", "<RvslInd>true</RvslInd><Sts>");
    let file = given(camt(6, "30", &[come, back, returned, outgoing, pending, undone].concat())).unwrap();
    let told: Vec<_> = file.payments.iter().map(|p| (p.archive_id.as_str(), p.amount.0)).collect();
    assert_eq!((told.as_slice(), file.passed_over), (&[("A1", 500), ("A1/1", -500), ("A2/1", -500)][..], 3));
}

#[test]
fn what_is_wrong_with_a_notification() {
    let good = camt(2, "126.50", &two_entries());
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let at = Place::Entry;
    for (file, place, problem) in [
        (good[..good.len() / 2].to_owned(), at(1, "Document"), Problem::Cut),
        (good[..good.len() - 15].to_owned(), at(2, "Document"), Problem::Cut),
        (changed("001.02", "001.13"), Place::File, Problem::UnknownKind),
        (changed("camt.054", "camt.053"), Place::File, Problem::UnknownKind),
        ("<Hei/>".into(), Place::File, Problem::UnknownKind),
        (changed("FI7944052020036082", "FI4250001510000023"), Place::File, Problem::OtherAccount),
        (changed("FI7944052020036082", "FI1431313001234567"), Place::File, Problem::OtherAccount),
        (changed("<Ccy>EUR", "<Ccy>SEK"), Place::File, Problem::Currency),
        (changed("<Amt Ccy=\"EUR\">125.50", "<Amt Ccy=\"USD\">125.50"), at(1, "Amt"), Problem::Currency),
        (changed("<Amt Ccy=\"EUR\">25.5", "<Amt>25.5"), at(1, "TxDtls"), Problem::Currency),
        (changed("<NbOfNtries>2", "<NbOfNtries>3"), at(2, "TxsSummry"), Problem::WrongCount),
        (changed("<Sum>126.50", "<Sum>126.51"), at(2, "TxsSummry"), Problem::WrongSum),
        (changed("25.5<", "25.6<"), at(1, "TxDtls"), Problem::WrongSum),
        (changed("25.5<", "25.555<"), at(1, "TxDtls"), Problem::Number),
        (changed("25.5<", "-25.5<"), at(1, "TxDtls"), Problem::Number),
        (changed("25.5<", "2,55<"), at(1, "TxDtls"), Problem::Number),
        (changed("CRDT", "BOTH"), at(1, "CdtDbtInd"), Problem::Direction),
        (changed("2026-11-20", "20.11.2026"), at(1, "BookgDt"), Problem::Date),
        (changed("<AcctSvcrRef>A1</AcctSvcrRef>", ""), at(1, "AcctSvcrRef"), Problem::Missing),
        (changed("A2", "A1#1"), at(2, "AcctSvcrRef"), Problem::Twice),
        (changed("&amp;", "&bomb;"), at(1, "Document"), Problem::Malformed),
        (changed("<Document", "<!DOCTYPE Document [<!ENTITY a \"b\">]><Document"), Place::File, Problem::Malformed),
        (changed("</GrpHdr>", "</Grp>"), Place::File, Problem::Malformed),
        (changed("Maija", &"M".repeat(limit::TEXT)), at(1, "Ntry"), Problem::TooLarge),
        (changed("<GrpHdr>", &"<a>".repeat(limit::DEPTH)), Place::File, Problem::TooLarge),
        (changed("<NtryDtls>", "<NtryDtls><Btch><NbOfTxs>3</NbOfTxs></Btch>"), at(1, "Btch"), Problem::WrongCount),
    ] {
        assert_eq!(refused(&file), (place, problem), "{file}");
    }
}

#[test]
fn files_of_many_payments() {
    let mut entries = String::new();
    for i in 0..20_000 {
        write!(entries, "{}", entry(&format!("A{i}"), "0.01", "")).unwrap();
    }
    assert_eq!(given(camt(20_000, "200.00", &entries)).unwrap().payments.len(), 20_000);
    let more: Vec<String> = (0..=limit::PAYMENTS).map(|i| record(&i.to_string(), "", "", 1, '0')).collect();
    assert_eq!(refused(ktl(&more, "9")).1, Problem::TooLarge);
    let trailer = format!("9{:06}{:011}{:017}", limit::PAYMENTS - 1, limit::PAYMENTS - 1, 0);
    assert_eq!(given(ktl(&more[2..], &trailer)).unwrap().payments.len(), limit::PAYMENTS - 1);
}

#[test]
fn every_problem_has_a_key_of_its_own() {
    let keys: std::collections::BTreeSet<_> = Problem::ALL.iter().map(|problem| problem.key()).collect();
    assert_eq!(keys.len(), Problem::ALL.len());
}

proptest! {
    #[test]
    fn a_file_cut_anywhere_is_refused(at in 0.0..0.999_f64) {
        let whole = camt(2, "126.50", &two_entries());
        let mut end = (whole.trim_end().len() as f64 * at) as usize;
        while !whole.is_char_boundary(end) { end -= 1; }
        prop_assert!(given(&whole[..end]).is_err());
        let whole = ktl(&sample(), TRAILER);
        // The trailer is complete before the spaces at its end.
        let end = ((whole.trim_end().len() - 1) as f64 * at) as usize;
        prop_assert!(given(&whole[..end]).is_err());
    }

    #[test]
    fn any_bytes_are_a_file_or_not(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0..800_usize) {
        let _ = given(&bytes);
        let mut whole = camt(2, "126.50", &two_entries()).into_bytes();
        let end = (at + bytes.len()).min(whole.len());
        whole.splice(at.min(end)..end, bytes.iter().copied());
        let _ = given(&whole);
    }
}
