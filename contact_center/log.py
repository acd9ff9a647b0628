"""Logs: one JSON object a line, a static event name with fields, nothing personal in it (PROMISES S28).

Whatever is logged, by us or by a library, passes `redact`: phones, CURP, RFC, e-mail and tokens are replaced, and
control characters (line breaks, ANSI, bidi) are shown as escapes, so that no text of a stranger can forge a line.
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_KEYS: Final = re.compile(
    r"(?i)pass(word|phrase)?|secret|token|authorization|cookie|csrf|totp|recovery|(^|_)(phone|curp|rfc|email|text|body|name)s?$"
)
_KEPT_KEYS: Final = frozenset({"event", "level", "timestamp", "verb", "logger"})
_HIDDEN: Final = "[…]"
_PATTERNS: Final = (
    (re.compile(r"(?i)[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}"), "[email]"),
    (re.compile(r"(?i)\b[a-z]{4}\d{6}[hmx][a-z]{5}[a-z0-9]\d\b"), "[curp]"),
    (re.compile(r"(?i)\b[a-zñ&]{3,4}\d{6}[a-z0-9]{3}\b"), "[rfc]"),
    (re.compile(r"\b\d{5,12}:[A-Za-z0-9_-]{25,}"), "[token]"),
    (re.compile(r"(?i)\b(bearer)\s+\S+"), r"\1 [token]"),
    (re.compile(r"(?i)([?&](?:token|q|phone|last4|folio|key|code)=)[^&\s\"']+"), r"\1[…]"),
    (
        re.compile(r"(?<![\w.:-])(?:\+?52[ .-]?)?(?:1[ .-]?)?(?:\(?\d{2,3}\)?[ .-]?){1}\d{3,4}[ .-]?\d{4}(?![\w-])"),
        "[phone]",
    ),
    (
        re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(?![0-9a-f]{8}-[0-9a-f]{4}-)[A-Za-z0-9_-]{43,}(?![\w-])"),
        "[token]",
    ),
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_LONGEST: Final = 4_000


def set_up(level: str = "info", *, as_json: bool = True, stream: TextIO | None = None) -> None:
    """Send our logs and the libraries' to standard error, through one chain."""
    out = stream or sys.stderr
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    last: Processor = structlog.processors.JSONRenderer(ensure_ascii=False, default=repr) if as_json else _plain
    structlog.configure(
        processors=[*chain, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *chain],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if level == "info" else level.upper())
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return the entry without anything personal and without a character that could forge another line."""
    return {key: value if key in {"level", "timestamp"} else _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if key.startswith("_"):
        return value
    if key not in _KEPT_KEYS and _SECRET_KEYS.search(key):
        return _HIDDEN
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean_text(str(k)): _clean(str(k), v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(key, one) for one in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return clean_text(repr(value))


def clean_text(text: str) -> str:
    """Return a text fit for a log line: short, without personal data, control characters as escapes."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text[:_LONGEST])
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _plain(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    at, level, name = (cast(str, event.pop(key, "")) for key in ("timestamp", "level", "event"))
    return f"{at[:19]} {level:<7} {name}" + "".join(f" {key}={value}" for key, value in event.items())
