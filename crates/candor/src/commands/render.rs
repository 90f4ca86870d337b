use std::io::Write;

use clap::{Args, ValueEnum};

use super::{Answer, SiteFlag, policy_or_findings};

/// Print the policy as it is published, without its tags.
#[derive(Args, Debug)]
pub(super) struct Render {
    #[command(flatten)]
    site: SiteFlag,
    /// The form to print it in.
    #[arg(long = "as", value_name = "FORM", default_value = "markdown")]
    form: Form,
    /// The language to print it in, as `es`; without it the policy's default.
    #[arg(long)]
    language: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Html,
    Markdown,
    Text,
}

impl Render {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        let Some(policy) = policy_or_findings(&self.site.folder)? else {
            return Ok(Answer::No);
        };
        let language = self.language.as_deref().unwrap_or(policy.default_language().as_str());
        if !policy.languages.iter().any(|known| known.as_str() == language) {
            let known: Vec<&str> = policy.languages.iter().map(|known| known.as_str()).collect();
            anyhow::bail!("the policy has no words in `{language}`; it has {}", known.join(", "));
        }
        let rendered = match self.form {
            Form::Html => policy::render::html_document(&policy, language),
            Form::Markdown => policy::render::markdown(&policy, language),
            Form::Text => policy::render::text(&policy, language),
        };
        std::io::stdout().lock().write_all(rendered.as_bytes())?;
        Ok(Answer::Yes)
    }
}
