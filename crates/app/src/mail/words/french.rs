use super::{LetterWords, Words};

pub(super) static WORDS: Words = Words {
    language: "fr",
    greeting: "Bonjour,",
    lasts: "Le lien fonctionne une seule fois, pendant {time} à partir du moment où il a été demandé.",
    questions: "Des questions ? Répondez simplement à cet e-mail, ou écrivez à {contact}.",
    accounts: "Ici, les comptes sont réservés aux personnes de {age} ans et plus.",
    accounts_with_guardians: "Une personne de moins de {age} ans ne peut avoir un compte ici que si un parent ou tuteur l’ouvre.",
    minutes: ("minute", "minutes"),
    hours: ("heure", "heures"),
    days: ("jour", "jours"),
    confirm: LetterWords {
        subject: "Confirmez votre compte chez {site}",
        text: "Quelqu’un, sans doute vous, veut s’inscrire chez {site} avec cette adresse e-mail. Si c’était vous, ouvrez cette page et appuyez sur le \
               bouton :",
        not_you: "Si ce n’était pas vous, vous n’avez rien à faire. Sans le bouton, aucun compte n’est créé, et cette adresse est oubliée automatiquement.",
    },
    already_registered: LetterWords {
        subject: "Vous avez déjà un compte chez {site}",
        text: "Quelqu’un, sans doute vous, a voulu s’inscrire chez {site} avec cette adresse e-mail. Vous avez déjà un compte avec elle ; rien n’a donc \
               changé. Voici où vous connecter :",
        not_you: "Si ce n’était pas vous, vous n’avez rien à faire. Nous n’avons dit à personne d’autre que vous avez un compte.",
    },
    sign_in: LetterWords {
        subject: "Votre lien pour vous connecter chez {site}",
        text: "Vous avez demandé un lien pour vous connecter chez {site}. Ouvrez cette page et appuyez sur le bouton :",
        not_you: "Si ce n’était pas vous, ne faites rien et ne donnez le lien à personne : toute personne qui l’a peut se connecter à votre place.",
    },
    confirm_email: LetterWords {
        subject: "Confirmez votre nouvelle adresse e-mail chez {site}",
        text: "Quelqu’un, sans doute vous, veut utiliser cette adresse e-mail pour son compte chez {site}. Si c’était vous, ouvrez cette page et appuyez \
               sur le bouton :",
        not_you: "Si ce n’était pas vous, vous n’avez rien à faire. Le compte garde alors l’adresse qu’il a.",
    },
    email_changing: LetterWords {
        subject: "Votre adresse e-mail chez {site} va changer",
        text: "Quelqu’un, sans doute vous, veut une autre adresse e-mail pour votre compte chez {site}. Nous avons écrit à la nouvelle ; ce n’est qu’une \
               fois confirmée qu’elle remplacera celle-ci. Voici votre compte :",
        not_you: "Si ce n’était pas vous, quelqu’un est peut-être connecté à votre place. Ouvrez votre compte, déconnectez-vous partout et écrivez-nous.",
    },
    email_changed: LetterWords {
        subject: "Votre adresse e-mail chez {site} a changé",
        text: "Votre compte chez {site} a maintenant une autre adresse e-mail. C’est le dernier e-mail que nous envoyons à l’ancienne. Si ce n’est pas vous qui l’avez \
               changée, annulez le changement sur cette page :",
        not_you: "Si c’était vous, vous n’avez rien à faire.",
    },
    passkey_added: LetterWords {
        subject: "Une clé d’accès a été ajoutée à votre compte chez {site}",
        text: "Une clé d’accès a été ajoutée à votre compte chez {site}. Toute personne qui l’a peut se connecter à votre place. Voici vos clés \
               d’accès :",
        not_you: "Si ce n’était pas vous, retirez-la sur cette page, déconnectez-vous partout et écrivez-nous.",
    },
    passkey_copied: LetterWords {
        subject: "Nous avons refusé une de vos clés d’accès chez {site}",
        text: "Quelqu’un a voulu se connecter chez {site} avec une de vos clés d’accès, mais il en existe peut-être une copie ; nous \
               ne l’avons donc pas laissé entrer. Retirez-la et ajoutez-en une autre. Voici vos clés d’accès :",
        not_you: "Si c’était vous, votre appareil a peut-être été réinitialisé ou restauré. Sinon, quelqu’un a eu accès à votre appareil \
               ou à sa sauvegarde.",
    },
    closed: LetterWords {
        subject: "Votre compte chez {site} est fermé",
        text: "Votre compte chez {site} est fermé. Plus personne ne peut s’y connecter, et ce que nous avons à son sujet est en cours d’effacement.",
        not_you: "Si vous ne le vouliez pas, écrivez-nous vite.",
    },
    confirm_dependent: LetterWords {
        subject: "Confirmez le compte de votre enfant chez {site}",
        text: "Vous, ou quelqu’un qui est connecté à votre place, voulez ouvrir un compte chez {site} pour un enfant. Avant que quiconque puisse l’utiliser, nous vous le demandons encore une fois. Si vous êtes parent ou tuteur de cet enfant et voulez ce compte, ouvrez cette page et appuyez sur le bouton :",
        not_you: "Si ce n’était pas vous, ne faites rien : sans le bouton, le compte disparaît de lui-même. Déconnectez-vous alors partout sur la page de votre compte, et écrivez-nous.",
    },
    dependent_confirmed: LetterWords {
        subject: "Vous avez ouvert un compte pour un enfant chez {site}",
        text: "Hier, vous avez confirmé un compte pour un enfant chez {site}. Vous décidez de ce que nous pouvons faire de ses données, vous les voyez toutes, et vous pouvez les faire effacer à tout moment. C’est ici que vous le faites, et que vous retirez votre consentement :",
        not_you: "Si ce n’était pas vous, supprimez-y le compte, déconnectez-vous partout, et écrivez-nous.",
    },
    dependent_closed: LetterWords {
        subject: "Un compte dont vous êtes responsable chez {site} est fermé",
        text: "Un compte chez {site} dont vous êtes responsable est fermé. Personne ne peut plus s’y connecter, et ce que nous avons à son sujet est en cours d’effacement. Voici les comptes dont vous êtes responsable :",
        not_you: "Si ni vous ni votre enfant ne le vouliez, écrivez-nous vite.",
    },
    dependent_passes: LetterWords {
        subject: "Un compte dont vous êtes responsable chez {site} passe bientôt à votre enfant",
        text: "Dans un mois environ, un compte chez {site} dont vous êtes responsable passe à la personne à qui il est destiné, parce qu’elle devient majeure. Dès lors, vous n’en verrez plus rien et ne pourrez plus la connecter. Veillez à ce qu’elle ait une clé d’accès, ou soit connectée ce jour-là : une adresse e-mail à elle lui sera demandée, et si elle ne reprend pas le compte, il est supprimé après 90 jours. Voici les comptes dont vous êtes responsable :",
        not_you: "Vous n’avez rien d’autre à faire.",
    },
    dependent_passed: LetterWords {
        subject: "Vous n’êtes plus responsable d’un compte chez {site}",
        text: "Un compte chez {site} dont vous étiez responsable appartient maintenant à la personne à qui il est destiné, parce qu’elle est devenue majeure. Vous n’en voyez plus rien, et rien de ce que vous avez autorisé ne sert au-delà de ce qui valait pour un mineur. Si elle ne le reprend pas sous 90 jours, il est supprimé.",
        not_you: "Vous n’avez rien à faire.",
    },
    take_up: LetterWords {
        subject: "Reprenez à votre nom votre compte chez {site}",
        text: "Vous voulez utiliser cette adresse e-mail pour votre compte chez {site}, qu’un parent ou tuteur a ouvert pour vous. Ouvrez cette page et appuyez sur le bouton :",
        not_you: "Si ce n’était pas vous, vous n’avez rien à faire. Le compte continue alors d’attendre la personne à qui il appartient.",
    },
    minor_asked: LetterWords {
        subject: "Une question sur votre compte chez {site}",
        text: "Quelqu’un nous a dit que votre compte chez {site} est peut-être celui d’un enfant. {rule} Nous n’avons rien changé. Répondez à cet e-mail, s’il vous plaît ; vous avez {time} pour le faire. Avez-vous {age} ans ou plus ?",
        not_you: "Si oui, dites-le simplement ; nous ne demandons aucun justificatif. Si vous êtes plus jeune, dites-le, et nous fermons le compte et effaçons ce que nous avons sur vous. Vous n’avez rien fait de mal. Sans réponse, quelqu’un de notre équipe décide d’après ce que nous pouvons voir.",
    },
    minor_confirmed: LetterWords {
        subject: "Votre compte chez {site} est fermé et sera supprimé",
        text: "Nous avons appris que votre compte chez {site} est celui de quelqu’un de moins de {age} ans. {rule} Nous l’avons donc fermé : personne ne peut plus s’y connecter, et cet e-mail est le dernier.\n\nSous {time}, nous effaçons votre adresse e-mail, votre nom d’utilisateur, vos clés d’accès, tous les liens, les visites que l’on sait être les vôtres et tout le reste du compte, et avec eux la clé sans laquelle personne ne peut en lire une copie.\n\nIl reste : des visites où personne n’était connecté, avec un navigateur dont on ne sait pas s’il n’est qu’à vous (chacune est effacée après {visits}) ; vos réponses sur les cookies et choses semblables, sous un numéro au hasard qui ne mène à personne ; et une note, sans votre nom, disant qu’une telle affaire est close.",
        not_you: "Vous n’avez rien fait de mal. Si nous nous trompons, répondez vite ; ce qui est effacé ne revient pas, mais quiconque a {age} ans peut s’inscrire de nouveau, avec la même adresse.",
    },
    dependent_reported: LetterWords {
        subject: "Un signalement sur un compte dont vous vous occupez chez {site}",
        text: "Quelqu’un nous a dit qu’un compte chez {site} est celui d’un enfant. Vous vous en occupez comme parent ou tuteur : c’est donc normal, et nous \
               n’avons rien changé. Vous pouvez le voir, et le supprimer, depuis votre propre compte :",
        not_you: "Si vous ne vous occupez de personne, écrivez-nous, s’il vous plaît.",
    },
    report_closed: LetterWords {
        subject: "Nous avons examiné votre signalement chez {site}",
        text: "Vous nous avez parlé chez {site} d’un compte qui est peut-être celui d’un enfant. Quelqu’un de notre équipe l’a examiné, et l’affaire est close. Pour que \
               personne n’apprenne ainsi quelque chose sur d’autres, nous ne disons ni ce que nous avons trouvé, ni s’il y avait un tel compte. C’est le \
               seul e-mail à ce sujet.",
        not_you: "Si vous n’avez rien signalé, quelqu’un a donné votre adresse par erreur, et vous n’avez rien à faire.",
    },
};
