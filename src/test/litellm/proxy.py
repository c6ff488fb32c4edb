"""A real LiteLLM proxy, as its users start it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import yaml

HERE = Path(__file__).parent
MASTER_KEY = "sk-master"

# Nothing of a model is priced but what comes out: 20 tokens are a cent.
CENT = {"input_cost_per_token": 0, "output_cost_per_token": 0.0005, "max_output_tokens": 20}
# 10 tokens in and 20 out are 0.000135 US dollars.
CHEAP = {"input_cost_per_token": 0.0000015, "output_cost_per_token": 0.000006, "max_output_tokens": 4096}


def models(provider):
    """What the proxy has: models that LiteLLM mocks itself, and those of the tests' own provider."""

    def model(name, at_provider, prices, **params):
        return {
            "model_name": name,
            "litellm_params": {"model": at_provider, "api_key": "provider-key", **params},
            "model_info": dict(prices),
        }

    def ours(name, prices=CHEAP, shape="openai", **params):
        base = provider + ("/v1" if shape == "openai" else "")
        return model(name if shape == "openai" else f"claude-{name}", f"{shape}/{name}", prices, api_base=base, **params)

    return [
        model("mock", "openai/mock", CENT, mock_response="hello"),
        model("mock-claude", "anthropic/mock", CENT, mock_response="hello"),
        model("mock-unpriced", "openai/nobody-knows", {}, mock_response="hello"),
        model(
            "mock-unbounded",
            "openai/nobody-knows-2",
            {"input_cost_per_token": 0.001, "output_cost_per_token": 0.001},
            mock_response="hello",
        ),
        ours("ok"),
        ours("slow"),
        ours("flaky", num_retries=2),
        ours("hang", timeout=1, num_retries=0),
        ours("broken", num_retries=0),
        *(ours(f"error-{status}", num_retries=0) for status in (400, 401, 429, 500)),
        ours("ok", shape="anthropic"),
        ours("slow", shape="anthropic"),
        ours("error-429", shape="anthropic", num_retries=0),
        # Falls back to "ok", which costs ten times as much.
        {
            **ours("error-500", num_retries=0),
            "model_name": "falls",
            "model_info": {name: value / 10 for name, value in CHEAP.items() if name != "max_output_tokens"}
            | {"max_output_tokens": 4096},
        },
        # Another attempt of this group may be the one that answers.
        {**ours("hang", timeout=1, num_retries=0), "model_name": "hangs-then-ok"},
        model(
            "embed",
            "openai/embed",
            {"input_cost_per_token": 0.0001, "output_cost_per_token": 0, "mode": "embedding"},
            api_base=provider + "/v1",
        ),
        model(
            "image",
            "openai/image",
            {"output_cost_per_image": 0.04, "input_cost_per_image": 0.04, "mode": "image_generation"},
            api_base=provider + "/v1",
        ),
        # Nobody listens there.
        model("away", "openai/ok", CHEAP, api_base="http://127.0.0.1:9/v1", num_retries=0),
    ]


class Proxy:
    """Starts at once; closed by close()."""

    def __init__(self, provider, *, gate=True, workers=1, settings=None, environment=None, before=(), after=()):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.directory = tempfile.TemporaryDirectory()
        config = {
            "model_list": models(provider),
            "litellm_settings": {"num_retries": 0, "drop_params": True, "telemetry": False, "request_timeout": 60},
            "router_settings": {
                "num_retries": 0,
                "disable_cooldowns": True,
                "fallbacks": [{"falls": ["ok"]}, {"hangs-then-ok": ["ok"]}],
            },
            "general_settings": {"master_key": MASTER_KEY, "custom_auth": "custom_auth.user_api_key_auth"},
        }
        if gate:
            config["litellm_settings"]["callbacks"] = [*before, "workspace_operator_litellm.gate", *after]
        if settings is not None:
            config["callback_settings"] = {"workspace_operator": settings}
        folder = Path(self.directory.name)
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        for name in ("custom_auth.py", "extra.py"):
            (folder / name).write_text((HERE / name).read_text())
        self.log_path = folder / "log"
        # Nothing of the environment of whoever runs the tests but what a program needs.
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}
        self._log = self.log_path.open("wb")
        self.process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "litellm"),
                "--config",
                str(folder / "config.yaml"),
                "--host",
                "127.0.0.1",
                "--port",
                str(self.port),
                "--num_workers",
                str(workers),
                "--telemetry",
                "False",
                # A worker that is busy for 5 s is killed otherwise, and a connection closed that is silent for 5 s.
                "--timeout_worker_healthcheck",
                "60",
                "--keepalive_timeout",
                "75",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
            env=kept
            | {
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "LITELLM_MODE": "PRODUCTION",
                "LITELLM_LOG": "WARNING",
                "DO_NOT_TRACK": "1",
            }
            | (environment or {}),
        )
        give_up_at = time.monotonic() + 120
        while True:
            try:
                if httpx.get(self.url + "/health/liveliness", timeout=2).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < give_up_at, self.log()
            time.sleep(0.2)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def stop(self):
        """As a rollout does: SIGTERM, to all of its processes."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, 15)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        """As a crash does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait(10)

    def close(self):
        self.kill()
        self._log.close()
        if "LITELLM_LOGS" in os.environ:
            (Path(os.environ["LITELLM_LOGS"]) / f"{self.port}.log").write_text(self.log())
        self.directory.cleanup()


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]
