# SPDX-License-Identifier: Apache-2.0
"""AWS misbehaves: what the client is told, how often AWS is asked, and that the agent recovers."""

import threading
import time

import pytest

from harness import upstream as aws
from harness.agent import Agent, AgentFactory
from harness.backend import Backend
from harness.rawhttp import Connection, request
from harness.upstream import Upstream
from harness.wait import let_a_ttl_of_one_second_pass, until

GET = "GetSecretValue"
INTERNAL = '{"__type":"InternalFailure"}'
READ_ERROR = '{"__type":"ConnectionError","message":"Read Error"}'
RESPONSE_ERROR = '{"__type":"ConnectionError","message":"Response Error"}'
TIMEOUT = '{"__type":"TimeoutError","message":"Timeout"}'


@pytest.fixture
def single(agent: AgentFactory, upstream: Upstream) -> Agent:
    """An agent that asks once; it knows the secret s."""
    upstream.add("s", "value")
    return agent(upstream=upstream, env={"AWS_MAX_ATTEMPTS": "1"})


def check_recovery(running: Agent, upstream: Upstream) -> None:
    upstream.always(GET, None)
    assert running.get("s").json()["SecretString"] == "value"


@pytest.mark.parametrize(
    ("step", "status", "body"),
    [
        (aws.reset, 502, READ_ERROR),
        (aws.truncate, 502, RESPONSE_ERROR),
        (aws.close, 500, INTERNAL),
        (aws.garble, 500, INTERNAL),
        (aws.body(""), 500, INTERNAL),
        (aws.body("[]"), 500, INTERNAL),
        (aws.body("null"), 500, INTERNAL),
        (aws.body('{"ARN":'), 500, INTERNAL),
        (aws.body(b'{"ARN":"a","Name":"s","VersionId":"v","SecretString":"\xff"}'), 500, INTERNAL),
        (aws.body('{"ARN":1,"Name":"s","VersionId":"v","SecretString":"x"}'), 500, INTERNAL),
        (aws.body("[" * 100_000), 500, INTERNAL),
        (
            aws.error(500, "InternalServiceError", "An error occurred on the server side."),
            500,
            '{"__type":"InternalServiceError","message":"An error occurred on the server side."}',
        ),
        (aws.error(503, "ServiceUnavailable", "m"), 503, '{"__type":"ServiceUnavailable","message":"m"}'),
        (aws.throttle, 400, '{"__type":"ThrottlingException","message":"Rate exceeded"}'),
        (aws.body("<html>oops</html>", 503), 500, INTERNAL),
    ],
    ids=[
        "reset",
        "truncated",
        "closed",
        "garbled",
        "empty",
        "array",
        "null",
        "half json",
        "bad utf-8",
        "wrong type",
        "deep json",
        "500",
        "503",
        "throttled",
        "503 html",
    ],
)
def test_failures_are_told_and_overcome(
    single: Agent, upstream: Upstream, step: aws.Step, status: int, body: str
) -> None:
    upstream.always(GET, step)
    response = single.get("s")
    assert (response.status_code, response.text) == (status, body)
    assert response.headers["content-type"] == "application/json"
    assert "x-cache" not in response.headers
    check_recovery(single, upstream)


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"\x00" * 1000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"HTTP/1.1 999 X\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Endless: " + b"a" * 1_000_000,
    ],
    ids=["no http", "negative length", "zeros", "huge length", "status 999", "bad chunk", "redirect", "endless header"],
)
def test_what_is_no_http_is_an_error_and_overcome(single: Agent, upstream: Upstream, data: bytes) -> None:
    def step(ex: aws.Exchange) -> None:
        ex.send(data)
        ex.close()

    upstream.always(GET, step)
    response = single.get("s")
    assert response.status_code in (500, 502)
    assert response.json()["__type"] in ("InternalFailure", "ConnectionError")
    check_recovery(single, upstream)


def test_an_answer_without_end_is_not_swallowed(single: Agent, upstream: Upstream) -> None:
    """A body far beyond any secret is cut off, not collected."""
    sent = 0

    def flood(ex: aws.Exchange) -> None:
        nonlocal sent
        ex.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 1000000000\r\n\r\n{")
        while sent < 500_000_000:
            ex.send(b" " * 1_000_000)
            sent += 1_000_000

    upstream.always(GET, flood)
    assert single.get("s").status_code in (500, 502)
    assert sent < 100_000_000
    check_recovery(single, upstream)


def test_refused_connections(single: Agent, upstream: Upstream) -> None:
    upstream.refuse()
    response = single.get("s")
    assert (response.status_code, response.text) == (502, READ_ERROR)
    upstream.accept()
    check_recovery(single, upstream)


def test_an_unknown_host(agent: AgentFactory) -> None:
    running = agent(
        "validate_credentials = false\n", endpoint="http://no-such-host.invalid", env={"AWS_MAX_ATTEMPTS": "1"}
    )
    response = running.get("s")
    assert (response.status_code, response.text) == (502, READ_ERROR)


def test_tls_to_a_plain_port(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent(
        "validate_credentials = false\n", endpoint=f"https://127.0.0.1:{upstream.port}", env={"AWS_MAX_ATTEMPTS": "1"}
    )
    upstream.refuse()
    response = running.get("s")
    assert (response.status_code, response.text) == (502, READ_ERROR)


@pytest.mark.timeout(60)
def test_a_mute_service(agent: AgentFactory, upstream: Upstream) -> None:
    """Within its limits: an error for what is not cached, the last value for what is."""
    upstream.add("cached", "old")
    upstream.add("s", "value")
    running = agent("ttl_seconds = 1\n", upstream=upstream, env={"AWS_MAX_ATTEMPTS": "1"})
    assert running.get("cached").status_code == 200
    let_a_ttl_of_one_second_pass()
    upstream.always(GET, aws.mute)
    upstream.always("DescribeSecret", aws.mute)
    begun = time.monotonic()
    with Connection(running.port, timeout=40) as unknown, Connection(running.port, timeout=40) as cached:
        unknown.send(request("/v1/s"))
        cached.send(request("/v1/cached"))
        until(lambda: upstream.count(GET) == 2 and upstream.count("DescribeSecret") == 1, "both calls")
        assert running.request("GET", "/ping").text == "healthy"
        answer = unknown.answer()
        assert (answer.status, answer.text) == (504, TIMEOUT)
        answer = cached.answer()
        assert (answer.status, answer.header("x-cache")) == (200, "stale")
    assert 5 < time.monotonic() - begun < 25
    upstream.always("DescribeSecret", None)
    check_recovery(running, upstream)


def test_a_slow_answer_is_waited_for(single: Agent, upstream: Upstream) -> None:
    release = threading.Event()
    upstream.next(GET, aws.hold(release))
    timer = threading.Timer(2, release.set)
    timer.start()
    assert single.get("s").json()["SecretString"] == "value"
    timer.join()


def test_an_answer_a_byte_at_a_time(single: Agent, upstream: Upstream) -> None:
    upstream.next(GET, aws.trickle)
    assert single.get("s").json()["SecretString"] == "value"


def test_a_chunked_answer(single: Agent, upstream: Upstream) -> None:
    def chunked(ex: aws.Exchange) -> None:
        content = ex.normal().partition(b"\r\n\r\n")[2]
        ex.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(content), 7):
            piece = content[start : start + 7]
            ex.send(b"%x\r\n" % len(piece) + piece + b"\r\n")
        ex.send(b"0\r\n\r\n")

    upstream.next(GET, chunked)
    assert single.get("s").json()["SecretString"] == "value"


def test_an_answer_that_ends_with_the_connection(single: Agent, upstream: Upstream) -> None:
    def until_close(ex: aws.Exchange) -> None:
        ex.send(b"HTTP/1.1 200 OK\r\n\r\n" + ex.normal().partition(b"\r\n\r\n")[2])
        ex.close()

    upstream.next(GET, until_close)
    assert single.get("s").json()["SecretString"] == "value"


# Retries


@pytest.mark.parametrize(
    "step",
    [aws.error(500, "InternalServiceError", "m"), aws.error(503, "ServiceUnavailable", "m"), aws.throttle, aws.reset],
    ids=["500", "503", "throttled", "reset"],
)
def test_the_third_attempt_may_succeed(agent: AgentFactory, upstream: Upstream, step: aws.Step) -> None:
    upstream.add("s", "value")
    running = agent(upstream=upstream)
    upstream.next(GET, step, step)
    assert running.get("s").json()["SecretString"] == "value"
    assert upstream.count(GET) == 3


def test_three_attempts_and_no_more(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent(upstream=upstream)
    upstream.always(GET, aws.error(500, "InternalServiceError", "m"))
    assert running.get("s").status_code == 500
    assert upstream.count(GET) == 3


@pytest.mark.parametrize(
    "step",
    [aws.not_found, aws.denied, aws.error(400, "ExpiredTokenException", "m")],
    ids=["not found", "denied", "expired token"],
)
def test_a_definite_answer_is_not_asked_for_twice(agent: AgentFactory, upstream: Upstream, step: aws.Step) -> None:
    running = agent(upstream=upstream)
    upstream.always(GET, step)
    assert running.get("s").status_code == 400
    assert upstream.count(GET) == 1


def test_the_number_of_attempts_can_be_set(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent(upstream=upstream, env={"AWS_MAX_ATTEMPTS": "2"})
    upstream.always(GET, aws.error(500, "InternalServiceError", "m"))
    assert running.get("s").status_code == 500
    assert upstream.count(GET) == 2


def test_connections_to_aws_are_reused_and_replaced(single: Agent, upstream: Upstream) -> None:
    """A connection that AWS closed while it was idle is no error to anybody."""
    for name in "abc":
        upstream.add(name, name)
    for name in "abc":
        assert single.get(name).json()["SecretString"] == name
        upstream.refuse()
        upstream.accept()


# The same through a gate in front of a real service


def test_a_backend_that_dies_and_comes_back(agent: AgentFactory, backend: Backend) -> None:
    gate = Upstream(forward=backend.url)
    try:
        client = backend.client()
        name = backend.name("gate")
        client.create_secret(Name=name, SecretString="one")
        running = agent("ttl_seconds = 1\n", upstream=gate, env={"AWS_MAX_ATTEMPTS": "1"})
        assert running.get(name).json()["SecretString"] == "one"
        client.put_secret_value(SecretId=name, SecretString="two")
        gate.refuse()
        let_a_ttl_of_one_second_pass()
        response = running.get(name)
        assert (response.json()["SecretString"], response.headers["x-cache"]) == ("one", "stale")
        gate.accept()
        until(lambda: running.get(name).json()["SecretString"] == "two", "the recovery")
    finally:
        gate.stop()


def test_many_misses_through_a_gate_make_one_call(agent: AgentFactory, backend: Backend) -> None:
    gate = Upstream(forward=backend.url)
    try:
        name = backend.name("gate")
        backend.client().create_secret(Name=name, SecretString="value")
        running = agent(upstream=gate)
        release = threading.Event()
        gate.next(GET, aws.hold(release))
        connections = [Connection(running.port).send(request(f"/v1/{name}")) for _ in range(100)]
        until(lambda: gate.count(GET), "the call")
        release.set()
        assert {connection.answer().status for connection in connections} == {200}
        assert gate.count(GET) == 1
    finally:
        gate.stop()
