"""What the sync and the async client share of httpx."""

from __future__ import annotations

import ssl
import sys

import httpx

from ._version import __version__


def checked(url: str) -> str:
    """Raises ValueError if httpx cannot read it."""
    try:
        httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"url is {url!r}: {error}") from error
    return url


def limits() -> httpx.Limits:
    # A heartbeat must not wait for a connection of something else.
    return httpx.Limits(max_connections=None, max_keepalive_connections=100)


def user_agent() -> str:
    python = ".".join(str(part) for part in sys.version_info[:2])
    return f"workspace-operator-python/{__version__} Python/{python}"


def answer_headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def is_wrong_certificate(error: BaseException) -> bool:
    """Asking again does not help then."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
