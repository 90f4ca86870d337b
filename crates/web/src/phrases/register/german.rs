use super::{AgeWords, FormWords, Page, Problems, RegisterWords, SignInWords, Told};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: RegisterWords = RegisterWords {
    language: "de",
    account: "Konto",
    age: AgeWords {
        title: "Ein Konto anlegen",
        question: "Wann wurden Sie geboren?",
        day: "Tag",
        month: "Monat",
        year: "Jahr",
        not_kept: "Wir behalten dieses Datum nicht.",
        go_on: "Weiter",
        no_such_day: "An diesem Tag wurde niemand geboren. Bitte schreiben Sie Tag, Monat und Jahr, alles in Zahlen.",
        asked_again: "Es ist zu viel Zeit vergangen; bitte antworten Sie noch einmal.",
        refused: Page {
            title: "Wir können Ihnen kein Konto anlegen",
            lead: "Danke für Ihre Antwort. Wir haben nichts von dem behalten, was Sie geschrieben haben, und alles andere auf dieser Website steht Ihnen offen wie bisher.",
        },
        refused_but_guardian: Page {
            title: "Fragen Sie Ihre Eltern oder Ihren Vormund",
            lead: "Danke für Ihre Antwort. Allein können Sie kein Konto anlegen, aber Ihre Eltern oder Ihr Vormund können es für Sie tun: Wer von ihnen hier ein Konto hat, meldet sich an und richtet Ihres mit Ihnen ein. Wir haben nichts von dem behalten, was Sie geschrieben haben.",
        },
    },
    form: FormWords {
        title: "Ein Konto anlegen",
        lead: "Wir speichern zwei Dinge über Sie: Ihre E-Mail-Adresse und einen Benutzernamen. Ein Passwort gibt es nicht.",
        email: "E-Mail-Adresse",
        email_how: "Dorthin schicken wir einen Link. Das Konto gehört Ihnen, sobald Sie ihn geöffnet und bestätigt haben.",
        username: "Benutzername",
        username_how: Sentence(
            "{least} bis {most} Buchstaben und Ziffern, dazwischen Punkte und Bindestriche, wenn Sie mögen. Andere können ihn sehen; es muss also kein richtiger Name sein.",
        ),
        represents: "Mit der Registrierung sagen Sie, dass das angegebene Geburtsdatum Ihr eigenes ist und stimmt.",
        from_policy: "Unsere Erklärung sagt dazu:",
        register: "Registrieren",
        have_one: "Sie haben ein Konto? Anmelden",
        problem: "Noch wurde nichts gespeichert. Bitte sehen Sie sich noch einmal an, was markiert ist.",
    },
    problems: Problems {
        email_missing: "Bitte schreiben Sie Ihre E-Mail-Adresse.",
        email_too_long: Sentence("Das ist zu lang für eine E-Mail-Adresse: Platz ist für {most} Zeichen."),
        email_malformed: "Das ist keine E-Mail-Adresse. Eine sieht aus wie anna@example.org.",
        email_domain: "An das, was nach dem @ steht, kann keine E-Mail geschickt werden.",
        username_length: Sentence("Ein Benutzername hat {least} bis {most} Zeichen."),
        username_characters: "Ein Benutzername besteht aus Buchstaben und Ziffern. Punkte, Binde- und Unterstriche dürfen dazwischen stehen.",
        username_mixed: "Hier mischen sich Buchstaben aus verschiedenen Alphabeten, die einander ähnlich sehen. Bitte nehmen Sie alle aus einem Alphabet.",
        username_reserved: "Dieser Name klingt, als spräche er für die Website. Bitte wählen Sie einen anderen.",
        username_taken: "Jemand hat diesen Namen oder einen, der genauso aussieht. Bitte wählen Sie einen anderen.",
    },
    sign_in: SignInWords {
        title: "Anmelden",
        lead: "Schreiben Sie die E-Mail-Adresse Ihres Kontos. Wir schicken Ihnen einen Link, der Sie anmeldet.",
        send: "Link schicken",
        new_here: "Noch kein Konto? Eines anlegen",
        signed_out: "Sie sind abgemeldet.",
        sign_out: "Abmelden",
    },
    told: Told {
        mailed_registration: Page {
            title: "Sehen Sie in Ihrem Postfach nach",
            lead: "Wir haben an die angegebene Adresse geschrieben. Öffnen Sie den Link in der E-Mail innerhalb von 24 Stunden, und das Konto gehört Ihnen. Sonst vergessen wir danach, was Sie uns gegeben haben.",
        },
        mailed_sign_in: Page {
            title: "Sehen Sie in Ihrem Postfach nach",
            lead: "Wenn es zu dieser Adresse ein Konto gibt, haben wir einen Link dorthin geschickt. Er gilt einmal, 10 Minuten lang.",
        },
        nothing_came: "Nichts gekommen? Warten Sie eine Minute, sehen Sie im Spam-Ordner nach und prüfen Sie, ob die Adresse stimmte.",
        confirm: Page {
            title: "Ein letzter Schritt",
            lead: "Drücken Sie auf den Knopf, und das Konto gehört Ihnen. Sie sind dann hier angemeldet.",
        },
        confirm_button: "Mein Konto anlegen",
        confirm_dead: Page {
            title: "Dieser Link gilt nicht mehr",
            lead: "Ein Link gilt einmal, 24 Stunden lang. Wenn Sie ihn benutzt haben, haben Sie ein Konto und können sich anmelden. Sonst registrieren Sie sich noch einmal.",
        },
        register_again: "Noch einmal registrieren",
        username_lost: Page {
            title: "Jemand war schneller",
            lead: "Während Sie im Postfach nachsahen, hat jemand den gewünschten Benutzernamen genommen. Wählen Sie einen anderen, und das Konto gehört Ihnen.",
        },
        username_lost_button: "Diesen Namen nehmen",
        email_lost: Page {
            title: "Sie haben schon ein Konto",
            lead: "Zu Ihrer E-Mail-Adresse gibt es ein Konto; wir haben kein zweites angelegt. Melden Sie sich dort an.",
        },
        follow: Page { title: "Anmelden", lead: "Drücken Sie auf den Knopf, und Sie sind mit diesem Browser angemeldet." },
        follow_button: "Anmelden",
        follow_dead: Page {
            title: "Dieser Link gilt nicht mehr",
            lead: "Ein Link gilt einmal, 10 Minuten lang, und sobald Sie einen benutzt haben, gelten die anderen nicht mehr. Wir können Ihnen einen anderen schicken.",
        },
        another_link: "Einen anderen Link holen",
        signed_in: Page {
            title: "Sie sind angemeldet",
            lead: "Denken Sie daran, sich an einem Computer abzumelden, den auch andere benutzen.",
        },
        too_often: (
            "Das waren zu viele Versuche",
            Sentence("Es wurde nichts gespeichert. Bitte warten Sie {wait} und versuchen Sie es noch einmal."),
        ),
        too_much: Page {
            title: "Das war zu viel",
            lead: "Das Formular enthielt mehr, als wir lesen, und deshalb ist nichts geschehen. Bitte gehen Sie zurück, kürzen Sie Ihren Text und versuchen Sie es noch einmal.",
        },
        no_form: Page {
            title: "Das konnten wir nicht lesen",
            lead: "Was hier ankam, ist kein Formular, das wir lesen können, und deshalb ist nichts geschehen. Bitte benutzen Sie das Formular auf unserer Seite.",
        },
        forged: Page {
            title: "Dieses Formular kam nicht von unserer Seite",
            lead: "Wir konnten nicht erkennen, dass dieses Formular von unserer eigenen Seite kommt; darum wurde nichts getan. Bitte beginnen Sie hier noch einmal. Wenn es wieder geschieht, erlauben Sie solange Cookies dieser Website.",
        },
        unavailable: Page {
            title: "Das geht gerade nicht",
            lead: "Etwas bei uns funktioniert nicht, und es wurde nichts gespeichert. Bitte versuchen Sie es in einigen Minuten noch einmal.",
        },
        try_again: "Noch einmal versuchen",
    },
};
