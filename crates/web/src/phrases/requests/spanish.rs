use super::{MinorWords, Problems, ProgressWords, RequestWords, Sent};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: RequestWords = RequestWords {
    language: "es",
    title: "Pedirnos o decirnos algo",
    door: "Avisar de la cuenta de un menor",
    door_how: "Díganos si cree que una cuenta es de alguien demasiado joven para tenerla.",
    anything_else: "Para todo lo demás, escriba a",
    nothing_here: "Aquí todavía no hay ningún formulario.",
    minor: MinorWords {
        title: "Avisar de la cuenta de un menor",
        lead: Sentence(
            "Las cuentas de este sitio son para personas de {age} años o más. ¿Cree que una es de un menor? Díganoslo y una persona de nuestro equipo lo mirará.",
        ),
        lead_with_guardians: Sentence(
            "Aquí abren cuentas las personas de {age} años o más, y una madre, un padre o un tutor puede abrir una para un menor. ¿Cree que un menor ha abierto una sin ellos? Díganoslo y alguien de nuestro equipo lo mirará.",
        ),
        about: "¿Qué cuenta es?",
        about_how: "El nombre de usuario o el correo electrónico de la cuenta, o la dirección de una página escrita con ella.",
        message: "¿Por qué lo cree?",
        message_how: "Si quiere. No nos cuente del menor más de lo necesario: ni nombre completo, ni escuela, ni fotos.",
        email: "Su correo electrónico",
        email_how: "Solo si quiere que le avisemos cuando lo hayamos mirado.",
        trap: "Deje este campo vacío",
        send: "Enviar el aviso",
        next_title: "Qué pasa después",
        next: [
            "Una persona mira su aviso. Por sí solo no cambia nada, y no decimos a nadie que fue usted.",
            "Si la cuenta es de un menor, la cerramos de inmediato y borramos sus datos.",
            "Puede ver hasta dónde hemos llegado. Para que nadie espíe así a otros, no decimos si existe tal cuenta ni qué encontramos.",
        ],
        next_with_guardians: "Si un menor tiene la cuenta sin su madre, padre o tutor, la cerramos enseguida y borramos sus datos. Si la abrió su madre, padre o tutor, se queda.",
    },
    problems: Problems {
        look: "Todavía no se ha enviado nada. Revise lo que está marcado, por favor.",
        about_missing: "Escriba a qué cuenta se refiere, por favor.",
        too_long: Sentence("Es demasiado largo: caben {most} caracteres."),
        trapped: "Los programas rellenan este campo y las personas no lo ven. Si usted es una persona, vacíelo y envíe otra vez, por favor.",
    },
    sent: Sent {
        title: "Gracias. Tenemos su aviso",
        lead: "Una persona lo mirará. Hasta entonces no cambia nada.",
        keep: "En esta dirección puede ver hasta dónde hemos llegado. Nadie más la conoce, así que guárdela si quiere volver:",
    },
    progress: ProgressWords {
        title: "Su aviso",
        made: Sentence("Lo envió el {day}."),
        received: "Recibido",
        looked_at: "Lo estamos mirando",
        closed: "Cerrado",
        received_how: "Lo tenemos. Una persona lo mirará.",
        looked_at_how: "Una persona está con ello.",
        closed_how: "Una persona lo ha mirado. No tiene que hacer nada más.",
        now: "está aquí ahora",
        why_no_more: "Para que nadie averigüe así cosas de otros, no decimos qué encontramos ni si existe tal cuenta.",
    },
    too_often: ("Demasiados intentos", Sentence("No se ha enviado nada. Espere {wait} e inténtelo de nuevo, o escríbanos por correo.")),
    unavailable: (
        "Ahora mismo no podemos hacerlo",
        "Algo no funciona de nuestro lado y no se ha enviado nada. Inténtelo de nuevo en unos minutos, por favor.",
    ),
    unknown: ("No conocemos ese aviso", "Quizá la dirección esté incompleta. Los avisos cerrados hace mucho se borran."),
};
