//! The website of Thistledown Health, a clinic that does not exist: a small real site to stand in front of.
//!
//! It keeps its community board in a SQLite database of its own. Who is asking, and what they allow, it learns from Candor's request
//! headers and from nothing else. Those headers can be believed only where nobody but Candor reaches this site.

mod articles;
mod assets;
mod board;
mod origin;
mod pages;
mod response;
mod seed;
mod topics;
mod visit;

use std::future::Future;
use std::path::Path;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use tokio::net::TcpListener;

use board::Board;

/// No page of the site takes a larger form.
const FORM_BYTES_MAX: usize = 32 * 1024;

/// The site and its database.
#[derive(Clone, Debug)]
pub struct Site {
    board: Board,
}

impl Site {
    /// Opens the site's database, and makes and fills it where there is none.
    pub async fn open(database: &Path) -> Result<Self> {
        let board = Board::open(database).await.with_context(|| format!("cannot open the site's database {}", database.display()))?;
        seed::fill_if_empty(&board).await.context("cannot fill the community board")?;
        Ok(Self { board })
    }

    /// Every page of the site.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(pages::router())
            .merge(board::router())
            .merge(assets::router())
            .fallback(response::not_found)
            .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
            .layer(axum::middleware::map_response(response::harden))
            .with_state(self.clone())
    }
}

/// Answers on `listener` until `shutdown` is over and every answer begun is finished.
pub async fn serve(listener: TcpListener, site: Site, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    axum::serve(listener, site.router()).with_graceful_shutdown(shutdown).await?;
    site.board.close().await;
    Ok(())
}
