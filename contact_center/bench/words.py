"""What the bench's citizens say: everyday sentences of an everyday length, that neither ask for a folio nor ring."""

SENTENCES = (
    "Buenos días, en la colonia Prueba hay un bache muy grande en la calle Ejemplo esquina con Muestra.",
    "Sí, entre Muestra y Ensayo, frente a la tienda.",
    "Ocupo una copia de mi acta de nacimiento, ¿la puedo sacar ahí con ustedes?",
    "Llevamos cuatro días sin agua en la comunidad y hay personas grandes.",
    "Muchas gracias, quedo pendiente.",
    "El alumbrado de la cuadra no sirve desde la semana pasada, ya lo reporté una vez.",
    "¿Me puede decir a qué hora abren la oficina y qué papeles tengo que llevar?",
    "Está bien.",
    "Mi mamá necesita el apoyo para el adulto mayor y no sabemos cómo hacer el trámite, ella no puede caminar mucho.",
    "Es la calle Ejemplo número 12, colonia Prueba, en Hermosillo.",
    "La escuela de mis hijos no tiene aire acondicionado y con este calor los niños no pueden estudiar.",
    "Gracias, ¿cuánto tiempo tarda?",
)


def sentence(number: int) -> str:
    return SENTENCES[number % len(SENTENCES)]
