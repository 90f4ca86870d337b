//! The visit log through its front door.

mod any_tool;
mod crash;
mod damage;
mod elsewhere;
mod encrypted;
mod erasing;
mod expiry;
mod far;
mod full_disk;
mod out_of_reach;
mod real_disk;
mod recording;
mod sealed_bytes;
mod sealing;
mod site;
