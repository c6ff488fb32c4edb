"""The operator, as the tests see it: the books of one workspace, and its settings."""

import hashlib
import json
import os
import secrets
import string
import subprocess
import time
import zlib
from decimal import Decimal

import httpx

SCOPES = ("workspace:read", "workspace:write", "workspace:override", "kill-switch:write", "runs:write", "keys:write")


class Workspace:
    """One workspace, by its key."""

    def __init__(self, url, key):
        self.url = url.rstrip("/")
        self.key = key
        self._http = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=15)

    def ask(self, method, path, body=None, headers=None):
        answer = self._http.request(
            method,
            path,
            content=None if body is None else json.dumps(body),
            headers={"Content-Type": "application/json"} | (headers or {}),
        )
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return json.loads(answer.text, parse_float=Decimal)

    def set(self, **settings):
        return self.ask("PATCH", "/v1/workspace/", settings, {"Content-Type": "application/merge-patch+json"})

    def usage(self):
        return self.ask("GET", "/v1/usage")

    def spent(self):
        return Decimal(self.usage()["spent_usd"])

    def reserved(self):
        return Decimal(self.usage()["reserved_usd"])

    def kill(self, reason):
        return self.ask("POST", "/v1/workspace/kill-switch", {"active": True, "reason": reason})

    def release(self):
        return self.ask("POST", "/v1/workspace/kill-switch", {"active": False})

    def runs(self, **query):
        items, cursor = [], None
        while True:
            asked = {"limit": 500} | query | ({"cursor": cursor} if cursor else {})
            page = self.ask("GET", "/v1/runs?" + "&".join(f"{n}={v}" for n, v in asked.items()))
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    def run(self, run_id):
        return self.ask("GET", f"/v1/runs/{run_id}")

    def start_run(self, user, **more):
        return self.ask("POST", "/v1/runs", {"user_id": user, "lease_seconds": 600} | more)

    def finish(self, run_id):
        return self.ask("POST", f"/v1/runs/{run_id}/finish", {"outcome": "succeeded"})

    def quiet(self, seconds=20):
        """Waits until nothing is reserved any more."""
        await_that(lambda: self.reserved() == 0, seconds, "something stays reserved")


def await_that(condition, seconds, otherwise):
    """Waits for it, as long as it may take."""
    give_up_at = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < give_up_at, otherwise
        time.sleep(0.05)


def new_key():
    """A key as the operator knows it: 43 digits by chance and a checksum."""
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase

    def base62(number, length):
        return (base62(number // 62, length - 1) if length > 1 else "") + digits[number % 62]

    body = "wsk_" + base62(secrets.randbits(256), 43)
    return body + base62(zlib.crc32(body.encode()), 6)


def declared_workspace(name):
    """A workspace of the tests' own on the cluster of run mode; its settings are the API's to change."""
    key = new_key()
    manifests = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "litellm"}},
        {
            "apiVersion": "workspace-operator.dev/v1",
            "kind": "Workspace",
            "metadata": {"name": name, "namespace": "litellm"},
            "spec": {
                "plan": "Scale",
                "apiKeys": [{"name": "tests", "sha256": hashlib.sha256(key.encode()).hexdigest(), "scopes": list(SCOPES)}],
            },
        },
    ]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    kubectl("apply", "-f", "-", given=listed)
    kubectl("-n", "litellm", "wait", f"workspace/{name}", "--for=condition=Ready", "--timeout=30s")
    return Workspace(os.environ["WORKSPACE_API_URL"], key)


def delete_workspace(name):
    kubectl("-n", "litellm", "delete", "workspace", name, "--wait=false")


def kubectl(*arguments, given=None):
    subprocess.run([os.environ["KUBECTL"], *arguments], input=given, text=True, check=True, stdout=subprocess.DEVNULL, timeout=60)
