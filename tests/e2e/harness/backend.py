# SPDX-License-Identifier: Apache-2.0
"""The two services that play AWS: the moto server, and the agent's own development backend."""

import re
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from harness.agent import ACCESS_KEY, REGION, SECRET_KEY, Agent, bare_environment
from harness.wait import until

BACKEND_LINE = re.compile(r"Development backend \(Secrets Manager and STS emulator\) on (http://127\.0\.0\.1:\d+)")


@dataclass
class Backend:
    """Where a service listens, and a client for it."""

    kind: str
    url: str
    not_found_status: int
    agent: Agent | None = None
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY

    def client(self, service: str = "secretsmanager", **more: Any) -> Any:
        """boto3, as any user would set it up; keyword arguments replace its own."""
        settings = {
            "endpoint_url": self.url,
            "region_name": REGION,
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
            "config": Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=10),
        } | more
        return boto3.session.Session().client(service, **settings)

    @staticmethod
    def name(stem: str = "secret") -> str:
        """A name that no other test has."""
        return f"e2e/{stem}-{uuid.uuid4().hex[:12]}x"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def reachable(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def start_moto(directory: Path) -> tuple[Backend, subprocess.Popen[bytes]]:
    """The moto server as a process of its own."""
    port = free_port()
    with (directory / "moto.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            cwd=directory,
            env=bare_environment(directory),
            stdout=log,
            stderr=log,
        )
    until(lambda: reachable(port) or process.poll() is not None, "the moto server", 60)
    assert process.poll() is None, (directory / "moto.log").read_text()
    return Backend("moto", f"http://127.0.0.1:{port}", not_found_status=404), process


def dev_backend(agent: Agent) -> Backend:
    """The emulator behind an agent that was started with `dev`."""
    match = until(
        lambda: next(filter(None, map(BACKEND_LINE.search, agent.lines)), None), "the line that names the backend"
    )
    return Backend("emulator", match[1], not_found_status=400, agent=agent)
