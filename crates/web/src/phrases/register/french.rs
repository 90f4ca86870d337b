use super::{AgeWords, FormWords, Page, Problems, RegisterWords, SignInWords, Told};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: RegisterWords = RegisterWords {
    language: "fr",
    account: "Compte",
    age: AgeWords {
        title: "Créer un compte",
        question: "Quand êtes-vous né(e) ?",
        day: "Jour",
        month: "Mois",
        year: "Année",
        not_kept: "Nous ne gardons pas cette date.",
        go_on: "Continuer",
        no_such_day: "Personne n’est né ce jour-là. Écrivez le jour, le mois et l’année, le tout en chiffres.",
        asked_again: "Trop de temps a passé ; répondez encore une fois, s’il vous plaît.",
        refused: Page {
            title: "Nous ne pouvons pas vous ouvrir de compte",
            lead: "Merci de votre réponse. Nous n’avons rien gardé de ce que vous avez écrit, et tout le reste de ce site vous est ouvert comme avant.",
        },
        refused_but_guardian: Page {
            title: "Demandez à un parent ou à un tuteur",
            lead: "Merci de votre réponse. Vous ne pouvez pas ouvrir de compte seul(e), mais un parent ou un tuteur peut en ouvrir un pour vous : il se connecte au sien et le prépare avec vous. Nous n’avons rien gardé de ce que vous avez écrit.",
        },
    },
    form: FormWords {
        title: "Créer un compte",
        lead: "Nous conservons deux choses sur vous : votre adresse e-mail et un nom d’utilisateur. Il n’y a pas de mot de passe.",
        email: "Adresse e-mail",
        email_how: "Nous y envoyons un lien. Le compte est à vous dès que vous l’avez suivi.",
        username: "Nom d’utilisateur",
        username_how: Sentence(
            "De {least} à {most} lettres et chiffres, avec des points et des tirets entre eux si vous voulez. D’autres peuvent le voir : il n’a donc pas besoin d’être un vrai nom.",
        ),
        represents: "En vous inscrivant, vous dites que la date de naissance donnée est la vôtre et qu’elle est juste.",
        from_policy: "Notre politique dit à ce sujet :",
        register: "S’inscrire",
        have_one: "Vous avez un compte ? Se connecter",
        problem: "Rien n’est encore enregistré. Vérifiez les champs indiqués.",
    },
    problems: Problems {
        email_missing: "Écrivez votre adresse e-mail.",
        email_too_long: Sentence("C’est trop long pour une adresse e-mail : il y a de la place pour {most} caractères."),
        email_malformed: "Ce n’est pas une adresse e-mail. Une adresse ressemble à anna@example.org.",
        email_domain: "On ne peut pas envoyer d’e-mail à ce qui suit le @.",
        username_length: Sentence("Un nom d’utilisateur a de {least} à {most} caractères."),
        username_characters: "Un nom d’utilisateur se compose de lettres et de chiffres. Des points, des tirets et des traits bas peuvent se trouver entre eux.",
        username_mixed: "Ce nom mélange des lettres d’alphabets qui se ressemblent. Prenez les lettres d’un seul alphabet.",
        username_reserved: "Ce nom semble parler au nom du site. Choisissez-en un autre.",
        username_taken: "Quelqu’un a ce nom, ou un nom qui lui ressemble tout à fait. Choisissez-en un autre.",
    },
    sign_in: SignInWords {
        title: "Se connecter",
        lead: "Écrivez l’adresse e-mail de votre compte. Nous vous envoyons un lien qui vous connecte.",
        send: "M’envoyer le lien",
        new_here: "Pas encore de compte ? En créer un",
        signed_out: "Vous êtes déconnecté(e).",
        sign_out: "Se déconnecter",
    },
    told: Told {
        mailed_registration: Page {
            title: "Consultez vos e-mails",
            lead: "Nous avons écrit à l’adresse donnée. Suivez le lien de l’e-mail sous 24 heures, et le compte est à vous. Sinon, nous oublions ensuite ce que vous nous avez donné.",
        },
        mailed_sign_in: Page {
            title: "Consultez vos e-mails",
            lead: "S’il y a un compte à cette adresse, nous y avons envoyé un lien. Il fonctionne une fois, pendant 10 minutes.",
        },
        nothing_came: "Rien n’est arrivé ? Attendez une minute, regardez dans les indésirables et vérifiez que l’adresse était juste.",
        confirm: Page {
            title: "Une dernière étape",
            lead: "Appuyez sur le bouton, et le compte est à vous. Vous êtes alors connecté(e) ici.",
        },
        confirm_button: "Créer mon compte",
        confirm_dead: Page {
            title: "Ce lien ne fonctionne plus",
            lead: "Un lien fonctionne une fois, pendant 24 heures. Si vous l’avez utilisé, vous avez un compte et pouvez vous connecter. Sinon, inscrivez-vous de nouveau.",
        },
        register_again: "S’inscrire de nouveau",
        username_lost: Page {
            title: "Quelqu’un a été plus rapide",
            lead: "Pendant que vous consultiez vos e-mails, quelqu’un a pris le nom d’utilisateur que vous vouliez. Choisissez-en un autre, et le compte est à vous.",
        },
        username_lost_button: "Prendre ce nom",
        email_lost: Page {
            title: "Vous avez déjà un compte",
            lead: "Il y a un compte à votre adresse e-mail ; nous n’en avons pas créé de second. Connectez-vous à celui-ci.",
        },
        follow: Page { title: "Se connecter", lead: "Appuyez sur le bouton, et vous êtes connecté(e) avec ce navigateur." },
        follow_button: "Me connecter",
        follow_dead: Page {
            title: "Ce lien ne fonctionne plus",
            lead: "Un lien fonctionne une fois, pendant 10 minutes, et dès que vous en utilisez un, les autres ne fonctionnent plus. Nous pouvons vous en envoyer un autre.",
        },
        another_link: "Recevoir un autre lien",
        signed_in: Page {
            title: "Vous êtes connecté(e)",
            lead: "Pensez à vous déconnecter sur un ordinateur que d’autres utilisent aussi.",
        },
        too_often: ("Trop de tentatives", Sentence("Rien n’a été enregistré. Attendez {wait} et réessayez.")),
        too_much: Page {
            title: "C’est trop long",
            lead: "Le formulaire contenait plus que ce que nous lisons, et rien n’a été fait. Revenez en arrière, raccourcissez votre texte et réessayez.",
        },
        no_form: Page {
            title: "Nous n’avons pas pu lire cela",
            lead: "Ce qui est arrivé n’est pas un formulaire que nous savons lire, et rien n’a été fait. Utilisez le formulaire de notre page.",
        },
        forged: Page {
            title: "Ce formulaire ne vient pas de notre page",
            lead: "Nous n’avons pas pu savoir si ce formulaire vient de notre propre page ; rien n’a donc été fait. Recommencez ici. Si cela se reproduit, autorisez entre-temps les cookies de ce site.",
        },
        unavailable: Page {
            title: "Ce n’est pas possible pour le moment",
            lead: "Quelque chose chez nous ne fonctionne pas, et rien n’a été enregistré. Réessayez dans quelques minutes.",
        },
        try_again: "Réessayer",
    },
};
