"""A provider of text messages that answers every sending after a while, and counts them. For `texts_out`."""

import asyncio
import json
import sys
from time import perf_counter
from typing import Any

import uvicorn


class Provider:
    """A plain ASGI application. GET /count tells how many were sent and how long that took from the first."""

    def __init__(self, answers_after_s: float) -> None:
        self._after_s = answers_after_s
        self._times: list[float] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        status, said = 200, dict[str, Any]()
        if scope["method"] == "POST":
            await asyncio.sleep(self._after_s)
            self._times.append(perf_counter())
            status, said = 201, {"sid": f"SM{len(self._times):032d}", "status": "queued"}
        elif scope["path"] == "/count":
            took = self._times[-1] - self._times[0] if self._times else 0.0
            said = {"sent": len(self._times), "took": took}
        body = json.dumps(said).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    port, after_s = int(sys.argv[1]), float(sys.argv[2])
    uvicorn.run(Provider(after_s), port=port, log_level="error", access_log=False, lifespan="off", loop="uvloop")
