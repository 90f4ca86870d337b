use std::io::Write;
use std::path::Path;

use app::programs::Scope;
use clap::{Args, Subcommand};
use domain::{Span, Timestamp};

use super::flags::DataFlag;
use super::terminal::{self, plain};
use super::{Answer, SiteFlag, load_configuration};
use crate::owner::{self, NewTokenRow, Question, TokenQuestion, TokenRow};
use crate::server::tokens_of_folder;

/// Make, list and revoke the tokens that programs ask the API with, beside a running server or without one.
#[derive(Args, Debug)]
pub(super) struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    New(New),
    List(List),
    Revoke(Revoke),
}

/// Make a token and print it, this once: only a hash of it is kept.
#[derive(Args, Debug)]
struct New {
    /// What the token lets a program do; can be given several times.
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = |text: &str| text.parse::<Scope>())]
    scopes: Vec<Scope>,
    /// What you call the program.
    #[arg(long, default_value = "")]
    name: String,
    /// It works for so long, as in "90 days". Without it, until it is revoked.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    expires: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// List the tokens there are. What they are is shown nowhere.
#[derive(Args, Debug)]
struct List {
    #[command(flatten)]
    place: Place,
}

/// Revoke a token, at once.
///
/// Exit status: 0 revoked; 1 there is no such token.
#[derive(Args, Debug)]
struct Revoke {
    /// The token's id, as `candor token list` shows it.
    id: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
struct Place {
    #[command(flatten)]
    site: SiteFlag,
    #[command(flatten)]
    data: DataFlag,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

fn span(text: &str) -> Result<String, String> {
    Span::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

impl Token {
    pub(super) fn run(self) -> anyhow::Result<Answer> {
        match self.action {
            Action::New(New { scopes, name, expires, place }) => {
                let scopes = scopes.iter().map(|scope| scope.name().to_owned()).collect();
                let answers = place.ask(TokenQuestion::New { name, scopes, expires })?;
                match answers.into_iter().next() {
                    Some(owner::Answer::NewToken(made)) => print_new(&made, place.json),
                    other => unexpected(other),
                }
            }
            Action::List(List { place }) => {
                let rows = place.ask(TokenQuestion::List)?.into_iter().filter_map(|answer| match answer {
                    owner::Answer::Token(row) => Some(row),
                    _ => None,
                });
                print_list(&rows.collect::<Vec<_>>(), place.json)
            }
            Action::Revoke(Revoke { id, place }) => {
                let answer = place.ask(TokenQuestion::Revoke { id })?.into_iter().next();
                let revoked = match answer {
                    Some(owner::Answer::Done(_)) => true,
                    Some(owner::Answer::Refused(why)) => {
                        eprintln!("candor: {why}; `candor token list` shows those there are");
                        false
                    }
                    other => return unexpected(other),
                };
                if place.json {
                    println!("{}", serde_json::json!({ "revoked": revoked }));
                }
                Ok(if revoked { Answer::Yes } else { Answer::No })
            }
        }
    }
}

fn unexpected(_: Option<owner::Answer>) -> anyhow::Result<Answer> {
    anyhow::bail!("the server went away before its answer ended")
}

impl Place {
    /// All answers; one that says that it went wrong ends the command.
    fn ask(&self, question: TokenQuestion) -> anyhow::Result<Vec<owner::Answer>> {
        let site: &Path = &self.site.folder;
        let configuration = load_configuration(site, &self.data.given())?;
        let folder = configuration.data_folder(site);
        let mut answers = Vec::new();
        let mut each = |answer: owner::Answer| match answer {
            owner::Answer::Bad(why) | owner::Answer::Failed(why) => Err(anyhow::anyhow!(why)),
            answer => {
                answers.push(answer);
                Ok(())
            }
        };
        let owned = match &question {
            // A program may be given its token before the first start.
            TokenQuestion::New { .. } => owner::DataFolder::own(&folder),
            TokenQuestion::List | TokenQuestion::Revoke { .. } => owner::DataFolder::own_existing(&folder),
        };
        match owned {
            Ok(owned) => tokens_of_folder(&owned, (&configuration, site), question, &mut each)?,
            Err(owner::OwnerError::Owned { .. }) => owner::ask(&folder, &Question::Token(question), each)?,
            Err(error) => return Err(error.into()),
        }
        Ok(answers)
    }
}

fn print_new(made: &NewTokenRow, json: bool) -> anyhow::Result<Answer> {
    let mut out = std::io::stdout().lock();
    if json {
        terminal::write_json(&mut out, made)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", made.token)?;
        eprintln!("candor: this is the only time the token is shown; `candor token revoke {}` ends it", made.about.id);
    }
    Ok(Answer::Yes)
}

fn print_list(rows: &[TokenRow], json: bool) -> anyhow::Result<Answer> {
    let mut out = std::io::stdout().lock();
    if json {
        terminal::write_json(&mut out, &serde_json::json!({ "tokens": rows }))?;
        writeln!(out)?;
        return Ok(Answer::Yes);
    }
    if rows.is_empty() {
        eprintln!("candor: there are no tokens; `candor token new --scope SCOPE` makes one");
    }
    let day = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    for row in rows {
        let used = row.used.map_or_else(|| "never used".to_owned(), |used| format!("last used {}", day(used)));
        let expires = match row.expires {
            Some(expires) if row.over => format!(", over since {}", day(expires)),
            Some(expires) => format!(", until {}", day(expires)),
            None => String::new(),
        };
        writeln!(out, "{}  {}  {used}{expires}  {}", row.id, row.scopes.join(" "), plain(&row.name))?;
    }
    Ok(Answer::Yes)
}
