use std::hash::{DefaultHasher, Hash, Hasher};

use policy::cookie::refusable;
use policy::model::{Policy, Purpose, Resource};
use policy::{Index, Set, VisitPlan};

use super::signs::{self, Host, Sign};
use crate::Held;

/// What one plan obliges to on the pages of the site.
#[derive(Debug)]
pub(crate) struct Obligations {
    /// Declared resources that the plan does not permit.
    held: Set<Resource>,
    /// Whether somebody else's plan may make another page of the same answer.
    pub(super) varies: bool,
    /// Whether anything is not permitted.
    pub(super) refuses: bool,
    /// A short number that is another one under any other obligations.
    pub(super) number: u64,
}

impl Obligations {
    pub(crate) fn new(policy: &Policy, plan: &VisitPlan) -> Self {
        let every = (0..policy.resources.len()).map(Index::new).collect::<Set<Resource>>();
        let mut hasher = DefaultHasher::new();
        (policy.hash, policy.version.0, plan.resources, plan.purposes).hash(&mut hasher);
        let purposes = (0..policy.purposes.len()).map(Index::new).collect::<Set<Purpose>>();
        let held = every.difference(plan.resources);
        let refuses = !held.is_empty() || !purposes.is_subset(plan.purposes);
        Self { held, refuses, varies: !refusable(policy).is_empty(), number: hasher.finish() }
    }

    pub(super) fn holds_nothing(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn any_held(&self) -> Option<Index<Resource>> {
        self.held.iter().next()
    }

    pub(super) fn holds(&self, resource: Index<Resource>) -> bool {
        self.held.contains(resource)
    }

    /// The declaration of a resource at this address that has to be held back.
    pub(super) fn held_at(&self, policy: &Policy, url: &str) -> Option<Index<Resource>> {
        if self.held.is_empty() {
            return None;
        }
        policy.resource_for(url).filter(|resource| self.holds(*resource))
    }

    /// What has to be held back at the address of a third party: what is declared and refused, and whatever nobody declared.
    pub(super) fn refused_at(&self, policy: &Policy, url: &str) -> Option<Held> {
        match policy.resource_for(url) {
            Some(resource) => self.holds(resource).then_some(Held::Resource(resource)),
            None => Some(Held::Undeclared(host_of(url).to_owned())),
        }
    }

    /// The first of the resources on the host of an address, where all of them have to be held back.
    pub(super) fn held_on_host_of(&self, policy: &Policy, url: &str) -> Option<Index<Resource>> {
        let there = policy.resources_on_host_of(url);
        there.iter().next().filter(|_| there.is_subset(self.held))
    }

    /// Whether nothing on the host of an address is permitted, declared or not.
    pub(super) fn refuses_host_of(&self, policy: &Policy, url: &str) -> bool {
        policy.resources_on_host_of(url).is_subset(self.held)
    }

    /// Some resource that has to be held back and may be on this host.
    pub(super) fn held_at_host(&self, policy: &Policy, host: &str) -> Option<Index<Resource>> {
        self.held.iter().find(|resource| policy.resource(*resource).matches.is_on_host_of(host))
    }

    /// Whether a page on this host shows any sign of something that has to be held back. It may show one where there is nothing, and never the other
    /// way round for what is declared.
    pub(super) fn may_be_in(&self, policy: &Policy, own: &str, text: &[u8]) -> bool {
        signs::any(text, |sign| match sign {
            Sign::Host(host) => self.held_at_host(policy, host.name).is_some() || self.refuses_undeclared(policy, own, &host).is_some(),
            Sign::Connects(tag) => signs::any(tag, |sign| match sign {
                Sign::Host(host) => self.refuses_host_of(policy, host.name),
                Sign::Purpose | Sign::Disguise | Sign::Prepares | Sign::Connects(_) => true,
            }),
            Sign::Purpose | Sign::Disguise | Sign::Prepares => true,
        })
    }

    /// Something that has to be held back and whose host is named in a text that is a page, or is to become a part of one.
    pub(super) fn held_named_in(&self, policy: &Policy, own: &str, text: &str) -> Option<Held> {
        let mut held = None;
        signs::any(text.as_bytes(), |sign| {
            if let Sign::Host(host) = sign {
                let declared = self.held_at_host(policy, host.name).map(Held::Resource);
                held = declared.or_else(|| self.refuses_undeclared(policy, own, &host));
            }
            held.is_some()
        });
        held
    }

    /// What a tag loads of somebody whom nobody declared.
    fn refuses_undeclared(&self, policy: &Policy, own: &str, host: &Host<'_>) -> Option<Held> {
        let is_own = without_port(host.name).eq_ignore_ascii_case(own);
        if is_own || !host.is_loaded() { None } else { self.refused_at(policy, &host.address()) }
    }
}

/// Host and port of an address as the URL standard writes it.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

pub(super) fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host.ends_with(']') => &host[..colon],
        _ => host,
    }
}
