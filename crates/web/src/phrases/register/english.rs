use super::{AgeWords, FormWords, Page, Problems, RegisterWords, SignInWords, Told};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: RegisterWords = RegisterWords {
    language: "en",
    account: "Account",
    age: AgeWords {
        title: "Create an account",
        question: "When were you born?",
        day: "Day",
        month: "Month",
        year: "Year",
        not_kept: "We do not keep this date.",
        go_on: "Go on",
        no_such_day: "That is not a day somebody was born on. Please write the day, the month and the year, all in numbers.",
        asked_again: "Too much time has passed, so please answer this again.",
        refused: Page {
            title: "We cannot open an account for you",
            lead: "Thank you for telling us. We have kept nothing of what you wrote, and everything else on this site is open to you as before.",
        },
        refused_but_guardian: Page {
            title: "Ask a parent or guardian",
            lead: "Thank you for telling us. You cannot open an account by yourself, but a parent or guardian can open one for you: they sign in to theirs and set it up with you. We have kept nothing of what you wrote.",
        },
    },
    form: FormWords {
        title: "Create an account",
        lead: "We store two things about you: your e-mail address and a username. There is no password.",
        email: "E-mail address",
        email_how: "We send a link there. The account is yours once you have followed it.",
        username: "Username",
        username_how: Sentence(
            "{least} to {most} letters and digits, with dots and hyphens between them if you like. Other people may see it, so it need not be a real name.",
        ),
        represents: "By registering you say that the date of birth you gave is your own and is right.",
        from_policy: "Our policy says about this:",
        register: "Register",
        have_one: "You have an account? Sign in",
        problem: "Nothing was saved yet. Please look again at what is marked.",
    },
    problems: Problems {
        email_missing: "Please write your e-mail address.",
        email_too_long: Sentence("This is too long for an e-mail address: there is room for {most} characters."),
        email_malformed: "This is not an e-mail address. One looks like anna@example.org.",
        email_domain: "No mail can be sent to what stands after the @.",
        username_length: Sentence("A username has {least} to {most} characters."),
        username_characters: "A username is made of letters and digits. Dots, hyphens and underscores can stand between them.",
        username_mixed: "This mixes letters of alphabets that look alike. Please use letters of one alphabet.",
        username_reserved: "This name sounds as if it spoke for the site. Please choose another.",
        username_taken: "Somebody has this name, or one that looks just like it. Please choose another.",
    },
    sign_in: SignInWords {
        title: "Sign in",
        lead: "Write the e-mail address of your account. We send you a link that signs you in.",
        send: "Send me the link",
        new_here: "No account yet? Create one",
        signed_out: "You are signed out.",
        sign_out: "Sign out",
    },
    told: Told {
        mailed_registration: Page {
            title: "Look into your mail",
            lead: "We have written to the address you gave. Follow the link in the mail within 24 hours, and the account is yours. After that we forget what you gave us.",
        },
        mailed_sign_in: Page {
            title: "Look into your mail",
            lead: "If there is an account with that address, we have sent a link to it. It works once, within 10 minutes.",
        },
        nothing_came: "Nothing came? Give it a minute, look among unwanted mail, and make sure that the address was right.",
        confirm: Page { title: "One last step", lead: "Press the button, and the account is yours. You are signed in here then." },
        confirm_button: "Create my account",
        confirm_dead: Page {
            title: "This link does not work any more",
            lead: "A link works once, within 24 hours. If you used it, you have an account and can sign in. Otherwise register again.",
        },
        register_again: "Register again",
        username_lost: Page {
            title: "Somebody was faster",
            lead: "While you looked into your mail, somebody took the username you wanted. Choose another one, and the account is yours.",
        },
        username_lost_button: "Take this name",
        email_lost: Page {
            title: "You have an account already",
            lead: "There is an account with your e-mail address, so we made no second one. Sign in to it.",
        },
        follow: Page { title: "Sign in", lead: "Press the button, and you are signed in with this browser." },
        follow_button: "Sign me in",
        follow_dead: Page {
            title: "This link does not work any more",
            lead: "A link works once, within 10 minutes, and following one ends the others. We can send you another.",
        },
        another_link: "Get another link",
        signed_in: Page { title: "You are signed in", lead: "Remember to sign out on a computer that others use too." },
        too_often: ("That was too often", Sentence("Nothing was saved. Please wait {wait} and try again.")),
        too_much: Page {
            title: "That was too much",
            lead: "The form held more than we read, so nothing was done. Please go back, shorten what you wrote and try again.",
        },
        no_form: Page {
            title: "We could not read that",
            lead: "What arrived did not come in a form that we can read, so nothing was done. Please use the form on our page.",
        },
        forged: Page {
            title: "This form did not come from our page",
            lead: "We could not tell that this form comes from our own page, so nothing was done. Please start again here. If it happens again, allow cookies for this site meanwhile.",
        },
        unavailable: Page {
            title: "We cannot do that right now",
            lead: "Something of ours does not work, and nothing was saved. Please try again in a few minutes.",
        },
        try_again: "Try again",
    },
};
