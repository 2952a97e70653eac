"""Each mailbox in its own language, zone and form; the greeting heard is its own."""

from __future__ import annotations

import subprocess
from email.message import EmailMessage
from pathlib import Path
from typing import Callable, Optional

import numpy as np
import pytest

from conftest import Launch
from harness import g711
from harness.g711 import Samples
from harness.gateway import ROOT
from harness.mailcheck import assert_says, audio_part, correlation, read_mail, texts
from harness.rtp import padded
from harness.sip import Call, SipClient
from harness.smtp import Inbox
from harness.speech import read_wav, write_wav

Client = Callable[..., SipClient]
NO_GREETING: dict[str, Optional[str]] = {"greeting": None, "greeting-busy": None}
BUSY = {"headers": ["Diversion: <sip:pilot@pbx.example>;reason=user-busy"]}


def built_in(language: str, name: str, directory: Path) -> Samples:
    """A built-in prompt at 8 kHz."""
    target = directory / f"{language}-{name}.wav"
    source = ROOT / "gateway" / "media" / "prompts" / language / f"{name}.wav"
    subprocess.run(["sox", "-G", str(source), "-r", "8000", str(target)], check=True)
    return read_wav(target)[0]


def sweep(directory: Path, first: int, last: int) -> tuple[Path, Samples]:
    """A greeting of half a second that is like no other: a tone that rises or falls."""
    times = np.arange(4000) / 8000
    samples = (8000 * np.sin(2 * np.pi * (first * times + (last - first) * times**2))).astype(np.int16)
    return write_wav(directory / f"sweep-{first}-{last}.wav", samples), samples


def hears(call: Call, prompt: Samples) -> float:
    """How much of that prompt was heard until the prompts ended: a busy machine may pause in them."""
    call.rtp.wait_quiet(0.5)
    return correlation(call.rtp.heard(), prompt)


def mail_to(inbox: Inbox, address: str, count: int) -> EmailMessage:
    """The mail to that address, when so many have come."""
    letters = [letter for letter in inbox.wait_for(count) if letter.recipients == (address,)]
    assert len(letters) == 1, [letter.recipients for letter in inbox.wait_for(count)]
    return read_mail(letters[0].content)


def test_two_mailboxes_speak_two_languages(launch: Launch, inbox: Inbox, client: Client, phrase: Samples,
                                           tmp_path: Path) -> None:
    gateway = launch(inbox, {
        "call": NO_GREETING,  # type: ignore[dict-item]
        "mail": {"timezone": "UTC"},
        "mailbox.2001": {"email": "ja@example.com", "name": "営業部", "language": "ja", "timezone": "Asia/Tokyo",
                         "audio-format": "wav"},
        "mailbox.2002": {"email": "en@example.com", "timezone": "Pacific/Honolulu"},
    })
    greetings = {language: built_in(language, "greeting", tmp_path) for language in ("en", "ja")}
    with client(gateway).call("2001", display="山田 太郎") as japanese:
        with client(gateway, caller="0461234567").call("2002", display="山田 太郎") as english:
            assert hears(japanese, greetings["ja"]) > 0.9 and hears(japanese, greetings["en"]) < 0.5
            assert hears(english, greetings["en"]) > 0.9 and hears(english, greetings["ja"]) < 0.5
            for call in (japanese, english):
                call.rtp.say(phrase)
            for call in (japanese, english):
                call.rtp.wait_said()
                call.hang_up()
    mail = mail_to(inbox, "ja@example.com", 2)
    assert_says(mail, g711.decode("pcmu", g711.encode("pcmu", padded(phrase))), tmp_path)
    assert str(audio_part(mail).get_filename()).endswith("-0312345678-2001.wav")
    assert str(mail["Subject"]).startswith("【留守電】山田 太郎 様 03-1234-5678(0:0"), mail["Subject"]
    assert "山田 太郎" in str(mail["From"])
    plain, html = texts(mail)
    for line in ("発信者:山田 太郎 様", "電話番号:03-1234-5678", "着信先:営業部(2001)", "録音時間:0:0"):
        assert line in plain, plain
    date = mail["Date"].datetime
    assert date.utcoffset().total_seconds() == 9 * 3600
    weekday = "月火水木金土日"[date.weekday()]
    assert f"着信日時:{date.year}年{date.month}月{date.day}日({weekday}) {date.hour}:{date:%M} (JST)" in plain, plain
    assert f"voicemail-{date:%Y%m%dT%H%M%S}-" in str(audio_part(mail).get_filename())
    assert '<html lang="ja">' in html and 'href="tel:0312345678"' in html
    mail = mail_to(inbox, "en@example.com", 2)
    assert_says(mail, phrase, tmp_path)
    assert str(audio_part(mail).get_filename()).endswith("-0461234567-2002.mp3")
    assert str(mail["Subject"]).startswith("Voicemail from 山田 太郎 (0461234567), 0:0"), mail["Subject"]
    plain, html = texts(mail)
    assert " HST" in plain and '<html lang="en">' in html
    assert mail["Date"].datetime.utcoffset().total_seconds() == -10 * 3600


def test_a_busy_mailbox_says_so_in_its_language(launch: Launch, inbox: Inbox, client: Client, tmp_path: Path) -> None:
    gateway = launch(inbox, {"call": NO_GREETING, "mail": {"language": "ja"}})  # type: ignore[dict-item]
    with client(gateway).call(**BUSY) as call:
        assert hears(call, built_in("ja", "greeting-busy", tmp_path)) > 0.9
        call.hang_up()
    mail = mail_to(inbox, "user@example.com", 1)
    assert mail["Subject"] == "【不在着信】03-1234-5678"
    assert "転送理由:話し中でした" in texts(mail)[0]


def test_the_greeting_is_the_mailbox_s_own(launch: Launch, client: Client, tmp_path: Path) -> None:
    files = {name: sweep(tmp_path, *tones) for name, tones in
             {"call": (300, 3000), "call-busy": (3000, 300), "own": (800, 1200), "own-busy": (2500, 2100)}.items()}
    path = {name: str(file) for name, (file, _) in files.items()}
    gateway = launch(None, {
        "call": {"greeting": path["call"], "greeting-busy": path["call-busy"]},
        "mailbox.2001": {"email": "one@example.com", "greeting": path["own"], "greeting-busy": path["own-busy"]},
        "mailbox.2002": {"email": "two@example.com", "greeting": path["own"]},
        "mailbox.2003": {"email": "three@example.com"},
    })
    expected = {("2001", False): "own", ("2001", True): "own-busy", ("2002", False): "own", ("2002", True): "own",
                ("2003", False): "call", ("2003", True): "call-busy"}
    for (user, busy), name in expected.items():
        with client(gateway).call(user, **(BUSY if busy else {})) as call:
            heard = {other: hears(call, samples) for other, (_, samples) in files.items()}
            call.hang_up()
        assert heard[name] > 0.9 and max(heard, key=lambda each: heard[each]) == name, (user, busy, heard)


def test_a_recording_ends_at_the_mailbox_s_own_length(launch: Launch, inbox: Inbox, client: Client,
                                                      speech: Samples) -> None:
    gateway = launch(inbox, {"call": {"max-length": "60s"},
                             "mailbox.2001": {"email": "short@example.com", "max-length": "1500ms"}})
    with client(gateway).call() as call:
        call.rtp.wait_quiet()
        call.rtp.say(speech)
        call.wait_bye()
    recorded = int(gateway.wait_event("call.recorded", mailbox="2001")["milliseconds"])
    assert 1200 <= recorded <= 2000, recorded
    assert mail_to(inbox, "short@example.com", 1)["X-Sip2mail-Duration"] == "2"


def test_a_mailbox_may_want_neither_texts_nor_missed_calls(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox, {"mailbox.2001": {"missed": "ignore", "text": "no"},
                             "mailbox.2002": {"email": "two@example.com"}})
    refused = client(gateway).message("hello")
    assert refused.status == 404 and "takes no texts" in refused["warning"], refused.raw
    assert gateway.wait_event("message.refused", mailbox="2001", status="404")["reason"].startswith("mailbox 2001")
    for user in ("2001", "2002"):
        with client(gateway).call(user) as call:
            call.rtp.wait_packet()
            call.hang_up()
    gateway.wait_event("call.forgotten", mailbox="2001")
    gateway.wait_event("call.missed", mailbox="2002")
    assert client(gateway).message("hello", "2002").status == 202
    letters = inbox.wait_for(2)
    assert {letter.recipients for letter in letters} == {("two@example.com",)}


def test_wording_is_today_s_and_the_address_is_that_of_the_day_it_came(launch: Launch, inbox: Inbox,
                                                                      client: Client) -> None:
    gateway = launch(inbox, {"mailbox.2001": {"email": "then@example.com"}})
    inbox.stop()
    assert client(gateway).message("こんにちは").status == 202
    gateway.wait_event("relay.down")
    gateway.stop()
    gateway.configure({"mailbox.2001": {"email": "now@example.com", "language": "ja", "name": "山田"}})
    inbox.start()
    gateway.start()
    mail = mail_to(inbox, "then@example.com", 1)
    assert mail["Subject"] == "【メッセージ】03-1234-5678"
    assert "宛先:山田(2001)" in texts(mail)[0]


@pytest.mark.parametrize("display, shown", [("Anonymous", "非通知"), ("Coin line/payphone", "公衆電話"),
                                            ("Interaction with other service", "表示圏外")])
def test_a_hidden_number_is_called_what_the_network_says(display: str, shown: str, launch: Launch, inbox: Inbox,
                                                         client: Client) -> None:
    gateway = launch(inbox, {"mail": {"language": "ja"}})
    assert client(gateway).message("hello", display=display, from_uri="sip:anonymous@anonymous.invalid").status == 202
    mail = mail_to(inbox, "user@example.com", 1)
    assert mail["Subject"] == "【メッセージ】" + shown
    assert mail["X-Sip2mail-Caller"] == "anonymous"
    assert f"送信者:{shown}" in texts(mail)[0]
