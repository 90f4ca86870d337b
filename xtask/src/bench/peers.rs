//! The servers of a measurement: the site behind, and the two proxies in front of it, each in its turn.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use stories::{Folder, Form, Request, Server, eventually, example, find};

use crate::process;
use crate::workspace::{self, cargo};

/// The purpose somebody says yes to before the load, so that the load carries a signed cookie that changes the decision.
pub(crate) const CHOSEN: &str = "analytics";

/// An nginx with a folder of its own.
#[derive(Debug)]
pub(crate) struct Nginx {
    child: Child,
    pub(crate) authority: String,
    _folder: Folder,
}

impl Nginx {
    /// The site: one page, and one that says which purposes it was told.
    pub(crate) fn site(page: &str, cores: Option<&str>) -> Result<Self> {
        let folder = Folder::new();
        folder.write("page.html", page);
        let locations = format!("root {}; location = /told {{ return 200 $http_candor_purposes; }}", folder.path().display());
        Self::start(folder, 1, "access_log off;", &locations, cores)
    }

    /// A proxy as its manual advises: connections to the site stay open, the access log is buffered. What else it does with every answer is said in its
    /// own words.
    pub(crate) fn proxy(site: &str, threads: usize, also: &str, cores: Option<&str>) -> Result<Self> {
        let folder = Folder::new();
        let http = format!(
            "access_log {}/access.log combined buffer=64k flush=1s; upstream site {{ server {site}; keepalive {}; }}",
            folder.path().display(),
            super::load::CONNECTIONS
        );
        let locations = format!(
            "location / {{ proxy_pass http://site; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host $http_host; {also} }}"
        );
        Self::start(folder, threads, &http, &locations, cores)
    }

    fn start(folder: Folder, threads: usize, http: &str, server: &str, cores: Option<&str>) -> Result<Self> {
        let authority = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let path = folder.path().display();
        let text = format!(
            "user root; daemon off; worker_processes {threads}; pid {path}/nginx.pid; error_log {path}/errors.log;
events {{ worker_connections 1024; }}
http {{
  include /etc/nginx/mime.types; sendfile on; keepalive_requests 1000000000;
  client_body_temp_path {path}/body; proxy_temp_path {path}/proxy; fastcgi_temp_path {path}/fastcgi;
  uwsgi_temp_path {path}/uwsgi; scgi_temp_path {path}/scgi;
  {http}
  server {{ listen {authority}; {server} }}
}}
"
        );
        let configuration = folder.write("nginx.conf", &text);
        let mut command = pinned(&find("nginx"), cores);
        command.arg("-p").arg(folder.path()).arg("-c").arg(configuration).arg("-e").arg(folder.join("errors.log"));
        let child = command.stdin(Stdio::null()).spawn().context("nginx does not start")?;
        let nginx = Self { child, authority, _folder: folder };
        eventually("nginx listens", Duration::from_secs(10), || TcpStream::connect(&nginx.authority).ok().map(drop));
        Ok(nginx)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master takes its workers along when it is asked politely.
        let _ = Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Candor in front of the same site, with the project's example policy and perhaps some more rules.
#[derive(Debug)]
pub(crate) struct Candor {
    pub(crate) server: Server,
    folder: Folder,
}

impl Candor {
    pub(crate) fn start(site: &str, threads: usize, more_rules: &str, cores: Option<&str>) -> Result<Self> {
        process::run(cargo().args(["build", "--release", "--package", "candor"]))?;
        let folder = Folder::new();
        example("health", &folder.join("site"));
        let rules = folder.join("site/policy.toml");
        let text = fs::read_to_string(&rules).context("the example has its rules")?;
        fs::write(&rules, text + more_rules).context("a folder of our own can be written")?;
        let mut command = pinned(&binary()?, cores);
        command.arg("serve").arg("--site").arg(folder.join("site")).arg("--data").arg(folder.join("data"));
        command.args(["--upstream", &format!("http://{site}"), "--workers", &threads.to_string()]);
        let server = Server::start(command, folder.path());
        Ok(Self { server, folder })
    }

    /// Says yes to [`CHOSEN`], and returns the cookie that says so.
    pub(crate) fn choose(&self) -> Result<String> {
        let public = self.server.public();
        let form = Form::of(&Request::get("/privacy/choices").send(public));
        let cookie = form.choose(CHOSEN, "yes").post(None).send(public).cookies().context("the choice set no cookie")?;
        let told = Request::get("/told").cookie(Some(&cookie)).send(public).text();
        ensure!(told.split(',').any(|purpose| purpose == CHOSEN), "the cookie was not believed: the site was told `{told}`");
        Ok(cookie)
    }

    /// How many visits of the page are in the log once it is closed. There may be millions: they are counted as they come.
    pub(crate) fn stop_and_count(self) -> Result<u64> {
        ensure!(self.server.stop() == Some(0), "candor did not stop as asked");
        let mut visits = Command::new(binary()?);
        visits.arg("visits").arg("--site").arg(self.folder.join("site")).arg("--data").arg(self.folder.join("data"));
        let mut child = visits.stdout(Stdio::piped()).spawn().context("candor does not start")?;
        let lines = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
        let mut count = 0;
        for line in lines {
            count += u64::from(line?.contains("/page.html"));
        }
        ensure!(child.wait()?.success(), "the log does not read clean");
        Ok(count)
    }
}

/// The release build, as people run it.
fn binary() -> Result<PathBuf> {
    Ok(workspace::members()?.target_directory.join("release/candor"))
}

/// A program kept to some cores.
pub(crate) fn pinned(program: &Path, cores: Option<&str>) -> Command {
    match cores {
        None => Command::new(program),
        Some(cores) => {
            let mut command = Command::new("taskset");
            command.args(["--cpu-list", cores]).arg(program);
            command
        }
    }
}

/// A page of this many bytes of the kind of text that pages are made of, with these lines among it, as far from each other as can be.
pub(crate) fn page(bytes: usize, lines: &[&str]) -> String {
    let text = "<p>Sleep well, walk a little every day, drink water, and ask somebody who knows when it hurts.</p>\n";
    let mut page = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>A page</title></head>\n<body>\n".to_owned();
    let end = "</body>\n</html>\n";
    let mut waiting = lines.iter();
    let apart = bytes / (lines.len() + 1);
    let mut next = apart;
    while page.len() + text.len() + end.len() <= bytes {
        page.push_str(text);
        if page.len() >= next {
            page.push_str(waiting.next().copied().unwrap_or_default());
            next += apart;
        }
    }
    page + end
}
