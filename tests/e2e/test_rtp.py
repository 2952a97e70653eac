"""Who may hear us and whom we hear: no RTP before the ACK, none to strangers, nothing recorded from third parties."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import numpy as np

from conftest import Launch
from harness import g711
from harness.g711 import Samples
from harness.mailcheck import assert_says, audio, read_mail
from harness.rtp import RtpPeer, padded
from harness.sip import SipClient, offer
from harness.smtp import Inbox
from harness.speech import tone

Client = Callable[..., SipClient]
STRANGE = {"sip": {"trusted": "127.0.0.1/32"}, "media": {"networks": "192.0.2.0/24"}}


def test_no_rtp_before_the_ack(launch: Launch, client: Client) -> None:
    gateway = launch()
    with client(gateway).invite() as call:
        call.wait_answer()
        call.rtp.hears_nothing(0.7)
        call.ack()
        call.rtp.wait_packet(2)
        call.hang_up()


def test_no_rtp_to_a_foreign_address_before_it_has_sent(launch: Launch, client: Client, long_greeting: Path) -> None:
    gateway = launch(None, {**STRANGE, "call": {"greeting": str(long_greeting)}})
    rtp = RtpPeer("127.0.0.2")
    with client(gateway).invite(rtp=rtp) as call:
        call.wait_answer()
        call.ack(speak=False)
        rtp.hears_nothing(0.7)
        rtp.connect(call.media())
        rtp.wait_packet(2)
        call.hang_up()


def test_rtp_goes_at_once_to_where_the_call_comes_from(launch: Launch, client: Client) -> None:
    gateway = launch(None, STRANGE)
    rtp = RtpPeer()
    rtp.mute()
    with client(gateway).invite(rtp=rtp) as call:
        call.wait_answer()
        call.ack(speak=False)
        rtp.wait_packet(2)
        call.hang_up()


def test_no_rtp_to_multicast_broadcast_or_nowhere(launch: Launch, client: Client) -> None:
    gateway = launch(None, {"media": {"networks": "0.0.0.0/0"}})
    for address in ("224.0.0.1", "255.255.255.255", "0.0.0.0"):
        rtp = RtpPeer("0.0.0.0")
        with client(gateway).invite(rtp=rtp, sdp=offer(rtp, address=address)) as call:
            if call.final().status == 200:
                call.client.send(call.client.build("ACK", call.dialog))
                rtp.hears_nothing(0.3)
                call.dialog.remote = call.answer["contact"].strip("<>")  # type: ignore[index]
                call.hang_up()
    assert client(gateway).ask("OPTIONS").status == 200


def test_a_third_party_is_neither_recorded_nor_answered(launch: Launch, inbox: Inbox, client: Client,
                                                        phrase: Samples, tmp_path: Path) -> None:
    gateway = launch(inbox, {"mail": {"audio-format": "wav"}})
    stranger = RtpPeer("127.0.0.3")
    stranger.say(tone(60, 1000, 20000))
    with client(gateway).call() as call:
        call.rtp.wait_packet()
        stranger.connect(call.media())
        call.leave(phrase)
        call.hang_up()
    stranger.close()
    assert stranger.sent > 50 and not stranger.packets
    mail = read_mail(inbox.wait_for(1)[0].content)
    assert_says(mail, g711.decode("pcmu", g711.encode("pcmu", padded(phrase))), tmp_path)
    samples, _, _ = audio(mail, tmp_path)
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    at_1k = spectrum[int(len(samples) * 1000 / 8000) - 2 : int(len(samples) * 1000 / 8000) + 3].max()
    assert at_1k < 0.05 * len(samples) * 20000 / 2, "the stranger's tone is in the recording"


def test_garbage_on_the_rtp_port_does_nothing(launch: Launch, inbox: Inbox, client: Client, phrase: Samples,
                                              tmp_path: Path) -> None:
    gateway = launch(inbox, {"mail": {"audio-format": "wav"}})
    with client(gateway).call() as call:
        call.rtp.wait_quiet()
        for junk in (b"", b"\x80", b"\x00" * 12, b"\x80\x00" + b"\xff" * 10, b"\xbf\x80" + b"\xff" * 200,
                     b"\x90\x00" + b"\x00" * 10 + b"\xbe\xde\xff\xff", b"\xa0\x00" + b"\x00" * 10 + b"\xff",
                     bytes(range(256)) * 5):
            call.rtp.socket.sendto(junk, call.media())
        call.rtp.say(phrase)
        call.rtp.wait_said()
        call.hang_up()
    mail = read_mail(inbox.wait_for(1)[0].content)
    samples, _, duration = audio(mail, tmp_path)
    assert duration < 10, "a forged time stamp made the recording long"
    assert len(samples) > 0
