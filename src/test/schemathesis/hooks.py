"""Makes what no schema can say true of requests that are meant to be accepted."""

import datetime
import os
import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    # The document offers two ways to sign in; both at once are refused.
    if "Authorization" in (case.headers or {}):
        case.headers.pop("X-API-Key", None)
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # A key stands for one request for 72 hours, and two that are made up may have the same.
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = case.headers["Idempotency-Key"][:200] + uuid.uuid4().hex
    # Only the server can make a cursor, and it makes one only where a list goes on.
    if case.query:
        case.query.pop("cursor", None)
        near(case.query)
    # Only the server knows which workspaces there are.
    if "workspace" in (case.path_parameters or {}) and "WORKSPACE_NAMED" in os.environ:
        case.path_parameters["workspace"] = os.environ["WORKSPACE_NAMED"]
    if isinstance(case.body, dict):
        case.body = {name: acceptable(name, value) for name, value in case.body.items()}


def near(query):
    """Makes the first of two days the earlier one, and not too far from the other."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    for name, day in ("from", today - datetime.timedelta(days=7)), ("to", today):
        if name in query:
            query[name] = day.isoformat()


def acceptable(name, value):
    """The value with at most 6 decimals, a time that is soon, or a name that is not the resource's."""
    if isinstance(value, float):
        return round(value, 6)
    if name == "name" and isinstance(value, str):
        return value[:120]
    if name == "expires_at" and isinstance(value, str):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        return soon.isoformat()
    return value
