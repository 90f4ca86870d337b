use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::{Folder, eventually, find};

/// Where all of them stand, so that a time without a zone can be told from one in UTC.
pub const LOG_ZONE: &str = "Asia/Kathmandu";

/// Another server as Debian has it, which answers anything and writes down who asked for what.
#[derive(Debug)]
pub struct LogWriter {
    child: Child,
    folder: Folder,
    port: u16,
    log: PathBuf,
}

/// Which server, and how it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogStyle {
    NginxCombined,
    NginxJson,
    /// To a port of this machine, by syslog.
    NginxSyslog(u16),
    ApacheCommon,
    ApacheCombined,
    ApacheCombinedWithHost,
    Lighttpd,
    Caddy,
    Haproxy,
    HaproxyBehindSyslog,
}

impl LogWriter {
    pub fn start(style: LogStyle) -> Self {
        let (folder, port) = (Folder::new(), free_port());
        // Servers that were started by root give that up, and read their pages as somebody else.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("a story's own folder is its own");
        fs::create_dir_all(folder.join("pages")).expect("a story's own folder can be written");
        for page in ["index.html", "plain"] {
            folder.write(&format!("pages/{page}"), "<title>A page</title>\n");
        }
        let mut command = command(style, &folder, port);
        let said = File::create(folder.join("said.log")).expect("a story's own folder can be written");
        command.env("TZ", LOG_ZONE).env("HOME", folder.path()).stdin(Stdio::null()).stdout(said).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("{style:?} does not start: {error}"));
        let log = folder.join(if matches!(style, LogStyle::Haproxy | LogStyle::HaproxyBehindSyslog) { "said.log" } else { "access.log" });
        let writer = Self { child, folder, port, log };
        eventually(&format!("{style:?} listens"), Duration::from_secs(20), || writer.listens());
        writer
    }

    /// Sends these bytes on a connection of their own and waits until the server has closed it.
    pub fn send(&self, bytes: &[u8], over_ipv6: bool) {
        let host = if over_ipv6 { "[::1]" } else { "127.0.0.1" };
        let mut stream = TcpStream::connect(format!("{host}:{}", self.port)).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit that is not zero");
        stream.write_all(bytes).expect("the server takes what is sent");
        // Some close with a reset, because they did not read all of it.
        let _ = stream.read_to_end(&mut Vec::new());
    }

    /// Where it writes.
    pub fn path(&self) -> &Path {
        &self.log
    }

    /// Does what logrotate does: the log gets another name, and the server is told to begin a new one.
    pub fn rotate(&self) -> PathBuf {
        let rotated = self.folder.join("access.log.1");
        fs::rename(&self.log, &rotated).expect("the server has a log");
        let told = Command::new("kill").args(["-USR1", &self.child.id().to_string()]).status().expect("a signal can be sent");
        assert!(told.success());
        eventually("a new log", Duration::from_secs(20), || self.log.exists().then_some(()));
        rotated
    }

    /// The log, once so many lines are in it that hold this.
    pub fn log_with(&self, lines: usize, mark: &str) -> Vec<u8> {
        let read = || fs::read(&self.log).unwrap_or_default();
        let count = |log: &[u8]| String::from_utf8_lossy(log).lines().filter(|line| line.contains(mark)).count();
        let what = format!("{lines} lines with `{mark}` in {}", self.folder.path().display());
        eventually(&what, Duration::from_secs(20), || Some(read()).filter(|log| count(log) >= lines))
    }

    /// When the last line was written.
    pub fn written(&self) -> SystemTime {
        fs::metadata(&self.log).and_then(|about| about.modified()).expect("the server has written its log")
    }

    /// Asked of the kernel: whoever connects to find out is in some servers' logs.
    fn listens(&self) -> Option<()> {
        let listens = |table: &str, nobody: &str| {
            fs::read_to_string(table).ok()?.contains(&format!(":{:04X} {nobody}:0000 0A", self.port)).then_some(())
        };
        listens("/proc/net/tcp", "00000000").and(listens("/proc/net/tcp6", "00000000000000000000000000000000"))
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(style: LogStyle, folder: &Folder, port: u16) -> Command {
    let path = folder.path().display().to_string();
    let (program, arguments, configuration) = match style {
        LogStyle::NginxCombined | LogStyle::NginxJson | LogStyle::NginxSyslog(_) => {
            ("nginx", vec!["-e", "errors.log", "-p", &path, "-c"], nginx(&path, port, style))
        }
        LogStyle::ApacheCommon | LogStyle::ApacheCombined | LogStyle::ApacheCombinedWithHost => {
            folder.write("users", "ada:{SHA}nU4eI71bcnBGqeO0t9tXvY1u5oQ=\n");
            ("apache2", vec!["-X", "-f"], apache(&path, port, style))
        }
        LogStyle::Lighttpd => ("lighttpd", vec!["-D", "-f"], lighttpd(&path, port)),
        LogStyle::Caddy => ("caddy", vec!["run", "--adapter", "caddyfile", "--config"], caddy(&path, port)),
        LogStyle::Haproxy | LogStyle::HaproxyBehindSyslog => ("haproxy", vec!["-db", "-f"], haproxy(port, style)),
    };
    let file = folder.write("server.conf", &configuration);
    let mut command = Command::new(find(program));
    command.current_dir(Path::new(&path)).args(arguments).arg(file);
    command
}

fn nginx(folder: &str, port: u16, style: LogStyle) -> String {
    let log = match style {
        LogStyle::NginxSyslog(to) => format!("syslog:server=127.0.0.1:{to},tag=nginx combined"),
        LogStyle::NginxJson => format!("{folder}/access.log json"),
        _ => format!("{folder}/access.log combined"),
    };
    format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/errors.log;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; large_client_header_buffers 4 16k;
  log_format json escape=json '{{\"time_iso8601\":\"$time_iso8601\",\"msec\":$msec,\"remote_addr\":\"$remote_addr\",\"remote_user\":\"$remote_user\",'
    '\"request\":\"$request\",\"status\":$status,\"body_bytes_sent\":\"$body_bytes_sent\",\"request_time\":$request_time,'
    '\"http_referer\":\"$http_referer\",\"http_user_agent\":\"$http_user_agent\",\"host\":\"$host\"}}';
  server {{ listen 127.0.0.1:{port}; listen [::1]:{port}; root {folder}/pages; access_log {log}; }}
}}
"
    )
}

fn apache(folder: &str, port: u16, style: LogStyle) -> String {
    let modules = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "dir"];
    let modules: String = modules.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n")).concat();
    // The formats as Debian's own configuration has them.
    let format = match style {
        LogStyle::ApacheCommon => r#"%h %l %u %t \"%r\" %>s %O"#,
        LogStyle::ApacheCombined => r#"%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""#,
        _ => r#"%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\""#,
    };
    format!(
        "ServerRoot {folder}\nServerName a.example\nPidFile {folder}/apache.pid\nErrorLog {folder}/errors.log\nUser www-data\nGroup www-data\n\
         Listen 127.0.0.1:{port}\nListen [::1]:{port}\nDefaultRuntimeDir {folder}\nMutex file:{folder} default\n{modules}\
         LimitRequestLine 16000\nDocumentRoot {folder}/pages\n\
         <Directory {folder}/pages>\nRequire all granted\n</Directory>\n\
         <Location /known>\nAuthType Basic\nAuthName x\nAuthUserFile {folder}/users\nRequire valid-user\n</Location>\n\
         CustomLog {folder}/access.log \"{format}\"\n"
    )
}

fn lighttpd(folder: &str, port: u16) -> String {
    format!(
        "server.modules = ( \"mod_accesslog\" )\nserver.document-root = \"{folder}/pages\"\nserver.port = {port}\nserver.bind = \"127.0.0.1\"\n\
         server.errorlog = \"{folder}/errors.log\"\naccesslog.filename = \"{folder}/access.log\"\nindex-file.names = ( \"index.html\" )\n\
         $SERVER[\"socket\"] == \"[::1]:{port}\" {{ }}\n"
    )
}

fn caddy(folder: &str, port: u16) -> String {
    format!(
        "{{\n  admin off\n  auto_https off\n  storage file_system {folder}/caddy\n}}\n\
         :{port} {{\n  bind 127.0.0.1 ::1\n  root * {folder}/pages\n  file_server\n  log {{\n    output file {folder}/access.log\n  }}\n}}\n"
    )
}

fn haproxy(port: u16, style: LogStyle) -> String {
    let format = if style == LogStyle::Haproxy { "raw" } else { "rfc3164" };
    format!(
        "global\n  nbthread 1\n  log stdout len 32768 format {format} local0\n  tune.bufsize 32768\n  tune.http.logurilen 16384\ndefaults\n  mode http\n  log global\n  option httplog\n  timeout client 5s\n\
         frontend in\n  bind 127.0.0.1:{port}\n  bind [::1]:{port}\n  capture request header User-Agent len 64\n  http-request return status 200\n"
    )
}

/// A port of this machine that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("loopback has a free port").port()
}
