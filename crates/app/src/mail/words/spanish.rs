use super::{LetterWords, Words};

pub(super) static WORDS: Words = Words {
    language: "es",
    greeting: "Hola:",
    lasts: "El enlace funciona una sola vez, durante {time} desde que se pidió.",
    questions: "¿Tiene preguntas? Responda a este correo o escriba a {contact}.",
    accounts: "Las cuentas de este sitio son para personas de {age} años o más.",
    accounts_with_guardians: "Quien tiene menos de {age} años solo puede tener aquí una cuenta si la abre su madre, padre o tutor.",
    minutes: ("minuto", "minutos"),
    hours: ("hora", "horas"),
    days: ("día", "días"),
    confirm: LetterWords {
        subject: "Confirme su cuenta en {site}",
        text: "Alguien, seguramente usted, quiere registrarse en {site} con esta dirección de correo. Si fue usted, abra esta página y pulse el botón:",
        not_you: "Si no fue usted, no tiene que hacer nada. Sin el botón no se crea ninguna cuenta, y olvidamos esta dirección sin que usted haga nada.",
    },
    already_registered: LetterWords {
        subject: "Ya tiene una cuenta en {site}",
        text: "Alguien, seguramente usted, quiso registrarse en {site} con esta dirección de correo. Ya tiene una cuenta con ella, así que nada ha \
               cambiado. Aquí puede entrar:",
        not_you: "Si no fue usted, no tiene que hacer nada. No hemos dicho a nadie más que tiene una cuenta.",
    },
    sign_in: LetterWords {
        subject: "Su enlace para entrar en {site}",
        text: "Ha pedido un enlace para entrar en {site}. Abra esta página y pulse el botón:",
        not_you: "Si no fue usted, no haga nada y no dé el enlace a nadie: quien lo tenga puede entrar en su nombre.",
    },
    confirm_email: LetterWords {
        subject: "Confirme su nueva dirección de correo en {site}",
        text: "Alguien, seguramente usted, quiere usar esta dirección de correo para su cuenta en {site}. Si fue usted, abra esta página y pulse el botón:",
        not_you: "Si no fue usted, no tiene que hacer nada. La cuenta conserva entonces la dirección que tiene.",
    },
    email_changing: LetterWords {
        subject: "Su dirección de correo en {site} va a cambiar",
        text: "Alguien, seguramente usted, quiere otra dirección de correo para su cuenta en {site}. Hemos escrito a la nueva; solo cuando se confirme \
               ocupará el lugar de esta. Esta es su cuenta:",
        not_you: "Si no fue usted, puede que alguien haya entrado en su nombre. Abra su cuenta, cierre todas las sesiones y escríbanos.",
    },
    email_changed: LetterWords {
        subject: "Su dirección de correo en {site} ha cambiado",
        text: "Su cuenta en {site} tiene ahora otra dirección de correo. Este es el último correo a esta dirección. Si no fue usted quien la cambió, \
               deshaga el cambio en esta página:",
        not_you: "Si fue usted, no tiene que hacer nada.",
    },
    passkey_added: LetterWords {
        subject: "Se ha añadido una llave de acceso a su cuenta en {site}",
        text: "Se ha añadido una llave de acceso a su cuenta en {site}. Quien la tenga puede entrar en su nombre. Estas son sus \
               llaves de acceso:",
        not_you: "Si no fue usted, quítela allí, cierre todas las sesiones y escríbanos.",
    },
    passkey_copied: LetterWords {
        subject: "Hemos rechazado una de sus llaves de acceso en {site}",
        text: "Alguien quiso entrar en {site} con una de sus llaves de acceso, pero puede que haya una copia de ella, así que no le \
               hemos dejado entrar. Quítela y añada otra. Estas son sus llaves de acceso:",
        not_you: "Si fue usted, puede que su dispositivo se haya restablecido o restaurado. Si no, alguien ha tenido acceso a su \
               dispositivo o a su copia de seguridad.",
    },
    closed: LetterWords {
        subject: "Su cuenta en {site} está cerrada",
        text: "Su cuenta en {site} está cerrada. Nadie puede entrar ya en ella, y lo que guardamos de ella se está borrando.",
        not_you: "Si usted no lo quería, escríbanos pronto.",
    },
    confirm_dependent: LetterWords {
        subject: "Confirme la cuenta de su hijo o hija en {site}",
        text: "Usted, o alguien que ha entrado en su nombre, quiere abrir una cuenta en {site} para un menor. Antes de que nadie pueda usarla, le preguntamos otra vez. Si es madre, padre o tutor de este menor y quiere la cuenta, abra esta página y pulse el botón:",
        not_you: "Si no fue usted, no haga nada: sin el botón la cuenta desaparece por sí sola. Después cierre todas las sesiones en la página de su cuenta y escríbanos.",
    },
    dependent_confirmed: LetterWords {
        subject: "Ha abierto una cuenta para un menor en {site}",
        text: "Ayer confirmó una cuenta para un menor en {site}. Usted decide qué podemos hacer con sus datos, los ve todos y puede hacer que se borren en cualquier momento. Aquí lo hace, y aquí retira su consentimiento:",
        not_you: "Si no fue usted, borre allí la cuenta, cierre todas las sesiones y escríbanos.",
    },
    dependent_closed: LetterWords {
        subject: "Una cuenta de la que es responsable en {site} está cerrada",
        text: "Una cuenta de {site} de la que usted es responsable está cerrada. Nadie puede entrar ya en ella, y lo que guardamos de ella se está borrando. Estas son las cuentas de las que es responsable:",
        not_you: "Si ni usted ni el menor lo querían, escríbanos pronto.",
    },
    dependent_passes: LetterWords {
        subject: "Una cuenta de la que es responsable en {site} pasa pronto a su hijo o hija",
        text: "Dentro de un mes, más o menos, una cuenta de {site} de la que usted es responsable pasa a la persona para la que la abrió, porque alcanza la mayoría de edad. Desde entonces usted no verá nada de ella ni podrá darle un código para entrar. Asegúrese de que tenga una llave de acceso o una sesión abierta ese día: se le pedirá una dirección de correo propia y, si no hace suya la cuenta, se borra a los 90 días. Estas son las cuentas de las que es responsable:",
        not_you: "No tiene que hacer nada más.",
    },
    dependent_passed: LetterWords {
        subject: "Una cuenta de {site} ya no está a su cargo",
        text: "Una cuenta de {site} de la que usted era responsable pertenece ahora a la persona para la que la abrió, porque ha alcanzado la mayoría de edad. Usted ya no ve nada de ella, y nada de lo que permitió se usa más allá de lo que valía para un menor. Si no la hace suya en un plazo de 90 días, se borra.",
        not_you: "No tiene que hacer nada.",
    },
    take_up: LetterWords {
        subject: "Haga suya su cuenta en {site}",
        text: "Quiere usar esta dirección de correo para su cuenta en {site}, que su madre, padre o tutor abrió para usted. Abra esta página y pulse el botón:",
        not_you: "Si no fue usted, no tiene que hacer nada. La cuenta sigue entonces esperando a su titular.",
    },
    minor_asked: LetterWords {
        subject: "Una pregunta sobre su cuenta en {site}",
        text: "Alguien nos ha dicho que su cuenta en {site} podría ser de un menor. {rule} No hemos cambiado nada. Conteste a este correo en un plazo de {time}, por favor: ¿tiene {age} años o más?",
        not_you: "Si es así, basta con que lo diga; no queremos documentos. Si tiene menos, dígalo, y cerramos la cuenta y borramos lo que tenemos de usted. No ha hecho nada malo. Si no responde, una persona de nuestro equipo decide según lo que podemos ver.",
    },
    minor_confirmed: LetterWords {
        subject: "Su cuenta en {site} está cerrada y se borrará",
        text: "Hemos sabido que su cuenta en {site} es de alguien que tiene menos de {age} años. {rule} Por eso la hemos cerrado: nadie puede entrar en ella, y este es el último correo que recibe.\n\nEn un plazo de {time} borramos su correo electrónico, su nombre de usuario, sus llaves de acceso, todos los enlaces, las visitas que se sabe que son suyas y todo lo demás que hay en la cuenta, y con ello la clave sin la que nadie puede leer una copia.\n\nQueda esto: visitas sin sesión abierta desde un navegador del que no se sabe que sea solo suyo (cada una se borra pasado este plazo: {visits}); sus respuestas sobre cookies y cosas parecidas, con un número al azar que no lleva a nadie; y una nota, sin su nombre, de que se cerró un caso como este.",
        not_you: "No ha hecho nada malo. Si nos equivocamos, conteste pronto; lo borrado no se puede recuperar, pero quien tenga {age} años puede volver a registrarse con la misma dirección.",
    },
    dependent_reported: LetterWords {
        subject: "Un aviso sobre una cuenta de la que usted se ocupa en {site}",
        text: "Alguien nos ha dicho que una cuenta en {site} es de un menor. Usted se ocupa de ella como madre, padre o tutor, así que está bien, y no hemos \
               cambiado nada. Puede verla, y borrarla, desde su propia cuenta:",
        not_you: "Si no se ocupa de nadie, escríbanos, por favor.",
    },
    report_closed: LetterWords {
        subject: "Hemos mirado lo que nos dijo en {site}",
        text: "Nos avisó en {site} de una cuenta que podría ser de un menor. Una persona de nuestro equipo lo ha mirado y el asunto está cerrado. Para que nadie \
               averigüe así cosas de otros, no decimos qué encontramos ni si había tal cuenta. Este es el único correo sobre ello.",
        not_you: "Si no nos dijo nada, alguien escribió su dirección por error y no tiene que hacer nada.",
    },
};
