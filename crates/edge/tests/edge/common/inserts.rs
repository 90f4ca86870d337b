//! What Candor would put into the site's pages, short enough to be read in a test.

use edge::{Held, Inserts, Page, Room};
use policy::Policy;

pub(crate) const STYLE: &str = "<style>.candor{}</style>";
pub(crate) const BANNER: &str = "<aside>May we? – ads, maps</aside>";

pub(crate) struct TestInserts {
    policy: std::sync::Arc<Policy>,
    banner: Option<String>,
}

impl TestInserts {
    pub(crate) fn of(page: &Page<'_>) -> Self {
        let policy = page.facts.policy.clone();
        let due: Vec<&str> =
            page.due.iter().map(|purpose| policy.purpose(purpose).id.as_str()).filter(|id| matches!(*id, "ads" | "maps")).collect();
        let element = if page.sends_forms { "aside" } else { "a" };
        let banner = (!due.is_empty()).then(|| format!("<{element}>May we? – {}</{element}>", due.join(", ")));
        Self { policy, banner }
    }

    fn name(&self, held: &Held) -> String {
        match held {
            Held::Resource(resource) => self.policy.resource(*resource).id.to_string(),
            Held::Purpose(purpose) => self.policy.purpose(*purpose).id.to_string(),
            Held::Undeclared(host) => host.clone(),
        }
    }
}

impl Inserts for TestInserts {
    fn style(&self) -> &'static str {
        ".candor{}"
    }

    fn style_source(&self) -> &'static str {
        "'sha256-TEST'"
    }

    fn banner(&self) -> Option<&str> {
        self.banner.as_deref()
    }

    fn placeholder(&self, held: &Held, room: Room) -> String {
        match room {
            Room::Enough => format!("<div>[{}]</div>", self.name(held)),
            Room::Little => format!("<b>[{}]</b>", self.name(held)),
        }
    }

    fn summary(&self, held: &[Held]) -> String {
        let names: Vec<String> = held.iter().map(|held| self.name(held)).collect();
        format!("<details>[{}]</details>", names.join(" "))
    }
}
