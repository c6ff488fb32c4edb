"""Callbacks that come twice, late or never, clients that go away, and a kill switch in the middle of a stream."""

import json
import time
from decimal import Decimal

import anthropic
import httpx
import openai
import pytest
from operator_api import await_that
from test_books import CENT, HELLO, OF_CHEAP, Booked, chat, claude, sdk


@pytest.fixture
def booked(workspace, link):
    return Booked(workspace)


def test_a_settlement_whose_answer_is_lost_is_told_again(proxy, booked, link):
    link.lose_settles = 2
    chat(proxy, "mock", max_tokens=20)
    (call,) = booked.calls()
    await_that(lambda: len(link.settles[call["id"]]) == 3, 20, "not told again")
    assert booked.spent() == CENT


def test_a_settlement_while_the_gate_is_away_is_told_later(proxy, booked, link):
    began = time.monotonic()
    stream = sdk(proxy).chat.completions.create(model="slow", messages=HELLO, max_tokens=100, stream=True)
    next(iter(stream))
    link.mode = "cut"
    for _ in stream:
        pass
    assert time.monotonic() - began > 10
    time.sleep(2)
    link.mode = "open"
    assert booked.spent(50) == OF_CHEAP


def test_a_client_that_goes_away_in_the_middle_of_a_stream(proxy, booked, provider):
    cut_off = provider.cut_off
    for asked in (_openai_stream, _anthropic_stream):
        asked(proxy)
    await_that(lambda: provider.cut_off - cut_off == 2, 30, "the proxy goes on asking the model")
    # What was generated until then is known in part; what nobody told is the reservation. Never nothing.
    spent = booked.spent(100)
    assert 0 < spent <= 2 * Decimal("0.000616")
    print(f"charged {spent} of {2 * OF_CHEAP} that two whole answers cost")


def _openai_stream(proxy):
    with httpx.stream(
        "POST",
        proxy.url + "/v1/chat/completions",
        headers={"Authorization": "Bearer sk-ada"},
        json={"model": "slow", "messages": HELLO, "max_tokens": 100, "stream": True},
    ) as response:
        assert response.status_code == 200
        next(response.iter_lines())


def _anthropic_stream(proxy):
    with httpx.stream(
        "POST",
        proxy.url + "/v1/messages",
        headers={"Authorization": "Bearer sk-ada"},
        json={"model": "claude-slow", "messages": HELLO, "max_tokens": 100, "stream": True},
    ) as response:
        assert response.status_code == 200
        next(response.iter_lines())


def test_a_client_that_goes_away_before_the_answer(proxy, booked):
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            proxy.url + "/v1/chat/completions",
            headers={"Authorization": "Bearer sk-ada"},
            json={"model": "hang", "messages": HELLO, "max_tokens": 100},
            timeout=0.5,
        )
    assert booked.spent(100) > 0


def test_the_kill_switch_ends_streams_that_are_under_way(proxy, booked, provider):
    cut_off = provider.cut_off
    stream = iter(chat(proxy, "slow", max_tokens=100, stream=True))
    next(stream)
    booked.workspace.kill("stop the stream")
    killed_at = time.monotonic()
    with pytest.raises(openai.APIError) as told:
        for _ in stream:
            pass
    took = time.monotonic() - killed_at
    assert "KILL_SWITCH_ACTIVE" in str(told.value)
    assert took < 10, "the stream went on to its end"
    await_that(lambda: provider.cut_off > cut_off, 10, "the proxy goes on asking the model")
    print(f"the stream ended {took:.1f} s after the kill switch was answered")
    assert booked.spent(100) > 0


def test_the_kill_switch_ends_streams_of_messages(proxy, booked, provider):
    cut_off = provider.cut_off
    with (
        pytest.raises(anthropic.APIError) as told,
        claude(proxy).messages.create(model="claude-slow", max_tokens=100, messages=HELLO, stream=True) as stream,
    ):
        events = iter(stream)
        next(events)
        booked.workspace.kill("stop the stream")
        for _ in events:
            pass
    assert "KILL_SWITCH_ACTIVE" in str(told.value)
    await_that(lambda: provider.cut_off > cut_off, 10, "the proxy goes on asking the model")
    assert booked.spent(100) > 0


def test_streams_go_on_where_that_is_wanted(start_proxy, booked):
    proxy = start_proxy(settings={"stop_streams": False, "check_seconds": 1})
    stream = iter(chat(proxy, "slow", max_tokens=100, stream=True))
    next(stream)
    booked.workspace.kill("new ones only")
    assert sum(1 for _ in stream) > 30
    assert booked.spent(30) == OF_CHEAP


def test_a_long_answer_keeps_its_lease(start_proxy, booked):
    proxy = start_proxy(settings={"lease_seconds": 5, "check_seconds": 1})
    parts = sum(1 for _ in chat(proxy, "slow", max_tokens=100, stream=True))
    assert parts > 30
    assert booked.spent() == OF_CHEAP
    (call,) = booked.calls()
    assert call["status"] == "succeeded"


def test_a_proxy_that_is_killed_leaves_the_reservation(start_proxy, booked):
    proxy = start_proxy(settings={"lease_seconds": 5, "check_seconds": 1})
    next(iter(chat(proxy, "slow", max_tokens=100, stream=True)))
    proxy.kill()
    (call,) = booked.calls()
    assert call["status"] == "running"
    assert booked.spent(30) >= Decimal("0.0006")
    (call,) = booked.calls()
    assert call["status"] == "expired"


def test_callbacks_that_come_twice(start_proxy, booked, link):
    """A second callback of each kind, with the same amount and with another: the first one counts."""
    proxy = start_proxy(after=["extra.twice"])
    chat(proxy, "mock", max_tokens=20)
    assert booked.spent() == CENT
    (call,) = booked.calls()
    await_that(lambda: len(link.settles[call["id"]]) >= 2, 10, "the second callback asked nothing")
    amounts = [json.loads(body)["cost_usd"] for body in link.settles[call["id"]]]
    assert amounts[:2] == [0.01, 0.01]
    assert booked.spent() == CENT


def test_a_callback_after_a_restart(start_proxy, booked, link):
    """The receipt settles what no memory of this process knows."""
    proxy = start_proxy(before=["extra.forgetful"])
    chat(proxy, "mock", max_tokens=20)
    assert booked.spent() == CENT
