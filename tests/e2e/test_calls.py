"""A call becomes a mail: by every codec, ended in every way; what is refused, and what was only missed."""

from __future__ import annotations

import mailbox
import re
import time
from pathlib import Path
from typing import Callable

import numpy as np
import pytest

from conftest import Launch
from harness import g711
from harness.g711 import Samples
from harness.mailcheck import assert_says, audio, audio_part, position, read_mail, texts
from harness.rtp import RtpPeer, padded
from harness.sip import Call, Dialog, SipClient, offer
from harness.smtp import Inbox
from harness.speech import japanese
from harness.wait import until

Client = Callable[..., SipClient]
WAV = {"mail": {"audio-format": "wav"}}


def as_heard(codec: str, samples: Samples) -> Samples:
    """What a receiver decodes."""
    return g711.decode(codec, g711.encode(codec, padded(samples)))


@pytest.mark.parametrize("codec", ["pcmu", "pcma"])
def test_a_call_becomes_a_mail_sample_for_sample(codec: str, launch: Launch, inbox: Inbox, client: Client,
                                                 speech: Samples, tmp_path: Path, sanitized: bool) -> None:
    gateway = launch(inbox, WAV)
    with client(gateway).call(rtp=RtpPeer(codec=codec), display="Mary Smith") as call:
        began = call.leave(speech)
        recorded = time.monotonic() - began
        call.hang_up()
        call_id = call.dialog.call_id
    letter = inbox.wait_for(1)[0]
    assert letter.recipients == ("user@example.com",)
    assert letter.sender == "voicemail@sip2mail.example"
    mail = read_mail(letter.content)
    assert_says(mail, as_heard(codec, speech), tmp_path)
    samples, _, duration = audio(mail, tmp_path)
    assert abs(duration - recorded) < (0.4 if sanitized else 0.1), (duration, recorded)
    assert mail["To"] == "user@example.com"
    assert "Mary Smith" in mail["From"] and "voicemail@sip2mail.example" in mail["From"]
    assert "0312345678" in mail["Subject"] or "Mary Smith" in mail["Subject"]
    expected = {"Kind": "voicemail", "Mailbox": "2001", "Caller": "0312345678", "Callee": "2001", "Call-ID": call_id}
    assert {key: mail[f"X-Sip2mail-{key}"] for key in expected} == expected
    name = str(audio_part(mail).get_filename())
    assert re.fullmatch(r"voicemail-\d{8}T\d{6}-0312345678-2001\.wav", name), name
    plain, html = texts(mail)
    assert "Mary Smith" in plain and "0312345678" in re.sub(r"\D", "", plain) and "tel:" in html
    gateway.wait_event("call.answered", mailbox="2001")
    gateway.wait_event("call.recorded", item=mail["X-Sip2mail-Id"])
    gateway.wait_event("delivery.done", item=mail["X-Sip2mail-Id"])
    (item,) = gateway.items()
    assert (item["kind"], item["state"], item["mailbox"]) == ("voicemail", "delivered", "2001")
    assert item["id"] == mail["X-Sip2mail-Id"] and item["recipients"][0]["code"] == 250
    assert item["recipients"][0]["tries"] == 1 and item["recipients"][0]["next_try"] is None


def test_mp3_is_the_usual_form_and_says_the_same(launch: Launch, inbox: Inbox, client: Client, speech: Samples,
                                                 tmp_path: Path) -> None:
    gateway = launch(inbox)
    with client(gateway).call() as call:
        call.leave(speech)
        call.hang_up()
    mail = read_mail(inbox.wait_for(1)[0].content)
    part = audio_part(mail)
    assert str(part.get_filename()).endswith(".mp3") and part.get_content_type() == "audio/mpeg"
    assert_says(mail, speech, tmp_path)
    gateway.wait_event("delivery.done")


@pytest.mark.slow
def test_a_long_japanese_message_is_complete(launch: Launch, inbox: Inbox, client: Client, session_home: Path,
                                             tmp_path: Path) -> None:
    said = japanese(session_home)
    gateway = launch(inbox)
    with client(gateway).call(display="山田 太郎") as call:
        call.leave(said)
        call.hang_up()
    mail = read_mail(inbox.wait_for(1)[0].content)
    assert "山田 太郎" in mail["From"]
    assert_says(mail, said, tmp_path)


def test_without_a_relay_mail_lies_in_the_maildir(launch: Launch, client: Client, phrase: Samples,
                                                  tmp_path: Path) -> None:
    gateway = launch(None, WAV)
    with client(gateway).call() as call:
        call.leave(phrase)
        call.hang_up()
    folder = mailbox.Maildir(str(gateway.queue / "Maildir"))
    key = until(lambda: next(iter(folder.keys()), None), 15, "a file in the Maildir")
    content = folder.get_bytes(key)
    if b"\r\n" not in content:  # a Maildir's files may end their lines as the system does
        content = content.replace(b"\n", b"\r\n")
    assert_says(read_mail(content), as_heard("pcmu", phrase), tmp_path)
    gateway.wait_event("delivery.done")
    assert gateway.items()[0]["recipients"][0]["relay"] == "builtin"


def test_every_recipient_gets_a_mail_of_its_own(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox, {"mailbox.2001": {"email": "one@example.com, two@example.com"}})
    client(gateway).message("hello")
    letters = sorted(inbox.wait_for(2), key=lambda letter: letter.recipients)
    mails = [read_mail(letter.content) for letter in letters]
    assert [letter.recipients for letter in letters] == [("one@example.com",), ("two@example.com",)]
    assert [mail["To"] for mail in mails] == ["one@example.com", "two@example.com"]
    assert [re.search(r"\.(\d+)@", mail["Message-ID"])[1] for mail in mails] == ["1", "2"]  # type: ignore[index]
    assert mails[0]["X-Sip2mail-Id"] == mails[1]["X-Sip2mail-Id"]


# --- the ends of a call --------------------------------------------------------------------------------------------


def test_a_finish_key_ends_the_recording(launch: Launch, inbox: Inbox, client: Client, phrase: Samples,
                                         tmp_path: Path) -> None:
    gateway = launch(inbox, WAV)
    with client(gateway).call() as call:
        call.leave(phrase)
        call.rtp.press("#")
        call.wait_bye(5)
    assert_says(read_mail(inbox.wait_for(1)[0].content), as_heard("pcmu", phrase), tmp_path)


def test_a_finish_key_by_info_ends_the_recording(launch: Launch, inbox: Inbox, client: Client, phrase: Samples,
                                                 tmp_path: Path) -> None:
    gateway = launch(inbox, WAV)
    with client(gateway).call() as call:
        call.leave(phrase)
        answer = call.request("INFO", body=b"Signal=#\r\nDuration=160\r\n", content_type="application/dtmf-relay")
        assert answer.status == 200
        call.wait_bye()
    assert_says(read_mail(inbox.wait_for(1)[0].content), as_heard("pcmu", phrase), tmp_path)


def test_silence_ends_the_recording(launch: Launch, inbox: Inbox, client: Client, phrase: Samples,
                                    tmp_path: Path) -> None:
    gateway = launch(inbox, {**WAV, "call": {"silence": "1s"}})
    with client(gateway).call() as call:
        call.leave(phrase)
        call.wait_bye(6)
    assert_says(read_mail(inbox.wait_for(1)[0].content), as_heard("pcmu", phrase), tmp_path)


def test_the_recording_ends_at_its_limit(launch: Launch, inbox: Inbox, client: Client, speech: Samples,
                                         tmp_path: Path, sanitized: bool) -> None:
    gateway = launch(inbox, {**WAV, "call": {"max-length": "2s"}})
    with client(gateway).call() as call:
        call.rtp.wait_quiet()
        call.rtp.say(speech)
        call.wait_bye(6)
    samples, _, duration = audio(read_mail(inbox.wait_for(1)[0].content), tmp_path)
    assert abs(duration - 2) < (0.5 if sanitized else 0.15), duration
    assert position(samples, as_heard("pcmu", speech[: 75 * 160])) >= 0, "the first 1.5 s are not there"


def test_no_packet_at_all_ends_the_recording_and_keeps_it(launch: Launch, inbox: Inbox, client: Client,
                                                          phrase: Samples, tmp_path: Path) -> None:
    gateway = launch(inbox, {**WAV, "media": {"timeout": "1s"}, "call": {"silence": "0s"}})
    with client(gateway).call() as call:
        call.leave(phrase)
        call.rtp.mute()
        call.wait_bye(6)
    assert_says(read_mail(inbox.wait_for(1)[0].content), as_heard("pcmu", phrase), tmp_path)


def test_lost_packets_stay_time(launch: Launch, inbox: Inbox, client: Client, phrase: Samples, tmp_path: Path,
                                sanitized: bool) -> None:
    gateway = launch(inbox, WAV)
    with client(gateway).call() as call:
        began = call.leave(phrase)
        call.rtp.mute()
        call.client.listen(0.6)
        call.rtp.mute(False)
        call.rtp.say(phrase)
        call.rtp.wait_said()
        recorded = time.monotonic() - began
        call.hang_up()
    samples, _, duration = audio(read_mail(inbox.wait_for(1)[0].content), tmp_path)
    said = as_heard("pcmu", phrase)
    first = position(samples, said)
    second = position(samples[first + len(said) :], said) + len(said)
    assert first >= 0 and second > len(said) + 0.5 * 8000, (first, second)
    assert abs(duration - recorded) < (0.4 if sanitized else 0.1), (duration, recorded)


# --- missed --------------------------------------------------------------------------------------------------------


def test_a_caller_who_says_nothing_is_a_missed_call(launch: Launch, inbox: Inbox, client: Client,
                                                    long_greeting: Path) -> None:
    gateway = launch(inbox, {"call": {"greeting": str(long_greeting)}})
    with client(gateway).call() as call:
        call.rtp.wait_packet()
        call.hang_up()
    mail = read_mail(inbox.wait_for(1)[0].content)
    assert mail["X-Sip2mail-Kind"] == "missed" and "0312345678" in re.sub(r"\D", "", texts(mail)[0])
    assert not [part for part in mail.walk() if part.get_content_maintype() == "audio"]
    gateway.wait_event("call.missed", mailbox="2001")
    assert gateway.items()[0]["kind"] == "missed"


def test_a_cancelled_call_is_missed(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox, {"call": {"answer-delay": "10s"}})
    with client(gateway).invite() as call:
        call.provisional(180)
        assert call.cancel().status == 200
        assert call.final().status == 487
    assert read_mail(inbox.wait_for(1)[0].content)["X-Sip2mail-Kind"] == "missed"


def test_a_bye_before_the_answer_is_a_cancel(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox, {"call": {"answer-delay": "10s"}})
    with client(gateway).invite() as call:
        ringing = call.provisional()
        early = Dialog("2001", call.dialog.call_id, call.dialog.from_tag, ringing.to_tag, 2)
        call.client.send(call.client.build("BYE", early))
        came = {(m.status, m.method) for m in call.client.listen(0.5)}
    assert came == {(200, "BYE"), (487, "INVITE")}
    assert read_mail(inbox.wait_for(1)[0].content)["X-Sip2mail-Kind"] == "missed"


def test_an_update_that_crosses_our_offer_waits(launch: Launch, client: Client) -> None:
    gateway = launch()
    with client(gateway).call() as call:
        assert call.request("INVITE").body
        crossing = call.request("UPDATE", body=offer(call.rtp).encode(), content_type="application/sdp")
        assert crossing.status == 491
        call.dialog.cseq -= 1
        call.client.send(call.client.build("ACK", call.dialog, body=offer(call.rtp).encode(),
                                           content_type="application/sdp"))
        call.dialog.cseq += 1
        assert call.hang_up().status == 200


def test_a_call_taken_elsewhere_is_not_missed(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox, {"call": {"answer-delay": "10s"}})
    with client(gateway).invite() as call:
        call.provisional(180)
        call.cancel('Reason: SIP;cause=200;text="Call completed elsewhere"')
        assert call.final().status == 487
    client(gateway, caller="099").message("a marker")
    inbox.wait_for(1)
    assert [item["kind"] for item in gateway.items()] == ["text"]


def test_missed_calls_can_be_ignored(launch: Launch, inbox: Inbox, client: Client, long_greeting: Path) -> None:
    gateway = launch(inbox, {"call": {"greeting": str(long_greeting), "missed": "ignore"}})
    with client(gateway).call() as call:
        call.rtp.wait_packet()
        call.hang_up()
    client(gateway, caller="099").message("a marker")
    inbox.wait_for(1)
    assert [item["kind"] for item in gateway.items()] == ["text"]


# --- answers -------------------------------------------------------------------------------------------------------


def test_an_unknown_mailbox_is_404(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    with client(gateway).invite("9999") as call:
        assert call.final().status == 404
    assert client(gateway).message("hello", "9999").status == 404
    gateway.wait_event("call.refused")
    gateway.wait_event("message.refused")
    assert not gateway.items()


def test_beyond_max_calls_the_pbx_takes_its_next_route(launch: Launch, client: Client, long_greeting: Path) -> None:
    gateway = launch(None, {"sip": {"max-calls": "1"}, "call": {"greeting": str(long_greeting)}})
    phone = client(gateway)
    with phone.call() as call:
        with phone.invite() as second:
            answer = second.final()
            assert answer.status == 503 and answer["retry-after"] and "sip.max-calls" in answer["warning"]
        assert phone.message("texts have room").status == 202
        call.hang_up()
    gateway.wait_event("call.missed")
    with phone.call() as call:
        call.hang_up()


def test_no_common_codec_is_488(launch: Launch, inbox: Inbox, client: Client) -> None:
    gateway = launch(inbox)
    rtp = RtpPeer()
    sdp = offer(rtp).replace("RTP/AVP 0 101", "RTP/AVP 3").replace("a=rtpmap:0 PCMU/8000", "a=rtpmap:3 GSM/8000")
    with client(gateway).invite(rtp=rtp, sdp=sdp) as call:
        assert call.final().status == 488
    assert not gateway.items()


@pytest.mark.parametrize("header, status, names", [
    ("Content-Encoding: gzip", 415, "accept"), ("Require: sip2mail-test", 420, "unsupported")])
def test_what_we_do_not_know_is_refused_by_name(header: str, status: int, names: str, launch: Launch,
                                                client: Client) -> None:
    gateway = launch()
    with client(gateway).invite(headers=[header]) as call:
        answer = call.final()
        assert answer.status == status and answer[names]
    assert not gateway.items()


def test_options_is_200_whatever_its_user_part(launch: Launch, client: Client) -> None:
    gateway = launch()
    for user in ("2001", "nobody"):
        answer = client(gateway).ask("OPTIONS", user)
        assert answer.status == 200
        assert {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "MESSAGE"} <= set(re.split(r"[,\s]+", answer["allow"]))


def test_the_first_offered_codec_that_we_know_is_taken(launch: Launch, client: Client) -> None:
    gateway = launch()
    rtp = RtpPeer(codec="pcma")
    with client(gateway).invite(rtp=rtp, sdp=offer(rtp, codecs="3 8 0 101")) as call:
        answer = call.wait_answer()
        call.ack()
        formats = re.search(rb"^m=audio \d+ RTP/AVP (.*?)\r?$", answer.body, re.M)
        assert formats and formats[1].split()[0] == b"8", answer.body
        call.rtp.wait_packet()
        assert {packet.payload_type for packet in call.rtp.packets} == {8}
        call.hang_up()


def test_the_greeting_is_played_at_its_pace(launch: Launch, client: Client, long_greeting: Path,
                                            sanitized: bool) -> None:
    gateway = launch(None, {"call": {"greeting": str(long_greeting)}})
    with client(gateway).call() as call:
        first = call.rtp.wait_packet().at
        call.client.listen(2)
        heard = call.rtp.heard()
        gaps = np.diff([packet.at for packet in call.rtp.packets])
        expected = (time.monotonic() - first) * 50
        assert abs(len(call.rtp.packets) - expected) < 8, (len(call.rtp.packets), expected)
        assert float(np.median(gaps)) == pytest.approx(0.020, abs=0.005)
        if not sanitized:
            assert float(np.quantile(gaps, 0.95)) < 0.045, float(np.quantile(gaps, 0.95))
        sequences = [packet.sequence for packet in call.rtp.packets]
        assert sequences == [(sequences[0] + i) & 0xFFFF for i in range(len(sequences))]
        assert float(np.abs(heard[800:].astype(int)).mean()) > 3000
        call.hang_up()


def test_a_call_on_hold_goes_on(launch: Launch, inbox: Inbox, client: Client, phrase: Samples, tmp_path: Path) -> None:
    gateway = launch(inbox, {**WAV, "call": {"silence": "1s"}})
    with client(gateway).call() as call:
        call.leave(phrase)
        for direction in ("sendonly", "sendrecv"):
            sdp = offer(call.rtp).replace("a=sendrecv", f"a={direction}").replace("o=- 1 1", f"o=- 1 {call.dialog.cseq + 1}")
            answer = call.request("INVITE", body=sdp.encode(), content_type="application/sdp")
            assert answer.status == 200 and (direction == "sendrecv" or b"a=recvonly" in answer.body), answer.raw
            call.client.send(call.client.build("ACK", call.dialog))
        call.rtp.say(phrase)
        call.rtp.wait_said()
        call.hang_up()
    assert_says(read_mail(inbox.wait_for(1)[0].content), as_heard("pcmu", phrase), tmp_path)


def test_the_same_request_over_two_paths_is_one_call(launch: Launch, inbox: Inbox, client: Client) -> None:
    """RFC 3261 8.2.2.2: a proxy forked, and both branches led to us; the number of the request tells it from a next."""
    gateway = launch(inbox)
    phone = client(gateway)
    with phone.call() as call:
        twin = Call(phone, Dialog("2001", call.dialog.call_id, call.dialog.from_tag), call.rtp)
        twin.send_invite(offer(call.rtp))
        assert twin.final().status == 482
        next_one = Call(phone, Dialog("2001", call.dialog.call_id, call.dialog.from_tag, cseq=7), call.rtp)
        next_one.send_invite(offer(call.rtp))
        assert next_one.final().status == 200
        next_one.ack(speak=False)
        next_one.hang_up()
        call.hang_up()


def test_what_belongs_to_no_call_is_481(launch: Launch, client: Client) -> None:
    gateway = launch(None)
    phone = client(gateway)
    for method in ("BYE", "UPDATE", "INFO", "PRACK"):
        assert phone.ask(method).status == 481, method
    assert phone.ask("SUBSCRIBE").status == 405
