"""A network of the test's own: a namespace with nothing but loopback, to whose addresses the test adds."""

from __future__ import annotations

import shutil
import subprocess

import pytest


class OwnNetwork:
    """Lives as long as the `with` around it; `prefix` before a command runs it inside."""

    def __enter__(self) -> "OwnNetwork":
        if not shutil.which("ip"):
            pytest.skip("ip is missing: deploy/install --test")
        # Its first word says that it is there.
        self._keeper = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up && echo ready && exec cat"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._keeper.stdout and self._keeper.stderr
        if self._keeper.stdout.readline() != "ready\n":
            self._keeper.wait()
            pytest.skip("no network namespace can be made here: " + self._keeper.stderr.read())
        self.prefix = ("nsenter", f"--net=/proc/{self._keeper.pid}/ns/net")
        return self

    def __exit__(self, *_: object) -> None:
        self._keeper.communicate()  # the end of its input is its end

    def ip(self, *words: str) -> None:
        """Runs `ip WORDS` inside."""
        subprocess.run([*self.prefix, "ip", *words], check=True)
