"""The harness itself: what the other tests stand on. Needs no gateway."""

from __future__ import annotations

import smtplib
from typing import Callable

import numpy as np
import pytest

from harness import g711, mailcheck
from harness.gateway import ini, merged, parse_event
from harness.rtp import RtpPeer
from harness.sip import Message
from harness.smtp import Close, Fault, Inbox, ScriptedRelay
from harness.speech import tone

LINE = '2026-03-01T00:30:00.123Z info call.answered call=7 mailbox=2001 peer=127.0.0.1:5060 reason="say \\"hi\\" = no"'


def send(port: int, body: str = "Subject: hello\r\n\r\n.dot\r\nlast\r\n") -> None:
    """One mail by Python's own client."""
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as smtp:
        smtp.sendmail("a@example.com", ["b@example.com"], body)


def test_an_event_is_read_with_its_quoted_fields() -> None:
    event = parse_event(LINE)
    assert event and (event.name, event.level) == ("call.answered", "info")
    assert event["call"] == "7" and event["reason"] == 'say "hi" = no' and event["peer"] == "127.0.0.1:5060"


def test_an_event_may_name_its_first_three_words() -> None:
    event = parse_event('ts=2026-03-01T00:30:00Z level=info event=started sip=udp:127.0.0.1:41234,tcp:127.0.0.1:41235')
    assert event and event.name == "started" and event["sip"].startswith("udp:127.0.0.1:41234")
    assert parse_event("") is None


def test_a_configuration_is_merged_by_key() -> None:
    both = merged({"a": {"x": "1", "y": "2"}}, {"a": {"y": None}, "b": {"z": "3"}})  # type: ignore[dict-item]
    assert ini(both) == "[a]\nx = 1\n[b]\nz = 3\n"


@pytest.mark.parametrize("codec", ["pcmu", "pcma"])
def test_g711_is_that_of_the_standard_library(codec: str) -> None:
    audioop = pytest.importorskip("audioop")
    to_linear = audioop.ulaw2lin if codec == "pcmu" else audioop.alaw2lin
    every = bytes(range(256))
    assert g711.decode(codec, every).tobytes() == to_linear(every, 2)
    assert g711.decode(codec, g711.encode(codec, g711.table(codec))).tolist() == g711.table(codec).tolist()


def test_speech_is_paced_and_arrives_as_it_was_said() -> None:
    one, other = RtpPeer(), RtpPeer()
    one.mute()
    said = tone(0.5)
    one.say(said)
    one.connect(other.address)
    one.wait_said()
    other.wait_quiet()
    assert len(other.packets) == 25
    assert 0.46 < other.packets[-1].at - other.packets[0].at < 0.6
    assert other.heard().tolist() == g711.decode("pcmu", g711.encode("pcmu", said)).tolist()
    one.press("#")
    one.wait_said()
    one.close()
    other.close()


def test_sound_is_found_where_it_stands() -> None:
    noise = np.random.default_rng(1).integers(-3000, 3000, 4000).astype(np.int16)
    around = np.concatenate([np.zeros(321, np.int16), noise, np.zeros(100, np.int16)])
    assert mailcheck.position(around, noise) == 321
    assert mailcheck.position(around, noise[::-1].copy()) == -1
    assert mailcheck.correlation((around // 2).astype(np.int16), noise) > 0.99
    assert mailcheck.correlation(around[1000:], noise) < 0.95
    assert mailcheck.correlation(tone(0.5, 900), noise) < 0.3


def test_the_inbox_comes_back_on_its_port(inbox: Inbox) -> None:
    send(inbox.port)
    assert inbox.wait_for(1)[0].recipients == ("b@example.com",)
    port = inbox.port
    inbox.stop()
    with pytest.raises(OSError):
        send(port)
    inbox.start()
    assert inbox.port == port
    send(port)
    inbox.wait_for(2)


def test_the_scripted_relay_takes_mail_and_unstuffs_dots(scripted: Callable[..., ScriptedRelay]) -> None:
    relay = scripted()
    send(relay.port)
    assert relay.wait_for(1)[0].content.endswith(b"\r\n.dot\r\nlast\r\n")


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_the_scripted_relay_refuses_where_told(stage: str, scripted: Callable[..., ScriptedRelay]) -> None:
    relay = scripted(Fault(stage, "451 4.2.0 later"))
    with pytest.raises(smtplib.SMTPException, match="451|later"):
        send(relay.port)
    send(relay.port)
    assert len(relay.wait_for(1)) == 1


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "body", "dot"])
def test_the_scripted_relay_closes_where_told(stage: str, scripted: Callable[..., ScriptedRelay]) -> None:
    relay = scripted(Fault(stage, Close()))
    with pytest.raises((smtplib.SMTPException, OSError)):
        send(relay.port, "Subject: long\r\n\r\n" + "x" * 70 + "\r\n")
    send(relay.port)
    assert len(relay.wait_for(1)) == 1


def test_a_sip_message_is_read_with_folded_and_short_headers() -> None:
    raw = b"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP h\r\nt: <sip:a@b>\r\n ;tag=77\r\nCSeq: 2 BYE\r\n\r\nbody"
    message = Message.parse(raw, ("127.0.0.1", 1))
    assert (message.status, message.method, message.to_tag, message.body) == (200, "BYE", "77", b"body")
