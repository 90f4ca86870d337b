use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{Counts, Folder, eventually, find};

/// nginx, serving one folder at two addresses: one for Candor to stand in front of, one to compare with.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    folder: Folder,
    behind: String,
    direct: String,
}

impl Nginx {
    pub fn serving(documents: &Path) -> Self {
        let folder = Folder::new();
        let (behind, direct) = (free_address(), free_address());
        let configuration = folder.write("nginx.conf", &configuration(&folder, documents, &behind, &direct));
        let mut command = Command::new(find("nginx"));
        command.arg("-p").arg(folder.path()).arg("-c").arg(configuration).arg("-e").arg(folder.join("errors.log"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("nginx starts");
        let nginx = Self { child, folder, behind, direct };
        eventually("nginx listens", Duration::from_secs(20), || TcpStream::connect(&nginx.direct).ok().map(drop));
        nginx
    }

    /// What Candor stands in front of.
    pub fn url(&self) -> String {
        format!("http://{}", self.behind)
    }

    /// The same pages without Candor.
    pub fn direct(&self) -> &str {
        &self.direct
    }

    /// How often each path was asked for with each status, by Candor.
    pub fn asked_by_candor(&self) -> Counts {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let mut counts = Counts::new();
        for line in log.lines() {
            let (status, target) = line.split_once(' ').expect("our own log format");
            let path = target.split('?').next().unwrap_or_default().to_owned();
            *counts.entry((path, status.parse().expect("a status is a number"))).or_default() += 1;
        }
        counts
    }

    fn log(&self) -> PathBuf {
        self.folder.join("behind.log")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(folder: &Folder, documents: &Path, behind: &str, direct: &str) -> String {
    let (folder, documents) = (folder.path().display(), documents.display());
    format!(
        "daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/errors.log;
events {{ worker_connections 512; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  log_format counted '$status $request_uri';
  gzip on; gzip_types text/css application/javascript application/json image/svg+xml; gzip_vary on;
  absolute_redirect off; root {documents}; index index.html;
  server {{ listen {behind}; access_log {folder}/behind.log counted; }}
  server {{ listen {direct}; access_log off; }}
}}
"
    )
}

/// Free now; nobody else on a machine that runs tests takes it in the moment until nginx does.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a listener has an address").to_string()
}
