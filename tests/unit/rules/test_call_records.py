"""Reading an exchange's records: real lines of Asterisk, other makes, and any bytes at all."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.rules.call_files import Format, Mapped, Refused, read
from contact_center.rules.call_records import CallRecord, Exchange, Groups, Leg, Result, is_settled, record_of
from contact_center.rules.calls import CallState
from contact_center.rules.identity import PhoneKind
from contact_center.rules.model import Direction

EXCHANGE = Exchange(outside_prefix="9")
RECEIVED = (
    '"","6622000001","600","from-trunk","""ANA"" <6622000001>","PJSIP/trunk-00000012","PJSIP/104-00000013","Queue",'
    '"atencion,t","2026-11-24 09:00:00","2026-11-24 09:00:05","2026-11-24 09:03:05",185,180,"ANSWERED","DOCUMENTATION",'
    '"1764000000.12",""\n'
)
NOBODY = (
    '"","6622000002","600","from-trunk","""6622000002"" <6622000002>","PJSIP/trunk-00000020","","Queue","atencion,t",'
    '"2026-11-24 09:10:00","2026-11-24 09:10:00","2026-11-24 09:10:40",40,40,"ANSWERED","DOCUMENTATION",'
    '"1764000600.20",""\n'
)
MADE = (
    '"","104","96622000003","from-internal","""Ana"" <104>","PJSIP/104-00000030","PJSIP/trunk-00000031","Dial",'
    '"PJSIP/6622000003@trunk","2026-11-24 10:00:00",,"2026-11-24 10:00:30",30,0,"BUSY","DOCUMENTATION",'
    '"1764003600.30"\n'
)
INSIDE = (
    '"","104","105","from-internal","""Ana"" <104>","SIP/104-00000040","SIP/105-00000041","Dial","SIP/105,30",'
    '"2026-11-24 10:05:00","2026-11-24 10:05:02","2026-11-24 10:06:00",60,58,"ANSWERED","DOCUMENTATION"\n'
)


def parse(
    text: str | bytes, form: Format | None = None, exchange: Exchange = EXCHANGE, mapped: Mapped | None = None
) -> tuple[list[CallRecord | None], list[Refused]]:
    data = text if isinstance(text, bytes) else text.encode()
    rows = list(read([data], form, exchange, mapped))
    groups = Groups()
    legs: list[list[Leg]] = []
    for one in rows:
        if isinstance(one, Leg):
            legs += list(groups.feed(one))
    legs += list(groups.rest())
    found = [record_of(one, exchange) for one in legs]
    return found, [one for one in rows if isinstance(one, Refused)]


def calls(text: str | bytes, *more: Any) -> list[CallRecord]:
    """The calls of a text that has nothing else in it."""
    found, refused = parse(text, *more)
    assert refused == []
    return [one for one in found if one is not None]


def only(text: str) -> CallRecord:
    (found,) = calls(text)
    return found


def test_a_received_call_of_a_queue_says_who_answered_and_when_in_utc() -> None:
    call = only(RECEIVED)
    assert (call.direction, call.phone.e164, call.extension) == (Direction.inbound, "+526622000001", "104")
    assert (call.state, call.talk_s, call.key) == (CallState.completed, 180, "1764000000.12")
    assert call.started_at == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    assert call.answered_at == call.started_at + timedelta(seconds=5)


def test_a_queue_that_answers_by_itself_is_nobody() -> None:
    call = only(NOBODY)
    assert (call.state, call.answered_at, call.extension) == (CallState.abandoned, None, None)


def test_a_made_call_loses_the_prefix_and_keeps_why_nobody_was_reached() -> None:
    call = only(MADE)
    assert (call.direction, call.phone.e164, call.extension) == (Direction.outbound, "+526622000003", "104")
    assert (call.state, call.answered_at) == (CallState.busy, None)


def test_a_call_between_two_extensions_is_none_of_the_office() -> None:
    assert parse(INSIDE) == ([None], [])


def test_the_rows_of_a_queue_that_rang_at_three_desks_are_one_call() -> None:
    rung = [
        RECEIVED.replace("104", ext).replace(":05", ":02", 1).replace(',180,"ANSWERED"', ',0,"NO ANSWER"')
        for ext in ("105", "106")
    ]
    call = only("".join(rung) + RECEIVED)
    assert (call.extension, call.talk_s, call.state) == ("104", 180, CallState.completed)
    assert only(RECEIVED + RECEIVED) == only(RECEIVED), "a file copied onto its own end says no more"


def test_both_halves_of_a_local_channel_are_one_call_without_a_linked_id() -> None:
    out = RECEIVED.replace("PJSIP/104-00000013", "Local/104@from-queue-0000005a;1")
    inner = (
        '"","6622000001","104","from-queue","<6622000001>","Local/104@from-queue-0000005a;2","PJSIP/104-00000014",'
        '"Dial","PJSIP/104","2026-11-24 09:00:02","2026-11-24 09:00:05","2026-11-24 09:03:05",183,180,"ANSWERED",'
        '"DOCUMENTATION","1764000002.14",""\n'
    )
    call = only(inner + out)
    assert (call.direction, call.extension, call.talk_s, call.key) == (
        Direction.inbound,
        "104",
        180,
        "1764000000.12",
    )


def test_a_linked_id_of_the_newer_columns_holds_transferred_legs_together() -> None:
    first = RECEIVED.rstrip("\n") + ',"","1764000000.12",7\n'
    second = (
        RECEIVED.replace("104", "105").replace("1764000000.12", "1764000000.15").replace("09:00:0", "09:03:0")
    ).replace('2026-11-24 09:03:05",185,180', '2026-11-24 09:05:05",125,120')
    call = only(first + second.rstrip("\n") + ',"","1764000000.12",9\n')
    assert (call.key, call.extension, call.talk_s) == ("1764000000.12", "104", 300)


def test_a_call_whose_first_channel_has_not_ended_waits_for_the_next_time() -> None:
    legs = list(read([(RECEIVED.rstrip("\n") + ',"","1764000000.9",7\n').encode()], None, EXCHANGE))
    assert isinstance(legs[0], Leg)
    end = legs[0].end
    assert not is_settled(legs, end + timedelta(minutes=30), timedelta(minutes=2))  # type: ignore[arg-type]
    assert is_settled(legs, end + timedelta(hours=7), timedelta(minutes=2))  # type: ignore[arg-type]


def test_hidden_numbers_and_emergencies_are_calls_too() -> None:
    hidden = only(RECEIVED.replace('"6622000001"', '"anonymous"').replace("<6622000001>", "<anonymous>"))
    assert (hidden.phone.kind, hidden.phone.e164) == (PhoneKind.anonymous, None)
    help_call = only(MADE.replace("96622000003", "911"))
    assert (help_call.phone.kind, help_call.direction) == (PhoneKind.emergency, Direction.outbound)


def test_lines_that_say_nothing_certain_are_refused_by_their_number_and_the_rest_is_read() -> None:
    text = (
        "a,b,c\n"
        + RECEIVED.replace("2026-11-24 09:00:00", "ayer")
        + RECEIVED.replace("185,180", "185,mucho")
        + RECEIVED.replace('"ANSWERED"', '"=HYPERLINK()"')
        + MADE
        + '"never closed,1\n'
        + NOBODY
    )
    found, refused = parse(text, "master")
    assert [(one.line, one.code) for one in refused] == [
        (1, "columns"),
        (2, "time"),
        (3, "seconds"),
        (4, "result"),
        (6, "quotes"),
    ]
    assert len(found) == 2


def test_a_table_exported_with_semicolons_a_mark_and_latin_letters_is_read_in_its_own_zone() -> None:
    header = "calldate;clid;src;dst;channel;dstchannel;lastapp;duration;billsec;disposition;uniqueid"
    row = (
        '2026-11-24 16:00:00;"Peña\nLópez <6622000001>";6622000001;600;SIP/t-1;SIP/104-00000001;Dial;60;50;ANSWERED;9.1'
    )
    exchange = Exchange(zone=ZoneInfo("UTC"))
    for data in (("\ufeff" + header + "\r\n" + row + "\r\n").encode(), (header + "\n" + row).encode("latin-1")):
        found = calls(data, None, exchange)
        assert found[0].started_at == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
        assert found[0].answered_at == found[0].started_at + timedelta(seconds=10)


def test_a_file_of_another_make_is_read_by_its_mapping() -> None:
    mapped = Mapped(
        columns={
            "started": "Fecha",
            "time": "Hora",
            "from": "Origen",
            "to": "Destino",
            "talk": "Hablado",
            "direction": "Sentido",
            "result": "Estado",
            "extension": "Ext",
            "key": "ID",
        },
        time_format="%d/%m/%Y %H:%M:%S",
        inbound=frozenset({"entrante"}),
        outbound=frozenset({"saliente"}),
        internal=frozenset({"interna"}),
        results={"contestada": Result.answered, "perdida": Result.no_answer},
    )
    text = (
        "ID\tFecha\tHora\tSentido\tOrigen\tDestino\tExt\tHablado\tEstado\n"
        "A1\t24/11/2026\t09:00:00\tEntrante\t662 200 0001\t600\t104\t0:01:35\tContestada\n"
        "A2\t24/11/2026\t09:00:00\tInterna\t104\t105\t\t5\tContestada\n"
        "A3\t24/11/2026\t09:00:00\tSaliente\t104\t6622000003\t104\t0\tPerdida\n"
        "A4\t31/02/2026\t09:00:00\tSaliente\t104\t6622000003\t104\t0\tPerdida\n"
        "A5\t24/11/2026\t09:00:00\tLunar\t104\t6622000003\t104\t0\tPerdida\n"
    )
    found, refused = parse(text, "csv", EXCHANGE, mapped)
    assert [(one.line, one.code) for one in refused] == [(5, "time"), (6, "direction")]
    assert [(one.key, one.talk_s, one.extension, one.state) for one in found if one] == [
        ("A1", 95, "104", CallState.completed),
        ("A3", 0, "104", CallState.no_answer),
    ]
    assert found[0] is not None and found[0].phone.e164 == "+526622000001"


def test_what_would_act_in_a_spreadsheet_is_not_kept() -> None:
    call = only(RECEIVED.replace("1764000000.12", "=cmd|' /C calc'!A0").replace('"6622000001"', '"=1+1"'))
    assert call.key.startswith("h:") and call.phone.e164 is None


@given(st.lists(st.binary(max_size=300), max_size=8), st.sampled_from(["master", "cdr", None]))
@settings(max_examples=300, deadline=None)
def test_no_bytes_ever_stop_the_reading(chunks: list[bytes], form: object) -> None:
    for one in read(chunks, form, EXCHANGE):  # type: ignore[arg-type]
        assert isinstance(one, Leg | Refused)


@given(st.lists(st.text(alphabet='",;\n\r\t a9:-/.', max_size=40), min_size=16, max_size=21))
@settings(max_examples=300, deadline=None)
def test_any_values_in_the_columns_end_as_a_record_or_a_refusal(values: list[str]) -> None:
    line = ",".join('"' + one.replace('"', '""') + '"' for one in values) + "\n"
    parse(line, "master")
    values[9:16] = ["2026-11-24 09:00:00", "", "", "5", "3", "ANSWERED", ""]
    found, refused = parse(",".join('"' + one.replace('"', '""') + '"' for one in values) + "\n", "master")
    assert len(found) + len(refused) == 1


def test_twenty_thousand_rows_are_grouped_in_little_memory() -> None:
    groups, closed, most = Groups(), 0, 0
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(20_000):
        at = start + timedelta(minutes=number)
        leg = Leg(number, at, at + timedelta(seconds=30), None, 0, Result.no_answer, uniqueid=f"{number}.1")
        closed += sum(1 for _ in groups.feed(leg))
        most = max(most, len(groups._open))
    closed += sum(1 for _ in groups.rest())
    assert closed == 20_000 and most < 1_500
