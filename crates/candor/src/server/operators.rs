//! Links to become an owner of the console, for whoever started us or may look into the data folder; and who asks the console.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use app::operators::{OWNER_LINK_LIVES, Operators};
use axum::extract::{ConnectInfo, Request};
use axum::middleware::Next;
use axum::response::Response;
use domain::{Clock, Field, Random};
use policy::Sealed;
use records::Records;
use tokio::runtime::Handle;

use super::vault;
use crate::clock::{SystemClock, SystemSource};
use crate::config::Configuration;
use crate::owner::{DataFolder, OwnerLink};

/// Makes links, from a thread that may wait. Nothing but the hash of one is kept, and none is ever logged.
pub(super) struct LinkMaker {
    operators: Arc<Operators>,
    console: String,
    clock: Arc<dyn Clock>,
    runtime: Handle,
}

impl LinkMaker {
    pub(super) fn new(operators: &Arc<Operators>, console: String, clock: Arc<dyn Clock>, runtime: Handle) -> Self {
        Self { operators: Arc::clone(operators), console, clock, runtime }
    }

    /// None where somebody owns the console already.
    pub(super) fn for_the_first_owner(&self) -> anyhow::Result<Option<String>> {
        let token = self.runtime.block_on(self.operators.first_owner_link(self.clock.now()))?;
        Ok(token.map(|token| self.link(&token.text())))
    }

    pub(super) fn for_another_owner(&self) -> anyhow::Result<OwnerLink> {
        let now = self.clock.now();
        let token = self.runtime.block_on(self.operators.new_owner_link(now))?;
        Ok(OwnerLink { link: self.link(&token.text()), expires: OWNER_LINK_LIVES.after(now) })
    }

    fn link(&self, token: &str) -> String {
        format!("{}/setup/{token}", self.console)
    }
}

/// Makes a link while nobody serves; the next server that listens there takes it.
pub(crate) fn new_link_in_folder(owned: &DataFolder, site_folder: &Path, configuration: &Configuration) -> anyhow::Result<OwnerLink> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let random: Arc<dyn Random> = Arc::new(SystemSource::new());
    let keys = configuration.keys_of_people(site_folder, owned.path());
    let place = vault::Place::new(&configuration.main.master_key, site_folder, owned.path())?;
    let vault = runtime.block_on(vault::open(&keys, &place, super::storage(), Arc::clone(&random)))?;
    let records = runtime.block_on(Records::open(&configuration.records(site_folder, owned.path())))?;
    let operators = Arc::new(Operators::new(records::Operators::new(records.clone(), vault.clone()), random));
    let console = web::ConsoleSettings { origin: configuration.console_origin(), listen: configuration.main.console.0 }.url();
    let link = LinkMaker::new(&operators, console, Arc::new(SystemClock::new()), runtime.handle().clone()).for_another_owner();
    runtime.block_on(async {
        vault.close().await;
        records.close().await;
    });
    link
}

/// Tells the console where a request comes from.
pub(super) async fn with_client(ConnectInfo(client): ConnectInfo<SocketAddr>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(web::ConsoleClient(Sealed::new(Field::VisitIp, client.ip())));
    next.run(request).await
}
