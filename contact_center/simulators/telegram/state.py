"""What the simulated Telegram keeps: the bot, its chats and files, updates not handed over yet, and the ledger."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import anyio

TEXT_MAX: Final = 4_096
CAPTION_MAX: Final = 1_024
PHOTO_BYTES: Final = 10 * 1024 * 1024
FILE_BYTES: Final = 50 * 1024 * 1024
DOWNLOAD_BYTES: Final = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A simulated bot. Its webhook may be at a loopback address only."""

    token: str = "5000000001:simulated-bot-token-for-tests-only"  # noqa: S105 - opens nothing but the simulator
    username: str = "atencion_prueba_bot"
    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    limits: bool = True
    """Whether the rates of the real one hold: one message a second to a chat, 30 a second in all."""
    webhook_timeout_s: float = 60.0
    hang_s: float = 30.0
    """For how long a request that was taken and then times out is left hanging."""
    retry_s: float = 1.0
    """How long the simulator waits before it sends an update again that was not taken."""


@dataclass(slots=True)
class Chat:
    """A person who may write to the bot."""

    id: int
    first_name: str
    last_name: str = ""
    language_code: str = "es"
    started: bool = False
    """Whether they wrote first: a bot cannot begin."""
    blocked: bool = False
    inbox: list[dict[str, Any]] = field(default_factory=list)
    """What the bot sent."""
    sent_at: deque[float] = field(default_factory=deque)

    def as_user(self) -> dict[str, Any]:
        found: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            found["last_name"] = self.last_name
        return {**found, "language_code": self.language_code}

    def as_chat(self) -> dict[str, Any]:
        named = {"last_name": self.last_name} if self.last_name else {}
        return {"id": self.id, "type": "private", "first_name": self.first_name, **named}


@dataclass(slots=True)
class Hook:
    """Where updates are pushed."""

    url: str = ""
    secret: str = ""
    allowed: tuple[str, ...] = ()
    last_error_at: float | None = None
    last_error: str = ""


@dataclass(slots=True)
class Fault:
    """What goes wrong with some of the bot's requests. `answer`: 429, 500, 502, accept_then_time_out, time_out."""

    answer: str
    rate: float = 1.0
    method: str = "*"
    next: int | None = None
    retry_after_s: int = 1


class State:
    """Everything of one simulated Telegram, in memory."""

    def __init__(self, config: Config, clock: Callable[[], float]) -> None:
        self.config = config
        self.now = clock
        self.random = random.Random(config.seed)  # noqa: S311 - the same faults for the same seed
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.hook = Hook()
        self.pending: deque[dict[str, Any]] = deque()
        self.taken: list[dict[str, Any]] = []
        """Updates that were handed over, in order."""
        self.grew = anyio.Event()
        self.shrank = anyio.Event()
        self.closing = anyio.Event()
        self.ledger: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.duplicates = 1
        self.breaches = 0
        """Requests beyond the real one's rates, however they were answered."""
        self._update_id = 100_000
        self._message_id = 0
        self._file_id = 0
        self._sent_at: deque[float] = deque()

    @property
    def bot_id(self) -> int:
        return int(self.config.token.partition(":")[0])

    def as_bot(self) -> dict[str, Any]:
        return {"id": self.bot_id, "is_bot": True, "first_name": "Prueba", "username": self.config.username}

    def note(self, kind: str, **data: Any) -> None:
        """Write something down. The ledger is what tests believe."""
        self.ledger.append({"number": len(self.ledger) + 1, "at": self.now(), "kind": kind, **data})

    def chat(self, chat_id: int, first_name: str = "Prueba", **more: Any) -> Chat:
        """Return a person, a new one the first time."""
        return self.chats.setdefault(chat_id, Chat(chat_id, first_name, **more))

    def next_message_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def add_file(self, name: str, content: bytes) -> str:
        self._file_id += 1
        file_id = f"file-{self._file_id:06d}"
        self.files[file_id] = (name, content)
        return file_id

    def push(self, **update: Any) -> dict[str, Any]:
        """Put an update where the bot will get it."""
        self._update_id += 1
        made = {"update_id": self._update_id, **update}
        self.pending.append(made)
        self.note("update", update_id=self._update_id, what=next(iter(update)))
        grew, self.grew = self.grew, anyio.Event()
        grew.set()
        return made

    def drop_first(self) -> None:
        """Let go of the update that was taken."""
        self.taken.append(self.pending.popleft())
        shrank, self.shrank = self.shrank, anyio.Event()
        shrank.set()

    def fault_for(self, method: str) -> Fault | None:
        """Return what goes wrong with this request, if anything."""
        for one in self.faults:
            if one.method not in ("*", method) or one.next == 0 or self.random.random() >= one.rate:
                continue
            if one.next is not None:
                one.next -= 1
            return one
        return None

    def too_fast(self, chat: Chat) -> int:
        """Count a sending; return the seconds to wait when it is beyond the rates, 0 when it is not."""
        now = self.now()
        over = 0
        for sent_at, most in ((chat.sent_at, 1), (self._sent_at, 30)):
            while sent_at and sent_at[0] <= now - 1.0:
                sent_at.popleft()
            if len(sent_at) >= most:
                over = 1
        if over:
            self.breaches += 1
            return over if self.config.limits else 0
        chat.sent_at.append(now)
        self._sent_at.append(now)
        return 0
