"""Where the operator is, and how to sign in: from arguments, else from the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from ._protocol import checked_url
from .errors import Unauthorized

Credential = str | Callable[[], str]
"""An API key or a token, or what gives one: it is asked before each request."""


def url_of(url: str | None, environment: Mapping[str, str] | None = None) -> str:
    """Raises ValueError where there is none, or none that can be right."""
    given = url or (os.environ if environment is None else environment).get("WORKSPACE_API_URL", "")
    if not given:
        raise ValueError("Where is the operator? Set WORKSPACE_API_URL, or give url='https://…'.")
    return checked_url(given)


def credential_of(credential: Credential | None, environment: Mapping[str, str] | None = None) -> Callable[[], str]:
    """Raises ValueError where there is none."""
    if callable(credential):
        return credential
    if credential:
        return lambda: credential
    variables = os.environ if environment is None else environment
    file, key = variables.get("WORKSPACE_API_KEY_FILE"), variables.get("WORKSPACE_API_KEY")
    if file:
        return lambda: _read(Path(file))
    if key:
        return lambda: key
    raise ValueError("Set WORKSPACE_API_KEY or WORKSPACE_API_KEY_FILE, or give credential=….")


def _read(file: Path) -> str:
    # Anew for each request: Kubernetes renews the token of a ServiceAccount before it ends.
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise Unauthorized(f"WORKSPACE_API_KEY_FILE cannot be read: {error}") from error
