use super::{MinorWords, Problems, ProgressWords, RequestWords, Sent};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: RequestWords = RequestWords {
    language: "en",
    title: "Ask us or tell us something",
    door: "Report a child’s account",
    door_how: "Tell us if you think that an account belongs to somebody who is too young for one.",
    anything_else: "For everything else, write to",
    nothing_here: "There is no form here yet.",
    minor: MinorWords {
        title: "Report a child’s account",
        lead: Sentence(
            "Accounts here are for people of {age} and over. Do you think that one belongs to a child? Tell us, and somebody of ours looks into it.",
        ),
        lead_with_guardians: Sentence(
            "Here people of {age} and over open accounts, and a parent or guardian can open one for a child. Do you think that a child has one on their own? Tell us, and somebody of ours looks into it.",
        ),
        about: "Which account is it?",
        about_how: "Its username, its e-mail address, or the address of a page it wrote.",
        message: "What makes you think so?",
        message_how: "If you like. Please tell us no more about the child than we need: no full name, no school, no photo.",
        email: "Your e-mail address",
        email_how: "Only if you want to be told when we have looked into it.",
        trap: "Leave this field empty",
        send: "Send report",
        next_title: "What happens then",
        next: [
            "A person looks at your report. It changes nothing by itself, and nobody is told that it was you.",
            "If the account is a child’s, we close it at once and delete its data.",
            "You can follow how far we are. So that nobody can spy on others this way, we do not say whether there is such an account, or what we found.",
        ],
        next_with_guardians: "If a child has the account without a parent or guardian, we close it at once and delete its data. If a parent or guardian opened it, it stays.",
    },
    problems: Problems {
        look: "Nothing was sent yet. Please look again at what is marked.",
        about_missing: "Please write which account you mean.",
        too_long: Sentence("This is too long: there is room for {most} characters."),
        trapped: "Programs fill this field in, people do not see it. If you are a person, please empty it and send again.",
    },
    sent: Sent {
        title: "Thank you. We have your report",
        lead: "A person looks at it. Until then nothing changes.",
        keep: "You can see how far we are at this address. Nobody else knows it, so keep it if you want to come back:",
    },
    progress: ProgressWords {
        title: "Your report",
        made: Sentence("You sent it on {day}."),
        received: "Received",
        looked_at: "Being looked into",
        closed: "Closed",
        received_how: "We have it. A person will look at it.",
        looked_at_how: "A person is at it.",
        closed_how: "A person has looked into it. There is nothing left for you to do.",
        now: "it is here now",
        why_no_more: "So that nobody can find out about others this way, we say neither what we found nor whether there is such an account.",
    },
    too_often: ("That was too often", Sentence("Nothing was sent. Please wait {wait} and try again, or write to us by mail.")),
    unavailable: (
        "We cannot do that right now",
        "Something of ours does not work, and nothing was sent. Please try again in a few minutes.",
    ),
    unknown: ("We know no such report", "The address may be incomplete. Reports that were closed long ago are deleted."),
};
