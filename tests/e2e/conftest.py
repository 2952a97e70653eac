"""Fixtures: everything in a directory of the test's own, on free ports, ended and inspected after the test."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Callable, Iterator, Mapping, Optional, Union

import pytest

from harness import speech as voices
from harness.g711 import Samples
from harness.gateway import ROOT, Gateway, Sections, binary, is_sanitized, merged
from harness.postfix import Postfix
from harness.sip import SipClient
from harness.smtp import Fault, Inbox, ScriptedRelay

Launch = Callable[..., Gateway]
Relay = Union[Inbox, ScriptedRelay, Postfix]


@pytest.fixture(scope="session")
def sanitized() -> bool:
    """Whether the program under test carries a sanitizer."""
    return is_sanitized(binary())


@pytest.fixture(scope="session")
def session_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where things lie that all tests of a worker read."""
    return tmp_path_factory.mktemp("session")


@pytest.fixture(scope="session")
def shim(session_home: Path, sanitized: bool) -> Path:
    """The library that fails, delays or kills at the n-th system call: see its head for SIP2MAIL_FAULT."""
    source = ROOT / "tests" / "faults" / "shim.c"
    if sanitized:
        pytest.skip("LD_PRELOAD does not go with a sanitizer")
    if not source.exists():
        pytest.skip(f"no {source}")
    library = session_home / "shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl", "-pthread"], check=True)
    return library


@pytest.fixture(scope="session")
def greeting(session_home: Path) -> Path:
    """A greeting of 0.3 s: the built-in one takes longer than most tests need."""
    return voices.write_wav(session_home / "greeting.wav", voices.tone(0.3, 330))


@pytest.fixture(scope="session")
def long_greeting(session_home: Path) -> Path:
    """A greeting of 5 s, for tests that do something while it plays."""
    return voices.write_wav(session_home / "long-greeting.wav", voices.tone(5, 330))


@pytest.fixture(scope="session")
def speech(session_home: Path) -> Samples:
    """Some seconds of a real voice at 8 kHz."""
    return voices.english(session_home)


@pytest.fixture(scope="session")
def phrase(speech: Samples) -> Samples:
    """The first 1.6 s of it."""
    return voices_without_silence(speech)[: 80 * 160]


def voices_without_silence(samples: Samples) -> Samples:
    """From the first sound on."""
    first = next(i for i, value in enumerate(samples) if abs(int(value)) > 300)
    return samples[first:]


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A relay that takes everything."""
    box = Inbox().start()
    yield box
    box.stop()


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedRelay]]:
    """Makes relays that follow a script."""
    relays: list[ScriptedRelay] = []

    def make(*faults: Fault) -> ScriptedRelay:
        relays.append(ScriptedRelay(*faults).start())
        return relays[-1]

    yield make
    for relay in relays:
        relay.stop()


@pytest.fixture
def launch(tmp_path: Path, greeting: Path) -> Iterator[Launch]:
    """Starts gateways: launch(relay, {section: {key: value}}). Each is stopped and inspected after the test."""
    if not binary().exists():
        pytest.fail(f"no program at {binary()}: build it first, or set SIP2MAIL_BINARY")
    gateways: list[Gateway] = []

    def start(relay: Optional[Relay] = None, sections: Optional[Sections] = None, *, run: bool = True,
              environment: Optional[Mapping[str, str]] = None) -> Gateway:
        base: dict[str, dict[str, str]] = {
            "call": {"greeting": str(greeting), "greeting-busy": str(greeting)},
            "mailbox.2001": {"email": "user@example.com"},
        }
        if relay is not None:
            base["relay"] = {"url": relay.url, "helo": "gateway.example", "timeout": "10s", "probe": "200ms"}
        home = tmp_path / f"gateway{len(gateways)}"
        gateways.append(Gateway(home, merged(base, sections or {}), environment))
        return gateways[-1].start() if run else gateways[-1]

    yield start
    troubles = []
    for gateway in gateways:
        try:
            if gateway.runs:
                gateway.stop()
        except AssertionError as trouble:
            troubles.append(str(trouble))
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def client() -> Iterator[Callable[..., SipClient]]:
    """Makes SIP clients for a gateway."""
    clients: list[SipClient] = []

    def make(gateway: Gateway, host: str = "127.0.0.1", caller: str = "0312345678") -> SipClient:
        clients.append(SipClient(gateway.sip(), host, caller))
        return clients[-1]

    yield make
    for each in clients:
        each.close()
