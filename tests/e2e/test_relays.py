"""Relay trouble: nothing is lost, nothing comes twice but where the outcome is unknown, and then under one Message-ID."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from conftest import Launch
from harness.gateway import Gateway
from harness.mailcheck import read_mail
from harness.sip import SipClient
from harness.smtp import Answer, Close, Fault, Inbox, ScriptedRelay
from harness.wait import until

Client = Callable[..., SipClient]
Scripted = Callable[..., ScriptedRelay]


def recipient(gateway: Gateway) -> dict[str, Any]:
    """The only recipient of the only item."""
    (item,) = gateway.items()
    (only,) = item["recipients"]
    return only


def test_a_relay_may_go_and_come_back(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    phone = client(gateway)
    inbox.stop()
    for number in range(10):
        assert phone.message(f"text {number}").status == 202
    gateway.wait_event("relay.down")
    items = gateway.items()
    assert len(items) == 10
    assert {item["state"] for item in items} == {"ready"}
    assert {r["tries"] for item in items for r in item["recipients"]} == {0}
    assert client(gateway).ask("OPTIONS").status == 200, "a relay that is down does not stop calls"
    inbox.start()
    mails = [read_mail(letter.content) for letter in inbox.wait_for(10, 20)]
    assert len({mail["Message-ID"] for mail in mails}) == 10
    gateway.wait_event("relay.up")
    until(lambda: {item["state"] for item in gateway.items()} == {"delivered"}, 10, "all delivered")
    assert {r["tries"] for item in gateway.items() for r in item["recipients"]} == {1}


def test_a_relay_may_stay_away_across_a_restart(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    inbox.stop()
    assert client(gateway).message("kept").status == 202
    gateway.wait_event("relay.down")
    gateway.restart()
    gateway.wait_event("relay.down")
    inbox.start()
    inbox.wait_for(1)


RELAY_TROUBLE: list[tuple[str, Answer]] = [
    ("connect", "421 4.3.2 shutting down"), ("connect", "554 5.3.2 no"), ("connect", Close()),
    ("ehlo", "421 4.3.2 shutting down"), ("ehlo", Close()),
    ("mail", "421 4.7.0 try again"), ("mail", "451 4.3.0 busy"), ("mail", Close()),
    ("rcpt", "421 4.7.0 try again"), ("rcpt", Close()),
    ("rcpt", "450 4.7.28 too many connections"),
    ("data", "421 4.7.0 try again"), ("data", Close()),
    ("dot", "421 4.7.0 try again"), ("dot", "451 4.3.2 rate limit"),
]


def name(value: object) -> str:
    """How a case is called."""
    return value if isinstance(value, str) else type(value).__name__.lower()


@pytest.mark.parametrize("stage, answer", RELAY_TROUBLE, ids=name)
def test_trouble_of_the_relay_costs_the_mail_nothing(stage: str, answer: Answer, launch: Launch, scripted: Scripted,
                                                     client: Client) -> None:
    relay = scripted(Fault(stage, answer))
    gateway = launch(relay)
    assert client(gateway).message("kept").status == 202
    relay.wait_for(1, 20)
    gateway.wait_event("delivery.done")
    assert recipient(gateway)["state"] == "delivered" and recipient(gateway)["tries"] == 1
    relay.stays_at(1, 0.2)


def test_a_retry_does_not_wait_for_the_probe(launch: Launch, client: Client) -> None:
    relay = Inbox().start()
    relay.stop()
    gateway = launch(relay, {"relay": {"probe": "1h"}})
    assert client(gateway).message("waits").status == 202
    gateway.wait_event("relay.down")
    relay.start()
    try:
        assert gateway.cli("queue", "retry", "--all").returncode == 0
        relay.wait_for(1)
    finally:
        relay.stop()


def test_the_list_says_why_all_of_it_waits(launch: Launch, client: Client,
                                           scripted: Scripted) -> None:
    gateway = launch(scripted(Fault("mail", "550 5.7.60 not allowed to send as this sender")))
    assert client(gateway).message("kept").status == 202
    gateway.wait_event("relay.down")
    listed = gateway.cli("queue", "list")
    assert listed.stdout.count("\n") == 2
    assert "mail server default is down since" in listed.stderr and "5.7.60 not allowed" in listed.stderr


@pytest.mark.parametrize("stage, answer", [
    ("rcpt", "450 4.2.0 greylisted"), ("rcpt", "452 4.2.2 mailbox full"), ("data", "451 4.3.0 later"),
    ("dot", "451 4.2.0 later")], ids=name)
def test_a_4xx_of_the_recipient_is_tried_again(stage: str, answer: str, launch: Launch, scripted: Scripted,
                                               client: Client) -> None:
    relay = scripted(Fault(stage, answer, times=2))
    gateway = launch(relay)
    assert client(gateway).message("kept").status == 202
    gateway.wait_event("delivery.deferred")
    relay.wait_for(1, 20)
    gateway.wait_event("delivery.done")
    assert recipient(gateway)["tries"] == 3
    relay.stays_at(1, 0.2)
    assert len({read_mail(content)["Message-ID"] for content in relay.attempts}) == 1


@pytest.mark.parametrize("stage, answer", [
    ("rcpt", "550 5.1.1 no such user"), ("dot", "554 5.6.0 looks like spam"), ("data", "554 5.5.1 no")], ids=name)
def test_a_5xx_of_the_recipient_fails_it_and_keeps_the_content(stage: str, answer: str, launch: Launch,
                                                               scripted: Scripted, client: Client) -> None:
    relay = scripted(Fault(stage, answer))
    gateway = launch(relay)
    assert client(gateway).message("kept").status == 202
    gateway.wait_event("delivery.failed")
    (item,) = gateway.items("--state", "failed")
    only = item["recipients"][0]
    assert (item["state"], only["state"], only["code"], only["tries"]) == ("failed", "failed", int(answer[:3]), 1)
    assert only["reply"] == answer and only["next_try"] is None
    assert b"kept" in gateway.cli("queue", "export", item["id"]).stdout.encode()
    assert gateway.cli("queue", "retry", item["id"]).returncode == 0
    relay.wait_for(1)
    gateway.wait_event("delivery.done")


def test_a_recipient_is_judged_alone(launch: Launch, scripted: Scripted, client: Client) -> None:
    relay = scripted(Fault("rcpt", "550 5.1.1 no such user", recipient="one@example.com"))
    gateway = launch(relay, {"mailbox.2001": {"email": "one@example.com, two@example.com"}})
    assert client(gateway).message("hello").status == 202
    gateway.wait_event("delivery.failed")
    assert relay.wait_for(1)[0].recipients == ("two@example.com",)
    until(lambda: gateway.items()[0]["state"] == "failed", 5, "an item that has a failed recipient is failed")
    assert [r["state"] for r in gateway.items()[0]["recipients"]] == ["failed", "delivered"]


@pytest.mark.parametrize("answer", ["550 5.7.1 relaying denied", "550 5.1.8 sender refused"], ids=name)
def test_a_refusal_of_us_fails_nobody(answer: str, launch: Launch, scripted: Scripted, client: Client) -> None:
    relay = scripted(Fault("mail", answer))
    gateway = launch(relay)
    assert client(gateway).message("kept").status == 202
    gateway.wait_event("relay.down")
    assert (recipient(gateway)["state"], recipient(gateway)["tries"]) == ("waiting", 0)


@pytest.mark.parametrize("stage", ["body", "dot"])
def test_an_unknown_outcome_is_sent_again_under_the_same_message_id(stage: str, launch: Launch, scripted: Scripted,
                                                                    client: Client) -> None:
    relay = scripted(Fault(stage, Close(), keep=True))
    gateway = launch(relay)
    assert client(gateway).message("perhaps twice").status == 202
    wanted = 2 if stage == "dot" else 1
    mails = [read_mail(letter.content) for letter in relay.wait_for(wanted, 20)]
    assert len({mail["Message-ID"] for mail in mails}) == 1
    assert len({mail["Date"] for mail in mails}) == 1
    gateway.wait_event("delivery.done")
    relay.stays_at(wanted, 0.2)


def test_a_reply_is_kept_whole_and_printable(launch: Launch, scripted: Scripted, client: Client) -> None:
    relay = scripted(Fault("rcpt", "550-5.1.1 no such\r\n550 5.1.1 user \x1b[31mred"))
    gateway = launch(relay)
    assert client(gateway).message("kept").status == 202
    gateway.wait_event("delivery.failed")
    reply = recipient(gateway)["reply"]
    assert reply.startswith("550") and "no such" in reply and "red" in reply and "\x1b" not in reply and "\n" not in reply

