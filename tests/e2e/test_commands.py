"""The command line: exit statuses, the queue seen and changed, with the daemon up and down."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from shutil import which
from typing import Callable

from conftest import Launch
from harness import g711
from harness.g711 import Samples
from harness.gateway import ROOT, Gateway, run_binary
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


def words(*parts: str) -> str:
    return "\n".join(parts) + "\n"


def states(gateway: Gateway) -> dict[str, str]:
    """The state of each item by its id."""
    return {item["id"]: item["state"] for item in gateway.items()}


def test_items_are_held_released_and_deleted_up_and_down(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    inbox.stop()
    phone = client(gateway)
    for text in ("one", "two"):
        assert phone.message(text).status == 202
    first, second = sorted(states(gateway))
    for _ in ("up", "down"):
        held = gateway.cli("queue", "hold", first[-12:])
        assert (held.returncode, held.stdout) == (0, "1 item is held\n"), held.stderr
        assert states(gateway) == {first: "held", second: "ready"}
        (item,) = gateway.items("--state", "held")
        assert item["recipients"][0]["next_try"] is None and item["recipients"][0]["state"] == "waiting"
        released = gateway.cli("queue", "release", "-", stdin=words("ID\tRECEIVED", first + "\t2026"))
        assert (released.returncode, released.stdout) == (0, "1 item is released\n"), released.stderr
        assert states(gateway) == {first: "ready", second: "ready"}
        assert gateway.cli("queue", "release", "--all").stdout == ""
        if gateway.running:
            gateway.stop()
    assert gateway.cli("queue", "hold", first).returncode == 0
    deleted = gateway.cli("queue", "delete", "--all", "--state", "held")
    assert (deleted.returncode, deleted.stdout) == (0, "1 item is deleted\n"), deleted.stderr
    assert states(gateway) == {second: "ready"}
    assert gateway.cli("queue", "delete", first).returncode == 65
    inbox.start()
    gateway.start()
    inbox.wait_for(1)


def test_what_is_recorded_can_be_neither_held_nor_deleted(launch: Launch, client: Client, phrase: Samples) -> None:
    gateway = launch()
    with client(gateway).call() as call:
        call.leave(phrase)
        (item,) = gateway.items("--state", "recording")
        for verb in ("hold", "release", "retry", "delete"):
            done = gateway.cli("queue", verb, item["id"])
            assert done.returncode == 65 and "still recorded" in done.stderr
        call.hang_up()
    gateway.wait_event("call.recorded")


def test_retry_to_another_address_replaces_the_one_that_failed(launch: Launch, scripted: Callable[..., ScriptedRelay],
                                                               client: Client) -> None:
    relay = scripted(Fault("rcpt", "550 5.1.1 No such user"))
    gateway = launch(relay)
    assert client(gateway).message("to somebody else").status == 202
    gateway.wait_event("delivery.failed")
    (item,) = gateway.items()
    assert item["state"] == "failed"
    done = gateway.cli("queue", "retry", "--to", "other@example.com", item["id"][-10:])
    assert (done.returncode, done.stdout) == (0, "1 item is tried again\n"), done.stderr
    relay.wait_for(1)
    gateway.wait_event("delivery.done")
    shown = json.loads(gateway.cli("queue", "show", item["id"], "--json").stdout)
    (recipient,) = shown["recipients"]
    assert (recipient["address"], recipient["state"]) == ("other@example.com", "delivered")
    history = [(past["verdict"], past["address"], past["code"]) for past in shown["history"]]
    assert history == [("failed", "user@example.com", 550), ("replaced", "user@example.com", None)]


def test_the_contract_s_json_has_its_fields_in_their_order(launch: Launch, client: Client) -> None:
    gateway = launch(sections={"relay": {"url": "smtp://127.0.0.1:1"}})
    assert client(gateway).message("hello").status == 202
    line = gateway.cli("queue", "list", "--json").stdout
    assert list(json.loads(line))[:14] == [
        "id", "kind", "state", "mailbox", "caller", "caller_name", "callee", "call_id", "received", "duration", "reason",
        "flags", "size", "recipients"]
    (recipient,) = json.loads(line)["recipients"]
    assert list(recipient)[:7] == ["address", "state", "tries", "next_try", "code", "reply", "relay"]
    assert recipient["code"] is None and recipient["next_try"]


INVITE = """INVITE sip:pilot@gateway SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1
From: "Mary Smith" <sip:0312345678@pbx>;tag=1
To: <sip:pilot@gateway>
Diversion: <sip:2001@pbx>;reason=user-busy
Call-ID: c1@pbx
CSeq: 1 INVITE
Content-Length: 0

"""


def test_a_request_is_explained(launch: Launch, tmp_path: Path) -> None:
    gateway = launch(run=False)
    file = tmp_path / "invite.txt"
    file.write_text(INVITE)
    for done in (gateway.cli("explain", str(file)), gateway.cli("explain", stdin=INVITE)):
        assert done.returncode == 0, done.stderr
        said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
        assert said["mailbox"] == "2001" and said["to"] == "user@example.com" and said["reason"] == "busy"
        assert "[mailbox.2001]" in said["rule"] and f"{gateway.config}:" in said["rule"]
        assert said["caller"] == "Mary Smith (0312345678)"
    nobody = gateway.cli("explain", stdin=INVITE.replace("2001", "2999"))
    assert nobody.returncode == 65 and "404" in nobody.stderr and nobody.stdout == ""
    assert gateway.cli("explain", stdin="no SIP at all\n").returncode == 65


def test_the_sample_is_a_configuration_and_the_manual_a_page(tmp_path: Path) -> None:
    sample = run_binary("config", "reference").stdout
    assert sample == run_binary("config", "reference", "--format", "sample").stdout
    assert sample == (ROOT / "deploy" / "sip2mail.conf").read_text()
    file = tmp_path / "sip2mail.conf"
    file.write_text(sample)
    assert run_binary("config", "check", "--config", str(file)).returncode == 0
    page = run_binary("config", "reference", "--format", "man").stdout
    assert page == (ROOT / "deploy" / "man" / "sip2mail.1").read_text()
    assert run_binary("config", "reference", "--format", "pdf").returncode == 64
    if which("groff"):
        checked = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page, capture_output=True, text=True,
                                 check=True)
        assert checked.stderr == ""


def test_a_whole_configuration_comes_in_a_variable() -> None:
    text = "[mailbox.2001]\nemail = user@example.com\n[call]\nmax-length = 75s\n"
    shown = run_binary("config", "show", env={"SIP2MAIL_CONFIG_TEXT": text})
    assert shown.returncode == 0 and "call.max-length = 75s" in shown.stdout
    assert "SIP2MAIL_CONFIG_TEXT:4" in shown.stdout
    bad = run_binary("config", "check", env={"SIP2MAIL_CONFIG_TEXT": text + "max-lenght = 1s\n"})
    assert bad.returncode == 78 and "SIP2MAIL_CONFIG_TEXT:5: " in bad.stderr


def test_an_unset_relay_is_said_once_at_start(launch: Launch) -> None:
    gateway = launch()
    gateway.wait_event("relay.unset")
    gateway.stop()
    assert len(gateway.events("relay.unset")) == 1 and "relay.url" not in gateway.run.stderr
    assert "relay.url: not set" in gateway.cli("config", "check").stderr


def test_json_is_one_object_a_line(launch: Launch, client: Client) -> None:
    gateway = launch()
    phone = client(gateway)
    for text in ("one", "two", "three"):
        phone.message(text)
    lines = gateway.cli("queue", "list", "--json", "--state", "all").stdout.splitlines()
    ids = [json.loads(line)["id"] for line in lines]
    assert len(ids) == 3 and ids == sorted(ids), "oldest first"
