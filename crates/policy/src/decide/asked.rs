use domain::Act;

use super::facts::Ask;
use crate::Set;
use crate::model::{DataField, Never, Policy, Purpose, Recipients, Use};

/// What is asked, once the use that would carry it is known.
pub(super) struct Asked<'p> {
    pub(super) rule: &'p Use,
    pub(super) purpose: &'p Purpose,
    pub(super) data: Set<DataField>,
    pub(super) to: Recipients,
    pub(super) act: Act,
}

impl<'p> Asked<'p> {
    /// Rule 1: without a declared use there is nothing to permit. The `never` that would forbid it too is handed back for the explanation.
    pub(super) fn resolve(policy: &'p Policy, ask: &Ask) -> Result<Self, Option<&'p Never>> {
        match *ask {
            Ask::Unknown => Err(None),
            Ask::Use(index) => {
                // An index may come from another version, which had more uses.
                let rule = policy.uses.get(index.get()).ok_or(None)?;
                Ok(Self { rule, purpose: policy.purpose(rule.purpose), data: rule.data, to: rule.to(), act: rule.act })
            }
            Ask::Terms { data, purpose, recipient, act } => {
                let to = Recipients { us: recipient.is_none(), others: recipient.into_iter().collect() };
                let carries = |rule: &&Use| {
                    Some(rule.purpose) == purpose
                        && rule.act == act
                        && (rule.for_us || !to.us)
                        && to.others.is_subset(rule.recipients)
                        && !data.is_empty()
                        && data.is_subset(rule.data)
                };
                let rule = policy.uses.iter().find(carries).ok_or_else(|| policy.never_against(data, to, act))?;
                Ok(Self { rule, purpose: policy.purpose(rule.purpose), data, to, act })
            }
        }
    }
}
