"""The command line: exit statuses, the queue seen and changed, with the daemon up and down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable

from conftest import Launch
from harness import g711
from harness.g711 import Samples
from harness.gateway import run_binary
from harness.mailcheck import assert_says, position, read_mail
from harness.rtp import padded
from harness.sip import SipClient
from harness.smtp import Fault, Inbox, ScriptedRelay
from harness.speech import read_wav

Client = Callable[..., SipClient]
FIELDS = {"id", "kind", "state", "mailbox", "caller", "caller_name", "callee", "call_id", "received", "duration",
          "reason", "flags", "size", "recipients"}


def test_version_and_usage() -> None:
    done = run_binary("version")
    assert done.returncode == 0 and "sip2mail" in done.stdout and "sofia" in done.stdout.lower()
    assert run_binary("no-such-command").returncode == 64
    assert run_binary("queue", "list", "--no-such-option").returncode == 64


def test_a_configuration_is_checked_with_its_line(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.conf", tmp_path / "bad.conf"
    good.write_text("[mailbox.2001]\nemail = user@example.com\n")
    bad.write_text("[mailbox.2001]\nemail = user@example.com\n[call]\nmax-lenght = 60s\n")
    assert run_binary("config", "check", "--config", str(good)).returncode == 0
    done = run_binary("config", "check", "--config", str(bad))
    assert done.returncode == 78
    assert f"{bad}:4:" in done.stderr + done.stdout and "max-length" in done.stderr + done.stdout
    assert run_binary("serve", "--config", str(bad)).returncode == 78
    assert run_binary("config", "check", "--config", str(tmp_path / "absent.conf")).returncode == 78
    shown = run_binary("config", "show", "--config", str(good))
    assert shown.returncode == 0 and "180s" in shown.stdout
    assert "max-length" in run_binary("config", "reference").stdout


def test_the_environment_and_set_come_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "sip2mail.conf"
    file.write_text("[mailbox.2001]\nemail = file@example.com\n[call]\nmax-length = 60s\n")
    words = ["config", "show", "--config", str(file)]
    env = {"SIP2MAIL_CALL_MAX_LENGTH": "70s", "SIP2MAIL_MAILBOX_2001_EMAIL": "env@example.com"}
    shown = run_binary(*words, env=env).stdout
    assert "70s" in shown and "env@example.com" in shown and "file@example.com" not in shown
    assert "80s" in run_binary(*words, "--set", "call.max-length=80s", env=env).stdout
    assert run_binary(*words, env={"SIP2MAIL_CALL_MAX_LENGHT": "70s"}).returncode == 78


def test_health_follows_the_daemon(launch: Launch) -> None:
    gateway = launch()
    assert gateway.cli("health").returncode == 0
    assert gateway.cli("health", "--ready").returncode == 0
    gateway.stop()
    assert gateway.cli("health").returncode == 1


def test_an_empty_queue_prints_nothing(launch: Launch) -> None:
    gateway = launch()
    for words in (("queue", "list"), ("queue", "list", "--json"), ("queue", "list", "--state", "all")):
        done = gateway.cli(*words)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_second_instance_is_refused(launch: Launch, client: Client) -> None:
    gateway = launch()
    done = run_binary("serve", "--config", str(gateway.config))
    assert done.returncode == 75 and str(gateway.queue) in done.stderr + done.stdout
    assert client(gateway).ask("OPTIONS").status == 200


def test_the_queue_is_seen_and_exported_up_and_down(launch: Launch, inbox: Inbox, client: Client, phrase: Samples,
                                                    tmp_path: Path) -> None:
    gateway = launch(inbox, {"mail": {"audio-format": "wav"}})
    inbox.stop()
    assert client(gateway).message("in the queue").status == 202
    with client(gateway).call(display="Mary Smith") as call:
        call.leave(phrase)
        call.hang_up()
    said = g711.decode("pcmu", g711.encode("pcmu", padded(phrase)))
    gateway.wait_event("call.recorded")
    for _ in ("up", "down"):
        text, voicemail = gateway.items()
        assert FIELDS <= set(voicemail) and FIELDS <= set(text)
        assert (text["kind"], text["state"], text["duration"]) == ("text", "ready", None)
        assert (voicemail["kind"], voicemail["state"], voicemail["caller_name"]) == ("voicemail", "ready", "Mary Smith")
        assert voicemail["duration"] in (2, 3) and voicemail["size"] >= len(said) * 2
        assert [item["id"] for item in gateway.items("--kind", "text")] == [text["id"]]
        assert gateway.items("--mailbox", "2002") == [] and gateway.items("--state", "failed") == []
        table = gateway.cli("queue", "list").stdout.splitlines()
        assert len(table) == 3 and all("\t" in line for line in table)
        shown = gateway.cli("queue", "show", voicemail["id"][-8:])
        assert shown.returncode == 0 and "Mary Smith" in shown.stdout and "user@example.com" in shown.stdout
        exported = gateway.home / "exported.eml"
        assert gateway.cli("queue", "export", voicemail["id"], "-o", str(exported)).returncode == 0
        content = exported.read_bytes()
        assert_says(read_mail(content if b"\r\n" in content else content.replace(b"\n", b"\r\n")), said, tmp_path)
        sound = gateway.home / "sound.wav"
        assert gateway.cli("queue", "audio", voicemail["id"], "-o", str(sound)).returncode == 0
        assert position(read_wav(sound)[0], said) >= 0
        assert gateway.cli("queue", "show", "01ARZ3NDEKTSV4RRFFQ69G5FAV").returncode != 0
        gateway.stop()
    inbox.start()
    gateway.start()
    inbox.wait_for(2)


def test_retry_is_now(launch: Launch, scripted: Callable[..., ScriptedRelay], client: Client) -> None:
    relay = scripted(Fault("rcpt", "450 4.2.0 greylisted"))
    gateway = launch(relay, {"queue": {"retry": "1h"}})
    assert client(gateway).message("later").status == 202
    gateway.wait_event("delivery.deferred")
    (item,) = gateway.items()
    only = item["recipients"][0]
    assert (only["state"], only["tries"], only["code"]) == ("waiting", 1, 450) and only["next_try"]
    assert gateway.cli("queue", "retry", "-", stdin=item["id"] + "\n").returncode == 0
    relay.wait_for(1)


def test_json_is_one_object_a_line(launch: Launch, client: Client) -> None:
    gateway = launch()
    phone = client(gateway)
    for text in ("one", "two", "three"):
        phone.message(text)
    lines = gateway.cli("queue", "list", "--json", "--state", "all").stdout.splitlines()
    ids = [json.loads(line)["id"] for line in lines]
    assert len(ids) == 3 and ids == sorted(ids), "oldest first"
