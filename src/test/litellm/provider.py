"""A provider of models with no model inside, shaped as OpenAI's and Anthropic's, that counts what it is asked.

The model's name says what it does:

    ok              answers with 10 tokens in and 20 out
    slow            the same, in a stream of 40 parts over 20 s
    error-STATUS    answers with that status
    hang            never answers
    broken          ends the connection in the middle of a stream, or before the answer
    flaky           answers 500 to each first of two requests with one content
"""

import asyncio
import collections
import json
import threading

from aiohttp import web

IN, OUT = 10, 20


class Provider:
    """Serves on a port of its own, in a thread of its own, until it is closed."""

    def __init__(self):
        self.requests = collections.Counter()
        self.cut_off = 0
        self.seen = collections.Counter()
        self.bodies = []
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def total(self):
        return sum(self.requests.values())

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/chat/completions", self._chat)
        app.router.add_post("/v1/messages", self._messages)
        app.router.add_post("/v1/embeddings", self._embeddings)
        app.router.add_post("/embeddings", self._embeddings)
        app.router.add_post("/v1/responses", self._responses)
        app.router.add_post("/responses", self._responses)
        app.router.add_post("/v1/images/generations", self._images)
        app.router.add_post("/images/generations", self._images)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.port = site._server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    async def _asked(self, request):
        body = await request.json()
        model = body["model"]
        self.requests[model] += 1
        self.bodies.append((request.path, dict(request.headers), body))
        if model.startswith("error-"):
            status = int(model.removeprefix("error-"))
            return body, web.json_response(
                {"error": {"message": f"made to answer {status}", "type": "made_up", "code": "made_up"}}, status=status
            )
        if model == "hang":
            await asyncio.sleep(600)
        if model == "broken" and not body.get("stream"):
            request.transport.close()
            return body, web.Response()
        if model == "flaky":
            content = json.dumps(body.get("messages"))
            self.seen[content] += 1
            if self.seen[content] % 2 == 1:
                return body, web.json_response({"error": {"message": "once", "type": "made_up", "code": "x"}}, status=500)
        return body, None

    async def _chat(self, request):
        body, answer = await self._asked(request)
        if answer is not None:
            return answer
        usage = {"prompt_tokens": IN, "completion_tokens": OUT, "total_tokens": IN + OUT}
        head = {"id": "chatcmpl-1", "created": 1, "model": body["model"]}
        if not body.get("stream"):
            message = {"role": "assistant", "content": "hello"}
            return web.json_response(
                head
                | {
                    "object": "chat.completion",
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": usage,
                }
            )

        def part(delta, finish=None, **more):
            choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
            return head | {"object": "chat.completion.chunk", "choices": choices} | more

        parts = [part({"role": "assistant", "content": "he"}), part({"content": "llo"}), part({}, "stop")]
        if body["model"] == "slow":
            parts = [part({"role": "assistant", "content": "word "}) for _ in range(40)] + [part({}, "stop")]
        parts.append(head | {"object": "chat.completion.chunk", "choices": [], "usage": usage})
        return await self._stream(request, body["model"], [("", p) for p in parts] + [("", "[DONE]")])

    async def _messages(self, request):
        body, answer = await self._asked(request)
        if answer is not None:
            return answer
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}
        usage = {"input_tokens": IN, "output_tokens": OUT}
        if not body.get("stream"):
            return web.json_response(
                head
                | {
                    "content": [{"type": "text", "text": "hello"}],
                    "stop_reason": "end_turn",
                    "stop_sequence": None,
                    "usage": usage,
                }
            )
        start = head | {
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": IN, "output_tokens": 1},
        }
        words = 40 if body["model"] == "slow" else 2
        events = [("message_start", {"type": "message_start", "message": start})]
        events.append(
            ("content_block_start", {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
        )
        events += [
            (
                "content_block_delta",
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "word "}},
            )
        ] * words
        events.append(("content_block_stop", {"type": "content_block_stop", "index": 0}))
        events.append(
            (
                "message_delta",
                {
                    "type": "message_delta",
                    "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                    "usage": {"output_tokens": OUT},
                },
            )
        )
        events.append(("message_stop", {"type": "message_stop"}))
        return await self._stream(request, body["model"], events)

    async def _stream(self, request, model, events):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            for number, (name, data) in enumerate(events):
                if model == "broken" and number == 2:
                    request.transport.close()
                    return response
                text = data if isinstance(data, str) else json.dumps(data)
                await response.write((f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode())
                if model == "slow" and number > 0:
                    await asyncio.sleep(0.5)
            await response.write_eof()
        except (asyncio.CancelledError, ConnectionError):
            self.cut_off += 1
            raise
        return response

    async def _embeddings(self, request):
        body, answer = await self._asked(request)
        if answer is not None:
            return answer
        return web.json_response(
            {
                "object": "list",
                "model": body["model"],
                "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}],
                "usage": {"prompt_tokens": IN, "total_tokens": IN},
            }
        )

    async def _images(self, request):
        body, answer = await self._asked(request)
        if answer is not None:
            return answer
        return web.json_response({"created": 1, "data": [{"url": "http://127.0.0.1/x.png"}] * int(body.get("n") or 1)})

    async def _responses(self, request):
        body, answer = await self._asked(request)
        if answer is not None:
            return answer
        response = {
            "id": "resp_1",
            "object": "response",
            "created_at": 1,
            "status": "completed",
            "model": body["model"],
            "output": [
                {
                    "type": "message",
                    "id": "m1",
                    "status": "completed",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": "hello", "annotations": []}],
                }
            ],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": {
                "input_tokens": IN,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": OUT,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": IN + OUT,
            },
        }
        if not body.get("stream"):
            return web.json_response(response)
        events = [
            (
                "response.created",
                {
                    "type": "response.created",
                    "sequence_number": 0,
                    "response": response | {"status": "in_progress", "output": [], "usage": None},
                },
            ),
            (
                "response.output_text.delta",
                {
                    "type": "response.output_text.delta",
                    "sequence_number": 1,
                    "item_id": "m1",
                    "output_index": 0,
                    "content_index": 0,
                    "delta": "hello",
                    "logprobs": [],
                },
            ),
            ("response.completed", {"type": "response.completed", "sequence_number": 2, "response": response}),
        ]
        return await self._stream(request, body["model"], events)
