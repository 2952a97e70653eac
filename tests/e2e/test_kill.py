"""kill -9 at every stage: what was accepted arrives complete; twice only where the relay's answer is unknown."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Callable

import pytest

from conftest import Launch
from harness import g711
from harness.g711 import Samples
from harness.mailcheck import assert_says, audio, position, read_mail
from harness.rtp import padded
from harness.sip import Dialog, SipClient
from harness.smtp import Fault, Hold, Inbox, Letter, ScriptedRelay

Client = Callable[..., SipClient]
Scripted = Callable[..., ScriptedRelay]
WAV = {"mail": {"audio-format": "wav"}}


def heard(samples: Samples) -> Samples:
    """What the gateway decodes."""
    return g711.decode("pcmu", g711.encode("pcmu", padded(samples)))


def assert_arrive(accepted: set[str], inbox: Inbox) -> None:
    """Waits until each of these calls is mailed; twice is allowed after a kill, but under one Message-ID."""
    ids: dict[str, set[str]] = {}
    mails: list[EmailMessage] = []

    def all_here(letters: list[Letter]) -> bool:
        for letter in letters[len(mails):]:
            mails.append(read_mail(letter.content))
            ids.setdefault(mails[-1]["X-Sip2mail-Call-ID"], set()).add(mails[-1]["Message-ID"])
        return accepted <= set(ids)

    inbox.wait_until(all_here, 20)
    assert all(len(each) == 1 for each in ids.values()), "one call, two Message-IDs"


def test_killed_during_the_greeting(launch: Launch, inbox: Inbox, client: Client, long_greeting: Path) -> None:
    gateway = launch(inbox, {"call": {"greeting": str(long_greeting)}})
    with client(gateway).call() as call:
        call.rtp.wait_packet()
        gateway.kill()
    gateway.start()
    gateway.wait_event("item.recovered")
    mail = read_mail(inbox.wait_for(1)[0].content)
    assert mail["X-Sip2mail-Kind"] == "missed"
    inbox.stays_at(1, 0.3)


def test_killed_while_recording(launch: Launch, inbox: Inbox, client: Client, speech: Samples,
                                tmp_path: Path) -> None:
    gateway = launch(inbox, WAV)
    with client(gateway).call() as call:
        call.leave(speech)
        gateway.kill()
    gateway.start()
    gateway.wait_event("item.recovered")
    mail = read_mail(inbox.wait_for(1)[0].content)
    assert mail["X-Sip2mail-Kind"] == "voicemail" and "interrupted" in mail["X-Sip2mail-Flags"]
    samples, _, _ = audio(mail, tmp_path)
    without_last_second = heard(speech)[: len(speech) - 8000 - 800]
    assert position(samples, without_last_second) >= 0, len(samples)
    inbox.stays_at(1, 0.3)
    assert [item["flags"] for item in gateway.items()] == [["interrupted"]]


def test_killed_at_once_after_the_bye(launch: Launch, inbox: Inbox, client: Client, speech: Samples,
                                      tmp_path: Path) -> None:
    said = speech[: 4 * 8000]
    gateway = launch(inbox, WAV)
    with client(gateway).call() as call:
        call.leave(said)
        assert call.hang_up().status == 200
        gateway.kill()
    gateway.start()
    mail = read_mail(inbox.wait_for(1)[0].content)
    samples, _, _ = audio(mail, tmp_path)
    assert position(samples, heard(said)[:-8000]) >= 0
    inbox.stays_at(1, 0.3)


@pytest.mark.preload
@pytest.mark.parametrize("fault, lost", [("kill:fdatasync:1:recordings/", 1.0), ("kill:write:6:recordings/", 3.5)])
def test_killed_while_the_recording_is_written_and_sealed(fault: str, lost: float, launch: Launch, inbox: Inbox,
                                                          client: Client, speech: Samples, shim: Path,
                                                          tmp_path: Path) -> None:
    said = speech[: 4 * 8000]
    gateway = launch(inbox, WAV, environment={"LD_PRELOAD": str(shim), "SIP2MAIL_FAULT": fault})
    with client(gateway).call() as call:
        call.leave(said)
        call.dialog.cseq += 1
        call.client.send(call.client.build("BYE", call.dialog))
        assert gateway.wait_end() == -9
    gateway.environment.clear()
    gateway.start()
    mail = read_mail(inbox.wait_for(1)[0].content)
    samples, _, _ = audio(mail, tmp_path)
    assert position(samples, heard(said)[: len(said) - int(lost * 8000)]) >= 0
    assert mail["X-Sip2mail-Kind"] == "voicemail"
    inbox.stays_at(1, 0.3)


@pytest.mark.preload
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_killed_at_any_commit(number: int, launch: Launch, inbox: Inbox, client: Client, shim: Path) -> None:
    gateway = launch(inbox, run=False)
    gateway.start()
    gateway.stop()  # the database exists: from here on only our own commits are counted
    gateway.environment = {"LD_PRELOAD": str(shim), "SIP2MAIL_FAULT": f"kill:fdatasync:{number}:-wal"}
    gateway.start(wait=False)
    accepted: list[str] = []
    try:
        gateway.wait_event("started", timeout=3)
        phone = client(gateway)
        for turn in range(10):
            dialog = Dialog("2001")
            phone.send(phone.build("MESSAGE", dialog, body=f"text {turn}".encode(), content_type="text/plain"))
            if phone.final(dialog, "MESSAGE", 2).status == 202:
                accepted.append(dialog.call_id)
    except AssertionError:
        pass  # it was killed on the way
    assert gateway.wait_end() == -9
    gateway.environment.clear()
    gateway.start()
    assert client(gateway).message("a marker").status == 202
    assert_arrive(set(accepted), inbox)


@pytest.mark.preload
def test_killed_while_the_maildir_is_written(launch: Launch, client: Client, shim: Path) -> None:
    gateway = launch(None, environment={"LD_PRELOAD": str(shim), "SIP2MAIL_FAULT": "kill:fsync:1:Maildir/tmp/"})
    maildir = gateway.queue / "Maildir"
    assert client(gateway).message("half of it").status == 202
    assert gateway.wait_end() == -9
    assert not list((maildir / "new").iterdir()), "a mail program would have read half a mail"
    gateway.environment.clear()
    gateway.start()
    gateway.wait_event("delivery.done")
    assert [len(list((maildir / room).iterdir())) for room in ("tmp", "new", "cur")] == [0, 1, 0]


def test_killed_while_composing(launch: Launch, inbox: Inbox, client: Client, speech: Samples,
                                tmp_path: Path) -> None:
    gateway = launch(inbox)
    with client(gateway).call() as call:
        call.leave(speech)
        call.hang_up()
    gateway.wait_event("call.recorded")
    gateway.kill()
    gateway.start()
    mails = [read_mail(letter.content) for letter in inbox.wait_for(1)]
    assert_says(mails[0], speech, tmp_path)
    assert "interrupted" not in str(mails[0]["X-Sip2mail-Flags"])


@pytest.mark.parametrize("stage", ["connect", "rcpt", "data", "body", "dot"])
def test_killed_during_the_delivery(stage: str, launch: Launch, scripted: Scripted, client: Client, phrase: Samples,
                                    tmp_path: Path) -> None:
    hold = Hold(then_close=True)
    relay = scripted(Fault(stage, hold, keep=stage == "dot"))
    gateway = launch(relay, WAV)
    with client(gateway).call() as call:
        call.leave(phrase)
        call.hang_up()
    hold.wait_reached()
    gateway.kill()
    hold.released.set()
    gateway.start()
    wanted = 2 if stage == "dot" else 1
    mails = [read_mail(letter.content) for letter in relay.wait_for(wanted)]
    for mail in mails:
        assert_says(mail, heard(phrase), tmp_path)
    assert len({mail["Message-ID"] for mail in mails}) == 1 and len({mail["Date"] for mail in mails}) == 1
    relay.stays_at(wanted, 0.5)


def test_killed_after_every_202(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    inbox.stop()
    accepted: list[str] = []
    for last in range(1, 6):
        phone = client(gateway)
        for turn in range(last):
            dialog = Dialog("2001")
            phone.send(phone.build("MESSAGE", dialog, body=f"{last} {turn}".encode(), content_type="text/plain"))
            assert phone.final(dialog, "MESSAGE").status == 202
            accepted.append(dialog.call_id)
        gateway.kill()
        gateway.start()
    inbox.start()
    mails = [read_mail(letter.content) for letter in inbox.wait_for(len(accepted), 20)]
    assert sorted(mail["X-Sip2mail-Call-ID"] for mail in mails) == sorted(accepted)


def test_killed_in_the_middle_of_a_crowd(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    accepted: set[str] = set()
    for stop_after in (7, 31, 90):
        phone = client(gateway)
        for number in range(120):
            phone.send(phone.build("MESSAGE", Dialog("2001"), body=str(number).encode(), content_type="text/plain"))
        for _ in range(stop_after):
            answer = phone.wait(lambda m: m.status >= 200, 5)
            assert answer.status == 202
            accepted.add(answer["call-id"])
        gateway.kill()
        for message in phone.listen(0.1):  # answers that were on their way
            if message.status == 202:
                accepted.add(message["call-id"])
        gateway.start()
    assert client(gateway).message("a marker").status == 202
    assert_arrive(accepted, inbox)
