//! The visit log through its front door.

mod crash;
mod damage;
mod expiry;
mod full_disk;
mod real_disk;
mod recording;
mod site;
