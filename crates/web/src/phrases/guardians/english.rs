use super::{
    ChoicesWords, CodeWords, ConfirmWords, EnterWords, EraseWords, GuardianWords, ListWords, NewWords, OneWords, OwnWords, Page,
    TakeUpWords,
};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: GuardianWords = GuardianWords {
    language: "en",
    list: ListWords {
        title: "Your children",
        door: "Accounts you opened as a parent or guardian, and a new one for a child",
        lead: "You can open an account for a child whose parent or guardian you are. You decide what we may do with their data, you see all of it, and you can have it erased. Advertising, news and personalised content stay off for children, whatever anybody chooses.",
        none: "There are none yet.",
        add: "Open an account for a child",
        waiting: "Waits for you",
        open: "Open",
        passes: Sentence("It becomes their own on {day}."),
        back: "All your children",
    },
    new: NewWords {
        title: "An account for your child",
        lead: "We store a username for your child and nothing else: no e-mail address, no name, no birthday.",
        question: "When was your child born?",
        not_kept: "We do not keep this month. We keep the quarter of a year in which the account becomes your child’s own.",
        no_such_month: "That is not a month somebody was born in. Please write the month and the year in numbers.",
        says: "By pressing the button you say that you are this child’s parent or legal guardian, that what you wrote is right, and that you agree to us running this account.",
        button: "Open the account",
        sent: Page {
            title: "Look into your mail",
            lead: "We ask you once more by mail, so that nobody opens an account for a child in your name. Follow the link within 24 hours. Until then nobody can use the account, and after that it is gone.",
        },
        of_age: Page {
            title: "They can register by themselves",
            lead: "Whoever was born then is old enough to open an account of their own. We have kept nothing of what you wrote.",
        },
        too_many: Page {
            title: "There are too many already",
            lead: "You are the guardian of as many accounts as one person can be. Erase one first, or write to us.",
        },
        not_you: Page {
            title: "This account cannot look after others",
            lead: "Only an adult with an account and an e-mail address of their own can open one for a child.",
        },
    },
    confirm: ConfirmWords {
        page: Page {
            title: "One last step",
            lead: "If you are this child’s parent or guardian and want the account, press the button. You can take this back at any time on the page of your children.",
        },
        button: "Yes, open the account",
        done: Page {
            title: "The account is open",
            lead: "Your child can use it now. On the page of your children you decide what we may do with their data, and have a code shown that signs them in.",
        },
        dead: Page {
            title: "This link does not work any more",
            lead: "A link works once, within 24 hours. If you used it, the account is open. Otherwise it is gone, and you can begin again.",
        },
    },
    one: OneWords {
        lead: "You are the guardian of this account. All of it is yours to see, and yours to erase.",
        waiting: "We wrote to you. Nobody can use this account before you have followed the link in the mail; a day after you made it, it is gone.",
        passes: Sentence("It becomes their own on {day}. From then on you see nothing of it."),
        sessions: "Browsers signed in",
        code: "Show a code to sign in",
        code_how: "Your child writes it on their own device. There they can add a passkey, and need no code the next time.",
        choices_how: "What we may do with their data, purpose by purpose",
        export_how: "Everything we hold about them, with their visits",
        erase_how: "The account and everything that is in it",
        sign_out: "Sign them out everywhere",
        signed_out: "They are signed out everywhere.",
        send_again: "Send the letter again",
        sent_again: "The letter is on its way again. Only the link in the newest one works.",
    },
    code: CodeWords {
        title: "A code to sign in",
        write_it: Sentence("On your child’s device, open {address} and write this code there:"),
        lasts: "It works once, for 10 minutes. Whoever has it can sign in as your child, so show it to nobody else.",
    },
    enter: EnterWords {
        title: "Sign in with a code",
        lead: "Your parent or guardian can see a code on the page of their account. Write it here.",
        field: "Code",
        wrong: "This code does not work. A code works once, for 10 minutes. Please look at it again, or ask for a new one.",
        door: "A parent or guardian opened your account? Sign in with a code",
    },
    choices: ChoicesWords {
        title: "What you allow for your child",
        lead: "A no counts at once, wherever your child is signed in. A yes counts when they next sign in, or open their own choices. If your child says no, their no stands.",
        asked: "Yours to decide",
        nothing: "This site asks nothing that you could decide.",
        off: "Off for children",
        off_how: "This is advertising or is made to suit one person. It stays off until your child comes of age, whatever anybody chooses.",
        child_refuses: "Your child said no to this. It stays off, whatever you answer, until they take that back.",
        saved: "Saved.",
        unsaved: Page {
            title: "Your yes was not saved",
            lead: "Something of ours does not work. What you said no to counts all the same. Please try again in a few minutes.",
        },
    },
    erase: EraseWords {
        title: "Erase this account",
        lead: "This cannot be undone.",
        signed_out: "Your child is signed out at once, everywhere.",
        gone: "We delete the username, the passkeys, and whose choices they were, within 24 hours.",
        letter: "You get a mail about it.",
        go_on: "Go on",
        sure: Page { title: "Are you sure?", lead: "The account of your child is erased, and nothing brings it back." },
        button: "Erase it",
        keep: "Keep it",
        done: Page {
            title: "The account is closed",
            lead: "Your child is signed out everywhere, and what we hold about them is being deleted.",
        },
    },
    own: OwnWords {
        guarded: "Your parent or guardian opened this account for you. They see everything in it, decide what we may do with your data, and can erase it. You can say no to anything yourself, and delete the account.",
        passed: "This account is yours now: nobody else sees it any more. Give it an e-mail address of your own within 90 days, or it is deleted.",
        no_email: Page {
            title: "This account has no e-mail address",
            lead: "It does without one until you are old enough to look after it by yourself. We ask you then.",
        },
        prove: "Sign in again first: with a passkey, or with a new code from your parent or guardian.",
        with_guardian: "The accounts you are the guardian of are deleted together with yours.",
        to_guardian: "Your parent or guardian gets a mail about it.",
        by_code: "with a code from a guardian",
    },
    take_up: TakeUpWords {
        title: "Make this account your own",
        lead: "Your parent or guardian looked after this account until now. From now on you do: choose the e-mail address that signs you in. What they allowed for you ends, and you decide anew. Passkeys are removed, so that nobody else has one: add yours again afterwards.",
        says: "By pressing the button you say that you are the person this account was opened for, and that you are of the age our policy asks for.",
        send: "Send me the link",
        sent: Page {
            title: "Look into your mail",
            lead: "We have written to the address you gave. Follow the link within 24 hours, and the account is your own.",
        },
        button: "Make it mine",
        dead: Page {
            title: "This link does not work any more",
            lead: "A link works once, within 24 hours, and only the newest one does. Sign in to your account to get another.",
        },
        taken: Page {
            title: "This address has an account already",
            lead: "An address can have one account. Sign in to yours and choose another address.",
        },
    },
};
