"""Everything that happened at the simulated provider, in order: the oracle of tests."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import anyio

from contact_center.simulators.twilio.elapse import Elapse


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `kind` is rest, webhook, call, heard, conference, recording, queue, caller, device,
    error or fault; what `data` holds for each is in docs/simulators.md."""

    number: int
    at: str
    kind: str
    call_sid: str
    data: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.data.get(name)


class Ledger:
    """Append only. Kept in memory: a simulator lives as long as its test or demo."""

    def __init__(self, elapse: Elapse) -> None:
        self._elapse = elapse
        self._entries: list[Entry] = []
        self._bills: Counter[str] = Counter()
        self._grew = anyio.Event()

    def add(self, kind: str, call_sid: str = "", /, **data: Any) -> Entry:
        """Write an entry down."""
        at = self._elapse.now().isoformat(timespec="milliseconds")
        entry = Entry(len(self._entries) + 1, at, kind, call_sid, data)
        self._entries.append(entry)
        grew, self._grew = self._grew, anyio.Event()
        grew.set()
        return entry

    def bill(self, what: str) -> None:
        """Count something the provider would put on the bill."""
        self._bills[what] += 1

    @property
    def bills(self) -> dict[str, int]:
        """Accepted POSTs that make something: calls, participants, recordings."""
        return dict(self._bills)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def of(self, kind: str, call_sid: str = "", /, **match: Any) -> list[Entry]:
        """Return entries of a kind, of one call when given, whose data agree with `match`."""
        return [
            entry
            for entry in self._entries
            if entry.kind == kind
            and call_sid in ("", entry.call_sid)
            and all(entry.data.get(name) == value for name, value in match.items())
        ]

    def since(self, number: int, kind: str = "", call_sid: str = "") -> list[Entry]:
        """Return entries after a number."""
        return [
            entry
            for entry in self._entries[max(0, number) :]
            if kind in ("", entry.kind) and call_sid in ("", entry.call_sid)
        ]

    def heard(self, call_sid: str) -> str:
        """Return all that was said or played to one call, a line for each."""
        return "\n".join(str(entry["text"]) for entry in self.of("heard", call_sid))

    def webhooks(self, kind: str, call_sid: str = "") -> list[Entry]:
        """Return requests that reached the house's door for a kind of webhook."""
        return [entry for entry in self.of("webhook", call_sid, webhook=kind) if entry["status"]]

    async def wait_for(self, test: Callable[[Entry], bool], *, timeout_s: float = 10.0) -> Entry:
        """Return the first entry that passes, now or later. Raises TimeoutError after real seconds."""
        seen = 0
        with anyio.fail_after(timeout_s):
            while True:
                while seen < len(self._entries):
                    if test(self._entries[seen]):
                        return self._entries[seen]
                    seen += 1
                await self._grew.wait()
