use domain::{AccountId, Field, FieldSet, Region, Timestamp};
use logfile::Entry;
use policy::model::Purpose;
use policy::{Index, Person, Policy, Revocations, Sealed, Set, VisitFacts, plan_visit};
use visits::NewVisit;

type KeptOfPath = Box<dyn for<'p> Fn(&'p str) -> &'p str + Send + Sync>;

/// What the policy lets the log keep of visits at which nobody could be asked: another server answered them, and its log says neither where the visitor was nor
/// what they had chosen. It is what would be permitted anywhere, with their browser's signal and without, and without any choice of theirs.
pub struct Admission {
    fields: FieldSet,
    purposes: String,
    kept_of_path: KeptOfPath,
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Admission").field("purposes", &self.purposes).finish_non_exhaustive()
    }
}

impl Admission {
    /// `kept_of_path` leaves out what is a secret in addresses of our own pages.
    pub fn of(policy: &Policy, at: Timestamp, kept_of_path: impl for<'p> Fn(&'p str) -> &'p str + Send + Sync + 'static) -> Self {
        let named = policy.jurisdictions.iter().chain(policy.choice_defaults.by_region.iter().map(|(region, _)| region));
        let plans: Vec<_> = std::iter::once(&Region::UNKNOWN)
            .chain(named)
            .flat_map(|region| [false, true].map(|gpc| VisitFacts { person: Person::default(), gpc, region: *region, at }))
            .map(|facts| plan_visit(policy, &Revocations::default(), &facts))
            .collect();
        let is_permitted = |purpose: &Index<Purpose>| plans.iter().all(|plan| plan.purposes.contains(*purpose));
        let purposes: Set<Purpose> = (0..policy.purposes.len()).map(Index::new).filter(is_permitted).collect();
        let names: Vec<&str> = purposes.iter().map(|purpose| policy.purpose(purpose).id.as_str()).collect();
        let fields = plans.iter().map(|plan| plan.record).reduce(FieldSet::intersection).unwrap_or_default();
        Self { fields, purposes: names.join(","), kept_of_path: Box::new(kept_of_path) }
    }

    pub const fn keeps(&self, field: Field) -> bool {
        self.fields.contains(field)
    }

    /// What is kept of a line of another log.
    pub fn visit<'e>(&'e self, entry: &'e Entry<'_>, account: Option<Sealed<AccountId>>) -> NewVisit<'e> {
        let text = |field, text: Option<&'e str>| text.filter(|_| self.keeps(field)).map(|text| Sealed::new(field, text));
        NewVisit {
            time: entry.time,
            method: entry.method.as_deref().filter(|_| self.keeps(Field::VisitMethod)),
            status: entry.status.filter(|_| self.keeps(Field::VisitStatus)),
            bytes: entry.bytes.filter(|_| self.keeps(Field::VisitBytes)),
            duration_us: entry.duration_us.filter(|_| self.keeps(Field::VisitDuration)),
            ip: entry.ip.filter(|_| self.keeps(Field::VisitIp)).map(|ip| Sealed::new(Field::VisitIp, ip)),
            browser: text(Field::VisitBrowser, entry.browser.as_deref()),
            referrer: text(Field::VisitReferrer, entry.referrer.as_deref()),
            path: text(Field::VisitPath, entry.path.as_deref().map(|path| (self.kept_of_path)(path))),
            visitor: None,
            account: account.filter(|_| self.keeps(Field::VisitAccount)),
            purposes: &self.purposes,
        }
    }
}
