"""One RTP end point: sends speech at 20 ms by an absolute schedule, keeps what it hears with its arrival times."""

from __future__ import annotations

import itertools
import secrets
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Optional

import numpy as np

from . import g711
from .g711 import Samples

PAYLOAD_TYPES = {"pcmu": 0, "pcma": 8}
EVENTS = "0123456789*#"
FRAME = 160


@dataclass(frozen=True)
class Packet:
    """A packet that came."""

    at: float
    source: tuple[str, int]
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


class RtpPeer:
    """A caller's ear and mouth. Once `remote` is set, a thread of its own sends a frame each 20 ms: what say() queued,
    else silence (or nothing, see mute()); another one receives."""

    def __init__(self, host: str = "127.0.0.1", codec: str = "pcmu", event_type: int = 101) -> None:
        self.codec = codec
        self.event_type = event_type
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.address: tuple[str, int] = self.socket.getsockname()
        self.remote: Optional[tuple[str, int]] = None
        self.packets: list[Packet] = []
        self.sent = 0
        self._changed = threading.Condition()
        self._frames: list[bytes] = []
        self._digits: list[str] = []
        self._muted = False
        self._over = threading.Event()
        self._ssrc = secrets.randbits(32)
        self._sequence = itertools.count(secrets.randbits(15))
        self._timestamp = secrets.randbits(31)
        self._silence = g711.encode(codec, np.zeros(FRAME, dtype=np.int16))
        self._threads = [threading.Thread(target=self._receive, daemon=True)]
        self._threads[0].start()

    # --- speaking ----------------------------------------------------------------------------------------------------

    def connect(self, remote: tuple[str, int]) -> None:
        """Begins to send."""
        self.remote = remote
        self._threads.append(threading.Thread(target=self._send, daemon=True))
        self._threads[-1].start()

    def say(self, samples: Samples) -> None:
        """Queues speech; returns at once."""
        data = g711.encode(self.codec, padded(samples))
        with self._changed:
            self._frames += [data[i : i + FRAME] for i in range(0, len(data), FRAME)]

    def wait_said(self, timeout: float = 60) -> None:
        """Waits until all that was queued is sent."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._frames and not self._digits, timeout), "still speaking"

    def press(self, key: str) -> None:
        """Queues a key as telephone-event, RFC 4733: 100 ms, its end three times."""
        with self._changed:
            self._digits.append(key)

    def mute(self, muted: bool = True) -> None:
        """Sends no packet at all while there is nothing to say."""
        self._muted = muted

    def _send(self) -> None:
        start = time.monotonic()
        for tick in itertools.count():
            if self._over.wait(max(0.0, start + tick * 0.020 - time.monotonic())):
                return
            with self._changed:
                frame = self._frames[0] if self._frames else None
                digit = self._digits[0] if self._digits and frame is None else None
            if digit:
                self._send_digit(digit)
            elif frame is not None or not self._muted:
                self._packet(PAYLOAD_TYPES[self.codec], frame if frame is not None else self._silence, self._timestamp)
            self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF
            with self._changed:  # said is what has left, so that a BYE cannot overtake it
                if frame is not None:
                    self._frames.pop(0)
                elif digit:
                    self._digits.pop(0)
                if not self._frames and not self._digits:
                    self._changed.notify_all()

    def _send_digit(self, key: str) -> None:
        event = EVENTS.index(key)
        for duration, end in ((160, 0), (320, 0), (480, 0), (640, 0), (800, 0x80), (800, 0x80), (800, 0x80)):
            payload = struct.pack("!BBH", event, end | 10, duration)
            self._packet(self.event_type, payload, self._timestamp, marker=duration == 160)

    def _packet(self, payload_type: int, payload: bytes, timestamp: int, marker: bool = False) -> None:
        header = struct.pack("!BBHII", 0x80, payload_type | (0x80 if marker else 0), next(self._sequence) & 0xFFFF,
                             timestamp, self._ssrc)
        try:
            self.socket.sendto(header + payload, self.remote)
            self.sent += 1
        except OSError:
            pass  # its port is closed: the call is over

    # --- hearing -----------------------------------------------------------------------------------------------------

    def wait_packet(self, timeout: float = 5) -> Packet:
        """Waits for the first packet."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.packets, timeout), f"no RTP within {timeout} s"
            return self.packets[0]

    def wait_quiet(self, quiet: float = 0.3, timeout: float = 15) -> float:
        """Waits until packets have come and then none for so long: the prompts are over. Returns when they ended."""
        deadline = time.monotonic() + timeout
        self.wait_packet(timeout)
        with self._changed:
            while True:
                last = self.packets[-1].at
                if time.monotonic() - last >= quiet:
                    return last + 0.020
                assert time.monotonic() < deadline, "the prompts do not end"
                self._changed.wait(max(0.001, last + quiet - time.monotonic()))

    def hears_nothing(self, seconds: float) -> None:
        """No packet for so long."""
        with self._changed:
            self._changed.wait_for(lambda: self.packets, seconds)
            assert not self.packets, f"RTP from {self.packets[0].source}"

    def heard(self) -> Samples:
        """What was heard so far, by time stamp."""
        with self._changed:
            packets = [p for p in self.packets if p.payload_type == PAYLOAD_TYPES[self.codec]]
        return g711.decode(self.codec, b"".join(p.payload for p in sorted(packets, key=lambda p: p.timestamp)))

    def _receive(self) -> None:
        while not self._over.is_set():
            try:
                data, source = self.socket.recvfrom(2048)
            except OSError:
                return
            if len(data) < 12 or data[0] >> 6 != 2:
                continue
            _, kind, sequence, timestamp, ssrc = struct.unpack("!BBHII", data[:12])
            packet = Packet(time.monotonic(), source, kind & 0x7F, sequence, timestamp, ssrc, data[12:])
            with self._changed:
                self.packets.append(packet)
                self._changed.notify_all()

    def close(self) -> None:
        """Ends both threads."""
        self._over.set()
        for thread in self._threads[1:]:
            thread.join(2)
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


def padded(samples: Samples) -> Samples:
    """A whole number of frames."""
    return np.concatenate([samples, np.zeros(-len(samples) % FRAME, dtype=np.int16)])
