"""SIGTERM drains: new calls go elsewhere, what runs is finished and delivered."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Callable

import pytest

from conftest import Launch
from harness import g711
from harness.g711 import Samples
from harness.mailcheck import assert_says, audio, position, read_mail
from harness.rtp import padded
from harness.sip import SipClient
from harness.smtp import Inbox

Client = Callable[..., SipClient]
WAV = {"mail": {"audio-format": "wav"}}


def heard(samples: Samples) -> Samples:
    """What the gateway decodes."""
    return g711.decode("pcmu", g711.encode("pcmu", padded(samples)))


def test_an_idle_gateway_ends_at_once(launch: Launch) -> None:
    gateway = launch()
    gateway.terminate()
    assert gateway.wait_end(3) == 0
    gateway.assert_clean()
    assert [event.name for event in gateway.run.events].index("started") == 0
    gateway.wait_event("stopping")


def test_a_running_recording_is_finished(launch: Launch, inbox: Inbox, client: Client, phrase: Samples,
                                         tmp_path: Path) -> None:
    gateway = launch(inbox, WAV)
    other = client(gateway, caller="099")
    with client(gateway).call() as call:
        call.rtp.wait_quiet()
        gateway.terminate()
        gateway.wait_event("stopping")
        for method in ("OPTIONS", "MESSAGE"):
            answer = other.ask(method, body=b"hello" if method == "MESSAGE" else b"",
                               content_type="text/plain" if method == "MESSAGE" else "")
            assert answer.status == 503 and answer["retry-after"], answer.start
        with other.invite() as refused:
            assert refused.final().status == 503
        call.rtp.say(phrase)
        call.rtp.wait_said()
        assert call.hang_up().status == 200
    assert gateway.wait_end() == 0
    gateway.assert_clean()
    if not inbox.letters:  # ended before it was sent: due at the next start
        gateway.start()
    assert_says(read_mail(inbox.wait_for(1)[0].content), heard(phrase), tmp_path)


def test_a_second_one_cuts_and_keeps(launch: Launch, inbox: Inbox, client: Client, phrase: Samples,
                                     tmp_path: Path) -> None:
    gateway = launch(inbox, WAV)
    with client(gateway).call() as call:
        call.leave(phrase)
        gateway.terminate()
        gateway.wait_event("stopping")
        gateway.terminate()
        call.wait_bye(5)
    assert gateway.wait_end() == 0
    gateway.assert_clean()
    gateway.start()
    mail = read_mail(inbox.wait_for(1)[0].content)
    samples, _, _ = audio(mail, tmp_path)
    assert position(samples, heard(phrase)[: -5 * 160]) >= 0
    inbox.stays_at(1, 0.3)


def test_every_accepted_text_survives_a_restart_in_the_middle(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    phone = client(gateway)
    inbox.stop()
    for number in range(20):
        assert phone.message(f"text {number}").status == 202
    gateway.restart()
    inbox.start()
    ids = [read_mail(letter.content)["Message-ID"] for letter in inbox.wait_for(20, 20)]
    assert len(set(ids)) == 20
    inbox.stays_at(20, 0.3)


def test_a_hang_up_of_the_terminal_ends_nothing(launch: Launch, client: Client) -> None:
    gateway = launch()
    os.kill(gateway.pid, signal.SIGHUP)
    gateway.wait_event("reload.done")
    assert client(gateway).ask("OPTIONS").status == 200


@pytest.mark.preload
def test_a_disk_that_takes_nothing_does_not_hold_the_end(launch: Launch, inbox: Inbox, client: Client, phrase: Samples,
                                                         shim: Path, tmp_path: Path) -> None:
    gateway = launch(inbox, WAV, run=False)
    gateway.start()
    gateway.stop()
    # The log is written once for the row of the call and once for its beginning; from then on the disk is full.
    gateway.environment = {"LD_PRELOAD": str(shim), "SIP2MAIL_FAULT": "ENOSPC:pwrite:20+:-wal"}
    gateway.start()
    with client(gateway).call() as call:
        call.rtp.wait_quiet()
        other = client(gateway, caller="099")
        while other.message("until it is full").status == 202:
            pass
        call.rtp.say(phrase)
        call.rtp.wait_said()
        assert call.hang_up().status == 200
    gateway.wait_event("item.unsettled")
    gateway.terminate()
    gateway.terminate()
    gateway.wait_event("stopping")
    gateway.terminate()
    assert gateway.wait_end() == 0
    gateway.environment.clear()
    gateway.start()
    gateway.wait_event("item.recovered")
    mails = [read_mail(letter.content) for letter in inbox.wait_for(1)]
    while not any(mail["X-Sip2mail-Kind"] == "voicemail" for mail in mails):
        mails = [read_mail(letter.content) for letter in inbox.wait_for(len(mails) + 1)]
    said = next(mail for mail in mails if mail["X-Sip2mail-Kind"] == "voicemail")
    assert_says(said, heard(phrase), tmp_path)
    assert "interrupted" in said["X-Sip2mail-Flags"]
