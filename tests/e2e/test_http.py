# SPDX-License-Identifier: Apache-2.0
"""The HTTP interface: routes, order of checks, decoding, connections, limits."""

import os
import select
import socket
import time

import pytest

from harness.agent import TOKEN, TOKEN_HEADER, Agent, AgentFactory
from harness.rawhttp import Connection, exchange, request
from harness.upstream import Upstream
from harness.wait import until

GET = "/secretsmanager/get"


@pytest.fixture(scope="module")
def aws() -> Upstream:
    server = Upstream()
    server.add("known", "value")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def served(module_agent: AgentFactory, aws: Upstream) -> Agent:
    """One agent for the whole file, which knows one secret."""
    return module_agent("allowed_hosts = ['agent.internal', 'Sidecar']\n", upstream=aws)


def outcome(served: Agent, data: bytes) -> tuple[int, str]:
    answer = exchange(served.port, data)
    return answer.status, answer.text


# Routes


@pytest.mark.parametrize("target", ["/ping", "/ping?", "/ping?anything=goes&%zz", "/ping?secretId=x"])
@pytest.mark.parametrize("token", [None, "wrong", TOKEN])
def test_ping(served: Agent, target: str, token: str | None) -> None:
    answer = exchange(served.port, request(target, token=token))
    assert (answer.status, answer.text) == (200, "healthy")
    assert answer.header("content-type") == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/v1",
        "/V1/known",
        "/ping/",
        "/PING",
        "/%70ing",
        "/secretsmanager/get/",
        "/secretsmanager//get",
        "//ping",
        "/secretsmanager",
        "/Secretsmanager/get?secretId=known",
        "/secretsmanager/%67et?secretId=known",
        "/%761/known",
        "/x/../ping",
        "/./ping",
        "/v2/known",
    ],
)
def test_no_such_route(served: Agent, target: str) -> None:
    assert outcome(served, request(target)) == (404, "Not found")
    assert outcome(served, request(target, token=None)) == (403, "Bad Token")


def test_the_query_form_and_the_path_form_give_the_same(served: Agent) -> None:
    query = exchange(served.port, request(f"{GET}?secretId=known"))
    path = exchange(served.port, request("/v1/known"))
    assert query.status == path.status == 200
    assert query.body == path.body


@pytest.mark.parametrize("base", ["http://localhost", "http://localhost:2773", "http://127.0.0.1:9"])
def test_the_absolute_form(served: Agent, base: str) -> None:
    assert outcome(served, request(f"{base}/ping", host=base[7:])) == (200, "healthy")
    assert exchange(served.port, request(f"{base}{GET}?secretId=known", host=base[7:])).status == 200
    assert exchange(served.port, request(f"{base}/v1/known", host=base[7:])).status == 200
    assert exchange(served.port, request(f"{base}/nowhere", host=base[7:])).status == 404


def test_an_absolute_form_for_another_host_is_refused(served: Agent) -> None:
    for target in ("http://evil.example/ping", f"http://evil.example{GET}?secretId=known"):
        assert exchange(served.port, request(target)).status in (400, 403)


def test_routes_win_over_a_prefix_that_covers_them(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("ping", "a secret called ping")
    upstream.add("known", "value")
    running = agent("path_prefix = '/'\n", upstream=upstream)
    assert running.request("GET", "/ping").text == "healthy"
    assert running.request("GET", f"{GET}?secretId=ping").json()["SecretString"] == "a secret called ping"
    assert running.request("GET", "/known").json()["Name"] == "known"
    assert running.request("GET", "/").text == "missing secret ID"


def test_a_prefix_is_a_plain_string(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("known", "value")
    running = agent("path_prefix = '/secret-'\n", upstream=upstream)
    assert running.request("GET", "/secret-known").json()["Name"] == "known"
    assert running.request("GET", "/secret-").text == "missing secret ID"
    assert running.request("GET", "/secret").status_code == 404


# Order of checks

NOT_LOOPBACK = {"host": "evil.example"}
FORWARDED = ["X-Forwarded-For: 10.0.0.1"]


@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        (request("/nowhere", *FORWARDED, method="POST", token="wrong", **NOT_LOOPBACK), 403, "Bad Host"),
        (request("/nowhere", *FORWARDED, method="POST", token="wrong"), 400, "Forwarded"),
        (request("/nowhere", method="POST", token="wrong"), 403, "Bad Token"),
        (request("/nowhere", method="POST"), 405, "Not allowed"),
        (request("/nowhere"), 404, "Not found"),
        (request(f"{GET}?foo=1", token="wrong"), 403, "Bad Token"),
        (request(f"{GET}?foo=1", method="POST"), 405, "Not allowed"),
        (request(f"{GET}?foo=1"), 400, "unknown parameter: foo"),
        (request("/ping", method="POST", token=None), 405, "Not allowed"),
        (request("/ping", *FORWARDED, token=None), 200, "healthy"),
        (request("/ping", *FORWARDED, token=None, **NOT_LOOPBACK), 403, "Bad Host"),
    ],
)
def test_order_of_checks(served: Agent, data: bytes, status: int, body: str) -> None:
    assert outcome(served, data) == (status, body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "get", "BREW"])
@pytest.mark.parametrize("target", ["/ping", f"{GET}?secretId=known", "/v1/known"])
def test_methods_other_than_get(served: Agent, method: str, target: str) -> None:
    answer = exchange(served.port, request(target, method=method))
    assert (answer.status, answer.text) == (405, "Not allowed")
    assert answer.header("allow") is None


@pytest.mark.parametrize("target", ["/ping", f"{GET}?secretId=known"])
def test_head(served: Agent, target: str) -> None:
    with Connection(served.port) as connection:
        answer = connection.send(request(target, method="HEAD")).answer(head_only=True)
        assert answer.status == 405
        assert answer.header("content-length") == "11"
        assert connection.send(request("/ping")).answer().text == "healthy"


# Host and forwarding headers


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost",
        "localhost:2773",
        "127.0.0.1",
        "127.0.0.1:1",
        "[::1]",
        "[::1]:2773",
        "agent.internal",
        "agent.internal:2773",
        "AGENT.INTERNAL",
        "sidecar",
    ],
)
def test_hosts_that_are_served(served: Agent, host: str) -> None:
    assert exchange(served.port, request("/ping", host=host)).status == 200
    assert exchange(served.port, request("/v1/known", host=host)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.localhost",
        "127.0.0.2",
        "0.0.0.0",
        "[::2]",
        "agent.internal.evil",
        "xagent.internal",
        "localhos",
        "evil.example:2773",
        "169.254.169.254",
    ],
)
@pytest.mark.parametrize("target", ["/ping", "/v1/known"])
def test_hosts_that_are_refused(served: Agent, target: str, host: str) -> None:
    assert outcome(served, request(target, host=host)) == (403, "Bad Host")


@pytest.mark.parametrize(
    "host",
    [
        "localhost:2773:1",
        "localhost@evil.example",
        "localhost/evil",
        "localhost, evil.example",
        "evil.example, localhost",
        "localhost:x",
        "[::1",
        "::1",
        "",
    ],
)
def test_malformed_hosts_are_refused(served: Agent, host: str) -> None:
    answer = exchange(served.port, request("/v1/known", host=host))
    assert answer.status in (400, 403) and answer.text in ("Bad Host", "")


@pytest.mark.parametrize("target", ["/ping", "/v1/known"])
def test_a_missing_or_repeated_host(served: Agent, target: str) -> None:
    assert outcome(served, request(target, host=None)) == (400, "Bad Host")
    assert outcome(served, request(target, "Host: localhost")) == (400, "Bad Host")
    assert outcome(served, request(target, "Host: evil.example")) == (400, "Bad Host")
    assert outcome(served, request(target, "Host: localhost", version="HTTP/1.0")) == (400, "Bad Host")


def test_http_1_0_may_leave_out_host(served: Agent) -> None:
    assert exchange(served.port, request("/v1/known", host=None, version="HTTP/1.0")).status == 200
    assert outcome(served, request("/v1/known", host="evil.example", version="HTTP/1.0")) == (403, "Bad Host")


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For: 127.0.0.1",
        "x-forwarded-for:",
        "X-Forwarded-Host: localhost",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Port: 1",
        "X-Forwarded-Server: a",
        "Forwarded: for=127.0.0.1",
        "Via: 1.1 proxy",
        "X-Real-IP: 127.0.0.1",
    ],
)
def test_forwarding_headers(served: Agent, header: str) -> None:
    assert outcome(served, request("/v1/known", header)) == (400, "Forwarded")
    assert outcome(served, request("/v1/known", header, token="wrong")) == (400, "Forwarded")
    assert outcome(served, request("/ping", header)) == (200, "healthy")


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarde: a",
        "Accept: */*",
        "User-Agent: Via",
        "Cookie: Forwarded=1",
        "Expect: 200-ok",
        "Upgrade: h2c",
        "Accept-Encoding: gzip",
        "Range: bytes=0-1",
        "If-None-Match: *",
    ],
)
def test_ordinary_headers_change_nothing(served: Agent, header: str) -> None:
    assert exchange(served.port, request("/v1/known", header)).status == 200


# Decoding


def asked(served: Agent, aws: Upstream, target: str) -> dict[str, str]:
    """What AWS was asked for when a client asked for `target`."""
    before = aws.count("GetSecretValue")
    answer = exchange(served.port, request(target))
    assert answer.status == 400, answer
    assert aws.count("GetSecretValue") == before + 1, f"no call to AWS for {target}: {answer}"
    return aws.last("GetSecretValue").body


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("secretId=a+b", "a b"),
        ("secretId=a%2Bb", "a+b"),
        ("secretId=a%20b", "a b"),
        ("secretId=a;b", "a;b"),
        ("secretId=a=b", "a=b"),
        ("secretId==", "="),
        ("&&secretId=a&&", "a"),
        ("%73ecretId=a", "a"),
        ("secretId=a&secretId=b", "b"),
        ("secretId=&secretId=b", "b"),
        ("secretId=100%25", "100%"),
        ("secretId=100%", "100%"),
        ("secretId=%4", "%4"),
        ("secretId=%zz%41", "%zzA"),
        ("secretId=%2541", "%41"),
        ("secretId=a%2Fb/c", "a/b/c"),
        ("secretId=a%26b", "a&b"),
        ("secretId=a?b", "a?b"),
        ("secretId=%C3%A9", "\u00e9"),
        ("secretId=%F0%9F%94%91", "\U0001f511"),
        ("secretId=%FFx", "\ufffdx"),
        ("secretId=a%22%5Cb", 'a"\\b'),
        ("refreshNow=TRUE&secretId=a", "a"),
        ("refreshNow=1&secretId=a", "a"),
        ("secretId=a&refreshNow=False", "a"),
        ("secretId=a&refreshNow=0", "a"),
        ("secretId=a&refresh%4Eow=0", "a"),
        (
            "secretId=arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf",
        ),
    ],
)
def test_query_decoding(served: Agent, aws: Upstream, query: str, expected: str) -> None:
    assert asked(served, aws, f"{GET}?{query}") == {"SecretId": expected}


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("versionId=v", {"VersionId": "v"}),
        ("versionStage=s", {"VersionStage": "s"}),
        ("versionId=v&versionStage=s", {"VersionId": "v", "VersionStage": "s"}),
        ("versionId=", {"VersionId": ""}),
        ("versionStage=", {"VersionStage": ""}),
        ("versionStage=AWSCURRENT", {"VersionStage": "AWSCURRENT"}),
        ("versionId", {"VersionId": ""}),
        ("versionId=v&versionId=w", {"VersionId": "w"}),
        ("versionStage=a+b", {"VersionStage": "a b"}),
    ],
)
@pytest.mark.parametrize("form", [f"{GET}?secretId=x&", "/v1/x?"], ids=["query", "path"])
def test_version_parameters(served: Agent, aws: Upstream, form: str, query: str, more: dict[str, str]) -> None:
    assert asked(served, aws, form + query) == {"SecretId": "x"} | more


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", "a"),
        ("a+b", "a+b"),
        ("a%2Bb", "a+b"),
        ("a%20b", "a b"),
        ("a%2Fb", "a/b"),
        ("a/b/c", "a/b/c"),
        ("/a", "/a"),
        ("a/", "a/"),
        ("a//b", "a//b"),
        ("a/../b", "a/../b"),
        ("../b", "../b"),
        ("a/./b", "a/./b"),
        ("a%2e%2e", "a.."),
        ("a/%2e%2e/b", "a/../b"),
        ("%2541", "%41"),
        ("100%25", "100%"),
        ("100%", "100%"),
        ("a%zz", "a%zz"),
        ("a%C3%A9", "a\u00e9"),
        ("a=b&c", "a=b&c"),
        ("a;b", "a;b"),
        (
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:b-AbCdEf",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:b-AbCdEf",
        ),
        ("a?refreshNow=true", "a"),
        ("a?", "a"),
    ],
)
def test_path_decoding(served: Agent, aws: Upstream, path: str, expected: str) -> None:
    assert asked(served, aws, "/v1/" + path) == {"SecretId": expected}


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (f"{GET}", "missing parameter secretId"),
        (f"{GET}?", "missing parameter secretId"),
        (f"{GET}?secretId", "missing parameter secretId"),
        (f"{GET}?secretId=", "missing parameter secretId"),
        (f"{GET}?secretId=a&secretId=", "missing parameter secretId"),
        (f"{GET}?refreshNow=true", "missing parameter secretId"),
        (f"{GET}?versionId=v", "missing parameter secretId"),
        (f"{GET}?secretid=a", "unknown parameter: secretid"),
        (f"{GET}?SecretId=a", "unknown parameter: SecretId"),
        (f"{GET}?secretId=a&foo=1&bar=2", "unknown parameter: foo"),
        (f"{GET}?foo", "unknown parameter: foo"),
        (f"{GET}?=a&secretId=a", "unknown parameter: "),
        (f"{GET}?f+o%6f=1", "unknown parameter: f oo"),
        (f"{GET}?secretId=a&x%C3%A9=1", "unknown parameter: x\u00e9"),
        (f"{GET}?refreshNow=maybe&foo=1", "invalid refreshNow value"),
        (f"{GET}?foo=1&refreshNow=maybe", "unknown parameter: foo"),
        (f"{GET}?secretId=a&refreshNow=", "invalid refreshNow value"),
        (f"{GET}?secretId=a&refreshNow", "invalid refreshNow value"),
        (f"{GET}?secretId=a&refreshNow=yes", "invalid refreshNow value"),
        (f"{GET}?secretId=a&refreshNow=2", "invalid refreshNow value"),
        (f"{GET}?secretId=a&refreshNow=+true", "invalid refreshNow value"),
        (f"{GET}?secretId=a&refreshNow=maybe&refreshNow=true", "invalid refreshNow value"),
        (f"{GET}?secretId=a&refreshNow=true&refreshNow=maybe", "invalid refreshNow value"),
        (f"{GET}?refreshNow=maybe", "invalid refreshNow value"),
        (
            f"{GET}?secretId=a&roleArn=nonsense",
            "invalid roleArn format, expected arn:<partition>:iam::<account>:role/<name>",
        ),
        (f"{GET}?roleArn=nonsense", "missing parameter secretId"),
        ("/v1/", "missing secret ID"),
        ("/v1/?refreshNow=true", "missing secret ID"),
        ("/v1/a?secretId=a", "unknown parameter: secretId"),
        ("/v1/a?foo=1", "unknown parameter: foo"),
        ("/v1/a?refreshNow=x", "invalid refreshNow value"),
    ],
)
def test_parameter_errors(served: Agent, aws: Upstream, target: str, body: str) -> None:
    before = aws.count("GetSecretValue")
    answer = exchange(served.port, request(target))
    assert (answer.status, answer.text) == (400, body)
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert aws.count("GetSecretValue") == before


# Protocol failures


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /ping\r\nHost: localhost\r\n\r\n",
        b"GET /ping HTTP/2.0\r\nHost: localhost\r\n\r\n",
        b"GET /ping HTTP/1.2\r\nHost: localhost\r\n\r\n",
        b"GET /ping HTTX/1.1\r\nHost: localhost\r\n\r\n",
        b"GET  /ping HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /ping  HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /pi ng HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /ping#fragment HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /ping?a#b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /ping\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /ping\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /ping\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /ping\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost\r\nX-Folded: a\r\n b\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost\r\nX-Folded: a\r\n\tb\r\n\r\n",
        b"GET /ping HTTP/1.1\r\n Host: localhost\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost\r\nBad Name: a\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost\r\nName : a\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost\r\nNo colon\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost\r\n: no name\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"GET /ping HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
        b"G@T /ping HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET ping HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_protocol_failures_end_the_connection(served: Agent, data: bytes) -> None:
    with Connection(served.port) as connection:
        answer = connection.send(data).answer()
        assert (answer.version, answer.status, answer.body) == ("HTTP/1.1", 400, b"")
        assert [name for name, _ in answer.headers] == ["connection", "content-length", "date"]
        assert answer.header("connection") == "close"
        assert connection.closed()


BODY = "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        ["Transfer-Encoding: chunked"],
        ["Transfer-Encoding: identity"],
        ["Transfer-Encoding: gzip, chunked"],
        ["Transfer-Encoding: chunked, gzip"],
        ["Transfer-Encoding:"],
        ["Transfer-Encoding: chunked", f"Content-Length: {len(BODY)}"],
        [f"Content-Length: {len(BODY)}"],
        ["Content-Length: 1", f"Content-Length: {len(BODY)}"],
        [f"Content-Length: {len(BODY)}", f"Content-Length: {len(BODY)}"],
        ["Content-Length: -1"],
        ["Content-Length: +1"],
        ["Content-Length: x"],
        ["Content-Length: 0x10"],
        ["Content-Length: 99999999999999999999999"],
        ["Content-Length: 1, 1"],
    ],
    ids=str,
)
@pytest.mark.parametrize("target", ["/ping", "/v1/known"])
def test_a_body_on_get_is_refused(served: Agent, target: str, headers: list[str]) -> None:
    """Nothing may hide in a body: one answer, then the end."""
    with Connection(served.port) as connection:
        answer = connection.send(request(target, *headers, body=BODY)).answer()
        assert answer.status == 400
        assert answer.header("connection") == "close"
        assert connection.closed()


def test_a_content_length_of_zero_is_no_body(served: Agent) -> None:
    with Connection(served.port) as connection:
        assert connection.send(request("/ping", "Content-Length: 0")).answer().status == 200
        assert connection.send(request("/ping")).answer().status == 200


@pytest.mark.parametrize("length", [len(BODY), 1_000_000_000])
def test_a_body_on_post_is_never_taken_for_a_request(served: Agent, length: int) -> None:
    with Connection(served.port) as connection:
        connection.send(request("/v1/known", f"Content-Length: {length}", method="POST", body=BODY))
        answer = connection.answer()
        assert answer.status in (400, 405)
        if answer.header("connection") == "close":
            assert connection.closed()
        else:
            assert length == len(BODY)
            assert connection.send(request("/nowhere")).answer().status == 404


def test_a_token_in_a_trailer_is_no_token(served: Agent) -> None:
    data = request(
        "/v1/known",
        "Transfer-Encoding: chunked",
        f"Trailer: {TOKEN_HEADER}",
        token=None,
        body=f"0\r\n{TOKEN_HEADER}: {TOKEN}\r\n\r\n",
    )
    assert exchange(served.port, data).status in (400, 403)


def test_bare_line_feeds_are_not_a_way_round(served: Agent) -> None:
    """Whether tolerated or refused, they mean what they seem to mean."""
    answer = exchange(served.port, b"GET /v1/known HTTP/1.1\nHost: localhost\n\n")
    assert answer.status in (400, 403)


# Limits


def test_the_longest_target(served: Agent) -> None:
    longest = "/ping?" + "a" * (65_534 - len("/ping?"))
    assert exchange(served.port, request(longest)).status == 200
    with Connection(served.port) as connection:
        answer = connection.send(request(longest + "a")).answer()
        assert (answer.status, answer.reason, answer.body) == (414, "URI Too Long", b"")
        assert answer.header("connection") == "close"
        assert connection.closed()


def test_the_most_headers(served: Agent) -> None:
    most = [f"X-{number}: a" for number in range(99)]
    assert exchange(served.port, request("/ping", *most, token=None)).status == 200
    with Connection(served.port) as connection:
        answer = connection.send(request("/ping", *most, "X-One-More: a", token=None)).answer()
        assert (answer.status, answer.reason, answer.body) == (431, "Request Header Fields Too Large", b"")
        assert answer.header("connection") == "close"
        assert connection.closed()


def test_the_largest_head(served: Agent) -> None:
    assert exchange(served.port, request("/ping", "X-Large: " + "a" * 320_000)).status == 200
    assert exchange(served.port, request("/ping", *["X-Large: " + "a" * 3_200] * 90)).status == 200
    for headers in (["X-Large: " + "a" * 328_704], ["X-Large: " + "a" * 4_000] * 90):
        answer = exchange(served.port, request("/ping", *headers))
        assert (answer.status, answer.body) == (431, b"")


def test_a_head_without_end(served: Agent) -> None:
    with Connection(served.port) as connection:
        connection.send(b"GET /ping HTTP/1.1\r\nX-Endless: ")
        for _ in range(100):
            connection.send(b"a" * 8192)
            if select.select([connection.sock], [], [], 0)[0]:
                break
        answer = connection.answer()
        assert (answer.status, answer.header("connection")) == (431, "close")


# Connections


def test_the_headers_of_a_secret(served: Agent) -> None:
    answer = exchange(served.port, request("/v1/known"))
    names = [name for name, _ in answer.headers]
    assert names == ["content-type", "cache-control", "age", "x-cache", "content-length", "date"]
    assert answer.header("content-type") == "application/json"
    assert answer.header("cache-control") == "no-store"
    assert int(answer.header("age") or "-1") >= 0
    assert time.strptime(answer.header("date") or "", "%a, %d %b %Y %H:%M:%S GMT")


def test_keep_alive_is_the_rule(served: Agent) -> None:
    with Connection(served.port) as connection:
        for target, status in [
            ("/ping", 200),
            ("/v1/known", 200),
            ("/nowhere", 404),
            ("/v1/missing", 400),
            ("/ping", 200),
        ]:
            answer = connection.send(request(target)).answer()
            assert (answer.status, answer.header("connection")) == (status, None)
        for token in ("wrong", TOKEN):
            assert connection.send(request("/v1/known", token=token)).answer().status == (
                200 if token == TOKEN else 403
            )
        assert connection.is_open()


@pytest.mark.parametrize("option", ["close", "Close", "keep-alive, close", "close, x"])
def test_connection_close(served: Agent, option: str) -> None:
    with Connection(served.port) as connection:
        answer = connection.send(request("/ping", f"Connection: {option}")).answer()
        assert (answer.text, answer.header("connection")) == ("healthy", "close")
        assert connection.closed()


def test_http_1_0_closes(served: Agent) -> None:
    with Connection(served.port) as connection:
        answer = connection.send(request("/v1/known", version="HTTP/1.0")).answer()
        assert (answer.version, answer.status, answer.header("connection")) == ("HTTP/1.0", 200, "close")
        assert connection.closed()


def test_http_1_0_keep_alive(served: Agent) -> None:
    with Connection(served.port) as connection:
        for _ in range(2):
            answer = connection.send(request("/ping", "Connection: keep-alive", version="HTTP/1.0")).answer()
            assert (answer.version, answer.text, answer.header("connection")) == ("HTTP/1.0", "healthy", "keep-alive")
        assert connection.is_open()


def test_pipelined_requests_are_answered_in_order(served: Agent, aws: Upstream) -> None:
    aws.add("pipelined-a", "A")
    aws.add("pipelined-b", "B")
    with Connection(served.port) as connection:
        connection.send(
            request("/v1/pipelined-a")
            + request("/ping")
            + request("/v1/missing")
            + request("/v1/pipelined-b")
            + request("/nowhere")
            + request("/v1/pipelined-a")
        )
        statuses = []
        bodies = []
        for _ in range(6):
            answer = connection.answer()
            statuses.append(answer.status)
            bodies.append(answer.text)
        assert statuses == [200, 200, 400, 200, 404, 200]
        assert '"A"' in bodies[0] and bodies[1] == "healthy" and '"B"' in bodies[3] and bodies[5] == bodies[0]


def test_nothing_is_answered_behind_a_closing_request(served: Agent) -> None:
    with Connection(served.port) as connection:
        connection.send(request("/ping", "Connection: close") + request("/v1/known"))
        assert connection.answer().text == "healthy"
        assert connection.closed()


def test_a_hundred_pipelined_requests(served: Agent) -> None:
    with Connection(served.port) as connection:
        connection.send(request("/v1/known") * 100)
        assert {connection.answer().status for _ in range(100)} == {200}


def test_a_half_closed_client_gets_its_answer(served: Agent, aws: Upstream) -> None:
    aws.add("half-closed", "value")
    for target, text in [("/ping", "healthy"), ("/v1/half-closed", "value"), ("/v1/half-closed", "value")]:
        with Connection(served.port) as connection:
            assert text in connection.send(request(target)).end().answer().text
            assert connection.closed()


def test_a_half_closed_client_with_half_a_request(served: Agent) -> None:
    with Connection(served.port) as connection:
        connection.send(b"GET /ping HTTP/1.1\r\nHost: local").end()
        connection.sock.settimeout(20)
        data = connection.sock.recv(4096)
        assert data == b"" or data.startswith(b"HTTP/1.1 400 ")


def test_a_slow_client(served: Agent) -> None:
    with Connection(served.port) as connection:
        for byte in request("/v1/known"):
            connection.send(bytes([byte]))
            select.select([], [], [], 0.001)
        assert connection.answer().status == 200


@pytest.mark.parametrize(
    "pieces", [[b"\r\n"], [b"\r\n\r\n"], [b"\r", b"\n"], [b"\r", b"\n\r\n"], [b"\r\n", b"\r", b"\n"]], ids=str
)
def test_empty_lines_before_a_request(served: Agent, pieces: list[bytes]) -> None:
    """RFC 9112 2.2 asks for tolerance, however they arrive."""
    with Connection(served.port) as connection:
        for piece in pieces:
            connection.send(piece)
            time.sleep(0.02)  # so that the pieces arrive as such; together they would have to be served as well
        assert connection.send(request("/ping")).answer().text == "healthy"


@pytest.mark.timeout(40)
def test_a_head_that_takes_too_long(served: Agent) -> None:
    with Connection(served.port) as connection:
        begun = time.monotonic()
        connection.send(b"GET /ping HTTP/1.1\r\nHost: ")
        data = connection.sock.recv(4096)
        assert data == b"" or data.startswith(b"HTTP/1.1 408 ")
        assert 8 < time.monotonic() - begun < 15


def test_clients_that_vanish_leave_no_trace(served: Agent) -> None:
    descriptors = f"/proc/{served.process.pid}/fd"
    readable = os.geteuid() == 0
    before = len(os.listdir(descriptors)) if readable else 0
    for data in (b"", b"GET /pi", request("/v1/known"), request("/v1/known") * 20):
        for _ in range(20):
            Connection(served.port).send(data).close()
    assert outcome(served, request("/ping")) == (200, "healthy")
    if readable:
        until(lambda: len(os.listdir(descriptors)) <= before + 2, "the descriptors to be given back")


# Sockets


def test_the_ipv6_loopback_answers_too(served: Agent) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with Connection(served.port, host="::1") as connection:
        assert connection.send(request("/ping", host="[::1]")).answer().text == "healthy"


def test_no_other_address_answers(served: Agent) -> None:
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", served.port), timeout=2)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to look at packets")
def test_answers_cannot_cross_a_router(served: Agent) -> None:
    try:
        sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    except PermissionError:
        pytest.skip("no packet sockets here")
    with sniffer:
        sniffer.bind(("lo", 0x0800))
        sniffer.settimeout(10)
        assert outcome(served, request("/ping")) == (200, "healthy")
        while True:
            packet = sniffer.recv(65536)
            header = (packet[0] & 15) * 4
            source = int.from_bytes(packet[header : header + 2], "big")
            if packet[9] == socket.IPPROTO_TCP and source == served.port and b"healthy" in packet:
                assert packet[8] == 1, "IP time to live"
                return
