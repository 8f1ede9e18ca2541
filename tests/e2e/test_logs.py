# SPDX-License-Identifier: Apache-2.0
"""The log: where it is, what a line looks like, what is in it and what never is."""

import re
from pathlib import Path

import pytest

from harness import upstream as aws
from harness.agent import LOG_FILE, SECRET_KEY, TOKEN, Agent, AgentFactory
from harness.rawhttp import exchange, request
from harness.upstream import Upstream
from harness.wait import until

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d (DEBUG|INFO|WARN|ERROR) [\w:]+ - .+")
OFFLINE = "validate_credentials = false\n"


def test_the_first_lines(agent: AgentFactory) -> None:
    running = agent(OFFLINE)
    running.wait_log("listening on")
    lines = running.log.splitlines()
    assert "File logger initialized with `Info` log level." in lines[0]
    assert any(line.endswith(f" - {running.lines[0]}") and " INFO " in line for line in lines)
    for line in lines:
        assert LINE.fullmatch(line), line


def test_the_console(agent: AgentFactory) -> None:
    running = agent(OFFLINE + "log_to_file = false\nlog_level = 'debug'\n")
    until(
        lambda: any("Console logger initialized with `Debug` log level." in line for line in running.lines), "the log"
    )
    for line in running.lines[1:]:
        assert LINE.fullmatch(line), line


def test_the_log_is_appended_to(agent: AgentFactory, tmp_path: Path) -> None:
    for times in (1, 2):
        running = agent(OFFLINE, cwd=tmp_path)
        running.wait_log("listening on", times)
        assert running.stop() == 0
    assert (tmp_path / LOG_FILE).exists()


@pytest.mark.parametrize(
    ("level", "kept"), [("debug", True), ("info", True), ("warn", True), ("error", True), ("none", False)]
)
def test_levels(agent: AgentFactory, level: str, kept: bool) -> None:
    running = agent(OFFLINE + f"log_level = '{level}'\n")
    assert running.get("s", token="wrong").status_code == 403
    assert running.stop() == 0  # everything is written by then
    assert bool(running.log_lines("ERROR .*Rejecting request with incorrect SSRF token")) == kept
    assert (running.cwd / LOG_FILE).exists()
    assert bool(running.log_lines(" INFO ")) == (level in ("debug", "info"))
    if not kept:
        assert running.log == ""


def test_a_line_for_each_refusal(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent(upstream=upstream)
    for number in range(1, 4):
        assert exchange(running.port, request("/v1/s", token="wrong")).status == 403
        assert exchange(running.port, request("/v1/s", token=None)).status == 403
        assert exchange(running.port, request("/v1/s", "X-Forwarded-For: 10.0.0.1")).status == 400
        assert exchange(running.port, request("/v1/s", "Forwarded: for=10.0.0.1")).status == 400
        assert exchange(running.port, request("/v1/s", host="evil.example")).status == 403
        running.wait_log("Rejecting request with incorrect SSRF token", number)
        running.wait_log("Rejecting request with X-Forwarded-For header", number)
    assert running.stop() == 0
    assert len(running.log_lines("Rejecting request with incorrect SSRF token")) == 6
    assert len(running.log_lines("Rejecting request with (X-Forwarded-For|Forwarded|forwarding) header")) == 6
    assert len(running.log_lines("(?i)Rejecting request .*host")) == 3


def test_a_line_for_each_failed_lookup(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent(upstream=upstream, env={"AWS_MAX_ATTEMPTS": "1"})
    assert running.get("no-such-secret").status_code == 400
    line = running.wait_log("no-such-secret")[0]
    assert "ResourceNotFoundException" in line and re.search(" (WARN|ERROR) ", line)
    upstream.always("GetSecretValue", aws.denied)
    running.get("denied-secret")
    assert "AccessDeniedException" in running.wait_log("denied-secret")[0]
    upstream.refuse()
    running.get("unreachable-secret")
    assert "refused" in running.wait_log("unreachable-secret")[0]
    for name in ("no-such-secret", "denied-secret", "unreachable-secret"):
        assert len(running.log_lines(name)) == 1


@pytest.mark.parametrize("level", ["debug", "info"])
def test_what_is_never_logged(agent: AgentFactory, upstream: Upstream, level: str) -> None:
    value = "canary-of-a-secret-value"
    upstream.add("s", value)
    running = agent(
        f"log_level = '{level}'\nlog_to_file = true\n",
        upstream=upstream,
        env={"AWS_SESSION_TOKEN": "canary-of-a-session-token"},
    )
    assert running.get("s").json()["SecretString"] == value
    running.get("s", refreshNow="true")
    running.get("s", token="canary-of-a-wrong-token")
    exchange(running.port, request("/v1/s", "X-Forwarded-For: 1.2.3.4"))
    upstream.always("GetSecretValue", aws.body('{"ARN":"a","Name":"n","SecretString":"%s","VersionId":' % value))
    assert running.get("s", refreshNow="true").status_code == 500
    running.get("missing")
    assert running.stop() == 0
    written = running.log + running.stderr + "\n".join(running.lines)
    assert "Rejecting request" in written
    for canary in (value, TOKEN, "canary-of-a-wrong-token", "canary-of-a-session-token", SECRET_KEY):
        assert canary not in written


def test_nobody_can_forge_a_line(agent: AgentFactory, upstream: Upstream) -> None:
    running = agent(upstream=upstream)
    forged = "x%0A2026-01-01T00:00:00.000000000+00:00%20ERROR%20forged%20-%20line%0D%1B%5B31m"
    exchange(running.port, request(f"/v1/{forged}"))
    running.wait_log("ResourceNotFoundException")
    for line in running.log.splitlines():
        assert LINE.fullmatch(line), line
        assert " ERROR forged " not in line[:60]
        assert "\x1b" not in line


def test_a_log_that_cannot_be_written(agent: AgentFactory, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the directory should be")
    running = agent(OFFLINE, cwd=tmp_path)
    assert running.request("GET", "/ping").status_code == 200
    assert running.get("s", token="wrong").status_code == 403
    until(lambda: "incorrect SSRF token" in running.stderr, "the log on standard error")
    assert re.search("warning: .*logs", running.stderr)
    assert len(running.lines) == 1


def check_quiet(running: Agent) -> None:
    assert running.log_lines(" (WARN|ERROR) ") == [], running.log


def test_a_good_day_has_no_warnings(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s", "value")
    running = agent(upstream=upstream)
    for _ in range(3):
        assert running.get("s").status_code == 200
    assert running.request("GET", "/ping").status_code == 200
    assert running.stop() == 0
    check_quiet(running)
    assert running.stderr == ""
