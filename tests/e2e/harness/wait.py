# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition, never for a length of time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], what: str, seconds: float = 10.0) -> T:
    """The first true value of `condition`, asked again and again; fails after `seconds`, naming `what`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.01)


def let_a_ttl_of_one_second_pass() -> None:
    """The only place where time itself is what a test needs."""
    time.sleep(1.15)
