"""Raw sqlite3: what the product writes for a message, in as few statements as the tables allow."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from time import time_ns

from uuid_utils import uuid7

_MESSAGES = """INSERT INTO messages (id, conversation_id, seq, author_kind, author_id, text, at, client_id, delivery,
  has_attachments) VALUES (?, ?, ?, 'citizen', ?, ?, ?, ?, 'sent', 0)"""
_CONVERSATIONS = """UPDATE conversations SET last_seq = ?, last_citizen_at = ?, inactivity_warned_at = NULL
  WHERE id = ?"""
_EVENTS = """INSERT INTO events (at, type, actor, item_id, conversation_id, message_id, user_id, data)
  VALUES (?, 'message.added', ?, ?, ?, ?, ?, ?)"""
_HOLDERS = "SELECT conversation_id, id, owner_id FROM work_items"

Stored = tuple[str, int, int]
"""Message id, seq, instant in microseconds."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a database the way the product does: WAL, FULL, one writer."""
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -32000",
        "wal_autocheckpoint = 4000",
    ):
        conn.execute(f"PRAGMA {pragma}")
    return conn


class Messages:
    """Adds messages to conversations, a batch in one transaction."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._seqs: dict[str, int] = dict(conn.execute("SELECT id, last_seq FROM conversations"))
        self._held = {row[0]: row[1:] for row in conn.execute(_HOLDERS)}

    def add(self, batch: Sequence[tuple[str, str, str, str]]) -> list[Stored]:
        """Store (visitor, conversation, text, client id) and return what each became, after the commit."""
        now = time_ns() // 1000
        rows, advances, events, stored = [], {}, [], []
        for visitor, conversation, text, client_id in batch:
            seq = self._seqs[conversation] = self._seqs.get(conversation, 0) + 1
            message = str(uuid7())
            rows.append((message, conversation, seq, visitor, text, now, client_id))
            advances[conversation] = (seq, now, conversation)
            item, owner = self._held.get(conversation, (None, None))
            data = json.dumps({"seq": seq, "kind": "citizen"})
            events.append((now, f"visitor:{visitor}", item, conversation, message, owner, data))
            stored.append((message, seq, now))
        conn = self._conn
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(_MESSAGES, rows)
        conn.executemany(_CONVERSATIONS, advances.values())
        conn.executemany(_EVENTS, events)
        conn.execute("COMMIT")
        return stored
