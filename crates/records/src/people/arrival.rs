//! Signing in, all of it or nothing: what somebody followed is used up, their browser's record becomes theirs, and their session begins.

use domain::{ChoiceRecordId, SessionId, Timestamp};

use super::link::take_all;
use super::registration::confirm;
use super::session::begin;
use super::{Confirmed, LinkId, People, Session};
use crate::bindings::bind;
use crate::{RecordsError, Sides, Work};

/// Somebody who signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub session: Session,
    /// The session the browser has by now, which ends.
    pub instead_of: Option<SessionId>,
    /// The record of the browser's choices, where they are kept, and the one it gets instead if that one is somebody else's.
    pub record: Option<(ChoiceRecordId, ChoiceRecordId)>,
}

/// What signing in did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The account's oldest sessions, which ended because there were too many.
    pub ended: Vec<SessionId>,
    /// What was answered before, where choices are kept.
    pub sides: Option<Sides>,
    /// The browser's record is somebody else's.
    pub is_bound_elsewhere: bool,
}

impl People {
    /// Signs in somebody who has just proved who they are.
    pub async fn arrive(&self, arrival: Arrival) -> Result<Arrived, RecordsError> {
        let records = self.records.clone();
        self.records.at_home(async move { records.transact(move |work| Box::pin(arrive(work, arrival))).await }).await
    }

    /// Uses a link up, and the account's others of its kind with it, and signs in whoever followed it; none where it does not work any more. Of two who use it
    /// at once, one gets it.
    pub async fn arrive_by_link(
        &self,
        link: LinkId,
        kind: &'static str,
        now: Timestamp,
        arrival: Arrival,
    ) -> Result<Option<Arrived>, RecordsError> {
        let records = self.records.clone();
        let by_link = async move { records.transact(move |work| Box::pin(follow(work, (link, kind), now, arrival))).await };
        self.records.at_home(by_link).await
    }

    /// Makes an account of the registration that a link belongs to, and signs whoever followed it in to it.
    pub async fn confirm_and_arrive(
        &self,
        link: LinkId,
        now: Timestamp,
        arrival: Arrival,
    ) -> Result<(Confirmed, Option<Arrived>), RecordsError> {
        let records = self.records.clone();
        let confirmed = async move {
            records
                .transact(move |work| {
                    Box::pin(async move {
                        match confirm(work, link, now).await? {
                            Confirmed::Account(id) if id == arrival.session.account => {
                                Ok((Confirmed::Account(id), Some(arrive(work, arrival).await?)))
                            }
                            other => Ok((other, None)),
                        }
                    })
                })
                .await
        };
        self.records.at_home(confirmed).await
    }
}

async fn follow(work: &mut Work, link: (LinkId, &'static str), now: Timestamp, arrival: Arrival) -> Result<Option<Arrived>, RecordsError> {
    match take_all(work, link.0, link.1, now).await? {
        Some(taken) if taken.link.owner == arrival.session.account => arrive(work, arrival).await.map(Some),
        Some(_) | None => Ok(None),
    }
}

async fn arrive(work: &mut Work, arrival: Arrival) -> Result<Arrived, RecordsError> {
    let Arrival { session, instead_of, record } = arrival;
    let (mut sides, mut is_bound_elsewhere) = (None, false);
    if let Some((own, instead)) = record {
        sides = Some(match bind(work, own, session.account, session.started).await {
            Err(RecordsError::BoundElsewhere) => {
                is_bound_elsewhere = true;
                bind(work, instead, session.account, session.started).await?
            }
            sides => sides?,
        });
    }
    Ok(Arrived { ended: begin(work, session, instead_of).await?, sides, is_bound_elsewhere })
}
