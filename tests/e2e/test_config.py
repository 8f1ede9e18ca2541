# SPDX-License-Identifier: Apache-2.0
"""The configuration file as a user meets it: what is accepted, and how errors are told."""

import re
from pathlib import Path

import pytest

from harness.agent import AgentFactory
from harness.upstream import Upstream

LEVEL = (
    "The log level specified in the configuration file isn't valid. "
    "The log level must be DEBUG, INFO, WARN, ERROR, or NONE."
)
PORT = (
    "The HTTP port specified in the configuration file isn't valid. The HTTP port must be in the range 1024 to 65535."
)
TTL = (
    "The TTL in seconds specified in the configuration file isn't valid. "
    "The TTL in seconds must be in the range 0 to 3600."
)
CONN = (
    "The maximum number of connections specified in the configuration file isn't valid. "
    "The maximum number of connections must be in the range 1 to 1000."
)
HEADERS = "The list of SSRF headers in the configuration file can't be empty."
VARIABLES = "The list of SSRF environment variables in the configuration file can't be empty."
PREFIX = "The path prefix specified in the configuration file must begin with /."
ROLES = (
    "The maximum number of roles specified in the configuration file isn't valid. "
    "The maximum number of roles must be in the range 1 to 20."
)
SIZE = "The cache size specified in the configuration file isn't valid."

OFFLINE = "validate_credentials = false\n"


def test_all_errors_are_told_at_once_with_their_places(agent: AgentFactory) -> None:
    ended = agent.fails(
        "log_level = 'loud'\n"
        "http_port = 80\n"
        "ttl_seconds = 3601\n"
        "cache_size = 1001\n"
        "max_conn = 0\n"
        "ssrf_headers = []\n"
        "ssrf_env_variables = []\n"
        "path_prefix = 'v1/'\n"
        "max_roles = 21\n"
    )
    for line, message in enumerate([LEVEL, PORT, TTL, SIZE, CONN, HEADERS, VARIABLES, PREFIX, ROLES], 1):
        assert message in ended.stderr, message
        assert re.search(rf"config\.toml:{line}:\d+.*{re.escape(message)}", ended.stderr), (line, ended.stderr)


def test_all_errors_of_a_nested_file(agent: AgentFactory) -> None:
    ended = agent.fails(
        "[logging]\n"
        "log_level = 'loud'\n"
        "[capabilities.secrets_manager]\n"
        "http_port = 80\n"
        "[capabilities.secrets_manager.cache]\n"
        "ttl_seconds = 3601\n"
    )
    for line, message in [(2, LEVEL), (4, PORT), (6, TTL)]:
        assert re.search(rf"config\.toml:{line}:\d+.*{re.escape(message)}", ended.stderr), (line, ended.stderr)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("http_port = 1023", PORT),
        ("http_port = 65536", PORT),
        ("http_port = -1", PORT),
        ("ttl_seconds = -1", TTL),
        ("ttl_seconds = 3601", TTL),
        ("cache_size = 1001", SIZE),
        ("cache_size = -1", SIZE),
        ("max_conn = 0", CONN),
        ("max_conn = 1001", CONN),
        ("max_roles = 0", ROLES),
        ("max_roles = 21", ROLES),
        ("log_level = 'trace'", LEVEL),
        ("path_prefix = ''", PREFIX),
    ],
)
def test_ranges(agent: AgentFactory, line: str, message: str) -> None:
    ended = agent.fails(line + "\n" if "http_port" in line else f"{OFFLINE}{line}\n")
    assert message in ended.stderr


@pytest.mark.parametrize(
    "line",
    [
        "ttl_seconds = 0",
        "ttl_seconds = 3600",
        "cache_size = 0",
        "cache_size = 1000",
        "max_conn = 1",
        "max_conn = 1000",
        "max_roles = 20",
        "log_level = 'WaRn'",
        "path_prefix = '/'",
        "region = 'eu-west-1'",
        "ignore_transient_errors = false",
        "ttl_seconds = '300'",
        "max_conn = '0800'",
        "TTL_SECONDS = 5",
        "log_to_file = 'yes'",
        "ssrf_headers = ['X-Mine']",
        "workers = 1",
        "allowed_hosts = ['agent.internal']",
        "allow_long_term_credentials = true",
    ],
)
def test_what_either_release_accepts(agent: AgentFactory, line: str) -> None:
    assert agent(f"{OFFLINE}{line}\n").request("GET", "/ping").text == "healthy"


def test_a_nested_file(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s", "value")
    running = agent(
        "[logging]\n"
        "log_level = 'DEBUG'\n"
        "[capabilities.secrets_manager]\n"
        "http_port = 0\n"
        "path_prefix = '/secret/'\n"
        "max_conn = 10\n"
        "[capabilities.secrets_manager.cache]\n"
        "ttl_seconds = 60\n"
        "[capabilities.secrets_manager.security]\n"
        "ssrf_headers = ['X-Mine']\n"
        "ssrf_env_variables = ['MY_TOKEN']\n",
        upstream=upstream,
        env={"MY_TOKEN": "mine"},
    )
    assert running.request("GET", "/secret/s", token=None, headers={"X-Mine": "mine"}).json()["SecretString"] == "value"
    assert running.request("GET", "/v1/s", token=None, headers={"X-Mine": "mine"}).status_code == 404
    assert running.request("GET", "/secret/s").status_code == 403


def test_an_unknown_key_names_its_neighbour(agent: AgentFactory) -> None:
    ended = agent.fails("max_connections = 10\nttl_second = 5\n")
    assert re.search(r"config\.toml:2:1.*max_connections.*max_conn\b", ended.stderr), ended.stderr
    assert re.search(r"config\.toml:3:1.*ttl_second\b.*ttl_seconds", ended.stderr), ended.stderr


def test_flat_keys_beside_nested_sections(agent: AgentFactory) -> None:
    ended = agent.fails(
        "ttl_seconds = 5\nmax_roles = 2\n[logging]\nlog_level = 'info'\n[capabilities.secrets_manager]\nhttp_port = 0\n"
    )
    message = "Flat keys can't be used in conjunction with nested sections"
    for key in ("ttl_seconds", "max_roles"):
        assert re.search(rf"config\.toml:\d:1.*{message}.*{key}|config\.toml:\d:1.*{key}.*{message}", ended.stderr), (
            ended.stderr
        )


def test_a_syntax_error_has_a_place(agent: AgentFactory) -> None:
    ended = agent.fails("ttl_seconds = = 5\n")
    assert re.search(r"config\.toml:2:\d+", ended.stderr), ended.stderr


def test_a_wrong_type_has_a_place(agent: AgentFactory) -> None:
    ended = agent.fails("ssrf_headers = 'X-Mine'\nvalidate_credentials = 'maybe'\n")
    assert re.search(r"config\.toml:2:\d+.*ssrf_headers", ended.stderr), ended.stderr
    assert re.search(r"config\.toml:3:\d+.*validate_credentials", ended.stderr), ended.stderr


def test_a_missing_file(agent: AgentFactory, tmp_path: Path) -> None:
    ended = agent.run("--config", "nowhere.toml", cwd=tmp_path)
    assert (ended.process.returncode, ended.lines) == (1, [])
    assert "nowhere.toml" in ended.stderr
    assert re.search("No such file|not found", ended.stderr)


def test_a_directory_for_a_file(agent: AgentFactory, tmp_path: Path) -> None:
    ended = agent.run("--config", str(tmp_path), cwd=tmp_path)
    assert (ended.process.returncode, ended.lines) == (1, [])
    assert str(tmp_path) in ended.stderr


def test_an_empty_file_means_defaults(agent: AgentFactory, tmp_path: Path, upstream: Upstream) -> None:
    """All defaults, the port included; another program may hold it, which then is the only complaint."""
    (tmp_path / "config.toml").write_text("")
    started = agent.spawn("--config", "config.toml", cwd=tmp_path, endpoint=upstream.url)
    try:
        started.wait_ready()
    except AssertionError:
        assert "Could not bind to 127.0.0.1:2773" in started.stderr
        return
    assert started.port == 2773
    started.check_clean_end()


def test_the_configured_region_wins(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s")
    agent("region = 'eu-west-1'\n", upstream=upstream).get("s")
    assert "/eu-west-1/secretsmanager/" in upstream.last("GetSecretValue").headers["authorization"]
    assert "/eu-west-1/sts/" in upstream.last("GetCallerIdentity").headers["authorization"]


@pytest.mark.parametrize(
    ("env", "region"),
    [
        ({"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-2"),
        ({"AWS_REGION": None, "AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-3"),
    ],
)
def test_the_region_from_the_environment(
    agent: AgentFactory, upstream: Upstream, env: dict[str, str | None], region: str
) -> None:
    upstream.add("s")
    agent(upstream=upstream, env=env).get("s")
    assert f"/{region}/secretsmanager/" in upstream.last("GetSecretValue").headers["authorization"]


def test_the_user_agent_names_the_program(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s")
    running = agent(upstream=upstream)
    running.get("s")
    assert f"aws-secrets-manager-agent/{running.version}" in upstream.last("GetSecretValue").headers["user-agent"]
