//! One format, one file.

pub(crate) mod caddy;
pub(crate) mod haproxy;
pub(crate) mod ncsa;
pub(crate) mod nginx;
pub(crate) mod traefik;
pub(crate) mod w3c;
