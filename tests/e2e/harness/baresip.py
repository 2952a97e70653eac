"""baresip as a caller: a softphone that speaks a WAV file, commanded by its standard input."""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path

import pytest

MODULES = Path("/usr/lib/baresip/modules")
CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:0
audio_path /usr/share/baresip
audio_player aufile,{home}/heard.wav
audio_source aufile,{audio}
audio_alert aufile,{home}/alert.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {first}-{last}
net_interface 127.0.0.1
module_path {modules}
module stdio.so
module g711.so
module aufile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


class Baresip:
    """One softphone in a configuration directory of its own."""

    def __init__(self, home: Path, audio: Path, ports: tuple[int, int] = (17000, 17400)) -> None:
        if not shutil.which("baresip"):
            pytest.skip("baresip is missing: deploy/install --test")
        home.mkdir(parents=True, exist_ok=True)
        modules = next((p for p in (MODULES, *Path("/usr/lib").glob("*/baresip/modules")) if p.exists()), MODULES)
        (home / "config").write_text(
            CONFIG.format(home=home, audio=audio, modules=modules, first=ports[0], last=ports[1]))
        (home / "accounts").write_text('"Baresip" <sip:0355554444@127.0.0.1>;regint=0\n')
        (home / "contacts").write_text("")
        self.output = ""
        self._changed = threading.Condition()
        self.process = subprocess.Popen(["baresip", "-f", str(home)], cwd=home, stdin=subprocess.PIPE, bufsize=0,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read, daemon=True).start()
        self.wait("baresip is ready")

    def wait(self, text: str, timeout: float = 10) -> None:
        """Waits until it has printed that."""
        with self._changed:
            self._changed.wait_for(lambda: text in self.output or self.process.poll() is not None, timeout)
            assert text in self.output, f"baresip did not say {text!r}:\n{self.output[-3000:]}"

    def command(self, text: str) -> None:
        """Types a command."""
        assert self.process.stdin
        self.process.stdin.write(f"{text}\n".encode())

    def dial(self, uri: str) -> None:
        """Calls and waits for the answer."""
        self.command(f"/dial {uri}")
        self.wait("Call established")

    def hang_up(self) -> None:
        """Ends the call and the program."""
        self.command("/hangup")
        self.command("/quit")
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.close()

    def close(self) -> None:
        """Ends it at once."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)

    def _read(self) -> None:
        assert self.process.stdout
        while chunk := self.process.stdout.read(4096):
            with self._changed:
                self.output += chunk.decode("utf-8", "replace")
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()
