"""What is booked, to the micro-dollar, for each way to ask a model."""

from decimal import Decimal

import anthropic
import httpx
import openai
import pytest

OF_CHEAP = Decimal("0.000135")
CENT = Decimal("0.01")


def sdk(proxy, key="sk-ada", **more):
    return openai.OpenAI(base_url=proxy.url + "/v1", api_key=key, max_retries=0, timeout=60, **more)


def claude(proxy, key="sk-ada"):
    return anthropic.Anthropic(base_url=proxy.url, auth_token=key, api_key=None, max_retries=0, timeout=60)


HELLO = [{"role": "user", "content": "hello"}]


def chat(proxy, model="ok", key="sk-ada", **more):
    return sdk(proxy, key).chat.completions.create(model=model, messages=HELLO, **more)


class Booked:
    """What the workspace's books say that was spent since."""

    def __init__(self, workspace):
        self.workspace = workspace
        workspace.quiet(70)
        self.before = workspace.spent()
        self.runs = {run["id"] for run in workspace.runs()}

    def spent(self, seconds=20):
        self.workspace.quiet(seconds)
        return self.workspace.spent() - self.before

    def calls(self):
        return [run for run in self.workspace.runs() if run["id"] not in self.runs]


@pytest.fixture
def booked(workspace, link):
    return Booked(workspace)


def test_a_completion_is_settled_at_what_it_cost(proxy, booked, link):
    answer = chat(proxy, max_tokens=100)
    assert answer.choices[0].message.content == "hello"
    assert booked.spent() == OF_CHEAP
    (call,) = booked.calls()
    assert (call["status"], call["user_id"], call["spent_usd"]) == ("succeeded", "ada", OF_CHEAP)
    assert call["labels"]["workspace-operator.dev/call"] == "true"


def test_the_worst_case_is_reserved(proxy, booked):
    # No budget holds 4,096 tokens at 0.000006; but 100 of them.
    booked.workspace.set(daily_budget_usd=float(booked.before + Decimal("0.001")))
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy)
    assert (refused.value.status_code, refused.value.code) == (402, "DAILY_BUDGET_EXCEEDED")
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=100, n=2)
    assert refused.value.code == "DAILY_BUDGET_EXCEEDED"
    chat(proxy, max_tokens=100)
    assert booked.spent() == OF_CHEAP


def test_a_stream_is_settled_at_what_it_cost(proxy, booked):
    parts = list(chat(proxy, stream=True))
    assert "".join(part.choices[0].delta.content or "" for part in parts if part.choices) == "hello"
    assert booked.spent() == OF_CHEAP


def test_a_mocked_model_is_settled_at_what_it_cost(proxy, booked):
    chat(proxy, "mock", max_tokens=20)
    assert booked.spent() == CENT


def test_messages_of_anthropic(proxy, booked):
    answer = claude(proxy).messages.create(model="claude-ok", max_tokens=100, messages=HELLO)
    assert answer.content[0].text == "hello"
    assert booked.spent() == OF_CHEAP


def test_a_stream_of_messages_of_anthropic(proxy, booked):
    with claude(proxy).messages.stream(model="claude-ok", max_tokens=100, messages=HELLO) as stream:
        assert "word" in stream.get_final_text()
    assert booked.spent() == OF_CHEAP


def test_messages_of_anthropic_by_a_model_of_another_shape(proxy, booked):
    answer = claude(proxy).messages.create(model="ok", max_tokens=100, messages=HELLO)
    assert answer.content[0].text == "hello"
    assert booked.spent() == OF_CHEAP


def test_responses(proxy, booked):
    answer = sdk(proxy).responses.create(model="ok", input="hello", max_output_tokens=100)
    assert answer.output_text == "hello"
    assert booked.spent() == OF_CHEAP


def test_a_stream_of_responses(proxy, booked):
    with sdk(proxy).responses.create(model="ok", input="hello", max_output_tokens=100, stream=True) as events:
        assert [event.type for event in events][-1] == "response.completed"
    assert booked.spent() == OF_CHEAP


def test_embeddings(proxy, booked):
    sdk(proxy).embeddings.create(model="embed", input=["hello"], encoding_format="float")
    assert booked.spent() == Decimal("0.001")


def test_images(proxy, booked):
    sdk(proxy).images.generate(model="image", prompt="hello", n=2)
    assert booked.spent() == Decimal("0.08")


def test_text_completions(proxy, booked):
    sdk(proxy).completions.create(model="mock", prompt="hello", max_tokens=20)
    assert booked.spent() == CENT


def test_one_call_whatever_is_tried_for_it(proxy, booked, provider):
    before = provider.requests["flaky"]
    sdk(proxy).chat.completions.create(model="flaky", messages=[{"role": "user", "content": "retry me"}], max_tokens=10)
    assert provider.requests["flaky"] - before == 2
    assert booked.spent() == OF_CHEAP
    assert len(booked.calls()) == 1


def test_a_fallback_is_reserved_and_settled_at_its_own_price(proxy, booked, provider):
    booked.workspace.set(daily_budget_usd=float(booked.before + Decimal("0.001")))
    # 300 tokens of the model itself fit into that, and of the one it falls back to not.
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, "falls", max_tokens=300)
    assert refused.value.code == "DAILY_BUDGET_EXCEEDED"
    chat(proxy, "falls", max_tokens=100)
    assert booked.spent() == OF_CHEAP
    assert len(booked.calls()) == 1


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_an_error_of_the_provider_costs_nothing(proxy, booked, status):
    with pytest.raises(openai.APIStatusError) as failed:
        chat(proxy, f"error-{status}", max_tokens=10)
    assert failed.value.status_code == status
    assert booked.spent() == 0
    assert [call["status"] for call in booked.calls()] == ["failed"]


def test_an_error_to_messages_of_anthropic_costs_nothing(proxy, booked):
    with pytest.raises(anthropic.APIStatusError):
        claude(proxy).messages.create(model="claude-error-429", max_tokens=100, messages=HELLO)
    assert booked.spent() == 0


def test_a_provider_that_cannot_be_reached_costs_nothing(proxy, booked):
    with pytest.raises(openai.APIStatusError):
        chat(proxy, "away", max_tokens=10)
    assert booked.spent() == 0


@pytest.mark.parametrize("model", ["hang", "broken"])
def test_an_answer_that_never_came_is_charged_its_reservation(proxy, booked, model):
    with pytest.raises(openai.APIStatusError):
        chat(proxy, model, max_tokens=100)
    assert booked.spent() >= Decimal("0.0006")


def test_an_answer_after_one_that_never_came_is_charged_with_it(proxy, booked):
    chat(proxy, "hangs-then-ok", max_tokens=100)
    spent = booked.spent()
    assert spent >= Decimal("0.0006") + OF_CHEAP
    assert len(booked.calls()) == 1


def test_a_stream_that_breaks_is_charged_something(proxy, booked):
    with pytest.raises((openai.APIError, httpx.HTTPError)):
        list(chat(proxy, "broken", max_tokens=100, stream=True))
    assert booked.spent(90) > 0


def test_a_step_of_a_run_that_the_client_names(proxy, booked):
    run = booked.workspace.start_run("carol", max_cost_usd=0.01)
    client = sdk(proxy, default_headers={"x-workspace-run": run["id"]})
    client.chat.completions.create(model="ok", messages=HELLO, max_tokens=100)
    assert booked.spent() == OF_CHEAP
    assert booked.workspace.run(run["id"])["spent_usd"] == OF_CHEAP
    with pytest.raises(openai.APIStatusError) as refused:
        client.chat.completions.create(model="ok", messages=HELLO)
    assert (refused.value.status_code, refused.value.code) == (402, "RUN_BUDGET_EXCEEDED")
    booked.workspace.ask("POST", f"/v1/runs/{run['id']}/cancel", {"reason": "enough"})
    with pytest.raises(openai.ConflictError) as refused:
        client.chat.completions.create(model="ok", messages=HELLO, max_tokens=100)
    assert refused.value.code == "RUN_CANCELLED"


@pytest.mark.parametrize("run", ["../../v1/workspace", "1", "019ab4c2-9e21-7d44-a1b0-3c5d7e9f1a2b"])
def test_a_run_that_there_is_not_is_refused(proxy, booked, run, provider):
    before = provider.total()
    with pytest.raises(openai.APIStatusError) as refused:
        sdk(proxy, default_headers={"x-workspace-run": run}).chat.completions.create(model="ok", messages=HELLO, max_tokens=9)
    assert refused.value.status_code in (400, 404)
    assert provider.total() == before


@pytest.mark.parametrize(("key", "user"), [("sk-ada", "ada"), ("sk-alias", "batch jobs"), ("sk-nobody", "litellm")])
def test_for_whom_it_is(proxy, booked, key, user):
    chat(proxy, "mock", key, max_tokens=20, user="mallory")
    booked.spent()
    assert [call["user_id"] for call in booked.calls()] == [user]


def test_the_user_of_the_body_where_it_is_trusted(start_proxy, booked, link):
    proxy = start_proxy(settings={"trust_body_user": True})
    chat(proxy, "mock", "sk-nobody", max_tokens=20, user="erin")
    chat(proxy, "mock", "sk-ada", max_tokens=20, user="erin")
    booked.spent()
    assert sorted(call["user_id"] for call in booked.calls()) == ["ada", "erin"]


def test_no_log_is_settled_too(proxy, booked):
    chat(proxy, "mock", max_tokens=20, extra_body={"no-log": True})
    assert booked.spent() == CENT


@pytest.mark.parametrize(
    "said",
    [
        {"input_cost_per_token": 0, "output_cost_per_token": 0},
        {"model_info": {"output_cost_per_token": 0}},
        {"user_config": {"model_list": []}},
    ],
)
def test_a_client_cannot_say_what_a_token_costs(proxy, booked, provider, said):
    before = provider.total()
    with pytest.raises(openai.APIStatusError) as refused:
        chat(proxy, max_tokens=20, extra_body=said)
    # Some of it LiteLLM refuses by itself, with 500 where custom_auth is used.
    assert refused.value.status_code in (400, 500)
    assert provider.total() == before
    assert booked.spent() == 0


def test_max_tokens_of_every_kind(proxy, booked):
    """What is not a whole number above 0 reserves what the model can give; n that is none is refused."""
    chat(proxy, max_tokens=10**9)
    for odd in (0, -1, "ten", 1.5):
        chat(proxy, extra_body={"max_tokens": odd})
    for odd in (0, -1, "ten", 1.5):
        with pytest.raises(openai.BadRequestError) as refused:
            chat(proxy, extra_body={"n": odd})
        assert refused.value.code == "INVALID_REQUEST"
    assert booked.spent() == 5 * OF_CHEAP


def test_ten_megabytes(proxy, booked):
    content = "word " * (2 * 1024 * 1024)
    sdk(proxy).chat.completions.create(model="ok", messages=[{"role": "user", "content": content}], max_tokens=10)
    assert booked.spent(60) == OF_CHEAP
