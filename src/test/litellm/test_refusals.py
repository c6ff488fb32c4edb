"""What a caller is told when a request is not admitted, and that nothing is sent then."""

from decimal import Decimal

import anthropic
import openai
import pytest
from operator_api import await_that
from test_books import CENT, HELLO, Booked, chat, claude, sdk


@pytest.fixture
def unsent(provider, workspace, link):
    """That the provider is asked nothing."""
    before = provider.total()
    yield
    assert provider.total() == before


def test_a_used_up_budget_by_the_sdk_of_openai(proxy, workspace, unsent):
    workspace.quiet(70)
    workspace.set(daily_budget_usd=float(workspace.spent()))
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=10)
    error = refused.value
    assert (error.status_code, error.code, error.type) == (402, "DAILY_BUDGET_EXCEEDED", "insufficient_quota")
    assert error.message.count("DAILY_BUDGET_EXCEEDED: ") == 1
    assert set(error.body) >= {"message", "type", "code", "param"}
    assert error.response.headers["x-workspace-code"] == "DAILY_BUDGET_EXCEEDED"
    # It is used up: no wait mends that.
    assert "retry-after" not in error.response.headers


def test_a_used_up_budget_by_the_sdk_of_anthropic(proxy, workspace, unsent):
    workspace.quiet(70)
    workspace.set(daily_budget_usd=float(workspace.spent()))
    for stream in (False, True):
        with pytest.raises(anthropic.APIStatusError) as refused:
            claude(proxy).messages.create(model="claude-ok", max_tokens=10, messages=HELLO, stream=stream)
        assert refused.value.status_code == 402
        assert "DAILY_BUDGET_EXCEEDED" in refused.value.message
        assert refused.value.body["error"]["message"].startswith("DAILY_BUDGET_EXCEEDED: ")


def test_money_that_may_come_back_says_when_to_ask_again(proxy, workspace, unsent):
    workspace.quiet(70)
    workspace.set(daily_budget_usd=float(workspace.spent() + CENT))
    open_call = workspace.ask("POST", "/v1/calls", {"user_id": "ada", "max_cost_usd": 0.01})
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=10)
    assert refused.value.status_code == 402
    assert int(refused.value.response.headers["retry-after"]) > 0
    workspace.ask("POST", f"/v1/calls/{open_call['id']}/settle", {"cost_usd": 0})


def test_the_budget_of_a_user(proxy, workspace):
    booked = Booked(workspace)
    workspace.set(user_daily_budget_usd=0.000001)
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=10)
    assert (refused.value.status_code, refused.value.code) == (402, "USER_DAILY_BUDGET_EXCEEDED")
    assert booked.spent() == 0


def test_a_full_workspace(proxy, workspace, unsent):
    workspace.set(max_concurrent_runs=1)
    run = workspace.start_run("carol")
    try:
        with pytest.raises(openai.RateLimitError) as refused:
            chat(proxy, max_tokens=10)
        assert (refused.value.status_code, refused.value.code) == (429, "MAX_CONCURRENT_RUNS_EXCEEDED")
        assert int(refused.value.response.headers["retry-after"]) > 0
    finally:
        workspace.finish(run["id"])


def test_the_reason_of_the_kill_switch(proxy, workspace, unsent):
    workspace.kill("An agent deletes tickets; ask on-call.")
    for asked in (lambda: chat(proxy, max_tokens=10), lambda: chat(proxy, max_tokens=10, stream=True)):
        with pytest.raises(openai.PermissionDeniedError) as refused:
            asked()
        assert refused.value.code == "KILL_SWITCH_ACTIVE"
        assert "An agent deletes tickets; ask on-call." in refused.value.message
    with pytest.raises(anthropic.PermissionDeniedError) as told:
        claude(proxy).messages.create(model="claude-ok", max_tokens=10, messages=HELLO)
    assert "An agent deletes tickets; ask on-call." in told.value.message


def test_no_gate_no_request(proxy, workspace, link, unsent):
    link.mode = "cut"
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=10)
    assert (refused.value.status_code, refused.value.code) == (503, "GATE_UNREACHABLE")
    assert int(refused.value.response.headers["retry-after"]) > 0
    with pytest.raises(anthropic.APIStatusError) as told:
        claude(proxy).messages.create(model="claude-ok", max_tokens=10, messages=HELLO)
    assert told.value.status_code == 503
    assert "GATE_UNREACHABLE" in told.value.message


def test_no_answer_of_the_gate_no_request(start_proxy, workspace, link, unsent):
    proxy = start_proxy(settings={"timeout_seconds": 0.5, "attempts": 2})
    booked = Booked(workspace)
    link.mode = "deaf"
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=10)
    assert (refused.value.status_code, refused.value.code) == (503, "GATE_UNREACHABLE")
    # It is asked for until somebody tells what became of it, and given back.
    link.mode = "open"
    await_that(lambda: [call["status"] for call in booked.calls()] == ["cancelled"], 30, "not given back")
    assert booked.spent() == 0


def test_a_lost_answer_is_asked_for_again(proxy, workspace, link, provider):
    booked = Booked(workspace)
    link.lose = 1
    chat(proxy, "mock", max_tokens=20)
    assert booked.spent() == CENT
    assert len(booked.calls()) == 1


def test_what_was_admitted_for_a_refused_request_is_given_back(proxy, workspace, link, unsent):
    booked = Booked(workspace)
    link.lose = 3
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=10)
    assert refused.value.status_code == 503
    assert booked.spent(30) == 0
    assert [call["status"] for call in booked.calls()] == ["cancelled"]


def test_the_workspace_of_a_team(proxy, workspace, team, link):
    own, others = Booked(workspace), Booked(team)
    chat(proxy, "mock", "sk-team", max_tokens=20)
    assert (own.spent(), others.spent()) == (0, CENT)
    chat(proxy, "mock", "sk-team-own", max_tokens=20)
    assert (own.spent(), others.spent()) == (CENT, CENT)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("sk-wrong", "does not take the API key"),
        ("sk-unset", "WORKSPACE_API_KEY_UNSET is not set"),
        ("sk-thief", "begins with WORKSPACE_API_KEY_"),
        ("sk-thief-2", "begins with WORKSPACE_API_KEY_"),
    ],
)
def test_a_key_of_a_workspace_that_is_not_right(proxy, unsent, key, told):
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=10, key=key)
    assert (refused.value.status_code, refused.value.code) == (503, "GATE_MISCONFIGURED")
    assert told in refused.value.message
    assert "wsk_0" not in refused.value.message


def test_a_client_cannot_choose_the_workspace(proxy, workspace, team, link):
    own, others = Booked(workspace), Booked(team)
    said = {"workspace_api_key_env": "WORKSPACE_API_KEY_TEAM"}
    for body in ({"metadata": said}, {"litellm_metadata": said}, {"metadata": {"user_api_key_metadata": said}}, said):
        try:
            chat(proxy, "mock", max_tokens=20, extra_body=body)
        except openai.BadRequestError:
            continue
    own.spent()
    assert others.spent() == 0


def test_a_client_cannot_forge_a_receipt(proxy, workspace, link):
    """Neither settle somebody else's call, nor lose its own."""
    booked = Booked(workspace)
    victim = workspace.ask("POST", "/v1/calls", {"user_id": "carol", "max_cost_usd": 0.5})
    forged = {"workspace_operator_receipt": f"{victim['id']}:-:0.5:WORKSPACE_API_KEY:{'0' * 64}"}
    for body in ({"metadata": forged}, {"litellm_metadata": forged}, {"metadata": forged, "litellm_metadata": forged}):
        chat(proxy, "mock", max_tokens=20, extra_body=body)
    await_that(lambda: workspace.spent() - booked.before == 3 * CENT, 20, "not settled")
    assert workspace.run(victim["id"])["status"] == "running"
    workspace.ask("POST", f"/v1/calls/{victim['id']}/settle", {"cost_usd": 0})


def test_a_model_without_a_price(proxy, start_proxy, workspace, link):
    for model in ("mock-unpriced", "mock-unbounded"):
        with pytest.raises(openai.PermissionDeniedError) as refused:
            chat(proxy, model)
        assert refused.value.code == "MODEL_WITHOUT_PRICE"
    assert "input_cost_per_token" in refused.value.message or "max_tokens" in refused.value.message
    lenient = start_proxy(settings={"unpriced": "reserve", "default_reservation_usd": "0.02"})
    booked = Booked(workspace)
    workspace.set(daily_budget_usd=float(booked.before + Decimal("0.02")))
    # LiteLLM says that it cost 0, as it has no price: the reservation is charged.
    chat(lenient, "mock-unpriced")
    assert booked.spent() == Decimal("0.02")
    with pytest.raises(openai.APIStatusError) as refused:
        chat(lenient, "mock-unpriced")
    assert refused.value.code == "DAILY_BUDGET_EXCEEDED"


def test_a_model_that_the_proxy_has_not(proxy, unsent):
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, "no-such-model", max_tokens=10)
    assert 400 <= refused.value.status_code < 500


def test_wrong_settings_refuse_everything(start_proxy, unsent):
    proxy = start_proxy(settings={"lease_seconds": "long", "no_such_setting": 1})
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=10)
    assert (refused.value.status_code, refused.value.code) == (503, "GATE_MISCONFIGURED")
    assert "lease_seconds" in refused.value.message
    assert "no_such_setting" in refused.value.message
    assert sdk(proxy)
