"""The limit of a webhook: a signature checked, one row committed (FULL) with all that waits, 204. Nothing else."""

import asyncio
import sqlite3
import sys
from collections import deque
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from twilio.request_validator import RequestValidator


class Hooks:
    """A plain ASGI application."""

    def __init__(self, path: str, token: str, base: str) -> None:
        self._conn = sqlite3.connect(path, check_same_thread=False)
        self._conn.execute("PRAGMA journal_mode=WAL")
        self._conn.execute("PRAGMA synchronous=FULL")
        self._conn.execute("CREATE TABLE news (id TEXT, state TEXT, words TEXT, UNIQUE (id, state))")
        self._validator = RequestValidator(token)
        self._base = base
        self._waiting: deque[tuple[tuple[str, str, str], asyncio.Future[None]]] = deque()
        self._committing = False

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status = 204
        if scope["path"] != "/ready":
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            signature = dict(scope["headers"]).get(b"x-twilio-signature", b"").decode()
            if self._validator.validate(self._base + scope["path"], form, signature):
                sid = form.get("CallSid") or form["MessageSid"]
                await self._store((sid, form.get("CallStatus", "received"), form.get("Body", "")))
            else:
                status = 403
        else:
            status = 200
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async def _store(self, row: tuple[str, str, str]) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, done))
        if not self._committing:
            self._committing = True
            while self._waiting:
                batch = list(self._waiting)
                self._waiting.clear()
                await asyncio.to_thread(self._commit, [one for one, _ in batch])
                for _, waiter in batch:
                    waiter.set_result(None)
            self._committing = False
        await done

    def _commit(self, rows: list[tuple[str, str, str]]) -> None:
        with self._conn:
            self._conn.executemany("INSERT OR IGNORE INTO news VALUES (?, ?, ?)", rows)


if __name__ == "__main__":
    port, database, secret = sys.argv[1:4]
    app = Hooks(database, secret, f"http://127.0.0.1:{port}")
    uvicorn.run(app, port=int(port), log_level="error", access_log=False, lifespan="off", loop="uvloop")
