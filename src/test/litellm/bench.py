#!/usr/bin/env python3
"""Requests a second of a LiteLLM proxy with the gate, beside the same proxy without it, in turn, in one run.

src/test/litellm/run bench [pairs] [seconds] [clients]
"""

import asyncio
import json
import os
import statistics
import sys
import time

import aiohttp
from operator_api import Workspace, declared_workspace, delete_workspace
from provider import Provider
from proxy import Proxy

BODY = json.dumps({"model": "mock", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 20})
HEADERS = {"Authorization": "Bearer sk-ada", "Content-Type": "application/json"}


async def rate(proxy, seconds, clients):
    """Requests answered with 200 a second, and the times that they took."""
    took, other = [], 0
    end = time.monotonic() + seconds

    async def one(session):
        nonlocal other
        while (began := time.monotonic()) < end:
            async with session.post(proxy.url + "/v1/chat/completions", data=BODY, headers=HEADERS) as answer:
                await answer.read()
                if answer.status == 200:
                    took.append(time.monotonic() - began)
                else:
                    other += 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        began = time.monotonic()
        await asyncio.gather(*(one(session) for _ in range(clients)))
        lasted = time.monotonic() - began
    if other:
        raise SystemExit(f"bench: {other} requests were not answered with 200.")
    return len(took) / lasted, statistics.median(took) * 1000


def main():
    pairs, seconds, clients = (int(a) for a in (sys.argv[1:] + ["5", "10", "8"][len(sys.argv) - 1 :])[:3])
    name = "litellm-bench"
    own = (
        declared_workspace(name)
        if os.environ.get("KUBECTL")
        else Workspace(os.environ["WORKSPACE_API_URL"], os.environ["WORKSPACE_API_KEY"])
    )
    own.set(daily_budget_usd=None, max_concurrent_runs=1000)
    provider = Provider()
    environment = {"WORKSPACE_API_URL": own.url, "WORKSPACE_API_KEY": own.key}
    without, gated = Proxy(provider.url, gate=False), Proxy(provider.url, environment=environment)
    try:
        for proxy in (without, gated):
            asyncio.run(rate(proxy, 3, clients))
        results = []
        for number in range(pairs):
            order = [without, gated] if number % 2 == 0 else [gated, without]
            told = {proxy: asyncio.run(rate(proxy, seconds, clients)) for proxy in order}
            results.append((told[without], told[gated]))
            (plain, plain_ms), (with_gate, gate_ms) = results[-1]
            print(
                f"pair {number + 1}: without {plain:.1f}/s, median {plain_ms:.1f} ms; with the gate {with_gate:.1f}/s, {gate_ms:.1f} ms; ratio {with_gate / plain:.3f}",
                flush=True,
            )
        plain = statistics.median(r[0][0] for r in results)
        with_gate = statistics.median(r[1][0] for r in results)
        ratio = statistics.median(r[1][0] / r[0][0] for r in results)
        print(
            f"LiteLLM without the gate {plain:.1f} requests/s, with it {with_gate:.1f} requests/s; ratio {ratio:.3f} (median of {pairs} pairs)"
        )
    finally:
        without.close()
        gated.close()
        provider.close()
        if os.environ.get("KUBECTL"):
            delete_workspace(name)


if __name__ == "__main__":
    main()
