"""A first guess at the petition a conversation is about, with reasons. The agent corrects it; nothing is stored by it.

Reads only what the citizen wrote. Pure, and bounded by the length of a conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from contact_center.rules.identity import CurpResult, Phone, find_curp, find_email, find_phones, mask_curps
from contact_center.rules.model import PetitionKind
from contact_center.rules.reference import Category, Municipality
from contact_center.rules.textfold import fold

TEXT_MAX: Final = 20_000
SUBJECT_MAX: Final = 120

# Words that name the kind themselves, whatever the topic.
_KIND_WORDS: Final[Mapping[PetitionKind, tuple[str, ...]]] = {
    PetitionKind.complaint: ("queja", "quejarme", "denunciar", "denuncia"),
    PetitionKind.suggestion: ("sugerencia", "sugiero", "sugerir"),
    PetitionKind.congratulation: ("felicito", "felicitar", "felicitacion", "felicidades"),
    PetitionKind.follow_up: ("folio", "seguimiento", "estatus"),
}
_KIND_BONUS: Final = 0.5
_PREFIX_MIN: Final = 5
"""Keywords this long also match the words they begin: "bache" finds "bachezote"."""

_PLACE_WORDS: Final = frozenset({"en", "de", "desde", "municipio", "ciudad", "pueblo", "a"})
_STREET_WORDS: Final = frozenset(
    {
        "calle",
        "calles",
        "colonia",
        "col",
        "avenida",
        "av",
        "ave",
        "boulevard",
        "bulevar",
        "blvd",
        "privada",
        "esquina",
        "carretera",
        "escuela",
        "fraccionamiento",
        "callejon",
        "plaza",
    }
)
_HONORIFICS: Final = re.compile(r"^heroica (?:ciudad de )?|^ciudad |\(.*\)")
_ASIDE_MUNICIPALITIES: Final = frozenset({"rosario", "altar", "naco", "santa cruz", "san javier"})
"""Names that are also a saint's, a woman's or a thing's: believed only after a word of place."""


@dataclass(frozen=True, slots=True)
class CategoryGuess:
    """A category with the words that speak for it."""

    code: str
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """What the conversation seems to say. `reasons` has one entry per filled field, for the agent to see."""

    kind: PetitionKind | None
    categories: tuple[CategoryGuess, ...]
    municipality: str | None
    subject: str
    description: str
    phone: Phone | None
    email: str | None
    curp: CurpResult | None
    reasons: Mapping[str, str]


def guess(
    texts: Sequence[str],
    categories: Iterable[Category],
    municipalities: Iterable[Municipality],
    *,
    known_phone: Phone | None = None,
    limit: int = 5,
) -> Guess:
    """Read the citizen's messages, in order, and fill in what they give.

    `known_phone` is the one the office has already: its area code helps to place the citizen.
    """
    whole = "\n".join(texts)[:TEXT_MAX]
    words = _words(whole)
    ranked = guess_categories(words, categories, limit)
    reasons: dict[str, str] = {}
    kind = None
    if ranked:
        best = ranked[0]
        kind = best[1].kind
        reasons["category"] = ", ".join(best[0].words)
        reasons["kind"] = "category"
    for one, names in _KIND_WORDS.items():
        if one is not PetitionKind.follow_up and not set(names).isdisjoint(words):
            kind = one
            reasons["kind"] = next(word for word in words if word in names)
            break
    phones = find_phones(whole)
    curp, email = find_curp(whole), find_email(whole)
    if phones:
        reasons["phone"] = "text"
    if curp:
        reasons["curp"] = "text"
    if email:
        reasons["email"] = "text"
    place = guess_municipality(words, phones[0] if phones else known_phone, municipalities)
    if place:
        reasons["municipality"] = place[1]
    description = _description(texts)
    return Guess(
        kind,
        tuple(one for one, _ in ranked),
        place[0] if place else None,
        _subject(texts),
        description,
        phones[0] if phones else None,
        email,
        curp,
        reasons,
    )


def guess_categories(
    words: Sequence[str], categories: Iterable[Category], limit: int
) -> list[tuple[CategoryGuess, Category]]:
    """Categories whose keywords are in the text, best first: longer phrases weigh more, then the earlier mention."""
    found: list[tuple[float, int, str, CategoryGuess, Category]] = []
    for category in categories:
        score, first, hits = 0.0, len(words), []
        for keyword in category.keywords:
            at = _position(words, fold(keyword).split())
            if at is not None:
                score += 1.5 * len(keyword.split()) - 0.5
                first = min(first, at)
                hits.append(keyword)
        if not hits:
            continue
        if not set(_KIND_WORDS.get(category.kind, ())).isdisjoint(words):
            score += _KIND_BONUS
        rated = CategoryGuess(category.code, score, tuple(hits))
        found.append((-score, first, category.code, rated, category))
    return [(one[3], one[4]) for one in sorted(found, key=lambda one: one[:3])[:limit]]


def guess_municipality(
    words: Sequence[str], phone: Phone | None, municipalities: Iterable[Municipality]
) -> tuple[str, str] | None:
    """(code, reason) of the municipality that is named, else of the one the phone's area code belongs to."""
    best: tuple[int, int, str, str] | None = None
    by_area: Municipality | None = None
    area = phone.e164[3:6] if phone is not None and phone.e164 and phone.e164.startswith("+52") else None
    for one in municipalities:
        for name in {fold(one.name), _HONORIFICS.sub("", fold(one.seat)).strip()}:
            for at in _positions(words, name.split()):
                before = words[at - 1] if at else ""
                if before in _STREET_WORDS or (before not in _PLACE_WORDS and name in _ASIDE_MUNICIPALITIES):
                    continue
                rank = (0 if before in _PLACE_WORDS else 1, at, one.code, name)
                best = rank if best is None else min(best, rank)
        if area and one.area_code == area and one.area_code_grade in ("A", "B"):
            by_area = one if by_area is None or one.population > by_area.population else by_area
    if best is not None:
        return best[2], f"text: {best[3]}"
    return (by_area.code, f"area code {area}") if by_area is not None else None


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", fold(text))


def _position(words: Sequence[str], phrase: Sequence[str]) -> int | None:
    return next(iter(_positions(words, phrase, loose=True)), None)


def _positions(words: Sequence[str], phrase: Sequence[str], *, loose: bool = False) -> list[int]:
    if not phrase:
        return []
    return [
        at
        for at in range(len(words) - len(phrase) + 1)
        if all(_is_word(words[at + step], part, loose) for step, part in enumerate(phrase))
    ]


def _is_word(word: str, wanted: str, loose: bool) -> bool:
    if word == wanted:
        return True
    if not loose:
        return False
    if len(wanted) >= _PREFIX_MIN:
        return word.startswith(wanted)
    return word in (wanted + "s", wanted + "es")


def _description(texts: Sequence[str]) -> str:
    """What was written, with every CURP masked: it has a field of its own, and a description is read by many."""
    lines = (mask_curps(line.strip()) for text in texts for line in text.split("\n"))
    return "\n".join(line for line in lines if re.search(r"\w{3}", line))[:8000]


def _subject(texts: Sequence[str]) -> str:
    """The first sentence that says something, cut at a word."""
    for text in texts:
        for sentence in re.split(r"[\n.!?]+", text):
            line = " ".join(sentence.split())
            if len(line) >= 15:
                return line if len(line) <= SUBJECT_MAX else line[:SUBJECT_MAX].rsplit(" ", 1)[0] + "…"
    return ""
