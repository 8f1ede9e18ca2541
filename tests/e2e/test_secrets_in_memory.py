# SPDX-License-Identifier: Apache-2.0
"""The process keeps its memory to itself."""

import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.agent import TOKEN, Agent, AgentFactory, write_config
from harness.upstream import Upstream

NOBODY = 65534


@pytest.fixture
def unprivileged(binary: Path, upstream: Upstream) -> Iterator[Agent]:
    """An agent that does not run as root, wherever the tests do."""
    upstream.add("s", "value")
    directory = Path(tempfile.mkdtemp(prefix="agent-"))
    copy = shutil.copy(binary, directory / "agent")
    identity: dict[str, int] = {}
    if os.geteuid() == 0:
        identity = {"user": NOBODY, "group": NOBODY}
        os.chown(directory, NOBODY, NOBODY)
    write_config(directory, "")
    (directory / "config.toml").chmod(0o644)
    factory = AgentFactory(Path(copy), lambda: directory)
    yield factory(args=["-c", "config.toml"], cwd=directory, upstream=upstream, **identity)
    factory.end()
    shutil.rmtree(directory)


def test_the_process_is_not_dumpable(unprivileged: Agent) -> None:
    """The kernel gives the /proc files of such a process to root: its own user can neither read nor trace it."""
    assert unprivileged.get("s").status_code == 200
    assert Path(f"/proc/{unprivileged.process.pid}/environ").stat().st_uid == 0
    assert Path(f"/proc/{unprivileged.process.pid}/mem").stat().st_uid == 0


def test_no_core_file_is_written(agent: AgentFactory) -> None:
    running = agent("validate_credentials = false\n")
    limits = Path(f"/proc/{running.process.pid}/limits").read_text()
    assert re.search(r"Max core file size\s+0\s+0\s", limits)
    crashing = agent.spawn("-c", "config.toml", cwd=running.cwd)
    crashing.wait_ready()
    crashing.process.send_signal(signal.SIGABRT)
    assert crashing.wait() != 0
    assert list(running.cwd.glob("core*")) == []


def test_files_are_for_the_owner_and_the_group(agent: AgentFactory) -> None:
    running = agent("validate_credentials = false\n")
    running.wait_log("listening on")
    assert (running.cwd / "logs/secrets_manager_agent.log").stat().st_mode & 0o007 == 0


def test_nothing_secret_is_on_the_command_line_of_a_helper(agent: AgentFactory) -> None:
    running = agent("validate_credentials = false\n")
    pid = running.process.pid
    assert Path(f"/proc/{pid}/task/{pid}/children").read_text() == ""
    assert TOKEN not in Path(f"/proc/{pid}/cmdline").read_text()
