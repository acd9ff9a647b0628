"""The words of the voice menu, in the Spanish they are spoken in; the office's own texts of the same key come first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SPOKEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "voz_saludo": "Coordinación Ejecutiva de Atención Ciudadana, Gobierno del Estado de Sonora. Si es una "
        "emergencia, cuelgue y marque 9 1 1.",
        "voz_aviso": "Sus datos se usarán sólo para atender su solicitud; el aviso de privacidad está en nuestra "
        "página de internet.",
        "voz_grabacion": "Esta llamada se graba para dar seguimiento a su solicitud. Si no lo desea, dígalo a la "
        "persona que le atienda.",
        "voz_menu": "Para registrar una petición nueva, marque 1. Para conocer el estado de un folio, marque "
        "2. Para hablar con una persona, marque 0. Para escuchar de nuevo, marque 9.",
        "voz_folio": "Marque los números de su folio, comenzando por el año, y al terminar la tecla de gato. "
        "Para hablar con una persona, marque 0 y la tecla de gato.",
        "voz_folio_ilegible": "No reconocimos ese folio.",
        "voz_digitos": "Ahora marque los últimos cuatro dígitos del teléfono que dejó al registrar su petición.",
        "voz_folio_mas": "Para consultar otro folio, marque 2. Para hablar con una persona, marque 0. Si no "
        "necesita nada más, puede colgar.",
        "voz_siguiente": "Usted es la siguiente persona en la fila.",
        "voz_lugar": "Su lugar en la fila es el {posicion}.",
        "voz_minuto": "El tiempo aproximado de espera es de un minuto.",
        "voz_minutos": "El tiempo aproximado de espera es de {minutos} minutos.",
        "voz_en_espera": "En un momento le atendemos. Por favor, siga en la línea.",
        "voz_espera_larga": "Agradecemos su paciencia. Seguimos atendiendo a otras personas.",
        "voz_opciones": "Para que le llamemos sin perder su lugar, marque 1. Para dejar un mensaje, marque 2. "
        "Para seguir en espera, no oprima ninguna tecla.",
        "voz_opciones_sin_numero": "Para dejar un mensaje, marque 2. Para seguir en espera, no oprima ninguna tecla.",
        "voz_comunicando": "Un momento, por favor. Le estamos comunicando.",
        "voz_otra_persona": "Le comunicamos con otra persona. No necesita repetir su información. Por favor, no "
        "cuelgue.",
        "voz_disculpa_espera": "Disculpe: no pudimos comunicarle. Deje su mensaje y le llamaremos.",
        "voz_devolucion": "Le llamaremos al número del que nos marca en cuanto llegue su turno. No pierde su lugar. "
        "Gracias por llamar.",
        "voz_devolucion_cerrado": "Le llamaremos al número del que nos marca en cuanto abra la oficina. Gracias por "
        "llamar.",
        "fuera_de_horario": "Gracias por llamar. En este momento la oficina está cerrada. Si se trata de una "
        "emergencia, cuelgue y marque 9 1 1.",
        "voz_cerrado_folio": "Para dejar un mensaje de voz, marque 1. Para conocer el estado de un folio, marque 2.",
        "voz_cerrado_mensaje": "Para dejar un mensaje de voz, marque 1.",
        "voz_cerrado_devolucion": "Para que le llamemos cuando abra la oficina, marque 3.",
        "voz_repetir": "Para escuchar de nuevo, marque 9.",
        "voz_buzon": "Después del tono, diga su nombre, su teléfono y su mensaje. Al terminar, oprima la tecla "
        "de gato o cuelgue.",
        "voz_buzon_silencio": "No escuchamos su mensaje.",
        "voz_buzon_gracias": "Su mensaje quedó guardado. Una persona le responderá. Gracias por llamar.",
        "voz_despedida": "Gracias por llamar. Le deseamos un excelente día.",
    }
)
"""What a caller hears. Each may be replaced by the office, on screen."""
FIXED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "voz_falla": "Disculpe. En este momento tenemos una falla y no podemos comunicarle. Si se trata de una "
        "emergencia, cuelgue y marque 9 1 1. Si lo desea, deje su mensaje y le llamaremos.",
        "voz_colgo": "La persona que llamaba ya colgó.",
        "voz_no_marcado": "No fue posible marcar ese número.",
    }
)
"""What is said when the house cannot be asked for its words, and to people of the office."""
LONGEST: Final = 3_000
"""Characters of one text; the provider speaks no more than 4,096."""
_BLANK = re.compile(r"\{(\w+)\}")


def words(texts: Mapping[str, str], key: str, **values: str) -> str:
    """Return what is said under a key: the office's text when it has one without open blanks, else ours."""
    own = texts.get(key, "").strip()
    if own:
        filled = _fill(own, values)
        if filled is not None:
            return filled[:LONGEST]
    return _fill(SPOKEN.get(key, ""), values) or ""


def _fill(text: str, values: Mapping[str, str]) -> str | None:
    names = set(_BLANK.findall(text))
    if names - set(values):
        return None
    return _BLANK.sub(lambda match: values[match[1]], text)
