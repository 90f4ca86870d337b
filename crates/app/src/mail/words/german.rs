use super::{LetterWords, Words};

pub(super) static WORDS: Words = Words {
    language: "de",
    greeting: "Guten Tag,",
    lasts: "Der Link gilt ein einziges Mal und {time} ab dem Moment, in dem er angefordert wurde.",
    questions: "Noch Fragen? Antworten Sie einfach auf diese E-Mail, oder schreiben Sie an {contact}.",
    accounts: "Konten sind hier für Menschen ab {age} Jahren.",
    accounts_with_guardians: "Wer unter {age} ist, kann hier nur ein Konto haben, das Eltern oder Vormund anlegen.",
    minutes: ("Minute", "Minuten"),
    hours: ("Stunde", "Stunden"),
    days: ("Tag", "Tage"),
    confirm: LetterWords {
        subject: "Bestätigen Sie Ihr Konto bei {site}",
        text: "jemand, wahrscheinlich Sie, möchte sich mit dieser E-Mail-Adresse bei {site} registrieren. Wenn Sie es waren, öffnen Sie diese Seite und \
               drücken Sie dort auf den Knopf:",
        not_you: "Wenn Sie es nicht waren, müssen Sie nichts tun. Ohne den Knopf entsteht kein Konto, und wir vergessen diese Adresse von selbst.",
    },
    already_registered: LetterWords {
        subject: "Sie haben schon ein Konto bei {site}",
        text: "jemand, wahrscheinlich Sie, wollte sich mit dieser E-Mail-Adresse bei {site} registrieren. Sie haben damit schon ein Konto, und so wurde \
               nichts geändert. Hier melden Sie sich an:",
        not_you: "Wenn Sie es nicht waren, müssen Sie nichts tun. Wir haben niemandem sonst gesagt, dass Sie ein Konto haben.",
    },
    sign_in: LetterWords {
        subject: "Ihr Link zum Anmelden bei {site}",
        text: "Sie haben um einen Link gebeten, um sich bei {site} anzumelden. Öffnen Sie diese Seite und drücken Sie dort auf den Knopf:",
        not_you: "Wenn Sie es nicht waren, tun Sie nichts, und geben Sie den Link niemandem: Wer ihn hat, kann sich in Ihrem Konto anmelden.",
    },
    confirm_email: LetterWords {
        subject: "Bestätigen Sie Ihre neue E-Mail-Adresse bei {site}",
        text: "jemand, wahrscheinlich Sie, möchte diese E-Mail-Adresse für sein Konto bei {site} benutzen. Wenn Sie es waren, öffnen Sie diese Seite und \
               drücken Sie dort auf den Knopf:",
        not_you: "Wenn Sie es nicht waren, müssen Sie nichts tun. Das Konto behält dann die Adresse, die es hat.",
    },
    email_changing: LetterWords {
        subject: "Ihre E-Mail-Adresse bei {site} soll sich ändern",
        text: "jemand, wahrscheinlich Sie, möchte für Ihr Konto bei {site} eine andere E-Mail-Adresse. Wir haben an die neue geschrieben; erst wenn sie \
               bestätigt ist, ersetzt sie diese hier. Das ist Ihr Konto:",
        not_you: "Wenn Sie es nicht waren, ist vielleicht jemand anders in Ihrem Konto angemeldet. Öffnen Sie Ihr Konto, melden Sie sich überall ab, und schreiben Sie \
                  uns.",
    },
    email_changed: LetterWords {
        subject: "Ihre E-Mail-Adresse bei {site} hat sich geändert",
        text: "Ihr Konto bei {site} hat jetzt eine andere E-Mail-Adresse. Das ist die letzte E-Mail an diese hier. Wenn nicht Sie das geändert haben, \
               nehmen Sie es auf dieser Seite zurück:",
        not_you: "Wenn Sie es waren, müssen Sie nichts tun.",
    },
    passkey_added: LetterWords {
        subject: "Ihrem Konto bei {site} wurde ein Passkey hinzugefügt",
        text: "Ihrem Konto bei {site} wurde ein Passkey hinzugefügt. Wer ihn hat, kann sich in Ihrem Konto anmelden. Das sind Ihre Passkeys:",
        not_you: "Wenn Sie es nicht waren, entfernen Sie ihn dort, melden Sie sich überall ab, und schreiben Sie uns.",
    },
    passkey_copied: LetterWords {
        subject: "Wir haben einen Ihrer Passkeys bei {site} abgewiesen",
        text: "jemand wollte sich bei {site} mit einem Ihrer Passkeys anmelden, aber vielleicht gibt es davon eine Kopie; darum haben \
               wir die Anmeldung abgelehnt. Entfernen Sie diesen Passkey und fügen Sie einen anderen hinzu. Das sind Ihre Passkeys:",
        not_you: "Wenn Sie es waren, wurde Ihr Gerät vielleicht zurückgesetzt oder wiederhergestellt. Wenn nicht, war jemand an Ihrem \
               Gerät oder dessen Sicherung.",
    },
    closed: LetterWords {
        subject: "Ihr Konto bei {site} ist geschlossen",
        text: "Ihr Konto bei {site} ist geschlossen. Niemand kann sich mehr darin anmelden, und was wir darüber haben, wird gelöscht.",
        not_you: "Wenn Sie das nicht wollten, schreiben Sie uns bald.",
    },
    confirm_dependent: LetterWords {
        subject: "Bestätigen Sie das Konto Ihres Kindes bei {site}",
        text: "Sie oder jemand, der in Ihrem Konto angemeldet ist, möchte bei {site} ein Konto für ein Kind anlegen. Bevor es jemand benutzen kann, fragen wir Sie noch einmal. Wenn Sie Mutter, Vater oder Vormund dieses Kindes sind und das Konto möchten, öffnen Sie diese Seite und drücken Sie dort auf den Knopf:",
        not_you: "Wenn Sie es nicht waren, tun Sie nichts: Ohne den Knopf verschwindet das Konto von selbst. Melden Sie sich dann auf der Seite Ihres Kontos überall ab und schreiben Sie uns.",
    },
    dependent_confirmed: LetterWords {
        subject: "Sie haben bei {site} ein Konto für ein Kind angelegt",
        text: "gestern haben Sie bei {site} ein Konto für ein Kind bestätigt. Sie entscheiden, was wir mit den Daten des Kindes tun dürfen, Sie sehen alles davon, und Sie können es jederzeit löschen lassen. Hier tun Sie das, und hier nehmen Sie Ihre Einwilligung zurück:",
        not_you: "Wenn Sie es nicht waren, löschen Sie dort das Konto, melden Sie sich überall ab und schreiben Sie uns.",
    },
    dependent_closed: LetterWords {
        subject: "Ein Konto, für das Sie bei {site} verantwortlich sind, ist geschlossen",
        text: "ein Konto bei {site}, für das Sie als Mutter, Vater oder Vormund verantwortlich sind, ist geschlossen. Niemand kann sich mehr darin anmelden, und was wir darüber haben, wird gelöscht. Das sind die Konten, für die Sie verantwortlich sind:",
        not_you: "Wenn weder Sie noch Ihr Kind das wollten, schreiben Sie uns bald.",
    },
    dependent_passes: LetterWords {
        subject: "Ein Konto, für das Sie bei {site} verantwortlich sind, geht bald an Ihr Kind über",
        text: "in etwa einem Monat geht ein Konto bei {site}, für das Sie verantwortlich sind, an die Person über, für die Sie es angelegt haben, weil sie volljährig wird. Von da an sehen Sie nichts mehr davon und können sie nicht mehr anmelden. Sorgen Sie bitte dafür, dass sie einen Passkey hat oder an diesem Tag angemeldet ist: Sie wird nach einer eigenen E-Mail-Adresse gefragt, und wenn sie das Konto nicht übernimmt, wird es nach 90 Tagen gelöscht. Das sind die Konten, für die Sie verantwortlich sind:",
        not_you: "Mehr müssen Sie nicht tun.",
    },
    dependent_passed: LetterWords {
        subject: "Für ein Konto bei {site} sind Sie nicht mehr verantwortlich",
        text: "ein Konto bei {site}, für das Sie verantwortlich waren, gehört jetzt der Person, für die Sie es angelegt haben, weil sie volljährig geworden ist. Sie sehen nichts mehr davon, und nichts, was Sie erlaubt haben, wird über das hinaus benutzt, was für Minderjährige galt. Wird es nicht innerhalb von 90 Tagen übernommen, wird es gelöscht.",
        not_you: "Sie müssen nichts tun.",
    },
    take_up: LetterWords {
        subject: "Machen Sie Ihr Konto bei {site} zu Ihrem eigenen",
        text: "Sie möchten diese E-Mail-Adresse für Ihr Konto bei {site} benutzen, das Ihre Eltern oder Ihr Vormund für Sie angelegt haben. Öffnen Sie diese Seite und drücken Sie dort auf den Knopf:",
        not_you: "Wenn Sie es nicht waren, müssen Sie nichts tun. Das Konto wartet dann weiter auf die Person, der es gehört.",
    },
    minor_asked: LetterWords {
        subject: "Eine Frage zu Ihrem Konto bei {site}",
        text: "jemand hat uns gesagt, dass Ihr Konto bei {site} vielleicht einem Kind gehört. {rule} Wir haben nichts geändert. Bitte antworten Sie auf diese E-Mail, Sie haben dafür {time} Zeit: Sind Sie {age} oder älter?",
        not_you: "Wenn ja, sagen Sie es einfach; einen Ausweis brauchen wir nicht. Wenn Sie jünger sind, sagen Sie auch das; dann schließen wir das Konto und löschen, was wir über Sie haben. Sie haben nichts falsch gemacht. Hören wir nichts, entscheidet jemand von uns nach dem, was wir sehen können.",
    },
    minor_confirmed: LetterWords {
        subject: "Ihr Konto bei {site} ist geschlossen und wird gelöscht",
        text: "wir haben erfahren, dass Ihr Konto bei {site} jemandem unter {age} Jahren gehört. {rule} Deshalb haben wir es geschlossen: Niemand kann sich mehr anmelden, und dies ist die letzte E-Mail an Sie.\n\nWir löschen Ihre E-Mail-Adresse, Ihren Benutzernamen, Ihre Passkeys, alle Links, die Besuche, von denen bekannt ist, dass sie Ihre sind, und alles andere im Konto, dazu den Schlüssel, ohne den niemand eine Kopie davon lesen kann. Das dauert höchstens {time}.\n\nDas bleibt: Besuche, bei denen niemand angemeldet war, mit einem Browser, von dem nicht bekannt ist, dass er nur Ihrer ist (jeder wird gelöscht, sobald er älter als {visits} ist); Ihre Antworten zu Cookies und Ähnlichem, unter einer zufälligen Nummer, die zu niemandem führt; und eine Notiz ohne Ihren Namen, dass ein solcher Fall abgeschlossen ist.",
        not_you: "Sie haben nichts falsch gemacht. Wenn wir uns irren, antworten Sie bald; Gelöschtes kommt nicht zurück, aber wer {age} ist, kann sich wieder registrieren, mit derselben Adresse.",
    },
    dependent_reported: LetterWords {
        subject: "Eine Meldung zu einem Konto bei {site}, um das Sie sich kümmern",
        text: "jemand hat uns gesagt, dass ein Konto bei {site} einem Kind gehört. Sie kümmern sich darum als Mutter, Vater oder Vormund, das ist also in \
               Ordnung, und wir haben nichts geändert. In Ihrem eigenen Konto können Sie es sehen und löschen:",
        not_you: "Wenn Sie sich um niemanden kümmern, schreiben Sie uns bitte.",
    },
    report_closed: LetterWords {
        subject: "Wir haben uns Ihre Meldung bei {site} angesehen",
        text: "Sie haben uns bei {site} von einem Konto erzählt, das vielleicht einem Kind gehört. Jemand von uns hat es sich angesehen, und die Sache ist \
               abgeschlossen. Damit niemand so etwas über andere herausfindet, sagen wir nicht, was wir gefunden haben oder ob es so ein Konto gab. Dies ist \
               die einzige E-Mail dazu.",
        not_you: "Wenn Sie uns nichts gemeldet haben, hat jemand aus Versehen Ihre Adresse angegeben, und Sie müssen nichts tun.",
    },
};
