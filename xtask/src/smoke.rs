//! The README's first command, as far as somebody who runs it looks.

use std::process::Command;

use anyhow::{Result, ensure};
use stories::{Folder, Request, Server};

use crate::process;
use crate::workspace::{self, cargo};

pub(crate) fn run() -> Result<()> {
    process::run(cargo().args(["build", "--release", "--package", "candor"]))?;
    let folder = Folder::new();
    let mut demo = Command::new(workspace::members()?.target_directory.join("release/candor"));
    demo.current_dir(folder.path()).arg("demo");
    let server = Server::start(demo, folder.path());
    for path in ["/", "/privacy", "/privacy/choices"] {
        let answer = Request::get(path).send(server.public());
        ensure!(answer.status == 200, "the demo answers {path} with {}", answer.status);
    }
    println!("smoke: the demo shows its site and its policy");
    Ok(())
}
