"""Reads a mail as a strict client would: no defect anywhere, the contract's headers, the audio as samples."""

from __future__ import annotations

import email
import email.policy
import subprocess
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import numpy as np

from .g711 import Samples
from .speech import read_wav

ALWAYS = ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "X-Sip2mail-Id", "X-Sip2mail-Kind",
          "X-Sip2mail-Mailbox", "X-Sip2mail-Caller", "X-Sip2mail-Callee", "X-Sip2mail-Call-ID")


def read_mail(content: bytes) -> EmailMessage:
    """Parses it and holds it to RFC 5322: CRLF, short lines, no header twice, no defect in any part or header."""
    assert b"\n" not in content.replace(b"\r\n", b""), "a bare LF"
    assert b"\r" not in content.replace(b"\r\n", b""), "a bare CR"
    assert max(len(line) for line in content.split(b"\r\n")) <= 998, "a line over 998 octets"
    content.split(b"\r\n\r\n", 1)[0].decode("ascii")
    mail = cast(EmailMessage, email.message_from_bytes(content, policy=email.policy.default))
    for part in mail.walk():
        assert not part.defects, (part.get_content_type(), part.defects)
        for name, value in part.items():
            assert not value.defects, (name, str(value), value.defects)
    names = [name.lower() for name in mail.keys()]
    assert len(names) == len(set(names)), sorted(names)
    # An alert is about no call and no mailbox.
    for name in ALWAYS[:8] if mail["X-Sip2mail-Kind"] == "alert" else ALWAYS:
        assert mail[name], f"no {name}"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert str(mail["Message-ID"]).startswith(f"<{mail['X-Sip2mail-Id']}."), mail["Message-ID"]
    return mail


def texts(mail: EmailMessage) -> tuple[str, str]:
    """The plain text and the HTML."""
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None, "no text/plain or no text/html"
    return plain.get_content(), html.get_content()


def audio_part(mail: EmailMessage) -> EmailMessage:
    """The one audio part of a voicemail."""
    assert mail.get_content_type() == "multipart/mixed", mail.get_content_type()
    assert mail["Message-Context"] == "voice-message"
    first = next(iter(mail.iter_parts()))
    assert first.get_content_type() == "multipart/alternative"
    parts = [part for part in mail.walk() if part.get_content_maintype() == "audio"]
    assert len(parts) == 1, [part.get_content_type() for part in mail.walk()]
    part = parts[0]
    assert part.get_content_disposition() == "attachment"
    assert str(part["Content-Duration"]) == str(mail["X-Sip2mail-Duration"])
    return cast(EmailMessage, part)


def audio(mail: EmailMessage, directory: Path) -> tuple[Samples, int, float]:
    """The attached audio: its samples, their rate, its duration in seconds. WAV as it is, others by ffmpeg at 8 kHz."""
    part = audio_part(mail)
    name = str(part.get_filename())
    suffix = name.rsplit(".", 1)[-1]
    path = directory / f"attached-{mail['X-Sip2mail-Id']}.{suffix}"
    path.write_bytes(part.get_content())
    if suffix != "wav":
        decoded = path.with_suffix(".decoded.wav")
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(path), "-ac", "1", "-ar", "8000", "-c:a", "pcm_s16le",
                        str(decoded)], check=True)
        path = decoded
    samples, rate = read_wav(path)
    return samples, rate, len(samples) / rate


def correlation(heard: Samples, said: Samples) -> float:
    """How well `said` is found in `heard` at its best place: 1 is the same up to the level."""
    a, b = heard.astype(float), said.astype(float)
    if len(a) < len(b):
        a = np.concatenate([a, np.zeros(len(b) - len(a))])
    size = 1 << (len(a) + len(b)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    cross = np.concatenate([cross[-len(b) + 1 :], cross[: len(a)]])  # lags from -len(b)+1 on
    lag = int(np.argmax(cross)) - len(b) + 1
    part = a[max(0, lag) : lag + len(b)]
    norm = np.sqrt(np.sum(part**2) * np.sum(b**2))
    return float(np.max(cross) / norm) if norm else 0.0


def position(heard: Samples, said: Samples) -> int:
    """Where `said` stands in `heard`, sample for sample; -1 when it does not."""
    data, wanted = heard.astype("<i2").tobytes(), said.astype("<i2").tobytes()
    at = data.find(wanted)
    while at >= 0 and at % 2:
        at = data.find(wanted, at + 1)
    return at // 2 if at >= 0 else -1


def spoken(samples: Samples) -> Samples:
    """The samples without silence at both ends."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 300)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]


def assert_says(mail: EmailMessage, said: Samples, directory: Path) -> None:
    """An attached WAV holds `said` sample for sample; any other format holds it well."""
    samples, rate, duration = audio(mail, directory)
    whole_seconds = int(str(mail["X-Sip2mail-Duration"]))
    assert duration - 0.1 <= whole_seconds < duration + 1.1, (duration, whole_seconds)
    if str(audio_part(mail).get_filename()).endswith(".wav"):
        assert rate == 8000
        assert position(samples, said) >= 0, f"not sample for sample; correlation {correlation(samples, said):.3f}"
    else:
        close = correlation(samples, spoken(said))
        assert close > 0.9, close
        assert duration >= len(spoken(said)) / 8000 - 0.1, duration
