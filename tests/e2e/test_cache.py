# SPDX-License-Identifier: Apache-2.0
"""The cache: what is asked of AWS, how often, and what is served while AWS is in trouble."""

import threading

import pytest
import requests

from harness import upstream as aws
from harness.agent import Agent, AgentFactory
from harness.rawhttp import Connection, request
from harness.upstream import PREVIOUS, Upstream
from harness.wait import let_a_ttl_of_one_second_pass, until

GET, DESCRIBE = "GetSecretValue", "DescribeSecret"


def value_of(response: requests.Response) -> str:
    assert response.status_code == 200, response.text
    return response.json()["SecretString"]


def served_as(response: requests.Response, source: str) -> str:
    """The value, having checked how it came about."""
    assert response.status_code == 200, response.text
    assert response.headers["x-cache"] == source
    return response.json()["SecretString"]


# Hits and misses


def test_a_second_request_is_a_hit(agent: AgentFactory, upstream: Upstream) -> None:
    secret = upstream.add("s", "old")
    running = agent(upstream=upstream)
    assert served_as(running.get("s"), "miss") == "old"
    secret.put("new")
    for _ in range(5):
        response = running.get("s")
        assert served_as(response, "hit") == "old"
        assert int(response.headers["age"]) < 60
    assert (upstream.count(GET), upstream.count(DESCRIBE)) == (1, 0)


def test_a_hit_needs_no_aws(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s", "value")
    running = agent(upstream=upstream)
    running.get("s")
    upstream.refuse()
    assert served_as(running.get("s"), "hit") == "value"


def test_errors_are_not_cached(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent(upstream=upstream)
    for count in (1, 2):
        assert running.get("s").status_code == 400
        assert upstream.count(GET) == count
    upstream.add("s", "value")
    assert value_of(running.get("s")) == "value"


FORMS = {
    "name": ("meet", {}),
    "arn": ("arn:aws:secretsmanager:us-east-1:123456789012:secret:meet-AbCdEf", {}),
    "partial arn": ("arn:aws:secretsmanager:us-east-1:123456789012:secret:meet", {}),
    "name, AWSCURRENT": ("meet", {"versionStage": "AWSCURRENT"}),
    "arn, AWSCURRENT": (
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:meet-AbCdEf",
        {"versionStage": "AWSCURRENT"},
    ),
}


def test_a_name_and_its_arn_meet_in_one_entry(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("meet", "value")
    running = agent(upstream=upstream)
    for form in ("name", "arn", "name, AWSCURRENT", "arn, AWSCURRENT", "name"):
        secret_id, parameters = FORMS[form]
        assert value_of(running.get(secret_id, **parameters)) == "value"
    assert upstream.count(GET) + upstream.count(DESCRIBE) == 1


@pytest.mark.parametrize("first", FORMS)
def test_all_ids_of_a_secret_meet_in_one_entry(agent: AgentFactory, upstream: Upstream, first: str) -> None:
    """What a name or a partial ARN stands for may have to be asked once; then one entry serves them all."""
    secret = upstream.add("meet", "value")
    running = agent(upstream=upstream)
    bodies = {running.get(FORMS[form][0], **FORMS[form][1]).content for form in [first, *FORMS]}
    learnt = upstream.count(GET) + upstream.count(DESCRIBE)
    assert learnt <= 3
    bodies |= {running.get(FORMS[form][0], **FORMS[form][1]).content for form in FORMS}
    assert len(bodies) == 1
    assert upstream.count(GET) + upstream.count(DESCRIBE) == learnt
    secret.put("new")
    assert value_of(running.get(FORMS[first][0], **FORMS[first][1], refreshNow="true")) == "new"
    for secret_id, parameters in FORMS.values():
        assert value_of(running.get(secret_id, **parameters)) == "new"


def test_a_refresh_by_one_id_is_seen_by_all(agent: AgentFactory, upstream: Upstream) -> None:
    secret = upstream.add("meet", "old")
    running = agent(upstream=upstream)
    for secret_id, parameters in FORMS.values():
        assert value_of(running.get(secret_id, **parameters)) == "old"
    secret.put("new")
    assert value_of(running.get(secret.arn, refreshNow="true")) == "new"
    for secret_id, parameters in FORMS.values():
        assert value_of(running.get(secret_id, **parameters)) == "new"


def test_versions_and_stages_are_kept_apart(agent: AgentFactory, upstream: Upstream) -> None:
    secret = upstream.add("s", "one")
    secret.put("two")
    secret.versions.append(aws.Version("pending0-0000-4000-8000-000000000000", "three", stages=["AWSPENDING"]))
    running = agent(upstream=upstream)
    for _ in range(2):
        assert value_of(running.get("s")) == "two"
        assert value_of(running.get("s", versionStage="AWSPREVIOUS")) == "one"
        assert value_of(running.get("s", versionStage="AWSPENDING")) == "three"
        assert value_of(running.get("s", versionId=secret.versions[0].id)) == "one"
        assert value_of(running.get("s", versionId=secret.versions[0].id, versionStage=PREVIOUS)) == "one"
        assert running.get("s", versionId=secret.versions[0].id, versionStage="AWSCURRENT").status_code == 400
    assert upstream.count(GET) <= 7  # the error, twice; five values at most


# refreshNow


def test_refresh_now_always_asks(agent: AgentFactory, upstream: Upstream) -> None:
    secret = upstream.add("s", "0")
    running = agent(upstream=upstream)
    assert value_of(running.get("s", refreshNow="true")) == "0"
    for number in ("1", "2"):
        secret.put(number)
        response = running.get("s", refreshNow="true")
        assert served_as(response, "refreshed") == number
        assert response.headers["age"] == "0"
        assert served_as(running.get("s"), "hit") == number
    assert (upstream.count(GET), upstream.count(DESCRIBE)) == (3, 0)


@pytest.mark.parametrize(
    "step",
    [aws.error(500, "InternalServiceError", "m"), aws.reset, aws.throttle],
    ids=["500", "reset", "throttled"],
)
def test_refresh_now_in_trouble_tells_and_keeps_the_entry(
    agent: AgentFactory, upstream: Upstream, step: aws.Step
) -> None:
    upstream.add("s", "value")
    running = agent(upstream=upstream, env={"AWS_MAX_ATTEMPTS": "1"})
    assert value_of(running.get("s")) == "value"
    upstream.always(GET, step)
    assert running.get("s", refreshNow="true").status_code >= 400
    assert served_as(running.get("s"), "hit") == "value"


# Expiry and revalidation


@pytest.fixture
def short(agent: AgentFactory, upstream: Upstream) -> Agent:
    """An agent whose entries live for a second, and which never retries."""
    return agent("ttl_seconds = 1\n", upstream=upstream, env={"AWS_MAX_ATTEMPTS": "1"})


def test_an_unchanged_secret_is_revalidated(short: Agent, upstream: Upstream) -> None:
    upstream.add("s", "value")
    assert served_as(short.get("s"), "miss") == "value"
    let_a_ttl_of_one_second_pass()
    response = short.get("s")
    assert served_as(response, "revalidated") == "value"
    assert response.headers["age"] == "0"
    assert served_as(short.get("s"), "hit") == "value"
    assert (upstream.count(GET), upstream.count(DESCRIBE)) == (1, 1)
    assert upstream.last(DESCRIBE).secret_id == upstream.secrets[0].arn


FIRST = "00000001-0000-4000-8000-000000000000"
BOTH = {"versionId": FIRST, "versionStage": "AWSCURRENT"}
REVALIDATION = {
    "nothing asked, unchanged": ({}, False, True),
    "nothing asked, moved": ({}, True, False),
    "stage asked, unchanged": ({"versionStage": "AWSCURRENT"}, False, True),
    "stage asked, moved": ({"versionStage": "AWSCURRENT"}, True, False),
    "version asked, unchanged": ({"versionId": FIRST}, False, True),
    "version asked, moved": ({"versionId": FIRST}, True, None),
    "both asked, unchanged": (BOTH, False, True),
    "both asked, moved": (BOTH, True, False),
}


@pytest.mark.parametrize(("parameters", "moved", "current"), REVALIDATION.values(), ids=REVALIDATION.keys())
def test_revalidation(
    short: Agent, upstream: Upstream, parameters: dict[str, str], moved: bool, current: bool | None
) -> None:
    """One DescribeSecret, and a GetSecretValue only if the version asked for is no longer the one it was."""
    secret = upstream.add("s", "value")
    assert value_of(short.get("s", **parameters)) == "value"
    let_a_ttl_of_one_second_pass()
    if moved:
        secret.put("new")
    response = short.get("s", **parameters)
    assert upstream.count(DESCRIBE) == 1
    if current:
        assert served_as(response, "revalidated") == "value"
        assert upstream.count(GET) == 1
    elif parameters == BOTH:
        assert response.status_code == 400  # that version no longer carries the label
        assert upstream.count(GET) == 2
    elif current is None:
        assert value_of(response) == "value"  # whether its stages are asked for again is ours to choose
    else:
        assert value_of(response) == "new"
        assert upstream.count(GET) == 2
        assert served_as(short.get("s", **parameters), "hit") == "new"


def test_a_description_without_stages_proves_nothing(short: Agent, upstream: Upstream) -> None:
    secret = upstream.add("s", "value")
    short.get("s")
    let_a_ttl_of_one_second_pass()
    upstream.next(DESCRIBE, aws.body('{"ARN":"%s","Name":"s"}' % secret.arn))
    assert value_of(short.get("s")) == "value"
    assert (upstream.count(GET), upstream.count(DESCRIBE)) == (2, 1)


def test_reading_does_not_renew(short: Agent, upstream: Upstream) -> None:
    secret = upstream.add("s", "old")
    short.get("s")
    secret.put("new")
    until(lambda: value_of(short.get("s")) == "new", "the TTL to end although the entry is read all the time", 3)


def test_ttl_0_serves_nothing_from_memory(agent: AgentFactory, upstream: Upstream) -> None:
    secret = upstream.add("s", "0")
    running = agent("ttl_seconds = 0\n", upstream=upstream)
    for number in ("1", "2", "3"):
        before = upstream.count()
        assert value_of(running.get("s")) == str(int(number) - 1)
        secret.put(number)
        response = running.get("s")
        assert value_of(response) == number
        assert response.headers["x-cache"] != "hit"
        assert upstream.count() >= before + 2


def test_cache_size_0_serves_nothing_from_memory(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s", "value")
    running = agent("cache_size = 0\n", upstream=upstream)
    for count in (1, 2, 3):
        assert served_as(running.get("s"), "miss") == "value"
        assert upstream.count(GET) == count


# Eviction


def test_the_least_recently_used_goes_first(agent: AgentFactory, upstream: Upstream) -> None:
    for name in "abcd":
        upstream.add(name, name)
    running = agent("cache_size = 3\n", upstream=upstream)

    def sources(names: str) -> list[str]:
        return [running.get(name).headers["x-cache"] for name in names]

    assert sources("abc") == ["miss"] * 3
    assert sources("a") == ["hit"]
    assert sources("d") == ["miss"]  # b goes: written after a, but not used since
    assert sources("acd") == ["hit"] * 3
    assert sources("b") == ["miss"]  # a goes
    assert sources("cdb") == ["hit"] * 3
    assert sources("a") == ["miss"]


def test_a_cache_of_one(agent: AgentFactory, upstream: Upstream) -> None:
    for name in "ab":
        upstream.add(name, name)
    running = agent("cache_size = 1\n", upstream=upstream)
    assert [running.get(name).headers["x-cache"] for name in "aabba"] == ["miss", "hit", "miss", "hit", "miss"]


# Single flight


def together(port: int, target: str, clients: int, upstream: Upstream, operation: str) -> list[bytes]:
    """The bodies of many clients who ask at once while AWS makes them wait."""
    release = threading.Event()
    upstream.always(operation, aws.hold(release))
    before = upstream.count(operation)
    connections = [Connection(port) for _ in range(clients)]
    try:
        for connection in connections:
            connection.send(request(target))
        until(lambda: upstream.count(operation) > before, "the first call")
        with Connection(port) as other:  # those in flight hold nobody up
            assert other.send(request("/ping")).answer().text == "healthy"
        release.set()
        answers = [connection.answer() for connection in connections]
        assert {answer.status for answer in answers} == {200}
        return [answer.body for answer in answers]
    finally:
        release.set()
        upstream.always(operation, None)
        for connection in connections:
            connection.close()


def test_200_concurrent_misses_make_one_call(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s", "value")
    running = agent(upstream=upstream)
    bodies = together(running.port, "/v1/s", 200, upstream, GET)
    assert len(set(bodies)) == 1
    assert upstream.count(GET) == 1


def test_concurrent_expiries_make_one_call(short: Agent, upstream: Upstream) -> None:
    upstream.add("s", "value")
    short.get("s")
    let_a_ttl_of_one_second_pass()
    together(short.port, "/v1/s", 50, upstream, DESCRIBE)
    assert (upstream.count(GET), upstream.count(DESCRIBE)) == (1, 1)


def test_concurrent_failures_make_one_call(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent(upstream=upstream)
    release = threading.Event()
    upstream.always(GET, aws.hold(release))
    connections = [Connection(running.port).send(request("/v1/missing")) for _ in range(20)]
    until(lambda: upstream.count(GET), "the first call")
    assert running.request("GET", "/ping").status_code == 200
    release.set()
    assert [connection.answer().status for connection in connections] == [400] * 20
    # A client whose request was read only after the first failure asks again.
    assert upstream.count(GET) < 20


def test_different_secrets_do_not_wait_for_each_other(agent: AgentFactory, upstream: Upstream) -> None:
    for name in ("slow", "quick"):
        upstream.add(name, name)
    running = agent(upstream=upstream)
    release = threading.Event()
    upstream.next(GET, aws.hold(release))
    with Connection(running.port) as slow:
        slow.send(request("/v1/slow"))
        until(lambda: upstream.count(GET), "the slow call")
        assert value_of(running.get("quick")) == "quick"
        release.set()
        assert slow.answer().status == 200


def test_a_client_that_leaves_does_not_take_the_flight_along(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s", "value")
    running = agent(upstream=upstream)
    release = threading.Event()
    upstream.next(GET, aws.hold(release))
    leaving = Connection(running.port).send(request("/v1/s"))
    until(lambda: upstream.count(GET), "the call")
    with Connection(running.port) as staying:
        staying.send(request("/v1/s"))
        leaving.close()
        release.set()
        assert staying.answer().status == 200
    assert upstream.count(GET) == 1


# Trouble


def _refuse(upstream: Upstream) -> None:
    upstream.refuse()


def _always(step: aws.Step):
    def apply(upstream: Upstream) -> None:
        upstream.always(DESCRIBE, step)
        upstream.always(GET, step)

    return apply


TRANSIENT = {
    "refused": _refuse,
    "reset": _always(aws.reset),
    "truncated": _always(aws.truncate),
    "500": _always(aws.error(500, "InternalServiceError", "m")),
    "503": _always(aws.error(503, "ServiceUnavailable", "m")),
    "502 html": _always(aws.body("<html>bad gateway</html>", 502)),
    "throttled": _always(aws.throttle),
    "garbled": _always(aws.garble),
}


@pytest.mark.parametrize("trouble", TRANSIENT)
def test_the_last_value_is_served_while_aws_is_in_trouble(short: Agent, upstream: Upstream, trouble: str) -> None:
    secret = upstream.add("s", "old")
    short.get("s")
    let_a_ttl_of_one_second_pass()
    TRANSIENT[trouble](upstream)
    response = short.get("s")
    assert served_as(response, "stale") == "old"
    assert int(response.headers["age"]) >= 1
    assert served_as(short.get("s"), "stale") == "old"
    short.wait_log("WARN .*last value")
    assert short.get("s", refreshNow="true").status_code >= 400
    assert short.get("other").status_code >= 400

    secret.put("new")
    upstream.always(DESCRIBE, None)
    upstream.always(GET, None)
    if trouble == "refused":
        upstream.accept()
    until(lambda: value_of(short.get("s")) == "new", "the recovery")


def test_trouble_after_a_change_was_seen(short: Agent, upstream: Upstream) -> None:
    """DescribeSecret says that the value moved, GetSecretValue fails: the old value, marked stale."""
    secret = upstream.add("s", "old")
    short.get("s")
    let_a_ttl_of_one_second_pass()
    secret.put("new")
    upstream.always(GET, aws.error(500, "InternalServiceError", "m"))
    assert served_as(short.get("s"), "stale") == "old"


@pytest.mark.parametrize(("trouble", "status"), [("500", 500), ("503", 503), ("reset", 502)])
def test_no_stale_values_when_so_configured(agent: AgentFactory, upstream: Upstream, trouble: str, status: int) -> None:
    upstream.add("s", "value")
    running = agent(
        "ttl_seconds = 1\nignore_transient_errors = false\n", upstream=upstream, env={"AWS_MAX_ATTEMPTS": "1"}
    )
    running.get("s")
    let_a_ttl_of_one_second_pass()
    TRANSIENT[trouble](upstream)
    assert running.get("s").status_code == status


@pytest.mark.parametrize("step", [aws.not_found, aws.denied], ids=["deleted", "denied"])
def test_a_definite_no_drops_the_entry(short: Agent, upstream: Upstream, step: aws.Step) -> None:
    upstream.add("s", "value")
    short.get("s")
    let_a_ttl_of_one_second_pass()
    upstream.always(DESCRIBE, step)
    upstream.always(GET, step)
    assert short.get("s").status_code == 400
    upstream.always(DESCRIBE, aws.error(500, "InternalServiceError", "m"))
    upstream.always(GET, aws.error(500, "InternalServiceError", "m"))
    assert short.get("s").status_code == 500  # nothing is left that could be served stale
