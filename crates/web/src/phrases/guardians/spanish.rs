use super::{
    ChoicesWords, CodeWords, ConfirmWords, EnterWords, EraseWords, GuardianWords, ListWords, NewWords, OneWords, OwnWords, Page,
    TakeUpWords,
};
use crate::phrases::catalogue::Sentence;

pub(super) static WORDS: GuardianWords = GuardianWords {
    language: "es",
    list: ListWords {
        title: "Sus hijos e hijas",
        door: "Cuentas que abrió como madre, padre o tutor, y una nueva para un menor",
        lead: "Puede abrir una cuenta para un menor de quien sea madre, padre o tutor. Usted decide qué podemos hacer con sus datos, los ve todos y puede hacer que se borren. La publicidad, las noticias y el contenido personalizado están apagados para los menores, se elija lo que se elija.",
        none: "Todavía no hay ninguna.",
        add: "Abrir una cuenta para un menor",
        waiting: "Le espera",
        open: "Abierta",
        passes: Sentence("Pasa a ser suya el {day}."),
        back: "Todos sus hijos e hijas",
    },
    new: NewWords {
        title: "Una cuenta para su hijo o hija",
        lead: "Guardamos un nombre de usuario de su hijo o hija y nada más: ni correo, ni nombre, ni cumpleaños.",
        question: "¿Cuándo nació su hijo o hija?",
        not_kept: "No guardamos este mes. Guardamos el trimestre en que la cuenta pasa a ser de su hijo o hija.",
        no_such_month: "Ese no es un mes en que alguien haya nacido. Escriba el mes y el año en números.",
        says: "Al pulsar el botón declara que es madre, padre o tutor legal de este menor, que lo que escribió es correcto y que acepta que llevemos esta cuenta.",
        button: "Abrir la cuenta",
        sent: Page {
            title: "Mire su correo",
            lead: "Le preguntamos otra vez por correo, para que nadie abra en su nombre una cuenta para un menor. Siga el enlace en 24 horas. Hasta entonces nadie puede usar la cuenta, y después desaparece.",
        },
        of_age: Page {
            title: "Puede registrarse por su cuenta",
            lead: "Quien nació entonces tiene edad para abrir una cuenta propia. No hemos guardado nada de lo que escribió.",
        },
        too_many: Page {
            title: "Ya hay demasiadas",
            lead: "Es tutor de tantas cuentas como puede serlo una persona. Borre una primero o escríbanos.",
        },
        not_you: Page {
            title: "Esta cuenta no puede cuidar de otras",
            lead: "Solo una persona adulta con cuenta y correo propios puede abrir una para un menor.",
        },
    },
    confirm: ConfirmWords {
        page: Page {
            title: "Un último paso",
            lead: "Si es madre, padre o tutor de este menor y quiere la cuenta, pulse el botón. Puede retirarlo en cualquier momento en la página de sus hijos e hijas.",
        },
        button: "Sí, abrir la cuenta",
        done: Page {
            title: "La cuenta está abierta",
            lead: "Su hijo o hija ya puede usarla. En la página de sus hijos e hijas decide qué podemos hacer con sus datos y puede ver un código con el que inicia sesión.",
        },
        dead: Page {
            title: "Este enlace ya no funciona",
            lead: "Un enlace funciona una vez, en 24 horas. Si lo usó, la cuenta está abierta. Si no, ha desaparecido y puede empezar de nuevo.",
        },
    },
    one: OneWords {
        lead: "Usted es tutor de esta cuenta. Puede verla toda y borrarla.",
        waiting: "Le hemos escrito. Nadie puede usar esta cuenta antes de que siga el enlace del correo; un día después de crearla, desaparece.",
        passes: Sentence("Pasa a ser suya el {day}. Desde entonces usted no ve nada de ella."),
        sessions: "Sesiones abiertas en navegadores",
        code: "Mostrar un código para iniciar sesión",
        code_how: "Su hijo o hija lo escribe en su propio dispositivo. Allí puede añadir una llave de acceso y la próxima vez no necesita código.",
        choices_how: "Qué podemos hacer con sus datos, finalidad por finalidad",
        export_how: "Todo lo que guardamos de su hijo o hija, con sus visitas",
        erase_how: "La cuenta y todo lo que contiene",
        sign_out: "Cerrar todas sus sesiones",
        signed_out: "Se cerraron todas sus sesiones.",
        send_again: "Enviar el correo otra vez",
        sent_again: "El correo va otra vez de camino. Solo vale el enlace del más reciente.",
    },
    code: CodeWords {
        title: "Un código para iniciar sesión",
        write_it: Sentence("En el dispositivo de su hijo o hija, abra {address} y escriba allí este código:"),
        lasts: "Funciona una vez, durante 10 minutos. Quien lo tenga puede iniciar sesión como su hijo o hija, así que no se lo enseñe a nadie más.",
    },
    enter: EnterWords {
        title: "Iniciar sesión con un código",
        lead: "Su madre, padre o tutor puede ver un código en la página de su cuenta. Escríbalo aquí.",
        field: "Código",
        wrong: "Este código no funciona. Un código funciona una vez, durante 10 minutos. Mírelo otra vez o pida uno nuevo.",
        door: "¿Su madre, padre o tutor abrió su cuenta? Inicie sesión con un código",
    },
    choices: ChoicesWords {
        title: "Lo que permite para su hijo o hija",
        lead: "Un no cuenta enseguida, donde sea que su hijo o hija tenga sesión. Un sí cuenta la próxima vez que inicie sesión o abra sus opciones. Si su hijo o hija dice que no, su no se respeta.",
        asked: "Usted decide",
        nothing: "Este sitio no pregunta nada que usted pueda decidir.",
        off: "Apagado para menores",
        off_how: "Es publicidad o está hecho a la medida de una persona. Sigue apagado hasta que su hijo o hija sea mayor de edad, se elija lo que se elija.",
        child_refuses: "Su hijo o hija dijo que no. Sigue apagado, responda lo que responda, hasta que lo retire.",
        saved: "Guardado.",
        unsaved: Page {
            title: "Su sí no se guardó",
            lead: "Algo nuestro no funciona. Lo que rechazó cuenta igualmente. Inténtelo de nuevo en unos minutos.",
        },
    },
    erase: EraseWords {
        title: "Borrar esta cuenta",
        lead: "No se puede deshacer.",
        signed_out: "Se cierran enseguida todas las sesiones de su hijo o hija.",
        gone: "Borramos en 24 horas el nombre de usuario, las llaves de acceso y de quién eran las opciones.",
        letter: "Recibirá un correo al respecto.",
        go_on: "Continuar",
        sure: Page { title: "¿Está seguro?", lead: "La cuenta de su hijo o hija se borra y nada la recupera." },
        button: "Borrarla",
        keep: "Conservarla",
        done: Page {
            title: "La cuenta está cerrada",
            lead: "Se cerraron todas las sesiones de su hijo o hija, y lo que guardamos se está borrando.",
        },
    },
    own: OwnWords {
        guarded: "Su madre, padre o tutor abrió esta cuenta para usted. Ve todo lo que hay en ella, decide qué podemos hacer con sus datos y puede borrarla. Usted puede decir que no a todo y borrar la cuenta.",
        passed: "Esta cuenta ya es suya: nadie más la ve. Dele una dirección de correo propia en 90 días, o se borra.",
        no_email: Page {
            title: "Esta cuenta no tiene dirección de correo",
            lead: "No la necesita hasta que tenga edad para cuidar de ella. Entonces se la pedimos.",
        },
        prove: "Primero inicie sesión de nuevo: con una llave de acceso o con un código nuevo de su madre, padre o tutor.",
        with_guardian: "Las cuentas de las que es tutor se borran junto con la suya.",
        to_guardian: "Su madre, padre o tutor recibe un correo al respecto.",
        by_code: "con un código de un tutor",
    },
    take_up: TakeUpWords {
        title: "Haga suya esta cuenta",
        lead: "Su madre, padre o tutor cuidaba de esta cuenta hasta ahora. Desde ahora lo hace usted: elija la dirección de correo con la que inicia sesión. Lo que permitieron por usted termina, y usted decide de nuevo. Las llaves de acceso se quitan, para que nadie más tenga una: añada después las suyas.",
        says: "Al pulsar el botón declara que es la persona para la que se abrió esta cuenta y que tiene la edad que pide nuestra política.",
        send: "Envíeme el enlace",
        sent: Page {
            title: "Mire su correo",
            lead: "Hemos escrito a la dirección que dio. Siga el enlace en 24 horas, y la cuenta es suya.",
        },
        button: "Hacerla mía",
        dead: Page {
            title: "Este enlace ya no funciona",
            lead: "Un enlace funciona una vez, en 24 horas, y solo el más reciente. Inicie sesión en su cuenta para pedir otro.",
        },
        taken: Page {
            title: "Esta dirección ya tiene una cuenta",
            lead: "Una dirección puede tener una cuenta. Inicie sesión y elija otra dirección.",
        },
    },
};
