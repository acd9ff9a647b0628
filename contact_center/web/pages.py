"""The built pages and their files: hashed ones for ever, the rest asked anew and answered 304 when unchanged."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

import agents_ui
from contact_center.errors import Missing, Unavailable
from contact_center.store import admin
from contact_center.web import auth
from contact_center.web.house import house_of
from contact_center.web.middleware import page_policy, permissions

STATIC: Final = agents_ui.STATIC
FOREVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
KINDS: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
SMALLER: Final = frozenset(KINDS[one] for one in (".js", ".css", ".html", ".json", ".svg", ".webmanifest"))
"""Kinds that are sent compressed: the budgets of the UI count what goes over the line."""


@dataclass(frozen=True, slots=True)
class File:
    """A built file as it is answered."""

    content: bytes
    etag: str
    kind: str
    gzipped: bytes | None = None
    """The same, smaller; None for what is compressed already."""


ICON: Final = File(
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    b'<path fill="#7b1c3b" d="M7 4h18a5 5 0 0 1 5 5v10a5 5 0 0 1-5 5H15l-7 6v-6H7a5 5 0 0 1-5-5V9a5 5 0 0 1 5-5z"/>'
    b'<g fill="#fff"><circle cx="10" cy="14" r="2"/><circle cx="16" cy="14" r="2"/>'
    b'<circle cx="22" cy="14" r="2"/></g></svg>',
    '"icon-1"',
    KINDS[".svg"],
)
ROBOTS: Final = File(
    b"User-agent: *\nAllow: /chat\nAllow: /folio\nDisallow: /\n", '"robots-1"', "text/plain; charset=utf-8"
)


@lru_cache(maxsize=256)
def _load(path: Path, _changed_ns: int) -> File:
    content = path.read_bytes()
    kind = KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    gzipped = gzip.compress(content, 9, mtime=0) if kind in SMALLER else None
    return File(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"', kind, gzipped)


def find(name: str) -> File:
    """Return a built file. Raises Missing for what is not there or lies outside, Unavailable before the UI is built."""
    if not STATIC.is_dir():
        raise Unavailable("ui_not_built")
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC.resolve()) or not path.is_file() or path.name.startswith("."):
        raise Missing
    return _load(path, path.stat().st_mtime_ns)


def answer(request: Request, file: File, cache: str, headers: dict[str, str] | None = None) -> Response:
    """Return a file, or 304 when the browser has it."""
    content, etag, encoding = file.content, file.etag, {}
    if file.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        # Another representation has another strong ETag (RFC 9110 §8.8.3).
        content, etag, encoding = file.gzipped, f'{file.etag[:-1]}-gz"', {"content-encoding": "gzip"}
    all_headers = {"etag": etag, "cache-control": cache, "vary": "accept-encoding", **(headers or {})}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=all_headers)
    return Response(content, headers={**all_headers, **encoding, "content-type": file.kind})


async def asset(request: Request) -> Response:
    """Give a file whose name carries a hash of its content."""
    return answer(request, find(f"assets/{request.path_params['name']}"), FOREVER)


async def console(request: Request) -> Response:
    """Give the console's page, whatever screen its address names."""
    phone = house_of(request).telephone
    headers = {"content-security-policy": page_policy(**(phone.sources if phone is not None else {}))}
    if phone is not None:
        headers["permissions-policy"] = permissions(microphone=True)
    return answer(request, find("console.html"), ASK_AGAIN, headers)


async def to_console(_request: Request) -> Response:
    """Lead on to the console."""
    return RedirectResponse("/console/", 308)


async def chat(request: Request) -> Response:
    """Give the citizen's chat, which our own pages and the registered sites may show in a frame."""
    async with house_of(request).db.read() as conn:
        sites = await admin.site_origins(conn)
    headers = {
        "content-security-policy": page_policy(ancestors=" ".join(["'self'", *sites])),
        "cross-origin-resource-policy": "cross-origin",
    }
    return answer(request, find("chat.html"), ASK_AGAIN, headers)


async def loader(request: Request) -> Response:
    """Give the one script that other sites carry."""
    headers = {"cross-origin-resource-policy": "cross-origin", "access-control-allow-origin": "*"}
    return answer(request, find("widget.js"), "public, max-age=300", headers)


async def demo(request: Request) -> Response:
    """Give a page of ours that carries the widget."""
    return answer(request, find("demo.html"), ASK_AGAIN, {"content-security-policy": page_policy(frames="'self'")})


async def home(_request: Request) -> Response:
    """Lead citizens who come to the bare address to the chat."""
    return RedirectResponse("/chat", 307)


async def icon(request: Request) -> Response:
    """Give the icon that browsers ask for by a fixed name."""
    return answer(request, ICON, "public, max-age=86400")


async def robots(request: Request) -> Response:
    """Tell search engines to leave everything but the citizens' pages alone."""
    return answer(request, ROBOTS, "public, max-age=86400")


routes: list[BaseRoute] = [
    auth.get("/", home, auth.PUBLIC),
    auth.get("/console", to_console, auth.PUBLIC),
    auth.get("/console/", console, auth.PUBLIC),
    auth.get("/console/{screen:path}", console, auth.PUBLIC),
    auth.get("/chat", chat, auth.PUBLIC),
    auth.get("/folio", chat, auth.PUBLIC),
    auth.get("/demo", demo, auth.PUBLIC),
    auth.get("/widget.js", loader, auth.PUBLIC),
    auth.get("/assets/{name:path}", asset, auth.PUBLIC),
    auth.get("/favicon.ico", icon, auth.PUBLIC),
    auth.get("/favicon.svg", icon, auth.PUBLIC),
    auth.get("/robots.txt", robots, auth.PUBLIC),
]
