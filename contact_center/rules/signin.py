"""Rules of signing in: user names, passwords, second factors, and how long to wait after wrong guesses. Pure."""

import hashlib
import unicodedata
from datetime import datetime
from itertools import pairwise
from typing import Final

from contact_center.rules.model import Role
from contact_center.rules.textfold import fold, fold_lookalikes

PASSWORD_MIN: Final = 12
PASSWORD_MAX: Final = 200
"""Characters; long enough for any passphrase, short enough to hash at once."""
STEP_S: Final = 30
"""Seconds a code of the second factor is new."""
RECOVERY_CODES: Final = 8
WINDOW_S: Final = 3_600
"""A row of wrong guesses is forgotten after this long without another."""

NEEDS_TOTP: Final = frozenset({Role.supervisor, Role.systems})
"""Roles that need a second factor; everybody else may have one."""

# A whole office may stand behind one address: it gets more tries than an account, and never waits longer than half a
# minute for somebody else's mistakes.
FREE_GUESSES: Final = {"account": 5, "address": 20, "net": 60}
_WAITS_S: Final = {"account": (10, 15, 30, 60, 120, 300), "address": (5, 10, 20, 30), "net": (5, 10, 20, 30)}

_COMMON: Final = (
    *("password", "contrasena", "contrasenia", "clave", "acceso", "bienvenido", "bienvenida", "sonora", "hermosillo"),
    *("mexico", "gobierno", "atencion", "ciudadana", "chatsonora", "qwertyuiop", "qwerty", "asdfghjkl", "zxcvbnm"),
    *("abcdefgh", "iloveyou", "teamo", "tequiero", "princesa", "estrella", "administrador", "administrator", "admin"),
    *("usuario", "secreto", "letmein", "welcome", "superman", "batman", "football", "futbol", "monkey", "dragon"),
    *("master", "sunshine", "trustno", "passw0rd", "p4ssword", "guaymas", "obregon", "nogales", "navojoa"),
)
"""Words that guessing starts with; a password that is one of them with digits and signs around it is refused."""


def fold_username(name: str) -> str:
    """Return the form under which a user name is unique: NFKC, case folded twice over so that İ and ß settle."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return fold_lookalikes(unicodedata.normalize("NFKC", folded)).replace(" ", "")


def password_problem(password: str, username: str, name: str = "") -> str | None:
    """Return why a password cannot be taken: `weak_password`, `breached_password`, or None.

    Weak: shorter than PASSWORD_MIN, fewer than five different characters, or built on the user's own name. Breached:
    built on a word from the lists that guessing starts with.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX or len(set(password)) < 5:
        return "weak_password"
    plain = fold(password).replace(" ", "")
    own = [fold(part) for part in (username, *name.split()) if len(part) >= 4]
    if any(part in plain for part in own) or _is_row(plain):
        return "weak_password"
    letters = "".join(char for char in plain if char.isalpha())
    for word in _COMMON:
        if word in plain and len(letters) - letters.count(word) * len(word) < 6:
            return "breached_password"
    return None


def _is_row(text: str) -> bool:
    """Say whether most of it counts up or down: 123456789012, abcdefghijkl."""
    steps = [ord(b) - ord(a) for a, b in pairwise(text)]
    return sum(1 for step in steps if step in (-1, 0, 1)) > len(steps) * 3 // 4


def wait_s(kind: str, failures: int) -> int:
    """Return how long the next guess has to wait after so many wrong ones. Never for ever: a delay is not a lock."""
    beyond = failures - FREE_GUESSES[kind]
    waits = _WAITS_S[kind]
    return 0 if beyond < 0 else waits[min(beyond, len(waits) - 1)]


def is_forgotten(first_at: datetime, locked_until: datetime | None, now: datetime) -> bool:
    """Say whether wrong guesses are so old that counting starts anew."""
    return (now - max(first_at, locked_until or first_at)).total_seconds() > WINDOW_S


def step_of(now: datetime) -> int:
    """Return the number of the second factor's step at an instant."""
    return int(now.timestamp()) // STEP_S


def recovery_hash(code: str) -> str:
    """Return what is stored of a recovery code. It has 80 random bits."""
    plain = "".join(char for char in code.lower() if char.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
