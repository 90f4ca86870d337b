//! A page that has to be changed on its way: Candor, which parses it, asks in it and holds three things back, beside nginx, which looks for the same
//! words with `sub_filter`.

use std::fmt::Write;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use stories::{Request, Response};

use super::Options;
use super::load::CONNECTIONS;
use super::peers::{Candor, Nginx, page};
use super::rounds::{Peer, alternate, processor, table, version};
use crate::process;

const PAGE_BYTES: usize = 100 * 1024;

/// What the page would have from others: one in a frame, one seen, one that nobody sees.
const THIRD_PARTIES: [&str; 3] = ["https://www.openstreetmap.org/", "https://pictures.example/", "https://scripts.example/"];
const LINES: [&str; 3] = [
    "<iframe title=\"Map\" width=\"600\" height=\"400\" src=\"https://www.openstreetmap.org/export/embed.html\"></iframe>\n",
    "<img alt=\"The house\" width=\"600\" height=\"400\" src=\"https://pictures.example/house.jpg\">\n",
    "<script src=\"https://scripts.example/map.js\"></script>\n",
];

/// The example declares the first.
const RULES: &str = "
[[resource]]
id = \"pictures\"
match = \"https://pictures.example/*\"
purpose = \"map\"
recipient = \"openstreetmap\"

[[resource]]
id = \"scripts\"
match = \"https://scripts.example/*\"
purpose = \"map\"
recipient = \"openstreetmap\"
";

/// As a browser opens a page.
const HEADERS: [&str; 2] = ["Accept: text/html,*/*;q=0.8", "Sec-Fetch-Dest: document"];

pub(crate) fn run(options: &Options) -> Result<String> {
    super::ensure_programs()?;
    let (proxy_core, other_core) = options.cores();
    let page = page(PAGE_BYTES, &LINES);
    let site = Nginx::site(&page, other_core)?;
    let candor = Candor::start(&site.authority, options.threads, RULES, proxy_core)?;
    let changed = changed_by(candor.server.public(), "candor-banner")?;
    // nginx puts in as many bytes as Candor does, so that both send as much.
    let added = changed.body.len().saturating_sub(page.len());
    let nginx = Nginx::proxy(&site.authority, options.threads, &substitutions(added), proxy_core)?;
    let changed_by_nginx = changed_by(&nginx.authority, "class=banner")?;
    let url = |authority: &str| format!("http://{authority}/page.html");
    let peers = [
        Peer { name: format!("{} `sub_filter`", version("nginx", "-v")?), url: url(&nginx.authority), process: nginx.id() },
        Peer { name: "Candor".to_owned(), url: url(candor.server.public()), process: candor.server.id() },
    ];
    let rounds = alternate(options, &peers, &HEADERS, other_core)?;
    let measured = table(&peers, &rounds)?;
    let recorded = candor.stop_and_count()?;
    ensure!(recorded >= rounds.sent[1], "{} pages were answered, {recorded} visits are in the log", rounds.sent[1]);
    report(options, &measured, [changed_by_nginx.body.len(), changed.body.len()])
}

/// The page as it comes out; it has to be changed in all four places.
fn changed_by(authority: &str, banner: &str) -> Result<Response> {
    let open = HEADERS.iter().filter_map(|header| header.split_once(": "));
    let answer = open.fold(Request::get("/page.html"), |request, (name, value)| request.header(name, value)).send(authority);
    let text = answer.text();
    ensure!(answer.status == 200 && text.matches(banner).count() > 0, "{authority} did not put the banner in: {text:.2000}");
    for host in THIRD_PARTIES {
        ensure!(!text.contains(&format!("src=\"{host}")), "{authority} let {host} through");
    }
    Ok(answer)
}

fn substitutions(added: usize) -> String {
    let mut text = "proxy_set_header Accept-Encoding \"\"; sub_filter_once off; ".to_owned();
    for host in THIRD_PARTIES {
        text += &format!("sub_filter 'src=\"{host}' 'src=\"about:blank#'; ");
    }
    let banner = format!("<body><div class=banner>{}</div>", "x".repeat(added));
    // No parameter of its configuration may be longer than its buffer; pieces that follow one another are one text.
    let (pieces, names): (String, String) = banner
        .as_bytes()
        .chunks(2_000)
        .enumerate()
        .map(|(at, piece)| (format!("set $banner{at} '{}'; ", String::from_utf8_lossy(piece)), format!("${{banner{at}}}")))
        .unzip();
    format!("{pieces}{text}sub_filter '<body>' \"{names}\";")
}

fn report(options: &Options, measured: &str, bytes: [usize; 2]) -> Result<String> {
    let mut table = String::new();
    let cores = process::output(&mut Command::new("nproc"))?;
    writeln!(
        table,
        "`cargo xtask bench rewrite --threads {} --seconds {} --rounds {}`: a page of 100 KB that is asked for without a choice, {CONNECTIONS} connections that \
         stay open, {} proxy thread(s), {} cores ({}), {}. Median of {} alternating rounds, with the least and the most.\n",
        options.threads,
        options.seconds,
        options.rounds,
        options.threads,
        cores.trim(),
        processor()?,
        version("wrk", "-v")?,
        options.rounds,
    )?;
    table.push_str(measured);
    write!(table, "nginx sent {} bytes a page, Candor {}. Candor's visits are in its log, synced.", bytes[0], bytes[1])
        .context("a text grows")?;
    Ok(table)
}
