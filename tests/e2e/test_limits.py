# SPDX-License-Identifier: Apache-2.0
"""Connections: how many are served, who gives way, and what happens when descriptors run out."""

import os
import resource
import threading
import time
from pathlib import Path

import pytest

from harness import upstream as aws
from harness.agent import Agent, AgentFactory
from harness.rawhttp import Connection, request
from harness.upstream import Upstream
from harness.wait import until

GET = "GetSecretValue"


@pytest.fixture
def release(upstream: Upstream) -> threading.Event:
    """Lookups of GetSecretValue wait for this event."""
    upstream.add("s", "value")
    event = threading.Event()
    upstream.always(GET, aws.hold(event))
    return event


def busy(running: Agent, upstream: Upstream, number: int = 1) -> list[Connection]:
    """Connections whose requests wait for AWS."""
    connections = []
    for _ in range(number):
        before = upstream.count(GET)
        name = f"busy-{before}"
        upstream.add(name)
        connections.append(Connection(running.port).send(request(f"/v1/{name}")))
        until(lambda before=before: upstream.count(GET) > before, "the call to AWS")
    return connections


def test_over_the_limit(agent: AgentFactory, upstream: Upstream, release: threading.Event) -> None:
    running = agent("max_conn = 2\n", upstream=upstream)
    held = busy(running, upstream, 2)
    for _ in range(3):
        with Connection(running.port) as extra:
            answer = extra.send(request("/v1/s")).answer()
            assert (answer.status, answer.text) == (429, "Connection limit exceeded")
            assert answer.reason == "Too Many Requests"
            assert answer.header("connection") == "close"
            assert extra.closed()
    release.set()
    assert [connection.answer().status for connection in held] == [200, 200]


def test_the_limit_comes_before_the_token(agent: AgentFactory, upstream: Upstream, release: threading.Event) -> None:
    running = agent("max_conn = 1\n", upstream=upstream)
    held = busy(running, upstream)
    with Connection(running.port) as extra:
        assert extra.send(request("/v1/s", token="wrong")).answer().status == 429
    release.set()
    assert held[0].answer().status == 200


def test_ping_has_two_connections_more(agent: AgentFactory, upstream: Upstream, release: threading.Event) -> None:
    running = agent("max_conn = 1\n", upstream=upstream)
    held = busy(running, upstream)
    for _ in range(5):
        with Connection(running.port) as extra:
            assert extra.send(request("/ping")).answer().text == "healthy"
    release.set()
    assert held[0].answer().status == 200


def test_the_refused_are_served_later(agent: AgentFactory, upstream: Upstream, release: threading.Event) -> None:
    running = agent("max_conn = 1\n", upstream=upstream)
    held = busy(running, upstream)
    assert running.get("s").status_code == 429
    release.set()
    assert held[0].answer().status == 200
    held[0].close()
    assert running.get("s").status_code == 200


def test_idle_connections_give_way(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s", "value")
    running = agent("max_conn = 2\n", upstream=upstream)
    idle = []
    for _ in range(10):
        connection = Connection(running.port)
        assert connection.send(request("/v1/s")).answer().status == 200
        idle.append(connection)
    silent = [Connection(running.port) for _ in range(10)]
    with Connection(running.port) as late:
        assert late.send(request("/v1/s")).answer().status == 200
    for connection in idle + silent:
        connection.close()


def test_half_sent_requests_give_way(agent: AgentFactory, upstream: Upstream) -> None:
    """A request counts when it arrives; who never ends one must not lock the others out."""
    upstream.add("s", "value")
    running = agent("max_conn = 2\n", upstream=upstream)
    half_sent = [Connection(running.port).send(b"GET /v1/s HT") for _ in range(10)]
    with Connection(running.port) as late:
        assert late.send(request("/v1/s")).answer().status == 200
    for connection in half_sent:
        connection.close()


def test_nobody_locks_the_others_out_with_half_sent_requests(agent: AgentFactory, upstream: Upstream) -> None:
    """More of them than the agent keeps beside its limit; without a token, too."""
    upstream.add("s", "value")
    running = agent("max_conn = 1\n", upstream=upstream)
    half_sent = []
    for _ in range(100):
        half_sent.append(Connection(running.port).send(b"G"))
    time.sleep(0.2)  # let the agent read them: half-sent is what they must be, not idle
    for _ in range(3):
        with Connection(running.port) as late:
            assert late.send(request("/v1/s")).answer().status == 200
    for connection in half_sent:
        connection.close()


def test_an_answer_nobody_waits_for_gives_way(
    agent: AgentFactory, upstream: Upstream, release: threading.Event
) -> None:
    running = agent("max_conn = 2\n", upstream=upstream)
    for connection in busy(running, upstream, 2):
        connection.close()
    until(lambda: running.request("GET", "/nowhere").status_code == 404, "a slot that came free")
    release.set()


def test_idle_connections_do_not_keep_large_buffers(agent: AgentFactory, upstream: Upstream, sanitized: bool) -> None:
    if sanitized:
        pytest.skip("a sanitizer keeps memory of its own for what was freed")
    upstream.add("s", "value")
    running = agent("workers = 1\n", upstream=upstream)

    def resident() -> int:
        return int(Path(f"/proc/{running.process.pid}/statm").read_text().split()[1]) * resource.getpagesize()

    with Connection(running.port) as first:
        assert first.send(request("/v1/s", f"X-Filler: {'x' * 300_000}")).answer().status == 200
    before = resident()
    kept = []
    for _ in range(50):
        connection = Connection(running.port)
        assert connection.send(request("/v1/s", f"X-Filler: {'x' * 300_000}")).answer().status == 200
        kept.append(connection)
    grown = resident() - before
    assert grown < 5_000_000, f"{grown} bytes more for 50 idle connections"
    for connection in kept:
        connection.close()


def test_a_connection_at_work_does_not_give_way(
    agent: AgentFactory, upstream: Upstream, release: threading.Event
) -> None:
    running = agent("max_conn = 1\n", upstream=upstream)
    held = busy(running, upstream)
    for _ in range(20):
        with Connection(running.port) as extra:
            assert extra.send(request("/v1/s")).answer().status == 429
    release.set()
    assert held[0].answer().status == 200


def test_as_many_as_configured(agent: AgentFactory, upstream: Upstream, release: threading.Event) -> None:
    """Across all workers together."""
    running = agent("max_conn = 8\n", upstream=upstream)
    held = busy(running, upstream, 8)
    with Connection(running.port) as extra:
        assert extra.send(request("/v1/s")).answer().status == 429
    release.set()
    assert [connection.answer().status for connection in held] == [200] * 8


def test_a_thousand_connections(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s", "value")
    running = agent("max_conn = 1000\n", upstream=upstream)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1200:
        if hard != resource.RLIM_INFINITY and hard < 1200:
            pytest.skip("too few descriptors for the test itself")
        resource.setrlimit(resource.RLIMIT_NOFILE, (1200, hard))
    connections = [Connection(running.port) for _ in range(1000)]
    for connection in connections:
        connection.send(request("/v1/s"))
    assert [connection.answer().status for connection in connections] == [200] * 1000
    for connection in connections:
        connection.close()
    assert upstream.count(GET) == 1


# Descriptors


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_running_out_of_descriptors(agent: AgentFactory, upstream: Upstream, sanitized: bool) -> None:
    if sanitized:
        pytest.skip(
            "UndefinedBehaviorSanitizer opens a pipe to look at an object, and takes a failure for a bad object"
        )
    upstream.add("s", "value")
    running = agent(
        "workers = 1\n", upstream=upstream, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    )
    assert running.get("s").status_code == 200
    running.session.close()
    crowd = [Connection(running.port) for _ in range(150)]
    half_sent = [connection.send(b"GET /v1/s HTTP/1.1\r\nHost: ") for connection in crowd]
    # However it copes, it must not spin, nor fill the log: looked at for a second of real time.
    cpu = cpu_seconds(running.process.pid)
    time.sleep(1)
    assert cpu_seconds(running.process.pid) - cpu < 0.5
    assert running.process.poll() is None
    assert len(running.log.splitlines()) < 20
    for connection in half_sent:
        connection.close()
    with Connection(running.port) as connection:
        assert connection.send(request("/v1/s")).answer().status == 200
