# SPDX-License-Identifier: Apache-2.0
"""Fixtures for the end-to-end tests, and a limit on the time of each."""

import pytest

from harness.fixtures import *  # noqa: F403


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No test hangs: a minute each, unless it says otherwise."""
    for item in items:
        if not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(60))
