//! How it runs: `candor.toml`, flags and the environment, as one struct a section. The doc comments here are the reference.

#[cfg(test)]
mod reference;
mod section;
mod setting;

use std::path::{Path, PathBuf};

pub(crate) use section::{ConfigError, Given, Key, Place};
use section::{Sources, section};
pub(crate) use setting::{
    Address, ConsoleOrigin, Enforcement, FollowedLogs, Header, MailAddress, MasterKey, Networks, ObjectsPlace, Origin, Paths, SecretPlace,
    SignInPaths, SyslogAddress, Within,
};

section! {
    /// How Candor runs.
    pub(crate) struct Config {
        /// Where visitors reach Candor: an address and a port. Port 0 takes a free one.
        listen: Address = "127.0.0.1:8080",
        /// Where the console, `/metrics` and `/health` are: an address and a port. Keep it private.
        console: Address = "127.0.0.1:8081",
        /// Where operators reach the console, as `https://console.example.org`, if it is behind a proxy that speaks TLS. Their passkeys are bound to this name for good.
        /// Without it, `http://localhost` and the port of `console`.
        console_origin: Option<ConsoleOrigin> = "",
        /// The site Candor stands in front of, by `http://` or `https://`. Without it only Candor's own pages answer.
        upstream: Option<edge::Upstream> = "",
        /// Where people reach the site, as `https://www.example.org`. Without it, each request's own scheme and host.
        origin: Option<Origin> = "",
        /// The prefixes of Candor's own pages.
        paths: Paths = "privacy=/privacy,account=/account",
        /// The folder that holds everything Candor keeps. A relative path starts at the site folder.
        data: PathBuf = "data",
        /// Where answers to choices are recorded: `sqlite:PATH`, or `postgres://USER@HOST/NAME`. A relative path starts at the site folder. Without it,
        /// `records.sqlite` in the data folder.
        records: Option<records::Address> = "",
        /// Where the sealed files of the visit log are: a folder, or a bucket, as `s3://BUCKET/PREFIX?region=…` or, of another store than Amazon's,
        /// `s3://BUCKET/PREFIX?endpoint=https://…`. Keys are never in it: they come from the environment, or from the file that `&credentials=` names. A
        /// relative path starts at the site folder. Without it, `visits` in the data folder.
        objects: Option<ObjectsPlace> = "",
        /// Where the keys are that each person's data is sealed under: `sqlite:PATH`, or `postgres://USER@HOST/NAME`. Back it up apart from everything else, over
        /// the last copy: whoever was erased is then erased from every other backup too. Without it, `keys.sqlite` in the data folder.
        keys: Option<records::Address> = "",
        /// Where the master key is that wraps them: a file, or `env:NAME` for an environment variable. Without it, `master.key` in the data folder, made at the
        /// first start.
        master_key: MasterKey = "",
        /// The mail server that letters to people go through: `smtp://user@host:port`, or `smtps://`. What leaves this machine is encrypted, unless `?tls=none` is
        /// said. Needs `origin`. Without it, letters are written to `mail` in the data folder.
        mail: Option<post::ServerAddress> = "",
        /// Where the password for it is: a file, or `env:NAME` for an environment variable. A relative path starts at the site folder.
        mail_password: Option<SecretPlace> = "",
        /// The address letters come from. Without it, the policy's contact.
        mail_from: Option<MailAddress> = "",
        /// Whether obligations act on the site's pages (`enforce`) or are only counted and reported (`observe`).
        enforcement: Enforcement = "enforce",
        /// The networks whose word is believed about who a visitor is (`X-Forwarded-For`) and where (`region_header`).
        trusted_proxies: Networks = "",
        /// The header in which a trusted proxy says where a visitor is, as `US-CA` or `DE`.
        region_header: Option<Header> = "",
        /// A MaxMind DB file (`.mmdb`) that says in which country, and perhaps state, an address is. Used where no trusted proxy says so by `region_header`;
        /// read again by itself when it changes. A relative path starts at the site folder.
        region_database: Option<PathBuf> = "",
        /// Paths of the site that only people who are signed in may open, each with all that lies under it, as `["/members"]`; `/` is the whole site.
        sign_in: SignInPaths = "",
        /// Within which time somebody is to decide whether a reported account is a minor's, and how long a person who is asked has to answer.
        minors_decided_within: Within = "7 days",
        /// Within which time the data of a confirmed minor is deleted.
        minors_deleted_within: Within = "24 hours",
        /// Access logs of other servers to follow while they are written, for a site that Candor does not stand in front of, as `["/var/log/nginx/access.log"]`. A
        /// relative path starts at the site folder.
        follow: FollowedLogs = "",
        /// Where other servers send their access logs by syslog: an address and a port for UDP and TCP, as `127.0.0.1:5514`, or `unix:PATH` for a socket. Anybody
        /// who reaches it can send visits, so let nobody else reach it.
        syslog: Option<SyslogAddress> = "",
        /// How many threads carry visitors. 0 is one for each processor.
        workers: u16 = "0",
    }
}

section! {
    /// TLS, if Candor itself speaks it: with both files, `listen` is HTTPS. Changed files are read again by themselves.
    pub(crate) struct Tls {
        /// The certificate chain, as PEM.
        certificate: Option<PathBuf> = "",
        /// Its private key, as PEM.
        key: Option<PathBuf> = "",
    }
}

impl Config {
    /// What belongs together of the keys about mail. A link in a letter needs to know where it leads.
    fn check_mail(&self, sources: &Sources) -> Result<(), ConfigError> {
        let user = self.mail.as_ref().map(|server| server.user.is_some());
        match (user, &self.mail_password) {
            (None, None) => return Ok(()),
            (None, Some(_)) => return Err(sources.missing("mail", "mail_password")),
            (Some(false), Some(_)) => return Err(sources.missing("smtp://USER@… in mail", "mail_password")),
            (Some(true), None) => return Err(sources.missing("mail_password", "mail")),
            (Some(_), _) if self.origin.is_none() => return Err(sources.missing("origin", "mail")),
            _ => {}
        }
        match &self.mail {
            Some(server) if server.user.is_some() && server.is_open_to_others() => Err(sources.exposed("mail")),
            _ => Ok(()),
        }
    }
}

/// Everything that can be configured.
#[derive(Clone, Debug)]
pub(crate) struct Configuration {
    pub(crate) main: Config,
    pub(crate) tls: Tls,
}

/// The name of the file in a site folder.
pub(crate) const FILE: &str = "candor.toml";

/// The names of the files in a data folder.
const RECORDS: &str = "records.sqlite";
const KEYS: &str = "keys.sqlite";

impl Configuration {
    /// Reads the site folder's file, if there is one. Flags beat the environment, the environment beats the file, the file beats the defaults.
    pub(crate) fn load(site: &Path, flags: &[Given], environment: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let path = site.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(ConfigError::Unreadable { file: path, error }),
        };
        Self::from_parts(&path, text.as_deref(), flags, environment)
    }

    fn from_parts(
        path: &Path,
        text: Option<&str>,
        flags: &[Given],
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let keys: Vec<String> = Self::keys().map(|key| key.name).collect();
        let sources = Sources::gather(path, text, flags, &keys, environment)?;
        let configuration = Self { main: Config::from_sources(&sources, "")?, tls: Tls::from_sources(&sources, "tls")? };
        match (&configuration.tls.certificate, &configuration.tls.key) {
            (Some(_), None) => Err(sources.missing("tls.key", "tls.certificate")),
            (None, Some(_)) => Err(sources.missing("tls.certificate", "tls.key")),
            _ => configuration.main.check_mail(&sources).map(|()| configuration),
        }
    }

    /// What is allowed but seldom meant, one sentence each.
    pub(crate) fn cautions(&self) -> Vec<&'static str> {
        let mut cautions = Vec::new();
        if !self.main.console.0.ip().to_canonical().is_loopback() {
            cautions.push(match &self.main.console_origin {
                Some(_) => "The console listens where others than this machine may reach it: everybody there can read `/metrics` and `/health`. See `console`.",
                None => {
                    "The console listens where others than this machine may reach it: everybody there can read `/metrics` and `/health`, and nobody can sign in from there \
                     before it has a name and HTTPS. See `console` and `console_origin`."
                }
            });
        }
        let is_https = self.main.origin.as_ref().is_some_and(|origin| origin.0.starts_with("https:"));
        if is_https && self.tls.certificate.is_none() && self.main.trusted_proxies.0.is_empty() {
            cautions.push(
                "People reach the site over HTTPS, but no proxy is trusted to say so: our cookie is not bound to this host, and everybody's address is \
                 the proxy's. See `trusted_proxies`.",
            );
        }
        if self.main.region_header.is_some() && self.main.trusted_proxies.0.is_empty() {
            cautions.push("No proxy is trusted, so nobody's `region_header` is believed: see `trusted_proxies`.");
        }
        if matches!(&self.main.syslog, Some(SyslogAddress::Network(address)) if !address.ip().to_canonical().is_loopback()) {
            cautions.push("Syslog messages are received where others than this machine may send them: everybody there can write visits into the log. See `syslog`.");
        }
        if self.main.enforcement == Enforcement::Observe {
            cautions.push(
                "Obligations are only observed: nothing is held back, no choice has an effect yet, and the pages say so to visitors. See `enforcement`.",
            );
        }
        cautions
    }

    /// Whose listener the upstream is, where that is one of ours: every request would go round and round.
    pub(crate) fn upstream_of_ours(&self) -> Option<&'static str> {
        let upstream = self.main.upstream.as_ref()?;
        let listeners = [("listen", self.main.listen.0), ("console", self.main.console.0)];
        listeners.into_iter().find(|(_, address)| upstream.leads_to(*address)).map(|(key, _)| key)
    }

    /// Every key, as `candor.toml` names it, with its default and what it is.
    pub(crate) fn keys() -> impl Iterator<Item = Key> {
        Config::keys("").chain(Tls::keys("tls"))
    }

    /// Where the records are, with the site folder and the data folder where they are.
    pub(crate) fn records(&self, site: &Path, data: &Path) -> records::Address {
        match &self.main.records {
            Some(address) => address.clone().seen_from(site),
            None => records::Address::Sqlite(data.join(RECORDS)),
        }
    }

    /// Where people's keys are, likewise.
    pub(crate) fn keys_of_people(&self, site: &Path, data: &Path) -> records::Address {
        match &self.main.keys {
            Some(address) => address.clone().seen_from(site),
            None => records::Address::Sqlite(data.join(KEYS)),
        }
    }

    /// Where operators reach the console by a name that was configured.
    pub(crate) fn console_origin(&self) -> Option<String> {
        self.main.console_origin.as_ref().map(|origin| origin.0.clone())
    }

    /// The data folder, seen from the site folder.
    pub(crate) fn data_folder(&self, site: &Path) -> PathBuf {
        site.join(&self.main.data)
    }
}

#[cfg(test)]
mod tests;
