"""What a failed attempt may have cost."""

import httpx
import pytest
from litellm import exceptions

from workspace_operator_litellm.outcomes import cost_nothing


def of(failure: Exception, cause: BaseException | None = None) -> Exception:
    failure.__cause__ = cause
    return failure


RATE = exceptions.RateLimitError("m", "openai", "m")
REQUEST = httpx.Request("POST", "http://127.0.0.1")


@pytest.mark.parametrize(
    ("failure", "nothing"),
    [
        (RATE, True),
        (exceptions.BadRequestError("m", "m", "openai"), True),
        (exceptions.AuthenticationError("m", "openai", "m"), True),
        (exceptions.InternalServerError("m", "openai", "m"), True),
        (exceptions.ServiceUnavailableError("m", "openai", "m"), True),
        (exceptions.Timeout("m", "m", "openai"), False),
        (exceptions.APIConnectionError("m", "openai", "m"), False),
        (of(exceptions.APIConnectionError("m", "openai", "m"), httpx.ConnectError("refused")), True),
        (of(exceptions.APIConnectionError("m", "openai", "m"), httpx.ReadTimeout("late")), False),
        (of(exceptions.InternalServerError("m", "openai", "m"), httpx.RemoteProtocolError("cut")), False),
        (
            of(
                exceptions.InternalServerError("m", "openai", "m"),
                of(httpx.ReadTimeout("late"), httpx.ConnectError("the attempt before")),
            ),
            False,
        ),
        (exceptions.APIError(502, "m", "openai", "m"), False),
        (exceptions.APIError(504, "m", "openai", "m"), False),
        (ValueError("whatever"), False),
        (None, False),
    ],
)
def test_cost_nothing(failure: Exception | None, nothing: bool) -> None:  # noqa: FBT001
    assert cost_nothing(failure, chunks=False) is nothing
    assert cost_nothing(failure, chunks=True) is False


def test_causes_that_go_round() -> None:
    first, second = ValueError("1"), ValueError("2")
    first.__cause__, second.__cause__ = second, first
    assert cost_nothing(first, chunks=False) is False
