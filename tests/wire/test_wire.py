# SPDX-License-Identifier: Apache-2.0
"""Golden wire cases: the bytes of a request and the bytes of its answer, whole and one byte at a time.

A case is a folder in cases/:
  request.http    what the client sends, one request or several
  response.http   what it must get back; the values of date and age are written DATE and N
  config.toml     settings other than the defaults (optional)
Behind the agent stands an AWS that gives the answers of aws.json and no others. Cases with the same settings share an
agent, unless the answer tells how it came about (x-cache): those get one that has not been asked before.
"""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.agent import Agent, AgentFactory
from harness.upstream import Call, Upstream, answer

HERE = Path(__file__).resolve().parent
CASES = sorted(path for path in (HERE / "cases").iterdir() if path.is_dir())
REQUIRED = {"request.http", "response.http"}
OPTIONAL = {"config.toml"}
MASKS = [
    (re.compile(rb"\r\ndate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n"), b"\r\ndate: DATE\r\n"),
    (re.compile(rb"\r\nage: \d+\r\n"), b"\r\nage: N\r\n"),
]


class FixedAws(Upstream):
    """Answers the requests of aws.json."""

    def __init__(self) -> None:
        self._table = {
            json.dumps(entry["request"], sort_keys=True): entry for entry in json.loads((HERE / "aws.json").read_text())
        }
        super().__init__()

    def normal_answer(self, call: Call) -> bytes:
        entry = self._table.get(json.dumps(call.body, sort_keys=True))
        if call.operation != "GetSecretValue" or entry is None:
            return super().normal_answer(call)  # who we are; no such secret
        body = entry["body"]
        return answer(entry.get("status", 200), body if isinstance(body, str) else json.dumps(body))


@pytest.fixture(scope="module")
def aws() -> Iterator[FixedAws]:
    server = FixedAws()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def shared(module_agent: AgentFactory, aws: FixedAws) -> Callable[[str], Agent]:
    """The agent of a configuration, started when first needed."""
    agents: dict[str, Agent] = {}

    def get(config: str) -> Agent:
        if config not in agents:
            agents[config] = module_agent(config, upstream=aws, env={"AWS_MAX_ATTEMPTS": "1"})
        return agents[config]

    return get


def masked(data: bytes) -> bytes:
    for pattern, replacement in MASKS:
        data = pattern.sub(replacement, data)
    return data


def replay(port: int, data: bytes, expected: bytes, step: int) -> bytes:
    """Sends `data` in pieces; returns what came back, once it is as long as expected, or the connection ended."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for start in range(0, len(data), step):
                sock.sendall(data[start : start + step])
        except (BrokenPipeError, ConnectionResetError):
            pass  # answered already
        received = b""
        deadline = time.monotonic() + 10
        ended = False
        while not ended and len(masked(received)) < len(expected) and time.monotonic() < deadline:
            try:
                chunk = sock.recv(65536)
            except (ConnectionResetError, TimeoutError):
                break
            ended = not chunk
            received += chunk
        if b"connection: close\r\n" in expected[expected.rfind(b"HTTP/1.") :]:
            if not ended:
                received += until_end(sock)  # the server ends it by itself
        else:
            assert not ended, f"closed, though nothing said so, after {received!r}"
            sock.shutdown(socket.SHUT_WR)
            received += until_end(sock)
        return masked(received)


def until_end(sock: socket.socket) -> bytes:
    """What else comes before the connection ends, which it must."""
    rest = b""
    try:
        while chunk := sock.recv(65536):
            rest += chunk
    except ConnectionResetError:
        pass
    return rest


@pytest.mark.parametrize("pieces", ["whole", "bytes"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, pieces: str, shared: Callable[[str], Agent], agent: AgentFactory, aws: FixedAws) -> None:
    data, expected = (case / "request.http").read_bytes(), (case / "response.http").read_bytes()
    config = (case / "config.toml").read_text() if (case / "config.toml").exists() else ""
    if b"\r\nx-cache: " in expected:
        running = agent(config, upstream=aws, env={"AWS_MAX_ATTEMPTS": "1"})
    else:
        running = shared(config)
    assert replay(running.port, data, expected, len(data) if pieces == "whole" else 1) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_folder(case: Path) -> None:
    """Every folder is complete, and well-formed where its content is not the point."""
    names = {path.name for path in case.iterdir()}
    assert names >= REQUIRED, f"missing: {REQUIRED - names}"
    assert names <= REQUIRED | OPTIONAL, f"surplus: {names - REQUIRED - OPTIONAL}"
    assert (case / "request.http").read_bytes()
    expected = (case / "response.http").read_bytes()
    assert re.match(rb"HTTP/1\.[01] \d{3} [A-Z]", expected)
    assert masked(expected) == expected, "write date: DATE and age: N"
    assert b"date: DATE" in expected


def test_there_are_cases_and_each_is_different() -> None:
    assert len(CASES) >= 50
    seen: dict[tuple[bytes, bytes], str] = {}
    for case in CASES:
        config = case / "config.toml"
        key = ((case / "request.http").read_bytes(), config.read_bytes() if config.exists() else b"")
        assert key not in seen, f"{case.name} repeats {seen[key]}"
        seen[key] = case.name
