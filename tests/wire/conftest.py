# SPDX-License-Identifier: Apache-2.0
"""Finds the harness of the end-to-end tests, and limits the time of each case."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from harness.fixtures import *  # noqa: E402,F403


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No case hangs: a minute each."""
    for item in items:
        if not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(60))
