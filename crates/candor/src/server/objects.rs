//! Where the sealed files of the visit log are, if they are not in the data folder.

use std::path::Path;
use std::sync::Arc;

use ::visits::Elsewhere;
use anyhow::Context;
use disk::{DiskObjects, Objects, RealDisk};
use domain::Random;

use crate::config::{Configuration, ObjectsPlace};

pub(super) fn elsewhere(configuration: &Configuration, site: &Path, data: &Path, random: &dyn Random) -> anyhow::Result<Option<Elsewhere>> {
    let (objects, name): (Arc<dyn Objects>, String) = match &configuration.main.objects {
        None => return Ok(None),
        Some(ObjectsPlace::Folder(path)) => {
            let path = site.join(path);
            // It is known again however somebody came to it, and its own name needs not be there yet.
            let name = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
            if name == std::path::absolute(data).unwrap_or_else(|_| data.to_owned()) {
                return Ok(None);
            }
            (Arc::new(DiskObjects::new(Arc::new(RealDisk::new(&name)))), name.display().to_string())
        }
        Some(ObjectsPlace::Bucket(address)) => {
            let address = address.as_ref().clone().seen_from(site);
            let bucket = objects::open(&address, &|name| std::env::var(name).ok()).with_context(|| format!("`objects` is {address}"))?;
            (Arc::new(bucket), address.to_string())
        }
    };
    let mut new_owner = [0; 16];
    random.fill(&mut new_owner);
    Ok(Some(Elsewhere { objects, name, new_owner }))
}
