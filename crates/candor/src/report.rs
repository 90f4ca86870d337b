//! What changed between two versions, as commands print it: the same in JSON, over the owner's socket and for a person.

use std::io::Write;

use app::publishing::Published;
use policy::diff::{Changes, WordsChangeKind};
use serde::{Deserialize, Serialize};

/// What `candor diff --json` prints, and what `candor publish` says of the new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangesReport {
    /// Whether people have to be told.
    pub(crate) material: bool,
    pub(crate) summary: String,
    pub(crate) rules: Vec<RuleChange>,
    pub(crate) words: Vec<TextChange>,
    /// What these mean changed: whatever was said to the older words does not count any more.
    pub(crate) purposes_changed_materially: Vec<String>,
    /// Of these, the ones that people can say yes to, and could before.
    #[serde(default)]
    pub(crate) yes_ended: Vec<String>,
    /// These need a fresh consent for data from before.
    pub(crate) uses_reaching_further: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleChange {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) what: String,
    /// Why it is material, as `new-data`; null where it is not.
    pub(crate) material: Option<String>,
    /// The same as a sentence.
    pub(crate) why: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TextChange {
    pub(crate) language: String,
    pub(crate) added: bool,
    pub(crate) text: String,
}

/// What `candor publish --json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PublishReport {
    /// False where it was only tried.
    pub(crate) published: bool,
    pub(crate) version: u32,
    pub(crate) revised: jiff::civil::Date,
    pub(crate) hash: String,
    /// How a material change is announced: `banner`, `mail`. Empty where nothing is.
    pub(crate) notice: Vec<String>,
    /// Null for the first version.
    pub(crate) changes: Option<ChangesReport>,
}

impl ChangesReport {
    pub(crate) fn of(changes: &Changes) -> Self {
        let rule = |change: &policy::diff::Change| RuleChange {
            kind: change.kind.to_owned(),
            id: change.id.clone(),
            title: change.title.clone(),
            what: change.what.clone(),
            material: change.material.map(|why| why.name().to_owned()),
            why: change.material.map(|why| why.to_string()),
        };
        let text = |words: &policy::diff::WordsChange| TextChange {
            language: words.language.clone(),
            added: words.change == WordsChangeKind::Added,
            text: words.text.clone(),
        };
        Self {
            material: changes.is_material(),
            summary: changes.summary(),
            rules: changes.rules.iter().map(rule).collect(),
            words: changes.words.iter().map(text).collect(),
            purposes_changed_materially: changes.purposes_changed_materially.iter().map(ToString::to_string).collect(),
            yes_ended: changes.yes_ended.iter().map(ToString::to_string).collect(),
            uses_reaching_further: changes.uses_reaching_further.iter().map(ToString::to_string).collect(),
        }
    }

    /// For a person: what matters first, then the rest, then the words.
    pub(crate) fn print(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "{}", self.summary)?;
        let (material, rest): (Vec<&RuleChange>, Vec<&RuleChange>) = self.rules.iter().partition(|change| change.material.is_some());
        print_rules(out, "Material:", &material)?;
        print_rules(out, "Not material:", &rest)?;
        let mut language = "";
        for words in &self.words {
            if words.language != language {
                language = &words.language;
                writeln!(out, "\nWords ({language}):")?;
            }
            writeln!(out, "  {} {}", if words.added { '+' } else { '-' }, words.text)?;
        }
        if !self.yes_ended.is_empty() {
            writeln!(out, "\nAn earlier yes does not count any more for: {}", self.yes_ended.join(", "))?;
        }
        if !self.uses_reaching_further.is_empty() {
            writeln!(out, "\nData from before needs a fresh yes for: {}", self.uses_reaching_further.join(", "))?;
        }
        Ok(())
    }
}

fn print_rules(out: &mut dyn Write, heading: &str, rules: &[&RuleChange]) -> std::io::Result<()> {
    if !rules.is_empty() {
        writeln!(out, "\n{heading}")?;
    }
    for change in rules {
        let name = if change.id.is_empty() || change.id == change.title { String::new() } else { format!(" ({})", change.id) };
        writeln!(out, "  {} {}{name}: {}", change.kind, change.title, change.what)?;
        if let Some(why) = &change.why {
            writeln!(out, "      because {why}")?;
        }
    }
    Ok(())
}

impl PublishReport {
    pub(crate) fn of(version: &Published, published: bool) -> Self {
        let forms = version.policy.notice.material.iter().filter(|_| version.is_material());
        Self {
            published,
            version: version.record.version.0,
            revised: version.record.revised,
            hash: version.record.hash.clone(),
            notice: forms.map(|form| form.name().to_owned()).collect(),
            changes: version.revision.as_ref().map(|revision| ChangesReport::of(&revision.changes)),
        }
    }

    pub(crate) fn print(&self, out: &mut dyn Write) -> std::io::Result<()> {
        if let Some(changes) = &self.changes {
            changes.print(out)?;
            writeln!(out)?;
        }
        match self.published {
            true => writeln!(out, "published: version {}, revised {}", self.version, self.revised)?,
            false => writeln!(out, "this would be version {}, revised {}; nothing was published", self.version, self.revised)?,
        }
        if self.notice.iter().any(|form| form == "banner") {
            writeln!(out, "the privacy page announces it, with what changed")?;
        }
        if self.notice.iter().any(|form| form == "mail") {
            writeln!(out, "mail: this version of Candor sends none; tell the people you have addresses of yourself")?;
        }
        Ok(())
    }
}
