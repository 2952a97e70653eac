"""Real speech for calls: flite's voice through sox to 8 kHz, and the Japanese sample."""

from __future__ import annotations

import os
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from .g711 import Samples
from .gateway import ROOT

TEXT = ("Hello, this is Mary Smith from the dental practice. Your appointment on Thursday has moved to ten thirty. "
        "Please call me back.")


def material() -> Path:
    """The directory beside the repository that holds assets and corpora; $SIP2MAIL_TEST_MATERIAL elsewhere."""
    return Path(os.environ.get("SIP2MAIL_TEST_MATERIAL", ROOT.parent / "shared"))


def read_wav(path: Path) -> tuple[Samples, int]:
    """Samples and rate of a mono PCM16 file."""
    with wave.open(str(path), "rb") as file:
        assert file.getnchannels() == 1 and file.getsampwidth() == 2, file.getparams()
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16), file.getframerate()


def write_wav(path: Path, samples: Samples, rate: int = 8000) -> Path:
    """Writes a mono PCM16 file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def to_8k(source: Path, target: Path) -> Samples:
    """Any audio file as 8 kHz mono, by sox."""
    subprocess.run(["sox", "-G", str(source), "-r", "8000", "-c", "1", "-b", "16", str(target)], check=True)
    return read_wav(target)[0]


def english(directory: Path) -> Samples:
    """A sentence by flite."""
    if not shutil.which("flite") or not shutil.which("sox"):
        pytest.skip("flite and sox make the speech: deploy/install --test")
    raw, ready = directory / "flite.wav", directory / "speech.wav"
    subprocess.run(["flite", "-voice", "slt", "-t", TEXT, "-o", str(raw)], check=True)
    return to_8k(raw, ready)


def japanese(directory: Path) -> Samples:
    """The 24 s Japanese sample."""
    source = material() / "assets" / "ja" / "speech-sample.wav"
    if not source.exists():
        pytest.skip(f"no {source}")
    return to_8k(source, directory / "ja.wav")


def tone(seconds: float, frequency: float = 440, level: int = 8000) -> Samples:
    """A sine at 8 kHz."""
    return (level * np.sin(2 * np.pi * frequency * np.arange(int(seconds * 8000)) / 8000)).astype(np.int16)
