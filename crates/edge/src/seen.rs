use std::collections::BTreeMap;

use domain::Timestamp;
use url::Url;

/// One name under which the site set cookies. What was in them is never noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieSightings {
    pub count: u64,
    pub first: Timestamp,
    pub last: Timestamp,
    /// The longest life that any of them was to have; none lived longer than the browser's session.
    pub seconds_max: Option<u64>,
}

/// One place of a third party that pages of the site load things from, or try to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceSightings {
    pub count: u64,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// What the site was seen to do, whether the policy declares it or not. It takes a bounded piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    cookies: BTreeMap<String, CookieSightings>,
    resources: BTreeMap<String, ResourceSightings>,
    /// Cookies for whose names there was no room.
    pub unnoted: u64,
    /// Loads for whose addresses there was no room.
    pub unnoted_resources: u64,
    /// Whether the site uses a service worker.
    pub service_worker: bool,
}

impl Sightings {
    pub const NAMES_MAX: usize = 10_000;

    /// No name that a site gives on purpose is longer.
    pub const NAME_BYTES_MAX: usize = 256;

    pub const RESOURCES_MAX: usize = 10_000;

    /// Of one host so many folders are told apart; what comes then is noted as the host's.
    pub const RESOURCES_OF_HOST_MAX: usize = 50;

    /// A longer address is noted as its host's.
    pub const RESOURCE_BYTES_MAX: usize = 256;

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Every name, in alphabetical order.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &CookieSightings)> {
        self.cookies.iter().map(|(name, seen)| (name.as_str(), seen))
    }

    /// Every place, in alphabetical order.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &ResourceSightings)> {
        self.resources.iter().map(|(url, seen)| (url.as_str(), seen))
    }

    /// Adds what was seen under a name.
    pub fn add(&mut self, name: &str, seen: CookieSightings) {
        if let Some(known) = self.cookies.get_mut(name) {
            known.count = known.count.saturating_add(seen.count);
            known.first = known.first.min(seen.first);
            known.last = known.last.max(seen.last);
            known.seconds_max = known.seconds_max.max(seen.seconds_max);
        } else if self.cookies.len() < Self::NAMES_MAX && name.len() <= Self::NAME_BYTES_MAX {
            self.cookies.insert(name.to_owned(), seen);
        } else {
            self.unnoted = self.unnoted.saturating_add(seen.count);
        }
    }

    /// Adds what was seen at an address. It is noted as the folder it is in: without its name, and without anything that may be about a person.
    pub fn add_resource(&mut self, url: &str, seen: ResourceSightings) {
        let Some(place) = Place::of(url) else {
            return;
        };
        let place = if self.resources.contains_key(&place.folder) || self.has_room_on(&place) { place.folder } else { place.host };
        if let Some(known) = self.resources.get_mut(&place) {
            known.count = known.count.saturating_add(seen.count);
            known.first = known.first.min(seen.first);
            known.last = known.last.max(seen.last);
        } else if self.resources.len() < Self::RESOURCES_MAX && place.len() <= Self::RESOURCE_BYTES_MAX {
            self.resources.insert(place, seen);
        } else {
            self.unnoted_resources = self.unnoted_resources.saturating_add(seen.count);
        }
    }

    /// Notes that a page loads from there, or would. What is no address of the network is not noted.
    pub fn note_resource(&mut self, url: &str, now: Timestamp) {
        self.add_resource(url, ResourceSightings { count: 1, first: now, last: now });
    }

    /// Lets go of the rarest places until no more than these are left, of equally rare ones those that were not seen for longest. What is let go of is
    /// counted with what there was no room for.
    pub fn keep_commonest_resources(&mut self, max: usize) {
        while self.resources.len() > max {
            let rarest = self.resources.iter().min_by_key(|(_, seen)| (seen.count, seen.last)).map(|(place, _)| place.clone());
            let Some(seen) = rarest.and_then(|place| self.resources.remove(&place)) else {
                return;
            };
            self.unnoted_resources = self.unnoted_resources.saturating_add(seen.count);
        }
    }

    fn has_room_on(&self, place: &Place) -> bool {
        let of_host = self.resources.range(place.host.clone()..).take(Self::RESOURCES_OF_HOST_MAX);
        let known = of_host.take_while(|(url, _)| url.starts_with(&place.host)).count();
        place.folder.len() <= Self::RESOURCE_BYTES_MAX && known < Self::RESOURCES_OF_HOST_MAX
    }

    /// Adds what somebody else saw.
    pub fn merge(&mut self, other: Self) {
        self.unnoted = self.unnoted.saturating_add(other.unnoted);
        self.unnoted_resources = self.unnoted_resources.saturating_add(other.unnoted_resources);
        self.service_worker |= other.service_worker;
        for (name, seen) in other.cookies {
            self.add(&name, seen);
        }
        for (url, seen) in other.resources {
            self.add_resource(&url, seen);
        }
    }

    pub(crate) fn note(&mut self, name: &[u8], seconds: Option<i64>, now: Timestamp) {
        let seconds_max = seconds.map(|seconds| seconds.max(0).unsigned_abs());
        self.add(&String::from_utf8_lossy(name), CookieSightings { count: 1, first: now, last: now, seconds_max });
    }
}

/// Where something is loaded from.
struct Place {
    /// `https://cdn.example/`.
    host: String,
    /// `https://cdn.example/js/`.
    folder: String,
}

impl Place {
    fn of(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        // A socket is loaded from the same place as everything else.
        let scheme = match url.scheme() {
            "http" | "ws" => "http",
            "https" | "wss" => "https",
            _ => return None,
        };
        if url.host_str()?.contains('*') {
            return None;
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = format!("{scheme}://{}{port}/", url.host_str()?);
        let path = url.path().trim_start_matches('/');
        let folder = path.rfind('/').map_or("", |end| &path[..=end]);
        Some(Self { folder: format!("{host}{folder}"), host })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn a_name_is_counted_with_its_first_and_last_time() {
        let mut seen = Sightings::default();
        seen.note(b"sid", None, at(20));
        seen.note(b"sid", Some(60), at(10));
        let mut others = Sightings::default();
        others.note(b"sid", Some(30), at(40));
        others.note(b"b", Some(-5), at(5));
        seen.merge(others);
        let sid = CookieSightings { count: 3, first: at(10), last: at(40), seconds_max: Some(60) };
        let b = CookieSightings { count: 1, first: at(5), last: at(5), seconds_max: Some(0) };
        assert_eq!(seen.cookies().collect::<Vec<_>>(), [("b", &b), ("sid", &sid)]);
    }

    #[test]
    fn a_site_that_makes_up_names_fills_no_memory() {
        let mut seen = Sightings::default();
        for number in 0..Sightings::NAMES_MAX + 7 {
            seen.note(format!("n{number}").as_bytes(), None, at(1));
        }
        seen.note("long".repeat(65).as_bytes(), None, at(1));
        seen.note(b"n0", None, at(2));
        assert_eq!((seen.cookies().count(), seen.unnoted), (Sightings::NAMES_MAX, 8));
    }

    fn places(seen: &Sightings) -> Vec<(&str, u64)> {
        seen.resources().map(|(url, seen)| (url, seen.count)).collect()
    }

    #[test]
    fn a_load_is_noted_as_the_folder_it_comes_from() {
        let mut seen = Sightings::default();
        for url in [
            "https://cdn.example/js/app.js?user=7#top",
            "https://somebody:secret@cdn.example:443/js/",
            "wss://CDN.example/js/live",
            "https://cdn.example/",
            "https://cdn.example?x",
            "http://cdn.example:8080/a/b/c.png",
            "data:text/plain,x",
            "https://*.example/a/b",
            "inline",
            "",
        ] {
            seen.note_resource(url, at(1));
        }
        let expected = [("http://cdn.example:8080/a/b/", 1), ("https://cdn.example/", 2), ("https://cdn.example/js/", 3)];
        assert_eq!(places(&seen), expected);
    }

    #[test]
    fn the_rarest_places_are_let_go_of_first_and_of_those_the_oldest() {
        let mut seen = Sightings::default();
        for (host, second) in [("often", 1), ("often", 2), ("old", 3), ("new", 4)] {
            seen.note_resource(&format!("https://{host}.example/"), at(second));
        }
        seen.keep_commonest_resources(2);
        assert_eq!((places(&seen), seen.unnoted_resources), (vec![("https://new.example/", 1), ("https://often.example/", 2)], 1));
        seen.keep_commonest_resources(2);
        assert_eq!(seen.resources().count(), 2);
    }

    #[test]
    fn a_host_with_endless_folders_becomes_one_place_and_endless_hosts_fill_no_memory() {
        let mut seen = Sightings::default();
        for number in 0..Sightings::RESOURCES_OF_HOST_MAX + 5 {
            seen.note_resource(&format!("https://pixel.example/{number}/p.gif"), at(1));
        }
        seen.note_resource(&format!("https://pixel.example/{}/p.gif", "long".repeat(100)), at(1));
        assert_eq!(seen.resources().count(), Sightings::RESOURCES_OF_HOST_MAX + 1);
        assert_eq!(places(&seen)[0], ("https://pixel.example/", 6));
        for number in 0..Sightings::RESOURCES_MAX {
            seen.note_resource(&format!("https://h{number}.example/x"), at(1));
        }
        assert_eq!((seen.resources().count(), seen.unnoted_resources), (Sightings::RESOURCES_MAX, 51));
    }
}
