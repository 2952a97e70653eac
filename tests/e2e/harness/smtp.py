"""Two relays: aiosmtpd, a strict one that takes all mail, and a scripted one that refuses, closes or holds anywhere."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Union

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass(frozen=True)
class Letter:
    """One accepted mail as it came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class Box:
    """Accepted mails, in order; tests wait on it."""

    def __init__(self) -> None:
        self._letters: list[Letter] = []
        self._changed = threading.Condition()

    def add(self, letter: Letter) -> None:
        """A mail came."""
        with self._changed:
            self._letters.append(letter)
            self._changed.notify_all()

    @property
    def letters(self) -> list[Letter]:
        """All so far."""
        with self._changed:
            return list(self._letters)

    def wait_for(self, count: int, timeout: float = 15) -> list[Letter]:
        """Waits until at least so many have come."""
        return self.wait_until(lambda letters: len(letters) >= count, timeout, f"of {count}")

    def wait_until(self, enough: Callable[[list[Letter]], bool], timeout: float = 15,
                   wanted: str = "are not all") -> list[Letter]:
        """Waits until what has come is enough."""
        with self._changed:
            came = self._changed.wait_for(lambda: enough(self._letters), timeout)
            got = list(self._letters)
        assert came, f"{len(got)} {wanted} mails within {timeout} s"
        return got

    def stays_at(self, count: int, seconds: float) -> None:
        """Nothing more comes for so long."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._letters) > count, seconds)
            assert len(self._letters) == count, f"{len(self._letters)} mails instead of {count}"


class Inbox(Box):
    """aiosmtpd on a free port: takes everything.

    `options` are those of its controller: contexts of TLS, an authenticator. `logins` are methods of its handler,
    as in auth_XOAUTH2."""

    def __init__(self, scheme: str = "smtp", logins: Optional[dict[str, Any]] = None, **options: Any) -> None:
        super().__init__()
        self.scheme = scheme
        self.senders: list[str] = []  # of each MAIL, whatever became of it
        self._logins = logins or {}
        self._options = options
        self._controller: Optional[Controller] = None
        self.port = 0

    @property
    def url(self) -> str:
        """For relay.url."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self) -> "Inbox":
        """Listens; after stop() again on the same port."""
        inbox = self

        class Handler:
            """Keeps what comes."""

            async def handle_MAIL(self, _server: SMTP, _session: Any, envelope: Any, sender: str,
                                  options: list[str]) -> str:
                """A mail begins."""
                inbox.senders.append(sender)
                envelope.mail_from = sender
                envelope.mail_options.extend(options)
                return "250 OK"

            async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
                """The mail is complete."""
                inbox.add(Letter(envelope.mail_from, tuple(envelope.rcpt_tos), bytes(envelope.content)))
                return "250 2.0.0 Ok: queued"

        class AnyPort(Controller):
            """aiosmtpd's controller, which otherwise insists on knowing its port before it is bound."""

            def _trigger_server(self) -> None:
                self.port = self.server.sockets[0].getsockname()[1]
                super()._trigger_server()

        handler = Handler()
        for method, login in self._logins.items():
            setattr(handler, method, login)
        self._controller = AnyPort(handler, hostname="127.0.0.1", port=self.port, data_size_limit=50_000_000,
                                   **self._options)
        self._controller.start()
        self.port = self._controller.port
        return self

    def stop(self) -> None:
        """The relay is gone: its port refuses."""
        if self._controller:
            self._controller.stop()
            self._controller = None


STAGES = ("connect", "ehlo", "starttls", "mail", "rcpt", "data", "body", "dot")


class Close:
    """Instead of an answer: close the connection."""


class Hold:
    """Instead of an answer: wait until the test releases it (or ends); then answer as usual, or close if so told."""

    def __init__(self, then_close: bool = False) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()
        self.then_close = then_close

    def wait_reached(self, timeout: float = 15) -> None:
        """Waits until a connection has come here."""
        assert self.reached.wait(timeout), f"the relay was not reached within {timeout} s"


Answer = Union[str, Close, Hold]


@dataclass
class Fault:
    """At this stage, so often, answer that: an SMTP reply line such as `451 4.2.0 later`, Close() or Hold().

    `body` is the moment after the first bytes of the mail; `dot` the one after the whole mail. With `keep`, the mail
    counts as accepted although the client does not learn it."""

    stage: str
    answer: Answer
    times: int = 1
    keep: bool = False
    recipient: str = ""


@dataclass
class Seen:
    """What one connection said."""

    commands: list[str] = field(default_factory=list)


class ScriptedRelay(Box):
    """A small SMTP server over plain sockets that follows a list of faults."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults = list(faults)
        self.connections: list[Seen] = []
        self.attempts: list[bytes] = []  # whole mails, accepted or not
        self.port = 0
        self._lock = threading.Lock()
        self._listener: Optional[socket.socket] = None
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """For relay.url."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> "ScriptedRelay":
        """Listens; after stop() again on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Closes the listener and every connection."""
        with self._lock:
            listener, self._listener = self._listener, None
            sockets, self._open = self._open, set()
            faults = list(self.faults)
        if listener:
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()
        for fault in faults:
            if isinstance(fault.answer, Hold):
                fault.answer.then_close = True
                fault.answer.released.set()
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _fault(self, stage: str, recipient: str = "") -> Optional[Fault]:
        with self._lock:
            for fault in self.faults:
                if fault.stage == stage and fault.times > 0 and fault.recipient in ("", recipient):
                    fault.times -= 1
                    return fault
        return None

    def _serve(self, connection: socket.socket) -> None:
        seen = Seen()
        with self._lock:
            self.connections.append(seen)
            self._open.add(connection)
        try:
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines, seen)
        except (OSError, ValueError, Finished):
            pass
        finally:
            with self._lock:
                self._open.discard(connection)

    def _answer(self, connection: socket.socket, stage: str, usual: str, recipient: str = "") -> bool:
        """Says the usual thing, or what the script wants; True when the usual (positive) answer was given."""
        return self._follow(connection, self._fault(stage, recipient), usual)

    def _follow(self, connection: socket.socket, fault: Optional[Fault], usual: str) -> bool:
        answer = fault.answer if fault else usual
        if isinstance(answer, Close):
            raise Finished
        if isinstance(answer, Hold):
            answer.reached.set()
            answer.released.wait(60)
            if answer.then_close:
                raise Finished
            answer = usual
        if answer:
            connection.sendall(answer.encode() + b"\r\n")
        if answer.startswith("421"):
            raise Finished
        return answer == usual

    def _talk(self, connection: socket.socket, lines: Any, seen: Seen) -> None:
        if not self._answer(connection, "connect", "220 relay.example ESMTP"):
            raise Finished
        sender, recipients = "", []
        for raw in lines:
            line = raw.decode("utf-8", "replace").strip()
            seen.commands.append(line)
            word = line.upper()
            if word.startswith(("EHLO", "HELO")):
                self._answer(connection, "ehlo", "250-relay.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 50000000")
            elif word.startswith("MAIL"):
                if self._answer(connection, "mail", "250 2.1.0 Ok"):
                    sender, recipients = address(line), []
            elif word.startswith("RCPT"):
                if self._answer(connection, "rcpt", "250 2.1.5 Ok", address(line)):
                    recipients.append(address(line))
            elif word == "STARTTLS":
                self._answer(connection, "starttls", "502 5.5.1 not here")
            elif word == "DATA":
                if self._answer(connection, "data", "354 go ahead"):
                    self._mail(connection, lines, sender, recipients)
            elif word == "QUIT":
                connection.sendall(b"221 2.0.0 Bye\r\n")
                return
            else:
                connection.sendall(b"250 2.0.0 Ok\r\n")

    def _mail(self, connection: socket.socket, lines: Any, sender: str, recipients: list[str]) -> None:
        content = bytearray()
        first = True
        for raw in lines:
            if raw == b".\r\n":
                break
            content += raw[1:] if raw.startswith(b".") else raw
            if first:
                first = False
                self._answer(connection, "body", "")
        else:
            raise Finished
        letter = Letter(sender, tuple(recipients), bytes(content))
        with self._lock:
            self.attempts.append(letter.content)
        fault = self._fault("dot")
        if fault and fault.keep:
            self.add(letter)
        if self._follow(connection, fault, "250 2.0.0 Ok: queued as 4F1A") and not (fault and fault.keep):
            self.add(letter)


class Finished(Exception):
    """The connection is to be closed."""


def address(line: str) -> str:
    """What stands between < and >."""
    return line[line.find("<") + 1 : line.find(">")]
