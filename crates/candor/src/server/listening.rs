//! Taking the addresses that are listened on, and saying what to do where one is taken.

use std::io;
use std::net::SocketAddr;

use anyhow::{Context, anyhow};
use edge::{BindError, Bound, Settings};
use tokio::net::TcpListener;

/// Takes the public addresses.
pub(super) fn listen_for_people(settings: Settings) -> anyhow::Result<Bound> {
    edge::bind(settings).map_err(|error| match error {
        BindError::Listen { address, source } if source.kind() == io::ErrorKind::AddrInUse => taken("listen", address),
        error => error.into(),
    })
}

/// Takes the address of the console.
pub(super) async fn listen_for_operators(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(taken("console", address)),
        bound => bound.with_context(|| format!("the console cannot listen on {address}")),
    }
}

fn taken(setting: &str, address: SocketAddr) -> anyhow::Error {
    let variable = setting.to_uppercase();
    anyhow!(
        "`{setting}` is {address}, where another program listens already: end that one, or give `{setting}` another address, in candor.toml, \
         with --{setting} or with CANDOR_{variable}"
    )
}

#[cfg(test)]
mod tests {
    use super::listen_for_operators;

    #[tokio::test]
    async fn an_address_that_is_taken_is_said_with_its_setting() {
        let first = listen_for_operators("127.0.0.1:0".parse().expect("an address")).await.expect("a free port");
        let address = first.local_addr().expect("its address");
        let said = listen_for_operators(address).await.expect_err("it is taken").to_string();
        assert!(said.contains("`console`") && said.contains("CANDOR_CONSOLE") && said.contains(&address.to_string()), "{said}");
    }
}
