//! Serves the demo site on its own, for a Candor that runs elsewhere.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;

/// The website of a clinic that does not exist, to try Candor on.
#[derive(Debug, Parser)]
#[command(name = "demo-site")]
struct Arguments {
    /// Where to listen. Only Candor should reach this address: the site believes the headers it gets here.
    #[arg(long, default_value = "127.0.0.1:3000", value_name = "ADDR")]
    listen: SocketAddr,
    /// The SQLite file of the community board; made where there is none.
    #[arg(long, default_value = "demo-site.sqlite", value_name = "FILE")]
    database: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let site = demo_site::Site::open(&arguments.database).await?;
    let listener =
        tokio::net::TcpListener::bind(arguments.listen).await.with_context(|| format!("cannot listen on {}", arguments.listen))?;
    println!("Thistledown Health answers on http://{}", listener.local_addr()?);
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "cannot wait for an interrupt; stopping");
        }
    };
    demo_site::serve(listener, site, interrupted).await
}
