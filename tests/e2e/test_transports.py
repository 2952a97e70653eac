"""The ways to us: UDP and TCP, IPv4 and IPv6, several at once, and what `started` says of them."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from conftest import Launch
from harness.baresip import Baresip
from harness.g711 import Samples
from harness.mailcheck import audio, correlation, read_mail, spoken
from harness.network import OwnNetwork
from harness.smtp import Inbox
from harness.speech import write_wav
from test_clients import after_a_pause

EVERYWHERE = "udp:127.0.0.1:0, tcp:127.0.0.1:0, udp:[::1]:0, tcp:[::1]:0"


@pytest.fixture(scope="module", autouse=True)
def ipv6() -> None:
    """Machines without IPv6 exist, containers above all."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")


def uri(user: str, address: tuple[str, int], transport: str) -> str:
    """Where a caller finds that mailbox."""
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"sip:{user}@{host}:{address[1]};transport={transport}"


def test_started_names_every_socket_with_its_real_port(launch: Launch) -> None:
    gateway = launch(None, {"sip": {"listen": EVERYWHERE}})
    places = gateway.wait_event("started")["sip"].split(",")
    assert [re.sub(r"\d+$", "", place) for place in places] == \
        ["udp:127.0.0.1:", "tcp:127.0.0.1:", "udp:[::1]:", "tcp:[::1]:"]
    assert all(int(place.rsplit(":", 1)[1]) > 0 for place in places)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_calls_and_texts_come_by_every_way(host: str, transport: str, launch: Launch, inbox: Inbox, phrase: Samples,
                                           tmp_path: Path) -> None:
    gateway = launch(inbox, {"sip": {"listen": EVERYWHERE}, "mail": {"audio-format": "wav"}})
    address = next(place for place in gateway.sips(transport) if place[0] == host)
    said = write_wav(tmp_path / "said.wav", phrase)
    left = gateway.cli("call", uri("2001", address, transport), "--audio", str(said))
    assert left.returncode == 0, left.stdout + left.stderr
    heard, _, _ = audio(read_mail(inbox.wait_for(1)[0].content), tmp_path)
    assert correlation(heard, spoken(phrase)) > 0.9
    assert gateway.wait_event("call.answered")["peer"].lstrip("[").startswith(host)
    left = gateway.cli("message", uri("2001", address, transport), "Hello there")
    assert left.returncode == 0, left.stdout + left.stderr
    assert "Hello there" in inbox.wait_for(2)[1].content.decode()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_all_addresses_of_both_families(transport: str, launch: Launch, inbox: Inbox) -> None:
    gateway = launch(inbox, {"sip": {"listen": f"{transport}:0.0.0.0:0, {transport}:[::]:0"}})
    for number, host in enumerate(("127.0.0.1", "::1"), 1):
        port = next(port for place, port in gateway.sips(transport) if (":" in place) == (":" in host))
        left = gateway.cli("message", uri("2001", (host, port), transport), "Hello there")
        assert left.returncode == 0, left.stdout + left.stderr
        inbox.wait_for(number)


def test_an_address_that_comes_later_is_heard_too(launch: Launch) -> None:
    """DHCP, a VPN, the address that fails over: nobody restarts the gateway for it."""
    with OwnNetwork() as network:
        gateway = launch(None, {"sip": {"listen": "udp:0.0.0.0:5060, tcp:0.0.0.0:5060, udp:[::]:5060"}}, run=False)
        gateway.prefix = network.prefix
        gateway.start()
        texts = 0
        for turn in range(2):
            network.ip("address", "add", "10.20.0.1/24", "dev", "lo")
            network.ip("address", "add", "fd00:20::1/64", "dev", "lo", "nodad")
            for place in ("udp:10.20.0.1:5060", "tcp:10.20.0.1:5060", "udp:[fd00:20::1]:5060"):
                gateway.wait_event("sip.listening", sip=place)
                kind, address = place.split(":", 1)
                left = gateway.cli("message", f"sip:2001@{address};transport={kind}", f"turn {turn}")
                assert left.returncode == 0, left.stdout + left.stderr
                texts += 1
            network.ip("address", "del", "10.20.0.1/24", "dev", "lo")  # and comes back
            network.ip("address", "del", "fd00:20::1/64", "dev", "lo")
        assert len(gateway.items()) == texts
        assert len(gateway.events("sip.listening")) == 3
        gateway.stop()


def test_baresip_calls_by_tcp(launch: Launch, inbox: Inbox, speech: Samples, tmp_path: Path) -> None:
    gateway = launch(inbox, {"sip": {"listen": "tcp:127.0.0.1:0"}, "mail": {"audio-format": "wav"},
                             "call": {"silence": "2s"}})
    phone = Baresip(tmp_path / "baresip", write_wav(tmp_path / "said.wav", after_a_pause(speech)))
    try:
        phone.dial(uri("2001", gateway.sip("tcp"), "tcp"))
        phone.wait("terminated", 20)
    finally:
        phone.hang_up()
    mail = read_mail(inbox.wait_for(1)[0].content)
    heard, _, _ = audio(mail, tmp_path)
    assert correlation(heard, spoken(speech)) > 0.9
