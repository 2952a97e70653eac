"""A real Postfix as the relay: an instance of its own, without syslog, DNS, or the settings of the machine's one."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Mapping, Optional

import pytest

from .wait import until

# No chroot anywhere, so that it needs no copies of the system's files.
SERVICES = """\
{port}   inet        n - n -     - smtpd
cleanup  unix        n - n -     0 cleanup
qmgr     unix        n - n 300   1 qmgr
rewrite  unix        - - n -     - trivial-rewrite
proxymap unix        - - n -     - proxymap
virtual  unix        - n n -     - virtual
error    unix        - - n -     - error
retry    unix        - - n -     - error
bounce   unix        - - n -     0 bounce
defer    unix        - - n -     0 bounce
trace    unix        - - n -     0 bounce
tlsmgr   unix        - - n 1000? 1 tlsmgr
anvil    unix        - - n -     1 anvil
postlog  unix-dgram  n - n -     1 postlogd
"""

QUEUES = ("maildrop", "incoming", "active", "deferred")


def server(name: str) -> str:
    """The program of a server that only root can start; skips the test where it cannot be had."""
    program = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip(f"no {name} here: deploy/install --test")
    if os.geteuid() != 0:
        pytest.skip(f"{name} starts only as root")
    return program


def open_home(name: str) -> Path:
    """A directory for a server that works as several users: pytest's own are closed to all but one."""
    home = Path(tempfile.mkdtemp(prefix=f"sip2mail-{name}-"))
    home.chmod(0o755)
    return home


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a server and all of its process group, which it leads."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(5)


def homes(*addresses: str) -> dict[str, str]:
    """The settings that make these addresses mailboxes; of their domains it knows no other address."""
    places = ", ".join(f"{address}={address}/" for address in addresses)
    domains = sorted({address.partition("@")[2] for address in addresses})
    return {"virtual_mailbox_domains": ", ".join(domains), "virtual_mailbox_maps": f"inline:{{{places}}}"}


class Postfix:
    """Delivers to Maildirs in its directory; `settings` are those of main.cf beyond the usual ones."""

    def __init__(self, settings: Optional[Mapping[str, str]] = None, scheme: str = "smtp") -> None:
        self.program = server("postfix")
        self.scheme = scheme
        self.port = free_port()
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.home = open_home("postfix")
        self.config, self.queue, self.mail = self.home / "conf", self.home / "queue", self.home / "mail"
        for directory in (self.config, self.queue, self.mail):
            directory.mkdir()
        shutil.chown(self.mail, "nobody")
        (self.config / "master.cf").write_text(SERVICES.format(port=self.port))
        self.settings = {
            "compatibility_level": "3.6",
            "queue_directory": str(self.queue),
            "data_directory": str(self.home / "data"),
            "maillog_file": str(self.home / "log"),
            "maillog_file_prefixes": str(self.home),
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "myhostname": "mx.example",
            "mydestination": "",
            "mynetworks": "",  # we are nobody special
            "alias_maps": "",
            "smtpd_peername_lookup": "no",
            "smtpd_error_sleep_time": "0",
            "smtpd_relay_restrictions": "permit_sasl_authenticated, reject_unauth_destination",
            "virtual_mailbox_base": str(self.mail),
            "virtual_uid_maps": "static:65534",
            "virtual_gid_maps": "static:65534",
        } | homes("user@example.com") | dict(settings or {})
        self.configure({})

    @property
    def url(self) -> str:
        """For relay.url."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def configure(self, settings: Mapping[str, Optional[str]]) -> None:
        """Changes main.cf, for the next start or reload(); None takes a setting out."""
        self.settings |= {key: value for key, value in settings.items() if value is not None}
        for key in [key for key, value in settings.items() if value is None]:
            del self.settings[key]
        file = self.config / "main.cf"
        file.write_text("".join(f"{key} = {value}\n" for key, value in self.settings.items()))
        os.utime(file, (0, 0))  # every process of Postfix waits up to two seconds for a new file to come to rest

    # --- the processes -----------------------------------------------------------------------------------------------

    def start(self) -> "Postfix":
        """Listens; after stop() again on the same port."""
        assert self.process is None, "it runs already"
        self._command("check")  # makes the queue's directories, and says what is wrong with the configuration
        programs = subprocess.run([server("postconf"), "-c", str(self.config), "-h", "daemon_directory"],
                                  capture_output=True, text=True, check=True).stdout.strip()
        with (self.home / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [f"{programs}/master", "-c", str(self.config), "-d"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        until(self._listens, 15, "Postfix listens")
        return self

    def reload(self) -> None:
        """What an operator does after a change: connections that begin from now on know it."""
        self._command("reload")

    def stop(self) -> None:
        """The relay is gone: its port refuses, connections are cut."""
        assert self.process, "it does not run"
        end(self.process)
        self.process = None

    def close(self) -> None:
        """Ends it and takes its directory away; fails when a process of it did, as then the test was another one."""
        troubles = [line for line in self.log().splitlines() if "fatal:" in line or "panic:" in line]
        if self.process:
            self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        assert not troubles, "\n".join(troubles)

    def _command(self, word: str) -> None:
        done = subprocess.run([self.program, "-c", str(self.config), word], capture_output=True, text=True,
                              timeout=30, check=False)
        assert done.returncode == 0, done.stdout + done.stderr + self.transcript()

    def _listens(self) -> bool:
        assert self.process and self.process.poll() is None, self.transcript()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    # --- what it did -------------------------------------------------------------------------------------------------

    def log(self) -> str:
        """All that its processes said, of all starts."""
        files = [self.home / name for name in ("output", "log")]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def transcript(self) -> str:
        """The end of it, for messages of failed tests."""
        return "--- Postfix\n" + self.log()[-4000:]

    def wait_log(self, words: str, timeout: float = 10) -> str:
        """The first line of the log with these words."""
        return until(lambda: next((line for line in self.log().splitlines() if words in line), None), timeout,
                     f"Postfix says {words}")

    def mails(self, address: str = "user@example.com") -> list[bytes]:
        """What lies in that Maildir, as files: with LF, and with what Postfix put before it."""
        new = self.mail / address / "new"
        return [file.read_bytes() for file in sorted(new.iterdir())] if new.exists() else []

    def wait_for(self, count: int, address: str = "user@example.com", timeout: float = 15) -> list[bytes]:
        """Waits until at least so many have come."""
        def enough() -> bool:
            return len(self.mails(address)) >= count

        try:
            until(enough, timeout, f"{count} mails to {address}")
        except AssertionError as late:
            raise AssertionError(f"{late}; there are {len(self.mails(address))}\n{self.transcript()}") from None
        return self.mails(address)

    def wait_idle(self, timeout: float = 10) -> None:
        """Waits until its queue is empty: what it took lies in the Maildirs."""
        until(lambda: not any(file.is_file() for queue in QUEUES for file in (self.queue / queue).rglob("*")), timeout,
              "Postfix has delivered everything")


def free_port() -> int:
    """A TCP port that nobody has, below those that the system hands out: while Postfix is stopped, nobody gets it."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
