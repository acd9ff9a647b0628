"""How often a stranger may ask: moving windows by address and by neighbourhood, in memory, on the house's own clock.

They keep one node from being flooded. What must hold across nodes and restarts (guessing passwords and folios) is rows
in `throttles`.
"""

from collections import OrderedDict
from ipaddress import ip_address, ip_network
from typing import Any, Final

import limits
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection

from contact_center.errors import TooMany
from contact_center.ports import Clock

MAX_KEYS: Final = 50_000
"""Windows held at once; the one unused for longest is forgotten first."""

RATES: Final = {
    # name: (from one address, from its neighbourhood)
    "any": ("6000/minute", "30000/minute"),
    "login": ("120/minute", "240/minute"),
    "visit": ("20/minute", "120/minute"),
    "config": ("120/minute", "1200/minute"),
    "message": ("120/minute", "1200/minute"),
    "folio": ("20/minute", "60/minute"),
    "recado": ("10/minute", "60/minute"),
    "callback": ("10/minute", "60/minute"),
    "calendar": ("30/minute", "300/minute"),
    "upload": ("30/minute", "120/minute"),
    "socket": ("120/minute", "1200/minute"),
    "setup": ("10/minute", "20/minute"),
}
PATHS: Final = {
    ("POST", "/api/v1/session"): "login",
    ("POST", "/api/v1/session/password"): "login",
    ("POST", "/api/v1/session/totp/confirm"): "login",
    ("POST", "/api/v1/setup"): "setup",
    ("GET", "/api/v1/chat/config"): "config",
    ("POST", "/api/v1/chat/visits"): "visit",
    ("POST", "/api/v1/chat/messages"): "message",
    ("POST", "/api/v1/chat/folio"): "folio",
    ("POST", "/api/v1/chat/recado"): "recado",
    ("POST", "/api/v1/chat/callbacks"): "callback",
    ("POST", "/api/v1/chat/callbacks/move"): "callback",
    ("POST", "/api/v1/chat/callbacks/cancel"): "callback",
    ("POST", "/api/v1/chat/attachments"): "upload",
    ("POST", "/api/v1/attachments"): "upload",
    ("GET", "/api/v1/chat/socket"): "socket",
    ("GET", "/api/v1/console/socket"): "socket",
}
_PARSED: Final = {name: tuple(limits.parse(one) for one in pair) for name, pair in RATES.items()}


class ClockStorage(Storage, MovingWindowSupport):
    """Moving windows on the clock that was handed in, without a thread of its own."""

    STORAGE_SCHEME: list[str] = []  # noqa: RUF012 - the library declares it so

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._windows: OrderedDict[str, list[float]] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return ValueError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Take `amount` of `limit` in the last `expiry` seconds, or nothing."""
        window = self._window(key, expiry)
        if len(window) + amount > limit:
            return False
        window.extend([self._clock.monotonic()] * amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return (start, taken) of a window."""
        window = self._window(key, expiry)
        return (window[0] if window else self._clock.monotonic()), len(window)

    def _window(self, key: str, expiry: int) -> list[float]:
        window = self._windows.setdefault(key, [])
        self._windows.move_to_end(key)
        oldest = self._clock.monotonic() - expiry
        kept = 0
        while kept < len(window) and window[kept] <= oldest:
            kept += 1
        del window[:kept]
        while len(self._windows) > MAX_KEYS:
            self._windows.popitem(last=False)
        return window

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError

    def get(self, key: str) -> int:
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        return self._clock.monotonic()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        count = len(self._windows)
        self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)


class Limiter:
    """The windows of one node."""

    def __init__(self, clock: Clock, unlimited: tuple[Any, ...] = ()) -> None:
        self._clock = clock
        self._unlimited = unlimited
        self._storage = ClockStorage(clock)
        self._windows = MovingWindowRateLimiter(self._storage)

    def is_unlimited(self, address: str) -> bool:
        """Say whether an address lies in a network without rate limits."""
        return bool(self._unlimited) and _is_in(address, self._unlimited)

    def check(self, name: str, address: str) -> None:
        """Count one request. Raises TooMany with `retry_after_s`."""
        if self.is_unlimited(address):
            return
        for rate, key in zip(_PARSED[name], (address, neighbourhood(address)), strict=True):
            if not self._windows.hit(rate, name, key):
                start, _ = self._storage.get_moving_window(rate.key_for(name, key), rate.amount, rate.get_expiry())
                wait_s = start + rate.get_expiry() - self._clock.monotonic()
                raise TooMany(retry_after_s=max(1, round(wait_s)))


def limiter_of(connection: HTTPConnection) -> Limiter:
    """Return the windows of the node that serves this request or socket."""
    limiter: Limiter = connection.app.state.limiter
    return limiter


def check(connection: HTTPConnection, name: str, *keys: str) -> None:
    """Count one request under a name of RATES for its address, or for `keys`. Raises TooMany."""
    for key in keys or (address_of(connection),):
        limiter_of(connection).check(name, key)


def address_of(connection: HTTPConnection) -> str:
    """Return the address a request really comes from; see `middleware.Arrival`."""
    return connection.client.host if connection.client else "unknown"


def neighbourhood(address: str) -> str:
    """Return the /24 or /64 around an address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{ip}/{24 if ip.version == 4 else 64}", strict=False))


def _is_in(address: str, networks: tuple[Any, ...]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip.version == one.version and ip in one for one in networks)


def is_unlimited(connection: HTTPConnection) -> bool:
    """Say whether a request or socket comes from a network without rate limits."""
    return limiter_of(connection).is_unlimited(address_of(connection))
