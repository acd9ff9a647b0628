"""The fixed words of the house: every enumeration whose value is stored, sent or reported.

Values are English snake_case and never change once released (rows keep them). Labels for people live in the
message catalogues of the screens, except the reference rows of `rules.catalogues`, which are data. No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What a member of staff may be. One person may hold several, except `auditor`, held alone (DOMAIN §2.2)."""

    agent = "agent"
    supervisor = "supervisor"
    director = "director"
    coordination = "coordination"
    correspondence = "correspondence"
    area = "area"
    liaison = "liaison"
    systems = "systems"
    auditor = "auditor"


class ActorKind(StrEnum):
    """Who is acting: a signed-in person, a citizen with a visitor token, the product, or a machine with a key."""

    staff = "staff"
    visitor = "visitor"
    system = "system"
    integrator = "integrator"


class Channel(StrEnum):
    """The way a contact came in."""

    web_chat = "web_chat"
    phone = "phone"
    whatsapp = "whatsapp"
    telegram = "telegram"
    sms = "sms"
    email = "email"
    facebook = "facebook"
    in_person = "in_person"
    webhook = "webhook"

    @property
    def is_voice(self) -> bool:
        """Whether serving it takes a person's whole attention (DESIGN: voice takes the whole capacity)."""
        return self is Channel.phone


class Direction(StrEnum):
    """`inbound` = the citizen started it (recibida); `outbound` = the office did (realizada)."""

    inbound = "inbound"
    outbound = "outbound"


class ConversationState(StrEnum):
    """Where a conversation is (DOMAIN §2.5). `message_left` is the out-of-hours «recado»."""

    started = "started"
    message_left = "message_left"
    queued = "queued"
    assigned = "assigned"
    active = "active"
    waiting = "waiting"
    abandoned = "abandoned"
    closed = "closed"
    closed_inactivity = "closed_inactivity"
    closed_abuse = "closed_abuse"
    closed_spam = "closed_spam"
    closed_self_service = "closed_self_service"

    @property
    def is_open(self) -> bool:
        """Whether somebody may still write in it. A left message is open until a person has dealt with it."""
        return self in OPEN_CONVERSATION_STATES

    @property
    def is_held(self) -> bool:
        """Whether an agent has it."""
        return self in _HELD_CONVERSATION_STATES


OPEN_CONVERSATION_STATES: Final = frozenset(
    {
        ConversationState.started,
        ConversationState.message_left,
        ConversationState.queued,
        ConversationState.assigned,
        ConversationState.active,
        ConversationState.waiting,
    }
)
_HELD_CONVERSATION_STATES: Final = frozenset(
    {ConversationState.assigned, ConversationState.active, ConversationState.waiting}
)


class WorkKind(StrEnum):
    """What a work item stands for. `message` is a message left out of hours (recado)."""

    conversation = "conversation"
    call = "call"
    callback = "callback"
    message = "message"


class WorkState(StrEnum):
    """Where a work item is on its way through the queue engine."""

    scheduled = "scheduled"
    waiting = "waiting"
    offered = "offered"
    held = "held"
    wrap_up = "wrap_up"
    done = "done"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self is not WorkState.done


class OfferState(StrEnum):
    """What became of one offer of one work item to one agent."""

    open = "open"
    accepted = "accepted"
    declined = "declined"
    expired = "expired"
    withdrawn = "withdrawn"


class AuthorKind(StrEnum):
    """Who wrote a message. A `note` is internal and never reaches the citizen (DOMAIN §2.1)."""

    citizen = "citizen"
    agent = "agent"
    system = "system"
    note = "note"


class DeliveryState(StrEnum):
    """How far an outgoing message is known to have got (PROMISES §4.6)."""

    queued = "queued"
    accepted = "accepted"
    sent = "sent"
    delivered = "delivered"
    read = "read"
    failed = "failed"
    uncertain = "uncertain"

    @property
    def is_final(self) -> bool:
        """Whether nothing further is expected to be done by us (a person may still retry a failure)."""
        return self in (DeliveryState.delivered, DeliveryState.read, DeliveryState.failed)

    @staticmethod
    def merge(known: DeliveryState, reported: DeliveryState) -> DeliveryState:
        """Join two reports about one sending, in any order: the greater of queued < uncertain < accepted < sent <
        failed < delivered < read.

        Commutative, associative and idempotent, so late, doubled or reordered reports do no harm (P7). A retry is a
        new sending with a state of its own and does not pass through here.
        """
        return known if _DELIVERY_RANK[known] >= _DELIVERY_RANK[reported] else reported


# Doubt is overruled by any word of the provider; a failure only by proof that the citizen has the message.
_DELIVERY_RANK: Final[Mapping[DeliveryState, int]] = MappingProxyType(
    {
        DeliveryState.queued: 0,
        DeliveryState.uncertain: 1,
        DeliveryState.accepted: 2,
        DeliveryState.sent: 3,
        DeliveryState.failed: 4,
        DeliveryState.delivered: 5,
        DeliveryState.read: 6,
    }
)


class CaptureState(StrEnum):
    """Whether what happened in an interaction was written down, and checked (DOMAIN §2.3)."""

    pending = "pending"
    captured = "captured"
    reviewed = "reviewed"
    returned = "returned"
    overdue = "overdue"


class PetitionState(StrEnum):
    """Where a petition is (DOMAIN §2.4)."""

    draft = "draft"
    registered = "registered"
    verifying = "verifying"
    analysing = "analysing"
    internal = "internal"
    referred = "referred"
    following_up = "following_up"
    answered = "answered"
    concluded_satisfactory = "concluded_satisfactory"
    concluded_unsatisfactory = "concluded_unsatisfactory"
    duplicate = "duplicate"
    archived = "archived"

    @property
    def is_open(self) -> bool:
        """Whether the office still owes something."""
        return self in OPEN_PETITION_STATES

    @property
    def is_concluded(self) -> bool:
        """Whether it ended with a result that was told to the citizen."""
        return self in (PetitionState.concluded_satisfactory, PetitionState.concluded_unsatisfactory)


OPEN_PETITION_STATES: Final = frozenset(
    {
        PetitionState.draft,
        PetitionState.registered,
        PetitionState.verifying,
        PetitionState.analysing,
        PetitionState.internal,
        PetitionState.referred,
        PetitionState.following_up,
        PetitionState.answered,
    }
)


class PetitionKind(StrEnum):
    """What is asked for (DOMAIN §2.1 «Kinds»)."""

    petition = "petition"
    complaint = "complaint"
    suggestion = "suggestion"
    congratulation = "congratulation"
    support = "support"
    legal_advice = "legal_advice"
    civil_registry = "civil_registry"
    no_criminal_record = "no_criminal_record"
    orientation = "orientation"
    follow_up = "follow_up"

    @property
    def gets_folio(self) -> bool:
        """Whether registering it issues a folio: an orientation by default does not, a follow-up never does."""
        return self not in (PetitionKind.orientation, PetitionKind.follow_up)


PETITION_KIND_FROM_SPANISH: Final[Mapping[str, PetitionKind]] = MappingProxyType(
    {
        "peticion": PetitionKind.petition,
        "queja": PetitionKind.complaint,
        "sugerencia": PetitionKind.suggestion,
        "felicitacion": PetitionKind.congratulation,
        "apoyo": PetitionKind.support,
        "asesoria_juridica": PetitionKind.legal_advice,
        "registro_civil": PetitionKind.civil_registry,
        "no_antecedentes": PetitionKind.no_criminal_record,
        "orientacion": PetitionKind.orientation,
        "seguimiento": PetitionKind.follow_up,
    }
)
"""The codes of `categorias.csv` (column `tipo_sugerido`)."""


class IntakeMedium(StrEnum):
    """How a petition came in (DOMAIN §2.1 «Medio de ingreso»)."""

    in_person = "in_person"
    phone = "phone"
    web_chat = "web_chat"
    email = "email"
    social_media = "social_media"
    tour = "tour"
    written = "written"

    @classmethod
    def of_channel(cls, channel: Channel) -> IntakeMedium:
        """The medium a petition taken in `channel` is counted under; messaging counts as social media."""
        return _MEDIUM_OF_CHANNEL.get(channel, cls.social_media)


_MEDIUM_OF_CHANNEL: Final[Mapping[Channel, IntakeMedium]] = MappingProxyType(
    {
        Channel.web_chat: IntakeMedium.web_chat,
        Channel.phone: IntakeMedium.phone,
        Channel.email: IntakeMedium.email,
        Channel.in_person: IntakeMedium.in_person,
    }
)


class Priority(StrEnum):
    """How urgent something is. Compare with `rank`, never with the text."""

    low = "low"
    normal = "normal"
    high = "high"
    critical = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return _PRIORITY_RANK[self]


_PRIORITY_RANK: Final[Mapping[Priority, int]] = MappingProxyType({one: rank for rank, one in enumerate(Priority)})

PRIORITY_FROM_SPANISH: Final[Mapping[str, Priority]] = MappingProxyType(
    {"baja": Priority.low, "normal": Priority.normal, "alta": Priority.high, "critica": Priority.critical}
)
"""The codes of `categorias.csv` (column `prioridad`)."""


class CrisisKind(StrEnum):
    """What a text that raised the alarm is about (DOMAIN §4 «Emergency»)."""

    life = "life"
    violence = "violence"
    emergency = "emergency"


class AgentState(StrEnum):
    """Whether an agent wants work. A pause carries a reason of `catalogues.PAUSE_REASONS`."""

    available = "available"
    paused = "paused"
    offline = "offline"


class Flag(StrEnum):
    """Marks on a conversation or an interaction."""

    crisis_life = "crisis_life"
    crisis_violence = "crisis_violence"
    emergency = "emergency"
    restricted = "restricted"
    spam = "spam"
    abuse = "abuse"
    language = "language"
    minor = "minor"
    older_adult = "older_adult"
    late_capture = "late_capture"
    after_hours = "after_hours"
    call_me = "call_me"
    vulnerable_group = "vulnerable_group"
    """Children, older or sick people are affected by what is asked."""
    sensitive_data = "sensitive_data"
    document_pending = "document_pending"
    interpreter = "interpreter"

    @property
    def is_crisis(self) -> bool:
        """Whether rule 13 of DOMAIN §2.9 applies: it overrides spam, abuse, inactivity, capacity and hours."""
        return self in _CRISIS_FLAGS

    @classmethod
    def of_crisis(cls, kind: CrisisKind) -> Flag:
        """The flag that a detected crisis raises."""
        return _FLAG_OF_CRISIS[kind]


_CRISIS_FLAGS: Final = frozenset({Flag.crisis_life, Flag.crisis_violence, Flag.emergency})
_FLAG_OF_CRISIS: Final[Mapping[CrisisKind, Flag]] = MappingProxyType(
    {
        CrisisKind.life: Flag.crisis_life,
        CrisisKind.violence: Flag.crisis_violence,
        CrisisKind.emergency: Flag.emergency,
    }
)
