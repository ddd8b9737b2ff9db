//! The built program: files of payments and reference rates from the command line.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use seloste_domain::billing::BillingDraft;
use seloste_ops::invoice;
use seloste_testkit::{TestPlace, TestRegister, samples};

fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seloste"));
    command.args(arguments).arg("--data").arg(data).args(["--lang", "en"]).env_clear().stdin(Stdio::null());
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn good(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_file_is_looked_at_taken_in_once_and_undone() {
    let test = TestRegister::create(TestPlace::sqlite());
    let data = test.db().settings().data.clone();
    let record = format!("344052020036082261101261101{:16}{:0>20}{:12}1A{:010}0J ", "A1", "", "MAKSAJA", 12_550);
    let file = |record: &str| {
        let trailer = format!("9000001{:011}{:017}", 12_550, 0);
        format!("{:90}\n{record}\n{trailer:90}\n", "02611231030NDDFI00001 1")
    };
    let path = data.join("viitteet.ktl");
    let path_text = path.to_str().unwrap().to_owned();
    std::fs::write(&path, file(&record)).unwrap();
    let without = run(&data, &["payment", "import", &path_text]);
    assert_eq!(without.status.code(), Some(4), "no company has an account: {}", text(&without.stderr));
    let billing = BillingDraft {
        vat_registered: true,
        address: samples::address(1),
        iban: "FI7944052020036082".into(),
        bic: "NDEAFIHH".into(),
        ..BillingDraft::default()
    };
    invoice::set_billing(&test, &TestRegister::operator(), &samples::COMPANY.parse().unwrap(), 0, &billing).unwrap();

    let looked = good(&data, &["payment", "import", &path_text, "--dry-run"]);
    assert!(looked.contains("125.50") && looked.contains("Nothing was entered"), "{looked}");
    assert!(good(&data, &["payment", "list"]).trim().is_empty());
    let taken = good(&data, &["payment", "import", &path_text]);
    let id = taken.split_whitespace().find(|word| word.len() == 36).unwrap().to_owned();
    assert!(good(&data, &["payment", "import", &path_text]).contains("nothing new"));
    assert!(good(&data, &["payment", "list"]).contains("MAKSAJA"));
    assert!(good(&data, &["payment", "files"]).contains("viitteet.ktl"));
    assert!(good(&data, &["payment", "undo", &id]).contains("125.50"));
    assert!(good(&data, &["payment", "list", "--all"]).trim().is_empty());

    // What is wrong is told with its line, and nothing of the file is taken.
    std::fs::write(&path, file(&record.replacen("1A0000012550", "1A0000012551", 1))).unwrap();
    let wrong = run(&data, &["payment", "import", &path_text]);
    assert_eq!(wrong.status.code(), Some(4));
    assert!(text(&wrong.stderr).contains("Line 3"), "{}", text(&wrong.stderr));

    good(&data, &["interest", "set", "2027-01-01", "2.15"]);
    assert!(good(&data, &["interest", "list"]).lines().last().unwrap().contains("2.5 %"));
    assert!(!run(&data, &["interest", "set", "2027-02-01", "2.15"]).status.success());
}
