"""SIGHUP: the configuration anew, beside calls and mail that go on; a wrong one changes nothing."""

from __future__ import annotations

import signal
from typing import Callable

from conftest import Launch
from harness.g711 import Samples
from harness.gateway import Event, Gateway, Sections
from harness.mailcheck import read_mail, texts
from harness.sip import SipClient
from harness.smtp import Inbox

Client = Callable[..., SipClient]


def reload(gateway: Gateway, sections: Sections, outcome: str = "reload.done") -> Event:
    """Writes the configuration and asks for it."""
    mark = gateway.mark()
    gateway.configure(sections)
    gateway.run.process.send_signal(signal.SIGHUP)
    return gateway.wait_event(outcome, since=mark)


def test_a_mailbox_that_is_added_takes_mail_at_once(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    phone = client(gateway)
    assert phone.message("early", "2002").status == 404
    reload(gateway, {"mailbox.2002": {"email": "hanako@example.com"}})
    assert phone.message("now", "2002").status == 202
    assert inbox.wait_for(1)[0].recipients == ("hanako@example.com",)


def test_a_running_call_keeps_what_it_began_with(launch: Launch, inbox: Inbox, client: Client,
                                                 phrase: Samples) -> None:
    gateway = launch(inbox, {"mailbox.2001": {"name": "Front desk"}})
    with client(gateway).call() as call:
        reload(gateway, {"mailbox.2001": {"email": "other@example.com", "name": "Back office"}, "mail": {"language": "ja"}})
        call.leave(phrase)
        call.hang_up()
    letter = inbox.wait_for(1)[0]
    assert letter.recipients == ("user@example.com",), "the addresses are those of the moment when it came"
    assert "Back office" in texts(read_mail(letter.content))[0], "the wording is today's"


def test_a_wrong_file_changes_nothing_and_is_said_with_its_line(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    event = reload(gateway, {"mailbox.2001": {"emial": "x@example.com"}}, "reload.refused")
    assert "sip2mail.conf:" in event["reason"] and "did you mean mailbox.2001.email?" in event["reason"]
    assert client(gateway).message("still here").status == 202
    inbox.wait_for(1)


def test_another_relay_gets_what_waits(launch: Launch, client: Client) -> None:
    gone, here = Inbox(), Inbox().start()
    try:
        gone.start()
        gone.stop()
        gateway = launch(gone)
        assert client(gateway).message("waits").status == 202
        gateway.wait_event("relay.down")
        reload(gateway, {"relay": {"url": here.url}})
        here.wait_for(1)
    finally:
        here.stop()


def test_what_needs_a_restart_is_named(launch: Launch, client: Client) -> None:
    gateway = launch(None)
    before = gateway.sip()
    reload(gateway, {"sip": {"listen": "tcp:127.0.0.1:0"}, "log": {"level": "debug"}})
    gateway.wait_event("reload.restart", option="sip.listen")
    assert client(gateway).ask("OPTIONS").status == 200
    assert gateway.sip() == before
