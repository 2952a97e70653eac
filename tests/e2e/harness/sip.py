"""A small SIP client over one UDP socket: every byte is ours, every datagram is kept and counted."""

from __future__ import annotations

import re
import secrets
import select
import socket
import time
from dataclasses import dataclass, field
from typing import Callable, Iterable, Optional, Sequence

from .rtp import PAYLOAD_TYPES, RtpPeer

NAMES = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type", "l": "content-length"}


@dataclass(frozen=True)
class Message:
    """A SIP message that came."""

    at: float
    source: tuple[str, int]
    raw: bytes
    start: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    @staticmethod
    def parse(raw: bytes, source: tuple[str, int]) -> "Message":
        """Reads a datagram."""
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "surrogateescape")).split("\r\n")
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            headers.append((NAMES.get(name, name), value.strip()))
        return Message(time.monotonic(), source, raw, lines[0], tuple(headers), body)

    @property
    def status(self) -> int:
        """The status code; 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """The request's method, or that of the request which was answered."""
        return self["cseq"].split()[-1] if self.status else self.start.split()[0]

    def __getitem__(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name.lower()), "")

    def all(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def to_tag(self) -> str:
        """The tag in To."""
        found = re.search(r";tag=([^;\s]+)", self["to"])
        return found[1] if found else ""


def token() -> str:
    """Something unique."""
    return secrets.token_hex(8)


@dataclass
class Dialog:
    """What the requests of one call (or one lone request) have in common."""

    user: str
    call_id: str = field(default_factory=lambda: token() + "@caller.example")
    from_tag: str = field(default_factory=token)
    to_tag: str = ""
    cseq: int = 1
    remote: str = ""  # the peer's Contact


class SipClient:
    """A SIP user agent client at `host`, talking to `target`."""

    def __init__(self, target: tuple[str, int], host: str = "127.0.0.1", caller: str = "0312345678") -> None:
        self.target = target
        self.caller = caller
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((host, 0))
        self.host, self.port = self.socket.getsockname()
        self.received: list[Message] = []

    def close(self) -> None:
        """Closes the socket."""
        self.socket.close()

    # --- building ----------------------------------------------------------------------------------------------------

    def build(self, method: str, dialog: Dialog, *, headers: Iterable[str] = (), body: bytes = b"",
              content_type: str = "", branch: str = "", via: str = "", contact: Optional[str] = None,
              display: str = "", from_uri: str = "", uri: str = "", max_forwards: int = 70) -> bytes:
        """A request; each of its parts can be given."""
        uri = uri or dialog.remote or f"sip:{dialog.user}@{self.target[0]}:{self.target[1]}"
        via = via or f"SIP/2.0/UDP {self.host}:{self.port};branch={branch or 'z9hG4bK' + token()};rport"
        from_uri = from_uri or f"sip:{self.caller}@{self.host}"
        name = f'"{display}" ' if display else ""
        to_tag = f";tag={dialog.to_tag}" if dialog.to_tag else ""
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: {via}",
            f"Max-Forwards: {max_forwards}",
            f"From: {name}<{from_uri}>;tag={dialog.from_tag}",
            f"To: <sip:{dialog.user}@{self.target[0]}>{to_tag}",
            f"Call-ID: {dialog.call_id}",
            f"CSeq: {dialog.cseq} {method}",
        ]
        if contact is None and method in ("INVITE", "UPDATE"):
            contact = f"<sip:{self.caller}@{self.host}:{self.port}>"
        if contact:
            lines.append(f"Contact: {contact}")
        lines += list(headers)
        if content_type:
            lines.append(f"Content-Type: {content_type}")
        lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    # --- sending and receiving ---------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """One datagram."""
        self.socket.sendto(data, self.target)

    def poll(self, timeout: float) -> Optional[Message]:
        """The next datagram, if one comes in time."""
        ready, _, _ = select.select([self.socket], [], [], max(0.0, timeout))
        if not ready:
            return None
        try:
            raw, source = self.socket.recvfrom(65535)
        except ConnectionError:
            return None
        message = Message.parse(raw, source)
        self.received.append(message)
        return message

    def wait(self, wanted: Callable[[Message], bool], timeout: float = 5, what: str = "a SIP message") -> Message:
        """The next datagram that fits."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            message = self.poll(left)
            if message and wanted(message):
                return message
        starts = [message.start for message in self.received[-5:]]
        raise AssertionError(f"{what}: not within {timeout} s; came: {starts}")

    def listen(self, seconds: float) -> list[Message]:
        """All datagrams of a bounded time."""
        deadline = time.monotonic() + seconds
        came = []
        while (left := deadline - time.monotonic()) > 0:
            message = self.poll(left)
            if message:
                came.append(message)
        return came

    def final(self, dialog: Dialog, method: str, timeout: float = 5) -> Message:
        """The final answer to the dialog's current request."""
        return self.wait(
            lambda m: m.status >= 200 and m["call-id"] == dialog.call_id and m["cseq"] == f"{dialog.cseq} {method}",
            timeout, f"the final answer to {method}")

    def ask(self, method: str, user: str = "2001", timeout: float = 5, **parts: object) -> Message:
        """A lone request and its final answer."""
        dialog = Dialog(user)
        self.send(self.build(method, dialog, **parts))  # type: ignore[arg-type]
        return self.final(dialog, method, timeout)

    def message(self, text: str, user: str = "2001", content_type: str = "text/plain;charset=utf-8", **parts: object) -> Message:
        """A MESSAGE and its answer."""
        return self.ask("MESSAGE", user, body=text.encode(), content_type=content_type, **parts)

    # --- calls -------------------------------------------------------------------------------------------------------

    def invite(self, user: str = "2001", rtp: Optional[RtpPeer] = None, sdp: Optional[str] = None,
               **parts: object) -> "Call":
        """Sends an INVITE and returns the call, unanswered."""
        rtp = rtp or RtpPeer(self.host)
        call = Call(self, Dialog(user), rtp)
        call.send_invite((sdp if sdp is not None else offer(rtp)), **parts)
        return call

    def call(self, user: str = "2001", rtp: Optional[RtpPeer] = None, **parts: object) -> "Call":
        """An INVITE, its 200, the ACK; RTP flows."""
        call = self.invite(user, rtp, **parts)
        call.wait_answer()
        call.ack()
        return call


def offer(rtp: RtpPeer, address: str = "", port: int = 0, codecs: str = "") -> str:
    """An SDP offer of one codec and telephone-event."""
    address, port = address or rtp.address[0], port or rtp.address[1]
    names = {"pcmu": "PCMU", "pcma": "PCMA"}
    payload_type = PAYLOAD_TYPES[rtp.codec]
    return "\r\n".join([
        "v=0", f"o=- 1 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0",
        f"m=audio {port} RTP/AVP {codecs or f'{payload_type} {rtp.event_type}'}",
        f"a=rtpmap:{payload_type} {names[rtp.codec]}/8000",
        f"a=rtpmap:{rtp.event_type} telephone-event/8000", f"a=fmtp:{rtp.event_type} 0-15",
        "a=ptime:20", "a=sendrecv", ""])


class Call:
    """One call by us."""

    def __init__(self, client: SipClient, dialog: Dialog, rtp: RtpPeer) -> None:
        self.client = client
        self.dialog = dialog
        self.rtp = rtp
        self.branch = "z9hG4bK" + token()
        self.answer: Optional[Message] = None
        self.over = False
        self._invite_parts: dict[str, object] = {}

    def __enter__(self) -> "Call":
        return self

    def __exit__(self, *_: object) -> None:
        self.rtp.close()

    def send_invite(self, sdp: str, **parts: object) -> None:
        """The INVITE."""
        self._invite_parts = {key: parts[key] for key in ("from_uri", "display") if key in parts}
        body = sdp.encode()
        kind = "application/sdp" if body else ""
        self.client.send(self.client.build("INVITE", self.dialog, body=body, content_type=kind, branch=self.branch,
                                           **parts))  # type: ignore[arg-type]

    def final(self, timeout: float = 5) -> Message:
        """The final answer to the INVITE; what is not a 2xx is acknowledged here."""
        self.answer = self.client.final(self.dialog, "INVITE", timeout)
        self.dialog.to_tag = self.answer.to_tag
        if self.answer.status >= 300:
            self.client.send(self.client.build("ACK", self.dialog, branch=self.branch,
                                               **self._invite_parts))  # type: ignore[arg-type]
        return self.answer

    def provisional(self, status: int = 180, timeout: float = 5) -> Message:
        """Waits for that provisional answer."""
        return self.client.wait(lambda m: m.status == status and m["call-id"] == self.dialog.call_id, timeout,
                                f"{status} to INVITE")

    def wait_answer(self, timeout: float = 5) -> Message:
        """The 200."""
        answer = self.final(timeout)
        assert answer.status == 200, answer.start
        self.dialog.remote = answer["contact"].partition("<")[2].partition(">")[0]
        return answer

    def media(self) -> tuple[str, int]:
        """The answer's RTP address."""
        assert self.answer
        text = self.answer.body.decode()
        address = re.search(r"^c=IN IP4 (\S+)", text, re.M)
        port = re.search(r"^m=audio (\d+) ", text, re.M)
        assert address and port, text
        return address[1], int(port[1])

    def ack(self, speak: bool = True) -> None:
        """The ACK; from now on RTP is sent, unless told otherwise."""
        self.client.send(self.client.build("ACK", self.dialog, **self._invite_parts))  # type: ignore[arg-type]
        if speak:
            self.rtp.connect(self.media())

    def leave(self, samples: object, after_prompts: bool = True) -> float:
        """Speaks after the beep, to the end; returns when the prompts ended."""
        ended = self.rtp.wait_quiet() if after_prompts else time.monotonic()
        self.rtp.say(samples)  # type: ignore[arg-type]
        self.rtp.wait_said()
        return ended

    def request(self, method: str, **parts: object) -> Message:
        """A request within the dialog and its answer."""
        self.dialog.cseq += 1
        self.client.send(self.client.build(method, self.dialog, **(self._invite_parts | parts)))  # type: ignore[arg-type]
        return self.client.final(self.dialog, method)

    def hang_up(self) -> Message:
        """BYE and its answer."""
        answer = self.request("BYE")
        self.over = True
        self.rtp.close()
        return answer

    def cancel(self, *headers: str) -> Message:
        """CANCEL and its answer; the INVITE's 487 is for final()."""
        dialog = Dialog(self.dialog.user, self.dialog.call_id, self.dialog.from_tag, "", self.dialog.cseq)
        self.client.send(self.client.build("CANCEL", dialog, branch=self.branch, headers=headers))
        return self.client.final(dialog, "CANCEL")

    def wait_bye(self, timeout: float = 10) -> Message:
        """The gateway hangs up; we say 200."""
        bye = self.client.wait(lambda m: m.method == "BYE" and not m.status and m["call-id"] == self.dialog.call_id,
                               timeout, "a BYE")
        kept = [line for line in bye.raw.split(b"\r\n\r\n")[0].decode().split("\r\n")
                if line.lower().startswith(("via:", "v:", "from:", "f:", "to:", "t:", "call-id:", "i:", "cseq:"))]
        self.client.socket.sendto(("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0"]) + "\r\n\r\n").encode(),
                                  bye.source)
        self.over = True
        self.rtp.close()
        return bye
