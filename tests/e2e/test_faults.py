"""A disk that fails, fills or stalls: nothing is promised that cannot be kept, and what is on disk stays."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import Callable

import pytest

from conftest import Launch
from harness import g711
from harness.g711 import Samples
from harness.gateway import Gateway
from harness.mailcheck import audio, position, read_mail
from harness.rtp import padded
from harness.sip import Dialog, SipClient
from harness.smtp import Inbox

Client = Callable[..., SipClient]


def with_fault(shim: Path, fault: str) -> dict[str, str]:
    """The environment of a run that meets that fault."""
    return {"LD_PRELOAD": str(shim), "SIP2MAIL_FAULT": fault}


def refuses(gateway: Gateway, phone: SipClient) -> None:
    """Calls and texts are answered with 503, so that the PBX takes its next route."""
    answer = phone.message("no")
    assert answer.status == 503 and answer["retry-after"], answer.start
    with phone.invite() as call:
        assert call.final().status == 503
    assert not gateway.events("message.accepted")


def test_a_full_disk_refuses_with_503(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox, {"queue": {"min-free": "900000G"}})
    phone = client(gateway)
    refuses(gateway, phone)
    answer = phone.ask("OPTIONS")
    assert answer.status == 503 and answer["retry-after"]
    done = gateway.cli("health", "--ready")
    assert done.returncode == 1 and "queue.min-free" in done.stdout
    assert gateway.cli("health").returncode == 0
    assert not gateway.items()


@pytest.mark.preload
@pytest.mark.parametrize("fault", ["EIO:fdatasync:1+:-wal", "ENOSPC:pwrite:1+:-wal"])
def test_a_database_that_cannot_be_written_refuses_with_503(fault: str, launch: Launch, inbox: Inbox, client: Client,
                                                            shim: Path) -> None:
    gateway = launch(inbox, run=False)
    gateway.start()
    gateway.stop()
    gateway.environment = with_fault(shim, fault)
    try:
        gateway.start()
    except AssertionError:  # it may as well refuse to start: then nothing is accepted
        assert gateway.wait_end() in (73, 74, 75)
        return
    refuses(gateway, client(gateway))
    gateway.kill()
    gateway.environment.clear()
    gateway.start()
    assert client(gateway).message("a marker").status == 202
    inbox.wait_for(1)
    assert len(gateway.items()) == 1


@pytest.mark.preload
def test_a_recording_that_cannot_be_written_keeps_what_it_has(launch: Launch, inbox: Inbox, client: Client,
                                                              speech: Samples, shim: Path, tmp_path: Path) -> None:
    gateway = launch(inbox, {"mail": {"audio-format": "wav"}},
                     environment=with_fault(shim, "ENOSPC:write:8+:recordings/"))
    with client(gateway).call() as call:
        call.rtp.wait_quiet()
        call.rtp.say(speech)
        call.wait_bye(20)
    mail = read_mail(inbox.wait_for(1)[0].content)
    samples, _, _ = audio(mail, tmp_path)
    said = g711.decode("pcmu", g711.encode("pcmu", padded(speech)))
    assert position(samples, said[:8000]) >= 0, len(samples)


@pytest.mark.preload
@pytest.mark.parametrize("place", ["Maildir/tmp/", "Maildir/new"])
def test_a_maildir_has_taken_only_what_is_synced(place: str, launch: Launch, client: Client, shim: Path) -> None:
    gateway = launch(None, environment=with_fault(shim, f"EIO:fsync:1+:{place}"))
    assert client(gateway).message("not on the disk yet").status == 202
    gateway.wait_event("relay.down")
    (item,) = gateway.items()
    assert item["state"] == "ready" and not gateway.events("delivery.done")
    gateway.kill()
    gateway.environment.clear()
    gateway.start()
    gateway.wait_event("delivery.done")
    assert len(list((gateway.queue / "Maildir" / "new").iterdir())) == 1


@pytest.mark.preload
def test_a_stalled_disk_does_not_stall_the_answers(launch: Launch, inbox: Inbox, client: Client, shim: Path) -> None:
    gateway = launch(inbox, run=False)
    gateway.start()
    gateway.stop()
    gateway.environment = with_fault(shim, "delay=1500:fdatasync:2+:-wal")
    gateway.start()
    phone, other = client(gateway), client(gateway)
    dialog = Dialog("2001")
    sent = time.monotonic()
    phone.send(phone.build("MESSAGE", dialog, body=b"slow", content_type="text/plain"))
    for _ in range(5):
        began = time.monotonic()
        assert other.ask("OPTIONS", timeout=1).status in (200, 503)
        assert time.monotonic() - began < 0.5
    answer = phone.final(dialog, "MESSAGE", 8)
    assert answer.status == 202 and time.monotonic() - sent > 0.3
    inbox.wait_for(1)
    gateway.kill()


def test_without_descriptors_calls_are_refused_and_mail_waits(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    phone = client(gateway)
    _, most = resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE)
    taken = max(int(name) for name in os.listdir(f"/proc/{gateway.pid}/fd"))
    before = resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, (taken + 1, most))
    assert phone.message("accepted all the same").status == 202
    gateway.wait_event("delivery.trouble")
    with phone.invite() as call:
        answer = call.final()
        assert answer.status == 503 and answer["retry-after"], answer.start
    resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, before)
    inbox.wait_for(1)
    with phone.call() as call:
        call.hang_up()
    inbox.wait_for(2)
