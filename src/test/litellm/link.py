"""What stands between the proxy and the operator: it can be cut, lose answers, and counts requests."""

import asyncio
import collections
import threading

import aiohttp
from aiohttp import web


class Link:
    """Passes requests on to the operator, until told otherwise.

    Attributes:
        mode: "open", "cut" (connections are ended at once) or "deaf" (no answer comes).
        lose: how many answers of the next POST /v1/calls are lost after the operator made them.
        settles: amounts by call, in the order of their requests.
    """

    def __init__(self, target):
        self.target = target.rstrip("/")
        self.mode = "open"
        self.lose = 0
        self.lose_settles = 0
        self.paths = collections.Counter()
        self.settles = collections.defaultdict(list)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        self._loop.run_until_complete(site.start())
        self.port = site._server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_until_complete(self._open_session())
        self._loop.run_forever()
        self._loop.run_until_complete(self._session.close())
        self._loop.run_until_complete(runner.cleanup())

    async def _open_session(self):
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def _pass(self, request):
        if self.mode == "cut":
            request.transport.close()
            return web.Response()
        if self.mode == "deaf":
            await asyncio.sleep(10)
            request.transport.close()
            return web.Response()
        body = await request.read()
        parts = request.path.strip("/").split("/")
        self.paths["/".join("ID" if len(p) == 36 else p for p in parts)] += 1
        if parts[-1] == "settle":
            self.settles[parts[-2]].append(body.decode())
        headers = {n: v for n, v in request.headers.items() if n.lower() not in ("host", "content-length")}
        async with self._session.request(request.method, self.target + request.path_qs, headers=headers, data=body) as answer:
            content = await answer.read()
            if request.path == "/v1/calls" and self.lose > 0:
                self.lose -= 1
                request.transport.close()
                return web.Response()
            if parts[-1] == "settle" and self.lose_settles > 0:
                self.lose_settles -= 1
                request.transport.close()
                return web.Response()
            kept = {
                n: v for n, v in answer.headers.items() if n.lower() in ("content-type", "retry-after", "idempotency-replayed")
            }
            return web.Response(status=answer.status, body=content, headers=kept)
