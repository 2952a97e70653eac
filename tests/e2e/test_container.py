"""What a container changes: who is trusted, and what callers are told of where we are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable

from conftest import Launch
from harness.g711 import Samples
from harness.gateway import ROOT, run_binary
from harness.mailcheck import read_mail
from harness.sip import SipClient
from harness.smtp import Inbox

Client = Callable[..., SipClient]


def test_the_public_address_is_announced(launch: Launch, inbox: Inbox, client: Client, phrase: Samples) -> None:
    gateway = launch(inbox, {"sip": {"public-address": "203.0.113.5:15060"}})
    phone = client(gateway)
    with phone.invite() as call:
        answer = call.wait_answer()
        assert answer["contact"] == "<sip:203.0.113.5:15060>"
        address, port = call.media()
        assert address == "203.0.113.5"
        call.dialog.remote = ""  # what stands before us would bring it here
        call.ack(speak=False)
        call.rtp.connect(("127.0.0.1", port))
        call.leave(phrase)
        call.hang_up()
    assert read_mail(inbox.wait_for(1)[0].content)["X-Sip2mail-Kind"] == "voicemail"


def test_a_local_network_is_told_our_own_address(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox, {"sip": {"public-address": "203.0.113.5", "local-networks": "127.0.0.2"}})
    for host, told in (("127.0.0.1", "203.0.113.5"), ("127.0.0.2", "127.0.0.1")):
        with client(gateway, host).invite() as call:
            assert call.wait_answer()["contact"].startswith(f"<sip:{told}:")
            assert call.media()[0] == told
            call.dialog.remote = ""
            call.ack(speak=False)
            call.hang_up()


def test_the_start_says_what_a_container_needs(launch: Launch) -> None:
    gateway = launch(None, {"sip": {"listen": "udp:127.0.0.1:0"}}, run=False,
                     environment={"SIP2MAIL_IN_CONTAINER": "perhaps"})
    checked = gateway.cli("config", "check")
    assert checked.returncode == 78
    assert 'SIP2MAIL_IN_CONTAINER: "perhaps" is neither 0 nor 1' in checked.stderr


def test_the_environment_of_the_compose_file_is_a_configuration(tmp_path: Path) -> None:
    lines = (ROOT / "deploy" / "compose.yaml").read_text().splitlines()
    pairs = [re.fullmatch(r' {6}(SIP2MAIL_\w+): "?(.*?)"?(?: #.*)?', line) for line in lines]
    environment = {pair[1]: pair[2] for pair in pairs if pair}
    assert environment["SIP2MAIL_RELAY_PASSWORD_FILE"] == "/run/secrets/relay-password"
    (tmp_path / "password").write_text("secret\n")
    environment["SIP2MAIL_RELAY_PASSWORD_FILE"] = str(tmp_path / "password")
    checked = run_binary("config", "check", "--config", "/dev/null", env=environment, cwd=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
