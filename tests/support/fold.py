"""What a console does with events, as small as it can be said: upsert by id, remove what is done or gone.

The same rules as `agents_ui/src/console/state.ts`; the golden files of tests/events are folded by both. What a client
works out by itself is not compared: counts of a queue come from the items and agents that it has.
"""

import copy
from typing import Any

State = dict[str, Any]

KEYED = ("items", "agents", "queues", "alerts", "findings")
COUNTED = ("waiting", "longest_since", "is_open", "opens_at")
"""Parts of a queue that follow from items, agents and the time of day."""
LAST_WORDS = ("last_seq", "last_citizen_at", "last_agent_at")
"""Parts of an item that follow its thread, which only those inside of it hear."""


def from_snapshot(snapshot: State) -> State:
    """Return the state that a snapshot stands for."""
    state: State = {key: {row["id"]: copy.deepcopy(row) for row in snapshot[key]} for key in KEYED}
    if snapshot["agent"] is not None:
        state["agents"][snapshot["agent"]["id"]] = copy.deepcopy(snapshot["agent"])
    state["mentions"] = {(one["conversation"], one["seq"]): one for one in snapshot["mentions"]}
    state["stale"] = set()
    return state


def changes(before: State, after: State) -> State:
    """Return what makes one snapshot the other: rows by id (null for one that went), and whatever else differs."""
    found: State = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if key in KEYED:
            rows_before, rows_after = ({row["id"]: row for row in rows} for rows in (before[key], after[key]))
            ids = sorted(rows_before.keys() | rows_after.keys())
            differ = {one: rows_after.get(one) for one in ids if rows_before.get(one) != rows_after.get(one)}
            if differ:
                found[key] = differ
        elif old != new:
            found[key] = new
    return found


def apply_frame(state: State, frame: State) -> None:
    """Apply one frame of the socket."""
    match frame["type"]:
        case "events":
            for event in frame["events"]:
                apply_event(state, event)
        case "resync":
            state["stale"].add("everything")
        case _:
            pass


def apply_event(state: State, event: State) -> None:
    """Apply one event."""
    kind: str = event["type"]
    family = kind.partition(".")[0]
    if family == "work":
        item = event["item"]
        if item["state"] in ("done", "gone"):
            state["items"].pop(item["id"], None)
        else:
            state["items"][item["id"]] = item
    elif kind == "message.added":
        _hear(state, event["conversation"], event["message"])
    elif kind == "agent.changed":
        _put(state["agents"], event["agent"])
    elif kind == "queue.changed":
        _put(state["queues"], event["queue"])
    elif kind in ("alert.raised", "finding.opened"):
        state[family + "s"][event[family]["id"]] = event[family]
    elif kind in ("alert.cleared", "finding.closed"):
        state[family + "s"].pop(event[family]["id"], None)
    elif kind == "mention.added":
        key = (event["conversation"], event["seq"])
        mention = {name: event[name] for name in ("conversation", "seq", "at", "by")}
        state["mentions"].setdefault(key, mention)
    elif kind == "reference.changed":
        state["stale"].add("reference")


def _put(rows: dict[str, State], row: State) -> None:
    if row.get("state") == "gone":
        rows.pop(row["id"], None)
    else:
        rows[row["id"]] = row


def _hear(state: State, conversation: str, message: State) -> None:
    for item in state["items"].values():
        if item["conversation"] == conversation and message["seq"] > item["last_seq"]:
            item["last_seq"] = message["seq"]
            if message["author"]["kind"] in ("citizen", "agent"):
                item[f"last_{message['author']['kind']}_at"] = message["at"]


def difference(folded: State, fresh: State, *, inside: set[str], floor: bool) -> list[str]:
    """Return where the folded state is not the fresh one.

    `inside` are the conversations whose threads were heard; `floor` says that why somebody waits is told, too.
    """
    if "everything" in folded["stale"]:
        return []
    wrong = []
    for key in (*KEYED, "mentions"):
        before, after = folded[key], fresh[key]
        wrong += [f"{key}: {one} is missing" for one in after.keys() - before.keys()]
        wrong += [f"{key}: {one} should be gone" for one in before.keys() - after.keys()]
        for one in before.keys() & after.keys():
            wrong += _rows_differ(key, before[one], after[one], inside, floor)
    return wrong


def _rows_differ(key: str, before: State, after: State, inside: set[str], floor: bool) -> list[str]:
    skipped: tuple[str, ...] = COUNTED if key == "queues" else ()
    if key == "items" and after["conversation"] not in inside:
        skipped = LAST_WORDS if floor else (*LAST_WORDS, "skipped")
    return [
        f"{key} {after.get('id')}: {name} is {before.get(name)!r}, fresh {after.get(name)!r}"
        for name in sorted(before.keys() | after.keys())
        if name not in skipped and before.get(name) != after.get(name)
    ]
