//! The program's texts: the same messages with the same arguments in each language, and links in the documents that
//! lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::bail;

/// The languages of the program.
const LANGUAGES: [&str; 3] = ["fi", "sv", "en"];

/// Fails with every difference between the languages and every dead link.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    let mut files = Vec::new();
    collect(root, &mut files)?;
    let mut findings = Vec::new();
    compare_languages(&files, &mut findings)?;
    for file in files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "md")) {
        dead_links(file, &std::fs::read_to_string(file)?, &mut findings);
    }
    if !findings.is_empty() {
        bail!("\n  {}", findings.join("\n  "));
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.');
        if entry.file_type()?.is_dir() {
            if !hidden && !["target", "node_modules", "vendor"].iter().any(|skipped| name == *skipped) {
                collect(&entry.path(), files)?;
            }
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Messages of one file: identifier -> the arguments it takes.
type Messages = BTreeMap<String, BTreeSet<String>>;

fn compare_languages(files: &[PathBuf], findings: &mut Vec<String>) -> anyhow::Result<()> {
    let mut families: BTreeMap<PathBuf, BTreeMap<&str, Messages>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "ftl")) {
        if let Some((family, language)) = family(file) {
            families.entry(family).or_default().insert(language, messages(&std::fs::read_to_string(file)?));
        }
    }
    for (family, languages) in families {
        compare(&family.display().to_string(), &languages, findings);
    }
    Ok(())
}

/// `texts/fi/staff.ftl` and `texts/staff/fi.ftl` both belong to a family in which the language is left open.
fn family(file: &Path) -> Option<(PathBuf, &'static str)> {
    let language_of = |name: &str| LANGUAGES.into_iter().find(|language| *language == name);
    let stem = file.file_stem()?.to_str()?;
    if let Some(language) = language_of(stem) {
        return Some((file.with_file_name("*.ftl"), language));
    }
    let folder = file.parent()?;
    let language = language_of(folder.file_name()?.to_str()?)?;
    Some((folder.with_file_name("*").join(file.file_name()?), language))
}

fn compare(family: &str, languages: &BTreeMap<&str, Messages>, findings: &mut Vec<String>) {
    let empty = Messages::new();
    let ids: BTreeSet<_> = languages.values().flat_map(Messages::keys).collect();
    for id in ids {
        let Some(arguments) = LANGUAGES.iter().find_map(|language| languages.get(language)?.get(id)) else { continue };
        for language in LANGUAGES {
            match languages.get(language).unwrap_or(&empty).get(id) {
                None => findings.push(format!("{family}: {id} is missing in {language}")),
                Some(theirs) if theirs != arguments => {
                    findings.push(format!("{family}: {id} takes other arguments in {language}: {theirs:?}"));
                }
                Some(_) => {}
            }
        }
    }
}

/// The messages, terms and attributes of a Fluent file. The program's own tests parse it in full.
fn messages(text: &str) -> Messages {
    let mut found = Messages::new();
    let mut message = String::new();
    let mut id = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once('=').filter(|(name, _)| is_identifier(name.trim_end())) {
            message = name.trim_end().to_owned();
            id.clone_from(&message);
        } else if let Some((name, _)) = line.trim_start().strip_prefix('.').and_then(|rest| rest.split_once('='))
            && is_identifier(name.trim_end())
        {
            id = format!("{message}.{}", name.trim_end());
        }
        if !id.is_empty() {
            found.entry(id.clone()).or_default().extend(arguments(line));
        }
    }
    found
}

fn is_identifier(name: &str) -> bool {
    let name = name.strip_prefix('-').unwrap_or(name);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn arguments(line: &str) -> impl Iterator<Item = String> {
    line.split('$').skip(1).map(|rest| {
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect::<String>()
    })
}

fn dead_links(file: &Path, text: &str, findings: &mut Vec<String>) {
    if file.components().any(|part| part.as_os_str() == "guide") {
        // Its links lead to topics and pages; the tests of web follow them.
        return;
    }
    // What stands between backticks is an example.
    let prose: String = text.split('`').step_by(2).collect();
    for target in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let path = target.split('#').next().unwrap_or_default();
        let outside = path.is_empty() || target.contains("://") || target.starts_with("mailto:");
        if !outside && !file.with_file_name(path).exists() {
            findings.push(format!("{}: the link to {target} leads nowhere", file.display()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_one_language_lacks_or_fills_otherwise_is_found() {
        let fi =
            "# kommentti\nname = Nimi { $name }\n    .title = Otsikko\ncount = { $n ->\n   *[other] { $n } kpl\n}\n";
        let sv = "name = Namn { $nam }\n    .title = Rubrik\ncount = { $n } st\n";
        let en = "name = Name { $name }\ncount = { $n }\n";
        let languages = BTreeMap::from([("fi", messages(fi)), ("sv", messages(sv)), ("en", messages(en))]);
        let mut findings = Vec::new();
        compare("t", &languages, &mut findings);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings.iter().any(|f| f.contains("name.title is missing in en")), "{findings:?}");
        assert!(findings.iter().any(|f| f.contains("name takes other arguments in")), "{findings:?}");
    }

    #[test]
    fn a_language_is_a_folder_or_a_file() {
        for (file, expected) in [
            ("texts/fi/staff.ftl", Some(("texts/*/staff.ftl", "fi"))),
            ("texts/staff/sv.ftl", Some(("texts/staff/*.ftl", "sv"))),
            ("texts/staff.ftl", None),
        ] {
            assert_eq!(family(Path::new(file)), expected.map(|(family, lang)| (PathBuf::from(family), lang)), "{file}");
        }
    }

    #[test]
    fn dead_links_are_found() {
        let mut findings = Vec::new();
        let text = "[a](Cargo.toml#x) [b](https://example.org/) [c](#here) [d](nowhere.md)";
        dead_links(&Path::new(env!("CARGO_MANIFEST_DIR")).join("x.md"), text, &mut findings);
        assert_eq!(findings.len(), 1, "{findings:?}");
    }
}
