//! A bucket as a place for files that are written once: S3, and whatever speaks as S3 does.
//!
//! [`Bucket`] is such a place on any store of the `object_store` library. Whoever calls it may block, and must: the requests are made on a thread of its own.
//! [`Address`] is how an operator names a bucket, [`open`] reaches it with our own HTTP and TLS.

mod address;
mod bucket;
mod cache;
mod credentials;
mod error;
mod http;
mod s3;
mod unfinished;
mod upload;
mod worker;

pub use address::{Address, BadAddress};
pub use bucket::Bucket;
pub use error::OpenError;
pub use s3::open;
