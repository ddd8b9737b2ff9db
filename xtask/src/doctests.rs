//! Whether a package has examples in its documentation: nextest does not run them, and cargo compiles each package
//! anew to find that there are none.

use std::path::Path;

/// The packages below `crates/` whose sources hold a code block in a documentation comment.
pub(crate) fn packages(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join("crates"))? {
        let entry = entry?;
        let source = entry.path().join("src");
        // Cargo runs the examples of libraries only.
        if source.join("lib.rs").exists() && has_example(&source)? {
            found.push(format!("seloste-{}", entry.file_name().to_string_lossy()));
        }
    }
    found.sort();
    Ok(found)
}

fn has_example(folder: &Path) -> anyhow::Result<bool> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let found = if path.is_dir() {
            has_example(&path)?
        } else {
            path.extension().is_some_and(|ext| ext == "rs") && opens_block(&std::fs::read_to_string(&path)?)
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a block of code is opened that is compiled: one of `text` is not.
fn opens_block(source: &str) -> bool {
    let fences = source
        .lines()
        .map(str::trim_start)
        .filter_map(|line| line.strip_prefix("/// ```").or_else(|| line.strip_prefix("//! ```")));
    // Each second one closes a block.
    fences.step_by(2).any(|language| language != "text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_stand_in_documentation_comments() {
        for (source, expected) in [
            ("    /// ```\n    /// assert!(true);\n    /// ```\nfn a() {}", true),
            ("//! ```text\n//! a\n//! ```\n", false),
            ("//! ```text\n//! a\n//! ```\n/// ```\n/// b();\n/// ```\n", true),
            ("// ```\nlet s = \"```\";", false),
        ] {
            assert_eq!(opens_block(source), expected, "{source}");
        }
    }
}
