//! What the rules of a moment say of a visit depends on its time in a few steps only. Between two steps all visits are treated alike.

use std::ops::RangeInclusive;

use domain::{Field, FieldSet, Timestamp};
use policy::model::AgeingForm;

use crate::address::AddressForms;
use crate::query::{Query, Selection};
use crate::retention::from_micros;

/// How visits of one stretch of time are treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    /// Neither expired nor past what is asked for.
    pub(crate) is_seen: bool,
    /// And not before it either.
    pub(crate) is_counted: bool,
    /// The era of the judge's.
    pub(crate) era: usize,
    pub(crate) gone: FieldSet,
    /// What becomes of addresses.
    pub(crate) addresses: AddressForms,
}

pub(crate) struct Stages {
    /// In microseconds; there is one stage more.
    bounds: Vec<i64>,
    stages: Vec<Stage>,
}

impl Stages {
    /// `selection` may look further back than what is counted.
    pub(crate) fn new(counted: &Query, eras: &[Timestamp], selection: &Selection) -> Self {
        let asked = counted.since.iter().chain(&counted.until).chain(eras).map(|moment| from_micros(*moment));
        let mut bounds: Vec<i64> = asked.chain(selection.retention.bounds()).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let first = std::iter::once(Timestamp::MIN);
        let from = bounds.iter().map(|micros| Timestamp::from_microsecond(*micros).unwrap_or(Timestamp::MAX));
        let stages = first.chain(from).map(|time| stage(time, counted, eras, selection)).collect();
        Self { bounds, stages }
    }

    /// The number of the stage of a time in microseconds.
    pub(crate) fn at(&self, micros: i64) -> usize {
        self.bounds.partition_point(|bound| *bound <= micros)
    }

    /// Those of a stretch of time.
    pub(crate) fn between(&self, from: i64, to: i64) -> RangeInclusive<usize> {
        self.at(from)..=self.at(to)
    }

    /// Whether in any of these a visit's visitor or account has aged away.
    pub(crate) fn let_go_of_people(&self, mut stages: RangeInclusive<usize>) -> bool {
        stages.any(|stage| [Field::VisitVisitor, Field::VisitAccount].iter().any(|field| self.stages[stage].gone.contains(*field)))
    }

    pub(crate) fn get(&self, stage: usize) -> &Stage {
        &self.stages[stage]
    }
}

fn stage(time: Timestamp, counted: &Query, eras: &[Timestamp], selection: &Selection) -> Stage {
    let forms = selection.retention.forms(time);
    let is_gone = |(field, form): &(Field, AgeingForm)| (*form == AgeingForm::Gone).then_some(*field);
    let is_seen = selection.may_be_between(time, time);
    Stage {
        is_seen,
        is_counted: is_seen && counted.since.is_none_or(|since| time >= since),
        era: eras.partition_point(|era| *era <= time),
        gone: forms.iter().filter_map(is_gone).collect(),
        addresses: selection.retention.address_forms(time),
    }
}
