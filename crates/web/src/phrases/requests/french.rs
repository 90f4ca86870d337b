use super::{MinorWords, Problems, ProgressWords, RequestWords, Sent};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: RequestWords = RequestWords {
    language: "fr",
    title: "Nous poser une question ou nous signaler quelque chose",
    door: "Signaler le compte d’un enfant",
    door_how: "Dites-le-nous si vous pensez qu’un compte est à quelqu’un de trop jeune pour en avoir un.",
    anything_else: "Pour tout le reste, écrivez à",
    nothing_here: "Il n’y a pas encore de formulaire ici.",
    minor: MinorWords {
        title: "Signaler le compte d’un enfant",
        lead: Sentence(
            "Ici, les comptes sont réservés aux personnes de {age} ans et plus. Pensez-vous que l’un d’eux est celui d’un enfant ? Dites-le-nous, et quelqu’un de notre équipe examinera la question.",
        ),
        lead_with_guardians: Sentence(
            "Ici, les personnes de {age} ans et plus ouvrent un compte, et un parent ou tuteur peut en ouvrir un pour un enfant. Pensez-vous qu’un enfant en a un tout seul ? Dites-le-nous, et quelqu’un de notre équipe examinera la question.",
        ),
        about: "De quel compte s’agit-il ?",
        about_how: "Son nom d’utilisateur, son adresse e-mail ou l’adresse d’une page publiée avec ce compte.",
        message: "Qu’est-ce qui vous le fait penser ?",
        message_how: "Si vous voulez. Ne nous dites de l’enfant que le nécessaire : ni nom complet, ni école, ni photo.",
        email: "Votre adresse e-mail",
        email_how: "Seulement si vous voulez savoir quand nous aurons examiné votre signalement.",
        trap: "Laissez ce champ vide",
        send: "Envoyer le signalement",
        next_title: "Ce qui se passe ensuite",
        next: [
            "Une personne examine votre signalement. À lui seul, il ne change rien, et personne n’apprend qu’il vient de vous.",
            "Si le compte est celui d’un enfant, nous le fermons tout de suite et effaçons ses données.",
            "Vous pouvez suivre où nous en sommes. Pour que personne n’espionne ainsi les autres, nous ne disons ni si ce compte existe, ni ce que nous avons trouvé.",
        ],
        next_with_guardians: "Si un enfant a ce compte sans parent ni tuteur, nous le fermons tout de suite et effaçons ses données. Si un parent ou tuteur l’a ouvert, il reste.",
    },
    problems: Problems {
        look: "Rien n’a encore été envoyé. Vérifiez les champs indiqués, s’il vous plaît.",
        about_missing: "Écrivez de quel compte vous parlez, s’il vous plaît.",
        too_long: Sentence("C’est trop long : il y a de la place pour {most} caractères."),
        trapped: "Les programmes remplissent ce champ, les personnes ne le voient pas. Si vous êtes une personne, videz-le et envoyez de nouveau, s’il vous plaît.",
    },
    sent: Sent {
        title: "Merci. Nous avons votre signalement",
        lead: "Une personne va l’examiner. D’ici là, rien ne change.",
        keep: "À cette adresse, vous voyez où nous en sommes. Personne d’autre ne la connaît : gardez-la si vous voulez revenir :",
    },
    progress: ProgressWords {
        title: "Votre signalement",
        made: Sentence("Vous l’avez envoyé le {day}."),
        received: "Reçu",
        looked_at: "À l’étude",
        closed: "Clos",
        received_how: "Nous l’avons. Une personne va l’examiner.",
        looked_at_how: "Une personne s’en occupe.",
        closed_how: "Une personne l’a examiné. Vous n’avez plus rien à faire.",
        now: "c’est là qu’il en est",
        why_no_more: "Pour que personne n’apprenne ainsi quelque chose sur d’autres, nous ne disons ni ce que nous avons trouvé, ni si ce compte existe.",
    },
    too_often: ("Trop de tentatives", Sentence("Rien n’a été envoyé. Attendez {wait} et réessayez, ou écrivez-nous un e-mail.")),
    unavailable: (
        "Ce n’est pas possible pour le moment",
        "Quelque chose ne fonctionne pas chez nous, et rien n’a été envoyé. Réessayez dans quelques minutes, s’il vous plaît.",
    ),
    unknown: (
        "Nous ne connaissons pas ce signalement",
        "L’adresse est peut-être incomplète. Ce qui a été clos il y a longtemps est effacé.",
    ),
};
