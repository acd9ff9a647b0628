"""A caller asks by keypad how a folio stands: the same question, locks and answers as in the chat (PROMISES S15)."""

import re
from hashlib import sha256
from typing import Final

from pydantic import Field

from contact_center.actions import calls
from contact_center.actions.folio_query import find_out
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Missing, TooMany
from contact_center.rules.calls import EventKind, Fact
from contact_center.rules.folios import Folio, folio_year
from contact_center.store import calls as store

_KEYS: Final = re.compile(r"(?:(20\d\d|21\d\d)0*)?0*([1-9]\d{0,8})")
SAID: Final = {
    "status": "Su petición con folio {folio} está: {status}, desde el {day}. {last}",
    "not_found": "No encontramos un folio con esos datos. Verifique el folio y los últimos cuatro dígitos de su "
    "teléfono.",
    "locked": "Por su seguridad, por ahora no podemos consultar más folios por este medio. Si lo desea, espere en la "
    "línea y una persona le atenderá.",
}
"""What is spoken. The answer is the same whether there is no such folio or the digits are another's."""


class KeypadQuestion(Body):
    """What a caller pressed."""

    provider: str = Field(max_length=20)
    provider_call_id: str = Field(min_length=1, max_length=64)
    number: str = Field(max_length=40)
    last4: str = Field(max_length=20)


@verb("call.folio", action="chat.folio", door="system")
async def ask(tx: Tx, body: KeypadQuestion) -> Answer:
    """Answer a caller about a folio. A miss is an answer too, so that it is counted; three lock the caller's number.

    Found, the folio is linked with the call as asked about, and the call was served.
    """
    call = await store.by_provider(tx.conn, body.provider, body.provider_call_id)
    if call is None:
        raise Missing
    folio = read_keys(body.number, folio_year(tx.now))
    who = sha256((call.number or call.id).encode()).hexdigest()[:40]
    try:
        found = await find_out(
            tx, folio, body.last4, body.number, address=f"a:{who}", interaction_id=call.interaction_id
        )
    except TooMany:
        return {"text": SAID["locked"], "found": False, "locked": True}
    if found is None:
        return {"text": SAID["not_found"], "found": False, "locked": False}
    await calls.add_facts(tx, call, [Fact(f"served:{found.folio}", EventKind.served, tx.now, timed=False)])
    words = found.words("es")
    text = re.sub(r"\{(\w+)\}", lambda match: words.get(match[1], ""), SAID["status"]).strip()
    return {"text": text, "found": True, "locked": False}


def read_keys(pressed: str, year: int) -> Folio | None:
    """Return the folio that keys mean: year and number, or the number alone for this year. None for anything else."""
    digits = "".join(char for char in pressed if char.isascii() and char.isdigit())
    match = _KEYS.fullmatch(digits)
    if match is None:
        return None
    return Folio(int(match[1] or year), int(match[2]))
