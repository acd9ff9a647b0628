"""Rules of signing in: user names, passwords, waiting, codes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.actions import passwords
from contact_center.rules import signin
from tests.support.clock import MORNING, SequentialIds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul", "istanbul"),
        ("straße", "STRASSE"),
        ("Ana.López", "ana.lopez"),
        ("ﬁeld", "field"),
        ("аdmin", "admin"),  # the first letter is Cyrillic
        ("José", "Jose\u0301"),
    ],
)
def test_names_that_look_or_fold_alike_are_one_user_name(one: str, other: str) -> None:
    assert signin.fold_username(one) == signin.fold_username(other)


@given(st.text(max_size=60))
def test_folding_a_user_name_twice_changes_nothing(name: str) -> None:
    once = signin.fold_username(name)
    assert signin.fold_username(once) == once


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("cuatro caballos verdes", None),
        ("Xk9#pL2$vQ7!", None),
        ("a" * 11, "weak_password"),
        ("aaaaaaaaaaaaaaaa", "weak_password"),
        ("123456789012345", "weak_password"),
        ("abcdefghijklmn", "weak_password"),
        ("x" * 201, "weak_password"),
        ("mgarcia-es-genial", "weak_password"),
        ("viva garcia siempre", "weak_password"),
        ("Password1234!", "breached_password"),
        ("Contraseña2026", "breached_password"),
        ("Hermosillo*2026", "breached_password"),
    ],
)
def test_a_password_is_taken_or_refused_with_a_reason(password: str, problem: str | None) -> None:
    assert signin.password_problem(password, "mgarcia", "María García") == problem


@pytest.mark.parametrize("kind", ["account", "address", "net"])
def test_waiting_grows_with_wrong_guesses_and_has_an_end(kind: str) -> None:
    waits = [signin.wait_s(kind, failures) for failures in range(200)]
    assert waits[signin.FREE_GUESSES[kind] - 1] == 0 < waits[signin.FREE_GUESSES[kind]]
    assert waits == sorted(waits)
    assert max(waits) <= 300, "a delay, never a lock"


def test_wrong_guesses_are_forgotten_after_an_hour_without_another() -> None:
    assert not signin.is_forgotten(MORNING, None, MORNING + timedelta(minutes=59))
    assert signin.is_forgotten(MORNING, None, MORNING + timedelta(minutes=61))
    assert not signin.is_forgotten(MORNING, MORNING + timedelta(minutes=30), MORNING + timedelta(minutes=61))


def test_a_code_is_good_for_a_step_before_and_after_and_never_twice() -> None:
    from pyotp import TOTP

    secret = passwords.new_secret(SequentialIds())
    code = TOTP(secret).at(int(MORNING.timestamp()))
    step = signin.step_of(MORNING)
    assert passwords.matching_step(secret, code, MORNING, 0) == step
    assert passwords.matching_step(secret, f"{code[:3]} {code[3:]}", MORNING + timedelta(seconds=30), 0) == step
    assert passwords.matching_step(secret, code, MORNING + timedelta(seconds=90), 0) is None
    assert passwords.matching_step(secret, code, MORNING, step) is None
    assert passwords.matching_step(secret, "", MORNING, 0) is None
    assert passwords.matching_step(secret, "１２３４５６", MORNING, 0) is None


def test_the_codes_of_the_standard_come_out() -> None:
    """RFC 6238, appendix B, at 59 s and 1111111109 s, cut to six digits."""
    from datetime import UTC, datetime

    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert passwords.matching_step(secret, "287082", datetime.fromtimestamp(59, UTC), 0) == 1
    assert passwords.matching_step(secret, "081804", datetime.fromtimestamp(1111111109, UTC), 0) == 1111111109 // 30


@pytest.mark.parametrize("typed", ["ABCD-efgh-ijkl-mnop", "abcdefghijklmnop", " abcd efgh ijkl mnop "])
def test_a_recovery_code_may_be_typed_with_or_without_dashes(typed: str) -> None:
    assert signin.recovery_hash(typed) == signin.recovery_hash("abcd-efgh-ijkl-mnop")


async def test_a_password_is_hashed_with_argon2id_and_compared() -> None:
    stored = await passwords.hash_password("cuatro caballos verdes")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.is_password(stored, "cuatro caballos verdes")
    assert not await passwords.is_password(stored, "cuatro caballos rojos")
    assert not await passwords.is_password(None, "nobody has this password"), "nobody's password opens nothing"
    assert not await passwords.is_password("not a hash", "x")
