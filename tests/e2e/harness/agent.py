# SPDX-License-Identifier: Apache-2.0
"""The real binary as a process: started with a config and a bare environment, watched, stopped, inspected."""

import os
import re
import select
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import requests

from harness.wait import until

TOKEN = "test-token-123"
TOKEN_HEADER = "X-Aws-Parameters-Secrets-Token"
ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "us-east-1"

START_LINE = re.compile(r"Agent/(\S+) listening on (http://127\.0\.0\.1:(\d+))")
SANITIZER = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")
LOG_FILE = Path("logs/secrets_manager_agent.log")


def bare_environment(home: Path) -> dict[str, str]:
    """What every agent gets: nothing of the caller's but PATH and the sanitizers' options."""
    kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}
    return kept | {"HOME": str(home), "TZ": "UTC"}


class Agent:
    """A running (or ended) agent."""

    def __init__(self, command: Sequence[str | Path], cwd: Path, environment: dict[str, str], **popen: Any) -> None:
        self.cwd = cwd
        self.lines: list[str] = []
        self._stderr = cwd / f"stderr.{id(self)}"
        with self._stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                **popen,
            )
        self._stdout_closing = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = 0
        self.version = ""
        self.session = requests.Session()
        self.session.trust_env = False

    def _read(self) -> None:
        assert self.process.stdout
        rest = b""
        while not self._stdout_closing.is_set():
            if not select.select([self.process.stdout], [], [], 0.05)[0]:
                continue
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            self.lines += [line.decode(errors="replace") for line in lines]

    def close_stdout(self) -> None:
        """Nobody reads the agent's standard output any more."""
        self._stdout_closing.set()
        self._reader.join(5)
        assert self.process.stdout
        self.process.stdout.close()

    # Life

    def wait_ready(self, seconds: float = 20.0) -> "Agent":
        """Waits for the first line on standard output, which must be the start line."""
        until(lambda: self.lines or self.process.poll() is not None, "the start line", seconds)
        if not self.lines:
            self._reader.join(5)
        assert self.lines, f"no start line, exit {self.process.poll()}: {self.stderr}"
        match = START_LINE.fullmatch(self.lines[0])
        assert match, f"not a start line: {self.lines[0]!r}"
        self.version, self.port = match[1], int(match[3])
        return self

    def wait(self, seconds: float = 20.0) -> int:
        """The exit status, once there is one."""
        status = self.process.wait(seconds)
        self._reader.join(5)
        return status

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Asks the agent to leave and returns its exit status; safe to call again."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not leave on {how.name}; log:\n{self.log}\n{self.stderr}") from None

    def check_clean_end(self) -> None:
        """What must hold of every agent at the end of every test."""
        status = self.stop()
        assert not SANITIZER.search(self.stderr), self.stderr
        assert status == 0, f"exit {status}: {self.stderr}\n{self.log}"

    # What it wrote

    @property
    def stderr(self) -> str:
        return self._stderr.read_text(errors="replace")

    @property
    def log(self) -> str:
        """The log file's text; empty when there is none."""
        file = self.cwd / LOG_FILE
        return file.read_text(errors="replace") if file.exists() else ""

    def log_lines(self, pattern: str) -> list[str]:
        return [line for line in self.log.splitlines() if re.search(pattern, line)]

    def wait_log(self, pattern: str, times: int = 1) -> list[str]:
        """The lines of the log that match, once there are so many."""
        return until(
            lambda: len(found := self.log_lines(pattern)) >= times and found, f"{times} x {pattern!r} in the log"
        )

    # Requests

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, method: str, target: str, *, token: str | None = TOKEN, headers: dict[str, str] | None = None, **more: Any
    ) -> requests.Response:
        """A request by an ordinary client, its token in the usual header."""
        sent = {TOKEN_HEADER: token} if token is not None else {}
        return self.session.request(method, self.url + target, headers=sent | (headers or {}), timeout=30, **more)

    def get(self, secret_id: str, *, token: str | None = TOKEN, **parameters: str) -> requests.Response:
        """The query form."""
        return self.request("GET", "/secretsmanager/get", token=token, params={"secretId": secret_id} | parameters)


class AgentFactory:
    """Starts agents and, at the end, makes sure that each left cleanly."""

    def __init__(self, binary: Path, new_directory: Callable[[], Path]) -> None:
        self.binary = binary
        self._new_directory = new_directory
        self._running: list[Agent] = []
        self._spawned: list[Agent] = []

    def environment(
        self, cwd: Path, endpoint: str | None, token: str | None = TOKEN, env: dict[str, str | None] | None = None
    ) -> dict[str, str]:
        """An environment with static credentials; `env` adds, or with None removes."""
        values: dict[str, str | None] = (
            dict(bare_environment(cwd))
            | {
                "AWS_REGION": REGION,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_TOKEN": token,
            }
            | (env or {})
        )
        return {name: value for name, value in values.items() if value is not None}

    def spawn(
        self,
        *args: str | Path,
        cwd: Path | None = None,
        endpoint: str | None = None,
        token: str | None = TOKEN,
        env: dict[str, str | None] | None = None,
        prefix: Sequence[str] = (),
        **popen: Any,
    ) -> Agent:
        """Starts the binary with these words and does not wait; nobody checks how it ends."""
        cwd = cwd or self._new_directory()
        agent = Agent([*prefix, self.binary, *args], cwd, self.environment(cwd, endpoint, token, env), **popen)
        self._spawned.append(agent)
        return agent

    def run(self, *args: str | Path, **more: Any) -> Agent:
        """Runs the binary until it ends by itself; the exit status is in `.process.returncode`."""
        agent = self.spawn(*args, **more)
        try:
            agent.wait(20)
        except subprocess.TimeoutExpired:
            agent.process.kill()
            agent.process.wait()
            raise AssertionError(f"still running: {agent.lines} {agent.stderr}") from None
        assert not SANITIZER.search(agent.stderr), agent.stderr
        return agent

    def __call__(
        self,
        config: str = "",
        *,
        upstream: Any = None,
        args: Sequence[str | Path] | None = None,
        cwd: Path | None = None,
        **more: Any,
    ) -> Agent:
        """A running agent with this configuration, on a port of its own."""
        cwd = cwd or self._new_directory()
        if args is None:
            write_config(cwd, config)
            args = ["--config", "config.toml"]
        endpoint = more.pop("endpoint", None) or getattr(upstream, "url", None)
        agent = self.spawn(*args, cwd=cwd, endpoint=endpoint, **more)
        self._running.append(agent)
        return agent.wait_ready()

    def fails(self, config: str = "", *, upstream: Any = None, cwd: Path | None = None, **more: Any) -> Agent:
        """An agent that refuses to start with this configuration: exit 1, nothing on standard output."""
        cwd = cwd or self._new_directory()
        write_config(cwd, config)
        endpoint = more.pop("endpoint", None) or getattr(upstream, "url", None)
        agent = self.run("--config", "config.toml", cwd=cwd, endpoint=endpoint, **more)
        assert agent.process.returncode == 1, (agent.process.returncode, agent.lines, agent.stderr)
        assert not [line for line in agent.lines if "listening on" in line], agent.lines
        return agent

    def end(self) -> None:
        problems = []
        for agent in self._running:
            try:
                agent.check_clean_end()
            except AssertionError as problem:
                problems.append(str(problem))
        self._running.clear()
        for agent in self._spawned:  # whatever a failed test has left
            if agent.process.poll() is None:
                agent.process.kill()
                agent.process.wait()
        self._spawned.clear()
        assert not problems, "\n".join(problems)


def write_config(cwd: Path, config: str) -> Path:
    """Writes config.toml, with a free port unless the text chooses one."""
    if "http_port" not in config:
        assert "[capabilities" not in config, "nested configurations choose their own port"
        config = "http_port = 0\n" + config
    file = cwd / "config.toml"
    file.write_text(config)
    return file
