"""A SIP MESSAGE becomes a mail: 202 after the commit, a copy is answered the same and stored once."""

from __future__ import annotations

import socket
from typing import Callable

import pytest

from conftest import Launch
from harness.mailcheck import read_mail, texts
from harness.sip import Dialog, SipClient
from harness.smtp import Inbox

Client = Callable[..., SipClient]
JAPANESE = "明日の会議は15時からです。😀 <b>&amp;"


def test_a_text_becomes_a_mail(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    assert client(gateway).message(JAPANESE, display="山田 太郎").status == 202
    letter = inbox.wait_for(1)[0]
    mail = read_mail(letter.content)
    plain, html = texts(mail)
    assert JAPANESE in plain and "<b>&amp;" not in html and "明日の会議は" in html
    assert mail["Message-Context"] == "text-message" and mail["X-Sip2mail-Kind"] == "text"
    assert mail["X-Sip2mail-Caller"] == "0312345678" and "山田 太郎" in mail["From"]
    assert "not verified" in plain or "unverified" in plain
    assert "unverified" in str(mail["X-Sip2mail-Flags"])
    gateway.wait_event("message.accepted", mailbox="2001", item=mail["X-Sip2mail-Id"])


def test_a_text_cannot_write_headers(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    text = "line\r\nBcc: victim@example.com\r\n\r\n.\r\nRSET\r\n..\r\n"
    assert client(gateway).message(text, display='x\\" <y@z>').status == 202
    letter = inbox.wait_for(1)[0]
    mail = read_mail(letter.content)
    assert letter.recipients == ("user@example.com",) and mail["Bcc"] is None
    lines = texts(mail)[0].splitlines()
    assert {"line", "Bcc: victim@example.com", ".", "RSET", ".."} <= set(lines)


def test_a_copy_is_answered_the_same_and_stored_once(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    phone = client(gateway)
    dialog = Dialog("2001")

    def send(branch: str) -> int:
        phone.send(phone.build("MESSAGE", dialog, body=b"once", content_type="text/plain", branch=branch))
        return phone.final(dialog, "MESSAGE").status

    assert [send("z9hG4bKone"), send("z9hG4bKone"), send("z9hG4bKtwo")] == [202, 202, 202]
    inbox.wait_for(1)
    gateway.restart()
    phone.target = gateway.sip()
    assert send("z9hG4bKone") == 202
    assert phone.message("a marker").status == 202
    inbox.wait_for(2)
    assert len(gateway.items()) == 2
    inbox.stays_at(2, 0.3)


def test_another_body_or_number_is_another_text(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    phone = client(gateway)
    dialog = Dialog("2001")
    for body, cseq in ((b"one", 1), (b"two", 1), (b"one", 2)):
        dialog.cseq = cseq
        phone.send(phone.build("MESSAGE", dialog, body=body, content_type="text/plain"))
        assert phone.final(dialog, "MESSAGE").status == 202
    inbox.wait_for(3)
    assert len({read_mail(letter.content)["Message-ID"] for letter in inbox.letters}) == 3


def test_a_text_over_the_limit_is_413(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox, {"message": {"max-size": "2K"}})
    phone = client(gateway)
    assert phone.message("x" * 2048).status == 202
    assert phone.message("x" * 2049).status == 413
    inbox.wait_for(1)
    assert len(gateway.items()) == 1


@pytest.mark.parametrize("content_type", ["application/javascript", "application/x-msdownload"])
def test_programs_are_415(content_type: str, launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    assert client(gateway).message("alert(1)", content_type=content_type).status == 415
    assert not gateway.items()


def test_typing_notices_are_answered_and_not_mailed(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    phone = client(gateway)
    notice = '<?xml version="1.0"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>'
    assert phone.message(notice, content_type="application/im-iscomposing+xml").status == 200
    assert not gateway.items()


def test_many_texts_at_once_are_all_mailed(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    phone = client(gateway)
    dialogs = [Dialog("2001") for _ in range(200)]
    for number, dialog in enumerate(dialogs):
        phone.send(phone.build("MESSAGE", dialog, body=f"text {number}".encode(), content_type="text/plain"))
    answered: set[str] = set()
    while len(answered) < 200:
        message = phone.wait(lambda m: m.status >= 200, 10, "200 answers")
        assert message.status == 202, message.start
        answered.add(message["call-id"])
    mails = [read_mail(letter.content) for letter in inbox.wait_for(200, 30)]
    assert {mail["X-Sip2mail-Call-ID"] for mail in mails} == {dialog.call_id for dialog in dialogs}


def test_a_burst_on_one_connection_costs_no_memory(launch: Launch, inbox: Inbox, sanitized: bool) -> None:
    """What is read at once holds thousands of requests; one that waits for the disk must not keep it all."""
    gateway = launch(inbox, {"sip": {"listen": "udp:127.0.0.1:0, tcp:127.0.0.1:0"}})
    count = 200 if sanitized else 1500  # quadratic in what the library copies, and slower still with a sanitizer
    burst = b"".join(pipelined(number) for number in range(count))
    before = gateway.memory()
    with socket.create_connection(gateway.sip("tcp"), 20) as connection:
        connection.sendall(burst)
        answers = b""
        while answers.count(b"SIP/2.0 ") < count:
            chunk = connection.recv(1 << 16)
            assert chunk, f"closed after {answers.count(b'SIP/2.0 ')} answers"
            answers += chunk
    assert answers.count(b"SIP/2.0 202 ") == count
    if not sanitized:
        assert gateway.memory() - before < 64 << 20


def test_a_refusal_can_be_found_by_its_call(launch: Launch, client: Client) -> None:
    gateway = launch()
    phone = client(gateway)
    for user, kind, status in (("9999", "text/plain", 404), ("2001", "application/x-sh", 415)):
        dialog = Dialog(user)
        phone.send(phone.build("MESSAGE", dialog, body=b"x", content_type=kind))
        assert phone.final(dialog, "MESSAGE").status == status
        gateway.wait_event("message.refused", call=dialog.call_id, status=str(status))


def pipelined(number: int) -> bytes:
    """One of many MESSAGEs on a TCP connection."""
    head = (f"MESSAGE sip:2001@gateway SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5999;branch=z9hG4bK{number};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:0312345678@pbx>;tag=t{number}\r\nTo: <sip:2001@gateway>\r\n"
            f"Call-ID: {number}@pbx\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n")
    body = b"x" * 1000
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
