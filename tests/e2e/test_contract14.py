# SPDX-License-Identifier: Apache-2.0
"""What the reference's own integration tests check, written anew from its meaning; on moto and on the emulator.

Left out: roles, prefetch and certificates.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from harness.agent import ACCESS_KEY, SECRET_KEY, Agent, AgentFactory
from harness.backend import Backend
from harness.wait import let_a_ttl_of_one_second_pass, until

Start = Callable[..., Agent]


@pytest.fixture
def client(backend: Backend) -> Any:
    return backend.client()


@pytest.fixture
def start(agent: AgentFactory, backend: Backend) -> Start:
    """Starts an agent against the backend."""
    return lambda config="", **more: agent(config, endpoint=backend.url, **more)


def created(backend: Backend, client: Any, value: str = "initial") -> tuple[str, str, str]:
    """Name, ARN and version of a new secret."""
    name = backend.name("contract")
    made = client.create_secret(Name=name, SecretString=value)
    return name, made["ARN"], made["VersionId"]


def ok(response: requests.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return response.json()


# Cache


def test_refresh_now_sees_an_update_that_a_plain_request_does_not(backend: Backend, client: Any, start: Start) -> None:
    name, _, old = created(backend, client, "old")
    running = start("ttl_seconds = 5\n")
    assert ok(running.get(name))["SecretString"] == "old"
    new = client.put_secret_value(SecretId=name, SecretString="new")["VersionId"]
    assert ok(running.get(name))["VersionId"] == old
    refreshed = ok(running.get(name, refreshNow="true"))
    assert (refreshed["VersionId"], refreshed["SecretString"]) == (new, "new")
    assert "AWSCURRENT" in refreshed["VersionStages"]
    assert ok(running.get(name))["SecretString"] == "new"


def test_the_old_version_within_the_ttl_and_the_new_one_after_it(backend: Backend, client: Any, start: Start) -> None:
    name, _, old = created(backend, client)
    running = start("ttl_seconds = 1\n")
    assert ok(running.get(name))["VersionId"] == old
    new = client.put_secret_value(SecretId=name, SecretString="new")["VersionId"]
    let_a_ttl_of_one_second_pass()
    assert ok(running.get(name))["VersionId"] == new
    running = start("ttl_seconds = 60\n")
    assert ok(running.get(name))["VersionId"] == new
    client.put_secret_value(SecretId=name, SecretString="newer")
    assert ok(running.get(name))["VersionId"] == new


def test_with_ttl_0_an_update_is_seen_at_once(backend: Backend, client: Any, start: Start) -> None:
    name, _, old = created(backend, client)
    running = start("ttl_seconds = 0\n")
    assert ok(running.get(name))["VersionId"] == old
    new = client.put_secret_value(SecretId=name, SecretString="new")["VersionId"]
    assert ok(running.get(name))["VersionId"] == new


# Configuration


def test_the_first_line_says_listening_on(start: Start) -> None:
    assert "listening on" in start().lines[0]


@pytest.mark.parametrize("token", [None, "test-token-123"])
def test_ping_is_healthy_with_and_without_a_token(start: Start, token: str | None) -> None:
    response = start().request("GET", "/ping", token=token)
    assert (response.status_code, response.text) == (200, "healthy")


def test_the_path_form_equals_the_query_form(backend: Backend, client: Any, start: Start) -> None:
    name, _, _ = created(backend, client)
    running = start()
    path = ok(running.request("GET", f"/v1/{name}"))
    assert path["Name"] == name
    query = ok(running.get(name))
    assert (path["SecretString"], path["VersionId"]) == (query["SecretString"], query["VersionId"])


# Security


def test_no_token_wrong_token_right_token(backend: Backend, client: Any, start: Start) -> None:
    name, _, _ = created(backend, client)
    running = start()
    for parameters in ({}, {"refreshNow": "true"}):
        assert running.get(name, token=None, **parameters).status_code == 403
        assert running.get(name, token="wrong-token", **parameters).status_code == 403
        assert running.get(name, **parameters).status_code == 200


def test_a_forwarded_request_is_refused(backend: Backend, client: Any, start: Start) -> None:
    name, _, _ = created(backend, client)
    running = start()
    target = f"/secretsmanager/get?secretId={name}"
    assert running.request("GET", target, headers={"X-Forwarded-For": "192.168.1.1"}).status_code == 400
    assert running.request("GET", target).status_code == 200


# Retrieval


def test_by_name(backend: Backend, client: Any, start: Start) -> None:
    name, _, version = created(backend, client, "value")
    answer = ok(start().get(name))
    assert (answer["Name"], answer["SecretString"], answer["VersionId"]) == (name, "value", version)


def test_by_full_arn(backend: Backend, client: Any, start: Start) -> None:
    name, arn, _ = created(backend, client)
    running = start()
    answer = ok(running.get(arn))
    assert (answer["ARN"], answer["Name"]) == (arn, name)
    assert ok(running.request("GET", f"/v1/{arn}"))["ARN"] == arn


def test_a_binary_secret(backend: Backend, client: Any, start: Start) -> None:
    name = backend.name("binary")
    client.create_secret(Name=name, SecretBinary=b"\x00\x01\xfe\xff")
    answer = ok(start().get(name))
    assert answer["SecretBinary"] == "AAH+/w=="
    assert answer.get("SecretString") is None


def test_stages_and_versions(backend: Backend, client: Any, start: Start) -> None:
    name, _, current = created(backend, client, "current")
    pending = client.put_secret_value(SecretId=name, SecretString="pending", VersionStages=["AWSPENDING"])["VersionId"]
    running = start()
    for stage, value, version in [("AWSCURRENT", "current", current), ("AWSPENDING", "pending", pending)]:
        answer = ok(running.get(name, versionStage=stage))
        assert (answer["SecretString"], answer["VersionId"]) == (value, version)
        assert stage in answer["VersionStages"]
        answer = ok(running.get(name, versionId=version))
        assert (answer["SecretString"], answer["VersionId"]) == (value, version)


def test_a_value_of_60_kb_arrives_whole(backend: Backend, client: Any, start: Start) -> None:
    value = "0123456789abcdef" * (60 * 1024 // 16)
    name, _, _ = created(backend, client, value)
    running = start()
    for _ in range(2):
        assert ok(running.get(name))["SecretString"] == value


@pytest.mark.parametrize("parameters", [{}, {"refreshNow": "true"}], ids=["plain", "refreshNow"])
def test_an_unknown_secret(backend: Backend, start: Start, parameters: dict[str, str]) -> None:
    """400 from AWS and from the emulator; moto answers 404, and the agent passes on what it is told."""
    response = start().get(backend.name("unknown"), **parameters)
    assert response.status_code == backend.not_found_status
    assert response.json()["__type"] == "ResourceNotFoundException"


# Versions


def test_a_promotion(backend: Backend, client: Any, start: Start) -> None:
    name, _, old = created(backend, client, "old")
    running = start()
    assert ok(running.get(name))["SecretString"] == "old"
    new = client.put_secret_value(SecretId=name, SecretString="new", VersionStages=["AWSPENDING"])["VersionId"]
    client.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=new, RemoveFromVersionId=old
    )
    answer = ok(running.get(name, versionStage="AWSCURRENT", refreshNow="true"))
    assert (answer["VersionId"], answer["SecretString"]) == (new, "new")
    previous = ok(running.get(name, versionId=old))
    assert previous["SecretString"] == "old"
    assert "AWSCURRENT" not in previous["VersionStages"]


# File credentials


def keys(key: str = ACCESS_KEY, secret: str = SECRET_KEY) -> str:
    return f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"


def by_file(file: Path) -> str:
    return f"credentials_file_path = '{file}'\nallow_long_term_credentials = true\n"


def test_a_valid_credentials_file(backend: Backend, client: Any, start: Start, tmp_path: Path) -> None:
    name, _, _ = created(backend, client)
    (tmp_path / "keys").write_text(keys())
    assert ok(start(by_file(tmp_path / "keys")).get(name))["Name"] == name


def test_fake_keys_in_the_credentials_file(emulator: Backend, agent: AgentFactory, tmp_path: Path) -> None:
    """Only a service that looks at signatures can tell."""
    (tmp_path / "keys").write_text(keys("AKIAFAKE", "fake"))
    running = agent(by_file(tmp_path / "keys"), endpoint=emulator.url)
    assert running.get("example/api-key").status_code == 400


@pytest.mark.parametrize("text", ["not a credentials file", "", None], ids=["malformed", "empty", "missing"])
def test_a_useless_credentials_file(start: Start, tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "keys").write_text(text)
    response = start(by_file(tmp_path / "keys")).get("any")
    assert response.status_code != 200
    assert "InternalFailure" in response.text


def test_keys_without_session_token(start: Start, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(keys())
    assert start(f"credentials_file_path = '{tmp_path}/keys'\n").get("any").status_code != 200


def test_a_credentials_file_written_after_the_start(
    backend: Backend, client: Any, start: Start, tmp_path: Path
) -> None:
    name, _, _ = created(backend, client)
    running = start(by_file(tmp_path / "keys"))
    assert running.get(name).status_code != 200
    (tmp_path / "keys").write_text(keys())
    until(lambda: running.get(name).status_code == 200, "the file to be picked up")
