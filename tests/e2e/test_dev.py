# SPDX-License-Identifier: Apache-2.0
"""`dev`: the development backend as an SDK, the AWS CLI and the agent see it."""

import json
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import botocore.exceptions
import pytest

from harness.agent import ACCESS_KEY, REGION, SECRET_KEY, AgentFactory, bare_environment
from harness.backend import Backend, dev_backend, free_port
from harness.fixtures import start_dev
from harness.wait import until

ROLE = "arn:aws:iam::123456789012:role/reader"
FORBIDDEN = "arn:aws:iam::123456789012:role/forbidden"
SEEDS = f"""
[[secrets]]
name = "seed/text"
value = "from a seed"

[[secrets]]
name = "seed/denied"
value = "not for everybody"

[[access_keys]]
id = "AKIASEEDED"
secret = "seeded-secret-key"

[[roles]]
arn = "{ROLE}"
denied_secrets = ["seed/denied"]

[[roles]]
arn = "{FORBIDDEN}"
allowed = false
"""


def refused(call, *arguments, **parameters) -> tuple[str, int]:
    """Code and HTTP status of a call that must fail."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(*arguments, **parameters)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def dev(agent: AgentFactory) -> Backend:
    """A backend of its own for one test."""
    return dev_backend(start_dev(agent))


@pytest.fixture
def seeded(agent: AgentFactory, tmp_path: Path) -> Backend:
    (tmp_path / "seeds.toml").write_text(SEEDS)
    backend = dev_backend(start_dev(agent, "--secrets", str(tmp_path / "seeds.toml")))
    backend.access_key, backend.secret_key = "AKIASEEDED", "seeded-secret-key"
    return backend


def token_of(backend: Backend) -> str:
    assert backend.agent
    return (backend.agent.cwd / "token").read_text().strip()


def read(backend: Backend, name: str, **parameters: str) -> dict[str, object]:
    assert backend.agent
    response = backend.agent.get(name, token=token_of(backend), **parameters)
    assert response.status_code == 200, response.text
    return response.json()


# What it prints


def test_what_dev_prints(dev: Backend) -> None:
    running = dev.agent
    assert running
    until(lambda: any("curl" in line for line in running.lines), "a line with curl")
    text = "\n".join(running.lines)
    assert dev.url in text
    assert "token" in text
    assert token_of(dev) not in text + running.stderr
    assert re.search("development", text + running.stderr + running.log, re.IGNORECASE)


def test_the_curl_line_works(dev: Backend) -> None:
    running = dev.agent
    assert running
    line = until(lambda: next((line for line in running.lines if "curl " in line), None), "a line with curl")
    command = line[line.index("curl ") :]
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=running.cwd,
        env=bare_environment(running.cwd),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["SecretString"] and answer["VersionStages"] == ["AWSCURRENT"]


def test_the_token_file_is_private(dev: Backend) -> None:
    assert dev.agent
    mode = stat.S_IMODE((dev.agent.cwd / "token").stat().st_mode)
    assert mode & 0o007 == 0
    assert re.fullmatch(r"[0-9a-f]{64}", token_of(dev))
    assert dev.agent.get("x", token="wrong").status_code == 403


def test_ports_can_be_chosen(agent: AgentFactory) -> None:
    port, backend_port = free_port(), free_port()
    running = agent(
        args=["dev", "--port", str(port), "--backend-port", str(backend_port), "--token-file", "token"], token=None
    )
    assert running.port == port
    assert dev_backend(running).url == f"http://127.0.0.1:{backend_port}"


def test_the_backend_is_on_loopback_only(dev: Backend) -> None:
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", int(dev.url.rpartition(":")[2])), timeout=2)


def test_a_taken_backend_port(agent: AgentFactory, dev: Backend) -> None:
    ended = agent.run(
        "dev", "--port", "0", "--backend-port", dev.url.rpartition(":")[2], "--token-file", "token", token=None
    )
    assert ended.process.returncode == 1
    assert "Address already in use" in ended.stderr


def test_no_aws_environment_is_needed_or_used(agent: AgentFactory) -> None:
    env = {name: None for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    running = agent(
        args=["dev", "--port", "0", "--backend-port", "0", "--token-file", "token"],
        token=None,
        env=env | {"AWS_PROFILE": "nope", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
    )
    backend = dev_backend(running)
    backend.client().create_secret(Name="mine", SecretString="value")
    assert read(backend, "mine")["SecretString"] == "value"


def test_a_config_file_applies(agent: AgentFactory, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("path_prefix = '/mine/'\nssrf_headers = ['X-Mine']\n")
    running = agent(
        args=["dev", "--config", "config.toml", "--port", "0", "--backend-port", "0", "--token-file", "token"],
        token=None,
        cwd=tmp_path,
    )
    backend = dev_backend(running)
    backend.client().create_secret(Name="mine", SecretString="value")
    response = running.request("GET", "/mine/mine", token=None, headers={"X-Mine": token_of(backend)})
    assert response.json()["SecretString"] == "value"


# Secrets, written by boto3 and read through the agent


def test_create_and_read(dev: Backend) -> None:
    made = dev.client().create_secret(Name="app/db", SecretString='{"user":"a"}', Description="d")
    answer = read(dev, "app/db")
    assert answer == {
        "ARN": made["ARN"],
        "Name": "app/db",
        "VersionId": made["VersionId"],
        "SecretString": '{"user":"a"}',
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": answer["CreatedDate"],
    }
    assert re.fullmatch(r"arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-[A-Za-z0-9]{6}", made["ARN"])


def test_rotation(dev: Backend) -> None:
    client = dev.client()
    old = client.create_secret(Name="rotated", SecretString="old")["VersionId"]
    assert read(dev, "rotated")["SecretString"] == "old"
    new = client.put_secret_value(SecretId="rotated", SecretString="new", VersionStages=["AWSPENDING"])["VersionId"]
    assert read(dev, "rotated", refreshNow="true")["SecretString"] == "old"
    assert read(dev, "rotated", versionStage="AWSPENDING")["SecretString"] == "new"
    client.update_secret_version_stage(
        SecretId="rotated", VersionStage="AWSCURRENT", MoveToVersionId=new, RemoveFromVersionId=old
    )
    assert read(dev, "rotated", refreshNow="true")["VersionId"] == new
    assert read(dev, "rotated", versionStage="AWSPREVIOUS", refreshNow="true")["VersionId"] == old


def test_delete_and_restore(dev: Backend) -> None:
    client = dev.client()
    client.create_secret(Name="gone", SecretString="value")
    client.delete_secret(SecretId="gone", RecoveryWindowInDays=7)
    assert refused(client.get_secret_value, SecretId="gone") == ("InvalidRequestException", 400)
    assert dev.agent
    response = dev.agent.get("gone", token=token_of(dev))
    assert (response.status_code, response.json()["__type"]) == (400, "InvalidRequestException")
    client.restore_secret(SecretId="gone")
    assert read(dev, "gone")["SecretString"] == "value"
    client.delete_secret(SecretId="gone", ForceDeleteWithoutRecovery=True)
    assert refused(client.describe_secret, SecretId="gone") == ("ResourceNotFoundException", 400)


def test_binary(dev: Backend) -> None:
    dev.client().create_secret(Name="binary", SecretBinary=b"\x00\x01\xff")
    assert read(dev, "binary")["SecretBinary"] == "AAH/"


def test_an_unknown_secret(dev: Backend) -> None:
    assert refused(dev.client().get_secret_value, SecretId="nope") == ("ResourceNotFoundException", 400)
    assert dev.agent
    response = dev.agent.get("nope", token=token_of(dev))
    assert (response.status_code, response.json()) == (
        400,
        {"__type": "ResourceNotFoundException", "message": "Secrets Manager can't find the specified secret."},
    )


def test_errors_of_the_api(dev: Backend) -> None:
    client = dev.client()
    client.create_secret(Name="taken", SecretString="value")
    assert refused(client.create_secret, Name="taken", SecretString="other") == ("ResourceExistsException", 400)
    assert refused(client.create_secret, Name="no spaces", SecretString="x")[1] == 400
    assert refused(client.put_secret_value, SecretId="nope", SecretString="x") == ("ResourceNotFoundException", 400)
    assert refused(client.get_secret_value, SecretId="taken", VersionStage="NOPE") == ("ResourceNotFoundException", 400)
    assert refused(client.create_secret, Name="big", SecretString="x" * 65_537)[1] == 400
    client.create_secret(Name="largest", SecretString="x" * 65_536)


def test_list_with_filters_and_pages(dev: Backend) -> None:
    client = dev.client()
    for number in range(7):
        client.create_secret(
            Name=f"listed/{number}", SecretString="v", Tags=[{"Key": "parity", "Value": str(number % 2)}]
        )
    pages = client.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": ["listed/"]}], PaginationConfig={"PageSize": 3}
    )
    names = [[secret["Name"] for secret in page["SecretList"]] for page in pages]
    assert sorted(sum(names, [])) == [f"listed/{number}" for number in range(7)]
    assert max(map(len, names)) <= 3 and len(names) >= 3
    odd = client.list_secrets(Filters=[{"Key": "tag-key", "Values": ["parity"]}, {"Key": "tag-value", "Values": ["1"]}])
    assert sorted(secret["Name"] for secret in odd["SecretList"]) == ["listed/1", "listed/3", "listed/5"]


def test_batch(dev: Backend) -> None:
    client = dev.client()
    for name in "ab":
        client.create_secret(Name=f"batch/{name}", SecretString=name)
    answer = client.batch_get_secret_value(SecretIdList=["batch/a", "batch/b", "batch/nope"])
    assert {value["Name"]: value["SecretString"] for value in answer["SecretValues"]} == {
        "batch/a": "a",
        "batch/b": "b",
    }
    assert [(error["SecretId"], error["ErrorCode"]) for error in answer["Errors"]] == [
        ("batch/nope", "ResourceNotFoundException")
    ]


def test_tags_description_and_random_passwords(dev: Backend) -> None:
    client = dev.client()
    client.create_secret(Name="tagged", SecretString="v", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    client.untag_resource(SecretId="tagged", TagKeys=["a"])
    client.tag_resource(SecretId="tagged", Tags=[{"Key": "c", "Value": "3"}])
    client.update_secret(SecretId="tagged", Description="new words")
    described = client.describe_secret(SecretId="tagged")
    assert {tag["Key"]: tag["Value"] for tag in described["Tags"]} == {"b": "2", "c": "3"}
    assert described["Description"] == "new words"
    assert len(described["VersionIdsToStages"]) == 1
    password = client.get_random_password(PasswordLength=40, ExcludePunctuation=True)["RandomPassword"]
    assert re.fullmatch("[A-Za-z0-9]{40}", password)
    assert password != client.get_random_password(PasswordLength=40, ExcludePunctuation=True)["RandomPassword"]


# Who may call


def test_an_unknown_access_key(dev: Backend) -> None:
    client = dev.client(aws_access_key_id="AKIAUNKNOWN")
    assert refused(client.list_secrets) == ("UnrecognizedClientException", 400)


def test_a_wrong_secret_key(dev: Backend) -> None:
    client = dev.client(aws_secret_access_key="wrong")
    assert refused(client.list_secrets) == ("InvalidSignatureException", 400)


def test_a_session_token_that_nobody_gave(dev: Backend) -> None:
    client = dev.client(aws_session_token="made-up")
    assert refused(client.list_secrets)[1] in (400, 403)


def test_another_region_in_the_signature(dev: Backend) -> None:
    assert refused(dev.client(region_name="eu-west-1").list_secrets)[1] in (400, 403)


def test_identity(dev: Backend) -> None:
    identity = dev.client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"].startswith("arn:aws:iam::123456789012:user/")
    assert refused(dev.client("sts", aws_access_key_id="AKIAUNKNOWN").get_caller_identity) == (
        "InvalidClientTokenId",
        403,
    )
    assert refused(dev.client("sts", aws_secret_access_key="wrong").get_caller_identity) == (
        "SignatureDoesNotMatch",
        403,
    )


def assume(backend: Backend, role: str) -> dict[str, str]:
    """Keyword arguments for a client that has the role."""
    given = backend.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def test_a_role(seeded: Backend) -> None:
    keys = assume(seeded, ROLE)
    assert keys["aws_access_key_id"].startswith("ASIA")
    identity = seeded.client("sts", **keys).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/reader/session"
    client = seeded.client(**keys)
    assert client.get_secret_value(SecretId="seed/text")["SecretString"] == "from a seed"
    assert refused(client.get_secret_value, SecretId="seed/denied") == ("AccessDeniedException", 400)
    assert seeded.client().get_secret_value(SecretId="seed/denied")["SecretString"] == "not for everybody"


def test_the_session_token_of_a_role_counts(seeded: Backend) -> None:
    keys = assume(seeded, ROLE)
    assert refused(seeded.client(**keys | {"aws_session_token": "other"}).list_secrets)[1] in (400, 403)
    keys.pop("aws_session_token")
    assert refused(seeded.client(**keys).list_secrets)[1] in (400, 403)


@pytest.mark.parametrize("role", [FORBIDDEN, "arn:aws:iam::123456789012:role/unknown"], ids=["not allowed", "unknown"])
def test_a_role_that_may_not_be_assumed(seeded: Backend, role: str) -> None:
    sts = seeded.client("sts")
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="session") == ("AccessDenied", 403)


# Seeds


def test_seeds_from_toml(seeded: Backend) -> None:
    assert read(seeded, "seed/text")["SecretString"] == "from a seed"
    default = seeded.client(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
    assert refused(default.list_secrets) == ("UnrecognizedClientException", 400)


def test_seeds_from_json(agent: AgentFactory, tmp_path: Path) -> None:
    (tmp_path / "seeds.json").write_text(json.dumps({"secrets": [{"name": "from/json", "value": "v"}]}))
    assert (
        read(dev_backend(start_dev(agent, "--secrets", str(tmp_path / "seeds.json"))), "from/json")["SecretString"]
        == "v"
    )


def test_broken_seeds(agent: AgentFactory, tmp_path: Path) -> None:
    (tmp_path / "seeds.toml").write_text("[[secrets]]\nname = 5\n")
    ended = agent.run(
        "dev",
        "--port",
        "0",
        "--backend-port",
        "0",
        "--token-file",
        "token",
        "--secrets",
        "seeds.toml",
        cwd=tmp_path,
        token=None,
    )
    assert (ended.process.returncode, ended.lines) == (1, [])
    assert re.search(r"seeds\.toml:2:\d+", ended.stderr), ended.stderr


# The AWS CLI


def aws_cli(backend: Backend, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = bare_environment(directory) | {
        "AWS_ACCESS_KEY_ID": backend.access_key,
        "AWS_SECRET_ACCESS_KEY": backend.secret_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": backend.url,
    }
    return subprocess.run(
        [Path(sys.executable).parent / "aws", *words], env=env, capture_output=True, text=True, timeout=40, check=False
    )


@pytest.mark.skipif(not os.access(Path(sys.executable).parent / "aws", os.X_OK), reason="no AWS CLI beside this Python")
def test_the_aws_cli(dev: Backend, tmp_path: Path) -> None:
    made = aws_cli(dev, tmp_path, "secretsmanager", "create-secret", "--name", "from/cli", "--secret-string", "value")
    assert made.returncode == 0, made.stderr
    assert read(dev, "from/cli")["ARN"] == json.loads(made.stdout)["ARN"]
    failed = aws_cli(dev, tmp_path, "secretsmanager", "get-secret-value", "--secret-id", "nope")
    assert failed.returncode != 0
    assert "(ResourceNotFoundException)" in failed.stderr
