"""Mail over TLS with a login: never less than was asked for, every refusal in words, nothing lost meanwhile."""

from __future__ import annotations

import base64
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any, Callable, Iterator, Optional

import pytest
from aiosmtpd.smtp import AuthResult

from conftest import Launch
from harness.certificates import Authority, context, openssl
from harness.gateway import Event, Gateway
from harness.sip import SipClient
from harness.smtp import Fault, Inbox, ScriptedRelay
from harness.wait import until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Client = Callable[..., SipClient]
Open = Callable[..., Inbox]
SCHEMES = ("smtp+starttls", "smtps")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The right one."""
    return Authority(tmp_path, "right")


@pytest.fixture
def secure(authority: Authority) -> Iterator[Open]:
    """Makes relays that speak TLS: secure(scheme, certificate, …)."""
    boxes: list[Inbox] = []

    def make(scheme: str, certificate: Optional[tuple[Path, Path]] = None, **options: Any) -> Inbox:
        tls = context(certificate or authority.issue())
        way: dict[str, Any] = {"tls_context": tls, "require_starttls": True}
        if scheme == "smtps":  # aiosmtpd takes only STARTTLS for TLS
            way = {"ssl_context": tls, "auth_require_tls": False}
        boxes.append(Inbox(scheme, **way, **options).start())
        return boxes[-1]

    yield make
    for box in boxes:
        box.stop()


def waits(gateway: Gateway) -> bool:
    """Whether the only item waits and it has cost it nothing."""
    (item,) = gateway.items()
    (only,) = item["recipients"]
    return (item["state"], only["state"], only["tries"]) == ("ready", "waiting", 0)


def down(gateway: Gateway, stage: str) -> Event:
    """The relay was judged as badly configured, at that stage."""
    event = gateway.wait_event("relay.down")
    assert (event["reason"], event["stage"]) == ("configuration", stage), event.line
    return event


def test_a_ca_of_ones_own_stands_alone(launch: Launch, client: Client, secure: Open, authority: Authority,
                                       tmp_path: Path) -> None:
    """With relay.tls-ca the machine's own authorities are not asked: here one of them has signed the relay's."""
    machine = tmp_path / "machine"
    machine.mkdir()
    shutil.copy(authority.file, machine / "ca-certificates.crt")
    openssl("rehash", machine)
    gateway = launch(secure("smtps"), run=False)
    gateway.prefix = ("unshare", "--mount", "sh", "-c", f'mount --bind "{machine}" /etc/ssl/certs && exec "$@"', "sh")
    if subprocess.run([*gateway.prefix, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no mount namespace can be made here")
    gateway.start()
    assert client(gateway).message("the machine knows the relay").status == 202
    gateway.wait_event("delivery.done")
    gateway.stop()
    gateway.configure({"relay": {"tls-ca": str(Authority(tmp_path, "own").file)}})
    gateway.start()
    assert client(gateway).message("but we asked for another").status == 202
    assert "relay.tls-ca" in down(gateway, "certificate")["reply"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_relay_whose_ca_is_known_gets_the_mail(scheme: str, launch: Launch, client: Client, secure: Open,
                                                 authority: Authority) -> None:
    relay = secure(scheme)
    gateway = launch(relay, {"relay": {"tls-ca": str(authority.file)}})
    phone = client(gateway)
    for number in range(3):
        assert phone.message(f"secret {number}").status == 202
    relay.wait_for(3)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("fault", ["ca", "name", "date"])
def test_a_bad_certificate_gets_nothing_and_costs_nothing(fault: str, scheme: str, tmp_path: Path, launch: Launch,
                                                          client: Client, secure: Open, authority: Authority) -> None:
    other = Authority(tmp_path, "other")
    certificate, words = {
        "ca": (other.issue(), ("CN = other", str(authority.file))),
        "name": (authority.issue("DNS:mail.example.net"), ("mail.example.net", "127.0.0.1")),
        "date": (authority.issue(expired=True), ("expired", "2021")),
    }[fault]
    relay = secure(scheme, certificate)
    gateway = launch(relay, {"relay": {"tls-ca": str(authority.file)}})
    assert client(gateway).message("kept").status == 202
    event = down(gateway, "certificate")
    assert all(word in event["reply"] for word in words), event.line
    assert waits(gateway) and not relay.senders
    if fault == "ca":
        gateway.configure({"relay": {"tls-ca": str(other.file)}})
    else:
        gateway.configure({"relay": {"tls-verify": "no"}})
    gateway.restart()
    relay.wait_for(1)
    gateway.wait_event("delivery.done")


def test_a_ca_that_the_system_does_not_know_is_named(launch: Launch, client: Client, secure: Open) -> None:
    relay = secure("smtps")
    gateway = launch(relay)
    assert client(gateway).message("kept").status == 202
    assert "relay.tls-ca" in down(gateway, "certificate")["reply"]
    assert waits(gateway) and not relay.senders


@pytest.mark.parametrize("answer", [None, "454 4.7.0 TLS not available"])
def test_without_starttls_nothing_is_sent(answer: Optional[str], launch: Launch, client: Client,
                                          scripted: Callable[..., ScriptedRelay]) -> None:
    offers = "250-relay.example\r\n250 STARTTLS" if answer else "250-relay.example\r\n250 SIZE 50000000"
    relay = scripted(Fault("ehlo", offers, times=99), Fault("starttls", answer or "502 5.5.1 no", times=99))
    gateway = launch(relay, {"relay": {"url": relay.url.replace("smtp:", "smtp+starttls:")}})
    assert client(gateway).message("kept").status == 202
    event = down(gateway, "starttls")
    assert (answer or "no STARTTLS") in event["reply"], event.line
    assert waits(gateway)
    said = [command for connection in relay.connections for command in connection.commands]
    assert not any(command.upper().startswith(("MAIL", "AUTH")) for command in said), said


def password_is(wanted: bytes) -> Callable[..., AuthResult]:
    """An authenticator of aiosmtpd."""

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        good = data.login == b"gateway@example.com" and data.password == wanted
        return AuthResult(success=good, handled=good)

    return check


@pytest.mark.parametrize("way", ["auto", "plain", "login"])
def test_a_password_logs_in(way: str, launch: Launch, client: Client, secure: Open, authority: Authority,
                            tmp_path: Path) -> None:
    relay = secure("smtp+starttls", authenticator=password_is(b"pa ss#word"), auth_required=True)
    (tmp_path / "password").write_text("pa ss#word\n")
    gateway = launch(relay, {"relay": {"tls-ca": str(authority.file), "user": "gateway@example.com", "auth": way}},
                     environment={"SIP2MAIL_RELAY_PASSWORD_FILE": str(tmp_path / "password")}, run=False)
    gateway.configure({"mail": {"from": None}})
    gateway.start()
    assert client(gateway).message("hello").status == 202
    assert relay.wait_for(1)[0].sender == "gateway@example.com", "the account is the sender"


def test_a_wrong_password_is_said_in_the_relays_words_and_never_shown(launch: Launch, client: Client, secure: Open,
                                                                      authority: Authority) -> None:
    relay = secure("smtps", authenticator=password_is(b"right"), auth_required=True)
    gateway = launch(relay, {"relay": {"tls-ca": str(authority.file), "user": "gateway@example.com",
                                       "password": "wrong-secret", "auth": "plain"}})
    assert client(gateway).message("kept").status == 202
    event = down(gateway, "auth")
    assert event["code"] == "535" and "credentials invalid" in event["reply"], event.line
    assert waits(gateway) and not relay.senders
    shown = gateway.cli("config", "show").stdout
    assert "relay.password" in shown and "wrong-secret" not in shown + gateway.transcript()
    gateway.configure({"relay": {"password": "right"}})
    gateway.restart()
    relay.wait_for(1)


def test_a_secret_file_is_read_again_at_a_reload(launch: Launch, client: Client, tmp_path: Path, secure: Open,
                                                 authority: Authority) -> None:
    secret = tmp_path / "password"
    secret.write_text("wrong\n")
    relay = secure("smtps", authenticator=password_is(b"right"), auth_required=True)
    gateway = launch(relay, {"relay": {"tls-ca": str(authority.file), "user": "gateway@example.com",
                                       "password-file": str(secret), "auth": "plain"}})
    assert client(gateway).message("kept").status == 202
    down(gateway, "auth")
    secret.write_text("right\n")
    gateway.run.process.send_signal(signal.SIGHUP)
    relay.wait_for(1)


def test_a_relay_without_auth_gets_nothing_from_an_account(launch: Launch, client: Client, secure: Open,
                                                           authority: Authority) -> None:
    relay = secure("smtps", auth_exclude_mechanism=["LOGIN", "PLAIN"])
    gateway = launch(relay, {"relay": {"tls-ca": str(authority.file), "user": "u@example.com", "password": "p"}})
    assert client(gateway).message("kept").status == 202
    assert "no AUTH" in down(gateway, "auth")["reply"]
    assert waits(gateway) and not relay.senders


def tokens_of(path: Path, *tokens: str) -> str:
    """A program that prints one after the other, the last again and again."""
    left = path.with_suffix(".left")
    left.write_text("\n".join(tokens) + "\n")
    path.write_text("#!/bin/sh\n"
                    f'head -n 1 "{left}"; echo run >> "{path}.runs"\n'
                    f'if [ "$(wc -l < "{left}")" -gt 1 ]; then sed -i 1d "{left}"; fi\n')
    path.chmod(0o700)
    return f'"{path}" --for "some body"'


def bearer(*good: str) -> dict[str, Any]:
    """A handler's login with XOAUTH2 that knows these tokens, as Google's does it."""

    async def login(server: Any, args: list[str]) -> Any:
        said = (base64.b64decode(args[1]) if len(args) > 1 else await server.challenge_auth("")).decode()
        if said in [f"user=u@example.com\x01auth=Bearer {token}\x01\x01" for token in good]:
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"400","schemes":"Bearer"}')
        await server.push("535 5.7.8 Username and Password not accepted")
        return AuthResult(success=False, handled=True)

    return {"auth_XOAUTH2": login}


def test_an_expired_token_is_fetched_again(launch: Launch, client: Client, tmp_path: Path, secure: Open,
                                           authority: Authority) -> None:
    relay = secure("smtps", logins=bearer("first"))
    command = tmp_path / "token"
    gateway = launch(relay, {"relay": {"tls-ca": str(authority.file), "user": "u@example.com", "connections": "1",
                                       "token-command": tokens_of(command, "first", "second")}})
    phone = client(gateway)
    assert phone.message("one").status == 202
    gateway.wait_event("delivery.done")
    relay.stop()
    relay._logins = bearer("second")  # pylint: disable=protected-access
    relay.start()
    assert phone.message("two").status == 202
    relay.wait_for(2)
    assert Path(f"{command}.runs").read_text().count("run") == 2, "asked only when one is needed"
    assert not gateway.events("relay.down", reason="configuration")


def test_a_token_that_is_refused_is_a_matter_of_configuration(launch: Launch, client: Client, tmp_path: Path,
                                                              secure: Open, authority: Authority) -> None:
    relay = secure("smtps", logins=bearer("good"))
    gateway = launch(relay, {"relay": {"tls-ca": str(authority.file), "user": "u@example.com",
                                       "token-command": tokens_of(tmp_path / "token", "bad-token")}})
    assert client(gateway).message("kept").status == 202
    down(gateway, "auth")
    assert waits(gateway) and not relay.senders
    assert "bad-token" not in gateway.transcript()


def test_without_a_token_nothing_is_sent(launch: Launch, client: Client, tmp_path: Path, secure: Open,
                                         authority: Authority) -> None:
    command = tmp_path / "token"
    command.write_text("#!/bin/sh\necho invalid_grant: it was revoked >&2\nexit 1\n")
    command.chmod(0o700)
    relay = secure("smtps", logins=bearer("good"))
    gateway = launch(relay, {"relay": {"tls-ca": str(authority.file), "user": "u@example.com",
                                       "token-command": str(command)}})
    assert client(gateway).message("kept").status == 202
    assert "invalid_grant: it was revoked" in down(gateway, "auth")["reply"]
    assert waits(gateway) and not relay.senders


def test_a_password_never_goes_in_clear(launch: Launch) -> None:
    gateway = launch(None, {"relay": {"url": "smtp://mail.example.com", "user": "u@example.com", "password": "p"}},
                     run=False)
    done = gateway.cli("config", "check")
    assert done.returncode == 78 and "in clear" in done.stderr + done.stdout


def test_the_second_relay_takes_over(launch: Launch, client: Client, inbox: Inbox,
                                     scripted: Callable[..., ScriptedRelay]) -> None:
    first = scripted()
    gateway = launch(first, {"relay.second": {"url": inbox.url, "helo": "gateway.example"}})
    phone = client(gateway)
    assert phone.message("by the first").status == 202
    first.wait_for(1)
    first.stop()
    for number in range(3):
        assert phone.message(f"by the second {number}").status == 202
    inbox.wait_for(3)
    gateway.wait_event("delivery.done", relay="second")
    first.start()
    until(lambda: phone.message("a probe").status == 202 and gateway.events("relay.up", relay="default"), 10,
          "a mail finds the first relay again")


def test_the_fallback_gets_what_a_recipient_cannot(launch: Launch, client: Client,
                                                   scripted: Callable[..., ScriptedRelay]) -> None:
    relay = scripted(Fault("rcpt", "550 5.1.1 no such user", recipient="user@example.com"))
    gateway = launch(relay, {"mail": {"fallback": "office@example.com"}})
    assert client(gateway).message("kept").status == 202
    assert relay.wait_for(1)[0].recipients == ("office@example.com",)
    gateway.wait_event("delivery.done")
    (item,) = gateway.items()
    assert item["state"] == "delivered"
    assert [(r["address"], r["state"]) for r in item["recipients"]] == [
        ("user@example.com", "failed"), ("office@example.com", "delivered")]
