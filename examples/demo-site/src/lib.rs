//! A small site to stand in front of.
