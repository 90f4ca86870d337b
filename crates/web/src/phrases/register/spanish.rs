use super::{AgeWords, FormWords, Page, Problems, RegisterWords, SignInWords, Told};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: RegisterWords = RegisterWords {
    language: "es",
    account: "Cuenta",
    age: AgeWords {
        title: "Crear una cuenta",
        question: "¿Cuándo nació?",
        day: "Día",
        month: "Mes",
        year: "Año",
        not_kept: "No guardamos esta fecha.",
        go_on: "Seguir",
        no_such_day: "Nadie nació ese día. Escriba el día, el mes y el año, todo en números.",
        asked_again: "Ha pasado demasiado tiempo; responda otra vez, por favor.",
        refused: Page {
            title: "No podemos abrirle una cuenta",
            lead: "Gracias por responder. No hemos guardado nada de lo que escribió, y todo lo demás de este sitio sigue abierto para usted.",
        },
        refused_but_guardian: Page {
            title: "Pregunte a su padre, madre o tutor",
            lead: "Gracias por responder. No puede abrir una cuenta sin ayuda, pero su padre, su madre o su tutor pueden abrirle una: entran en la suya y la preparan con usted. No hemos guardado nada de lo que escribió.",
        },
    },
    form: FormWords {
        title: "Crear una cuenta",
        lead: "Guardamos dos cosas sobre usted: su correo electrónico y un nombre de usuario. No hay contraseña.",
        email: "Correo electrónico",
        email_how: "Enviamos allí un enlace. La cuenta es suya en cuanto lo abra y confirme.",
        username: "Nombre de usuario",
        username_how: Sentence(
            "De {least} a {most} letras y cifras, con puntos y guiones en medio si quiere. Otras personas pueden verlo, así que no hace falta que sea un nombre verdadero.",
        ),
        represents: "Al registrarse dice que la fecha de nacimiento que ha dado es la suya y es correcta.",
        from_policy: "Nuestra política dice sobre esto:",
        register: "Registrarse",
        have_one: "¿Ya tiene cuenta? Entrar",
        problem: "Todavía no se ha guardado nada. Revise lo que está marcado.",
    },
    problems: Problems {
        email_missing: "Escriba su correo electrónico.",
        email_too_long: Sentence("Es demasiado largo para una dirección de correo: caben {most} caracteres."),
        email_malformed: "Esto no es una dirección de correo. Una dirección se parece a anna@example.org.",
        email_domain: "No se puede enviar correo a lo que está después de la @.",
        username_length: Sentence("Un nombre de usuario tiene de {least} a {most} caracteres."),
        username_characters: "Un nombre de usuario se compone de letras y cifras. En medio puede haber puntos, guiones y guiones bajos.",
        username_mixed: "Aquí se mezclan letras de alfabetos que se parecen. Use letras de un solo alfabeto.",
        username_reserved: "Este nombre suena como si hablara por el sitio. Elija otro.",
        username_taken: "Alguien tiene este nombre, o uno que se ve igual. Elija otro.",
    },
    sign_in: SignInWords {
        title: "Entrar",
        lead: "Escriba el correo electrónico de su cuenta. Le enviaremos un enlace para entrar.",
        send: "Enviarme el enlace",
        new_here: "¿Aún no tiene cuenta? Cree una",
        signed_out: "Ha salido de su cuenta.",
        sign_out: "Salir",
    },
    told: Told {
        mailed_registration: Page {
            title: "Revise su correo",
            lead: "Hemos escrito a la dirección que dio. Abra el enlace del correo en un plazo de 24 horas y la cuenta es suya. Si no, después olvidamos lo que nos dio.",
        },
        mailed_sign_in: Page {
            title: "Revise su correo",
            lead: "Si hay una cuenta con esa dirección, le hemos enviado un enlace. Funciona una vez, durante 10 minutos.",
        },
        nothing_came: "¿No ha llegado nada? Espere un minuto, mire en el correo no deseado y compruebe que la dirección era correcta.",
        confirm: Page { title: "Un último paso", lead: "Pulse el botón y la cuenta es suya. Entrará en ella con este navegador." },
        confirm_button: "Crear mi cuenta",
        confirm_dead: Page {
            title: "Este enlace ya no funciona",
            lead: "Un enlace funciona una vez, durante 24 horas. Si ya lo usó, tiene una cuenta y puede entrar. Si no, regístrese otra vez.",
        },
        register_again: "Registrarse otra vez",
        username_lost: Page {
            title: "Alguien fue más rápido",
            lead: "Mientras miraba su correo, alguien eligió el nombre de usuario que usted quería. Elija otro y la cuenta es suya.",
        },
        username_lost_button: "Usar este nombre",
        email_lost: Page {
            title: "Ya tiene una cuenta",
            lead: "Hay una cuenta con su correo electrónico, así que no hemos creado otra. Entre en ella.",
        },
        follow: Page { title: "Entrar", lead: "Pulse el botón y entrará en su cuenta con este navegador." },
        follow_button: "Entrar",
        follow_dead: Page {
            title: "Este enlace ya no funciona",
            lead: "Un enlace funciona una vez, durante 10 minutos, y al usar uno los demás dejan de funcionar. Podemos enviarle otro.",
        },
        another_link: "Pedir otro enlace",
        signed_in: Page { title: "Ha entrado en su cuenta", lead: "Recuerde salir si usa un ordenador que también usan otras personas." },
        too_often: ("Demasiados intentos", Sentence("No se ha guardado nada. Espere {wait} e inténtelo de nuevo.")),
        too_much: Page {
            title: "Es demasiado largo",
            lead: "El formulario contenía más de lo que leemos, así que no se ha hecho nada. Vuelva atrás, acorte lo que ha escrito e inténtelo de nuevo.",
        },
        no_form: Page {
            title: "No hemos podido leerlo",
            lead: "Lo que ha llegado no es un formulario que podamos leer, así que no se ha hecho nada. Use el formulario de nuestra página.",
        },
        forged: Page {
            title: "Este formulario no vino de nuestra página",
            lead: "No pudimos saber si este formulario viene de nuestra propia página, así que no se ha hecho nada. Empiece aquí otra vez. Si vuelve a ocurrir, permita mientras tanto las cookies de este sitio.",
        },
        unavailable: Page {
            title: "Ahora mismo no podemos hacerlo",
            lead: "Algo no funciona de nuestro lado, y no se ha guardado nada. Inténtelo de nuevo en unos minutos.",
        },
        try_again: "Intentarlo de nuevo",
    },
};
