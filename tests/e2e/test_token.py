# SPDX-License-Identifier: Apache-2.0
"""The token: where it comes from, how it is compared, how it is replaced."""

import os
import threading
from pathlib import Path

import pytest

from harness.agent import TOKEN_HEADER, AgentFactory
from harness.rawhttp import exchange, request
from harness.upstream import Upstream
from harness.wait import until

OFFLINE = "validate_credentials = false\n"
VARIABLES = '["AWS_TOKEN", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"]'


def accepted(port: int, *headers: str) -> bool:
    """Whether these token headers pass: behind the token, an unknown route is 404."""
    status = exchange(port, request("/nowhere", *headers, token=None)).status
    assert status in (403, 404), status
    return status == 404


@pytest.mark.parametrize(
    "header", ["X-Aws-Parameters-Secrets-Token", "X-Vault-Token", "x-vault-token", "X-AWS-PARAMETERS-SECRETS-TOKEN"]
)
def test_either_header_carries_the_token(agent: AgentFactory, header: str) -> None:
    port = agent(OFFLINE, token="t0ken").port
    assert accepted(port, f"{header}: t0ken")
    assert accepted(port, f"{header}: \t t0ken \t ")
    assert not accepted(port, f"{header}: T0ken")
    assert not accepted(port, f"{header}: t0ken2")
    assert not accepted(port, f"{header}: t0ke")
    assert not accepted(port, f"{header}:")
    assert not accepted(port)


def test_any_of_several_values_suffices(agent: AgentFactory) -> None:
    port = agent(OFFLINE, token="right").port
    first, second = TOKEN_HEADER, "X-Vault-Token"
    assert accepted(port, f"{first}: wrong", f"{first}: right")
    assert accepted(port, f"{first}: right", f"{first}: wrong")
    assert accepted(port, f"{first}: wrong", f"{second}: right")
    assert accepted(port, f"{second}: wrong", f"{second}: worse", f"{second}: right")
    assert not accepted(port, f"{first}: wrong", f"{first}: worse", f"{second}: worst")
    assert not accepted(port, f"{first}: right, wrong")
    assert not accepted(port, "Authorization: Bearer right", "X-Token: right")


def test_configured_headers_replace_the_usual_ones(agent: AgentFactory) -> None:
    port = agent(OFFLINE + "ssrf_headers = ['X-Mine', 'X-Yours']\n", token="right").port
    assert accepted(port, "x-mine: right")
    assert accepted(port, "X-Yours: right")
    assert not accepted(port, f"{TOKEN_HEADER}: right")
    assert not accepted(port, "X-Vault-Token: right")


def test_the_first_set_variable_wins(agent: AgentFactory) -> None:
    env = {"AWS_SESSION_TOKEN": "second", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "third"}
    port = agent(OFFLINE, token=None, env=env).port
    assert accepted(port, f"{TOKEN_HEADER}: second")
    assert not accepted(port, f"{TOKEN_HEADER}: third")
    port = agent(OFFLINE, token="first", env=env).port
    assert accepted(port, f"{TOKEN_HEADER}: first")
    assert not accepted(port, f"{TOKEN_HEADER}: second")
    port = agent(OFFLINE, token=None, env={"AWS_CONTAINER_AUTHORIZATION_TOKEN": "third"}).port
    assert accepted(port, f"{TOKEN_HEADER}: third")


def test_configured_variables_replace_the_usual_ones(agent: AgentFactory) -> None:
    port = agent(OFFLINE + "ssrf_env_variables = ['MINE', 'AWS_TOKEN']\n", token="usual", env={"MINE": "mine"}).port
    assert accepted(port, f"{TOKEN_HEADER}: mine")
    assert not accepted(port, f"{TOKEN_HEADER}: usual")


def test_a_token_in_a_file_is_trimmed(agent: AgentFactory, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(" \t from-a-file \r\n\n")
    port = agent(OFFLINE, token=f"file://{file}").port
    assert accepted(port, f"{TOKEN_HEADER}: from-a-file")
    assert not accepted(port, f"{TOKEN_HEADER}: file://{file}")


def test_a_token_comes_from_a_pipe_whole(agent: AgentFactory, tmp_path: Path) -> None:
    fifo = tmp_path / "token"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_text("from-a-pipe"))
    writer.start()
    port = agent(OFFLINE, token=f"file://{fifo}").port
    writer.join()
    assert accepted(port, f"{TOKEN_HEADER}: from-a-pipe")
    assert not accepted(port, f"{TOKEN_HEADER}: rom-a-pipe")


def test_a_file_that_no_request_can_match_is_refused(agent: AgentFactory, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("two\nlines\n")
    assert "line break" in agent.fails(OFFLINE, token=f"file://{file}").stderr


def test_a_file_that_is_rewritten_is_read_again(agent: AgentFactory, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n")
    running = agent(OFFLINE, token=f"file://{file}")
    assert accepted(running.port, f"{TOKEN_HEADER}: one")
    file.write_text("two\n")
    until(lambda: accepted(running.port, f"{TOKEN_HEADER}: two"), "the rewritten token")
    assert not accepted(running.port, f"{TOKEN_HEADER}: one")
    assert "two" not in running.log.split()


def test_a_file_that_is_replaced_is_read_again(agent: AgentFactory, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    port = agent(OFFLINE, token=f"file://{file}").port
    for token in ("two", "three"):
        (tmp_path / "new").write_text(token)
        os.replace(tmp_path / "new", file)
        until(lambda token=token: accepted(port, f"{TOKEN_HEADER}: {token}"), "the replaced token")
    assert not accepted(port, f"{TOKEN_HEADER}: one")


def test_a_mounted_secret_that_is_switched_is_read_again(agent: AgentFactory, tmp_path: Path) -> None:
    """Kubernetes swaps a symbolic link to the directory in which the file lies."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "token").write_text(name)
    (tmp_path / "data").symlink_to("one")
    (tmp_path / "token").symlink_to("data/token")
    port = agent(OFFLINE, token=f"file://{tmp_path}/token").port
    assert accepted(port, f"{TOKEN_HEADER}: one")
    (tmp_path / "new").symlink_to("two")
    os.replace(tmp_path / "new", tmp_path / "data")
    until(lambda: accepted(port, f"{TOKEN_HEADER}: two"), "the switched token")


def test_an_emptied_or_removed_file_keeps_the_last_token(agent: AgentFactory, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    running = agent(OFFLINE, token=f"file://{file}")
    file.write_text("")
    running.wait_log(r"(WARN|ERROR) .*token")
    assert not accepted(running.port, f"{TOKEN_HEADER}:")
    assert accepted(running.port, f"{TOKEN_HEADER}: one")
    file.unlink()
    file.write_text("two")
    until(lambda: accepted(running.port, f"{TOKEN_HEADER}: two"), "the token that came back")


def test_no_variable_set(agent: AgentFactory) -> None:
    ended = agent.fails(OFFLINE, token=None)
    assert f"Could not read SSRF token variable(s) {VARIABLES}: environment variable not found" in ended.stderr


def test_a_missing_token_file(agent: AgentFactory, tmp_path: Path) -> None:
    ended = agent.fails(OFFLINE, token=f"file://{tmp_path}/nowhere", env={"AWS_SESSION_TOKEN": "not asked"})
    assert f"Could not read SSRF token variable(s) {VARIABLES}: No such file or directory (os error 2)" in ended.stderr


def test_the_configured_names_are_told(agent: AgentFactory) -> None:
    ended = agent.fails(OFFLINE + "ssrf_env_variables = ['MINE']\n")
    assert 'Could not read SSRF token variable(s) ["MINE"]: environment variable not found' in ended.stderr


def test_a_directory_for_a_token_file(agent: AgentFactory, tmp_path: Path) -> None:
    ended = agent.fails(OFFLINE, token=f"file://{tmp_path}")
    assert f"Could not read SSRF token variable(s) {VARIABLES}: Is a directory (os error 21)" in ended.stderr


def test_an_empty_token_is_refused(agent: AgentFactory, tmp_path: Path) -> None:
    assert "empty" in agent.fails(OFFLINE, token="").stderr
    (tmp_path / "token").write_text(" \n")
    assert "empty" in agent.fails(OFFLINE, token=f"file://{tmp_path}/token").stderr


def test_a_wrong_token_never_reaches_aws(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s")
    running = agent(upstream=upstream)
    assert running.get("s", token="wrong").status_code == 403
    assert running.get("s", token=None).status_code == 403
    assert running.get("s", token="wrong", refreshNow="true").status_code == 403
    assert upstream.count("GetSecretValue") == 0
