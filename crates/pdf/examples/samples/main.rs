//! Writes one sample of each document in each language: `cargo run -p seloste-pdf --example samples -- DIR`.

mod documents;

use std::io::Write as _;
use std::path::PathBuf;

use seloste_pdf::{Document, Fonts, Kind, Language, render};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("say where to: samples DIR")?);
    std::fs::create_dir_all(&folder)?;
    let at = "2026-11-23T14:05:00+02:00[Europe/Helsinki]".parse()?;
    let fonts = Fonts::built_in();
    for language in documents::LANGUAGES {
        for document in documents::all(language) {
            let style = match document.kind() {
                Kind::Letter => documents::style(language),
                _ => documents::style_with_logo(language),
            };
            let tag = format!("{language:?}").to_lowercase();
            let file = folder.join(format!("{}.{tag}.pdf", document.kind().as_str()));
            std::fs::write(&file, render(&document, &style, &fonts, &at)?.bytes)?;
            writeln!(std::io::stdout(), "{}", file.display())?;
        }
    }
    let long = Document::OrderConfirmation(documents::order(Language::Fi, 60));
    std::fs::write(folder.join("long.fi.pdf"), render(&long, &documents::style(Language::Fi), &fonts, &at)?.bytes)?;
    Ok(())
}
