"""Strangers, torture and the packets that abort the library: we answer at most one datagram, and live."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Callable

import pytest

from conftest import Launch
from harness.gateway import Gateway
from harness.sip import Dialog, SipClient, offer, token
from harness.smtp import Inbox
from harness.speech import material

Client = Callable[..., SipClient]
STRANGERS = {"sip": {"trusted": "192.0.2.0/24"}}
FLOOD = int(os.environ.get("SIP2MAIL_FLOOD", "20000"))
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n"


def invite(phone: SipClient, **parts: object) -> bytes:
    """An INVITE with SDP."""
    dialog = parts.pop("dialog", None) or Dialog("2001")
    return phone.build("INVITE", dialog, body=SDP.format(port=40000).encode(),  # type: ignore[arg-type]
                       content_type="application/sdp", **parts)  # type: ignore[arg-type]


def lives(gateway: Gateway, phone: SipClient, pid: int, timeout: float = 1) -> None:
    """The same process answers an OPTIONS in time."""
    assert phone.ask("OPTIONS", timeout=timeout).status == 200
    assert gateway.running and gateway.pid == pid, gateway.transcript()


# --- strangers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE", "OPTIONS", "REGISTER", "SUBSCRIBE", "BYE", "NOSUCH"])
def test_a_stranger_gets_exactly_one_datagram(method: str, launch: Launch, client: Client) -> None:
    gateway = launch(None, STRANGERS)
    phone = client(gateway)
    data = invite(phone) if method == "INVITE" else phone.build(method, Dialog("2001"))
    phone.send(data)
    came = phone.listen(1.7)  # three transmissions of a transaction would fit
    assert [message.status for message in came] == [403], [message.start for message in came]
    assert len(came[0].raw) <= len(data) + 200, "an answer must not be worth a reflection"


def test_a_strangers_ack_is_not_answered(launch: Launch, client: Client) -> None:
    gateway = launch(None, STRANGERS)
    phone = client(gateway)
    phone.send(phone.build("ACK", Dialog("2001", to_tag="x")))
    phone.send(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
               b"To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")
    assert not phone.listen(0.7)


def test_a_flood_of_strangers_leaves_no_trace(launch: Launch, client: Client, sanitized: bool) -> None:
    count = FLOOD // 10 if sanitized else FLOOD
    gateway = launch(None, STRANGERS)
    phone = client(gateway)
    template = invite(phone, dialog=Dialog("2001", call_id="CALLID"), branch="z9hG4bKBRANCH")
    sent = answered = 0
    before = 0

    def drain(timeout: float) -> int:
        phone.received.clear()
        message = phone.poll(timeout)
        if message:
            assert message.status == 403, message.start
        return 1 if message else 0

    while sent < count:
        unique = token().encode()
        phone.send(template.replace(b"CALLID", unique).replace(b"BRANCH", unique))
        sent += 1
        while sent - answered > 100:
            got = drain(2)
            assert got, f"{answered} of {sent} answered"
            answered += got
        if sent == count // 10:
            before = gateway.memory()
    while answered < sent and drain(1):
        answered += 1
    assert answered == sent
    assert not phone.listen(0.7), "repetitions"
    if not sanitized:
        assert gateway.memory() - before < 1 << 20, (before, gateway.memory())
    assert gateway.running


def test_the_refusal_says_what_to_set(launch: Launch, client: Client) -> None:
    gateway = launch(None, STRANGERS)
    phone = client(gateway)
    phone.send(invite(phone))
    event = gateway.wait_event("call.refused")
    assert "sip.trusted" in event.line and "127.0.0.1" in event["peer"]


# --- the holes of the library ----------------------------------------------------------------------------------------


def test_port_zero_in_the_via_and_an_ack_do_not_abort(launch: Launch, client: Client) -> None:
    gateway = launch()
    phone, hostile = client(gateway), client(gateway)
    for port in ("0", "65536", "99999999999"):
        dialog, branch = Dialog("2001"), "z9hG4bK" + token()
        via = f"SIP/2.0/UDP 127.0.0.1:{port};branch={branch}"
        hostile.send(invite(hostile, dialog=dialog, via=via))
        hostile.send(hostile.build("ACK", dialog, via=via))
        dialog.to_tag = "x"
        hostile.send(hostile.build("ACK", dialog, via=via))
        lives(gateway, phone, gateway.pid)
    assert not [m for m in hostile.listen(0.7) if m.status == 200]


def test_a_foreign_version_is_answered_to_its_source_only(launch: Launch, client: Client) -> None:
    gateway = launch(None, STRANGERS)
    phone, victim = client(gateway), client(gateway, host="127.0.0.2")
    for host in (f"127.0.0.2:{victim.port}", "a-name-that-is-not-there.invalid", "a-name-that-is-not-there.invalid:5060"):
        data = invite(phone, via=f"SIP/2.0/UDP {host};branch=z9hG4bK{token()}")
        phone.send(data.replace(b" SIP/2.0\r\n", b" SIP/7.0\r\n", 1))
    marker = phone.ask("OPTIONS", timeout=2)  # a blocking look-up of the name would take seconds
    assert marker.status == 403
    assert not victim.listen(0.3), "reflected to the host in the Via"


def test_maddr_does_not_lead_the_answer_elsewhere(launch: Launch, client: Client) -> None:
    gateway = launch(None, STRANGERS)
    phone, victim = client(gateway), client(gateway, host="127.0.0.2")
    via = f"SIP/2.0/UDP 127.0.0.1:{victim.port};maddr=127.0.0.2;branch=z9hG4bK{token()}"
    phone.send(invite(phone, via=via))
    phone.send(invite(phone, via=via).replace(b"\r\nCSeq: 1 INVITE", b"\r\nCSeq: x"))
    assert phone.ask("OPTIONS", timeout=2).status == 403
    assert not victim.listen(0.3)


def test_a_huge_call_id_and_an_ack_do_not_abort(launch: Launch, client: Client) -> None:
    gateway = launch()
    phone, hostile = client(gateway), client(gateway)
    for size in (17_000, 60_000, 64_600):
        dialog, branch = Dialog("2001", call_id="x" * size), "z9hG4bK" + token()
        hostile.send(invite(hostile, dialog=dialog, branch=branch))
        hostile.send(hostile.build("ACK", dialog, branch=branch))
        lives(gateway, phone, gateway.pid)


def test_a_reinvite_with_a_huge_from_does_not_abort(launch: Launch, client: Client) -> None:
    gateway = launch()
    phone = client(gateway)
    with client(gateway).call() as call:
        call.dialog.cseq = 2
        branch = "z9hG4bK" + token()
        data = call.client.build("INVITE", call.dialog, branch=branch, display="x" * 63_500,
                                 body=offer(call.rtp).encode(), content_type="application/sdp")
        call.client.send(data)
        call.client.send(call.client.build("ACK", call.dialog, branch=branch))
        lives(gateway, phone, gateway.pid)
        assert call.hang_up().status in (200, 481)
    lives(gateway, phone, gateway.pid)


def test_stun_is_not_answered(launch: Launch, client: Client) -> None:
    gateway = launch()
    phone = client(gateway)
    phone.send(b"\x00\x01\x00\x00" + b"\x21\x12\xa4\x42" + b"123456789012")
    phone.send(b"\x00\x01\x00\x08" + b"1234567890123456" + b"\x00\x03\x00\x04\x00\x00\x00\x06")
    assert not phone.listen(0.5)
    lives(gateway, client(gateway), gateway.pid)


@pytest.mark.parametrize("line", ["m=audio 1 RTP/AVPF 0 @", 'm=image 5000 udptl t38 "x"', "m=audio 99999 RTP/AVP 0",
                                  "m=audio -1 RTP/AVP 0", "m=audio 4000 RTP/AVP " + "0 " * 20000],
                         ids=["no token", "quoted", "port too large", "negative port", "endless formats"])
def test_sdp_that_stops_the_library(line: str, launch: Launch, client: Client) -> None:
    gateway = launch()
    phone = client(gateway)
    sdp = f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n{line}\r\n"
    with phone.invite(sdp=sdp) as call:
        status = call.final().status
        assert 400 <= status < 500 or (len(line) > 1000 and status == 200)
    lives(gateway, client(gateway), gateway.pid)


@pytest.mark.parametrize("contact", ["*", "tel:123", "<mailto:a@example.com>", ""])
def test_an_invite_without_a_usable_contact_is_400(contact: str, launch: Launch, client: Client) -> None:
    gateway = launch()
    phone = client(gateway)
    dialog = Dialog("2001")
    phone.send(invite(phone, dialog=dialog, contact=contact))
    assert phone.final(dialog, "INVITE").status == 400
    phone.send(phone.build("INVITE", Dialog("2001"), contact=contact))
    lives(gateway, client(gateway), gateway.pid)


def test_an_unacknowledged_answer_leaves_a_living_gateway(launch: Launch, client: Client) -> None:
    gateway = launch()
    hostile = client(gateway)
    for _ in range(30):
        hostile.send(invite(hostile, dialog=Dialog("2001")))
    lives(gateway, client(gateway), gateway.pid)


def test_a_stranger_has_no_say_in_a_call(launch: Launch, client: Client, long_greeting: Path) -> None:
    """Who has heard a call's tags may still not end it."""
    gateway = launch(None, {"sip": {"trusted": "127.0.0.1"}, "call": {"greeting": str(long_greeting)}})
    with client(gateway).call() as call:
        stranger = client(gateway, host="127.0.0.2")
        dialog = Dialog(call.dialog.user, call.dialog.call_id, call.dialog.from_tag, call.dialog.to_tag, 50)
        for method in ("BYE", "INFO", "INVITE"):
            dialog.cseq += 1
            stranger.send(stranger.build(method, dialog))
            assert stranger.final(dialog, method).status == 403
        call.rtp.wait_packet()
        assert not gateway.events("call.missed")
        call.dialog.cseq = dialog.cseq  # the library counts before it asks us
        assert call.hang_up().status == 200


def test_half_requests_over_tcp_do_not_hinder_others(launch: Launch, client: Client) -> None:
    gateway = launch(None, {"sip": {"listen": "udp:127.0.0.1:0, tcp:127.0.0.1:0"}})
    phone = client(gateway)
    sockets = [socket.create_connection(gateway.sip("tcp"), 2) for _ in range(20)]
    for number, connection in enumerate(sockets):
        connection.sendall([b"", b"INVITE sip:2001@h SIP", b"\r\n\r\n", b"\x00" * 5000][number % 4])
    data = phone.build("OPTIONS", Dialog("2001"), via=f"SIP/2.0/TCP 127.0.0.1:{phone.port};branch=z9hG4bKtcp;rport")
    with socket.create_connection(gateway.sip("tcp"), 2) as good:
        good.settimeout(2)
        good.sendall(data)
        assert good.recv(4096).startswith(b"SIP/2.0 200")
    lives(gateway, phone, gateway.pid)
    for connection in sockets:
        connection.close()


# --- the torture messages of RFC 4475 and RFC 5118 -------------------------------------------------------------------


def with_rport(data: bytes) -> bytes:
    """A copy whose answer comes back to the port that it was sent from."""
    return re.sub(rb"(?im)^(v(?:ia)?[ \t]*:[^\r]*)", rb"\1;rport", data, count=1)


@pytest.mark.parametrize("corpus, suffix", [("rfc4475", "dat"), ("rfc5118", "wire")])
def test_torture(corpus: str, suffix: str, launch: Launch, inbox: Inbox, client: Client) -> None:
    folder: Path = material() / "corpora" / corpus
    if not folder.exists():
        pytest.skip(f"no {folder}")
    gateway = launch(inbox, {"sip": {"listen": "udp:127.0.0.1:0, tcp:127.0.0.1:0"},
                             "mailbox.*": {"email": "all@example.com"}})
    files = sorted(folder.glob(f"*.{suffix}"))
    assert len(files) >= 12
    phone = client(gateway)
    for file in files:
        data = file.read_bytes()
        hostile = client(gateway)
        for copy in (data, with_rport(data)):
            hostile.send(copy)
            try:
                lives(gateway, phone, gateway.pid)
            except AssertionError as trouble:
                raise AssertionError(f"after {file.name} by UDP") from trouble
        with socket.create_connection(gateway.sip("tcp"), 2) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        try:
            lives(gateway, phone, gateway.pid)
        except AssertionError as trouble:
            raise AssertionError(f"after {file.name} by TCP") from trouble
        for message in hostile.listen(0.01):
            assert message.start.startswith("SIP/2.0 "), message.raw[:200]
            assert message.status < 500 or message.status in (501, 503, 505), (file.name, message.start)
    gateway.assert_no_report()
