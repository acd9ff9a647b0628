"""The words of an e-mail: HTML made plain, charsets forgiven, what the writer added told from what is quoted. Pure.

Everything here is linear in the size of the text, since anybody may send it.
"""

import re
from email.message import EmailMessage
from html.parser import HTMLParser
from itertools import islice
from typing import Final

import nh3

HTML_BYTES: Final = 1_000_000
"""Of a page that is longer only the beginning is read."""
TAGS_MAX: Final = 8_000
"""Elements that are read: a tree of many more, one in the other, takes a parser's time by their square."""
TEXT_MAX: Final = 200_000
MARK_MAX: Final = 200
"""Longer lines are never a mark that a quotation begins."""
ATTRIBUTIONS_MAX: Final = 20
"""Beginnings of quotations that are looked at."""
_BLOCKS: Final = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "pre", "hr", "blockquote"}
)
_KEPT: Final = _BLOCKS | {"a", "td", "th"}
_TAG: Final = re.compile("<[A-Za-z]")
_SPACES: Final = re.compile(r"[ \t\xa0]+")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def body_of(message: EmailMessage) -> str:
    """Return the words of a mail: its plain part, else its HTML made plain. Empty when there are none."""
    plain = message.get_body(("plain",))
    text = _decoded(plain)[:TEXT_MAX] if isinstance(plain, EmailMessage) else ""
    if text.strip():
        return _tidy(text)
    html = message.get_body(("html",))
    return _tidy(plain_of(_decoded(html))) if isinstance(html, EmailMessage) else ""


def _decoded(part: EmailMessage) -> str:
    """Return a part's text whatever its charset claims to be."""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    claimed = (part.get_content_charset() or "").lower()
    names = ["utf-8"] if claimed in ("", "us-ascii", "ascii", "utf8", "utf8mb4") else [claimed, "utf-8"]
    if claimed in ("iso-8859-1", "latin1", "latin-1"):
        names = ["windows-1252"]  # as browsers do: those bytes are quotes and dashes, never control characters
    for name in names:
        if name in ("utf-7", "utf7"):
            continue
        try:
            return raw.decode(name)
        except (LookupError, UnicodeError):
            continue
    return raw.decode("windows-1252", "replace")


class _Plain(HTMLParser):
    """Text of cleaned HTML: blocks on lines of their own, `> ` before what is quoted, links with their address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._quotes = 0
        self._links: list[tuple[str, int]] = []

    def _break(self) -> None:
        if self.lines[-1].strip("> "):
            self.lines.append("")
        self.lines[-1] = "> " * min(self._quotes, 5)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._quotes += 1
        if tag in _BLOCKS:
            if tag == "br" and not self.lines[-1].strip("> "):
                self.lines.append("")
            self._break()
        if tag == "li":
            self.lines[-1] += "- "
        if tag in ("td", "th"):
            self.lines[-1] += " "
        if tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.lines[-1])))

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        if tag in _BLOCKS and tag != "br":
            self._break()
        if tag == "a" and self._links:
            href, start = self._links.pop()
            shown = self.lines[-1][start:].strip()
            if href.startswith(("http://", "https://")) and _bare(href) != _bare(shown):
                self.lines[-1] += f" ({href})"

    def handle_data(self, data: str) -> None:
        words = _SPACES.sub(" ", data.replace("\r", " ").replace("\n", " "))
        self.lines[-1] += words.lstrip() if not self.lines[-1].strip("> ") else words


def _bare(address: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", address).rstrip("/").lower()


def plain_of(html: str) -> str:
    """Return HTML as plain text. Scripts, styles and pictures leave nothing; text stays text whatever it looks like."""
    html = html[:HTML_BYTES]
    beyond = next(islice(_TAG.finditer(html), TAGS_MAX, None), None)
    clean = nh3.clean(
        html[: beyond.start()] if beyond else html,
        tags=set(_KEPT),
        clean_content_tags={"script", "style", "title"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
        strip_comments=True,
    )
    reader = _Plain()
    reader.feed(clean)
    reader.close()
    return "\n".join(reader.lines)


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")[:TEXT_MAX]


# --- what is quoted -------------------------------------------------------------------------------------------------

_WROTE: Final = re.compile(
    r"^(?:>\s?)*\s*(?:El|On|Le|Em|Am)\s.{4,300}\b(?:escribi[oó]|wrote|a écrit|escreveu|schrieb)(?:\s.{0,120})?:\s*$"
)
_WROTE_BEGINS: Final = re.compile(r"^(?:El|On|Le|Em|Am)\s\S")
_WROTE_ENDS: Final = re.compile(r"\b(?:escribi[oó]|wrote|a écrit|escreveu):\s*$")
_CUTS: Final = re.compile(
    r"^\s*(?:-{2,}|_{2,}|\*{2,})?\s*(?:mensaje (?:original|reenviado)|original message|forwarded message|"
    r"begin forwarded message:?|inicio del mensaje reenviado:?|message d'origine)\s*(?:-{2,}|_{2,}|\*{2,})?\s*$",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"^\s*[_-]{20,}\s*$")
_HEADER: Final = re.compile(
    r"^\s*\*?(?:de|from|enviado(?: el)?|sent|fecha|date|para|to|asunto|subject|cc)\s*:\*?\s*\S", re.IGNORECASE
)
_SIGNATURE: Final = re.compile(r"^--\s?$")
_SENT_FROM: Final = re.compile(
    r"^\s*(?:enviado (?:desde|con) |sent from |get outlook for |obtener outlook |descargar outlook ).{0,80}$",
    re.IGNORECASE,
)


def fold_quoted(text: str) -> tuple[str, str]:
    """Split a mail into what its writer added and what is quoted below or above it. Nothing is lost: one of the two has
    each line. Words between quoted lines (an answer point by point) stay together as written.
    """
    lines = text.split("\n")
    cut = _first_cut(lines)
    if cut == len(lines) and (below := _written_below(lines)) is not None:
        return below
    while cut and (lines[cut - 1].startswith(">") or not lines[cut - 1].strip()):
        cut -= 1
    added = "\n".join(lines[:cut]).strip()
    if added:
        return added, "\n".join(lines[cut:]).strip()
    return _written_below(lines) or (text.strip(), "")


def _first_cut(lines: list[str]) -> int:
    """Return the line from which on everything is quoted or a signature; the number of lines when nothing is."""
    attributions = 0
    for place, line in enumerate(lines):
        if len(line) > MARK_MAX and not line.startswith(("El ", "On ")):
            continue
        after = [one[:MARK_MAX] for one in lines[place + 1 : place + 4]]
        if _SIGNATURE.match(line) or (len(line) <= MARK_MAX and _CUTS.match(line)):
            return place
        if attributions < ATTRIBUTIONS_MAX and _attributes(lines, place):
            attributions += 1
            if not _answers_between(lines, place):
                return place
        if _HEADER.match(line[:MARK_MAX]) and sum(1 for one in after if _HEADER.match(one)) >= 2:
            return place - 1 if place and _RULE.match(lines[place - 1][:MARK_MAX]) else place
        if len(line) <= MARK_MAX and _SENT_FROM.match(line) and not any(one.strip() for one in after[:1]):
            return place
    return len(lines)


def _attributes(lines: list[str], place: int) -> bool:
    """Whether «El lun, 24 nov … escribió:» begins here, on one line or wrapped over up to three."""
    line = lines[place][:600]
    if _WROTE.match(line):
        return True
    if not _WROTE_BEGINS.match(line):
        return False
    for more in range(1, 3):
        if place + more < len(lines) and _WROTE_ENDS.search(lines[place + more][-200:]):
            return "@" in " ".join(one[:300] for one in lines[place : place + more + 1]) or any(
                char.isdigit() for char in line
            )
    return False


def _answers_between(lines: list[str], place: int) -> bool:
    """Whether words follow the quoted lines below an attribution: an answer below, or between the lines."""
    quoted = False
    for line in lines[place + 1 :]:
        if line.startswith(">"):
            quoted = True
        elif _SIGNATURE.match(line):
            return False
        elif quoted and line.strip():
            return True
    return False


def _written_below(lines: list[str]) -> tuple[str, str] | None:
    """Split a mail whose writer answered below one quotation; None for any other."""
    end = 0
    for place, line in enumerate(lines):
        if line.startswith(">") or not line.strip() or _CUTS.match(line[:MARK_MAX]) or _attributes(lines, place):
            end = place + 1
        elif not _is_wrapped_end(lines, place):
            break
    rest = lines[end:]
    if not any(line.startswith(">") for line in lines[:end]) or any(line.startswith(">") for line in rest):
        return None
    added = "\n".join(rest).strip()
    return (added, "\n".join(lines[:end]).strip()) if added else None


def _is_wrapped_end(lines: list[str], place: int) -> bool:
    """Whether a line ends an attribution that began on one of the two before it."""
    if len(lines[place]) > MARK_MAX or not _WROTE_ENDS.search(lines[place]):
        return False
    return any(before >= 0 and _attributes(lines, before) for before in (place - 1, place - 2))
