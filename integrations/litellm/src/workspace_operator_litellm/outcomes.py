"""What a failed attempt may have cost."""

from __future__ import annotations

from collections.abc import Iterator

# An answer of the provider with such a status is an error that costs nothing. 408, 502 and 504 are said by whoever waited in
# vain for an answer that may have been made, and charged, all the same.
_NOBODY_KNOWS = frozenset({408, 502, 504})

# By name, as they are httpx's, aiohttp's, openai's and the standard library's: no byte of the request was sent.
_NOTHING_SENT = frozenset(
    {
        "ConnectError",
        "ConnectTimeout",
        "PoolTimeout",
        "ConnectionRefusedError",
        "gaierror",
        "ClientConnectorError",
        "ClientConnectorDNSError",
        "ClientProxyConnectionError",
        "ConnectionTimeoutError",
    }
)

# The request may have been sent, and its answer is lost.
_ANSWER_LOST = frozenset(
    {
        "ReadError",
        "ReadTimeout",
        "WriteError",
        "WriteTimeout",
        "RemoteProtocolError",
        "LocalProtocolError",
        "ClientPayloadError",
        "ServerDisconnectedError",
        "SocketTimeoutError",
        "ClientOSError",
        "ConnectionResetError",
        "IncompleteRead",
        "MidStreamFallbackError",
    }
)

# No answer, and alone they do not tell whether anything was sent.
_NO_ANSWER = frozenset({"APIConnectionError", "APITimeoutError", "Timeout", "TimeoutError", "CancelledError"})


def cost_nothing(failure: BaseException | None, *, chunks: bool) -> bool:
    """Whether the attempt certainly cost nothing: nothing was sent, or the provider answered with an error.

    Args:
        failure: what LiteLLM says that became of it.
        chunks: a part of its answer had come.
    """
    if failure is None or chunks:
        return False
    names = {type(cause).__name__ for cause in _causes(failure)}
    # In this order: the failure of a retry also knows that of the attempt before it.
    if names & _ANSWER_LOST:
        return False
    if names & _NOTHING_SENT:
        return True
    if names & _NO_ANSWER:
        return False
    status = getattr(failure, "status_code", None)
    return isinstance(status, int) and status >= 400 and status not in _NOBODY_KNOWS


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The failure and whatever it came of, as far as Python and LiteLLM kept it."""
    seen: set[int] = set()
    waiting: list[BaseException] = [failure]
    while waiting and len(seen) < 50:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        for name in ("__cause__", "__context__", "original_exception"):
            nested = getattr(cause, name, None)
            if isinstance(nested, BaseException):
                waiting.append(nested)
