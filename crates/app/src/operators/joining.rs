use domain::{OperatorId, PasskeyId, Span, Timestamp};
use records::{FirstPasskey, Joined, Joining, NewInvitation, TokenHash};

use super::sessions::SESSION_MAX;
use super::{Invitation, OperatorName, Operators, PasskeyName, RecordsError, Role, SignedIn};
use crate::passkeys::{Begun, CeremonyError, Owner, Party};
use crate::people::Token;

/// So long a link works that comes from the machine itself.
pub const OWNER_LINK_LIVES: Span = Span::hours(1);

/// So long a link works that an operator hands to another.
pub const INVITATION_LIVES: Span = Span::hours(24);

/// Why somebody who followed a link is no operator.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error("this link does not work any more")]
    NoInvitation,
    #[error("this passkey is an operator's already")]
    KnownPasskey,
    #[error("another operator has a name that looks like this one")]
    NameTaken,
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    #[error(transparent)]
    Records(#[from] RecordsError),
}

impl Operators {
    /// A link to become the first owner; none where there is an owner. Links of earlier starts are void.
    pub async fn first_owner_link(&self, now: Timestamp) -> Result<Option<Token>, RecordsError> {
        if self.records.has_owner().await? { Ok(None) } else { self.new_owner_link(now).await.map(Some) }
    }

    /// A link to become an owner, for whoever may look into the data folder. Earlier such links are void.
    pub async fn new_owner_link(&self, now: Timestamp) -> Result<Token, RecordsError> {
        let (token, invitation) = self.new_link(Role::Owner, None, now);
        self.records.make_owner_link(invitation).await?;
        Ok(token)
    }

    /// A link that an owner hands to another operator; none where they are no owner any more.
    pub async fn invite(&self, role: Role, by: &SignedIn, now: Timestamp) -> Result<Option<Token>, RecordsError> {
        let (token, invitation) = self.new_link(role, Some(by.operator.id), now);
        Ok(self.records.invite(invitation).await?.then_some(token))
    }

    /// What a link is for, while it works.
    pub async fn invitation(&self, token: &Token, now: Timestamp) -> Result<Option<Invitation>, RecordsError> {
        self.records.invitation(TokenHash(token.hash()), now).await
    }

    /// Every link that works, the newest first.
    pub async fn invitations(&self, now: Timestamp) -> Result<Vec<Invitation>, RecordsError> {
        self.records.invitations(now).await
    }

    /// Takes back the link that would make this operator. False where there is none any more.
    pub async fn withdraw_invitation(&self, to_be: OperatorId, by: &SignedIn, now: Timestamp) -> Result<bool, RecordsError> {
        self.records.withdraw_invitation(to_be, by.operator.id, now).await
    }

    /// Asks the browser of whoever followed a link for their first passkey.
    pub async fn begin_joining(&self, token: &Token, party: &Party, name: &OperatorName, now: Timestamp) -> Result<Begun, JoinError> {
        let invitation = self.invitation(token, now).await?.ok_or(JoinError::NoInvitation)?;
        if self.is_taken(name).await? {
            return Err(JoinError::NameTaken);
        }
        Ok(self.ceremonies.begin_adding(party, Owner { id: invitation.operator.0, name: name.as_str() }, &[], now)?)
    }

    /// Makes whoever followed a link an operator, with the passkey that their browser made, and signs them in. Returns what their cookie holds.
    pub async fn join(
        &self,
        token: &Token,
        party: &Party,
        ticket: &str,
        answer: &serde_json::Value,
        called: (OperatorName, PasskeyName),
        now: Timestamp,
    ) -> Result<Token, JoinError> {
        let invitation = self.invitation(token, now).await?.ok_or(JoinError::NoInvitation)?;
        let added = self.ceremonies.end_adding(party, invitation.operator.0, ticket, answer, now)?;
        let (name, passkey_name) = called;
        if self.is_taken(&name).await? {
            return Err(JoinError::NameTaken);
        }
        let passkey = FirstPasskey {
            id: PasskeyId::random(&*self.random),
            credential_id: added.credential_id,
            credential: added.credential,
            name: passkey_name,
        };
        let session = Token::random(&*self.random);
        let joining = Joining {
            invitation: invitation.id,
            name,
            passkey,
            session: TokenHash(session.hash()),
            at: now,
            session_ends: SESSION_MAX.after(now),
        };
        match self.records.join(joining).await? {
            Joined::Operator(_) => Ok(session),
            Joined::NoInvitation => Err(JoinError::NoInvitation),
            Joined::KnownPasskey => Err(JoinError::KnownPasskey),
        }
    }

    fn new_link(&self, role: Role, invited_by: Option<OperatorId>, now: Timestamp) -> (Token, NewInvitation) {
        let token = Token::random(&*self.random);
        let lives = if invited_by.is_some() { INVITATION_LIVES } else { OWNER_LINK_LIVES };
        let operator = OperatorId::random(&*self.random);
        let invitation = NewInvitation { id: TokenHash(token.hash()), operator, role, invited_by, at: now, expires: lives.after(now) };
        (token, invitation)
    }
}
