"""Settings, of the environment and of the proxy's ``config.yaml``.

In ``config.yaml`` they stand under ``callback_settings: workspace_operator:``. Each is there at most once; every mistake is
told at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, cast

from .money import MOST_USD, NotAnAmount, exact, reservation

ENVIRONMENT_URL = "WORKSPACE_API_URL"
ENVIRONMENT_KEY = "WORKSPACE_API_KEY"

# The name, in the metadata of a LiteLLM key or team, under which an environment variable is named.
METADATA_KEY_ENV = "workspace_api_key_env"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class BadSettings(ValueError):
    """What is wrong with the settings, all of it, and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """How the gate works; see README.md for each."""

    api_url: str
    api_key_env: str = ENVIRONMENT_KEY
    api_key_env_prefix: str = f"{ENVIRONMENT_KEY}_"
    require_own_key: bool = False
    trust_body_user: bool = False
    unpriced: Literal["refuse", "reserve"] = "refuse"
    default_reservation_usd: Decimal = Decimal("0.01")
    lease_seconds: int = 120
    check_seconds: float = 10.0
    stop_streams: bool = True
    timeout_seconds: float = 5.0
    attempts: int = 3
    settle_seconds: float = 600.0
    ungated_call_types: frozenset[str] = field(default_factory=frozenset)

    @staticmethod
    def read(environment: Mapping[str, str], configured: object) -> Settings:
        """Of the environment, and of what ``config.yaml`` says (``None``: nothing).

        Raises:
            BadSettings: with every mistake there is.
        """
        mistakes: list[str] = []
        given: dict[str, object] = {}
        if isinstance(configured, Mapping):
            given = {str(name): value for name, value in configured.items()}
        elif configured is not None:
            mistakes.append("callback_settings.workspace_operator must be a map of settings")
        reader = _Reader(given, mistakes)
        url = reader.text("api_url", environment.get(ENVIRONMENT_URL, ""))
        if not url:
            mistakes.append(f"set the environment variable {ENVIRONMENT_URL}, or api_url, to the operator's address")
        elif not url.startswith(("http://", "https://")):
            mistakes.append(f"the operator's address must begin with http:// or https://, and is {url!r}")
        settings = Settings(
            api_url=url,
            api_key_env=reader.name("api_key_env", ENVIRONMENT_KEY),
            api_key_env_prefix=reader.name("api_key_env_prefix", f"{ENVIRONMENT_KEY}_"),
            require_own_key=reader.truth("require_own_key", default=False),
            trust_body_user=reader.truth("trust_body_user", default=False),
            unpriced=cast("Literal['refuse', 'reserve']", reader.one_of("unpriced", ("refuse", "reserve"))),
            default_reservation_usd=reader.amount("default_reservation_usd", Decimal("0.01")),
            lease_seconds=int(reader.number("lease_seconds", 120, 5, 3600)),
            check_seconds=reader.number("check_seconds", 10, 1, 1200),
            stop_streams=reader.truth("stop_streams", default=True),
            timeout_seconds=reader.number("timeout_seconds", 5, 0.1, 60),
            attempts=int(reader.number("attempts", 3, 1, 10)),
            settle_seconds=reader.number("settle_seconds", 600, 1, 86_400),
            ungated_call_types=reader.texts("ungated_call_types"),
        )
        if settings.check_seconds * 2 > settings.lease_seconds:
            mistakes.append("check_seconds must be at most half of lease_seconds: each check renews the lease")
        mistakes.extend(
            f"{name} is no setting; there are {', '.join(sorted(reader.known))}" for name in given if name not in reader.known
        )
        if mistakes:
            raise BadSettings("Workspace Operator's settings: " + "; ".join(mistakes) + ".")
        return settings

    def key(self, named: object, environment: Mapping[str, str] | None = None) -> str:
        """The workspace's API key for a request.

        Args:
            named: what the metadata of the LiteLLM key or its team says, ``None`` if they say nothing.
            environment: where the variable is looked up, the process's if not given.

        Raises:
            BadSettings: it names no variable that it may name, or the variable is not set.
        """
        environment = os.environ if environment is None else environment
        if named is None:
            if self.require_own_key:
                raise BadSettings(
                    f"Neither the LiteLLM key nor its team has {METADATA_KEY_ENV} in its metadata, and require_own_key "
                    f"is on: add there the name of a variable that begins with {self.api_key_env_prefix}."
                )
            return self._variable(self.api_key_env, environment)
        # Whoever may edit a key's metadata must not come to read any other secret of the proxy.
        if (
            not isinstance(named, str)
            or not _NAME.fullmatch(named)
            or not named.startswith(self.api_key_env_prefix)
            or named == self.api_key_env_prefix
        ):
            raise BadSettings(
                f"{METADATA_KEY_ENV} in the metadata of the LiteLLM key or its team must name an environment variable "
                f"that begins with {self.api_key_env_prefix} (never the key itself)."
            )
        return self._variable(named, environment)

    @staticmethod
    def _variable(name: str, environment: Mapping[str, str]) -> str:
        value = environment.get(name, "").strip()
        if not value:
            raise BadSettings(
                f"The environment variable {name} is not set where the proxy runs: it must hold a workspace's API key."
            )
        if not value.isascii() or not value.isprintable() or " " in value:
            raise BadSettings(f"The environment variable {name} does not hold an API key: it has characters that no key has.")
        return value


class _Reader:
    """Reads one value after the other, and collects what is wrong."""

    def __init__(self, given: Mapping[str, object], mistakes: list[str]) -> None:
        self._given = given
        self._mistakes = mistakes
        self.known: set[str] = set()

    def _value(self, name: str) -> object:
        self.known.add(name)
        return self._given.get(name)

    def text(self, name: str, default: str) -> str:
        value = self._value(name)
        if value is None:
            return default.strip()
        if not isinstance(value, str):
            self._mistakes.append(f"{name} must be text, and is {value!r}")
            return default
        return value.strip()

    def name(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not _NAME.fullmatch(value):
            self._mistakes.append(f"{name} must be the name of an environment variable, and is {value!r}")
            return default
        return value

    def truth(self, name: str, *, default: bool) -> bool:
        value = self._value(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._mistakes.append(f"{name} must be true or false, and is {value!r}")
            return default
        return value

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self._value(name)
        if value is None:
            return allowed[0]
        if value not in allowed:
            self._mistakes.append(f"{name} must be one of {', '.join(allowed)}, and is {value!r}")
            return allowed[0]
        return str(value)

    def number(self, name: str, default: float, least: float, most: float) -> float:
        value = self._value(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            self._mistakes.append(f"{name} must be a number from {least:g} to {most:g}, and is {value!r}")
            return default
        return value

    def amount(self, name: str, default: Decimal) -> Decimal:
        value = self._value(name)
        if value is None:
            return default
        try:
            amount = exact(value)
        except NotAnAmount as error:
            self._mistakes.append(f"{name} must be an amount in US dollars: {error}")
            return default
        if not 0 < amount <= MOST_USD or amount != reservation(amount):
            self._mistakes.append(
                f"{name} must be more than 0 and at most {MOST_USD} US dollars, with up to 6 decimals, and is {value!r}"
            )
            return default
        return amount

    def texts(self, name: str) -> frozenset[str]:
        value = self._value(name)
        if value is None:
            return frozenset()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._mistakes.append(f"{name} must be a list of text, and is {value!r}")
            return frozenset()
        return frozenset(cast("list[str]", value))
