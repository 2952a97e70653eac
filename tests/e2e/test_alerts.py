"""What the administrator is told by mail (alert.email): an item like any other, by whichever relay works."""

from __future__ import annotations

from typing import Callable

from conftest import Launch
from harness.mailcheck import read_mail, texts
from harness.sip import SipClient
from harness.smtp import Fault, Inbox, ScriptedRelay

Client = Callable[..., SipClient]


def test_a_relay_that_refuses_us_is_told_by_another(launch: Launch, inbox: Inbox, client: Client,
                                                    scripted: Callable[..., ScriptedRelay]) -> None:
    relay = scripted(Fault("mail", "550 5.7.60 SMTP; Client does not have permissions to send as this sender"))
    gateway = launch(relay, {"relay.second": {"url": inbox.url, "helo": "gateway.example"},
                             "alert": {"email": "admin@example.com"}, "mail": {"language": "ja"}})
    assert client(gateway).message("hello").status == 202
    mails = {letter.recipients[0]: read_mail(letter.content) for letter in inbox.wait_for(2)}
    alert = mails["admin@example.com"]
    assert alert["X-Sip2mail-Kind"] == "alert" and alert["Auto-Submitted"] == "auto-generated"
    assert alert["Subject"] == "【sip2mail】メールサーバー default に送信を拒否されました"
    assert all("5.7.60 SMTP; Client does not have permissions" in text for text in texts(alert))
    assert mails["user@example.com"]["X-Sip2mail-Kind"] == "text"


def test_what_failed_goes_to_the_administrator_with_the_reason(launch: Launch, client: Client,
                                                               scripted: Callable[..., ScriptedRelay]) -> None:
    relay = scripted(Fault("rcpt", "550 5.1.1 no such user", recipient="user@example.com"))
    gateway = launch(relay, {"alert": {"email": "admin@example.com"}})
    assert client(gateway).message("kept").status == 202
    letter = relay.wait_for(1)[0]
    assert letter.recipients == ("admin@example.com",)
    plain, _ = texts(read_mail(letter.content))
    assert "kept" in plain and "could not be delivered to user@example.com" in plain and "5.1.1 no such user" in plain
