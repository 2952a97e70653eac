"""Bounded waiting: every wait of these tests has a condition and an end, and says what it waited for."""

from __future__ import annotations

import select
import time
from typing import Callable, Optional, TypeVar

T = TypeVar("T")


def until(check: Callable[[], Optional[T]], timeout: float, what: str) -> T:
    """Returns the first true value of check(); for files and other things that nobody announces."""
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        select.select([], [], [], 0.02)
