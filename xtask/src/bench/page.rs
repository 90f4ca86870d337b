//! The page that holds the last run of each benchmark.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace;

/// Puts a table into its section.
pub(crate) fn write(name: &str, table: &str) -> Result<()> {
    let file = workspace::root().join("docs/benchmarks.md");
    let page = fs::read_to_string(&file).context("docs/benchmarks.md is where figures go")?;
    let page = replaced(&page, name, table).with_context(|| format!("docs/benchmarks.md has no section `<!-- {name} -->`"))?;
    fs::write(&file, page).context("could not write docs/benchmarks.md")
}

fn replaced(page: &str, name: &str, table: &str) -> Option<String> {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = page.split_once(&start)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{start}\n{}\n\n{end}{after}", table.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_section_changes() {
        let page = "a\n<!-- one -->\nold\n<!-- /one -->\n<!-- two -->\nkept\n<!-- /two -->\n";
        let changed = replaced(page, "one", "new\n").unwrap();
        assert_eq!(changed, "a\n<!-- one -->\n\nnew\n\n<!-- /one -->\n<!-- two -->\nkept\n<!-- /two -->\n");
        assert_eq!(replaced(&changed, "one", "new\n"), Some(changed));
        assert_eq!(replaced(page, "three", "new"), None);
    }
}
