# SPDX-License-Identifier: Apache-2.0
"""Whose credentials sign: environment, shared files, the credentials file; and the check at the start."""

import os
from pathlib import Path

import pytest

from harness import upstream as aws
from harness.agent import ACCESS_KEY, SECRET_KEY, Agent, AgentFactory
from harness.backend import Backend
from harness.upstream import Upstream
from harness.wait import until

GET, STS = "GetSecretValue", "GetCallerIdentity"
NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
INTERNAL = '{"__type":"InternalFailure"}'


def profile(name: str, key: str, token: str | None = None, secret: str = SECRET_KEY) -> str:
    lines = [f"[{name}]", f"aws_access_key_id = {key}", f"aws_secret_access_key = {secret}"]
    return "\n".join(lines + ([f"aws_session_token = {token}"] if token else [])) + "\n"


def signer(running: Agent, upstream: Upstream, secret_id: str = "s") -> str | None:
    """The access key that signs a lookup now."""
    running.get(secret_id, refreshNow="true")
    return upstream.last(GET).access_key


@pytest.fixture(autouse=True)
def secret(upstream: Upstream) -> None:
    upstream.add("s", "value")


# Environment and shared files


def test_the_environment(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent(upstream=upstream, env={"AWS_SESSION_TOKEN": "session/token+=="})
    assert signer(running, upstream) == ACCESS_KEY
    assert upstream.last(GET).headers["x-amz-security-token"] == "session/token+=="
    assert "x-amz-security-token" in upstream.last(GET).headers["authorization"]


def test_long_term_keys_send_no_session_token(agent: AgentFactory, upstream: Upstream) -> None:
    assert signer(agent(upstream=upstream), upstream) == ACCESS_KEY
    assert "x-amz-security-token" not in upstream.last(GET).headers


def test_the_environment_wins_over_files(agent: AgentFactory, upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text(profile("default", "AKIAFILE"))
    assert signer(agent(upstream=upstream, cwd=tmp_path), upstream) == ACCESS_KEY


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("credentials", profile("default", "AKIADEFAULT", "T")),
        ("config", profile("default", "AKIADEFAULT", "T")),
        (
            "credentials",
            "# comment\r\n[default]\r\nAWS_ACCESS_KEY_ID=AKIADEFAULT\r\n"
            "aws_secret_access_key=x\r\naws_session_token = T\r\n",
        ),
    ],
)
def test_a_shared_file(agent: AgentFactory, upstream: Upstream, tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / file).write_text(text)
    assert signer(agent(upstream=upstream, cwd=tmp_path, env=NO_KEYS), upstream) == "AKIADEFAULT"
    assert upstream.last(GET).headers["x-amz-security-token"] == "T"


@pytest.mark.parametrize(("file", "section"), [("credentials", "work"), ("config", "profile work")])
def test_a_profile(agent: AgentFactory, upstream: Upstream, tmp_path: Path, file: str, section: str) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / file).write_text(profile("default", "AKIADEFAULT") + profile(section, "AKIAWORK"))
    assert signer(agent(upstream=upstream, cwd=tmp_path, env=NO_KEYS | {"AWS_PROFILE": "work"}), upstream) == "AKIAWORK"


def test_files_elsewhere_and_the_region_of_a_profile(agent: AgentFactory, upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(profile("work", "AKIAWORK"))
    (tmp_path / "settings").write_text("[profile work]\nregion = eu-north-1\n")
    running = agent(
        upstream=upstream,
        cwd=tmp_path,
        env=NO_KEYS
        | {
            "AWS_PROFILE": "work",
            "AWS_REGION": None,
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "keys"),
            "AWS_CONFIG_FILE": str(tmp_path / "settings"),
        },
    )
    assert signer(running, upstream) == "AKIAWORK"
    assert "/eu-north-1/secretsmanager/" in upstream.last(GET).headers["authorization"]


def test_a_profile_that_does_not_exist(agent: AgentFactory, upstream: Upstream) -> None:
    assert "nope" in agent.fails(upstream=upstream, env={"AWS_PROFILE": "nope"}).stderr


def test_half_a_pair_of_keys(agent: AgentFactory, upstream: Upstream) -> None:
    ended = agent.fails(upstream=upstream, env={"AWS_SECRET_ACCESS_KEY": None})
    assert "AWS_SECRET_ACCESS_KEY" in ended.stderr
    assert upstream.count() == 0


# The check at the start


def test_the_start_asks_who_we_are(agent: AgentFactory, upstream: Upstream) -> None:
    agent(upstream=upstream)
    assert upstream.count(STS) == 1
    assert "/us-east-1/sts/" in upstream.last(STS).headers["authorization"]
    assert upstream.count() == 1


def test_the_check_can_be_left_out(agent: AgentFactory, upstream: Upstream) -> None:
    agent("validate_credentials = false\n", upstream=upstream)
    assert upstream.count() == 0


def test_bad_credentials_end_the_start(agent: AgentFactory, upstream: Upstream) -> None:
    message = "The security token included in the request is invalid."
    upstream.always(
        STS,
        aws.raw(
            aws.answer(
                403,
                '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
                f"<Code>InvalidClientTokenId</Code><Message>{message}</Message></Error>"
                "<RequestId>r</RequestId></ErrorResponse>",
                "text/xml",
            )
        ),
    )
    ended = agent.fails(upstream=upstream)
    assert "InvalidClientTokenId" in ended.stderr and message in ended.stderr
    assert upstream.count(STS) == 1


def test_no_credentials_end_the_start(agent: AgentFactory, upstream: Upstream) -> None:
    ended = agent.fails(upstream=upstream, env=NO_KEYS)
    assert "credentials" in ended.stderr
    assert upstream.count() == 0


def test_no_credentials_are_an_error_of_the_lookup_when_unchecked(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent("validate_credentials = false\n", upstream=upstream, env=NO_KEYS)
    response = running.get("s")
    assert (response.status_code, response.text) == (500, INTERNAL)
    running.wait_log("(WARN|ERROR) .*credentials")


def test_no_region_is_an_error_of_the_lookup_when_unchecked(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent("validate_credentials = false\n", upstream=upstream, env={"AWS_REGION": None})
    response = running.get("s")
    assert (response.status_code, response.text) == (500, INTERNAL)
    running.wait_log("(WARN|ERROR) .*region")


@pytest.mark.parametrize("step", [aws.body("<html></html>", 503), aws.reset], ids=["503", "reset"])
def test_transient_trouble_at_the_start(agent: AgentFactory, upstream: Upstream, step: aws.Step) -> None:
    upstream.always(STS, step)
    once = {"AWS_MAX_ATTEMPTS": "1"}
    running = agent(upstream=upstream, env=once)
    assert running.get("s").json()["SecretString"] == "value"
    agent.fails("ignore_transient_errors = false\n", upstream=upstream, env=once)


# credentials_file_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "credentials"


def configured(file: Path, more: str = "") -> str:
    return f"credentials_file_path = '{file}'\n{more}"


def test_the_file_alone_counts(agent: AgentFactory, upstream: Upstream, file: Path) -> None:
    file.write_text(profile("default", "ASIAFILE", "T1"))
    file.chmod(0o600)
    running = agent(configured(file), upstream=upstream)
    assert upstream.count() == 0  # no check at the start
    assert signer(running, upstream) == "ASIAFILE"
    assert upstream.last(GET).headers["x-amz-security-token"] == "T1"
    assert running.log_lines("WARN .*(permission|mode)") == []


def test_the_profile_within_the_file(agent: AgentFactory, upstream: Upstream, file: Path) -> None:
    file.write_text(profile("default", "ASIADEFAULT", "T") + profile("work", "ASIAWORK", "T"))
    assert signer(agent(configured(file), upstream=upstream, env={"AWS_PROFILE": "work"}), upstream) == "ASIAWORK"


@pytest.mark.parametrize(
    "text",
    [None, "", "this is not a profile\n", "[default]\naws_access_key_id = A\n", "[other]\nx = y\n"],
    ids=["missing", "empty", "malformed", "half", "other profile"],
)
def test_a_bad_file_does_not_keep_the_agent_from_starting(
    agent: AgentFactory, upstream: Upstream, file: Path, text: str | None
) -> None:
    if text is not None:
        file.write_text(text)
    running = agent(configured(file), upstream=upstream)
    response = running.get("s")
    assert (response.status_code, response.text) == (500, INTERNAL)
    assert upstream.count() == 0
    file.write_text(profile("default", "ASIALATE", "T"))
    until(lambda: running.get("s").status_code == 200, "the credentials that came late")
    assert upstream.last(GET).access_key == "ASIALATE"


def test_a_directory_that_comes_late(agent: AgentFactory, upstream: Upstream, tmp_path: Path) -> None:
    running = agent(configured(tmp_path / "later/credentials"), upstream=upstream)
    assert running.get("s").status_code == 500
    (tmp_path / "later").mkdir()
    (tmp_path / "later/credentials").write_text(profile("default", "ASIALATE", "T"))
    until(lambda: running.get("s").status_code == 200, "the credentials that came late", 30)


def test_a_rotation_is_followed(agent: AgentFactory, upstream: Upstream, file: Path) -> None:
    file.write_text(profile("default", "ASIAONE", "T1"))
    running = agent(configured(file), upstream=upstream)
    assert signer(running, upstream) == "ASIAONE"
    file.write_text(profile("default", "ASIATWO", "T2"))
    until(lambda: signer(running, upstream) == "ASIATWO", "the rewritten file")
    new = file.with_suffix(".new")
    new.write_text(profile("default", "ASIATHREE", "T3"))
    os.replace(new, file)
    until(lambda: signer(running, upstream) == "ASIATHREE", "the replaced file")
    assert upstream.last(GET).headers["x-amz-security-token"] == "T3"


def test_a_bad_rotation_keeps_the_old_credentials(agent: AgentFactory, upstream: Upstream, file: Path) -> None:
    file.write_text(profile("default", "ASIAONE", "T1"))
    running = agent(configured(file), upstream=upstream)
    file.write_text("half a fi")
    running.wait_log(r"(WARN|ERROR) .*credentials")
    assert signer(running, upstream) == "ASIAONE"
    file.write_text(profile("default", "ASIATWO", "T2"))
    until(lambda: signer(running, upstream) == "ASIATWO", "the mended file")


def test_long_term_keys_are_refused(agent: AgentFactory, upstream: Upstream, file: Path) -> None:
    file.write_text(profile("default", "AKIALONG"))
    running = agent(configured(file), upstream=upstream)
    response = running.get("s")
    assert (response.status_code, response.text) == (500, INTERNAL)
    assert upstream.count() == 0
    running.wait_log("Security Policy Violation: Long-term IAM User credentials are not permitted")


def test_long_term_keys_are_refused_in_a_rotation(agent: AgentFactory, upstream: Upstream, file: Path) -> None:
    file.write_text(profile("default", "ASIAONE", "T1"))
    running = agent(configured(file), upstream=upstream)
    file.write_text(profile("default", "AKIALONG"))
    running.wait_log("Security Policy Violation: Long-term IAM User credentials are not permitted")
    assert signer(running, upstream) == "ASIAONE"


def test_long_term_keys_when_allowed(agent: AgentFactory, upstream: Upstream, file: Path) -> None:
    file.write_text(profile("default", "AKIALONG"))
    running = agent(configured(file, "allow_long_term_credentials = true\n"), upstream=upstream)
    assert signer(running, upstream) == "AKIALONG"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_may_read_is_remarked_on(
    agent: AgentFactory, upstream: Upstream, file: Path, mode: int
) -> None:
    file.write_text(profile("default", "ASIAFILE", "T"))
    file.chmod(mode)
    running = agent(configured(file), upstream=upstream)
    assert running.get("s").status_code == 200
    running.wait_log(f"WARN .*{mode:o}")


def test_valid_invalid_valid_against_a_service_that_looks(agent: AgentFactory, emulator: Backend, file: Path) -> None:
    name = emulator.name("file")
    emulator.client().create_secret(Name=name, SecretString="value")

    def status_with(key: str) -> int:
        file.write_text(profile("default", key))
        return running.get(name, refreshNow="true").status_code

    file.write_text(profile("default", "AKIAWRONG"))
    running = agent(configured(file, "allow_long_term_credentials = true\n"), endpoint=emulator.url)
    assert running.get(name).json()["__type"] == "UnrecognizedClientException"
    until(lambda: status_with(ACCESS_KEY) == 200, "valid credentials")
    until(lambda: status_with("AKIAWRONG") == 400, "invalid credentials")
    until(lambda: status_with(ACCESS_KEY) == 200, "valid credentials again")
