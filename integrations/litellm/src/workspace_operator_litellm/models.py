"""What a request of the proxy may cost at most, by LiteLLM's own models, prices and tokenizers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import litellm

from .money import NotAnAmount, exact
from .prices import Asked, BadRequest, Sheet, Unbounded, answers, output_limit
from .prices import highest_cost as _highest_cost

# Kinds of request as LiteLLM names them (`call_type`), by what decides their cost.
_CHAT = frozenset(
    {
        "completion",
        "acompletion",
        "text_completion",
        "atext_completion",
        "anthropic_messages",
        "aanthropic_messages",
        "responses",
        "aresponses",
        "acompact_responses",
        "generate_content",
        "agenerate_content",
        "generate_content_stream",
        "agenerate_content_stream",
    }
)
_EMBEDDING = frozenset({"embedding", "embeddings", "aembedding"})
_IMAGE = frozenset({"image_generation", "aimage_generation", "image_edit", "aimage_edit"})

# Requests that read, list or take away, and make no model work.
_COSTS_NOTHING = re.compile(
    r"a?(get|list|retrieve|delete|cancel)_\w+"
    r"|a?(file|video|vector_store|vector_store_file)_(list|retrieve|delete|content|status)"
    r"|a?file_(list|retrieve|delete|content)"
    r"|a?moderation"
    r"|a?count_tokens|list_mcp_tools"
)

# A client that could say what a token costs could have everything for nothing.
_PRICE = re.compile(
    r"(input|output|cache|citation|ocr|annotation|search|code|file|computer|vector)\w*_cost\w*|\w*_cost_per_\w+|tiered_pricing"
)
_NOT_FOR_CLIENTS = frozenset({"model_info", "base_model", "custom_cost_per_token", "cost_per_token", "user_config", "model_list"})


def costs_nothing(call_type: str) -> bool:
    """Whether a request of this kind makes no model work, so that it is not asked for."""
    return _COSTS_NOTHING.fullmatch(call_type) is not None


def highest_cost(data: Mapping[str, Any], call_type: str) -> Decimal:
    """The most that the request may cost, in US dollars, not rounded.

    Args:
        data: the request, as LiteLLM's hooks get it.
        call_type: its kind, likewise.

    Raises:
        Unbounded: it cannot be told.
        BadRequest: the request is wrong, or says what only the proxy's configuration may say.
    """
    for name in data:
        if name in _NOT_FOR_CLIENTS or _PRICE.fullmatch(name):
            raise BadRequest(f"{name} is not for a request to say: leave it out")
    model = data.get("model")
    if not isinstance(model, str) or not model:
        raise Unbounded("it names no model")
    deployments = list(_deployments(data, model))
    sheets = [(name, _sheet(name, deployment)) for name, deployment in deployments]
    if call_type in _IMAGE:
        return _images(data, sheets)
    if call_type in _EMBEDDING:
        asked = Asked(_tokens(data, model, sheets), 0, 1)
        return _highest_cost(sheets, asked)
    if call_type not in _CHAT:
        raise Unbounded(f"nothing is known of what {call_type} costs")
    limit = output_limit(data)
    if limit is None and call_type.endswith(("generate_content", "generate_content_stream")):
        config = data.get("config") or data.get("generationConfig")
        limit = output_limit({"max_output_tokens": config.get("maxOutputTokens")}) if isinstance(config, Mapping) else None
    if limit is None:
        limits = [output_limit(deployment) for _, deployment in deployments]
        known = [configured for configured in limits if configured is not None]
        limit = max(known) if known and len(known) == len(limits) else None
    return _highest_cost(
        sheets,
        Asked(
            input_tokens=_tokens(data, model, sheets),
            output_tokens=limit,
            answers=answers(data),
            priority=data.get("service_tier") not in (None, "default", "flex", "standard_only"),
            audio=_has_audio(data),
        ),
    )


def _deployments(data: Mapping[str, Any], model: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each deployment that may come to serve it, with fallbacks: the model's name at the provider, and its parameters."""
    from litellm.proxy import proxy_server

    router = proxy_server.llm_router
    groups: list[str] = []
    waiting = [model, *_names(data.get("fallbacks")), *_names(data.get("models"))]
    while waiting:
        group = waiting.pop(0)
        if group in groups:
            continue
        groups.append(group)
        if router is not None:
            for fallbacks in (router.fallbacks, router.context_window_fallbacks, router.content_policy_fallbacks):
                for entry in fallbacks or []:
                    if isinstance(entry, Mapping):
                        for source, targets in entry.items():
                            if source in (group, "*"):
                                waiting.extend(_names(targets))
    for group in groups:
        found = list(router.get_model_list(model_name=group) or []) if router is not None else []
        for deployment in found:
            params = dict(deployment.get("litellm_params") or {})
            params["model_info"] = deployment.get("model_info") or {}
            yield str(params.get("model") or group), params
        if not found:
            yield group, {}


def _names(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if isinstance(value.get("model"), str):
            yield value["model"]
        else:
            for nested in value.values():
                yield from _names(nested)
    elif isinstance(value, Iterable):
        for nested in value:
            yield from _names(nested)


def _sheet(name: str, deployment: Mapping[str, Any]) -> Sheet:
    """The prices of a deployment: LiteLLM's of the model, and over them what ``config.yaml`` says."""
    info = deployment.get("model_info") or {}
    base = str(info.get("base_model") or deployment.get("base_model") or name)
    # Of the deployment's parameters max_tokens is no limit of the model, but a default for requests.
    over = {field: value for field, value in deployment.items() if value is not None and "cost" in field}
    over |= {field: value for field, value in info.items() if value is not None and ("cost" in field or field in _LIMITS)}
    return {**_listed(base, deployment.get("custom_llm_provider")), **over}


_LIMITS = ("max_output_tokens", "max_tokens", "max_input_tokens")

# How long a model's prices are kept: LiteLLM takes its time to say that it knows none, and logs a line each time.
_LISTED_SECONDS = 60.0
_listings: dict[tuple[str, object], tuple[float, Sheet]] = {}


def _listed(model: str, provider: object) -> Sheet:
    """LiteLLM's own prices of a model, as they are listed: where it has none its answers say 0, which is no price."""
    kept = _listings.get((model, provider))
    now = time.monotonic()
    if kept is not None and now < kept[0]:
        return kept[1]
    sheet: Sheet = {}
    for name in (model, f"{provider}/{model}") if provider else (model,):
        try:
            key = litellm.get_model_info(name)["key"]
        except Exception:  # noqa: BLE001, S112 - LiteLLM raises a bare Exception for a model that it does not know.
            continue
        sheet = {field: value for field, value in litellm.model_cost.get(key, {}).items() if value is not None}
        break
    if len(_listings) >= _MOST_LISTINGS:
        _listings.clear()
    _listings[(model, provider)] = (now + _LISTED_SECONDS, sheet)
    return sheet


# A client may name any number of models that there are not.
_MOST_LISTINGS = 1000


def _tokens(data: Mapping[str, Any], model: str, sheets: list[tuple[str, Sheet]]) -> int:
    """How many tokens go in, as LiteLLM counts them; where it cannot, one for each byte. Never more than a model takes."""
    at_provider = sheets[0][0] if sheets else model
    counted = _counted(data, at_provider)
    most = [limit for _, sheet in sheets if isinstance(limit := sheet.get("max_input_tokens"), int)]
    return min(counted, max(most)) if most and len(most) == len(sheets) else counted


_TEXT = (
    "messages",
    "input",
    "prompt",
    "contents",
    "instructions",
    "system",
    "suffix",
    "tools",
    "functions",
    "response_format",
    "text",
    "query",
    "documents",
    "config",
    "systemInstruction",
    "system_instruction",
    "tool_choice",
)


def _counted(data: Mapping[str, Any], model: str) -> int:
    messages = data.get("messages")
    rest = {name: data[name] for name in _TEXT if data.get(name) is not None}
    try:
        if isinstance(messages, list) and messages:
            rest.pop("messages")
            tools = rest.pop("tools", None)
            tokens = litellm.token_counter(model=model, messages=messages, tools=tools, use_default_image_token_count=True)
        else:
            tokens = 0
        for value in rest.values():
            text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
            tokens += litellm.token_counter(model=model, text=text)
    except Exception:  # noqa: BLE001 - whatever LiteLLM's tokenizers stumble over, in a request that nobody has checked yet.
        return len(json.dumps({**rest, "messages": messages}, default=str, ensure_ascii=False).encode())
    return int(tokens)


def _has_audio(data: Mapping[str, Any]) -> bool:
    modalities = data.get("modalities")
    if data.get("audio") is not None or (isinstance(modalities, list) and "audio" in modalities):
        return True
    messages = data.get("messages")
    if not isinstance(messages, list):
        return False
    return any(
        isinstance(part, Mapping) and part.get("type") in ("input_audio", "audio", "audio_url", "file")
        for message in messages
        if isinstance(message, Mapping) and isinstance(message.get("content"), list)
        for part in message["content"]
    )


def _images(data: Mapping[str, Any], sheets: list[tuple[str, Sheet]]) -> Decimal:
    """Of images, where the model has a price for each, or LiteLLM one for size and quality."""
    if not sheets:
        raise Unbounded("the proxy has no such model")
    wanted = answers(data)
    costs: list[Decimal] = []
    for name, sheet in sheets:
        each = sheet.get("output_cost_per_image") or sheet.get("input_cost_per_image")
        if each is None:
            try:
                each = litellm.completion_cost(
                    model=name,
                    call_type="image_generation",
                    size=str(data.get("size") or "1024x1024"),
                    quality=data.get("quality"),
                    n=1,
                )
            except Exception:  # noqa: BLE001 - LiteLLM raises a bare Exception for what it has no price of.
                each = None
        if not each:
            raise Unbounded(f"LiteLLM has no price of an image of the model {name}: add output_cost_per_image to its model_info")
        try:
            costs.append(exact(each) * wanted)
        except NotAnAmount as error:
            raise Unbounded(f"the price of an image of the model {name} is no price: {error}") from None
    return max(costs)
