"""The words of the house: values that rows keep, and the two lattices."""

import csv
from itertools import permutations, product
from pathlib import Path

import pytest

import contact_center
from contact_center.rules import catalogues, model
from contact_center.rules.model import (
    AuthorKind,
    Channel,
    ConversationState,
    CrisisKind,
    DeliveryState,
    Flag,
    IntakeMedium,
    PetitionKind,
    PetitionState,
    Priority,
    WorkState,
)

DATA = Path(contact_center.__file__).parent / "data"


@pytest.mark.parametrize(
    "enumeration",
    [one for one in vars(model).values() if isinstance(one, type(Channel))],
)
def test_every_value_is_its_own_english_snake_case_name(
    enumeration: type[Channel],
) -> None:
    for member in enumeration:
        assert member.value == member.name
        assert member.value.isascii() and member.value == member.value.lower()


def test_spanish_codes_of_the_categories_file_are_all_known() -> None:
    with (DATA / "categorias.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 60
    assert {row["tipo_sugerido"] for row in rows} <= set(model.PETITION_KIND_FROM_SPANISH)
    assert {row["prioridad"] for row in rows} <= set(model.PRIORITY_FROM_SPANISH)
    assert set(model.PETITION_KIND_FROM_SPANISH.values()) == set(PetitionKind)
    assert set(model.PRIORITY_FROM_SPANISH.values()) == set(Priority)


def test_merging_delivery_reports_gives_the_same_result_in_any_order() -> None:
    for first, second, third in product(DeliveryState, repeat=3):
        ends = {
            DeliveryState.merge(DeliveryState.merge(one, two), three)
            for one, two, three in permutations((first, second, third))
        }
        assert len(ends) == 1
        assert DeliveryState.merge(first, first) is first


def test_a_late_report_never_undoes_what_is_proven() -> None:
    assert DeliveryState.merge(DeliveryState.delivered, DeliveryState.sent) is DeliveryState.delivered
    assert DeliveryState.merge(DeliveryState.read, DeliveryState.failed) is DeliveryState.read
    assert DeliveryState.merge(DeliveryState.failed, DeliveryState.sent) is DeliveryState.failed
    assert DeliveryState.merge(DeliveryState.uncertain, DeliveryState.accepted) is DeliveryState.accepted
    assert DeliveryState.merge(DeliveryState.accepted, DeliveryState.uncertain) is DeliveryState.accepted
    assert {one for one in DeliveryState if one.is_final} == {
        DeliveryState.delivered,
        DeliveryState.read,
        DeliveryState.failed,
    }


def test_open_and_held_states_are_what_their_names_say() -> None:
    assert {one for one in ConversationState if not one.is_open} == {
        ConversationState.abandoned,
        ConversationState.closed,
        ConversationState.closed_inactivity,
        ConversationState.closed_abuse,
        ConversationState.closed_spam,
        ConversationState.closed_self_service,
    }
    assert all(one.is_open for one in ConversationState if one.is_held)
    assert [one for one in WorkState if not one.is_open] == [WorkState.done]
    for state in PetitionState:
        assert not (state.is_open and state.is_concluded)
    assert PetitionState.answered.is_open and PetitionState.concluded_satisfactory.is_concluded


def test_only_the_phone_takes_a_whole_person() -> None:
    assert [one for one in Channel if one.is_voice] == [Channel.phone]


def test_every_channel_counts_under_one_medium() -> None:
    assert IntakeMedium.of_channel(Channel.web_chat) is IntakeMedium.web_chat
    assert IntakeMedium.of_channel(Channel.whatsapp) is IntakeMedium.social_media
    assert all(isinstance(IntakeMedium.of_channel(one), IntakeMedium) for one in Channel)


def test_priorities_rank_upwards_and_every_crisis_has_its_flag() -> None:
    assert [one.rank for one in Priority] == [0, 1, 2, 3]
    flags = {Flag.of_crisis(kind) for kind in CrisisKind}
    assert flags == {one for one in Flag if one.is_crisis}
    assert AuthorKind.note in AuthorKind


def test_an_orientation_and_a_follow_up_get_no_folio() -> None:
    assert {one for one in PetitionKind if not one.gets_folio} == {
        PetitionKind.orientation,
        PetitionKind.follow_up,
    }


# --- catalogues ------------------------------------------------------------------------------------------------------


def test_codes_are_unique_and_labels_are_never_empty() -> None:
    tables = (
        catalogues.DISPOSITIONS,
        catalogues.NO_PETITION_REASONS,
        catalogues.PAUSE_REASONS,
        catalogues.TRANSFER_REASONS,
        catalogues.UNSATISFACTORY_CAUSES,
        catalogues.CAPTURE_CHECKLIST,
        catalogues.LANGUAGES,
    )
    for table in tables:
        codes = [one.code for one in table]
        assert len(codes) == len(set(codes))
        assert all(one.label_es and one.label_en for one in table)


def test_every_disposition_demands_a_folio_or_a_reason_or_says_the_reason_itself() -> None:
    reasons = {one.code for one in catalogues.NO_PETITION_REASONS}
    for one in catalogues.DISPOSITIONS:
        assert (
            one.needs_petition,
            one.needs_reason,
            one.no_petition_reason is not None,
        ).count(True) == 1
        assert one.no_petition_reason is None or one.no_petition_reason in reasons


@pytest.mark.parametrize(
    ("disposition", "channel", "folios", "reason", "errors"),
    [
        (None, Channel.web_chat, 0, None, ("disposition_required",)),
        ("", Channel.web_chat, 1, None, ("disposition_required",)),
        ("nonsense", Channel.web_chat, 1, None, ("disposition_unknown",)),
        ("petition_registered", Channel.web_chat, 0, None, ("petition_required",)),
        ("petition_registered", Channel.web_chat, 2, None, ()),
        (
            "petition_registered",
            Channel.web_chat,
            1,
            "citizen_left",
            ("reason_with_petition",),
        ),
        ("oriented", Channel.phone, 0, None, ()),
        ("oriented", Channel.phone, 1, None, ()),
        ("other", Channel.phone, 0, None, ("reason_required",)),
        ("other", Channel.phone, 0, "citizen_declined", ()),
        ("other", Channel.phone, 0, "made_up", ("reason_unknown",)),
        ("call_dropped", Channel.web_chat, 0, None, ("disposition_not_for_channel",)),
    ],
)
def test_capture_errors_name_what_is_missing(
    disposition: str | None,
    channel: Channel,
    folios: int,
    reason: str | None,
    errors: tuple[str, ...],
) -> None:
    assert catalogues.capture_errors(disposition, channel, folios, reason) == errors


def test_an_unknown_disposition_is_a_key_error() -> None:
    assert catalogues.get_disposition("spam").code == "spam"
    with pytest.raises(KeyError):
        catalogues.get_disposition("nonsense")


def test_citizens_have_a_name_for_every_state_but_a_draft() -> None:
    assert set(catalogues.CITIZEN_STATUS) == set(PetitionState) - {PetitionState.draft}
