use super::{
    ChoicesWords, CodeWords, ConfirmWords, EnterWords, EraseWords, GuardianWords, ListWords, NewWords, OneWords, OwnWords, Page,
    TakeUpWords,
};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: GuardianWords = GuardianWords {
    language: "de",
    list: ListWords {
        title: "Ihre Kinder",
        door: "Konten, die Sie als Elternteil oder Vormund angelegt haben, und ein neues für ein Kind",
        lead: "Sie können ein Konto für ein Kind anlegen, dessen Elternteil oder Vormund Sie sind. Sie entscheiden, was wir mit seinen Daten tun dürfen, Sie sehen alles, und Sie können alles löschen lassen. Werbung, Neuigkeiten und Persönliches bleiben für Kinder aus, was immer jemand wählt.",
        none: "Es gibt noch keine.",
        add: "Ein Konto für ein Kind anlegen",
        waiting: "Wartet auf Sie",
        open: "Offen",
        passes: Sentence("Es wird ab {day} sein eigenes."),
        back: "Alle Ihre Kinder",
    },
    new: NewWords {
        title: "Ein Konto für Ihr Kind",
        lead: "Wir speichern von Ihrem Kind einen Benutzernamen und sonst nichts: keine E-Mail-Adresse, keinen Namen, keinen Geburtstag.",
        question: "Wann ist Ihr Kind geboren?",
        not_kept: "Wir behalten diesen Monat nicht. Wir behalten das Vierteljahr, in dem das Konto an Ihr Kind übergeht.",
        no_such_month: "In diesem Monat ist niemand geboren. Bitte schreiben Sie Monat und Jahr in Zahlen.",
        says: "Mit dem Knopf sagen Sie, dass Sie Elternteil oder Vormund dieses Kindes sind, dass stimmt, was Sie geschrieben haben, und dass Sie einverstanden sind, dass wir dieses Konto führen.",
        button: "Konto anlegen",
        sent: Page {
            title: "Sehen Sie in Ihre Post",
            lead: "Wir fragen Sie noch einmal per E-Mail, damit niemand in Ihrem Namen ein Konto für ein Kind anlegt. Folgen Sie dem Link innerhalb von 24 Stunden. Bis dahin kann niemand das Konto benutzen, und danach ist es weg.",
        },
        of_age: Page {
            title: "Diese Person kann sich selbst registrieren",
            lead: "Wer damals geboren ist, ist alt genug für ein eigenes Konto. Wir haben nichts von dem behalten, was Sie geschrieben haben.",
        },
        too_many: Page {
            title: "Es sind schon zu viele",
            lead: "Sie sind für so viele Konten verantwortlich, wie es eine Person sein kann. Löschen Sie erst eines, oder schreiben Sie uns.",
        },
        not_you: Page {
            title: "Dieses Konto kann nicht für andere sorgen",
            lead: "Nur Erwachsene mit eigenem Konto und eigener E-Mail-Adresse können eines für ein Kind anlegen.",
        },
    },
    confirm: ConfirmWords {
        page: Page {
            title: "Ein letzter Schritt",
            lead: "Wenn Sie Elternteil oder Vormund dieses Kindes sind und das Konto möchten, drücken Sie den Knopf. Sie können das jederzeit auf der Seite Ihrer Kinder zurücknehmen.",
        },
        button: "Ja, Konto öffnen",
        done: Page {
            title: "Das Konto ist offen",
            lead: "Ihr Kind kann es jetzt benutzen. Auf der Seite Ihrer Kinder entscheiden Sie, was wir mit seinen Daten tun dürfen, und lassen sich einen Code zum Anmelden zeigen.",
        },
        dead: Page {
            title: "Dieser Link geht nicht mehr",
            lead: "Ein Link geht einmal, innerhalb von 24 Stunden. Wenn Sie ihn benutzt haben, ist das Konto offen. Sonst ist es weg, und Sie können neu anfangen.",
        },
    },
    one: OneWords {
        lead: "Sie sind für dieses Konto verantwortlich. Sie dürfen alles davon sehen und alles löschen.",
        waiting: "Wir haben Ihnen geschrieben. Niemand kann dieses Konto benutzen, bevor Sie dem Link in der E-Mail gefolgt sind; einen Tag nach dem Anlegen ist es weg.",
        passes: Sentence("Es wird ab {day} sein eigenes. Von da an sehen Sie nichts mehr davon."),
        sessions: "Angemeldete Browser",
        code: "Code zum Anmelden zeigen",
        code_how: "Ihr Kind schreibt ihn auf seinem eigenen Gerät. Dort kann es einen Passkey hinzufügen und braucht beim nächsten Mal keinen Code.",
        choices_how: "Was wir mit seinen Daten tun dürfen, Zweck für Zweck",
        export_how: "Alles, was wir über Ihr Kind haben, mit seinen Besuchen",
        erase_how: "Das Konto und alles darin",
        sign_out: "Überall abmelden",
        signed_out: "Ihr Kind ist überall abgemeldet.",
        send_again: "Den Brief noch einmal senden",
        sent_again: "Der Brief ist noch einmal unterwegs. Nur der Link im neuesten gilt.",
    },
    code: CodeWords {
        title: "Ein Code zum Anmelden",
        write_it: Sentence("Öffnen Sie auf dem Gerät Ihres Kindes {address} und schreiben Sie dort diesen Code:"),
        lasts: "Er geht einmal, 10 Minuten lang. Wer ihn hat, kann sich als Ihr Kind anmelden; zeigen Sie ihn also niemandem sonst.",
    },
    enter: EnterWords {
        title: "Mit einem Code anmelden",
        lead: "Ihre Eltern oder Ihr Vormund können auf der Seite ihres Kontos einen Code sehen. Schreiben Sie ihn hier.",
        field: "Code",
        wrong: "Dieser Code geht nicht. Ein Code geht einmal, 10 Minuten lang. Bitte sehen Sie noch einmal hin, oder lassen Sie sich einen neuen zeigen.",
        door: "Ein Elternteil oder Vormund hat Ihr Konto angelegt? Mit einem Code anmelden",
    },
    choices: ChoicesWords {
        title: "Was Sie für Ihr Kind erlauben",
        lead: "Ein Nein zählt sofort, wo immer Ihr Kind angemeldet ist. Ein Ja zählt, wenn es sich das nächste Mal anmeldet oder seine Auswahl öffnet. Sagt Ihr Kind nein, dann gilt das.",
        asked: "Das entscheiden Sie",
        nothing: "Diese Website fragt nichts, was Sie entscheiden könnten.",
        off: "Für Kinder aus",
        off_how: "Das ist Werbung oder auf eine Person zugeschnitten. Es bleibt aus, bis Ihr Kind volljährig ist, was immer jemand wählt.",
        child_refuses: "Ihr Kind hat dazu nein gesagt. Es bleibt aus, was immer Sie antworten, bis es das zurücknimmt.",
        saved: "Gespeichert.",
        unsaved: Page {
            title: "Ihr Ja wurde nicht gespeichert",
            lead: "Bei uns geht etwas nicht. Wozu Sie nein gesagt haben, zählt trotzdem. Bitte versuchen Sie es in einigen Minuten noch einmal.",
        },
    },
    erase: EraseWords {
        title: "Dieses Konto löschen",
        lead: "Das kann niemand rückgängig machen.",
        signed_out: "Ihr Kind wird sofort überall abgemeldet.",
        gone: "Wir löschen innerhalb von 24 Stunden den Benutzernamen, die Passkeys und wessen Auswahl es war.",
        letter: "Sie bekommen eine E-Mail darüber.",
        go_on: "Weiter",
        sure: Page { title: "Sind Sie sicher?", lead: "Das Konto Ihres Kindes wird gelöscht, und nichts bringt es zurück." },
        button: "Löschen",
        keep: "Behalten",
        done: Page { title: "Das Konto ist geschlossen", lead: "Ihr Kind ist überall abgemeldet, und was wir haben, wird gelöscht." },
    },
    own: OwnWords {
        guarded: "Ein Elternteil oder Vormund hat dieses Konto für Sie angelegt. Diese Person sieht alles darin, entscheidet, was wir mit Ihren Daten tun dürfen, und kann es löschen. Sie können selbst zu allem nein sagen und das Konto löschen.",
        passed: "Dieses Konto gehört jetzt Ihnen: Niemand sonst sieht es mehr. Geben Sie ihm innerhalb von 90 Tagen eine eigene E-Mail-Adresse, sonst wird es gelöscht.",
        no_email: Page {
            title: "Dieses Konto hat keine E-Mail-Adresse",
            lead: "Es kommt ohne aus, bis Sie alt genug sind, selbst dafür zu sorgen. Dann fragen wir Sie.",
        },
        prove: "Melden Sie sich erst noch einmal an: mit einem Passkey oder einem neuen Code von Ihren Eltern oder Ihrem Vormund.",
        with_guardian: "Die Konten, für die Sie verantwortlich sind, werden zusammen mit Ihrem gelöscht.",
        to_guardian: "Ihre Eltern oder Ihr Vormund bekommen eine E-Mail darüber.",
        by_code: "mit einem Code von einem Vormund",
    },
    take_up: TakeUpWords {
        title: "Dieses Konto zu Ihrem eigenen machen",
        lead: "Bis jetzt haben Ihre Eltern oder Ihr Vormund für dieses Konto gesorgt. Von nun an tun Sie es: Wählen Sie die E-Mail-Adresse, mit der Sie sich anmelden. Was für Sie erlaubt wurde, endet, und Sie entscheiden neu. Passkeys werden entfernt, damit niemand sonst einen hat: Fügen Sie Ihre danach wieder hinzu.",
        says: "Mit dem Knopf sagen Sie, dass dieses Konto für Sie angelegt wurde und dass Sie das Alter haben, das unsere Erklärung verlangt.",
        send: "Link schicken",
        sent: Page {
            title: "Sehen Sie in Ihre Post",
            lead: "Wir haben an die angegebene Adresse geschrieben. Folgen Sie dem Link innerhalb von 24 Stunden, und das Konto gehört Ihnen.",
        },
        button: "Es gehört mir",
        dead: Page {
            title: "Dieser Link geht nicht mehr",
            lead: "Ein Link geht einmal, innerhalb von 24 Stunden, und nur der neueste. Melden Sie sich an, um einen anderen zu bekommen.",
        },
        taken: Page {
            title: "Zu dieser Adresse gibt es schon ein Konto",
            lead: "Eine Adresse kann ein Konto haben. Melden Sie sich an und wählen Sie eine andere Adresse.",
        },
    },
};
