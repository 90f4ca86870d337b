use domain::Language;
use ring::digest;

/// One file of a site folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// As `policy.toml`, `policy.md` or `policy.es.md`.
    pub name: String,
    pub text: String,
}

/// The text of a site folder's policy. Reading the files is the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSources {
    pub rules: SourceFile,
    /// `policy.md` has no language of its own: it is written in the policy's default one.
    pub words: Vec<(Option<Language>, SourceFile)>,
}

impl SiteSources {
    /// `policy.toml` and `policy.md`.
    pub fn new(rules: impl Into<String>, words: impl Into<String>) -> Self {
        Self {
            rules: SourceFile { name: "policy.toml".to_owned(), text: rules.into() },
            words: vec![(None, SourceFile { name: "policy.md".to_owned(), text: words.into() })],
        }
    }

    /// Adds the words in another language, as `policy.es.md`.
    #[must_use]
    pub fn with_translation(mut self, language: Language, words: impl Into<String>) -> Self {
        let name = format!("policy.{language}.md");
        self.words.push((Some(language), SourceFile { name, text: words.into() }));
        self
    }

    /// Whether a file of this name holds words, and in which language: `policy.md` in the default one, `policy.es.md` in Spanish.
    pub fn words_language(file_name: &str) -> Option<Option<Language>> {
        match file_name.strip_prefix("policy.")?.strip_suffix("md")? {
            "" => Some(None),
            language => Language::parse(language.strip_suffix('.')?).map(Some),
        }
    }

    /// SHA-256 of the rules and the words, whatever order the files were read in.
    pub fn hash(&self) -> [u8; 32] {
        let mut files: Vec<&SourceFile> = self.words.iter().map(|(_, file)| file).chain([&self.rules]).collect();
        files.sort_by(|one, other| one.name.cmp(&other.name));
        let mut context = digest::Context::new(&digest::SHA256);
        for part in files.into_iter().flat_map(|file| [&file.name, &file.text]) {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part.as_bytes());
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        hash
    }

    pub(crate) fn file(&self, name: &str) -> Option<&SourceFile> {
        self.words.iter().map(|(_, file)| file).chain([&self.rules]).find(|file| file.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_says_which_language_it_holds() {
        assert_eq!(SiteSources::words_language("policy.md"), Some(None));
        assert_eq!(SiteSources::words_language("policy.es.md"), Some(Language::parse("es")));
        for name in ["policy.toml", "policy.md.bak", "policy.e.md", "policies.md", "policy..md", "policy.esmd"] {
            assert_eq!(SiteSources::words_language(name), None, "{name}");
        }
    }

    #[test]
    fn every_letter_counts_for_the_hash_and_the_order_of_files_does_not() {
        let spanish = Language::parse("es").expect("a language");
        let german = Language::parse("de").expect("a language");
        let site = SiteSources::new("a", "b");
        let one = site.clone().with_translation(spanish.clone(), "c").with_translation(german.clone(), "d");
        let other = site.clone().with_translation(german, "d").with_translation(spanish, "c");
        assert_eq!(one.hash(), other.hash());
        assert_ne!(site.hash(), SiteSources::new("ab", "").hash());
        assert_ne!(site.hash(), one.hash());
    }
}
