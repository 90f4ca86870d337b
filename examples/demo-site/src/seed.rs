//! What stands on a fresh board, so that it does not look lonely.

use anyhow::Result;

use crate::board::{Board, Draft};

struct SeedPost {
    author: &'static str,
    title: &'static str,
    body: &'static str,
    days_ago: i64,
    replies: &'static [SeedReply],
}

struct SeedReply {
    author: &'static str,
    body: &'static str,
    hours_later: i64,
}

pub(crate) async fn fill_if_empty(board: &Board) -> Result<()> {
    if !board.is_empty().await? {
        return Ok(());
    }
    for post in POSTS {
        let age_seconds = post.days_ago * 86_400 + 5_400;
        let (id, _) = board.publish(draft(post.author, post.title, post.body, age_seconds)).await?;
        for reply in post.replies {
            board.reply(id, draft(reply.author, "", reply.body, age_seconds - reply.hours_later * 3_600)).await?;
        }
    }
    Ok(())
}

/// The authors are made up: their ids are their names.
fn draft<'a>(author: &'a str, title: &'a str, body: &'a str, age_seconds: i64) -> Draft<'a> {
    Draft { author, author_name: author, title, body, age_seconds }
}

const fn reply(author: &'static str, hours_later: i64, body: &'static str) -> SeedReply {
    SeedReply { author, body, hours_later }
}

/// The oldest first, as they were written.
const POSTS: &[SeedPost] = &[
    SeedPost {
        author: "hanh_at_thistledown",
        title: "Welcome to the board",
        body: "This is a place to ask, to answer and to find company for a walk. Be kind, be brief, and leave diagnoses to the people in \
            the white coats.\n\nPlease do not post anything about your health that you would not tell a stranger at the bus stop. For \
            questions about your own care, call the front desk.",
        days_ago: 88,
        replies: &[reply("old_oak", 5, "Glad this exists. Hello, everybody!")],
    },
    SeedPost {
        author: "marisol.v",
        title: "Saturday walking group: who is in?",
        body: "We meet at the arboretum gate at nine and walk for about forty minutes. The slowest sets the pace, and last week the \
            slowest was a dachshund.\n\nNo need to sign up. Bring water and a hat.",
        days_ago: 61,
        replies: &[
            reply("benji_k", 3, "Is it stroller friendly?"),
            reply("marisol.v", 4, "Yes! Flat and paved all the way to the redwood grove."),
            reply("old_oak", 26, "I came with my new hip and kept up. Recommended."),
        ],
    },
    SeedPost {
        author: "old_oak",
        title: "Thank you to whoever returned my hat",
        body: "Left it in the waiting room on Thursday, found it on the hook on Friday with a note that said \"nice hat\". It is. Thank you.",
        days_ago: 54,
        replies: &[],
    },
    SeedPost {
        author: "priya_s",
        title: "Low-salt recipes that taste of something",
        body: "My father has to go easy on salt and says that everything tastes like cardboard. What do you cook?\n\nWe have good luck so \
            far with lemon, smoked paprika and a lot of garlic.",
        days_ago: 47,
        replies: &[
            reply("tomas_r", 2, "Toasted cumin. Mushrooms, browned until they squeak. Vinegar at the very end, not at the start."),
            reply("marisol.v", 9, "My grandmother's trick: roast the tomatoes first. Then you need no salt at all."),
            reply("priya_s", 30, "He had seconds of the tomatoes. I have not seen seconds since March."),
        ],
    },
    SeedPost {
        author: "benji_k",
        title: "First-time dad, no sleep, send help",
        body: "The baby is wonderful and nocturnal. I read the article about evenings here and laughed, then cried a little. What got you \
            through the first three months?",
        days_ago: 39,
        replies: &[
            reply("june_w", 1, "Shifts. One of you sleeps from eight to one, the other from one to six. It saved us."),
            reply(
                "hanh_at_thistledown",
                12,
                "Nap when somebody offers to hold the baby, every single time. And mention it at your next \
                check-up: we ask about parents too.",
            ),
            reply("old_oak", 20, "It passes. Mine is forty and sleeps like a stone."),
        ],
    },
    SeedPost {
        author: "tomas_r",
        title: "Is the Tuesday blood-pressure morning still on?",
        body: "The one without an appointment. I would bring my neighbor, who does not like to phone.",
        days_ago: 33,
        replies: &[reply(
            "hanh_at_thistledown",
            2,
            "Still on, eight to eleven, side door. Tell your neighbor that there is coffee for afterwards.",
        )],
    },
    SeedPost {
        author: "june_w",
        title: "Smoke days: where do you go to move?",
        body: "When the air is bad I skip my walks and then I skip them for a month. Any indoor ideas that cost nothing?",
        days_ago: 27,
        replies: &[
            reply("marisol.v", 6, "The library is long, cool and has two staircases. Nobody minds if you pretend to look for a book."),
            reply("benji_k", 8, "Living room dancing. The baby is a harsh judge but comes back every time."),
        ],
    },
    SeedPost {
        author: "old_oak",
        title: "Large-print forms at the desk",
        body: "For those who did not know: ask for the large-print forms. Same questions, friendlier letters.",
        days_ago: 21,
        replies: &[reply("priya_s", 7, "My father says thank you. He had been guessing at question six.")],
    },
    SeedPost {
        author: "deshawn.m",
        title: "Looking for a lift to physical therapy on Mondays",
        body: "I live off Pole Line Road and cannot drive until my knee is done sulking. Happy to pay in lemons, the tree is out of control.",
        days_ago: 16,
        replies: &[
            reply("tomas_r", 1, "I pass there at half past nine. I like lemons."),
            reply("deshawn.m", 2, "Then we have a deal. Thank you!"),
        ],
    },
    SeedPost {
        author: "marisol.v",
        title: "¿Grupo de conversación en español?",
        body: "Somos tres y nos gustaría ser más: café, charla y una caminata corta los miércoles por la tarde. Todos los niveles, también \
            quien apenas empieza.",
        days_ago: 12,
        replies: &[reply("june_w", 10, "¡Sí! Mi español es muy malo y tengo muchas ganas.")],
    },
    SeedPost {
        author: "priya_s",
        title: "How do you remember evening pills?",
        body: "Mornings are easy. Evenings vanish. What works for you, besides an alarm that I have learned to ignore?",
        days_ago: 8,
        replies: &[
            reply("old_oak", 3, "On the pillow. You cannot lie down without meeting them."),
            reply("deshawn.m", 5, "Next to the toothpaste. I have never forgotten the toothpaste."),
        ],
    },
    SeedPost {
        author: "june_w",
        title: "A good word for the flu clinic",
        body: "In and out in eleven minutes, and the nurse warned me before the needle, which I appreciate more than I can say.",
        days_ago: 5,
        replies: &[],
    },
    SeedPost {
        author: "tomas_r",
        title: "Chair yoga on Thursdays, two places left",
        body: "It is gentler than it sounds and funnier than it looks. Community room, ten o'clock. Wear something that bends.",
        days_ago: 3,
        replies: &[reply("deshawn.m", 4, "Does it work with one knee? If so, count me in.")],
    },
    SeedPost {
        author: "benji_k",
        title: "Update: he slept five hours",
        body: "Five. In a row. I woke up in a panic and then lay there smiling like a fool. Thank you all for the shifts.",
        days_ago: 0,
        replies: &[reply("june_w", 1, "This made my morning.")],
    },
];
