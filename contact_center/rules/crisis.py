"""Words that may mean a life in danger: a rule that raises a flag and shows help. A person decides (DOMAIN §4, §2.9).

It prefers to ring once too often: "no me pega" still rings, since people in danger say it. What is left out on purpose
is only what plainly names something else ("me pega el sol") or says that an emergency is not one ("no es un incendio").
The text is read folded: no accents or case, look-alike letters, digits for letters, letters s p a c e d out, repeated
("suiciiidio") or cut by zero-width characters. Linear in the text, and bounded by `SCAN_MAX`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from contact_center.rules.model import CrisisKind
from contact_center.rules.textfold import fold_lookalikes

SCAN_MAX: Final = 64_000
"""Characters read from the start, and again from the end, of a text longer than both together."""

# Written without double letters: the text is read with every run of a letter as one ("ll" and "rr" too).
_LIFE: Final = (
    r"suicid\w*",
    r"no quiero (?:ya )?(?:seguir )?vivi(?:r|endo)",
    r"no quiero (?:ya )?(?:seguir|estar) (?:en este mundo|viv[oa]|con vida)",
    r"(?:no tengo|sin) (?:ganas|razon|razones|motivos?) (?:de|para) (?:seguir )?vivir",
    r"no vale la pena (?:seguir )?(?:vivir|viviendo)",
    r"(?:ya )?no aguanto (?:mas )?(?:la vida|vivir)",
    r"quitar(?:me|se)? la vida",
    r"quitarnos la vida",
    r"(?:acabar|terminar) con (?:mi|su|nuestra) vida",
    r"matarme",
    r"matarse",
    r"me (?:quiero|quisiera|voy a|pienso|podria|puedo) matar",
    r"(?:me )?(?:quiero|quisiera|prefiero|deseo) (?:ya )?(?:morir(?:me)?|estar muert[oa])",
    r"mejor (?:estar )?muert[oa]",
    r"cortarme las venas",
    r"me corte las venas",
    r"se (?:quiere|quiso|va a|intento) (?:matar|ahorcar|quitar la vida)",
    r"ahorcarme",
    r"ahorcarse",
    r"aventarme (?:de|del|al|a la|desde)",
    r"tirarme (?:de|del|desde) (?:un |el |la )?(?:puente|edificio|azotea|techo)",
    r"(?:tome|tomo|tomarme|tragarme|me voy a tomar) (?:todas )?(?:las|muchas|unas) pastilas",
    r"hacerme dano",
    r"lastimarme",
    r"autolesi\w+",
    r"sobredosis",
)
_HITS: Final = (
    r"peg(?:a|o|an|aba|aban|aron|ue)|golpe(?:a|o|an|aba|aban|aron)|amena[zs](?:a|o|an|aba|aban|aron)"
    r"|maltrat(?:a|o|an|aba|aron)|viol(?:a|o|an|aba|aron)|acuchil(?:o|aron)|apunal(?:o|aron)"
)
_VIOLENCE: Final = (
    rf"(?:me|nos) (?:{_HITS})(?! (?:el|la|un|mucho el) (?:sol|aire|calor|frio|viento|luz|lu[sz]))",
    rf"(?:le|les|la|lo) (?:{_HITS}) (?:a|mi|su|el|la|los|las|sus|mis|todos|diario|mucho)\b",
    rf"(?:papa|mama|esposo|marido|pareja|novio|padrastro|hijo|ex) (?:la|lo|le|les|los|las) (?:{_HITS})",
    r"(?:me|nos|la|lo|le|les) (?:esta|estan|estaba|estaban|sigue|siguen|anda|vive) "
    r"(?:pegando|golpeando|amena[zs]ando|maltratando|violando)",
    r"(?:me|nos|la|lo|las|los) (?:va|van|quiere|quieren|iba|iban|puede|pueden|vaya|intento|trato de) (?:a )?"
    r"matar(?:me|nos|la|lo)?",
    r"(?:va|van|quiere|quieren|amena[zs]a con|intento) (?:a )?matar(?:nos|la|lo)",
    r"amena[zs](?:a|o|an|aron|as) (?:de|con) (?:muerte|matar\w*)",
    r"miedo (?:de|a) que (?:me|nos|la|lo) (?:mate|pegue|golpe\w+)",
    r"violencia (?:familiar|intrafamiliar|domestica|de genero|sexual|fisica|contra)",
    r"abus(?:o|a|an|aron|aba|ado|ada) "
    r"(?:sexual\w*|de (?:un |una |el |la |mi |mis |los |las )?(?:menor\w*|nin[oa]s?|hij[oa]s?|mi\b))",
    r"abuso (?:a|infantil) ?(?:menor\w*|nin[oa]s?)?",
    r"violacion sexual",
    r"violaron a",
    r"tocamientos",
    r"(?:me|nos|la|lo) tiene[n]? (?:encerad[oa]s?|amarad[oa]s?|secuestrad[oa]s?)",
    r"no me deja salir de (?:la|mi|su) casa",
)
_EMERGENCY: Final = (
    r"balacer\w*",
    r"bala[zs]os?",
    r"tiroteos?",
    r"disparos",
    r"incendi\w*",
    r"se (?:esta|estan) (?:quemando|incendiando)",
    r"secuestr\w*",
    r"(?:se lo|se la|se los|los|lo|la) levantaron",
    r"desaparecid[oa]s?",
    r"no apare[cs]e[n]? (?:(?:mis?|nuestr[oa])(?! (?:nombre|folio|registro|pago|acta|curp|tramite|dato|solicitud))"
    r"|la nina|el nino|un menor|una menor)",
    r"intoxic\w*",
    r"envenen\w*",
    r"fuga de gas",
    r"huele (?:mucho )?a gas",
    r"no (?:puede|puedo|pueden) respirar",
    r"se (?:esta|estan) (?:muriendo|ahogando|desangrando|asfixiando)",
    r"dando un (?:infarto|derame|ataque)",
    r"(?:esta|quedo) inconsciente",
    r"herid[oa]s? (?:de|por|con) (?:bala|arma|un arma|cuchilo|una? )",
    r"apunal\w+",
    r"atropel(?:o|aron|ad[oa]s?)",
    r"explosion\w*",
)
# Said of an emergency only: it is not one.
_DENIAL: Final = (
    r"(?<!no hay )(?<!no es )(?<!no fue )(?<!no hubo )(?<!no es un )(?<!no fue un )(?<!no hay un )(?<!no es una )"
)

# Long enough to mean the same with every space taken out ("sui cidio", "noquierovivir").
_COMPACT: Final = {
    CrisisKind.life: re.compile(
        r"suicid|noquierovivir|noquieroseguirviviendo|quitarmelavida|mequieromatar|mequieromorir|acabarconmivida"
    ),
    CrisisKind.violence: re.compile(r"mevamatar|mequierematar|mestapegando|mestagolpeando"),
}


def _pattern(terms: tuple[str, ...], before: str = "") -> re.Pattern[str]:
    return re.compile(rf"\b{before}(?:{'|'.join(terms)})(?!\w)", re.ASCII)


_PATTERNS: Final = (
    (CrisisKind.life, _pattern(_LIFE)),
    (CrisisKind.violence, _pattern(_VIOLENCE)),
    (CrisisKind.emergency, _pattern(_EMERGENCY, _DENIAL)),
)

# Nothing above, compact or not, is said without one of these: a text that has none is read no further.
_MARKS: Final = (
    *("suicid", "viv", "vida", "mundo", "matar", "mori", "muert", "venas", "ahorcar", "aventar", "tirarme", "pastilas"),
    *("dano", "lastimar", "autolesi", "sobredosis"),
    *("peg", "golpe", "amena", "maltrat", "viol", "acuchil", "apunal", "miedo", "abus", "tocamientos", "encerad"),
    *("amarad", "secuestr", "salir"),
    *("bala", "tiroteo", "disparos", "incendi", "quemando", "levantaron", "desaparecid", "apare", "intoxic", "envenen"),
    *("gas", "respirar", "muriendo", "ahogando", "desangrando", "asfixiando", "infarto", "derame", "ataque"),
    *("inconsciente", "herid", "atropel", "explosion"),
)

_TOKEN: Final = re.compile(r"[a-z0-9@$!|]+", re.ASCII)
_SPELT: Final = re.compile(r"(?<!\S)\S(?: \S){3,}(?!\S)")
"""Four or more single letters in a row are one word spelt out; Spanish has no sentence of four one-letter words."""
_DIGITS_AS_LETTERS: Final = str.maketrans("013457@$!|", "oieastasii")
_DISGUISE: Final = re.compile(r"[0-9@$!|]")
_DISGUISED: Final = re.compile(r"(?<!\S)[a-z]*[0-9@$!|]\S*")
_DOUBLED: Final = re.compile(r"([a-z])(?=\1)")
"""The letters of a run but its last: without them a text has every run as one letter."""


@dataclass(frozen=True, slots=True)
class CrisisMatch:
    """What rang: the kind, and the words as they were read (folded). Never store `term` in the event log."""

    kind: CrisisKind
    term: str


def detect(text: str) -> CrisisMatch | None:
    """The gravest thing the text may speak of, or None: life before violence before emergency."""
    if len(text) > 2 * SCAN_MAX:
        text = text[:SCAN_MAX] + " " + text[-SCAN_MAX:]
    words = _as_it_sounds(text)
    compact = _DOUBLED.sub("", words.replace(" ", ""))
    if not any(mark in compact for mark in _MARKS):
        return None
    spaced = _DOUBLED.sub("", words)
    for kind, pattern in _PATTERNS:
        found = pattern.search(spaced)
        if found is None and kind in _COMPACT:
            found = _COMPACT[kind].search(compact)
        if found is not None:
            return CrisisMatch(kind, found.group())
    return None


def _as_it_sounds(text: str) -> str:
    """The words, a space between them: letters spelt out put together, digits as the letters they stand for."""
    words = " ".join(_TOKEN.findall(fold_lookalikes(text)))
    words = _SPELT.sub(lambda spelt: spelt.group().replace(" ", ""), words)
    return words if _DISGUISE.search(words) is None else _DISGUISED.sub(_as_letters, words)


def _as_letters(disguised: re.Match[str]) -> str:
    """Digits inside a word are letters in disguise; a number by itself stays one."""
    word = disguised.group().strip("!|")
    return word if word.strip("$@").isdigit() else word.translate(_DIGITS_AS_LETTERS)
