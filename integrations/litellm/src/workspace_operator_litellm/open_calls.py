"""The calls that are open in this process, and what is known of their cost.

A call is admitted once for a request of the proxy, whatever LiteLLM tries for it: retries, other deployments, fallbacks. So it
is charged once, for all of its attempts together.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from decimal import Decimal

from .rest import Admitted


@dataclass
class OpenCall:
    """A call between its admission and its settlement.

    Attributes:
        admitted: as the operator said.
        key: the workspace's API key, which settles it.
        started: attempts that LiteLLM has begun.
        failed: attempts that failed.
        unknown: of those, attempts that nobody knows the cost of, such as one whose answer never came.
        spent: of those, what is known.
        answered: an attempt was answered; a callback will tell its cost.
        streams: it is answered by a stream.
        failure: the request failed; it is charged once all attempts are told.
        charge_reserved: its answer does not tell what it costs (it has no price, or is made later), so that the reservation is
            charged.
        blocked: the code that must stop it.
        told: streams that broke off, each once.
    """

    admitted: Admitted
    key: str
    started: int = 0
    failed: int = 0
    unknown: int = 0
    spent: Decimal = Decimal(0)
    answered: bool = False
    streams: bool = False
    failure: bool = False
    charge_reserved: bool = False
    blocked: str | None = None
    told: set[str] = field(default_factory=set)
    check: asyncio.TimerHandle | None = None

    def cost(self, of_answer: Decimal) -> Decimal:
        """What the request cost: its answer, and the attempts before. One that nobody knows the cost of is its reservation."""
        if self.charge_reserved:
            of_answer = max(of_answer, self.admitted.reserved_usd)
        return of_answer + self.spent + self.unknown * self.admitted.reserved_usd

    def all_told(self) -> bool:
        """Whether no attempt is under way, and none was answered but by a stream that broke off."""
        return bool(self.told) if self.streams else not self.answered and self.failed >= self.started

    def stop_checks(self) -> None:
        """No further heartbeat."""
        if self.check is not None:
            self.check.cancel()
            self.check = None


@dataclass(frozen=True)
class Receipt:
    """What settles a call without this process's memory of it: text that travels in the request's metadata.

    It is signed with the workspace's key, since a client may send metadata of its own: it could settle a call of somebody
    else otherwise.
    """

    admitted: Admitted
    key_env: str

    def text(self, key: str) -> str:
        """Call, run (``-`` for none), reservation, the variable that holds the key, and the signature."""
        fields = ":".join(
            (
                self.admitted.call_id,
                self.admitted.run_id or "-",
                f"{self.admitted.reserved_usd:f}",
                self.key_env,
            )
        )
        return f"{fields}:{_signature(fields, key)}"

    @staticmethod
    def parse(text: object) -> tuple[Receipt, str, str] | None:
        """The receipt, what is signed, and the signature, not checked yet; ``None`` if it is none."""
        if not isinstance(text, str) or text.count(":") != 4:
            return None
        call_id, run_id, reserved, key_env, signature = text.split(":")
        if not reserved.replace(".", "", 1).isdecimal():
            return None
        admitted = Admitted(call_id, None if run_id == "-" else run_id, Decimal(reserved))
        return Receipt(admitted, key_env), text.rpartition(":")[0], signature


def signed(fields: str, signature: str, key: str) -> bool:
    """Whether the signature is right."""
    return hmac.compare_digest(_signature(fields, key), signature)


def _signature(fields: str, key: str) -> str:
    return hmac.new(key.encode(), fields.encode(), hashlib.sha256).hexdigest()
