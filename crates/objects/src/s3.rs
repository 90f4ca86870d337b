use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use crate::address::Address;
use crate::bucket::Bucket;
use crate::credentials;
use crate::error::OpenError;
use crate::http::Client;
use crate::unfinished::Unfinished;
use crate::worker::Worker;

/// Makes ready what reaches a bucket, and asks it nothing yet.
pub fn open(address: &Address, environment: &dyn Fn(&str) -> Option<String>) -> Result<Bucket, OpenError> {
    let client = Client::new()?;
    let builder = AmazonS3Builder::new()
        .with_bucket_name(&address.bucket)
        .with_region(address.region())
        .with_http_connector(client.clone())
        // Plain HTTP goes only where the address has said so.
        .with_client_options(ClientOptions::new().with_allow_http(true))
        .with_conditional_put(S3ConditionalPut::ETagMatch)
        // Not every store knows how to remove many at once.
        .with_disable_bulk_delete(true)
        .with_retry(retries());
    let builder = match &address.endpoint {
        Some(endpoint) => builder.with_endpoint(endpoint),
        None => builder,
    };
    let store = credentials::given(builder, address, environment)?.build().map_err(|error| OpenError::Library(error.to_string()))?;
    let asking = Unfinished::new(client, address, Arc::clone(store.credentials()));
    let worker = Worker::start().map_err(OpenError::Thread)?;
    Ok(Bucket::with(Arc::new(store), &address.prefix, worker, Some(asking)))
}

/// A request is tried again for so long; then whoever asked is told, and tries again at the next maintenance.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(2), base: 2.0 },
        max_retries: 4,
        retry_timeout: Duration::from_secs(20),
    }
}
