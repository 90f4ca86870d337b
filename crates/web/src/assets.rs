use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::headers::FOREVER;
use crate::pages::conditional;

/// A file that is part of the program. Its address holds a hash of what it says, so a browser may keep it forever.
pub(crate) struct Asset {
    name: &'static str,
    extension: &'static str,
    content_type: HeaderValue,
    bytes: &'static [u8],
}

pub(crate) static STYLE: Asset = Asset {
    name: "candor",
    extension: "css",
    content_type: HeaderValue::from_static("text/css; charset=utf-8"),
    bytes: include_bytes!("../assets/candor.css"),
};

pub(crate) static ICON: Asset = Asset {
    name: "icon",
    extension: "svg",
    content_type: HeaderValue::from_static("image/svg+xml"),
    bytes: include_bytes!("../assets/icon.svg"),
};

/// What a browser has to do for a passkey: there is no other way than a script.
pub(crate) static PASSKEYS: Asset = Asset {
    name: "passkeys",
    extension: "js",
    content_type: HeaderValue::from_static("text/javascript; charset=utf-8"),
    bytes: include_bytes!("../assets/passkeys.js"),
};

static ALL: [&Asset; 3] = [&STYLE, &ICON, &PASSKEYS];

impl Asset {
    /// Its name under the assets' path.
    pub(crate) fn file_name(&self) -> String {
        format!("{}-{:016x}.{}", self.name, hash(self.bytes), self.extension)
    }
}

/// Serves the files by their present names; an old name is not found.
pub(crate) async fn serve(Path(file_name): Path<String>, headers: HeaderMap) -> Response {
    match ALL.iter().find(|asset| asset.file_name() == file_name) {
        Some(asset) => {
            let mut response = conditional(&headers, asset.bytes);
            response.headers_mut().insert(CONTENT_TYPE, asset.content_type.clone());
            response.headers_mut().insert(CACHE_CONTROL, FOREVER);
            response
        }
        None => axum::http::StatusCode::NOT_FOUND.into_response(),
    }
}

/// The tag that names exactly these bytes.
pub(crate) fn entity_tag(bytes: &[u8]) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{:016x}\"", hash(bytes))).expect("hexadecimal digits between quotes are a header value")
}

/// Whether the browser already has these bytes.
pub(crate) fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = tag.to_str().unwrap_or_default();
    headers
        .get_all(axum::http::header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim())
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// FNV-1a, 64 bits: it tells our own files apart and protects nothing.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Puts the tag on an answer.
pub(crate) fn tagged(mut response: Response, tag: HeaderValue) -> Response {
    response.headers_mut().insert(ETAG, tag);
    response
}
