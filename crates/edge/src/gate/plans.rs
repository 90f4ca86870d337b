use std::collections::HashMap;
use std::sync::Arc;

use http::HeaderValue;
use parking_lot::Mutex;
use policy::cookie;
use policy::model::{Cookie, CookieHolds};
use policy::{Index, Permit, PlanKey, Policy, Revocations, VisitFacts, VisitPlan, plan_visit};

use crate::rewrite::{Obligations, csp};

/// A plan, and what the edge asks of it on every request.
#[derive(Debug)]
pub(crate) struct ReadyPlan {
    pub(crate) policy: Arc<Policy>,
    pub(crate) plan: Arc<VisitPlan>,
    /// The permitted purposes, as the site is told and as the log keeps them.
    pub(crate) purposes: HeaderValue,
    /// Whether the visitor part of our cookie is declared and permitted.
    pub(crate) visitor_cookie: bool,
    /// The policy that lets pages load what is permitted, and nothing else of third parties.
    pub(crate) allow_list: HeaderValue,
    /// Whether there is anything of third parties that pages may not load: whatever nobody declared is.
    pub(crate) refuses_resources: bool,
    /// Whether anything is permitted that is marketing.
    pub(crate) marketing: bool,
    /// What the plan asks of the site's pages.
    pub(crate) obligations: Obligations,
    /// The permit to tell the site which visitor this is.
    pub(crate) visitor_permit: Option<Permit>,
    /// Whether the session part of our cookie is declared and permitted, so that the site may be told whose account it is.
    pub(crate) account_cookie: bool,
    /// The permit to tell the site their username.
    pub(crate) username_permit: Option<Permit>,
}

/// The plans a worker has made under the current policy. Choices are few and visitors many, so nearly every request finds its own here.
#[derive(Debug)]
pub(crate) struct Plans {
    known: Mutex<Known>,
    /// Where browsers tell what pages were kept from loading.
    report_path: Option<String>,
}

#[derive(Debug)]
struct Known {
    policy: Option<Arc<Policy>>,
    recent: Option<(PlanKey, Arc<ReadyPlan>)>,
    plans: HashMap<PlanKey, Arc<ReadyPlan>>,
}

/// What an attacker's many different choices may fill.
const PLANS_MAX: usize = 1_024;

impl Plans {
    pub(crate) fn new(report_path: Option<String>) -> Self {
        Self { known: Mutex::new(Known { policy: None, recent: None, plans: HashMap::new() }), report_path }
    }

    pub(crate) fn find(&self, policy: &Arc<Policy>, revocations: &Revocations, facts: &VisitFacts<'_>) -> Arc<ReadyPlan> {
        let key = PlanKey::new(policy, revocations, facts);
        let mut known = self.known.lock();
        if !known.policy.as_ref().is_some_and(|known| Arc::ptr_eq(known, policy)) {
            *known = Known { policy: Some(policy.clone()), recent: None, plans: HashMap::new() };
        }
        if let Some((recent, plan)) = &known.recent
            && *recent == key
        {
            return plan.clone();
        }
        let plan = match known.plans.get(&key) {
            Some(plan) => plan.clone(),
            None => {
                if known.plans.len() >= PLANS_MAX {
                    known.plans.clear();
                }
                let plan = Arc::new(ReadyPlan::new(policy.clone(), plan_visit(policy, revocations, facts), self.report_path.as_deref()));
                known.plans.insert(key, plan.clone());
                plan
            }
        };
        known.recent = Some((key, plan.clone()));
        plan
    }
}

impl ReadyPlan {
    fn new(policy: Arc<Policy>, plan: VisitPlan, report_path: Option<&str>) -> Self {
        // Ids are kebab-case, so joined by commas they are always a header's value; were they not, none would be the safe thing to say.
        let purposes = HeaderValue::from_str(&plan.purposes_header(&policy)).unwrap_or(HeaderValue::from_static(""));
        let purpose = cookie::purpose_of(&policy, &CookieHolds::Visitor);
        let visitor_cookie = purpose.is_some_and(|purpose| plan.purposes.contains(purpose));
        let visitor_permit = purpose.and_then(|purpose| plan.visitor_permit(&policy, purpose));
        let session = cookie::purpose_of(&policy, &CookieHolds::Session);
        let account_cookie = session.is_some_and(|purpose| plan.purposes.contains(purpose));
        let username_permit = plan.username_permit(&policy);
        let allow_list = csp::allow_list(&policy, plan.resources, report_path);
        let refuses_resources = plan.resources.is_empty() || plan.resources.len() < policy.resources.len();
        let marketing = plan.purposes.iter().any(|purpose| policy.purpose(purpose).marketing);
        let obligations = Obligations::new(&policy, &plan);
        Self {
            policy,
            plan: Arc::new(plan),
            purposes,
            visitor_cookie,
            allow_list,
            refuses_resources,
            marketing,
            obligations,
            visitor_permit,
            account_cookie,
            username_permit,
        }
    }

    /// The declaration of a cookie of the site that is permitted.
    pub(crate) fn permitted_cookie(&self, name: &[u8]) -> Option<&Cookie> {
        self.policy.cookie_for(name).filter(|cookie| self.plan.cookies.contains(*cookie)).map(|cookie| self.policy.cookie(cookie))
    }

    /// Whether a cookie of the site is declared and refused. One that nobody declared is neither permitted nor refused.
    pub(crate) fn refuses_cookie(&self, name: &[u8]) -> bool {
        self.policy.cookie_for(name).is_some_and(|cookie: Index<Cookie>| !self.plan.cookies.contains(cookie))
    }

    pub(crate) fn purposes(&self) -> &str {
        self.purposes.to_str().unwrap_or("")
    }
}
