//! Passkeys: somebody's list of them, and the questions and answers that go to and from a browser's script while one is made or used.

pub(crate) mod adding;
pub(crate) mod change;
pub(crate) mod list;
mod scripted;
pub(crate) mod signing_in;

use app::choices::RecordsError;
use app::passkeys::{NoPasskeysHere, Party, is_this_machine};
use app::people::Holder;
use axum::response::Response;
use policy::cookie::{SignedIn, VerifiedAccount};

use crate::assets::PASSKEYS;
use crate::headers::RunsScript;
use crate::pages::register::here::Here;

/// The kind of deed that answers of passkeys are limited as.
const PASSKEY: &str = "passkey";

/// Whoever is signed in, as the ticket proves and the rows say now; none where there is nobody.
async fn member(here: &Here) -> Result<Option<(VerifiedAccount, Holder)>, RecordsError> {
    let SignedIn::As(who) = here.asker.signed_in() else { return Ok(None) };
    let holder = here.state.accounts.holder(who.session(), here.asker.now).await?;
    Ok(holder.map(|holder| (who, holder)))
}

/// Where our script is.
pub(crate) fn script(here: &Here) -> String {
    format!("{}/assets/{}", here.state.settings.prefix, PASSKEYS.file_name())
}

/// A page that runs our script.
pub(crate) fn running_script(mut response: Response) -> Response {
    response.extensions_mut().insert(RunsScript);
    response
}

/// The place that passkeys are for. Where nobody has configured where people reach the site, only the machine's own name is believed: a passkey is bound to
/// the name it was made under, so that must not be whatever a request said.
pub(crate) fn party(here: &Here) -> Result<Party, NoPasskeysHere> {
    let origin = match &here.state.settings.origin {
        Some(origin) => origin.clone(),
        None if is_this_machine(host(&here.asker.authority)) => here.asker.origin(),
        None => return Err(NoPasskeysHere::NotADomain),
    };
    Party::at(&origin, &here.asker.policy.controller)
}

/// The same page by the machine's own name, for whoever looks at it on that machine by its number.
fn by_name(here: &Here) -> Option<String> {
    let authority = &here.asker.authority;
    let port = authority.strip_prefix("127.0.0.1").or_else(|| authority.strip_prefix("[::1]"))?;
    let is_port = port.is_empty() || port.starts_with(':');
    (here.state.settings.origin.is_none() && is_port).then(|| {
        let scheme = if here.asker.https { "https" } else { "http" };
        format!("{scheme}://localhost{port}{}", here.state.settings.account)
    })
}

/// Without the port.
pub(crate) fn host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        Some(_) | None => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_is_what_stands_before_the_port() {
        for (authority, expected) in [
            ("localhost:8080", "localhost"),
            ("localhost", "localhost"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("example.org:443", "example.org"),
        ] {
            assert_eq!(host(authority), expected);
        }
    }
}
