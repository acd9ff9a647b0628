"""Signing in and out: `/api/v1/session…` of docs/protocol.md, and the first user of an empty house."""

import hmac
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions import passwords, sign_in
from contact_center.actions.accounts import ConfirmTotp, End, SetPassword, StartTotp, me_view
from contact_center.actions.first_user import FirstUser
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.sign_in import Attempt
from contact_center.errors import Denied, Invalid, NotSignedIn
from contact_center.rules import signin
from contact_center.store import people
from contact_center.store.people import Session
from contact_center.web import auth, inputs, limits
from contact_center.web.house import house_of

ISSUER: Final = "Contact Center"


class Form(BaseModel):
    """Base of what people type when they sign in."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignIn(Form):
    """A name, a password, and a code when the second factor is on."""

    username: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=signin.PASSWORD_MAX)
    totp: str | None = Field(default=None, max_length=40)


class NewPassword(Form):
    """The password one has and the one to have."""

    current: str = Field(min_length=1, max_length=signin.PASSWORD_MAX)
    new: str = Field(min_length=1, max_length=signin.PASSWORD_MAX)


class Code(Form):
    """A code that an authenticator shows."""

    code: str = Field(min_length=6, max_length=12)


class Setup(Form):
    """The first systems user; `token` was printed when the service started."""

    token: str = Field(min_length=1, max_length=100)
    username: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=signin.PASSWORD_MAX)


def answer_of(session: Session) -> dict[str, Any]:
    """Return what the console starts from."""
    return {"me": me_view(session), "csrf": session.csrf}


async def show(request: Request) -> Response:
    """Say who is signed in."""
    return inputs.json(answer_of(auth.session_of(request)))


async def open_session(request: Request) -> Response:
    """Sign in."""
    auth.check_same_origin(request)
    house, form = house_of(request), await inputs.read(request, SignIn)
    old = request.cookies.get(auth.cookie_name(house.settings.is_https))
    attempt = Attempt(
        form.username,
        form.password,
        form.totp,
        limits.address_of(request),
        request.headers.get("user-agent", ""),
        sign_in.token_hash(old[:100]) if old else None,
    )
    opened = await sign_in.sign_in(house.db, house.writer, house.clock, house.ids, attempt)
    session = await auth.session_of_token(request, opened.token)
    if session is None:
        raise NotSignedIn
    response = inputs.json(answer_of(session))
    auth.set_cookie(response, request, opened.token)
    return response


async def close_session(request: Request) -> Response:
    """Sign out."""
    session = auth.session_of(request)
    await house_of(request).writer.submit(auth.actor_of(request), "session.end", End(session_id=session.id))
    response = inputs.empty()
    auth.clear_cookie(response, request)
    return response


async def change_password(request: Request) -> Response:
    """Change one's own password; all other sessions end and this one gets a new token."""
    house, session, form = house_of(request), auth.session_of(request), await inputs.read(request, NewPassword)
    staff = session.staff
    address = limits.address_of(request)
    try:
        await sign_in.check_own_password(house.db, house.writer, house.clock, staff, form.current, address)
    except NotSignedIn as error:
        raise Invalid("wrong_password", fields={"current": "wrong"}) from error
    problem = signin.password_problem(form.new, staff.username, staff.name)
    if problem is not None or form.new == form.current:
        raise Invalid(problem or "weak_password", fields={"new": problem or "weak_password"})
    token = house.ids.token()
    body = SetPassword(
        seen_hash=staff.password_hash,
        new_hash=await passwords.hash_password(form.new),
        token_hash=sign_in.token_hash(token),
    )
    await house.writer.submit(auth.actor_of(request), "session.set_password", body)
    response = inputs.empty()
    auth.set_cookie(response, request, token)
    return response


async def start_totp(request: Request) -> Response:
    """Make a secret for an authenticator and show it as text, address and picture."""
    import pyotp
    import segno

    house, staff = house_of(request), auth.session_of(request).staff
    secret = passwords.new_secret(house.ids)
    await house.writer.submit(auth.actor_of(request), "session.start_totp", StartTotp(secret=secret))
    uri = pyotp.TOTP(secret).provisioning_uri(name=staff.username, issuer_name=ISSUER)
    svg = segno.make(uri, error="m").svg_inline(scale=4, border=2, omitsize=False)
    return inputs.json({"secret": secret, "uri": uri, "svg": svg})


async def confirm_totp(request: Request) -> Response:
    """Turn the second factor on with a code that proves it works; the recovery codes are shown this once."""
    house, staff, form = house_of(request), auth.session_of(request).staff, await inputs.read(request, Code)
    if staff.totp_secret is None or staff.totp_confirmed:
        raise Invalid("totp_not_started")
    step = passwords.matching_step(staff.totp_secret, form.code, house.clock.now(), staff.totp_last_step)
    if step is None:
        raise Invalid("totp_wrong", fields={"code": "totp_wrong"})
    codes = [passwords.new_recovery_code(house.ids) for _ in range(signin.RECOVERY_CODES)]
    token = house.ids.token()
    body = ConfirmTotp(
        secret=staff.totp_secret,
        step=step,
        recovery_hashes=tuple(signin.recovery_hash(one) for one in codes),
        token_hash=sign_in.token_hash(token),
    )
    await house.writer.submit(auth.actor_of(request), "session.confirm_totp", body)
    response = inputs.json({"recovery_codes": codes})
    auth.set_cookie(response, request, token)
    return response


async def needs_setup(request: Request) -> Response:
    """Say whether the house has no user yet."""
    async with house_of(request).db.read() as conn:
        return inputs.json({"needed": await people.count_users(conn) == 0})


async def set_up(request: Request) -> Response:
    """Make the first user, who manages the others: only with the token that was printed, only while there is none."""
    auth.check_same_origin(request)
    house, form = house_of(request), await inputs.read(request, Setup)
    wanted: str | None = request.app.state.setup_token
    if wanted is None or not hmac.compare_digest(wanted.encode(), form.token.encode()):
        raise Denied("setup_token")
    problem = signin.password_problem(form.password, form.username, form.name)
    if problem is not None:
        raise Invalid(problem, fields={"password": problem})
    body = FirstUser(username=form.username, name=form.name, password_hash=await passwords.hash_password(form.password))
    await house.writer.submit(SYSTEM, "user.first", body)
    request.app.state.setup_token = None
    return inputs.empty()


routes: list[BaseRoute] = [
    auth.get("/api/v1/session", show, auth.SIGNED_IN, unfinished=True),
    auth.post("/api/v1/session", open_session, auth.PUBLIC, body=SignIn),
    auth.delete("/api/v1/session", close_session, auth.SIGNED_IN, unfinished=True),
    auth.post("/api/v1/session/password", change_password, auth.SIGNED_IN, unfinished=True, body=NewPassword),
    auth.post("/api/v1/session/totp/start", start_totp, auth.SIGNED_IN, unfinished=True),
    auth.post("/api/v1/session/totp/confirm", confirm_totp, auth.SIGNED_IN, unfinished=True, body=Code),
    auth.get("/api/v1/setup", needs_setup, auth.PUBLIC),
    auth.post("/api/v1/setup", set_up, auth.PUBLIC, body=Setup),
]
