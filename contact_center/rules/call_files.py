"""Reading a file of call records: bytes in pieces become rows, whatever the bytes are. Pure; nothing here opens a file.

Every line is either a leg or refused with its number and a reason; a quote that never closes costs its own line only.
Formats: Asterisk's `Master.csv` (16 columns, then unique id, user field and the three newer ones, each optional), the
`cdr` table exported with its header, and any other CSV with a mapping.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from contact_center.rules.call_records import Exchange, Leg, LineRefused, Result, instant, leg_of, seconds
from contact_center.rules.model import Direction

MAX_LINE: Final = 64 * 1024
MAX_JOINED: Final = 20
"""Lines that one quoted value may go over."""
MASTER: Final = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
_NEWER: Final = ("peeraccount", "linkedid", "sequence")
_UNIQUE_ID: Final = re.compile(r".*\d+\.\d+$")

Format = Literal["master", "cdr", "csv"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A line nothing was taken of. `code`: columns, time, seconds, result, direction, quotes, long, format."""

    line: int
    code: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """How to read a file of another make: its columns by our names, its words for directions and results."""

    columns: Mapping[str, str]
    time_format: str | None = None
    delimiter: str | None = None
    inbound: frozenset[str] = frozenset()
    outbound: frozenset[str] = frozenset()
    internal: frozenset[str] = frozenset()
    results: Mapping[str, Result] = field(default_factory=dict)


COLUMNS: Final = frozenset(
    {
        *("key", "started", "time", "answered", "ended", "duration", "talk"),
        *("from", "to", "extension", "direction", "result"),
    }
)
"""What a mapping may name; `started` is needed, `time` is the hour when it stands in a column of its own."""


def read(
    chunks: Iterable[bytes], form: Format | None, exchange: Exchange, mapped: Mapped | None = None
) -> Iterator[Leg | Refused]:
    """Give out a leg or a refusal for each record of a file. Without a format it is told from the first line."""
    delimiter: str | None = mapped.delimiter if mapped else None
    header: tuple[str, ...] | None = None
    for number, text in _records(chunks):
        if isinstance(text, Refused):
            yield text
            continue
        if not text.strip():
            continue
        if delimiter is None:
            delimiter = max((",", ";", "\t"), key=re.sub(r'"[^"]*"', "", text).count)
        try:
            row = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except (csv.Error, StopIteration):
            yield Refused(number, "columns")
            continue
        if header is None:
            form = "csv" if mapped is not None else form or _guess(row)
            header = tuple(one.strip() if mapped else one.strip().lower() for one in row) if form != "master" else ()
            if form == "master" and _is_header(row):
                continue
            if form != "master":
                if not _has_columns(header, mapped):
                    yield Refused(number, "format")
                    return
                continue
        try:
            leg = _leg(row, number, header, exchange, mapped)
        except LineRefused as error:
            yield Refused(number, error.code)
            continue
        if leg is not None:
            yield leg


def _leg(row: list[str], number: int, header: tuple[str, ...], exchange: Exchange, mapped: Mapped | None) -> Leg | None:
    if not header:
        return leg_of(_master(row), number, exchange)
    if len(row) != len(header):
        raise LineRefused("columns")
    named = dict(zip(header, row, strict=True))
    return leg_of(named, number, exchange) if mapped is None else mapped_leg(named, number, exchange, mapped)


def _master(row: list[str]) -> dict[str, str]:
    extra = row[len(MASTER) :]
    if len(row) < len(MASTER) or len(extra) > 5:
        raise LineRefused("columns")
    found = dict(zip(MASTER, row, strict=False))
    if len(extra) >= len(_NEWER):
        found |= dict(zip(_NEWER, extra[-3:], strict=True))
        extra = extra[:-3]
    if extra and (len(extra) == 2 or _UNIQUE_ID.fullmatch(extra[0])):  # one alone is either of two
        found["uniqueid"] = extra[0]
    return found


def mapped_leg(row: Mapping[str, str], number: int, exchange: Exchange, mapped: Mapped) -> Leg | None:
    """Read a row by its mapping; None for a call inside the house. Raises LineRefused."""

    def text(name: str) -> str:
        return row.get(mapped.columns.get(name, ""), "").strip()[:200]

    def at(name: str) -> str:
        return f"{text(name)} {text('time')}" if name == "started" and "time" in mapped.columns else text(name)

    start = instant(at("started"), exchange.zone, mapped.time_format)
    talk_s = seconds(text("talk") or "0")
    length = seconds(text("duration") or text("talk") or "0")
    end = instant(text("ended"), exchange.zone, mapped.time_format) if text("ended") else None
    end = end if end is not None else start + timedelta(seconds=length)
    answer = instant(text("answered"), exchange.zone, mapped.time_format) if text("answered") else None
    if end < start:
        raise LineRefused("time")
    word = text("result").casefold()
    result = mapped.results.get(word) if word else None
    if word and mapped.results and result is None:
        raise LineRefused("result")
    if result is None:
        result = Result.answered if talk_s > 0 or answer is not None else Result.no_answer
    if result is Result.answered:
        answer = answer if answer is not None else max(start, end - timedelta(seconds=talk_s))
        talk_s = talk_s or int((end - answer).total_seconds())
    said = text("direction").casefold()
    if said and said in mapped.internal:
        return None
    direction = Direction.inbound if said in mapped.inbound else Direction.outbound if said in mapped.outbound else None
    if said and direction is None and (mapped.inbound or mapped.outbound):
        raise LineRefused("direction")
    return Leg(
        line=number,
        start=start,
        end=end,
        answer=answer,
        talk_s=max(0, talk_s),
        result=result,
        src=text("from"),
        dst=text("to"),
        uniqueid=text("key"),
        extension=text("extension"),
        direction=direction,
    )


def _guess(row: list[str]) -> Format:
    return "cdr" if _is_header(row) else "master"


def _is_header(row: list[str]) -> bool:
    return {"src", "dst"} <= {one.strip().lower() for one in row}


def _has_columns(header: tuple[str, ...], mapped: Mapped | None) -> bool:
    if mapped is not None:
        return set(mapped.columns.values()) <= set(header)
    return {"src", "dst", "disposition"} <= set(header) and not {"start", "calldate"}.isdisjoint(header)


def _records(chunks: Iterable[bytes]) -> Iterator[tuple[int, str | Refused]]:
    """Give out whole records with the number of their first line; quoted values may go over several lines."""
    held: list[tuple[int, str]] = []
    decode: Callable[[bytes], str] = _decode
    for number, line in _lines(chunks):
        if number == 1 and line is not None:
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                yield number, Refused(number, "format")
                return
            line = line.removeprefix(codecs.BOM_UTF8)
        if line is None:
            yield from _give_up(held)
            held = []
            yield number, Refused(number, "long")
            continue
        held.append((number, decode(line)))
        if len(held) == 1 and '"' not in held[0][1]:
            yield held.pop()
        elif sum(text.count('"') for _number, text in held) % 2 == 0:
            yield held[0][0], "".join(text for _number, text in held)
            held = []
        elif len(held) > MAX_JOINED:
            yield from _give_up(held)
            held = []
    yield from _give_up(held)


def _give_up(held: list[tuple[int, str]]) -> Iterator[tuple[int, str | Refused]]:
    """A quote was opened and never closed: refuse its line, and read those after it by themselves."""
    for number, text in held:
        yield number, text if text.count('"') % 2 == 0 else Refused(number, "quotes")


def _decode(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Give out (number, line with its end); None for a line that is too long, whose text is let go of."""
    number, rest, dropping = 1, b"", False
    for chunk in chunks:
        parts = (rest + chunk).split(b"\n")
        for part in parts[:-1]:
            yield number, None if dropping or len(part) > MAX_LINE else part + b"\n"
            number, dropping = number + 1, False
        rest = parts[-1]
        if len(rest) > MAX_LINE:
            rest, dropping = b"", True
    if dropping or len(rest) > MAX_LINE:
        yield number, None
    elif rest:
        yield number, rest
