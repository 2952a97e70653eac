"""The gateway under test: one process on a directory of its own, its log as events, its command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

ROOT = Path(__file__).resolve().parents[3]
REPORTS = ("Sanitizer", "runtime error:", "Assertion", "terminate called")
PAIR = re.compile(r'([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|\S*)')
Sections = Mapping[str, Mapping[str, str]]


def binary() -> Path:
    """The program to test: $SIP2MAIL_BINARY, else build/sip2mail."""
    return Path(os.environ.get("SIP2MAIL_BINARY", ROOT / "build" / "sip2mail")).resolve()


def is_sanitized(program: Path) -> bool:
    """Whether the program was built with a sanitizer: then memory figures mean nothing and LD_PRELOAD cannot be used."""
    linked = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False).stdout
    return "libasan" in linked or "libtsan" in linked or "libubsan" in linked


@dataclass(frozen=True)
class Event:
    """One line of the log."""

    name: str
    level: str
    fields: Mapping[str, str]
    line: str

    def __getitem__(self, key: str) -> str:
        return self.fields[key]


def parse_event(line: str) -> Optional[Event]:
    """Reads `ts level event key=value …`, where the first three may be written with their keys."""
    fields: dict[str, str] = {}
    for key, value in PAIR.findall(line):
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), value[1:-1])
        fields.setdefault(key, value)
    words = PAIR.sub("", line).split()
    if "event" in fields:
        return Event(fields["event"], fields.get("level", ""), fields, line)
    if len(words) < 3:
        return None
    return Event(words[2], words[1], fields, line)


def merged(base: Sections, more: Sections) -> dict[str, dict[str, str]]:
    """Both configurations; a key of `more` wins, a value of None takes the key out."""
    out = {section: dict(keys) for section, keys in base.items()}
    for section, keys in more.items():
        out.setdefault(section, {}).update(keys)
    return {
        section: {key: value for key, value in keys.items() if value is not None} for section, keys in out.items()
    }


def ini(sections: Sections) -> str:
    """The configuration as a file."""
    lines: list[str] = []
    for section, keys in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {value}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"


@dataclass
class Run:
    """One process from its start to its end."""

    process: subprocess.Popen[str]
    events: list[Event] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    ended: bool = False
    stderr: str = ""


class Gateway:
    """A gateway on `home`: configuration, queue directory and log lie there; started and ended as often as you like."""

    def __init__(self, home: Path, sections: Sections, environment: Optional[Mapping[str, str]] = None) -> None:
        self.home = home
        self.queue = home / "queue"
        self.queue.mkdir(parents=True, exist_ok=True)
        self.config = home / "sip2mail.conf"
        self.environment = dict(environment or {})
        self.prefix: Sequence[str] = ()  # before each command: where it shall run
        base = {
            "sip": {"listen": "udp:127.0.0.1:0"},
            "queue": {"directory": str(self.queue), "min-free": "1M", "retry": "300ms"},
            "mail": {"from": "voicemail@sip2mail.example"},
            "log": {"format": "logfmt"},
        }
        self.sections = merged(base, sections)
        self.write_config()
        self.runs: list[Run] = []
        self._changed = threading.Condition()

    # --- the process -------------------------------------------------------------------------------------------------

    def configure(self, sections: Sections) -> None:
        """Changes the configuration for the next start."""
        self.sections = merged(self.sections, sections)
        self.write_config()

    def write_config(self) -> None:
        """Writes the configuration file."""
        self.config.write_text(ini(self.sections))

    def start(self, timeout: float = 15, wait: bool = True) -> "Gateway":
        """Starts `serve` and, unless told otherwise, waits until all its sockets accept."""
        assert not self.running, "it runs already"
        process = subprocess.Popen(
            [*self.prefix, str(binary()), "serve", "--config", str(self.config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="backslashreplace",
            env=self._env(),
            cwd=self.home,
        )
        run = Run(process)
        self.runs.append(run)
        threading.Thread(target=self._read_events, args=(run,), daemon=True).start()
        threading.Thread(target=self._read_errors, args=(run,), daemon=True).start()
        if wait:
            self.wait_event("started", timeout=timeout)
        return self

    @property
    def run(self) -> Run:
        """The latest process."""
        return self.runs[-1]

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return bool(self.runs) and self.run.process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.run.process.pid

    def kill(self) -> None:
        """SIGKILL: what a power supply or the kernel's memory killer does."""
        self.run.process.kill()
        self.wait_end()

    def terminate(self) -> None:
        """SIGTERM: begin to drain. Returns at once."""
        self.run.process.send_signal(signal.SIGTERM)

    def wait_end(self, timeout: float = 15) -> int:
        """Waits for the end of the process and of its output; returns the exit status."""
        status = self.run.process.wait(timeout)
        with self._changed:
            assert self._changed.wait_for(lambda: self.run.ended, timeout), "its output did not end"
        return status

    def stop(self, timeout: float = 20) -> None:
        """A clean end: SIGTERM, a second one for calls that still run, exit status 0 and nothing to complain about."""
        if self.running:
            self.terminate()
            try:
                self.wait_end(2)
            except subprocess.TimeoutExpired:
                self.terminate()
                try:
                    self.wait_end(timeout)
                except subprocess.TimeoutExpired:
                    self.kill()
                    raise AssertionError("it did not end after two SIGTERM\n" + self.transcript()) from None
            self.assert_clean()
        else:
            self.assert_no_report()

    def restart(self) -> "Gateway":
        """A clean end and a new start on the same directory."""
        self.stop()
        return self.start()

    def assert_clean(self) -> None:
        """Ended by itself with 0, without a report of a sanitizer."""
        self.assert_no_report()
        status = self.run.process.returncode
        assert status == 0, f"exit status {status}\n{self.transcript()}"

    def assert_no_report(self) -> None:
        """No run of this gateway wrote a report of a sanitizer or an assertion."""
        for run in self.runs:
            text = run.stderr + "\n".join(run.other)
            assert not any(word in text for word in REPORTS), text[-8000:]

    def memory(self) -> int:
        """Resident memory in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024

    # --- the log -----------------------------------------------------------------------------------------------------

    def mark(self) -> int:
        """A place in the log: hand it to wait_event(since=…)."""
        with self._changed:
            return len(self.run.events)

    def wait_event(self, name: str, *, timeout: float = 10, since: int = 0, **wanted: Any) -> Event:
        """The first event of this run (after `since`) with that name and those fields."""
        run = self.run

        def found() -> Optional[Event]:
            return next((e for e in run.events[since:] if matches(e, name, wanted)), None)

        with self._changed:
            self._changed.wait_for(lambda: found() or run.ended, timeout)
            event = found()
        assert event, f"no event {name} {wanted or ''} within {timeout} s\n{self.transcript()}"
        return event

    def events(self, name: str, **wanted: Any) -> list[Event]:
        """All events of this run so far with that name and those fields."""
        with self._changed:
            return [e for e in self.run.events if matches(e, name, wanted)]

    def transcript(self, lines: int = 60) -> str:
        """The end of the log and what was written to standard error, for messages of failed tests."""
        with self._changed:
            log = [event.line for event in self.run.events[-lines:]] + self.run.other[-lines:]
        return "\n".join(["--- log", *log, "--- standard error", self.run.stderr[-4000:]])

    def sips(self, transport: str = "udp") -> list[tuple[str, int]]:
        """Everywhere it listens by that transport, read from `started`."""
        places = []
        for place in self.wait_event("started")["sip"].split(","):
            kind, address = place.split(":", 1)
            if kind == transport:
                host, port = address.rsplit(":", 1)
                places.append((host.strip("[]"), int(port)))
        assert places, f"it does not listen on {transport}"
        return places

    def sip(self, transport: str = "udp") -> tuple[str, int]:
        """The first of them."""
        return self.sips(transport)[0]

    # --- the command line --------------------------------------------------------------------------------------------

    def cli(self, *words: str, stdin: str = "", timeout: float = 20) -> subprocess.CompletedProcess[str]:
        """Runs `sip2mail WORDS --config …`."""
        return subprocess.run(
            [*self.prefix, str(binary()), *words, "--config", str(self.config)],
            input=stdin,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=timeout,
            env=self._env(preload=False),
            cwd=self.home,
            check=False,
        )

    def items(self, *selection: str) -> list[dict[str, Any]]:
        """`queue list --json`, of all states unless a selection is given."""
        done = self.cli("queue", "list", "--json", *(selection or ("--state", "all")))
        assert done.returncode == 0, done.stderr + done.stdout
        return [json.loads(line) for line in done.stdout.splitlines() if line]

    # --- inside ------------------------------------------------------------------------------------------------------

    def _env(self, preload: bool = True) -> dict[str, str]:
        env = {key: value for key, value in os.environ.items() if not key.startswith("SIP2MAIL_")}
        env |= {"LC_ALL": "C.UTF-8", "SIP2MAIL_IN_CONTAINER": "0"}  # wherever the tests run
        for key, value in self.environment.items():
            if preload or key not in ("LD_PRELOAD", "SIP2MAIL_FAULT"):
                env[key] = value
        return env

    def _read_events(self, run: Run) -> None:
        assert run.process.stdout
        for line in run.process.stdout:
            event = parse_event(line.rstrip("\n"))
            with self._changed:
                if event:
                    run.events.append(event)
                else:
                    run.other.append(line)
                self._changed.notify_all()
        run.process.wait()
        with self._changed:
            run.ended = True
            self._changed.notify_all()

    def _read_errors(self, run: Run) -> None:
        assert run.process.stderr
        for line in run.process.stderr:
            run.stderr += line


def matches(event: Event, name: str, wanted: Mapping[str, Any]) -> bool:
    """Whether it is that event, with those fields."""
    return event.name == name and all(event.fields.get(key) == str(value) for key, value in wanted.items())


def elapsed(since: float) -> float:
    """Seconds since a monotonic moment."""
    return time.monotonic() - since


def run_binary(*words: str, env: Optional[Mapping[str, str]] = None, cwd: Optional[Path] = None,
               stdin: str = "", timeout: float = 20) -> subprocess.CompletedProcess[str]:
    """Runs the program without a configuration of ours."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SIP2MAIL_")}
    clean["SIP2MAIL_IN_CONTAINER"] = "0"  # wherever the tests run
    arguments: Sequence[str] = [str(binary()), *words]
    return subprocess.run(arguments, input=stdin, capture_output=True, text=True, timeout=timeout,
                          env=clean | dict(env or {}), cwd=cwd, check=False)
