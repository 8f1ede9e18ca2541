# SPDX-License-Identifier: Apache-2.0
"""Success bodies, byte for byte: key order, omitted keys, numbers, escapes, binary."""

import json

import pytest

from harness import upstream as aws
from harness.agent import Agent, AgentFactory
from harness.upstream import Upstream

ARN = "arn:aws:secretsmanager:us-west-2:123456789012:secret:MyTest-NhBWsc"
VERSION = "5767290c-d089-49ed-b97c-17086f8c9d79"


@pytest.fixture(scope="module")
def server() -> Upstream:
    server = Upstream()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def served(module_agent: AgentFactory, server: Upstream) -> Agent:
    return module_agent("cache_size = 0\n", upstream=server)


def served_for(served: Agent, server: Upstream, answer: str | bytes) -> bytes:
    """The agent's body when AWS answers so."""
    server.next("GetSecretValue", aws.body(answer))
    response = served.get("MyTest")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert int(response.headers["content-length"]) == len(response.content)
    return response.content


def test_the_example_of_the_reference(served: Agent, server: Upstream) -> None:
    answer = {
        "CreatedDate": 1569534789.046,
        "VersionStages": ["AWSCURRENT"],
        "SecretString": "hunter2",
        "VersionId": VERSION,
        "Name": "MyTest",
        "ARN": ARN,
    }
    assert (
        served_for(served, server, json.dumps(answer, indent=2))
        == (
            f'{{"ARN":"{ARN}","Name":"MyTest","VersionId":"{VERSION}","SecretString":"hunter2",'
            '"VersionStages":["AWSCURRENT"],"CreatedDate":"1569534789.046"}'
        ).encode()
    )


def test_absent_members(served: Agent, server: Upstream) -> None:
    assert (
        served_for(served, server, f'{{"ARN":"{ARN}","Name":"MyTest","VersionId":"{VERSION}"}}')
        == (f'{{"ARN":"{ARN}","Name":"MyTest","VersionId":"{VERSION}","CreatedDate":null}}').encode()
    )


def test_an_absent_name(served: Agent, server: Upstream) -> None:
    assert (
        served_for(served, server, f'{{"ARN":"{ARN}","VersionId":"{VERSION}","SecretString":"s"}}')
        == (f'{{"ARN":"{ARN}","Name":null,"VersionId":"{VERSION}","SecretString":"s","CreatedDate":null}}').encode()
    )


def test_null_members_are_absent(served: Agent, server: Upstream) -> None:
    answer = (
        f'{{"ARN":"{ARN}","Name":"MyTest","VersionId":"{VERSION}","SecretString":"s",'
        '"SecretBinary":null,"VersionStages":null,"CreatedDate":null}'
    )
    assert (
        served_for(served, server, answer)
        == (f'{{"ARN":"{ARN}","Name":"MyTest","VersionId":"{VERSION}","SecretString":"s","CreatedDate":null}}').encode()
    )


def test_unknown_members_are_dropped(served: Agent, server: Upstream) -> None:
    answer = (
        f'{{"ARN":"{ARN}","New":{{"a":[1,{{}}]}},"Name":"MyTest","VersionId":"{VERSION}",'
        '"VersionStages":[],"SecretString":"s"}'
    )
    assert (
        served_for(served, server, answer)
        == (
            f'{{"ARN":"{ARN}","Name":"MyTest","VersionId":"{VERSION}","SecretString":"s",'
            '"VersionStages":[],"CreatedDate":null}'
        ).encode()
    )


@pytest.mark.parametrize("stages", [["AWSCURRENT"], ["AWSPENDING", "blue", "AWSCURRENT"], []], ids=str)
def test_stages_keep_their_order(served: Agent, server: Upstream, stages: list[str]) -> None:
    answer = json.dumps({"ARN": ARN, "Name": "n", "VersionId": VERSION, "SecretString": "s", "VersionStages": stages})
    listed = json.dumps(stages, separators=(",", ":"))
    assert f'"SecretString":"s","VersionStages":{listed},"CreatedDate":null}}'.encode() in served_for(
        served, server, answer
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1569534789.046", "1569534789.046"),
        ("1.569534789046E9", "1569534789.046"),
        ("1523477145", "1523477145"),
        ("1523477145.0", "1523477145"),
        ("1523477145.5", "1523477145.5"),
        ("1.523477145713E9", "1523477145.713"),
        ("1.5e9", "1500000000"),
        ("0", "0"),
        ("1700000000.123456", "1700000000.123456"),
    ],
)
def test_created_date(served: Agent, server: Upstream, number: str, text: str) -> None:
    body = served_for(
        served,
        server,
        f'{{"ARN":"{ARN}","Name":"n","VersionId":"{VERSION}","SecretString":"s","CreatedDate":{number}}}',
    )
    assert body.endswith(f'"CreatedDate":"{text}"}}'.encode()), body


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (r"\"", r"\""),
        (r"\\", r"\\"),
        (r"\/", "/"),
        ("/", "/"),
        (r"\b\f\n\r\t", r"\b\f\n\r\t"),
        (r"\u0008\u000c\u000a\u000d\u0009", r"\b\f\n\r\t"),
        (r"\u0000\u0001\u001f\u000B\u001b", r"\u0000\u0001\u001f\u000b\u001b"),
        (r"\u007f", "\x7f"),
        (r"\u0041", "A"),
        (r"\u00e9", "\u00e9"),
        ("\u00e9", "\u00e9"),
        (r"\u2028\u2029", "\u2028\u2029"),
        (r"\ud83d\udd11", "\U0001f511"),
        ("\U0001f511", "\U0001f511"),
        (r"{\"user\":\"a\",\"pass\":\"b\\\"c\"}", r"{\"user\":\"a\",\"pass\":\"b\\\"c\"}"),
        ("<>&'", "<>&'"),
        (" ", " "),
    ],
)
def test_escapes(served: Agent, server: Upstream, sent: str, expected: str) -> None:
    answer = f'{{"ARN":"{ARN}","Name":"n","VersionId":"{VERSION}","SecretString":"{sent}"}}'
    assert (
        served_for(served, server, answer)
        == (
            f'{{"ARN":"{ARN}","Name":"n","VersionId":"{VERSION}","SecretString":"{expected}","CreatedDate":null}}'
        ).encode()
    )


@pytest.mark.parametrize("encoded", ["AAECAwQF/v8=", "aGVsbG8=", "+/+/", "AA=="])
def test_binary(served: Agent, server: Upstream, encoded: str) -> None:
    answer = json.dumps(
        {"ARN": ARN, "Name": "n", "VersionId": VERSION, "SecretBinary": encoded, "VersionStages": ["AWSCURRENT"]}
    )
    assert (
        served_for(served, server, answer)
        == (
            f'{{"ARN":"{ARN}","Name":"n","VersionId":"{VERSION}","SecretBinary":"{encoded}",'
            '"VersionStages":["AWSCURRENT"],"CreatedDate":null}'
        ).encode()
    )


@pytest.mark.parametrize("size", [1, 4096, 16384, 60_000, 65_536])
def test_sizes(served: Agent, server: Upstream, size: int) -> None:
    value = ("0123456789abcdef" * (size // 16 + 1))[:size]
    answer = json.dumps({"ARN": ARN, "Name": "n", "VersionId": VERSION, "SecretString": value})
    assert json.loads(served_for(served, server, answer))["SecretString"] == value


def test_the_largest_value_all_escaped(served: Agent, server: Upstream) -> None:
    """65,536 bytes that each need six on the wire."""
    value = "\x01" * 65_536
    answer = json.dumps({"ARN": ARN, "Name": "n", "VersionId": VERSION, "SecretString": value})
    assert json.loads(served_for(served, server, answer))["SecretString"] == value


def test_a_hit_has_the_same_bytes_as_the_miss(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s", 'quote " backslash \\ key \U0001f511 \u2028')
    running = agent(upstream=upstream)
    first, second = running.get("s"), running.get("s")
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("miss", "hit")
    assert first.content == second.content


# Errors of AWS


@pytest.mark.parametrize(
    ("status", "answer", "body"),
    [
        (
            400,
            '{"__type":"ResourceNotFoundException","Message":"Secrets Manager can\'t find the specified secret."}',
            '{"__type":"ResourceNotFoundException","message":"Secrets Manager can\'t find the specified secret."}',
        ),
        (
            400,
            '{"__type":"com.amazonaws#InvalidRequestException:http://x/","message":"m"}',
            '{"__type":"InvalidRequestException","message":"m"}',
        ),
        (
            400,
            '{"__type":"AccessDeniedException","Message":"a \\"quoted\\" \\\\ text\\n"}',
            '{"__type":"AccessDeniedException","message":"a \\"quoted\\" \\\\ text\\n"}',
        ),
        (404, '{"code":"Some#CodeException","errorMessage":"m"}', '{"__type":"CodeException","message":"m"}'),
        (
            403,
            '{"__type":"UnrecognizedClientException","message":"\u00e9"}',
            '{"__type":"UnrecognizedClientException","message":"\u00e9"}',
        ),
        (400, '{"__type":"InternalFailure","message":"m"}', '{"__type":"InternalFailure"}'),
    ],
    ids=str,
)
def test_errors_are_passed_on(served: Agent, server: Upstream, status: int, answer: str, body: str) -> None:
    server.next("GetSecretValue", aws.body(answer, status))
    response = served.get("MyTest")
    assert (response.status_code, response.content) == (status, body.encode())
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("answer", ["", "not json", "{}", '{"message":"m"}', "<html></html>", '"text"', "[1]"])
def test_errors_without_code_or_json(served: Agent, server: Upstream, answer: str) -> None:
    server.next("GetSecretValue", aws.body(answer, 400))
    response = served.get("MyTest")
    assert (response.status_code, response.text) == (500, '{"__type":"InternalFailure"}')


def test_the_error_type_header_comes_first(served: Agent, server: Upstream) -> None:
    server.next(
        "GetSecretValue",
        aws.raw(
            aws.answer(
                400,
                '{"__type":"BodyException","message":"m"}',
                "application/x-amz-json-1.1",
                "x-amzn-errortype: HeaderException:http://x/",
            )
        ),
    )
    response = served.get("MyTest")
    assert (response.status_code, response.text) == (400, '{"__type":"HeaderException","message":"m"}')
