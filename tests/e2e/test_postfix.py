"""A real mail server behind us: mails come whole through Postfix, and what it says is judged as it says it."""

from __future__ import annotations

import email
import email.policy
import json
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional

import pytest

from conftest import Launch
from harness import g711
from harness.certificates import Authority
from harness.dovecot import Accounts
from harness.g711 import Samples
from harness.gateway import Gateway
from harness.mailcheck import assert_says, audio_part, read_mail, texts
from harness.postfix import Postfix, homes
from harness.rtp import padded
from harness.sip import SipClient
from harness.wait import until

Client = Callable[..., SipClient]
Start = Callable[..., Postfix]
JAPANESE = "明日の会議は15時からです。😀 <b>&amp;\n.\nFrom: 山田\n..\n"
USER = "gateway@example.com"
PASSWORD = "pa ss#word"


@pytest.fixture
def postfix() -> Iterator[Start]:
    """Starts a Postfix: postfix({setting of main.cf: value})."""
    started: list[Postfix] = []

    def start(settings: Optional[Mapping[str, str]] = None, scheme: str = "smtp") -> Postfix:
        started.append(Postfix(settings, scheme))
        return started[-1].start()

    yield start
    for each in started:
        print(each.transcript())  # pytest shows it when the test failed
        each.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The one that Postfix has its certificate from."""
    return Authority(tmp_path, "authority")


@pytest.fixture
def account() -> Iterator[Accounts]:
    """The one account at Postfix."""
    accounts = Accounts(USER, PASSWORD)
    try:
        yield accounts.start()
    finally:
        accounts.close()


@pytest.fixture
def submission(postfix: Start, authority: Authority, account: Accounts) -> Postfix:
    """A Postfix that takes mail over TLS and from its account only."""
    return postfix(certified(authority) | account.settings | {
        "smtpd_tls_auth_only": "yes", "smtpd_tls_received_header": "yes",
        "smtpd_recipient_restrictions": "permit_sasl_authenticated, reject"}, scheme="smtp+starttls")


def certified(authority: Authority) -> dict[str, str]:
    """The settings for STARTTLS."""
    certificate, key = authority.issue()
    return {"smtpd_tls_security_level": "may", "smtpd_tls_cert_file": str(certificate),
            "smtpd_tls_key_file": str(key)}


def shown(gateway: Gateway) -> dict[str, Any]:
    """The only item, by `queue show`."""
    (item,) = gateway.items()
    done = gateway.cli("queue", "show", item["id"], "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def waits(gateway: Gateway) -> bool:
    """Whether the only item waits and it has cost it nothing."""
    item = shown(gateway)
    (only,) = item["recipients"]
    return (item["state"], only["state"], only["tries"]) == ("ready", "waiting", 0)


def read(raw: bytes) -> EmailMessage:
    """A mail of a Maildir, by the strictest rules: a defect raises."""
    email.message_from_bytes(raw, policy=email.policy.strict)
    return read_mail(raw.replace(b"\n", b"\r\n"))


def only_mail(gateway: Gateway, relay: Postfix) -> EmailMessage:
    """The only mail of the only item: byte for byte what we sent, below what Postfix wrote above it, whose answer we
    keep."""
    (raw,) = relay.wait_for(1)
    done = gateway.wait_event("delivery.done")
    mail = read(raw)
    whole, sent = raw.decode("ascii"), gateway.cli("queue", "export", str(mail["X-Sip2mail-Id"])).stdout
    assert sent and whole.endswith("\n" + sent), whole
    trace = whole.removesuffix(sent)
    assert {line.partition(":")[0] for line in trace.splitlines() if line[0] not in "\t "} == {
        "Return-Path", "X-Original-To", "Delivered-To", "Received"}
    words = re.fullmatch(r"250 2\.0\.0 Ok: queued as (\w+)", done["reply"])
    assert words and f" id {words[1]} " in " ".join(trace.split()), (done.line, trace)
    (recipient,) = shown(gateway)["recipients"]
    assert (recipient["state"], recipient["code"], recipient["reply"]) == ("delivered", 250, done["reply"])
    return mail


@pytest.mark.parametrize("form", ["mp3", "wav"])
def test_a_voicemail_arrives_whole(form: str, launch: Launch, postfix: Start, client: Client, phrase: Samples,
                                   tmp_path: Path) -> None:
    relay = postfix()
    gateway = launch(relay, {"mail": {"audio-format": form}})
    with client(gateway).call(display="山田 太郎") as call:
        call.leave(phrase)
        call.hang_up()
    mail = only_mail(gateway, relay)
    assert "山田 太郎" in str(mail["From"])
    assert_says(mail, g711.decode("pcmu", g711.encode("pcmu", padded(phrase))), tmp_path)
    if form == "wav":
        recording = tmp_path / "recording.wav"
        assert gateway.cli("queue", "audio", str(mail["X-Sip2mail-Id"]), "-o", str(recording)).returncode == 0
        assert audio_part(mail).get_content() == recording.read_bytes()


def test_a_text_arrives_whole(launch: Launch, postfix: Start, client: Client) -> None:
    relay = postfix()
    gateway = launch(relay, {"mail": {"language": "ja"}})
    assert client(gateway).message(JAPANESE, display="山田 太郎").status == 202
    mail = only_mail(gateway, relay)
    assert str(mail["Subject"]).startswith("【メッセージ】山田 太郎 様")
    assert JAPANESE in texts(mail)[0].replace("\r\n", "\n")


@pytest.mark.parametrize("way", ["plain", "login"])
def test_an_account_logs_in_over_starttls(way: str, launch: Launch, submission: Postfix, client: Client,
                                          authority: Authority) -> None:
    gateway = launch(submission, {"relay": {"tls-ca": str(authority.file), "user": USER, "password": f'"{PASSWORD}"',
                                            "auth": way}})
    assert client(gateway).message("hello").status == 202
    received = str(only_mail(gateway, submission)["Received"])
    for words in ("using TLSv1.", f"Authenticated sender: {USER}", "with ESMTPSA id"):
        assert words in received, received
    submission.wait_log(f"sasl_method={way.upper()}, sasl_username={USER}")


@pytest.mark.parametrize("way", ["plain", "login"])
def test_a_wrong_password_costs_nothing_but_time(way: str, launch: Launch, submission: Postfix, client: Client,
                                                 authority: Authority, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("not the password\n")
    gateway = launch(submission, {"relay": {"tls-ca": str(authority.file), "user": USER, "auth": way,
                                            "password-file": str(password)}})
    assert client(gateway).message("kept").status == 202
    event = gateway.wait_event("relay.down")
    assert (event["reason"], event["stage"], event["code"]) == ("configuration", "auth", "535"), event.line
    assert event["reply"].startswith("535 5.7.8 Error: authentication failed"), event.line
    assert waits(gateway) and not submission.mails()
    password.write_text(PASSWORD + "\n")
    gateway.restart()
    only_mail(gateway, submission)


def test_a_password_that_is_mended_at_the_server_needs_no_restart(launch: Launch, submission: Postfix, client: Client,
                                                                  authority: Authority, account: Accounts) -> None:
    gateway = launch(submission, {"relay": {"tls-ca": str(authority.file), "user": USER, "password": f'"{PASSWORD}"',
                                            "probe": "3s"}})
    assert client(gateway).message("one").status == 202
    gateway.wait_event("delivery.done")
    account.set_password("somebody changed it")
    submission.stop()  # with the connection that is still logged in
    submission.start()
    assert client(gateway).message("two").status == 202
    event = gateway.wait_event("relay.down")
    assert (event["reason"], event["code"]) == ("configuration", "535"), event.line
    account.set_password(PASSWORD)
    gateway.wait_event("relay.up")
    assert len(submission.wait_for(2)) == 2
    until(lambda: {item["state"] for item in gateway.items()} == {"delivered"}, 10, "both delivered")


def test_an_unknown_address_fails_at_once_and_alone(launch: Launch, postfix: Start, client: Client) -> None:
    relay = postfix()
    gateway = launch(relay, {"mailbox.2001": {"email": "nobody@example.com, user@example.com"}})
    assert client(gateway).message("hello").status == 202
    event = gateway.wait_event("delivery.failed", code=550)
    words = "550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown in virtual mailbox table"
    assert event["reply"] == words
    gateway.wait_event("delivery.done")
    assert len(relay.wait_for(1)) == 1
    first, second = shown(gateway)["recipients"]
    assert (first["state"], first["tries"], first["reply"]) == ("failed", 1, words)
    assert (second["state"], second["tries"]) == ("delivered", 1)


def test_the_fallback_gets_what_an_unknown_address_cannot(launch: Launch, postfix: Start, client: Client) -> None:
    relay = postfix(homes("user@example.com", "office@example.com"))
    gateway = launch(relay, {"mailbox.2001": {"email": "nobody@example.com, user@example.com"},
                             "mail": {"fallback": "office@example.com"}})
    assert client(gateway).message("hello").status == 202
    (mail,) = (read(raw) for raw in relay.wait_for(1, "office@example.com"))
    assert "hello" in texts(mail)[0]
    relay.wait_for(1)
    until(lambda: shown(gateway)["state"] == "delivered", 10, "delivered")
    assert [(each["address"], each["state"]) for each in shown(gateway)["recipients"]] == [
        ("nobody@example.com", "failed"), ("user@example.com", "delivered"), ("office@example.com", "delivered")]
    relay.wait_idle()
    assert (len(relay.mails()), len(relay.mails("office@example.com"))) == (1, 1)


@pytest.mark.parametrize("limit, hidden, forms, words", [
    (30_000, "", ["smaller"], "552 5.3.4 Message size exceeds fixed limit"),
    (10_000, "", ["smaller", "without audio"], "552 5.3.4 Message size exceeds fixed limit"),
    # Postfix does not tell its limit: then it takes all and refuses it at the final dot.
    (10_000, "size", ["smaller", "without audio"], "552 5.3.4 Error: message file too big"),
], ids=["a smaller one fits", "none fits", "none fits, said at the end"])
def test_a_voicemail_over_the_limit_goes_in_the_form_that_fits(
    limit: int, hidden: str, forms: list[str], words: str, launch: Launch, postfix: Start, client: Client,
    phrase: Samples, tmp_path: Path,
) -> None:
    relay = postfix({"message_size_limit": str(limit), "smtpd_discard_ehlo_keywords": hidden})
    gateway = launch(relay, {"mail": {"audio-format": "wav"}})
    with client(gateway).call() as call:
        call.leave(phrase)
        call.hang_up()
    (raw,) = relay.wait_for(1)
    gateway.wait_event("delivery.done")
    assert [(event["form"], event["reply"]) for event in gateway.events("delivery.smaller")] == [
        (form, words) for form in forms]
    assert not gateway.events("relay.down") and not gateway.events("delivery.failed")
    mail = read(raw)
    assert "queue audio" in texts(mail)[0], "it says where the whole recording is"
    if forms[-1] == "smaller":
        assert str(audio_part(mail).get_filename()).endswith(".mp3")
        assert_says(mail, phrase, tmp_path)
    else:
        assert not [part for part in mail.walk() if part.get_content_maintype() == "audio"]
        assert "too large" in texts(mail)[0]
    recording = tmp_path / "recording.wav"
    assert gateway.cli("queue", "audio", str(mail["X-Sip2mail-Id"]), "-o", str(recording)).returncode == 0
    relay.wait_idle()
    assert len(relay.mails()) == 1


@pytest.mark.parametrize("settings, words", [
    ({"virtual_mailbox_domains": "example.net"}, "554 5.7.1 <user@example.com>: Relay access denied"),
    # Debian's own default.
    ({"virtual_mailbox_domains": "example.net", "smtpd_relay_restrictions": "defer_unauth_destination"},
     "454 4.7.1 <user@example.com>: Relay access denied"),
    ({"smtpd_sender_restrictions": "check_sender_access inline:{sip2mail.example=reject}"},
     "554 5.7.1 <voicemail@sip2mail.example>: Sender address rejected: Access denied"),
    ({"smtpd_reject_unlisted_sender": "yes", "virtual_mailbox_domains": "example.com, sip2mail.example"},
     "550 5.1.0 <voicemail@sip2mail.example>: Sender address rejected: User unknown in virtual mailbox table"),
    ({"smtpd_tls_security_level": "encrypt"}, "530 5.7.0 Must issue a STARTTLS command first"),
], ids=["relay", "relay, Debian", "sender", "unknown sender", "clear text"])
def test_a_refusal_of_us_fails_nobody(settings: dict[str, str], words: str, launch: Launch, postfix: Start,
                                      client: Client, authority: Authority) -> None:
    relay = postfix(certified(authority) | settings)
    gateway = launch(relay)
    assert client(gateway).message("kept").status == 202
    event = gateway.wait_event("relay.down")
    assert (event["reason"], event["reply"]) == ("configuration", words), event.line
    assert waits(gateway) and not gateway.events("delivery.failed")
    relay.stop()
    relay.configure({name: None for name in settings} | homes("user@example.com") | {
        "smtpd_relay_restrictions": "reject_unauth_destination"})
    relay.start()
    gateway.restart()
    only_mail(gateway, relay)


def test_an_address_that_alone_is_refused_fails_alone(launch: Launch, postfix: Start, client: Client) -> None:
    relay = postfix()
    gateway = launch(relay, {"relay": {"probe": "3s"}, "mailbox.2002": {"email": "somebody@example.net"}})
    phone = client(gateway)
    assert phone.message("one").status == 202
    gateway.wait_event("delivery.done")
    assert phone.message("for a stranger", "2002").status == 202
    assert gateway.wait_event("relay.down")["reason"] == "configuration"
    assert phone.message("two").status == 202  # which the probe takes
    event = gateway.wait_event("delivery.failed")
    assert event["reply"] == "554 5.7.1 <somebody@example.net>: Relay access denied"
    assert len(relay.wait_for(2)) == 2
    assert sorted(item["state"] for item in gateway.items()) == ["delivered", "delivered", "failed"]


@pytest.mark.parametrize("action, words", [
    ("450 4.2.0 Greylisted, see http://postgrey.example/",
     "450 4.2.0 <user@example.com>: Recipient address rejected: Greylisted, see http://postgrey.example/"),
    ("defer", "450 4.7.1 <user@example.com>: Recipient address rejected: Access denied")], ids=["greylist", "defer"])
def test_a_deferred_mail_comes_later_under_its_own_message_id(action: str, words: str, launch: Launch, postfix: Start,
                                                              client: Client) -> None:
    relay = postfix({"smtpd_recipient_restrictions":
                     f"check_recipient_access inline:{{{{user@example.com = {action}}}}}"})
    gateway = launch(relay)
    assert client(gateway).message("later").status == 202
    assert gateway.wait_event("delivery.deferred", code=450)["reply"] == words
    (recipient,) = shown(gateway)["recipients"]
    assert (recipient["state"], recipient["reply"]) == ("waiting", words) and recipient["tries"] >= 1
    first = gateway.cli("queue", "export", shown(gateway)["id"]).stdout
    relay.configure({"smtpd_recipient_restrictions": ""})
    relay.reload()
    mail = only_mail(gateway, relay)
    assert f"\nMessage-ID: {mail['Message-ID']}\n" in first
    assert shown(gateway)["recipients"][0]["tries"] >= 2
    assert not gateway.events("relay.down")


def test_a_postfix_that_is_away_gets_every_text_once(launch: Launch, postfix: Start, client: Client) -> None:
    relay = postfix()
    gateway = launch(relay)
    phone = client(gateway)
    assert phone.message("before").status == 202
    gateway.wait_event("delivery.done")
    relay.stop()
    for number in range(20):
        assert phone.message(f"text number {number}.").status == 202
    gateway.wait_event("relay.down")
    assert not gateway.events("delivery.deferred")
    relay.start()
    relay.wait_for(21, timeout=20)
    until(lambda: {item["state"] for item in gateway.items()} == {"delivered"}, 10, "all delivered")
    relay.wait_idle()
    mails = [read(raw) for raw in relay.mails()]
    assert len(mails) == len({mail["Message-ID"] for mail in mails}) == 21
    for number in range(20):
        assert sum(f"text number {number}." in texts(mail)[0] for mail in mails) == 1


@pytest.mark.parametrize("settings", [
    # master.cf of Debian and of Postfix itself, service "submission", used without relay.user
    {"smtpd_recipient_restrictions": "permit_sasl_authenticated, reject"},
    {"smtpd_client_restrictions": "permit_sasl_authenticated, reject"},
    {"smtpd_helo_restrictions": "check_helo_access inline:{gateway.example=reject}", "smtpd_helo_required": "yes"},
], ids=["submission", "client", "helo"])
def test_a_refusal_of_us_that_comes_at_rcpt_fails_nobody(settings: dict[str, str], launch: Launch, postfix: Start,
                                                         client: Client) -> None:
    gateway = launch(postfix(settings))
    assert client(gateway).message("kept").status == 202
    until(lambda: gateway.events("relay.down") or gateway.events("delivery.failed"), 10, "judged")
    assert waits(gateway), gateway.transcript()


@pytest.mark.parametrize("settings", [{"queue_minfree": "1000000000000000"},
                                      {"smtpd_recipient_restrictions": "defer"}], ids=["452 at MAIL", "450 4.3.2"])
def test_a_relay_that_throttles_is_told_of(settings: dict[str, str], launch: Launch, postfix: Start,
                                           client: Client) -> None:
    relay = postfix(settings)
    gateway = launch(relay)
    assert client(gateway).message("kept").status == 202
    event = gateway.wait_event("relay.throttled")
    assert "4.3." in event["reply"] and waits(gateway)


def test_a_postfix_that_wants_fewer_connections_gets_everything(launch: Launch, postfix: Start,
                                                                client: Client) -> None:
    relay = postfix({"smtpd_client_connection_count_limit": "1", "smtpd_client_event_limit_exceptions": ""})
    gateway = launch(relay, {"mailbox.*": {"email": "user@example.com"}})
    phone = client(gateway)
    for number in range(12):
        assert phone.message(f"text {number}", str(2001 + number)).status == 202
    until(lambda: {item["state"] for item in gateway.items()} == {"delivered"}, 10, "all delivered")
    assert not gateway.events("relay.down")
