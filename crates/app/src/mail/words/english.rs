use super::{LetterWords, Words};

pub(super) static WORDS: Words = Words {
    language: "en",
    greeting: "Hello,",
    lasts: "The link works once, for {time} from when it was asked for.",
    questions: "Any questions? Just answer this letter, or write to {contact}.",
    accounts: "Accounts here are for people of {age} and over.",
    accounts_with_guardians: "Whoever is under {age} can have an account here only if a parent or guardian opens it.",
    minutes: ("minute", "minutes"),
    hours: ("hour", "hours"),
    days: ("day", "days"),
    confirm: LetterWords {
        subject: "Confirm your account at {site}",
        text: "Somebody, probably you, wants to register at {site} with this e-mail address. If it was you, open this page and press the button there:",
        not_you: "If it was not you, you need not do anything. Without the button no account is made, and we forget this address by ourselves.",
    },
    already_registered: LetterWords {
        subject: "You already have an account at {site}",
        text: "Somebody, probably you, wanted to register at {site} with this e-mail address. You have an account with it already, so nothing was changed. \
               This is where you sign in:",
        not_you: "If it was not you, you need not do anything. We told nobody else that you have an account.",
    },
    sign_in: LetterWords {
        subject: "Your link to sign in at {site}",
        text: "You asked for a link to sign in at {site}. Open this page and press the button there:",
        not_you: "If it was not you, do nothing, and give the link to nobody: whoever has it can sign in as you.",
    },
    confirm_email: LetterWords {
        subject: "Confirm your new e-mail address at {site}",
        text: "Somebody, probably you, wants to use this e-mail address for their account at {site}. If it was you, open this page and press the button \
               there:",
        not_you: "If it was not you, you need not do anything. The account then keeps the address it has.",
    },
    email_changing: LetterWords {
        subject: "Your e-mail address at {site} is to change",
        text: "Somebody, probably you, wants another e-mail address for your account at {site}. We wrote to the new address; only when that is confirmed \
               does it take the place of this one. This is your account:",
        not_you: "If it was not you, somebody may be signed in as you. Open your account, sign out everywhere, and write to us.",
    },
    email_changed: LetterWords {
        subject: "Your e-mail address at {site} has changed",
        text: "Your account at {site} has another e-mail address now. This is the last letter to this one. If it was not you who changed it, take it back \
               on this page:",
        not_you: "If it was you, you need not do anything.",
    },
    passkey_added: LetterWords {
        subject: "A passkey was added to your account at {site}",
        text: "A passkey was added to your account at {site}. Whoever has it can sign in as you. These are your passkeys:",
        not_you: "If it was not you, remove it there, sign out everywhere, and write to us.",
    },
    passkey_copied: LetterWords {
        subject: "We refused a passkey of yours at {site}",
        text: "Somebody wanted to sign in at {site} with a passkey of yours, but there may be a copy of it, so we did not let them \
               in. Remove it and add another. These are your passkeys:",
        not_you: "If it was you, your device may have been reset or restored. If it was not, somebody has been at your device or its \
               backup.",
    },
    closed: LetterWords {
        subject: "Your account at {site} is closed",
        text: "Your account at {site} is closed. Nobody can sign in to it any more, and what we hold about it is being deleted.",
        not_you: "If you did not want this, write to us soon.",
    },
    confirm_dependent: LetterWords {
        subject: "Confirm the account of your child at {site}",
        text: "You, or somebody who is signed in as you, wants to open an account at {site} for a child. Before anybody can use it, we ask you once more. If you are a parent or guardian of this child and want the account, open this page and press the button there:",
        not_you: "If it was not you, do nothing: without the button the account is gone by itself. Then sign out everywhere on your account's page, and write to us.",
    },
    dependent_confirmed: LetterWords {
        subject: "You opened an account for a child at {site}",
        text: "Yesterday you confirmed an account for a child at {site}. You decide what we may do with the child's data, you see all of it, and you can have it erased at any time. This is where you do that, and where you take your consent back:",
        not_you: "If it was not you, erase the account there, sign out everywhere, and write to us.",
    },
    dependent_closed: LetterWords {
        subject: "An account you are the guardian of at {site} is closed",
        text: "An account at {site} that you are the guardian of is closed. Nobody can sign in to it any more, and what we hold about it is being deleted. These are the accounts you are the guardian of:",
        not_you: "If neither you nor your child wanted this, write to us soon.",
    },
    dependent_passes: LetterWords {
        subject: "An account you are the guardian of at {site} soon passes on",
        text: "In about a month, an account at {site} that you are the guardian of passes to the person it is for, because they come of age. From then on you see nothing of it and cannot sign them in. Please make sure that they have a passkey, or are signed in on that day: they will be asked for an e-mail address of their own, and what nobody takes up is erased after 90 days. These are the accounts you are the guardian of:",
        not_you: "You need not do anything else.",
    },
    dependent_passed: LetterWords {
        subject: "An account at {site} is not yours to look after any more",
        text: "An account at {site} that you were the guardian of now belongs to the person it is for, because they came of age. You see nothing of it any more, and nothing that you allowed is used beyond what held for a minor. If they do not take it up within 90 days, it is erased.",
        not_you: "You need not do anything.",
    },
    take_up: LetterWords {
        subject: "Make your account at {site} your own",
        text: "You want to use this e-mail address for your account at {site}, which a parent or guardian opened for you. Open this page and press the button there:",
        not_you: "If it was not you, you need not do anything. The account then keeps waiting for its owner.",
    },
    minor_asked: LetterWords {
        subject: "A question about your account at {site}",
        text: "Somebody told us that your account at {site} may belong to a child. {rule} Nothing has been changed. Please answer this letter within {time}: are you {age} or older?",
        not_you: "If you are, just say so; we want no papers. If you are younger, say that, and we close the account and delete what we hold about you. You have done nothing wrong. If we hear nothing, one of us decides by what can be seen.",
    },
    minor_confirmed: LetterWords {
        subject: "Your account at {site} is closed and will be deleted",
        text: "We have come to know that your account at {site} belongs to somebody under {age}. {rule} So we have closed it: nobody can sign in to it, and this is the last letter to you.\n\nWithin {time} we delete your e-mail address, your username, your passkeys, every link, the visits that are known to be yours and everything else that is in the account, and with them the key without which nobody can read a copy of them.\n\nThis remains: visits on which nobody was signed in, from a browser that is not known to be yours alone (each is deleted after {visits}); your answers about cookies and the like, under a random number that leads to nobody; and a note, without your name, that a case like this was closed.",
        not_you: "You have done nothing wrong. If we are mistaken, answer soon; what is deleted cannot be brought back, but whoever is {age} can register again, with the same address.",
    },
    dependent_reported: LetterWords {
        subject: "A report about an account that you look after at {site}",
        text: "Somebody told us that an account at {site} belongs to a child. It is one that you look after as a guardian, so that is as it should be, and we \
               have changed nothing. You can see it, and delete it, from your own account:",
        not_you: "If you are nobody's guardian, please write to us.",
    },
    report_closed: LetterWords {
        subject: "We have looked into your report at {site}",
        text: "You told us at {site} of an account that may belong to a child. One of us has looked into it, and the matter is closed. So that nobody can \
               find out about others this way, we do not say what we found, or whether there was such an account. This is the only letter about it.",
        not_you: "If you told us nothing, somebody wrote your address by mistake, and you need not do anything.",
    },
};
