use super::{MinorWords, Problems, ProgressWords, RequestWords, Sent};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: RequestWords = RequestWords {
    language: "de",
    title: "Fragen und Hinweise an uns",
    door: "Konto eines Kindes melden",
    door_how: "Sagen Sie uns, wenn Sie glauben, dass ein Konto jemandem gehört, der dafür zu jung ist.",
    anything_else: "Für alles andere schreiben Sie an",
    nothing_here: "Hier gibt es noch kein Formular.",
    minor: MinorWords {
        title: "Konto eines Kindes melden",
        lead: Sentence(
            "Konten sind hier für Menschen ab {age} Jahren. Glauben Sie, dass eines einem Kind gehört? Sagen Sie es uns, dann sieht es sich jemand von uns an.",
        ),
        lead_with_guardians: Sentence(
            "Konten legen hier Menschen ab {age} Jahren an, und Eltern oder Vormund können eines für ein Kind anlegen. Glauben Sie, dass ein Kind allein eines hat? Sagen Sie es uns, dann sieht es sich jemand von uns an.",
        ),
        about: "Um welches Konto geht es?",
        about_how: "Der Benutzername, die E-Mail-Adresse oder die Adresse einer Seite, die mit dem Konto geschrieben wurde.",
        message: "Warum glauben Sie das?",
        message_how: "Wenn Sie mögen. Bitte schreiben Sie über das Kind nur, was wir brauchen: keinen vollen Namen, keine Schule, kein Foto.",
        email: "Ihre E-Mail-Adresse",
        email_how: "Nur, wenn Sie erfahren möchten, wann wir es uns angesehen haben.",
        trap: "Lassen Sie dieses Feld leer",
        send: "Meldung senden",
        next_title: "Was dann geschieht",
        next: [
            "Ein Mensch sieht sich Ihre Meldung an. Von allein ändert sie nichts, und niemand erfährt, dass sie von Ihnen ist.",
            "Gehört das Konto einem Kind, schließen wir es sofort und löschen seine Daten.",
            "Sie können sehen, wie weit wir sind. Damit niemand auf diesem Weg andere ausspäht, sagen wir nicht, ob es das Konto gibt oder was wir gefunden haben.",
        ],
        next_with_guardians: "Hat ein Kind das Konto ohne Eltern oder Vormund, schließen wir es sofort und löschen seine Daten. Haben Eltern oder Vormund es angelegt, bleibt es.",
    },
    problems: Problems {
        look: "Noch wurde nichts gesendet. Bitte sehen Sie sich das Markierte noch einmal an.",
        about_missing: "Bitte schreiben Sie, welches Konto Sie meinen.",
        too_long: Sentence("Das ist zu lang: Es ist Platz für {most} Zeichen."),
        trapped: "Dieses Feld füllen Programme aus, Menschen sehen es nicht. Wenn Sie ein Mensch sind, leeren Sie es bitte und senden noch einmal.",
    },
    sent: Sent {
        title: "Danke. Wir haben Ihre Meldung",
        lead: "Ein Mensch sieht sie sich an. Bis dahin ändert sich nichts.",
        keep: "Unter dieser Adresse sehen Sie, wie weit wir sind. Sonst kennt sie niemand, also heben Sie sie auf, wenn Sie wiederkommen möchten:",
    },
    progress: ProgressWords {
        title: "Ihre Meldung",
        made: Sentence("Sie haben sie am {day} gesendet."),
        received: "Eingegangen",
        looked_at: "Wird angesehen",
        closed: "Abgeschlossen",
        received_how: "Wir haben sie. Ein Mensch wird sie sich ansehen.",
        looked_at_how: "Jemand von uns kümmert sich darum.",
        closed_how: "Ein Mensch hat sie sich angesehen. Sie müssen nichts mehr tun.",
        now: "hier ist sie jetzt",
        why_no_more: "Damit niemand so etwas über andere herausfindet, sagen wir weder, was wir gefunden haben, noch, ob es das Konto gibt.",
    },
    too_often: (
        "Das waren zu viele Versuche",
        Sentence(
            "Es wurde nichts gesendet. Bitte warten Sie {wait} und versuchen Sie es dann noch einmal, oder schreiben Sie uns eine E-Mail.",
        ),
    ),
    unavailable: (
        "Das geht gerade nicht",
        "Bei uns funktioniert etwas nicht, und es wurde nichts gesendet. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
    ),
    unknown: (
        "Diese Meldung kennen wir nicht",
        "Vielleicht ist die Adresse unvollständig. Was vor langer Zeit abgeschlossen wurde, ist gelöscht.",
    ),
};
