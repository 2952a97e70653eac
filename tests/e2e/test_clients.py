"""Callers that are not ours: SIPp and baresip, each with real RTP."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from conftest import Launch
from harness import g711
from harness.baresip import Baresip
from harness.g711 import Samples
from harness.mailcheck import assert_says, audio, correlation, read_mail, spoken
from harness.sipp import leave_voicemail
from harness.smtp import Inbox
from harness.speech import write_wav


def after_a_pause(samples: Samples, seconds: float = 2) -> Samples:
    """These callers speak at once; the prompts take a while."""
    return np.concatenate([np.zeros(int(8000 * seconds), np.int16), samples, np.zeros(4000, np.int16)])


def test_sipp_leaves_a_voicemail(launch: Launch, inbox: Inbox, speech: Samples, tmp_path: Path) -> None:
    gateway = launch(inbox, {"mail": {"audio-format": "wav"}})
    leave_voicemail(gateway.sip(), "2001", after_a_pause(speech), tmp_path)
    mail = read_mail(inbox.wait_for(1)[0].content)
    assert mail["X-Sip2mail-Caller"] == "0398765432"
    assert_says(mail, g711.decode("pcma", g711.encode("pcma", speech)), tmp_path)


def test_three_calls_at_once_are_kept_apart(launch: Launch, inbox: Inbox, phrase: Samples, tmp_path: Path) -> None:
    gateway = launch(inbox, {"mail": {"audio-format": "wav"}})
    leave_voicemail(gateway.sip(), "2001", after_a_pause(phrase), tmp_path, calls=3, first_port=8000)
    mails = [read_mail(letter.content) for letter in inbox.wait_for(3)]
    assert len({mail["X-Sip2mail-Call-ID"] for mail in mails}) == 3
    for mail in mails:
        assert_says(mail, g711.decode("pcma", g711.encode("pcma", phrase)), tmp_path)


def test_baresip_leaves_a_voicemail(launch: Launch, inbox: Inbox, speech: Samples, tmp_path: Path) -> None:
    gateway = launch(inbox, {"mail": {"audio-format": "wav"}, "call": {"silence": "2s"}})
    phone = Baresip(tmp_path / "baresip", write_wav(tmp_path / "said.wav", after_a_pause(speech)))
    try:
        host, port = gateway.sip()
        phone.dial(f"sip:2001@{host}:{port}")
        phone.wait("terminated", 20)
    finally:
        phone.hang_up()
    mail = read_mail(inbox.wait_for(1)[0].content)
    assert mail["X-Sip2mail-Caller"] == "0355554444"
    heard, _, _ = audio(mail, tmp_path)
    assert correlation(heard, spoken(speech)) > 0.9
