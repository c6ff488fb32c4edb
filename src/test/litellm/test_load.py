"""Exactly what a budget holds is admitted, by two workers; and nothing once a kill switch was answered."""

import asyncio
import collections
import datetime
import os
import time
from decimal import Decimal

import httpx
import openai
import pytest
from test_books import CENT, HELLO, Booked

ROUNDS = int(os.environ.get("LITELLM_ROUNDS", "3"))
CLIENTS = int(os.environ.get("LITELLM_CLIENTS", "200"))


def client_of(proxy):
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    return openai.AsyncOpenAI(
        base_url=proxy.url + "/v1",
        api_key="sk-ada",
        max_retries=0,
        timeout=120,
        http_client=httpx.AsyncClient(limits=limits, timeout=120),
    )


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_dollar_is_a_hundred_times_a_cent(proxy, workspace, link, number):
    booked = Booked(workspace)
    workspace.set(daily_budget_usd=float(booked.before + 1))
    outcomes = collections.Counter()

    async def one(client):
        while True:
            try:
                await client.chat.completions.create(model="mock", messages=HELLO, max_tokens=20, user=str(number))
                outcomes["admitted"] += 1
            except openai.APIStatusError as refused:
                outcomes[refused.code] += 1
                # Waiting helps as long as something is reserved, and others asked for it all.
                if refused.response.headers.get("retry-after") is None or refused.status_code == 402:
                    return
                await asyncio.sleep(float(refused.response.headers["retry-after"]))

    async def race():
        async with client_of(proxy) as client:
            await asyncio.gather(*(one(client) for _ in range(CLIENTS)))

    began = time.monotonic()
    asyncio.run(race())
    took = time.monotonic() - began
    spent = booked.spent(60)
    print(f"round {number + 1}: {dict(outcomes)} in {took:.1f} s, {spent} spent")
    assert outcomes["admitted"] == 100
    assert spent == 100 * CENT
    assert set(outcomes) <= {"admitted", "DAILY_BUDGET_EXCEEDED", "TOO_MANY_REQUESTS"}
    calls = booked.calls()
    assert len(calls) == 100
    assert {call["spent_usd"] for call in calls} == {CENT}


def test_nothing_is_admitted_once_the_kill_switch_was_answered(proxy, workspace, link, provider):
    booked = Booked(workspace)
    answered_at = None
    outcomes = collections.Counter()
    late = []

    async def one(client, end):
        nonlocal answered_at
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                await client.chat.completions.create(model="ok", messages=HELLO, max_tokens=20)
                outcomes["admitted"] += 1
                if answered_at is not None and began > answered_at:
                    late.append(began - answered_at)
            except openai.APIStatusError as refused:
                outcomes[refused.code] += 1

    async def load():
        nonlocal answered_at
        end = time.monotonic() + 8
        async with client_of(proxy) as client:
            working = [asyncio.create_task(one(client, end)) for _ in range(30)]
            await asyncio.sleep(4)
            await asyncio.to_thread(workspace.kill, "runaway agents")
            answered_at = time.monotonic()
            await asyncio.gather(*working)

    asyncio.run(load())
    print(f"kill under load: {dict(outcomes)}")
    assert outcomes["admitted"] > 20
    assert outcomes["KILL_SWITCH_ACTIVE"] > 20
    assert not late
    since = min(latch["since"] for latch in workspace.ask("GET", "/v1/workspace/settings")["latches"])
    booked.spent(60)
    started = [_time(call["started_at"]) for call in booked.calls()]
    assert len(started) == outcomes["admitted"]
    assert max(started) <= _time(since)
    assert workspace.spent() - booked.before == outcomes["admitted"] * Decimal("0.000135")


def _time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
