"""The rights table, read against DOMAIN §2.2, and the rules that no table shows."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.access import (
    ACTIONS,
    READ_ONLY,
    Actor,
    Reach,
    Scope,
    can,
    role_errors,
    scope,
)
from contact_center.rules.model import ActorKind, Role

NONE, OWN, QUEUE, AREA, DEP, ALL = (
    Reach.none,
    Reach.own,
    Reach.queue,
    Reach.area,
    Reach.dependency,
    Reach.all,
)
ORDER = [
    Role.agent,
    Role.supervisor,
    Role.director,
    Role.coordination,
    Role.correspondence,
    Role.area,
    Role.liaison,
    Role.systems,
    Role.auditor,
]
# One line an action; columns in the order above: - none, o own, q queue, a area, d dependency, * all.
EXPECTED = """
session.use             o o o o o o o o o
agent.set_state         o o - - - o - - -
work.see_queue          q * * * - q - - -
work.accept             o o - - - o - - -
work.take               q * - - - q - - -
work.transfer           o * - - - o - - -
work.assign             - * - - - - - - -
work.take_over          - * - - - - - - -
work.wrap_up            o * - - - o - - -
conversation.read       q * * * - q - - *
conversation.reply      o o - - - o - - -
conversation.note       o * * - - o - - -
conversation.whisper    - * - - - - - - -
conversation.close      o * - - - o - - -
conversation.watch      - * * - - - - - -
conversation.flag       o * - - - o - - -
citizen.read            * * * * * * - - *
citizen.edit            * * - * * a - - -
citizen.reveal          o * * * * o - - *
citizen.merge           * * - * * - - - -
citizen.do_not_contact  o * - - - - - - -
petition.create         * * * * * * - - -
petition.read           * * * * * a d - *
petition.link           * * * * * * - - -
petition.edit           o * a * * a - - -
petition.move           o * * * * a d - -
petition.reassign       - * * * * - - - -
petition.follow_up      * * * * * a d - -
attachment.read         q * * * * q d - *
floor.read              - * * * - - - - -
wall.read               - * * * - - - - -
search.use              * * * * * * d - *
call.use                o o - - - o - - -
call.read               o * * * - a - - *
call.reveal             o * * * - o - - *
call.listen             - * - - - - - - -
call.record             o * - - - - - - -
call.verify             - * - - - - - - -
call.import             - * - - - - - * -
recording.read          o * - * - - - - *
callback.plan           * * * * * * - - -
callback.cancel         o * * * * o - - -
callback.read           q * * * * a - - *
callback.move           o * * * * a - - -
callback.assign         - * - - - - - - -
callback.receive        o * * * * a - - -
capture.read            o * * * - o - - *
capture.review          - * - - - - - - -
report.own              o o - - - o - - -
report.read             - * a * * a d * *
register.read           o a a * - a - * *
report.export_personal  - * * * * - - - *
admin.read              - * - - - - - * *
admin.users             - - - - - - - * -
admin.queues            - - - - - - - * -
admin.hours             - - - - - - - * -
admin.replies           - * - - - - - * -
admin.categories        - * - - - - - * -
admin.texts             - - - - - - - * -
admin.settings          - - - - - - - * -
admin.sites             - - - - - - - * -
admin.areas             - - - - - - - * -
outbox.manage           o * - - - o - * -
audit.read              - - - * - - - * *
chat.use                - - - - - - - - -
chat.folio              * * * * * * * * *
"""
LETTERS = {"-": NONE, "o": OWN, "q": QUEUE, "a": AREA, "d": DEP, "*": ALL}
ROWS = [line.split() for line in EXPECTED.strip().splitlines()]


def staff(
    *roles: Role,
    id: str = "u1",
    area: str | None = None,
    queues: str = "",
    dep: str | None = None,
) -> Actor:
    return Actor(
        ActorKind.staff,
        id,
        frozenset(roles),
        area,
        frozenset(queues.split()),
        "s1",
        dep,
    )


VISITOR = Actor(ActorKind.visitor, "v1")


def test_the_matrix_lists_every_action() -> None:
    assert {row[0] for row in ROWS} == ACTIONS


@pytest.mark.parametrize(
    ("action", "role", "letter"),
    [(row[0], role, letter) for row in ROWS for role, letter in zip(ORDER, row[1:], strict=True)],
)
def test_each_role_reaches_exactly_as_far_as_the_matrix_says(action: str, role: Role, letter: str) -> None:
    actor = staff(role)
    assert scope(actor, action) is LETTERS[letter]
    assert can(actor, action) == (letter != "-")


def test_an_unknown_action_is_a_loud_error_for_everybody() -> None:
    for actor in (
        staff(Role.systems),
        VISITOR,
        Actor(ActorKind.system, "timer"),
        Actor(ActorKind.integrator, "k"),
    ):
        with pytest.raises(KeyError):
            can(actor, "conversation.burn")


def test_nobody_without_a_role_may_do_anything() -> None:
    assert not any(can(staff(), action) for action in ACTIONS)
    assert not any(can(Actor(ActorKind.integrator, "key"), action) for action in ACTIONS)


def test_the_auditor_only_reads_even_when_the_record_holds_other_roles_too() -> None:
    for extra in [(), *((one,) for one in Role)]:
        actor = staff(Role.auditor, *extra)
        assert {action for action in ACTIONS if can(actor, action)} <= READ_ONLY
        for action in ACTIONS:
            assert can(actor, action, Scope(owner_id="u9")) <= (action in READ_ONLY)
    assert role_errors(frozenset({Role.auditor, Role.agent})) == ("auditor_alone",)
    assert role_errors(frozenset({Role.auditor})) == ()
    assert role_errors(frozenset()) == ("roles_empty",)


def test_systems_manages_and_reads_no_conversation_person_or_petition() -> None:
    actor = staff(Role.systems)
    for action in ACTIONS:
        if action.startswith(
            (
                "conversation.",
                "citizen.",
                "petition.",
                "attachment.",
                "work.",
                "capture.",
            )
        ):
            assert not can(actor, action)


def test_a_visitor_has_an_own_conversation_and_nothing_else() -> None:
    own, other = Scope(visitor_id="v1"), Scope(visitor_id="v2")
    assert {action for action in ACTIONS if can(VISITOR, action)} == {
        "chat.use",
        "chat.folio",
        "attachment.read",
    }
    assert can(VISITOR, "chat.use", own) and not can(VISITOR, "chat.use", other)
    assert not can(VISITOR, "chat.use", Scope())
    assert can(VISITOR, "attachment.read", own) and not can(VISITOR, "attachment.read", other)
    # A visitor id equal to a user id opens nothing.
    assert not can(VISITOR, "chat.use", Scope(owner_id="v1", participant_ids=frozenset({"v1"})))


def test_the_system_may_do_everything() -> None:
    actor = Actor(ActorKind.system, "timer")
    assert all(can(actor, action, Scope(restricted=True)) for action in ACTIONS)


def test_nobody_reviews_an_own_capture() -> None:
    supervisor = staff(Role.supervisor, Role.agent)
    assert can(supervisor, "capture.review", Scope(author_id="u2", owner_id="u3"))
    for obj in (
        Scope(author_id="u1"),
        Scope(owner_id="u1"),
        Scope(participant_ids=frozenset({"u1"})),
    ):
        assert not can(supervisor, "capture.review", obj)


def test_an_agent_reads_what_waits_in_an_own_queue_and_no_longer_once_another_holds_it() -> None:
    agent = staff(Role.agent, queues="q1 q2")
    for action in ("conversation.read", "work.take", "attachment.read"):
        assert can(agent, action, Scope(queue_ids=frozenset({"q2"}), waiting=True))
        assert not can(agent, action, Scope(queue_ids=frozenset({"q3"}), waiting=True))
        assert not can(agent, action, Scope(queue_ids=frozenset({"q2"}), owner_id="u2"))
    assert can(agent, "conversation.read", Scope(queue_ids=frozenset({"q9"}), owner_id="u1"))
    assert can(
        agent,
        "conversation.read",
        Scope(owner_id="u2", participant_ids=frozenset({"u1"})),
    )
    assert can(agent, "work.see_queue", Scope(queue_ids=frozenset({"q1"})))


@pytest.mark.parametrize(
    "action",
    ["conversation.reply", "conversation.close", "work.transfer", "work.wrap_up"],
)
def test_a_former_holder_no_longer_speaks_or_ends(action: str) -> None:
    agent = staff(Role.agent)
    assert can(agent, action, Scope(owner_id="u1"))
    assert not can(
        agent,
        action,
        Scope(owner_id="u2", participant_ids=frozenset({"u1"}), author_id="u1"),
    )


def test_a_supervisor_takes_over_before_replying() -> None:
    supervisor = staff(Role.supervisor)
    held = Scope(owner_id="u2")
    assert not can(supervisor, "conversation.reply", held)
    assert can(supervisor, "work.take_over", held)
    assert can(supervisor, "conversation.whisper", held)


def test_areas_and_liaisons_stay_in_their_own_house() -> None:
    area = staff(Role.area, area="legal")
    assert can(area, "petition.read", Scope(area_id="legal"))
    assert not can(area, "petition.read", Scope(area_id="support"))
    assert not can(staff(Role.area), "petition.read", Scope())
    liaison = staff(Role.liaison, dep="SSA")
    assert can(liaison, "petition.read", Scope(dependency_ids=frozenset({"SSA", "CEA"})))
    assert not can(liaison, "petition.read", Scope(dependency_ids=frozenset({"CEA"})))
    assert not can(staff(Role.liaison), "petition.read", Scope())


def test_rights_of_several_roles_add_up() -> None:
    both = staff(Role.area, Role.liaison, area="legal", dep="SSA")
    assert can(both, "petition.read", Scope(area_id="legal"))
    assert can(both, "petition.read", Scope(dependency_ids=frozenset({"SSA"})))


def test_restricted_records_are_for_few() -> None:
    secret = Scope(
        restricted=True,
        owner_id="u2",
        area_id="legal",
        dependency_ids=frozenset({"SSA"}),
    )
    for role in (Role.supervisor, Role.director, Role.coordination, Role.auditor):
        assert can(staff(role), "petition.read", secret)
    for actor in (
        staff(Role.agent),
        staff(Role.correspondence),
        staff(Role.area, area="legal"),
        staff(Role.liaison, dep="SSA"),
    ):
        assert not can(actor, "petition.read", secret)
    assert can(staff(Role.agent, id="u2"), "petition.read", secret)
    given = Scope(restricted=True, dependency_ids=frozenset({"SSA"}), assigned_to_area=True)
    assert can(staff(Role.liaison, dep="SSA"), "petition.read", given)
    assert not can(staff(Role.liaison, dep="CEA"), "petition.read", given)


def test_a_crisis_that_waits_may_be_taken_by_an_agent_of_its_queue() -> None:
    crisis = Scope(restricted=True, waiting=True, queue_ids=frozenset({"q1"}))
    assert can(staff(Role.agent, queues="q1"), "work.take", crisis)
    assert not can(staff(Role.agent, queues="q2"), "work.take", crisis)


def test_the_accused_never_see_the_complaint() -> None:
    complaint = Scope(
        area_id="cc",
        accused_user_ids=frozenset({"u1"}),
        accused_area_id="cc",
        owner_id="u1",
    )
    for role in Role:
        if role is not Role.auditor:
            assert not can(
                staff(role, area="cc", dep="SSA", queues="q1"),
                "petition.read",
                complaint,
            )
    assert not can(staff(Role.supervisor, id="u5", area="cc"), "petition.read", complaint)
    assert can(staff(Role.director, id="u5", area="cc"), "petition.read", complaint)
    assert can(staff(Role.supervisor, id="u5", area="other"), "petition.read", complaint)
    # Being accused of one thing does not stop anybody from taking down a new petition.
    assert can(staff(Role.agent), "petition.create", complaint)


def test_own_edits_end_with_the_review() -> None:
    agent = staff(Role.agent)
    assert can(agent, "petition.edit", Scope(author_id="u1"))
    assert not can(agent, "petition.edit", Scope(author_id="u1", reviewed=True))
    assert can(staff(Role.supervisor), "petition.edit", Scope(author_id="u2", reviewed=True))


objects = st.builds(
    Scope,
    owner_id=st.none() | st.sampled_from(["u1", "u2"]),
    author_id=st.none() | st.sampled_from(["u1", "u2"]),
    participant_ids=st.frozensets(st.sampled_from(["u1", "u2"])),
    area_id=st.none() | st.sampled_from(["a1", "a2"]),
    queue_ids=st.frozensets(st.sampled_from(["q1", "q2"])),
    dependency_ids=st.frozensets(st.sampled_from(["d1", "d2"])),
    visitor_id=st.none() | st.sampled_from(["v1", "v2"]),
    restricted=st.booleans(),
    assigned_to_area=st.booleans(),
    accused_user_ids=st.frozensets(st.sampled_from(["u1", "u2"])),
    accused_area_id=st.none() | st.sampled_from(["a1", "a2"]),
    reviewed=st.booleans(),
    waiting=st.booleans(),
)
actors = st.builds(
    Actor,
    kind=st.just(ActorKind.staff),
    id=st.just("u1"),
    roles=st.frozensets(st.sampled_from(sorted(set(Role) - {Role.auditor}))),
    area_id=st.none() | st.sampled_from(["a1", "a2"]),
    queue_ids=st.frozensets(st.sampled_from(["q1", "q2"])),
    dependency_id=st.none() | st.sampled_from(["d1", "d2"]),
)


@given(actor=actors, obj=objects, action=st.sampled_from(sorted(ACTIONS)))
def test_what_is_denied_in_general_is_denied_for_each_object(actor: Actor, obj: Scope, action: str) -> None:
    if can(actor, action, obj):
        assert can(actor, action)
        assert scope(actor, action) is not Reach.none


@given(actor=actors, obj=objects, action=st.sampled_from(sorted(ACTIONS)))
def test_more_roles_never_take_a_right_away_from_a_plain_record(actor: Actor, obj: Scope, action: str) -> None:
    if action == "petition.edit" and obj.reviewed:
        return
    one_by_one = [
        Actor(
            actor.kind,
            actor.id,
            frozenset({role}),
            actor.area_id,
            actor.queue_ids,
            None,
            actor.dependency_id,
        )
        for role in actor.roles
    ]
    if any(can(one, action, obj) for one in one_by_one):
        assert can(actor, action, obj)


@given(obj=objects, action=st.sampled_from(sorted(ACTIONS - {"chat.folio"})))
def test_no_visitor_ever_reaches_the_object_of_another(obj: Scope, action: str) -> None:
    if can(VISITOR, action, obj):
        assert obj.visitor_id == "v1"


def test_reaches_order_from_nothing_to_everything() -> None:
    assert all(first < second for first, second in itertools.pairwise(Reach))
