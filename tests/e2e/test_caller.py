"""`sip2mail call` and `sip2mail message`: the test caller against the gateway, and against nobody."""

from __future__ import annotations

import socket
from pathlib import Path

from conftest import Launch
from harness.g711 import Samples
from harness.gateway import run_binary
from harness.mailcheck import assert_says, read_mail, texts
from harness.smtp import Inbox
from harness.speech import write_wav


def test_a_voicemail_is_left_by_udp_and_by_tcp(launch: Launch, inbox: Inbox, phrase: Samples, tmp_path: Path) -> None:
    gateway = launch(inbox, {"sip": {"listen": "udp:127.0.0.1:0, tcp:127.0.0.1:0"}, "mail": {"audio-format": "wav"}})
    speech = tmp_path / "speech.wav"
    write_wav(speech, phrase)
    for transport, count in (("udp", 1), ("tcp", 2)):
        port = gateway.sip(transport)[1]
        uri = f"sip:2001@127.0.0.1:{port};transport={transport}"
        done = run_binary("call", uri, "--audio", str(speech), "--from", "sip:0312345678@pbx.example", timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "200 OK" in done.stdout and "hanging up" in done.stdout
        letter = read_mail(inbox.wait_for(count)[-1].content)
        assert letter["X-Sip2mail-Caller"] == "0312345678"


def test_a_diversion_names_the_mailbox(launch: Launch, inbox: Inbox, phrase: Samples, tmp_path: Path) -> None:
    gateway = launch(inbox)
    speech = tmp_path / "speech.wav"
    write_wav(speech, phrase)
    done = run_binary("call", f"sip:pilot@127.0.0.1:{gateway.sip()[1]}", "--audio", str(speech), "--diversion",
                      "<sip:9999@pbx.example>;reason=no-answer", "--diversion",
                      "<sip:2001@pbx.example>;reason=user-busy", timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    mail = read_mail(inbox.wait_for(1)[0].content)
    assert (mail["X-Sip2mail-Mailbox"], mail["X-Sip2mail-Callee"], mail["X-Sip2mail-Reason"]) == ("2001", "2001", "busy")


def test_a_text_is_left(launch: Launch, inbox: Inbox) -> None:
    gateway = launch(inbox, {"sip": {"listen": "udp:127.0.0.1:0, tcp:127.0.0.1:0"}})
    for transport, count in (("udp", 1), ("tcp", 2)):
        uri = f"sip:2001@127.0.0.1:{gateway.sip(transport)[1]};transport={transport}"
        done = run_binary("message", uri, "Grüße an 山田", timeout=30)
        assert done.returncode == 0 and "202" in done.stdout, done.stdout + done.stderr
        assert "Grüße an 山田" in texts(read_mail(inbox.wait_for(count)[-1].content))[0]


def test_a_refusal_has_its_exit_status(launch: Launch, phrase: Samples, tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    write_wav(speech, phrase)

    def left(port: int, user: str = "2001") -> tuple[int, int]:
        uri = f"sip:{user}@127.0.0.1:{port}"
        return (run_binary("call", uri, "--audio", str(speech), timeout=60).returncode,
                run_binary("message", uri, "hello", timeout=60).returncode)

    assert left(launch().sip()[1], "9999") == (77, 77)  # 404
    assert left(launch(None, {"sip": {"trusted": "192.0.2.0/24"}}).sip()[1]) == (77, 77)  # 403
    assert left(launch(None, {"queue": {"min-free": "900000G"}}).sip()[1]) == (75, 75)  # 503
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    assert left(nobody) == (69, 69)


def test_what_cannot_be_said_is_said(tmp_path: Path) -> None:
    noise = tmp_path / "noise.wav"
    noise.write_bytes(b"no sound at all")
    assert run_binary("call", "sip:2001@127.0.0.1").returncode == 64
    assert run_binary("call", "sip:2001@127.0.0.1", "--audio", str(tmp_path / "absent.wav")).returncode == 65
    assert run_binary("call", "sip:2001@127.0.0.1", "--audio", str(noise)).returncode == 65
    assert run_binary("message", "mailto:a@b", "hello").returncode == 65
    secret = run_binary("message", "sip:2001@127.0.0.1;transport=tls", "not in clear")
    assert secret.returncode == 65 and "transport=tls is neither udp nor tcp" in secret.stderr
    assert run_binary("message", "sip:2001@127.0.0.1:99999", "hello").returncode == 65
    assert run_binary("message", "sip:2001@127.0.0.1", "x", "--from", "sip:a@b\r\nEvil: 1").returncode == 64
