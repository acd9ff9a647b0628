"""What a caller hears and may press: the voice menu as a step function. Pure.

`step(state, event, view)` says what a state makes of what happened: facts to report, a question to ask the house, or
what to say next. A caller who presses nothing, or has no keys, always comes to a person or may leave a message; every
path ends (`MOST_TURNS`). The words are in `rules.ivr_texts`; the office's own replace them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from contact_center.rules.calls import EventKind
from contact_center.rules.ivr_steps import (
    AgentThere,
    Ask,
    Event,
    Go,
    HangUp,
    Join,
    Keys,
    Line,
    Noted,
    Place,
    Question,
    Recorded,
    Say,
    Silence,
    State,
    TakeMessage,
    Told,
    Tone,
    Turn,
    VoiceStep,
    is_folio,
)
from contact_center.rules.ivr_texts import words

MOST_TURNS: Final = 400
"""Documents one call may ask for before it is led to the voicemail: some hours of waiting."""
MOST_MISSES: Final = 3
"""Times a folio may be asked for in one call before a person takes over."""
LOST_TURNS: Final = 8
"""Times a caller is told that they are being connected before we own up that something failed."""
WAIT_TONES: Final = 4


def begin() -> State:
    """Return the state of a call that just came in."""
    return State(Place.menu)


def step(state: State, event: Event, line: Line) -> Turn:
    """Return what comes next for a caller. Every answer ends the call, asks, or goes on to another state."""
    if isinstance(event, Recorded):
        left = Noted(f"message_left:{event.recording}", EventKind.message_left, {"seconds": event.seconds})
        return Turn(state, (Say(words(line.texts, "voz_buzon_gracias")), HangUp()), (left,))
    if not line.state.is_open:
        return Turn(state, (HangUp(),))
    if state.turn >= MOST_TURNS and state.place is not Place.message:
        return _message(state)
    match state.place:
        case Place.menu:
            return _menu(state, event, line)
        case Place.folio:
            return _folio(state, event, line)
        case Place.last4:
            return _last4(state, event, line)
        case Place.more:
            return _more(state, event, line)
        case Place.line:
            return _line(state, event, line)
        case Place.back:
            return Turn(state, (Say(words(line.texts, "voz_otra_persona")), Go(state.to(Place.line).next())))
        case Place.closed:
            return _closed(state, event, line)
        case Place.message:
            return _take(state, event, line)
        case Place.after:
            return _after(state, line)


# --- the places ---


def _menu(state: State, event: Event, line: Line) -> Turn:
    match event:
        case Keys("9"):
            return _ask_menu(state, line)
        case Keys("2"):
            return Turn(state.to(Place.folio), facts=(_chose(state, "folio"),))
        case Keys("1"):
            return _to_person(state, line, "new_petition")
        case Keys() | Silence():  # no such key, or a telephone without keys: a person
            return _to_person(state, line, "person")
        case _ if not line.is_open:
            return Turn(state.to(Place.closed))
        case _:
            return _ask_menu(state, line)


def _ask_menu(state: State, line: Line) -> Turn:
    return _ask(state, (*_greeting(state, line), Say(words(line.texts, "voz_menu"))))


def _greeting(state: State, line: Line) -> tuple[Say, ...]:
    """What must be said before anything is asked, once: who we are, where emergencies go, what becomes of the data."""
    if state.turn > 0:
        return ()
    keys = ["voz_saludo", "voz_aviso"]
    if line.recording:
        keys.append("voz_grabacion")
    return tuple(Say(words(line.texts, key)) for key in keys)


def _to_person(state: State, line: Line, choice: str) -> Turn:
    if not line.is_open:
        return Turn(state.to(Place.closed, tries=1), facts=(_chose(state, choice),))
    facts = (_chose(state, choice), Noted("queued", EventKind.queued))
    return Turn(state.to(Place.line), facts=facts)


def _chose(state: State, choice: str) -> Noted:
    return Noted(f"chose:{state.turn}", EventKind.chose, {"choice": choice})


def _folio(state: State, event: Event, line: Line) -> Turn:
    again = state.to(Place.folio, tries=state.tries + 1)
    match event:
        case Keys("0"):
            return _to_person(state, line, "person")
        case Keys("9"):
            return _ask_folio(state, line)
        case Keys(digits) if is_folio(digits):
            return Turn(state.to(Place.last4, tries=state.tries, folio=digits))
        case Keys() | Silence() if again.tries >= MOST_MISSES:
            return _to_person(state, line, "person")
        case Keys():
            return _ask_folio(again, line, Say(words(line.texts, "voz_folio_ilegible")))
        case Silence():
            return _ask_folio(again, line)
        case _:
            return _ask_folio(state, line)


def _ask_folio(state: State, line: Line, *before: Say) -> Turn:
    return _ask(state, (*before, Say(words(line.texts, "voz_folio"))), digits=None)


def _last4(state: State, event: Event, line: Line) -> Turn:
    again = replace(state, tries=state.tries + 1)
    match event:
        case Told(text, found=True):
            served = Noted(f"served:{state.turn}", EventKind.served)
            asked = _ask(state.to(Place.more), (Say(text), Say(words(line.texts, "voz_folio_mas"))))
            return replace(asked, facts=(served,))
        case Told(text, locked=locked) if locked or again.tries >= MOST_MISSES:
            passed = state.to(Place.menu, tries=1)
            return Turn(state, (Say(text), Go(passed.next(), silent=True)))
        case Told(text):
            return _ask_folio(state.to(Place.folio, tries=again.tries), line, Say(text))
        case Keys("0"):
            return _to_person(state, line, "person")
        case Keys(digits) if len(digits) == 4:
            return Turn(state, question=Question(state.folio, digits))
        case Keys() | Silence() if again.tries >= MOST_MISSES:
            return _to_person(state, line, "person")
        case Keys("9") | None:
            return _ask_last4(state, line)
        case _:
            return _ask_last4(again, line)


def _ask_last4(state: State, line: Line) -> Turn:
    return _ask(state, (Say(words(line.texts, "voz_digitos")),), digits=4)


def _more(state: State, event: Event, line: Line) -> Turn:
    match event:
        case Keys("2"):
            return Turn(state.to(Place.folio))
        case Keys("9"):
            return _ask(state, (Say(words(line.texts, "voz_folio_mas")),))
        case Keys():
            return _to_person(state, line, "person")
        case _:
            return _goodbye(state, line)


def _line(state: State, event: Event, line: Line) -> Turn:
    if isinstance(event, AgentThere):
        return Turn(state, (Join(state.to(Place.after).next()),))
    match event:
        case Keys("1") if line.has_number and line.waiting:
            return _call_back(state, line, "voz_devolucion")
        case Keys("2"):
            return _message(state)
        case _:
            whole = isinstance(event, Keys) or state.tries % 3 == 0
            return _wait(state, line, whole=whole) if line.waiting else _being_taken(state, line)


def _being_taken(state: State, line: Line) -> Turn:
    """Somebody took the call and their telephone rings; when that goes on for too long something failed."""
    if state.lost >= LOST_TURNS:
        return Turn(state, (Say(words(line.texts, "voz_disculpa_espera")), Go(state.to(Place.message).next())))
    again = Go(replace(state, lost=state.lost + 1).next())
    return Turn(state, (Say(words(line.texts, "voz_comunicando")), Tone(1), again))


def _wait(state: State, line: Line, *, whole: bool) -> Turn:
    prompts: list[Say | Tone] = [Say(text) for text in _place_in_line(line)]
    if state.tries and state.tries % 5 == 0:
        prompts.append(Say(words(line.texts, "voz_espera_larga")))
    if whole:
        prompts.append(Say(words(line.texts, "voz_opciones" if line.has_number else "voz_opciones_sin_numero")))
    prompts.append(Tone(WAIT_TONES))
    waited = replace(state, tries=state.tries + 1, lost=0)
    return Turn(state, (Ask(tuple(prompts), waited.next(), wait_s=1), Go(waited.next(), silent=True)))


def _place_in_line(line: Line) -> list[str]:
    said: list[str] = []
    if line.position is not None:
        key = "voz_siguiente" if line.position <= 1 else "voz_lugar"
        said.append(words(line.texts, key, posicion=str(line.position)))
    if line.wait_s is not None and (line.position or 0) > 1:
        minutes = max(1, -(-line.wait_s // 60))
        said.append(words(line.texts, "voz_minuto" if minutes == 1 else "voz_minutos", minutos=str(minutes)))
    return said or [words(line.texts, "voz_en_espera")]


def _call_back(state: State, line: Line, key: str) -> Turn:
    asked = Noted("callback_asked", EventKind.callback_asked)
    return Turn(state, (Say(words(line.texts, key)), HangUp()), (asked,))


def _closed(state: State, event: Event, line: Line) -> Turn:
    match event:
        case Keys("2") if state.tries == 0:
            return Turn(state.to(Place.folio), facts=(_chose(state, "folio"),))
        case Keys("3") if line.has_number:
            return _call_back(state, line, "voz_devolucion_cerrado")
        case Keys("9") | None:
            keys = ["cerrado" if line.texts.get("cerrado") else "fuera_de_horario"]
            keys.append("voz_cerrado_folio" if state.tries == 0 else "voz_cerrado_mensaje")
            if line.has_number:
                keys.append("voz_cerrado_devolucion")
            keys.append("voz_repetir")
            return _ask(state, (*_greeting(state, line), *(Say(words(line.texts, key)) for key in keys)))
        case _:
            return _message(state)


def _message(state: State) -> Turn:
    return Turn(state.to(Place.message))


def _take(state: State, event: Event, line: Line) -> Turn:
    if isinstance(event, Silence):
        if state.tries >= 1:
            return _goodbye(state, line)
        state = replace(state, tries=state.tries + 1)
        before: tuple[Say, ...] = (Say(words(line.texts, "voz_buzon_silencio")),)
    else:
        before = ()
    steps: tuple[VoiceStep, ...] = (
        *before,
        Say(words(line.texts, "voz_buzon")),
        TakeMessage(state.next()),
        Go(state.next(), silent=True),
    )
    return Turn(state, steps)


def _after(state: State, line: Line) -> Turn:
    """The room is empty: back to the line for who was passed on, else goodbye."""
    return Turn(state.to(Place.back)) if line.waiting else _goodbye(state, line)


def _goodbye(state: State, line: Line) -> Turn:
    return Turn(state, (Say(words(line.texts, "voz_despedida")), HangUp()))


def _ask(state: State, prompts: tuple[Say | Tone, ...], *, digits: int | None = 1) -> Turn:
    asked = state.next()
    return Turn(state, (Ask(prompts, asked, digits), Go(asked, silent=True)))
