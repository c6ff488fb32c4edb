"""Asks a model by the SDKs of OpenAI and Anthropic, as their users do: a base URL and a key, nothing else.

Usage: sdk.py openai|anthropic whole|stream [MODEL]. Takes OPENAI_BASE_URL and OPENAI_API_KEY, or ANTHROPIC_BASE_URL and
ANTHROPIC_API_KEY, from the environment. Prints one line of JSON: {"text"} or {"error", "status", "code", "message"}.
"""

import json
import sys


def openai(stream: bool, model: str) -> str:
    from openai import OpenAI

    answer = OpenAI(max_retries=0).chat.completions.create(
        model=model,
        max_tokens=20,
        messages=[{"role": "user", "content": "Are you there?"}],
        **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
    )
    if not stream:
        return answer.choices[0].message.content
    return "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices)


def anthropic(stream: bool, model: str) -> str:
    from anthropic import Anthropic

    question = {
        "model": model,
        "max_tokens": 20,
        "messages": [{"role": "user", "content": "Are you there?"}],
    }
    client = Anthropic(max_retries=0)
    if not stream:
        return client.messages.create(**question).content[0].text
    with client.messages.stream(**question) as answer:
        return "".join(answer.text_stream)


def main() -> int:
    ask = {"openai": openai, "anthropic": anthropic}[sys.argv[1]]
    model = sys.argv[3] if len(sys.argv) > 3 else "mock"
    try:
        print(json.dumps({"text": ask(sys.argv[2] == "stream", model)}))
    except Exception as error:  # Whatever an SDK raises is what its user sees.
        print(
            json.dumps(
                {
                    "error": type(error).__name__,
                    "status": getattr(error, "status_code", None),
                    "code": getattr(error, "code", None),
                    "message": str(error),
                }
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
