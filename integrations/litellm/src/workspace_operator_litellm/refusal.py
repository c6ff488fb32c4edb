"""What a caller of the proxy is told instead of an answer."""

from __future__ import annotations

from collections.abc import Mapping

from litellm.proxy._types import ProxyException

# Codes of this plugin's own; all others are the operator's (docs/gate.md).
GATE_UNREACHABLE = "GATE_UNREACHABLE"
GATE_MISCONFIGURED = "GATE_MISCONFIGURED"
MODEL_WITHOUT_PRICE = "MODEL_WITHOUT_PRICE"
REQUEST_NOT_GATED = "REQUEST_NOT_GATED"
INVALID_REQUEST = "INVALID_REQUEST"


class Refused(ProxyException):
    """A request that is not admitted.

    A kind of LiteLLM's own, since that is what it answers as it stands: the HTTP status, ``headers``, and
    ``{"error": {"message", "type", "param", "code"}}``, where ``type`` is what SDKs expect for the status, and ``code`` tells
    programs why.
    """

    def __init__(self, status: int, code: str, message: str, retry_after: str | None = None) -> None:
        """Args:
        status: the HTTP status that the caller gets.
        code: why, for programs: the operator's code, or one of this module's.
        message: why, for people; the code is put in front of it, which some SDKs show nowhere else.
        retry_after: the header ``Retry-After`` in seconds, where waiting helps.
        """
        headers = {"x-workspace-code": code}
        if retry_after is not None:
            headers["retry-after"] = retry_after
        super().__init__(
            message=f"{code}: {message}",
            type=_TYPES.get(status, "api_error"),
            param=None,
            code=status,
            headers=headers,
            openai_code=code,
        )
        # LiteLLM reads meanings of its own into some messages.
        self.code = str(status)
        self.status_code = status
        self.reason_code = code
        self.retry_after = retry_after

    def to_dict(self) -> dict[str, object]:
        """The error as the caller gets it; LiteLLM's own has the status in place of the code."""
        return {"message": self.message, "type": self.type, "param": self.param, "code": self.reason_code}


def of_problem(status: int, problem: Mapping[str, object], retry_after: str | None) -> Refused:
    """The operator's answer, as the caller of the proxy gets it: status, code, Retry-After, and the reason of a kill switch."""
    code = problem.get("code")
    detail = problem.get("detail")
    message = detail if isinstance(detail, str) and detail else "The operator refused, and did not say why."
    reason = problem.get("reason")
    if isinstance(reason, str) and reason:
        message += f" Reason: {reason}"
    request_id = problem.get("request_id")
    if isinstance(request_id, str) and request_id:
        message += f" (request {request_id})"
    return Refused(status, code if isinstance(code, str) and code else f"HTTP_{status}", message, retry_after)


_TYPES: dict[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
}
