# SPDX-License-Identifier: Apache-2.0
"""The fixtures of both suites."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.agent import Agent, AgentFactory
from harness.backend import Backend, dev_backend, start_moto
from harness.upstream import Upstream

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def binary() -> Path:
    """The binary under test: SMA_BINARY, or the release build."""
    path = Path(os.environ.get("SMA_BINARY") or ROOT / "build/release/src/cli/aws-secrets-manager-agent").resolve()
    if not path.exists():
        pytest.exit(f"no binary at {path}; build it, or set SMA_BINARY", returncode=2)
    return path


@pytest.fixture(scope="session")
def sanitized(binary: Path) -> bool:
    """Whether the binary was built with a sanitizer, which needs descriptors and memory of its own."""
    return any(word in binary.read_bytes() for word in (b"__asan_init", b"__tsan_init", b"__ubsan_handle"))


@pytest.fixture
def agent(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentFactory]:
    """Starts agents; each must leave with status 0 and without a sanitizer's report."""
    factory = AgentFactory(binary, lambda: tmp_path_factory.mktemp("agent"))
    yield factory
    factory.end()


@pytest.fixture(scope="module")
def module_agent(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentFactory]:
    """The same for agents that all tests of a file share."""
    factory = AgentFactory(binary, lambda: tmp_path_factory.mktemp("agent"))
    yield factory
    factory.end()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A scripted AWS."""
    server = Upstream()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """The moto server."""
    backend, process = start_moto(tmp_path_factory.mktemp("moto"))
    yield backend
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def emulator(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """The development backend."""
    factory = AgentFactory(binary, lambda: tmp_path_factory.mktemp("dev"))
    yield dev_backend(start_dev(factory))
    factory.end()


@pytest.fixture(params=["moto", "emulator"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each test that asks for it runs on both."""
    return request.getfixturevalue(request.param)


def start_dev(factory: AgentFactory, *words: str) -> Agent:
    """`dev` on free ports, its token in ./token."""
    return factory(args=["dev", "--port", "0", "--backend-port", "0", "--token-file", "token", *words], token=None)
