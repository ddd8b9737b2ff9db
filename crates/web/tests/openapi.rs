//! The descriptions of the interfaces that are checked in are those of the code. `cargo xtask generate` writes them by
//! running this with `SELOSTE_GENERATE` set.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::path::Path;

use seloste_web::api::{cookie, partner, staff};

fn is_checked_in(name: &str, document: &utoipa::openapi::OpenApi) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi").join(name);
    let text = format!("{}\n", serde_json::to_string_pretty(document).unwrap());
    if std::env::var_os("SELOSTE_GENERATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "docs/openapi/{name} is not as generated; run `cargo xtask generate` and commit");
}

#[test]
fn the_description_of_the_staff_interface_is_checked_in() {
    is_checked_in("staff.json", &staff::document());
}

#[test]
fn the_description_of_the_partners_interface_is_checked_in() {
    is_checked_in("partner.json", &partner::document());
}

#[test]
fn the_description_of_the_web_services_interface_is_checked_in() {
    is_checked_in("cookies.json", &cookie::document());
}
