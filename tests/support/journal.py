"""What clients saw, and the checker that compares it with what is stored (PROMISES H7).

Each client writes down every call before it is made and every answer it got. A call without an answer is `unknown`: it
may have happened or not, once. The checkers return one line for each broken promise; no line means that all held.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

_moment = count(1)


@dataclass(slots=True)
class Call:
    """One message that a client wanted stored, however often it was sent."""

    client_id: str
    text: str
    invoked_at: int
    acks: list[tuple[str, int]] = field(default_factory=list)
    """(conversation, seq) of each answer."""
    acked_at: int | None = None
    refused: str | None = None
    """Code of a final refusal: nothing may be stored then."""
    tries: int = 1


@dataclass(slots=True)
class Journal:
    """What one client sent and was answered, in its own order."""

    who: str
    calls: dict[str, Call] = field(default_factory=dict)

    def invoke(self, client_id: str, text: str) -> None:
        """Write down that a message is about to be sent, or sent again."""
        known = self.calls.get(client_id)
        if known is None:
            self.calls[client_id] = Call(client_id, text, next(_moment))
        else:
            assert known.text == text
            known.tries += 1

    def ok(self, client_id: str, conversation: str, seq: int) -> None:
        """Write down an acknowledgement."""
        call = self.calls[client_id]
        call.acks.append((conversation, seq))
        if call.acked_at is None:
            call.acked_at = next(_moment)

    def refuse(self, client_id: str, code: str) -> None:
        """Write down that a message was refused for good."""
        self.calls[client_id].refused = code

    @property
    def pending(self) -> list[Call]:
        """Return what has no answer yet, oldest first."""
        return [call for call in self.calls.values() if not call.acks and call.refused is None]

    @property
    def acked(self) -> list[Call]:
        """Return what was acknowledged."""
        return [call for call in self.calls.values() if call.acks]


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of the messages table."""

    conversation: str
    seq: int
    client_id: str | None
    text: str


def broken_promises(journals: Iterable[Journal], rows: Sequence[Stored]) -> list[str]:
    """Return what was lost, doubled, changed, invented or misnumbered."""
    wrong: list[str] = []
    by_client: dict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        if row.client_id is not None:
            by_client[row.client_id].append(row)
    known: set[str] = set()
    for journal in journals:
        known |= journal.calls.keys()
        wrong += _of_journal(journal, by_client)
    wrong += [f"invented: {one} was sent by nobody" for one in by_client.keys() - known]
    wrong += [f"doubled: {one} is stored {len(found)} times" for one, found in by_client.items() if len(found) > 1]
    return wrong + gaps(rows)


def gaps(rows: Iterable[Stored]) -> list[str]:
    """Return conversations whose seqs are not exactly 1..n."""
    seqs: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        seqs[row.conversation].append(row.seq)
    return [
        f"gap: {conversation} has {_odd(found)} of 1..{len(found)}"
        for conversation, found in seqs.items()
        if sorted(found) != list(range(1, len(found) + 1))
    ]


def _odd(found: Sequence[int]) -> str:
    counted = Counter(found)
    doubled = sorted(seq for seq, times in counted.items() if times > 1)
    missing = sorted(set(range(1, len(found) + 1)) - counted.keys())
    return f"missing {missing[:10]}, doubled {doubled[:10]}"


def _of_journal(journal: Journal, by_client: dict[str, list[Stored]]) -> list[str]:
    wrong: list[str] = []
    for call in journal.calls.values():
        found = by_client.get(call.client_id, [])
        if call.refused is not None and found:
            wrong.append(f"half refused: {call.client_id} was refused ({call.refused}) and is stored")
        if call.acks and not found:
            wrong.append(f"lost: {call.client_id} was acknowledged as {call.acks[0]} and is not stored")
        if len(set(call.acks)) > 1:
            wrong.append(f"two answers: {call.client_id} was answered {call.acks}")
        for row in found:
            if call.acks and (row.conversation, row.seq) != call.acks[0]:
                wrong.append(f"moved: {call.client_id} was acknowledged as {call.acks[0]} and is {row}")
            if row.text != call.text:
                wrong.append(f"changed: {call.client_id} is stored as another text")
    wrong += _out_of_order(journal)
    return wrong


def _out_of_order(journal: Journal) -> list[str]:
    """A client that waited for an answer before it went on finds the second message after the first."""
    acked = sorted(journal.acked, key=lambda call: call.invoked_at)
    return [
        f"order: {before.client_id} was answered before {after.client_id} was sent, and is not before it"
        for before, after in pairwise(acked)
        if before.acked_at is not None
        and before.acked_at < after.invoked_at
        and before.acks[0][0] == after.acks[0][0]
        and before.acks[0][1] >= after.acks[0][1]
    ]


@dataclass(frozen=True, slots=True)
class Hold:
    """That an agent held an item under an epoch, from one event of the log to another."""

    item: str
    agent: str
    epoch: int
    begins: Any
    ends: Any | None


def overlaps(holds: Iterable[Hold]) -> list[str]:
    """Return holds of one item that overlap, share an epoch, or whose epochs do not rise."""
    by_item: dict[str, list[Hold]] = defaultdict(list)
    for hold in holds:
        by_item[hold.item].append(hold)
    wrong = []
    for item, found in by_item.items():
        found.sort(key=lambda hold: (hold.epoch, hold.begins))
        for before, after in pairwise(found):
            if before.epoch == after.epoch:
                wrong.append(f"one epoch, two holders: {item} epoch {before.epoch}: {before.agent}, {after.agent}")
            if before.ends is None or before.ends > after.begins:
                wrong.append(f"two holders at once: {item}: {before} and {after}")
    return wrong
