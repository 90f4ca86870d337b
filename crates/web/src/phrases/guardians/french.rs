use super::{
    ChoicesWords, CodeWords, ConfirmWords, EnterWords, EraseWords, GuardianWords, ListWords, NewWords, OneWords, OwnWords, Page,
    TakeUpWords,
};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: GuardianWords = GuardianWords {
    language: "fr",
    list: ListWords {
        title: "Vos enfants",
        door: "Les comptes que vous avez ouverts comme parent ou tuteur, et un nouveau pour un enfant",
        lead: "Vous pouvez ouvrir un compte pour un enfant dont vous êtes parent ou tuteur. Vous décidez de ce que nous pouvons faire de ses données, vous les voyez toutes, et vous pouvez les faire effacer. La publicité, les nouvelles et les contenus personnalisés restent désactivés pour les enfants, quoi qu’on choisisse.",
        none: "Il n’y en a pas encore.",
        add: "Ouvrir un compte pour un enfant",
        waiting: "Vous attend",
        open: "Ouvert",
        passes: Sentence("Il devient le sien le {day}."),
        back: "Tous vos enfants",
    },
    new: NewWords {
        title: "Un compte pour votre enfant",
        lead: "Nous gardons de votre enfant un nom d’utilisateur et rien d’autre : ni adresse e-mail, ni nom, ni anniversaire.",
        question: "Quand votre enfant est-il né ?",
        not_kept: "Nous ne gardons pas ce mois. Nous gardons le trimestre où le compte devient celui de votre enfant.",
        no_such_month: "Personne n’est né ce mois-là. Écrivez le mois et l’année en chiffres.",
        says: "En appuyant sur le bouton, vous dites que vous êtes parent ou tuteur légal de cet enfant, que ce que vous avez écrit est juste, et que vous acceptez que nous tenions ce compte.",
        button: "Ouvrir le compte",
        sent: Page {
            title: "Regardez votre courrier",
            lead: "Nous vous le demandons encore une fois par e-mail, pour que personne n’ouvre en votre nom un compte pour un enfant. Suivez le lien sous 24 heures. D’ici là personne ne peut utiliser le compte, et après il disparaît.",
        },
        of_age: Page {
            title: "Cette personne peut s’inscrire elle-même",
            lead: "Qui est né à ce moment-là a l’âge d’ouvrir son propre compte. Nous n’avons rien gardé de ce que vous avez écrit.",
        },
        too_many: Page {
            title: "Il y en a déjà trop",
            lead: "Vous êtes responsable d’autant de comptes qu’une personne peut l’être. Effacez-en un d’abord, ou écrivez-nous.",
        },
        not_you: Page {
            title: "Ce compte ne peut pas en gérer d’autres",
            lead: "Seul un adulte qui a un compte et une adresse e-mail à lui peut en ouvrir un pour un enfant.",
        },
    },
    confirm: ConfirmWords {
        page: Page {
            title: "Une dernière étape",
            lead: "Si vous êtes parent ou tuteur de cet enfant et voulez ce compte, appuyez sur le bouton. Vous pouvez revenir dessus à tout moment sur la page de vos enfants.",
        },
        button: "Oui, ouvrir le compte",
        done: Page {
            title: "Le compte est ouvert",
            lead: "Votre enfant peut l’utiliser. Sur la page de vos enfants, vous décidez de ce que nous pouvons faire de ses données et affichez un code qui le connecte.",
        },
        dead: Page {
            title: "Ce lien ne fonctionne plus",
            lead: "Un lien fonctionne une fois, sous 24 heures. Si vous l’avez utilisé, le compte est ouvert. Sinon il a disparu, et vous pouvez recommencer.",
        },
    },
    one: OneWords {
        lead: "Vous êtes responsable de ce compte. Vous pouvez tout en voir et tout effacer.",
        waiting: "Nous vous avons écrit. Personne ne peut utiliser ce compte avant que vous ayez suivi le lien de l’e-mail ; un jour après sa création, il disparaît.",
        passes: Sentence("Il devient le sien le {day}. Dès lors, vous n’en voyez plus rien."),
        sessions: "Navigateurs connectés",
        code: "Afficher un code de connexion",
        code_how: "Votre enfant l’écrit sur son appareil. Il peut y ajouter une clé d’accès et n’aura plus besoin de code.",
        choices_how: "Ce que nous pouvons faire de ses données, finalité par finalité",
        export_how: "Tout ce que nous avons sur votre enfant, avec ses visites",
        erase_how: "Le compte et tout ce qu’il contient",
        sign_out: "Déconnecter partout",
        signed_out: "Votre enfant est déconnecté partout.",
        send_again: "Renvoyer l’e-mail",
        sent_again: "L’e-mail est de nouveau en route. Seul le lien du plus récent fonctionne.",
    },
    code: CodeWords {
        title: "Un code de connexion",
        write_it: Sentence("Sur l’appareil de votre enfant, ouvrez {address} et écrivez-y ce code :"),
        lasts: "Il fonctionne une fois, pendant 10 minutes. Qui l’a peut se connecter à la place de votre enfant : ne le montrez à personne d’autre.",
    },
    enter: EnterWords {
        title: "Se connecter avec un code",
        lead: "Votre parent ou tuteur peut voir un code sur la page de son compte. Écrivez-le ici.",
        field: "Code",
        wrong: "Ce code ne fonctionne pas. Un code fonctionne une fois, pendant 10 minutes. Regardez-le encore, ou demandez-en un nouveau.",
        door: "Un parent ou tuteur a ouvert votre compte ? Connectez-vous avec un code",
    },
    choices: ChoicesWords {
        title: "Ce que vous permettez pour votre enfant",
        lead: "Un non compte aussitôt, partout où votre enfant est connecté. Un oui compte à sa prochaine connexion, ou quand il ouvre ses choix. Si votre enfant dit non, son non est respecté.",
        asked: "À vous de décider",
        nothing: "Ce site ne demande rien que vous puissiez décider.",
        off: "Désactivé pour les enfants",
        off_how: "C’est de la publicité, ou fait sur mesure pour une personne. Cela reste désactivé jusqu’à la majorité de votre enfant, quoi qu’on choisisse.",
        child_refuses: "Votre enfant a dit non. Cela reste désactivé, quelle que soit votre réponse, jusqu’à ce qu’il revienne dessus.",
        saved: "Enregistré.",
        unsaved: Page {
            title: "Votre oui n’a pas été enregistré",
            lead: "Quelque chose ne marche pas chez nous. Ce que vous avez refusé compte quand même. Réessayez dans quelques minutes.",
        },
    },
    erase: EraseWords {
        title: "Effacer ce compte",
        lead: "C’est irréversible.",
        signed_out: "Votre enfant est aussitôt déconnecté partout.",
        gone: "Nous effaçons sous 24 heures le nom d’utilisateur, les clés d’accès, et à qui étaient les choix.",
        letter: "Vous recevez un e-mail à ce sujet.",
        go_on: "Continuer",
        sure: Page { title: "En êtes-vous sûr ?", lead: "Le compte de votre enfant est effacé, et rien ne le ramène." },
        button: "L’effacer",
        keep: "Le garder",
        done: Page {
            title: "Le compte est fermé",
            lead: "Votre enfant est déconnecté partout, et ce que nous avons est en cours d’effacement.",
        },
    },
    own: OwnWords {
        guarded: "Un parent ou tuteur a ouvert ce compte pour vous. Il voit tout ce qu’il contient, décide de ce que nous pouvons faire de vos données et peut l’effacer. Vous pouvez vous-même dire non à tout, et supprimer le compte.",
        passed: "Ce compte est à vous maintenant : personne d’autre ne le voit. Donnez-lui une adresse e-mail à vous sous 90 jours, sinon il est supprimé.",
        no_email: Page {
            title: "Ce compte n’a pas d’adresse e-mail",
            lead: "Il s’en passe jusqu’à ce que vous ayez l’âge de vous en occuper. Nous vous la demanderons alors.",
        },
        prove: "Connectez-vous d’abord de nouveau : avec une clé d’accès, ou un nouveau code de votre parent ou tuteur.",
        with_guardian: "Les comptes dont vous êtes responsable sont supprimés avec le vôtre.",
        to_guardian: "Votre parent ou tuteur reçoit un e-mail à ce sujet.",
        by_code: "avec un code d’un tuteur",
    },
    take_up: TakeUpWords {
        title: "Faire vôtre ce compte",
        lead: "Votre parent ou tuteur s’occupait de ce compte jusqu’ici. C’est à vous maintenant : choisissez l’adresse e-mail qui vous connecte. Ce qui était permis pour vous prend fin, et vous décidez à nouveau. Les clés d’accès sont retirées, pour que personne d’autre n’en ait une : ajoutez ensuite les vôtres.",
        says: "En appuyant sur le bouton, vous dites que ce compte a été ouvert pour vous et que vous avez l’âge que demande notre politique.",
        send: "Envoyez-moi le lien",
        sent: Page {
            title: "Regardez votre courrier",
            lead: "Nous avons écrit à l’adresse donnée. Suivez le lien sous 24 heures, et le compte est à vous.",
        },
        button: "Il est à moi",
        dead: Page {
            title: "Ce lien ne fonctionne plus",
            lead: "Un lien fonctionne une fois, sous 24 heures, et seul le plus récent. Connectez-vous pour en obtenir un autre.",
        },
        taken: Page {
            title: "Cette adresse a déjà un compte",
            lead: "Une adresse peut avoir un compte. Connectez-vous et choisissez une autre adresse.",
        },
    },
};
