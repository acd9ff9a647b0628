"""Which addresses may be called, and from which: what the provider refuses. Pure."""

import re
from typing import Final

from contact_center.simulators.twilio.config import Config

E164: Final = re.compile(r"\+[1-9]\d{6,14}")
CLIENT: Final = re.compile(r"client:[A-Za-z0-9_.@+%=-]{1,121}")
PREMIUM: Final = ("+52900", "+1900", "+1976")


def is_client(address: str) -> bool:
    return CLIENT.fullmatch(address.partition("?")[0]) is not None


def is_number(address: str) -> bool:
    """Tell whether an address is a telephone number in E.164; those of Mexico have ten digits after +52."""
    if not E164.fullmatch(address):
        return False
    if address.startswith("+52"):
        return len(address) == 13
    return len(address) == 12 if address.startswith("+1") else True


def refusal_of_callee(config: Config, to: str) -> tuple[int, str] | None:
    """Return the code and message with which a call to this address is refused."""
    if is_client(to):
        return None
    if not is_number(to):
        return 21211, f"The phone number you are attempting to call, {to}, is not valid."
    if to.startswith(PREMIUM):
        return 21216, f"Account not allowed to call {to}."
    if not to.startswith(config.countries):
        return 21215, (
            f"Account not authorized to call {to}. Perhaps you need to enable some international permissions: "
            "https://www.twilio.com/console/voice/calls/geo-permissions/low-risk"
        )
    return None


def refusal_of_caller(config: Config, from_: str, to: str) -> tuple[int, str] | None:
    """Return the code and message with which a call from this address is refused."""
    if is_client(to):
        ok = is_client(from_) or is_number(from_) or from_ in ("anonymous", "+266696687")
        return None if ok else (21212, f"The source phone number provided, {from_}, is not valid.")
    if not is_number(from_):
        return 21212, f"The source phone number provided, {from_}, is not valid."
    if config.number(from_) is None:
        return 21210, (
            f"The source phone number provided, {from_}, is not yet verified for your account. You may only make "
            "calls from phone numbers that you've verified or purchased from Twilio."
        )
    return None
