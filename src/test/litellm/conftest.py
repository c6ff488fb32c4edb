"""What the tests share: an operator, a provider of models, and a proxy between them and its clients."""

import os
import secrets

import pytest
from link import Link
from operator_api import Workspace, declared_workspace, delete_workspace
from provider import Provider
from proxy import Proxy

SETTINGS = {"check_seconds": 1, "lease_seconds": 60, "timeout_seconds": 3}


@pytest.fixture(scope="session")
def workspaces():
    """Two workspaces that nobody else uses: the proxy's own, and a team's."""
    if os.environ.get("KUBECTL"):
        names = [f"litellm-{secrets.token_hex(4)}" for _ in range(2)]
        yield [declared_workspace(name) for name in names]
        for name in names:
            delete_workspace(name)
    else:
        yield [
            Workspace(os.environ["WORKSPACE_API_URL"], os.environ[name])
            for name in ("WORKSPACE_API_KEY", "WORKSPACE_API_KEY_TEAM")
        ]


@pytest.fixture
def workspace(workspaces):
    """The proxy's own, with room for everything."""
    own = workspaces[0]
    own.release()
    own.set(daily_budget_usd=None, user_daily_budget_usd=None, max_concurrent_runs=1000)
    yield own
    own.release()


@pytest.fixture
def team(workspaces):
    other = workspaces[1]
    other.release()
    other.set(daily_budget_usd=None, max_concurrent_runs=1000)
    return other


@pytest.fixture(scope="session")
def provider():
    served = Provider()
    yield served
    served.close()


@pytest.fixture(scope="session")
def shared_link():
    opened = Link(os.environ["WORKSPACE_API_URL"])
    yield opened
    opened.close()


@pytest.fixture
def link(shared_link):
    yield shared_link
    shared_link.mode, shared_link.lose, shared_link.lose_settles = "open", 0, 0


def environment_of(workspaces, url):
    return {
        "WORKSPACE_API_URL": url,
        "WORKSPACE_API_KEY": workspaces[0].key,
        "WORKSPACE_API_KEY_TEAM": workspaces[1].key,
        "WORKSPACE_API_KEY_OWN": workspaces[0].key,
        "WORKSPACE_API_KEY_WRONG": "wsk_" + "0" * 49,
        "OTHER_SECRET": workspaces[1].key,
    }


@pytest.fixture(scope="session")
def proxy(provider, workspaces, shared_link):
    """One proxy of two workers for all tests that need no other."""
    started = Proxy(
        provider.url,
        workers=int(os.environ.get("LITELLM_WORKERS", "2")),
        settings=SETTINGS,
        environment=environment_of(workspaces, shared_link.url),
    )
    yield started
    started.close()


@pytest.fixture
def start_proxy(provider, workspaces, shared_link):
    """Starts another proxy, with other settings."""
    started = []

    def start(**more):
        options = {"settings": SETTINGS, "environment": environment_of(workspaces, shared_link.url)} | more
        started.append(Proxy(provider.url, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()
