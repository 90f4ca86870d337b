//! HTTP/2, and TLS on both sides.
