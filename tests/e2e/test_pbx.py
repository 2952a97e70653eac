"""A real PBX before us: Kamailio with the configuration that deploy/pbx hands out."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator, Optional

import pytest

from conftest import Launch
from harness import g711
from harness.g711 import Samples
from harness.gateway import Gateway
from harness.kamailio import Kamailio, Phone, free_port
from harness.mailcheck import assert_says, read_mail
from harness.sip import Call, SipClient
from harness.smtp import Inbox

MAILBOXES = {"mailbox.2001": {"email": "taro@example.com"}, "mailbox.2002": {"email": "hanako@example.com"},
             "mail": {"audio-format": "wav"}}
Pbx = Callable[..., Kamailio]


@pytest.fixture
def pbx(tmp_path: Path) -> Iterator[Pbx]:
    """Starts Kamailio before these gateways or addresses."""
    started: list[Kamailio] = []

    def start(*gateways: Gateway | tuple[str, int]) -> Kamailio:
        places = [gateway if isinstance(gateway, tuple) else gateway.sip() for gateway in gateways]
        started.append(Kamailio(tmp_path / f"kamailio{len(started)}", places))
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def phone() -> Iterator[Callable[..., Phone]]:
    """Registers phones."""
    phones: list[Phone] = []

    def make(pbx: Kamailio, user: str, status: Optional[str]) -> Phone:
        phones.append(Phone(pbx, user, status))
        return phones[-1]

    yield make
    for each in phones:
        each.close()


def dial(pbx: Kamailio, user: str) -> Call:
    """A caller at the PBX, answered by whoever takes it; in-dialog requests go by the PBX too."""
    client = SipClient(pbx.address)
    call = client.invite(user)
    call.wait_answer(timeout=15)
    return call


def leave_voicemail(pbx: Kamailio, user: str, said: Samples) -> None:
    """Dials, speaks after the greeting, hangs up."""
    call = dial(pbx, user)
    try:
        route = [f"Route: {value}" for value in reversed(call.answer.all("record-route"))]  # type: ignore[union-attr]
        call.client.send(call.client.build("ACK", call.dialog, headers=route))
        call.rtp.connect(call.media())
        call.leave(said)
        assert call.request("BYE", headers=route).status == 200
    finally:
        call.rtp.close()
        call.client.close()


@pytest.mark.parametrize("status, reason", [("486 Busy Here", "busy"), (None, "no-answer"), ("", "unavailable")])
def test_who_does_not_take_a_call_gets_it_by_mail(
    launch: Launch, inbox: Inbox, pbx: Pbx, phone: Callable[..., Phone], phrase: Samples, tmp_path: Path,
    status: Optional[str], reason: str,
) -> None:
    kamailio = pbx(launch(inbox, MAILBOXES))
    called = phone(kamailio, "2002", status) if status != "" else None
    leave_voicemail(kamailio, "2002", phrase)
    letter = inbox.wait_for(1)[0]
    mail = read_mail(letter.content)
    assert letter.recipients == ("hanako@example.com",)
    assert mail["X-Sip2mail-Mailbox"] == "2002"
    assert mail["X-Sip2mail-Callee"] == "2002"
    assert mail["X-Sip2mail-Caller"] == "0312345678"
    assert mail["X-Sip2mail-Reason"] == reason
    assert_says(mail, g711.decode("pcmu", g711.encode("pcmu", phrase)), tmp_path)
    assert called is None or len(called.invites) == 1, "the phone rang first, once"


def test_a_text_for_a_phone_that_is_off_becomes_a_mail(launch: Launch, inbox: Inbox, pbx: Pbx) -> None:
    kamailio = pbx(launch(inbox, MAILBOXES))
    sender = SipClient(kamailio.address)
    try:
        assert sender.message("lunch at noon?", "2002", uri=f"sip:2002@{kamailio.address[0]}").status == 202
    finally:
        sender.close()
    mail = read_mail(inbox.wait_for(1)[0].content)
    assert mail["X-Sip2mail-Kind"] == "text"
    assert b"lunch at noon?" in inbox.wait_for(1)[0].content


def test_the_second_gateway_takes_over_from_one_that_drains(
    launch: Launch, inbox: Inbox, pbx: Pbx, client: Callable[..., SipClient], phone: Callable[..., Phone],
    phrase: Samples,
) -> None:
    first, second = launch(None, MAILBOXES), launch(inbox, MAILBOXES)
    kamailio = pbx(first, second)
    phone(kamailio, "2002", "486 Busy Here")
    running = client(first).call("2001")  # keeps the first one draining
    first.terminate()
    first.wait_event("stopping")
    leave_voicemail(kamailio, "2002", phrase)
    assert read_mail(inbox.wait_for(1)[0].content)["X-Sip2mail-Reason"] == "busy"
    running.hang_up()
    first.wait_end()


def test_the_second_gateway_takes_over_from_one_without_room(
    launch: Launch, inbox: Inbox, pbx: Pbx, client: Callable[..., SipClient], phrase: Samples
) -> None:
    first, second = launch(None, MAILBOXES | {"sip": {"max-calls": "1"}}), launch(inbox, MAILBOXES)
    kamailio = pbx(first, second)
    running = client(first).call("2001")
    leave_voicemail(kamailio, "2002", phrase)
    first.wait_event("call.refused", status="503")
    assert read_mail(inbox.wait_for(1)[0].content)["X-Sip2mail-Reason"] == "unavailable"
    running.hang_up()


def test_the_second_gateway_takes_over_from_one_that_is_dead(
    launch: Launch, inbox: Inbox, pbx: Pbx, phone: Callable[..., Phone], phrase: Samples
) -> None:
    kamailio = pbx(("127.0.0.1", free_port()), launch(inbox, MAILBOXES))
    phone(kamailio, "2002", None)
    leave_voicemail(kamailio, "2002", phrase)
    assert read_mail(inbox.wait_for(1)[0].content)["X-Sip2mail-Reason"] == "no-answer"
