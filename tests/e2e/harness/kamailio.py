"""A real Kamailio on the configuration of deploy/pbx, and phones that are registered with it but do not take calls."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Optional, Sequence

import pytest

from .gateway import ROOT
from .sip import Dialog, Message, SipClient

CONFIG = ROOT / "deploy" / "pbx" / "kamailio.cfg"
RING_MS = 1000


class Kamailio:
    """One Kamailio; `gateways` in the order in which they are asked."""

    def __init__(self, home: Path, gateways: Sequence[tuple[str, int]]) -> None:
        program = shutil.which("kamailio") or "/usr/sbin/kamailio"
        if not Path(program).exists():
            pytest.skip("no kamailio here: deploy/install --test")
        home.mkdir(parents=True)
        listed = home / "sip2mail.list"
        lines = [f"1 sip:{host}:{port} 0 {100 - i}" for i, (host, port) in enumerate(gateways)]
        listed.write_text("\n".join(lines) + "\n")
        self.log = home / "kamailio.log"
        self.address = ("127.0.0.1", free_port())
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, "-DD", "-E", "-f", str(CONFIG), "-l", f"udp:127.0.0.1:{self.address[1]}", "-n", "2",
                 "-m", "32", "-M", "4", "-w", str(home), "-Y", str(home), "-A", f'GATEWAYS="{listed}"',
                 "-A", f"RING_MS={RING_MS}", "-A", "PING_SECONDS=1"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        client = SipClient(self.address)
        try:
            for _ in range(40):
                assert self.process.poll() is None, self.transcript()
                dialog = Dialog("")
                client.send(client.build("OPTIONS", dialog, uri=f"sip:127.0.0.1:{self.address[1]}"))
                answer = client.poll(0.5)  # refused at once while nobody listens, hence as many tries
                if answer and answer.status == 200:
                    return
        finally:
            client.close()
        raise AssertionError("Kamailio does not answer\n" + self.transcript())

    def transcript(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        """Ends it with all its processes."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)


def free_port() -> int:
    """A UDP port that nobody has at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Phone:
    """Registers `user`; answers each INVITE with `status`, or rings for ever when there is none."""

    def __init__(self, pbx: Kamailio, user: str, status: Optional[str]) -> None:
        self.status = status
        self.client = SipClient(pbx.address, caller=user)
        self.invites: list[Message] = []
        self._over = threading.Event()
        contact = f"<sip:{user}@{self.client.host}:{self.client.port}>;expires=300"
        address_of_record = f"sip:{user}@{pbx.address[0]}"
        answer = self.client.ask("REGISTER", user, contact=contact, from_uri=address_of_record,
                                 uri=f"sip:{pbx.address[0]}")
        assert answer.status == 200, answer.start
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """No longer answers."""
        self._over.set()
        self._thread.join(5)
        self.client.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            request = self.client.poll(0.1)
            if request is None or request.status:
                continue
            if request.method == "INVITE":
                self.invites.append(request)
                self._answer(request, self.status or "180 Ringing")
            elif request.method == "CANCEL":
                self._answer(request, "200 OK")
                self._answer(self.invites[-1], "487 Request Terminated")

    def _answer(self, request: Message, status: str) -> None:
        lines = [f"SIP/2.0 {status}"]
        for name, value in request.headers:
            if name in ("via", "from", "call-id", "cseq", "record-route"):
                lines.append(f"{name}: {value}")
            elif name == "to":
                lines.append(f"to: {value}" + ("" if "tag=" in value else f";tag=phone{self.client.port}"))
        lines.append(f"Contact: <sip:{self.client.caller}@{self.client.host}:{self.client.port}>")
        lines.append("Content-Length: 0")
        self.client.socket.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), request.source)
