"""What an exchange's own call records say: rows become legs, the legs of one call become one record. Pure.

Asterisk writes a row for each pair of channels: a call that rang at three desks leaves three rows or more. Rows with
one `linkedid` (else `uniqueid`, else channel, and both halves of a Local channel) are one call. A record keeps numbers
only as E.164 and nothing of what callers may choose freely (names, text), so nothing of a file can act in a
spreadsheet or a page later. Source of the columns: Asterisk's cdr_csv and CDR specification.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from contact_center.rules.calls import CallState
from contact_center.rules.identity import Phone, PhoneKind, normalise
from contact_center.rules.model import Direction

DEFAULT_ZONE: Final = "America/Hermosillo"
GROUP_SPAN: Final = timedelta(hours=6)
"""Rows of one call are no farther apart; a group is given out when the stream has moved on by this much."""
MAX_OPEN_GROUPS: Final = 50_000


class Result(StrEnum):
    """How a leg ended."""

    answered = "answered"
    no_answer = "no_answer"
    busy = "busy"
    failed = "failed"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What has to be known of an exchange to read its records."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))
    outside_prefix: str = ""
    """Digits dialled before an outside number, taken off: "9"."""
    trunks: frozenset[str] = frozenset()
    """Peers with a name like an extension's that are lines to the outside."""
    extension_digits: tuple[int, int] = (2, 6)


@dataclass(frozen=True, slots=True)
class Leg:
    """One row. Instants are aware UTC, `talk_s` seconds; `direction` only when the file itself says it."""

    line: int
    start: datetime
    end: datetime
    answer: datetime | None
    talk_s: int
    result: Result
    src: str = ""
    dst: str = ""
    channel: str = ""
    dstchannel: str = ""
    lastapp: str = ""
    uniqueid: str = ""
    linkedid: str = ""
    extension: str = ""
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as an exchange tells it. `key` is the same on every reading of the same call."""

    key: str
    direction: Direction
    phone: Phone
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    talk_s: int
    extension: str | None
    state: CallState

    @property
    def answered(self) -> bool:
        return self.answered_at is not None


class LineRefused(ValueError):
    """A line that says nothing certain; `code` names the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_PEER: Final = re.compile(r"^(?:Local/)?(?:[A-Za-z0-9_]+/)?([^/@-]+)")
_LOCAL: Final = re.compile(r"^(Local/.+-[0-9a-f]{4,});[12]$")
_ONE_TIME: Final = re.compile(r"-[0-9a-f]{6,}$")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")
_RESULTS: Final[Mapping[str, Result]] = {
    "ANSWERED": Result.answered,
    "ANSWER": Result.answered,
    "8": Result.answered,
    "NO ANSWER": Result.no_answer,
    "NOANSWER": Result.no_answer,
    "0": Result.no_answer,
    "1": Result.no_answer,
    "BUSY": Result.busy,
    "4": Result.busy,
    "FAILED": Result.failed,
    "CONGESTION": Result.failed,
    "2": Result.failed,
    "16": Result.failed,
    "CANCEL": Result.cancelled,
}
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
_EARLIEST: Final = datetime(1980, 1, 1, tzinfo=UTC)
_MAX_SECONDS: Final = 7 * 86_400


def instant(value: str | datetime, zone: ZoneInfo, form: str | None = None) -> datetime:
    """Return the UTC instant of a local time, or of one that says its own offset. Raises LineRefused `time`."""
    try:
        found = (
            value
            if isinstance(value, datetime)
            else datetime.strptime(value.strip(), form)  # noqa: DTZ007 - the zone comes next
            if form
            else datetime.fromisoformat(value.strip())
        )
        found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise LineRefused("time") from error
    if not _EARLIEST < found < _LATEST:
        raise LineRefused("time")
    return found


def seconds(value: str) -> int:
    """Return seconds of "95", "95.2" or "0:01:35". Raises LineRefused `seconds`."""
    text = value.strip()
    if not re.fullmatch(r"\d{1,7}(?:\.\d{1,9})?|(?:\d{1,3}:)?\d{1,2}:\d{2}", text, re.ASCII):
        raise LineRefused("seconds")
    total = 0
    for part in text.split(":"):
        total = total * 60 + int(float(part))
    if total > _MAX_SECONDS:
        raise LineRefused("seconds")
    return total


def leg_of(row: Mapping[str, str | datetime], line: int, exchange: Exchange) -> Leg:
    """Read a row with Asterisk's names of columns. Raises LineRefused: time, seconds, result."""

    def text(name: str) -> str:
        value = row.get(name, "")
        return value.strip()[:200] if isinstance(value, str) else value.isoformat()

    started = row.get("start") or row.get("calldate") or ""
    start = instant(started, exchange.zone)
    length = seconds(text("duration") or "0")
    talk_s = seconds(text("billsec") or "0")
    result = _RESULTS.get(text("disposition").upper())
    if result is None:
        raise LineRefused("result")
    given_end = row.get("end") or ""
    end = instant(given_end, exchange.zone) if given_end else start + timedelta(seconds=length)
    if end < start or end - start > timedelta(seconds=_MAX_SECONDS):
        raise LineRefused("time")
    given_answer = row.get("answer") or ""
    answer = instant(given_answer, exchange.zone) if given_answer else None
    if answer is None and result is Result.answered:
        answer = max(start, end - timedelta(seconds=talk_s))
    return Leg(
        line=line,
        start=start,
        end=end,
        answer=answer,
        talk_s=talk_s,
        result=result,
        src=text("src") or _number_in(text("clid")) or text("cnum"),
        dst=text("dst"),
        channel=text("channel"),
        dstchannel=text("dstchannel"),
        lastapp=text("lastapp"),
        uniqueid=text("uniqueid"),
        linkedid=text("linkedid"),
    )


def _number_in(clid: str) -> str:
    found = re.search(r"<([^<>]*)>\s*$", clid)
    return found[1] if found else ""


class Groups:
    """Puts the legs of one call together while they stream by, in whatever order they come."""

    def __init__(self) -> None:
        self._of: dict[str, list[Leg]] = {}
        self._open: dict[int, list[Leg]] = {}
        self._fed = 0

    def feed(self, leg: Leg) -> Iterator[list[Leg]]:
        """Take one leg; give out the groups that are surely complete."""
        aliases = _aliases(leg)
        known = {id(self._of[one]): self._of[one] for one in aliases if one in self._of}
        near = [legs for legs in known.values() if abs(leg.start - legs[-1].start) <= GROUP_SPAN]
        group = near[0] if near else []
        for other in near[1:]:
            group.extend(other)
            self._open.pop(id(other), None)
            for one in {alias for old in other for alias in _aliases(old)}:
                self._of[one] = group
        group.append(leg)
        for one in aliases:
            self._of[one] = group
        self._open[id(group)] = group
        self._fed += 1
        if self._fed % 512 == 0 or len(self._open) > MAX_OPEN_GROUPS:
            yield from self._past(leg.end)

    def _past(self, now: datetime) -> Iterator[list[Leg]]:
        crowded = len(self._open) - MAX_OPEN_GROUPS
        for number, group in enumerate(list(self._open.values())):
            if number < crowded or abs(now - group[-1].end) > GROUP_SPAN:
                yield self._close(group)

    def _close(self, group: list[Leg]) -> list[Leg]:
        del self._open[id(group)]
        for one in {alias for leg in group for alias in _aliases(leg)}:
            if self._of.get(one) is group:
                del self._of[one]
        return group

    def rest(self) -> Iterator[list[Leg]]:
        """Give out whatever is still open: the stream is over."""
        for group in list(self._open.values()):
            yield self._close(group)


def _aliases(leg: Leg) -> list[str]:
    if leg.linkedid:
        return [f"l:{leg.linkedid}"]
    found = [f"u:{leg.uniqueid}"] if leg.uniqueid else []
    if not found and _ONE_TIME.search(leg.channel):
        found = [f"c:{leg.channel}"]
    halves = (_LOCAL.match(one) for one in (leg.channel, leg.dstchannel))
    found += [f"h:{half[1]}" for half in halves if half]
    return found or [f"r:{leg.line}"]


def is_settled(legs: Sequence[Leg], now: datetime, settle: timedelta) -> bool:
    """Say whether every row of a call was written: it ended a while ago, and its first channel's own row is there."""
    quiet = now - max(one.end for one in legs)
    if quiet < settle:
        return False
    linked = [one for one in legs if one.linkedid and one.uniqueid]
    whole = not linked or any(one.uniqueid == one.linkedid for one in linked)
    return whole or quiet > GROUP_SPAN


def record_of(legs: Iterable[Leg], exchange: Exchange) -> CallRecord | None:
    """Return the call that some legs are, None for one between two extensions.

    A queue or a menu that answers is nobody: an inbound call was answered when an extension spoke.
    """
    rows = sorted({_identity(one): one for one in legs}.values(), key=lambda one: (one.start, one.end, one.line))
    lead = next((one for one in rows if not one.channel.startswith("Local/")), rows[0])
    caller = _extension(lead.channel, exchange) or (lead.src if _is_extension(lead.src, exchange) else None)
    outside = [(one, phone) for one in rows if (phone := _outside(one.dst, exchange)) is not None]
    direction = lead.direction
    if direction is None:
        if caller is not None and not outside:
            return None
        direction = Direction.outbound if caller is not None else Direction.inbound
    if direction is Direction.outbound:
        spoken = [one for one in rows if one.result is Result.answered and one.talk_s > 0]
        goals = [pair for pair in outside if pair[0].result is Result.answered] or outside
        phone = goals[0][1] if goals else normalise(lead.dst)
        extension = lead.extension or caller
        state = CallState.completed if spoken else _NOT_REACHED[rows[-1].result]
    else:
        phone = normalise(lead.src)
        spoken = [one for one in rows if _was_spoken(one, exchange)]
        rung = list(dict.fromkeys(ext for one in (spoken or rows) if (ext := _rung(one, exchange))))
        extension = rung[0] if rung and (spoken or len(rung) == 1) else None
        left_message = any(one.lastapp.lower() == "voicemail" and one.talk_s > 0 for one in rows)
        state = CallState.completed if spoken else CallState.message_left if left_message else CallState.abandoned
    start, end = rows[0].start, max(one.end for one in rows)
    answers = [min(max(one.answer or one.start, start), end) for one in spoken]
    return CallRecord(
        key=_key(rows, lead),
        direction=direction,
        phone=phone,
        started_at=start,
        answered_at=min(answers, default=None),
        ended_at=end,
        talk_s=min(_talk(spoken), int((end - start).total_seconds())),
        extension=extension if extension and _is_extension(extension, exchange) else None,
        state=state,
    )


_NOT_REACHED: Final[Mapping[Result, CallState]] = {
    Result.answered: CallState.no_answer,
    Result.no_answer: CallState.no_answer,
    Result.busy: CallState.busy,
    Result.failed: CallState.failed,
    Result.cancelled: CallState.cancelled,
}


def _talk(spoken: Sequence[Leg]) -> int:
    """Seconds in which somebody spoke; the two halves of a Local channel are one conversation."""
    spans = sorted((one.end - timedelta(seconds=one.talk_s), one.end) for one in spoken)
    total = sum(int((stop - start).total_seconds()) for start, stop in spans)
    return total - sum(
        max(0, int((min(one[1], two[1]) - max(one[0], two[0])).total_seconds())) for one, two in pairwise(spans)
    )


def _was_spoken(leg: Leg, exchange: Exchange) -> bool:
    if leg.result is not Result.answered or leg.talk_s <= 0 or leg.lastapp.lower() == "voicemail":
        return False
    if leg.channel or leg.dstchannel:
        return bool(leg.dstchannel) and not (leg.dstchannel.startswith("Local/") and _rung(leg, exchange) is None)
    return True


def _rung(leg: Leg, exchange: Exchange) -> str | None:
    named = leg.extension or _extension(leg.dstchannel, exchange)
    return named or (leg.dst if not leg.channel and not leg.dstchannel and _is_extension(leg.dst, exchange) else None)


def _extension(channel: str, exchange: Exchange) -> str | None:
    found = _PEER.match(channel)
    return found[1] if found and _is_extension(found[1], exchange) else None


def _is_extension(text: str, exchange: Exchange) -> bool:
    low, high = exchange.extension_digits
    digits = text.isascii() and text.isdigit() and low <= len(text) <= high
    return digits and text not in exchange.trunks and normalise(text).kind is not PhoneKind.emergency


def _outside(dst: str, exchange: Exchange) -> Phone | None:
    """The outside number that was dialled; None for an extension, a code or a name of the dial plan."""
    if _is_extension(dst, exchange):
        return None
    prefix = exchange.outside_prefix
    tries = (dst, dst[len(prefix) :]) if prefix and dst.startswith(prefix) else (dst,)
    for one in tries:
        phone = normalise(one)
        if phone.e164 is not None or phone.kind is PhoneKind.emergency:
            return phone
    digits = re.sub(r"\D", "", dst)
    return normalise(dst) if len(digits) >= 7 and dst.lstrip("+").isdigit() else None


def _identity(leg: Leg) -> tuple[object, ...]:
    return (leg.uniqueid, leg.channel, leg.dstchannel, leg.src, leg.dst, leg.start, leg.end, leg.result)


def _key(rows: Sequence[Leg], lead: Leg) -> str:
    named = next((one.linkedid for one in rows if one.linkedid), "") or lead.uniqueid
    if _PLAIN_KEY.fullmatch(named):
        return named
    told = "\x1f".join([named] if named else [lead.src, lead.dst, lead.channel, lead.start.isoformat()])
    return "h:" + hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
