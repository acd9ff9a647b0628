"""What goes wrong, and when: the same seed and the same calls give the same faults."""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

RestAnswer = Literal["429", "500", "503", "accept_then_time_out", "time_out"]
HOLD_S: Final = 30.0
"""Longest a webhook is held back when no other comes to overtake it."""


class WebhookFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule for webhooks of a kind (`*` for all). Rates are 0 to 1, seconds are simulated."""

    kind: str = "*"
    drop: float = 0.0
    duplicate: float = 0.0
    times: int = 2
    """How often a duplicated webhook arrives in all; the copies come together."""
    reorder: float = 0.0
    """Held back until the next webhook of the same call or conference went."""
    delay: float = 0.0
    delay_s: float = 0.0
    next: int | None = None
    """Only for so many webhooks; then the rule is spent."""


class RestFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule for REST requests whose method and path fit."""

    answer: RestAnswer
    method: str = "POST"
    path: str = ""
    """Part of the path, such as `Participants`."""
    next: int | None = None
    rate: float = 1.0
    retry_after_s: int = 1


class FaultPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All the rules at once. The first rule that applies decides."""

    seed: int = 1
    webhooks: tuple[WebhookFault, ...] = ()
    rest: tuple[RestFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one webhook."""

    drop: bool = False
    times: int = 1
    hold: bool = False
    delay_s: float = 0.0


@dataclass(slots=True)
class Faults:
    """The rules in force. Setting new ones forgets what the old ones counted."""

    plan: FaultPlan = field(default_factory=FaultPlan)
    _used: dict[str, int] = field(default_factory=dict)

    def set(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._used = {}

    def clear(self) -> None:
        self.set(FaultPlan())

    def webhook(self, kind: str, key: str) -> Fate:
        """Decide the fate of a webhook. `key` names it for ever: call, event, ordinal."""
        for place, rule in enumerate(self.plan.webhooks):
            if rule.kind not in ("*", kind) or not self._left(f"webhook{place}", rule.next):
                continue
            fate = Fate(
                drop=self._hits(f"drop{place}", key, rule.drop),
                times=max(1, rule.times) if self._hits(f"duplicate{place}", key, rule.duplicate) else 1,
                hold=self._hits(f"reorder{place}", key, rule.reorder),
                delay_s=rule.delay_s if self._hits(f"delay{place}", key, rule.delay) else 0.0,
            )
            if fate != Fate():
                self._use(f"webhook{place}")
                return fate
        return Fate()

    def rest(self, method: str, path: str) -> RestFault | None:
        """Return the rule that this request falls under, and count it."""
        for place, rule in enumerate(self.plan.rest):
            if rule.method not in ("*", method) or rule.path not in path or not self._left(f"rest{place}", rule.next):
                continue
            seen = self._use(f"rest-seen{place}")
            if self._hits(f"rest{place}", str(seen), rule.rate):
                self._use(f"rest{place}")
                return rule
        return None

    def _left(self, name: str, bound: int | None) -> bool:
        return bound is None or self._used.get(name, 0) < bound

    def _use(self, name: str) -> int:
        self._used[name] = self._used.get(name, 0) + 1
        return self._used[name]

    def _hits(self, rule: str, key: str, rate: float) -> bool:
        if rate <= 0:
            return False
        draw = hashlib.sha256(f"{self.plan.seed}|{rule}|{key}".encode()).digest()
        return int.from_bytes(draw[:8]) / 2**64 < rate
