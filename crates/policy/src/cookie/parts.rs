use domain::{AccountId, Age, Answer, Choice, ChoiceRecordId, Field, Id, SessionId, Span, Timestamp, Version, VisitorId};

use super::{Kind, Standing, declared_part};
use crate::decide::Consent;
use crate::model::{Agreement, CookieHolds, Policy};
use crate::{Sealed, Set};

/// What our two cookies hold. Each part is there only if something needed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CookieParts {
    pub choices: Option<ChoicesPart>,
    pub visitor: Option<VisitorPart>,
    pub preferences: Option<PreferencesPart>,
    pub session: Option<SessionPart>,
    pub signal: Option<SignalPart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoicesPart {
    /// The pseudonym they are recorded under.
    pub record: ChoiceRecordId,
    /// When the last of them was made; the part lives from here.
    pub made: Timestamp,
    pub choices: Vec<Choice>,
}

/// What `Sec-GPC: 1` opted this browser out of. It says no and nothing else, so that no page can bring a yes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalPart {
    /// The pseudonym it is recorded under.
    pub record: ChoiceRecordId,
    /// When it last ended something; the part lives from here.
    pub made: Timestamp,
    opted_out: Vec<Choice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorPart {
    pub id: Sealed<VisitorId>,
    /// The first visit; the part lives from here, and coming back does not extend it.
    pub since: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferencesPart {
    pub made: Timestamp,
    pub values: Vec<(Id, String)>,
}

/// The ticket of somebody who is signed in: what a visit needs to know of them, so that no visit asks the database. It is believed for minutes, and then
/// only after the session's row has renewed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPart {
    pub session: SessionId,
    pub account: AccountId,
    pub username: Sealed<String>,
    pub age: Age,
    /// When they signed in; the part lives from here.
    pub started: Timestamp,
    /// When the row was last asked.
    pub renewed: Timestamp,
    /// What was in force with them then.
    pub agreements: Vec<TicketAgreement>,
}

/// An agreement as a ticket carries it. It ends with its own time, whatever the ticket's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketAgreement {
    pub name: Id,
    pub until: Option<Timestamp>,
}

/// Parts whose signature held and whose time is not over. Only reading a cookie makes them, so they prove who bears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedParts(CookieParts);

impl std::ops::Deref for VerifiedParts {
    type Target = CookieParts;

    fn deref(&self) -> &CookieParts {
        &self.0
    }
}

impl VerifiedParts {
    pub(super) fn visitor(&self) -> Option<VerifiedVisitor> {
        self.visitor.as_ref().map(|part| VerifiedVisitor { id: part.id, since: part.since })
    }

    pub(super) fn signed_in(&self, now: Timestamp) -> SignedIn {
        match &self.session {
            None => SignedIn::Nobody,
            Some(part) if TICKET_LIVES.after(part.renewed) > now && part.renewed <= CLOCKS_DIFFER.after(now) => {
                SignedIn::As(VerifiedAccount(part.clone()))
            }
            Some(part) => SignedIn::Unsure(part.session),
        }
    }

    pub(super) fn with_unsure_ticket(mut self) -> Self {
        if let Some(part) = &mut self.0.session {
            part.renewed = Timestamp::UNIX_EPOCH;
        }
        self
    }

    pub(super) fn without_ticket(mut self) -> Self {
        self.0.session = None;
        self
    }
}

/// How long a ticket is believed by itself.
pub const TICKET_LIVES: Span = Span::minutes(10);

/// A ticket from further in the future was made before the clock was set back, and its age cannot be told.
pub(crate) const CLOCKS_DIFFER: Span = Span::minutes(1);

/// From this age on a ticket is renewed when there is time for it.
pub const TICKET_RENEWED_AFTER: Span = Span::minutes(5);

/// Who bears a cookie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SignedIn {
    #[default]
    Nobody,
    As(VerifiedAccount),
    /// Only the session's row can say.
    Unsure(SessionId),
}

/// Somebody whose ticket verified and is young enough: the proof that whoever asks is signed in to that account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAccount(SessionPart);

impl VerifiedAccount {
    pub const fn account(&self) -> AccountId {
        self.0.account
    }

    pub const fn session(&self) -> SessionId {
        self.0.session
    }

    pub const fn username(&self) -> &Sealed<String> {
        &self.0.username
    }

    pub const fn age(&self) -> Age {
        self.0.age
    }

    /// The agreements that are in force with them now, of those that the policy knows.
    pub fn agreements(&self, policy: &Policy, now: Timestamp) -> Set<Agreement> {
        let in_force = self.0.agreements.iter().filter(|agreement| agreement.until.is_none_or(|until| until > now));
        in_force.filter_map(|agreement| policy.agreement_named(agreement.name.as_str())).collect()
    }

    /// Whether the ticket should be renewed when there is time for it.
    pub fn is_due(&self, now: Timestamp) -> bool {
        TICKET_RENEWED_AFTER.after(self.0.renewed) <= now
    }
}

/// A visitor whose cookie verified: the proof that whoever asks is that visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedVisitor {
    id: Sealed<VisitorId>,
    since: Timestamp,
}

impl VerifiedVisitor {
    pub const fn id(&self) -> &Sealed<VisitorId> {
        &self.id
    }

    pub const fn since(&self) -> Timestamp {
        self.since
    }
}

impl VisitorPart {
    pub const fn new(id: VisitorId, since: Timestamp) -> Self {
        Self { id: Sealed::new(Field::VisitVisitor, id), since }
    }
}

impl ChoicesPart {
    pub fn answer(&self, purpose: &Id) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.purpose == *purpose)
    }

    /// Takes over what the same person refused in another browser after they had answered in this one, and says whether there was anything. A yes is never
    /// taken over.
    pub fn refuse_as_well(&mut self, refusals: &[Choice]) -> bool {
        let mut changed = false;
        for refusal in refusals.iter().filter(|choice| choice.answer == Answer::No) {
            match self.choices.iter_mut().find(|known| known.purpose == refusal.purpose) {
                Some(known) if known.answer == Answer::Yes && known.at <= refusal.at => *known = refusal.clone(),
                Some(_) => continue,
                None => self.choices.push(refusal.clone()),
            }
            self.made = self.made.max(refusal.at);
            changed = true;
        }
        changed
    }
}

impl SignalPart {
    /// Opted out of these purposes, each since then, under the version that was in force.
    pub fn new(record: ChoiceRecordId, made: Timestamp, opted_out: impl IntoIterator<Item = (Id, Timestamp, Version)>) -> Self {
        let no = |(purpose, at, version)| Choice { purpose, answer: Answer::No, at, version, gpc: true, opted_out: true };
        Self { record, made, opted_out: opted_out.into_iter().map(no).collect() }
    }

    pub fn opted_out(&self) -> &[Choice] {
        &self.opted_out
    }

    fn answer(&self, purpose: &Id) -> Option<&Choice> {
        self.opted_out.iter().find(|choice| choice.purpose == *purpose)
    }
}

/// Whether what somebody answered stands against their browser's signal: a no does, and a yes that was said later or while sending it. A moment is a
/// whole second here, so a yes of the signal's own second counts only if it was said while sending it.
fn outlasts(own: &Choice, signalled: &Choice) -> bool {
    own.answer == Answer::No || own.at > signalled.at || (own.gpc && own.at == signalled.at)
}

impl CookieParts {
    pub fn is_empty(&self) -> bool {
        let Self { choices, visitor, preferences, session, signal } = self;
        choices.is_none() && visitor.is_none() && preferences.is_none() && session.is_none() && signal.is_none()
    }

    /// The pseudonym that answers and signals of this browser are recorded under, where there are any.
    pub fn record(&self) -> Option<ChoiceRecordId> {
        self.choices.as_ref().map(|part| part.record).or_else(|| self.signal.as_ref().map(|part| part.record))
    }

    /// What counts about a purpose: what somebody answered, or what their browser's signal opted out of.
    pub fn answer(&self, purpose: &Id) -> Option<&Choice> {
        self.signalled(purpose).or_else(|| self.own_answer(purpose))
    }

    /// What the browser's signal opted out of, while no answer of its bearer's stands against it.
    pub fn signalled(&self, purpose: &Id) -> Option<&Choice> {
        let signalled = self.signal.as_ref()?.answer(purpose)?;
        (!self.own_answer(purpose).is_some_and(|own| outlasts(own, signalled))).then_some(signalled)
    }

    fn own_answer(&self, purpose: &Id) -> Option<&Choice> {
        self.choices.as_ref()?.answer(purpose)
    }

    /// All that counts, each purpose once.
    fn answers(&self) -> impl Iterator<Item = &Choice> {
        let own = self.choices.iter().flat_map(|part| &part.choices).filter(|choice| self.signalled(&choice.purpose).is_none());
        let signalled = self.signal.iter().flat_map(|part| &part.opted_out).filter(|choice| self.signalled(&choice.purpose).is_some());
        own.chain(signalled)
    }

    /// The half of them that one cookie carries.
    pub(super) fn only(&self, kind: Kind) -> Self {
        match kind {
            Kind::Choices => Self { choices: self.choices.clone(), preferences: self.preferences.clone(), ..Self::default() },
            Kind::Visit => {
                Self { visitor: self.visitor.clone(), session: self.session.clone(), signal: self.signal.clone(), ..Self::default() }
            }
        }
    }

    /// Both halves together.
    pub(super) fn joined(choices: Self, visit: Self) -> Self {
        Self {
            choices: choices.choices,
            preferences: choices.preferences,
            visitor: visit.visitor,
            session: visit.session,
            signal: visit.signal,
        }
    }

    /// Only what the policy declares: parts, preferences and the values these may have.
    pub(super) fn declared(mut self, policy: &Policy) -> Self {
        let has = |holds: CookieHolds| declared_part(policy, &holds).is_some();
        self.choices = self.choices.filter(|_| has(CookieHolds::Choices));
        self.visitor = self.visitor.filter(|_| has(CookieHolds::Visitor));
        self.session = self.session.filter(|_| has(CookieHolds::Session));
        self.signal = self.signal.filter(|_| has(CookieHolds::Choices));
        self.preferences = self.preferences.filter(|_| has(CookieHolds::Preferences)).and_then(|mut part| {
            let may_be = |id: &Id, value: &String| policy.preferences.iter().any(|known| known.id == *id && known.values.contains(value));
            part.values.retain(|(id, value)| may_be(id, value));
            (!part.values.is_empty()).then_some(part)
        });
        self
    }

    /// The parts whose lifetime is not over. None when the choices have outlived theirs: then nothing in it counts as chosen.
    pub(super) fn still_kept(mut self, policy: &Policy, now: Timestamp) -> Option<VerifiedParts> {
        let lives = |holds: CookieHolds, from: Timestamp| declared_part(policy, &holds).is_some_and(|(keep, _)| keep.after(from) > now);
        if self.choices.as_ref().is_some_and(|part| !lives(CookieHolds::Choices, part.made)) {
            return None;
        }
        self.visitor = self.visitor.filter(|part| lives(CookieHolds::Visitor, part.since));
        self.session = self.session.filter(|part| lives(CookieHolds::Session, part.started));
        self.signal = self.signal.filter(|part| lives(CookieHolds::Choices, part.made));
        self.preferences = self.preferences.filter(|part| lives(CookieHolds::Preferences, part.made));
        Some(VerifiedParts(self.declared(policy)))
    }

    /// Until the longest-lived part ends.
    pub(super) fn lifetime_seconds(&self, policy: &Policy, now: Timestamp) -> u64 {
        let left = |holds: CookieHolds, from: Option<Timestamp>| {
            let (keep, _) = declared_part(policy, &holds)?;
            Some(keep.after(from?).duration_since(now).as_secs().max(0).unsigned_abs())
        };
        [
            left(CookieHolds::Choices, self.choices.as_ref().map(|part| part.made)),
            left(CookieHolds::Visitor, self.visitor.as_ref().map(|part| part.since)),
            left(CookieHolds::Preferences, self.preferences.as_ref().map(|part| part.made)),
            left(CookieHolds::Session, self.session.as_ref().map(|part| part.started)),
            left(CookieHolds::Choices, self.signal.as_ref().map(|part| part.made)),
        ]
        .into_iter()
        .flatten()
        .max()
        .unwrap_or(0)
    }

    /// What these choices mean under this policy.
    pub fn standing(&self, policy: &Policy) -> Standing {
        let mut standing = Standing::default();
        for choice in self.answers() {
            let Some(purpose) = policy.purpose_named(choice.purpose.as_str()) else {
                continue;
            };
            match choice.answer {
                Answer::Yes => standing.consents.push(Consent { purpose, at: choice.at, version: choice.version, gpc: choice.gpc }),
                Answer::No => standing.refusals.insert(purpose),
            }
        }
        standing
    }
}

const FORMAT: u8 = 1;
const CHOICES: u8 = 1;
const VISITOR: u8 = 2;
const PREFERENCES: u8 = 3;
const SESSION: u8 = 4;
const SIGNAL: u8 = 5;
const AGREEMENTS: u8 = 6;
const YES: u8 = 1;
const UNDER_GPC: u8 = 2;
const OPTED_OUT: u8 = 4;

/// None when something has no place in the form: a time out of range, a text or a list too long.
pub(super) fn encode(parts: &CookieParts) -> Option<Vec<u8>> {
    let mut out = vec![FORMAT];
    if let Some(part) = &parts.choices {
        out.push(CHOICES);
        out.extend_from_slice(&part.record.0);
        put_time(&mut out, part.made)?;
        out.push(u8::try_from(part.choices.len()).ok()?);
        for choice in &part.choices {
            put_text(&mut out, choice.purpose.as_str())?;
            let bit = |said: bool, bit: u8| if said { bit } else { 0 };
            out.push(bit(choice.answer == Answer::Yes, YES) | bit(choice.gpc, UNDER_GPC) | bit(choice.opted_out, OPTED_OUT));
            put_time(&mut out, choice.at)?;
            out.extend_from_slice(&choice.version.0.to_le_bytes());
        }
    }
    if let Some(part) = &parts.visitor {
        out.push(VISITOR);
        out.extend_from_slice(&part.id.inside().0);
        put_time(&mut out, part.since)?;
    }
    if let Some(part) = &parts.preferences {
        out.push(PREFERENCES);
        put_time(&mut out, part.made)?;
        out.push(u8::try_from(part.values.len()).ok()?);
        for (name, value) in &part.values {
            put_text(&mut out, name.as_str())?;
            put_text(&mut out, value)?;
        }
    }
    if let Some(part) = &parts.session {
        out.push(SESSION);
        out.extend_from_slice(&part.session.0);
        out.extend_from_slice(&part.account.0);
        put_text(&mut out, part.username.inside())?;
        out.push(match part.age {
            Age::Unknown => 0,
            Age::Adult => 1,
            Age::Minor => 2,
        });
        put_time(&mut out, part.started)?;
        put_time(&mut out, part.renewed)?;
        if !part.agreements.is_empty() {
            out.push(AGREEMENTS);
            out.push(u8::try_from(part.agreements.len()).ok()?);
            for agreement in &part.agreements {
                put_text(&mut out, agreement.name.as_str())?;
                // Nothing that is in force ended in 1970, so that stands for never; and what ends after the last time that fits, no ticket lives to see.
                let until = agreement.until.filter(|until| u32::try_from(until.as_second()).is_ok());
                put_time(&mut out, until.unwrap_or(Timestamp::UNIX_EPOCH))?;
            }
        }
    }
    if let Some(part) = &parts.signal {
        out.push(SIGNAL);
        out.extend_from_slice(&part.record.0);
        put_time(&mut out, part.made)?;
        out.push(u8::try_from(part.opted_out.len()).ok()?);
        for choice in &part.opted_out {
            put_text(&mut out, choice.purpose.as_str())?;
            put_time(&mut out, choice.at)?;
            out.extend_from_slice(&choice.version.0.to_le_bytes());
        }
    }
    Some(out)
}

/// The parts that a cookie of this kind carries; with any other it is none that we wrote.
pub(super) fn decode(kind: Kind, bytes: &[u8]) -> Option<CookieParts> {
    let parts = decode_any(bytes)?;
    (parts == parts.only(kind)).then_some(parts)
}

fn decode_any(bytes: &[u8]) -> Option<CookieParts> {
    let mut reader = Reader { rest: bytes };
    if reader.byte()? != FORMAT {
        return None;
    }
    let mut parts = CookieParts::default();
    while !reader.rest.is_empty() {
        match reader.byte()? {
            CHOICES if parts.choices.is_none() => parts.choices = Some(reader.choices()?),
            VISITOR if parts.visitor.is_none() => {
                parts.visitor = Some(VisitorPart::new(VisitorId(reader.array()?), reader.time()?));
            }
            PREFERENCES if parts.preferences.is_none() => parts.preferences = Some(reader.preferences()?),
            SESSION if parts.session.is_none() => parts.session = Some(reader.session()?),
            AGREEMENTS => match &mut parts.session {
                Some(part) if part.agreements.is_empty() => part.agreements = reader.agreements()?,
                Some(_) | None => return None,
            },
            SIGNAL if parts.signal.is_none() => parts.signal = Some(reader.signal()?),
            _ => return None,
        }
    }
    Some(parts)
}

/// Seconds since 1970, until 2106.
fn put_time(out: &mut Vec<u8>, time: Timestamp) -> Option<()> {
    out.extend_from_slice(&u32::try_from(time.as_second()).ok()?.to_le_bytes());
    Some(())
}

/// Its length in one byte, and the text.
fn put_text(out: &mut Vec<u8>, text: &str) -> Option<()> {
    out.push(u8::try_from(text.len()).ok()?);
    out.extend_from_slice(text.as_bytes());
    Some(())
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn time(&mut self) -> Option<Timestamp> {
        Timestamp::from_second(i64::from(u32::from_le_bytes(self.array()?))).ok()
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.byte()?;
        std::str::from_utf8(self.take(usize::from(length))?).ok()
    }

    fn version(&mut self) -> Option<Version> {
        Some(Version(u32::from_le_bytes(self.array()?)))
    }

    fn choices(&mut self) -> Option<ChoicesPart> {
        let record = ChoiceRecordId(self.array()?);
        let made = self.time()?;
        let count = self.byte()?;
        let choices = (0..count).map(|_| self.choice()).collect::<Option<_>>()?;
        Some(ChoicesPart { record, made, choices })
    }

    fn choice(&mut self) -> Option<Choice> {
        let purpose = Id::parse(self.text()?).ok()?;
        let bits = self.byte()?;
        let answer = if bits & YES != 0 { Answer::Yes } else { Answer::No };
        let at = self.time()?;
        let version = self.version()?;
        Some(Choice { purpose, answer, at, version, gpc: bits & UNDER_GPC != 0, opted_out: bits & OPTED_OUT != 0 })
    }

    fn preferences(&mut self) -> Option<PreferencesPart> {
        let made = self.time()?;
        let count = self.byte()?;
        let value = |reader: &mut Self| Some((Id::parse(reader.text()?).ok()?, reader.text()?.to_owned()));
        let values = (0..count).map(|_| value(self)).collect::<Option<_>>()?;
        Some(PreferencesPart { made, values })
    }

    fn session(&mut self) -> Option<SessionPart> {
        Some(SessionPart {
            session: SessionId(self.array()?),
            account: AccountId(self.array()?),
            username: Sealed::new(Field::AccountUsername, self.text()?.to_owned()),
            age: match self.byte()? {
                0 => Age::Unknown,
                1 => Age::Adult,
                2 => Age::Minor,
                _ => return None,
            },
            started: self.time()?,
            renewed: self.time()?,
            agreements: Vec::new(),
        })
    }

    fn agreements(&mut self) -> Option<Vec<TicketAgreement>> {
        let count = self.byte()?;
        let agreement = |reader: &mut Self| {
            let name = Id::parse(reader.text()?).ok()?;
            let until = reader.time()?;
            Some(TicketAgreement { name, until: (until != Timestamp::UNIX_EPOCH).then_some(until) })
        };
        let agreements: Vec<_> = (0..count).map(|_| agreement(self)).collect::<Option<_>>()?;
        (!agreements.is_empty()).then_some(agreements)
    }

    fn signal(&mut self) -> Option<SignalPart> {
        let record = ChoiceRecordId(self.array()?);
        let made = self.time()?;
        let count = self.byte()?;
        let opted_out = |reader: &mut Self| Some((Id::parse(reader.text()?).ok()?, reader.time()?, reader.version()?));
        let opted_out: Vec<_> = (0..count).map(|_| opted_out(self)).collect::<Option<_>>()?;
        Some(SignalPart::new(record, made, opted_out))
    }
}
