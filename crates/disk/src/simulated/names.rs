use std::collections::{BTreeMap, BTreeSet};

use crate::folder_of;

/// Which name refers to which file.
#[derive(Clone, Default)]
pub(super) struct Names {
    folders: BTreeSet<String>,
    /// What everyone sees.
    current: BTreeMap<String, usize>,
    /// What a power cut cannot take.
    durable: BTreeMap<String, usize>,
    /// The way from one to the other.
    unsynced: Vec<NameChange>,
}

#[derive(Clone)]
pub(super) enum NameChange {
    Set(String, usize),
    Move(String, String, usize),
    Remove(String),
}

impl Names {
    pub(super) fn get(&self, path: &str) -> Option<usize> {
        self.current.get(path).copied()
    }

    pub(super) fn files(&self) -> impl Iterator<Item = usize> {
        self.current.values().copied()
    }

    pub(super) fn has_folder(&self, folder: &str) -> bool {
        folder.is_empty() || self.folders.contains(folder)
    }

    pub(super) fn create_dir_all(&mut self, folder: &str) {
        let mut folder = folder;
        while !folder.is_empty() {
            self.folders.insert(folder.to_owned());
            folder = folder_of(folder);
        }
    }

    pub(super) fn list(&self, folder: &str) -> Option<Vec<String>> {
        let name = |path: &String| (folder_of(path) == folder).then(|| path.rsplit('/').next().unwrap_or(path).to_owned());
        self.has_folder(folder).then(|| {
            let names: BTreeSet<String> = self.current.keys().chain(&self.folders).filter_map(name).collect();
            names.into_iter().collect()
        })
    }

    pub(super) fn apply(&mut self, change: NameChange) {
        change.apply(&mut self.current);
        self.unsynced.push(change);
    }

    /// A name moves between two folders as one; syncing either makes it durable, as journals do.
    pub(super) fn sync(&mut self, folder: &str) {
        let touches = |change: &NameChange| change.paths().any(|path| folder_of(path) == folder);
        let (synced, unsynced) = self.unsynced.drain(..).partition(touches);
        self.unsynced = unsynced;
        let synced: Vec<NameChange> = synced;
        synced.iter().for_each(|change| change.apply(&mut self.durable));
    }

    /// A journal keeps the order of changes, so a power cut leaves the first few.
    pub(super) fn after_crash(&self, kept: &mut impl FnMut(usize) -> usize) -> Self {
        let mut durable = self.durable.clone();
        self.unsynced.iter().take(kept(self.unsynced.len())).for_each(|change| change.apply(&mut durable));
        Self { folders: self.folders.clone(), current: durable.clone(), durable, unsynced: Vec::new() }
    }
}

impl NameChange {
    fn paths(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Set(path, _) | Self::Remove(path) => (path, None),
            Self::Move(from, to, _) => (from, Some(to)),
        };
        std::iter::once(first).chain(second).map(String::as_str)
    }

    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Set(path, file) => {
                names.insert(path.clone(), *file);
            }
            Self::Move(from, to, file) => {
                names.remove(from);
                names.insert(to.clone(), *file);
            }
            Self::Remove(path) => {
                names.remove(path);
            }
        }
    }
}
