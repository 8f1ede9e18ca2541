# SPDX-License-Identifier: Apache-2.0
"""The command line and the process's life: both forms, exit statuses, signals, systemd."""

import os
import re
import shutil
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from harness import upstream as aws
from harness.agent import TOKEN, Agent, AgentFactory, write_config
from harness.backend import free_port, reachable
from harness.rawhttp import Connection, exchange, request
from harness.upstream import Upstream
from harness.wait import until


def directory(tmp_path: Path, config: str = "validate_credentials = false\n") -> Path:
    write_config(tmp_path, config)
    return tmp_path


# Forms


@pytest.mark.parametrize(
    "words",
    [
        ["-c", "config.toml"],
        ["--config", "config.toml"],
        ["--config=config.toml"],
        ["sm", "start", "-c", "config.toml"],
        ["sm", "start", "--config", "config.toml"],
        ["sm", "start", "--config=config.toml"],
        ["asm", "start", "-c", "config.toml"],
        ["asm", "start", "--config=config.toml"],
    ],
    ids=" ".join,
)
def test_every_form_of_the_reference_serves(agent: AgentFactory, tmp_path: Path, words: list[str]) -> None:
    running = agent(args=words, cwd=directory(tmp_path))
    assert running.request("GET", "/ping").text == "healthy"


def test_an_absolute_config_path_with_another_name(agent: AgentFactory, tmp_path: Path) -> None:
    file = directory(tmp_path).joinpath("config.toml").rename(tmp_path / "settings")
    assert agent(args=["-c", file]).request("GET", "/ping").status_code == 200


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_goes_to_stdout(agent: AgentFactory, word: str) -> None:
    ended = agent.run(word)
    text = "\n".join(ended.lines)
    assert ended.process.returncode == 0
    assert ended.stderr == ""
    for subject in ("--config", "--version", "dev", "sm"):
        assert subject in text, text


@pytest.mark.parametrize("words", [["sm", "--help"], ["sm", "start", "--help"], ["dev", "--help"]], ids=" ".join)
def test_help_of_a_subcommand(agent: AgentFactory, words: list[str]) -> None:
    ended = agent.run(*words)
    assert (ended.process.returncode, ended.stderr) == (0, "")
    assert ended.lines


def test_version_goes_to_stdout(agent: AgentFactory) -> None:
    ended = agent.run("--version")
    assert (ended.process.returncode, ended.stderr) == (0, "")
    assert len(ended.lines) == 1
    assert re.fullmatch(r"aws-secrets-manager-agent \d+\.\d+\.\d+\S*", ended.lines[0]), ended.lines


@pytest.mark.parametrize(
    "words",
    [
        ["--no-such-option"],
        ["no-such-command"],
        ["sm"],
        ["sm", "stop"],
        ["asm"],
        ["--config"],
        ["sm", "start", "--config"],
        ["sm", "start", "surplus"],
        ["dev", "--port", "not-a-number"],
        ["dev", "--port", "65536"],
        ["-x"],
    ],
    ids=" ".join,
)
def test_usage_errors_go_to_stderr_with_status_2(agent: AgentFactory, words: list[str]) -> None:
    ended = agent.run(*words)
    assert ended.process.returncode == 2, (ended.lines, ended.stderr)
    assert ended.lines == []
    assert ended.stderr.strip()


def test_a_usage_error_names_the_offending_word(agent: AgentFactory) -> None:
    assert "--no-such-option" in agent.run("--no-such-option").stderr


def test_acm_is_recognised_and_declined(agent: AgentFactory) -> None:
    ended = agent.run("acm", "start")
    assert ended.process.returncode == 1
    assert ended.lines == []
    assert re.search(r"acm|certificate", ended.stderr, re.IGNORECASE)
    assert re.search(r"not (yet )?supported|not (yet )?available", ended.stderr), ended.stderr


def test_secrets_manager_not_enabled(agent: AgentFactory, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[capabilities.secrets_manager]\nenabled = false\n")
    ended = agent.run("sm", "start", "--config", "config.toml", cwd=tmp_path)
    assert (ended.process.returncode, ended.lines) == (0, [])
    assert "Secrets Manager is not enabled" in ended.stderr


# Start


def test_the_start_line_names_the_real_port_and_the_version(agent: AgentFactory, tmp_path: Path) -> None:
    running = agent(args=["-c", "config.toml"], cwd=directory(tmp_path))
    assert running.port >= 1024
    assert agent.run("--version").lines == [f"aws-secrets-manager-agent {running.version}"]
    assert running.request("GET", "/ping").status_code == 200


def test_the_start_line_is_all_of_stdout_when_logging_to_a_file(agent: AgentFactory, tmp_path: Path) -> None:
    running = agent(args=["-c", "config.toml"], cwd=directory(tmp_path))
    assert running.request("GET", "/secretsmanager/get", token="wrong").status_code == 403
    assert running.stop() == 0
    assert len(running.lines) == 1


def test_the_start_line_comes_first_when_logging_to_stdout(agent: AgentFactory, tmp_path: Path) -> None:
    config = "validate_credentials = false\nlog_to_file = false\nlog_level = 'debug'\n"
    running = agent(args=["-c", "config.toml"], cwd=directory(tmp_path, config))  # checks the first line
    assert running.request("GET", "/secretsmanager/get", token="wrong").status_code == 403
    until(lambda: any("incorrect SSRF token" in line for line in running.lines), "the refusal on standard output")
    assert not (tmp_path / "logs").exists()


def test_serving_begins_at_once_after_the_start_line(agent: AgentFactory, tmp_path: Path) -> None:
    for _ in range(5):
        running = agent(args=["-c", "config.toml"], cwd=directory(tmp_path))
        assert exchange(running.port, request("/ping")).text == "healthy"


@pytest.mark.parametrize("address", ["127.0.0.1"])
def test_a_port_in_use(agent: AgentFactory, address: str) -> None:
    with socket.socket() as taken:
        taken.bind((address, 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = agent.fails(f"validate_credentials = false\nhttp_port = {port}\n")
    assert f"Could not bind to 127.0.0.1:{port}: Address already in use (os error 98)" in ended.stderr


def test_two_agents_do_not_share_a_port(agent: AgentFactory) -> None:
    port = agent("validate_credentials = false\n").port
    ended = agent.fails(f"validate_credentials = false\nhttp_port = {port}\n")
    assert f"Could not bind to 127.0.0.1:{port}: Address already in use (os error 98)" in ended.stderr


def test_a_port_just_left_can_be_taken_again(agent: AgentFactory) -> None:
    config = f"validate_credentials = false\nhttp_port = {free_port()}\n"
    for _ in range(3):
        running = agent(config)
        assert running.request("GET", "/ping").status_code == 200
        assert running.stop() == 0


# Signals


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_agent(agent: AgentFactory, how: signal.Signals) -> None:
    running = agent("validate_credentials = false\n")
    with Connection(running.port) as idle:
        idle.send(request("/ping")).answer()
        assert running.stop(how) == 0
        assert idle.closed()
    assert not reachable(running.port)


def test_an_idle_agent_leaves_at_once(agent: AgentFactory, upstream: Upstream, tmp_path: Path) -> None:
    """Whatever it watches and keeps open."""
    upstream.add("s")
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "keys").write_text("[default]\naws_access_key_id=A\naws_secret_access_key=S\naws_session_token=T\n")
    config = f"credentials_file_path = '{tmp_path}/keys'\n"
    running = agent(config, upstream=upstream, token=f"file://{tmp_path}/token")
    assert running.get("s").status_code == 200
    begun = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - begun < 1.5


def test_a_half_sent_request_does_not_hold_the_agent_up(agent: AgentFactory) -> None:
    """What may never arrive is not in flight."""
    running = agent("validate_credentials = false\n")
    with Connection(running.port) as half_sent:
        half_sent.send(b"GET /ping HT")
        with Connection(running.port) as other:
            other.send(request("/ping")).answer()
        begun = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_pending_request_is_answered_before_the_agent_leaves(
    agent: AgentFactory, upstream: Upstream, how: signal.Signals
) -> None:
    upstream.add("slow", "worth waiting for")
    running = agent(upstream=upstream)
    release = threading.Event()
    upstream.next("GetSecretValue", aws.hold(release))
    with Connection(running.port) as pending:
        pending.send(request("/v1/slow"))
        until(lambda: upstream.count("GetSecretValue"), "the call to AWS")
        running.process.send_signal(how)
        until(lambda: not reachable(running.port), "the listener to close")
        assert running.process.poll() is None
        release.set()
        answer = pending.answer()
        assert answer.status == 200
        assert "worth waiting for" in answer.text
        assert answer.header("connection") == "close"
        assert pending.closed()
    assert running.wait() == 0


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root for a process namespace")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_as_process_1_a_signal_ends_the_agent(agent: AgentFactory, how: signal.Signals) -> None:
    prefix = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if agent.run("-c", "exit 0", prefix=[*prefix, "sh", "-c", "exit 0"]).process.returncode != 0:
        pytest.skip("no process namespaces here")
    running = agent("validate_credentials = false\n", prefix=prefix)
    outer = running.process.pid
    child = int(Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0])
    assert Path(f"/proc/{child}/status").read_text().split("NSpid:")[1].split("\n")[0].split()[-1] == "1"
    os.kill(child, how)
    assert running.wait() == 0


def test_a_closed_stdout_does_not_kill_the_agent(agent: AgentFactory) -> None:
    running = agent("validate_credentials = false\nlog_to_file = false\n")
    running.close_stdout()
    for _ in range(3):
        assert running.request("GET", "/secretsmanager/get", token="wrong").status_code == 403
    assert running.request("GET", "/ping").status_code == 200


# Reload


def reload(running: Agent, config: str) -> None:
    write_config(running.cwd, config)
    running.process.send_signal(signal.SIGHUP)


def test_hangup_applies_a_log_level(agent: AgentFactory) -> None:
    running = agent("validate_credentials = false\nlog_level = 'none'\n")
    assert running.get("x", token="wrong").status_code == 403
    reload(running, "validate_credentials = false\nlog_level = 'info'\n")

    def logged() -> bool:
        assert running.get("x", token="wrong").status_code == 403
        return "incorrect SSRF token" in running.log

    until(logged, "the new log level")


def test_hangup_says_that_a_port_needs_a_restart(agent: AgentFactory) -> None:
    running = agent("validate_credentials = false\n")
    reload(running, f"validate_credentials = false\nhttp_port = {free_port()}\n")
    assert "restart" in running.wait_log("http_port")[0]
    assert running.request("GET", "/ping").status_code == 200


def test_hangup_applies_a_ttl(agent: AgentFactory, upstream: Upstream) -> None:
    upstream.add("s")
    running = agent("ttl_seconds = 3600\n", upstream=upstream)
    for _ in range(3):
        assert running.get("s").status_code == 200
    assert upstream.count("DescribeSecret") == 0 and upstream.count("GetSecretValue") == 1
    reload(running, "ttl_seconds = 0\n")

    def applied_or_said() -> bool:
        assert running.get("s").status_code == 200
        return upstream.count() > 2 or bool(running.log_lines("ttl_seconds.*restart"))

    until(applied_or_said, "the new TTL, or a word that it needs a restart")


def test_hangup_with_a_broken_file_changes_nothing(agent: AgentFactory) -> None:
    running = agent("validate_credentials = false\n")
    reload(running, "validate_credentials = false\nmax_conn = 0\n")
    running.wait_log("ERROR .*maximum number of connections")
    assert running.request("GET", "/ping").status_code == 200


def test_hangup_without_a_file_is_harmless(agent: AgentFactory) -> None:
    running = agent("validate_credentials = false\n")
    for _ in range(3):
        running.process.send_signal(signal.SIGHUP)
    assert running.request("GET", "/ping").status_code == 200


# systemd


class Notifications:
    """The receiving end of NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        self.sock.settimeout(15)

    def next(self, *, skip_watchdog: bool = True) -> dict[str, str]:
        while True:
            message = dict(line.split("=", 1) for line in self.sock.recv(4096).decode().splitlines())
            if not skip_watchdog or "WATCHDOG" not in message:
                return message

    def until(self, key: str) -> dict[str, str]:
        """The next message with this key; messages of status alone may come before it."""
        while True:
            message = self.next()
            if key in message:
                return message
            assert set(message) <= {"STATUS", "MAINPID"}, message


@pytest.mark.parametrize("abstract", [False, True], ids=["path", "abstract"])
def test_readiness_reload_and_stop_are_notified(agent: AgentFactory, tmp_path: Path, abstract: bool) -> None:
    address = f"@sma-{os.getpid()}-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    systemd = Notifications(address)
    running = agent("validate_credentials = false\n", env={"NOTIFY_SOCKET": address})
    assert systemd.until("READY")["READY"] == "1"
    running.process.send_signal(signal.SIGHUP)
    reloading = systemd.until("RELOADING")
    assert reloading["RELOADING"] == "1"
    assert int(reloading["MONOTONIC_USEC"]) > 0
    assert systemd.until("READY")["READY"] == "1"
    assert running.stop() == 0
    assert systemd.until("STOPPING")["STOPPING"] == "1"


def test_readiness_is_notified_only_when_the_agent_serves(
    agent: AgentFactory, tmp_path: Path, upstream: Upstream
) -> None:
    systemd = Notifications(str(tmp_path / "notify"))
    release = threading.Event()
    upstream.next("GetCallerIdentity", aws.hold(release))
    write_config(tmp_path, "")
    starting = agent.spawn(
        "-c", "config.toml", cwd=tmp_path, endpoint=upstream.url, env={"NOTIFY_SOCKET": str(tmp_path / "notify")}
    )
    until(lambda: upstream.count("GetCallerIdentity"), "the check of the credentials")
    assert starting.lines == []
    starting.process.send_signal(signal.SIGHUP)  # a reload while starting is no readiness
    starting.wait_log("no configuration file|re-read")
    systemd.sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        systemd.sock.recv(4096)
    systemd.sock.settimeout(15)
    release.set()
    assert systemd.until("READY")["READY"] == "1"
    starting.wait_ready()
    starting.check_clean_end()


def test_the_watchdog_is_fed(agent: AgentFactory, tmp_path: Path) -> None:
    systemd = Notifications(str(tmp_path / "notify"))
    agent(
        "validate_credentials = false\n",
        prefix=["sh", "-c", 'WATCHDOG_PID=$$ exec "$@"', "sh"],
        env={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"},
    )
    fed = 0
    while fed < 3:
        fed += "WATCHDOG" in systemd.next(skip_watchdog=False)


def test_a_missing_notify_socket_does_no_harm(agent: AgentFactory, tmp_path: Path) -> None:
    running = agent("validate_credentials = false\n", env={"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    assert running.request("GET", "/ping", token=TOKEN).status_code == 200
