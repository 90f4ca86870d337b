use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA256, digest};

/// The content of the `style` element that all inserts need. It is the same for everybody, so that one hash permits it.
pub(super) const STYLE: &str = include_str!("../../assets/inserts.css");

/// As a Content-Security-Policy names it.
pub(super) static SOURCE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()))));
