//! What the clinic has written, and what goes with each topic.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Sleep,
    Movement,
    Heart,
}

impl Topic {
    const ALL: [Self; 3] = [Self::Sleep, Self::Movement, Self::Heart];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sleep => "sleep",
            Self::Movement => "movement",
            Self::Heart => "heart",
        }
    }

    /// As in "because you read about ...".
    pub(crate) const fn reads(self) -> &'static str {
        match self {
            Self::Sleep => "sleep",
            Self::Movement => "moving more",
            Self::Heart => "blood pressure",
        }
    }

    pub(crate) const fn tip(self) -> &'static str {
        match self {
            Self::Sleep => "Get up at the same time on Saturday as on Tuesday. Your Sunday night will thank you.",
            Self::Movement => "Stand up for every phone call this week. It adds up to more than you would think.",
            Self::Heart => "Sit for five quiet minutes before you measure, feet on the floor, cuff on bare skin.",
        }
    }

    /// Chosen by the article it stands beside, and by nothing about the reader.
    pub(crate) const fn sponsor(self) -> Sponsor {
        match self {
            Self::Sleep => Sponsor {
                name: "Larkfield Linens, Davis",
                note: "Cotton sheets that stay cool in a valley summer. Come and feel them at our shop on Second Street.",
            },
            Self::Movement => Sponsor {
                name: "Two Oaks Shoe Repair",
                note: "Good walking shoes deserve a second life. New soles while you wait, every weekday morning.",
            },
            Self::Heart => Sponsor {
                name: "Thistledown Devices, our sister company",
                note: "Borrow a blood-pressure cuff for a month before you decide to buy one. Ask at our front desk.",
            },
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Sponsor {
    pub(crate) name: &'static str,
    pub(crate) note: &'static str,
}

#[derive(Debug)]
pub(crate) struct Article {
    pub(crate) slug: &'static str,
    pub(crate) title: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) author: &'static str,
    pub(crate) minutes: u8,
    pub(crate) topic: Topic,
    /// Our own HTML.
    pub(crate) body: &'static str,
}

pub(crate) const ARTICLES: [Article; 3] = [
    Article {
        slug: "a-calmer-evening",
        title: "A calmer evening, a better night",
        summary: "Sleep starts hours before bed. Five small changes that our patients say made the difference.",
        author: "Dr. Amara Osei",
        minutes: 4,
        topic: Topic::Sleep,
        body: include_str!("../content/articles/a-calmer-evening.html"),
    },
    Article {
        slug: "ten-minutes-on-your-feet",
        title: "Ten minutes on your feet",
        summary: "You do not need a gym or a plan. You need ten minutes, and then another ten tomorrow.",
        author: "Joaquín Reyes, physical therapist",
        minutes: 3,
        topic: Topic::Movement,
        body: include_str!("../content/articles/ten-minutes-on-your-feet.html"),
    },
    Article {
        slug: "blood-pressure-at-home",
        title: "Taking your blood pressure at home",
        summary: "One reading tells you little; a quiet week of them tells us a lot. How to get numbers you can trust.",
        author: "Hanh Tran, nurse practitioner",
        minutes: 5,
        topic: Topic::Heart,
        body: include_str!("../content/articles/blood-pressure-at-home.html"),
    },
];

pub(crate) fn article(slug: &str) -> Option<&'static Article> {
    ARTICLES.iter().find(|article| article.slug == slug)
}
