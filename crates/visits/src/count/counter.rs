//! Adds visits to their groups, wherever they were read.

use std::collections::HashMap;

use domain::{Field, FieldSet, VisitorId};
use jiff::civil::Date;
use policy::Sealed;

use super::people::{Known, Pair, Pairs, People};
use super::stages::{Stage, Stages};
use super::suppress::{Sum, suppressed};
use super::{By, Counted, Counting, Judge, Value};
use crate::address::{Address, AddressKey};
use crate::ageing::{self, ROBOT};
use crate::query::{Query, Selection};
use crate::sealed::rows::Id;
use crate::visit::Visit;

const DAY_MICROS: i64 = 86_400_000_000;

/// A visit, as far as counting looks at one. What has aged away is there all the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) stage: usize,
    pub(crate) micros: i64,
    /// The number of its purposes' text.
    pub(crate) purposes: u32,
    pub(crate) visitor: Option<Id>,
    pub(crate) account: Option<Id>,
    pub(crate) ip: Option<Address>,
    /// Whether its path is wanted, where paths are asked for.
    pub(crate) is_path: bool,
    pub(crate) is_robot: bool,
    /// Where it belongs by its page, site or browser; none is to none.
    pub(crate) text: Option<u32>,
    pub(crate) status: Option<u16>,
}

/// A group of visits that say nothing of what is counted by, and one of visits of which that may not be seen.
const NOTHING: u32 = 0;
const UNSEEN: u32 = 1;

/// What a group's number stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Nothing,
    Unseen,
    Text(Box<str>),
    Number(i32),
    New,
    Returning,
}

pub(crate) struct Counter<'c> {
    pub(crate) by: By,
    pub(crate) stages: Stages,
    query: &'c Query,
    judge: &'c dyn Judge,
    /// What addresses are encrypted with, where some are.
    key: Option<AddressKey>,
    purposes: Numbers,
    /// What the judge said, by purposes and era.
    said: HashMap<(u32, usize), Option<FieldSet>>,
    last_said: Option<((u32, usize), Option<FieldSet>)>,
    browsers: HashMap<Box<[u8]>, (bool, Option<u32>)>,
    texts: HashMap<Box<str>, u32>,
    by_number: HashMap<i32, u32>,
    last_number: Option<(i32, u32)>,
    groups: Vec<(Key, Sum)>,
    people: People,
    pairs: Pairs,
    days: Days,
}

/// More browsers than these are looked at again.
const BROWSERS_REMEMBERED: usize = 1 << 16;

impl<'c> Counter<'c> {
    pub(crate) fn new(counting: &Counting<'c>, judge: &'c dyn Judge, selection: &Selection) -> Self {
        Self {
            by: counting.by,
            stages: Stages::new(counting.query, judge.eras(), selection),
            query: counting.query,
            judge,
            key: selection.retention.encrypts().then(|| selection.retention.key().cloned()).flatten(),
            purposes: Numbers::default(),
            said: HashMap::new(),
            last_said: None,
            browsers: HashMap::new(),
            texts: HashMap::new(),
            by_number: HashMap::new(),
            last_number: None,
            groups: vec![(Key::Nothing, Sum::default()), (Key::Unseen, Sum::default())],
            people: People::default(),
            pairs: Pairs::default(),
            days: Days::default(),
        }
    }

    /// Whether paths have to be looked at to know which visits are wanted.
    pub(crate) const fn asks_for_paths(&self) -> bool {
        self.query.path.is_some()
    }

    pub(crate) const fn asks_for_addresses(&self) -> bool {
        self.query.ip.is_some()
    }

    pub(crate) fn purposes(&mut self, text: &[u8]) -> u32 {
        self.purposes.number(text)
    }

    /// Whether a path is wanted, and the group of its page.
    pub(crate) fn path(&mut self, path: &[u8]) -> (bool, Option<u32>) {
        let is_wanted = self.query.path.as_ref().is_none_or(|pattern| pattern.covers_bytes(path));
        let group = (self.by == By::Page && is_wanted).then(|| self.text(&String::from_utf8_lossy(path)));
        (is_wanted, group)
    }

    /// The group of the site that a page is on.
    pub(crate) fn referrer(&mut self, referrer: &[u8]) -> Option<u32> {
        let site = ageing::origin(&String::from_utf8_lossy(referrer))?;
        Some(self.text(&site))
    }

    /// Whether it is a robot, and the group of its family.
    pub(crate) fn browser(&mut self, browser: &[u8]) -> (bool, Option<u32>) {
        if let Some(known) = self.browsers.get(browser) {
            return *known;
        }
        let family = ageing::family(&String::from_utf8_lossy(browser));
        let known = (family == ROBOT, (self.by == By::Browser).then(|| self.text(family)));
        if self.browsers.len() >= BROWSERS_REMEMBERED {
            self.browsers.clear();
        }
        self.browsers.insert(browser.into(), known);
        known
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(known) = self.texts.get(text) {
            return *known;
        }
        let group = self.group(Key::Text(text.into()));
        self.texts.insert(text.into(), group);
        group
    }

    fn number(&mut self, number: i32) -> u32 {
        if let Some((last, group)) = self.last_number
            && last == number
        {
            return group;
        }
        let group = match self.by_number.get(&number) {
            Some(known) => *known,
            None => {
                let group = self.group(Key::Number(number));
                self.by_number.insert(number, group);
                group
            }
        };
        self.last_number = Some((number, group));
        group
    }

    fn group(&mut self, key: Key) -> u32 {
        self.groups.push((key, Sum::default()));
        // Each takes more than 50 bytes: there is no memory for so many that this is not its number.
        u32::try_from(self.groups.len() - 1).unwrap_or(u32::MAX >> 1)
    }

    /// A visit of a segment, which has aged already.
    pub(crate) fn visit(&mut self, visit: &Visit, selection: &Selection) {
        let storage = &selection.storage;
        let micros = visit.time.as_microsecond();
        let (_, page) = visit.path.as_ref().map_or((true, None), |path| self.path(storage.reveal::<String>(path).as_bytes()));
        let (is_robot, family) =
            visit.browser.as_ref().map_or((false, None), |browser| self.browser(storage.reveal::<String>(browser).as_bytes()));
        let site = || visit.referrer.as_ref().map(|referrer| storage.reveal::<String>(referrer).as_bytes());
        let text = match self.by {
            By::Page => page,
            By::Browser => family,
            By::Referrer => site().and_then(|referrer| self.referrer(referrer)),
            By::Day | By::Status | By::Return => None,
        };
        let row = Row {
            stage: self.stages.at(micros),
            micros,
            purposes: self.purposes.number(visit.purposes.as_bytes()),
            visitor: visit.visitor.as_ref().map(|visitor| storage.reveal::<VisitorId>(visitor).0),
            account: visit.account.as_ref().map(|account| storage.reveal(account).0),
            ip: visit.ip.as_ref().map(|ip| *storage.reveal(ip)),
            // Reading it has looked.
            is_path: true,
            is_robot,
            text,
            status: visit.status,
        };
        self.row(row, selection);
    }

    /// Adds a visit, as far as it may be counted.
    pub(crate) fn row(&mut self, mut row: Row, selection: &Selection) {
        let stage = self.stages.get(row.stage);
        if !stage.is_seen || selection.is_unseen(row.account.as_ref(), row.visitor.as_ref()) {
            return;
        }
        let (era, is_counted) = (stage.era, stage.is_counted);
        age(&mut row, stage, self.key.as_ref(), self.by, self.query);
        if !row.is_path || !selection.is_of(row.account.as_ref(), row.visitor.as_ref(), row.ip) {
            return;
        }
        let Some(fields) = self.fields(row.purposes, era) else { return };
        if !self.query.is_covered_by(fields, row.account.is_some()) {
            return;
        }
        row.is_robot &= fields.contains(Field::VisitBrowser);
        let may_be_told = self.by.fields().iter().all(|field| fields.contains(field));
        let is_visitor = row.visitor.is_some() && fields.contains(Field::VisitVisitor);
        let known =
            row.visitor.map(Known::Visitor).or(row.account.map(Known::Account)).or(row.ip.map(|ip| Known::at(ip, self.key.as_ref())));
        let person = known.filter(|_| !row.is_robot).map(|known| self.people.number(known));
        if self.by == By::Return
            && may_be_told
            && row.visitor.is_some()
            && let Some(person) = person
        {
            self.days.add(person, day_number(row.micros), is_counted);
        } else if is_counted {
            let group = if may_be_told { self.group_of(&row) } else { UNSEEN };
            self.add(group, person, is_visitor, row.is_robot);
        }
    }

    fn group_of(&mut self, row: &Row) -> u32 {
        match self.by {
            By::Page | By::Referrer | By::Browser => row.text.unwrap_or(NOTHING),
            By::Day => self.number(day_number(row.micros)),
            By::Status => row.status.map_or(NOTHING, |status| self.number(i32::from(status))),
            By::Return => NOTHING,
        }
    }

    fn add(&mut self, group: u32, person: Option<u32>, is_visitor: bool, is_robot: bool) {
        let sum = &mut self.groups[group as usize].1;
        if is_robot {
            sum.robots += 1;
            return;
        }
        sum.visits += 1;
        match person {
            Some(person) => self.pairs.push(Pair { group, person, is_visitor }),
            None => sum.unknown += 1,
        }
    }

    fn fields(&mut self, purposes: u32, era: usize) -> Option<FieldSet> {
        let key = (purposes, era);
        if let Some((last, said)) = self.last_said
            && last == key
        {
            return said;
        }
        let (judge, texts) = (self.judge, &self.purposes);
        let said = *self.said.entry(key).or_insert_with(|| judge.fields(&texts.text(purposes), era));
        self.last_said = Some((key, said));
        said
    }

    /// What may be told of all that was added.
    pub(crate) fn end(mut self, counting: &Counting<'_>) -> Counted {
        if self.by == By::Return {
            self.tell_new_from_returning();
        }
        let value = |key: &Key| match key {
            Key::Nothing | Key::Unseen => None,
            Key::Text(text) => Some(Value::Text(Sealed::new(counting.by.field(), text.to_string()))),
            Key::Number(number) if counting.by == By::Day => Some(Value::Day(day(*number))),
            Key::Number(number) => u16::try_from(*number).ok().map(Value::Status),
            Key::New => Some(Value::New),
            Key::Returning => Some(Value::Returning),
        };
        let order = |one: u32, other: u32| key_order(&self.groups[one as usize].0, &self.groups[other as usize].0);
        let sums: Vec<Sum> = self.groups.iter().map(|(_, sum)| *sum).collect();
        suppressed(&sums, &self.pairs.end(), UNSEEN, counting, order, |group| value(&self.groups[group as usize].0))
    }

    /// Whoever came on several days is new on the first of them, and returns on the others.
    fn tell_new_from_returning(&mut self) {
        let (new, returning) = (self.group(Key::New), self.group(Key::Returning));
        for (person, days) in std::mem::take(&mut self.days).end() {
            for (at, visits) in days.iter().enumerate().filter(|(_, visits)| **visits > 0) {
                let group = if at == 0 { new } else { returning };
                self.groups[group as usize].1.visits += visits;
                self.pairs.push(Pair { group, person, is_visitor: true });
            }
        }
    }
}

/// Takes away what has aged away.
fn age(row: &mut Row, stage: &Stage, key: Option<&AddressKey>, by: By, query: &Query) {
    let is_gone = |field: Field| stage.gone.contains(field);
    if stage.gone.is_empty() && stage.addresses.is_whole() {
        return;
    }
    row.visitor = row.visitor.filter(|_| !is_gone(Field::VisitVisitor));
    row.account = row.account.filter(|_| !is_gone(Field::VisitAccount));
    row.ip = row.ip.and_then(|ip| stage.addresses.left_of(ip, key));
    row.is_path &= query.path.is_none() || !is_gone(Field::VisitPath);
    row.is_robot &= !is_gone(Field::VisitBrowser);
    row.text = row.text.filter(|_| !is_gone(by.field()));
    row.status = row.status.filter(|_| !is_gone(Field::VisitStatus));
}

/// Days of UTC since 1970.
const fn day_number(micros: i64) -> i32 {
    // The calendar has fewer days than this can count.
    micros.div_euclid(DAY_MICROS) as i32
}

fn day(since_1970: i32) -> Date {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(since_1970)).unwrap_or(Date::MAX)
}

/// By value, those without one last.
fn key_order(one: &Key, other: &Key) -> std::cmp::Ordering {
    match (one, other) {
        (Key::Text(one), Key::Text(other)) => one.cmp(other),
        (Key::Number(one), Key::Number(other)) => one.cmp(other),
        (one, other) => rank(one).cmp(&rank(other)),
    }
}

const fn rank(key: &Key) -> u8 {
    match key {
        Key::Text(_) | Key::Number(_) | Key::New => 0,
        Key::Returning => 1,
        Key::Nothing => 2,
        Key::Unseen => 3,
    }
}

/// A number for each text.
#[derive(Default)]
struct Numbers {
    known: HashMap<Box<[u8]>, u32>,
    texts: Vec<Box<[u8]>>,
}

impl Numbers {
    fn number(&mut self, text: &[u8]) -> u32 {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        // There are as many as ways to answer a policy's questions that somebody came upon.
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.into());
        self.known.insert(text.into(), number);
        number
    }

    fn text(&self, number: u32) -> String {
        String::from_utf8_lossy(&self.texts[number as usize]).into_owned()
    }
}

/// On which days people came, and how often.
#[derive(Default)]
struct Days {
    /// Person, day, visits to be counted.
    runs: Vec<(u32, i32, u64)>,
    settled: usize,
}

impl Days {
    fn add(&mut self, person: u32, day: i32, is_counted: bool) {
        match self.runs.last_mut() {
            Some((last, last_day, visits)) if (*last, *last_day) == (person, day) => *visits += u64::from(is_counted),
            _ => self.runs.push((person, day, u64::from(is_counted))),
        }
        if self.runs.len() - self.settled > self.settled.max(1 << 20) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.runs.sort();
        self.runs.dedup_by(|later, earlier| {
            let is_same = (later.0, later.1) == (earlier.0, earlier.1);
            if is_same {
                earlier.2 += later.2;
            }
            is_same
        });
        self.settled = self.runs.len();
    }

    /// For each person the visits of each day they came on, in order.
    fn end(mut self) -> Vec<(u32, Vec<u64>)> {
        self.settle();
        self.runs.chunk_by(|one, other| one.0 == other.0).map(|runs| (runs[0].0, runs.iter().map(|run| run.2).collect())).collect()
    }
}
