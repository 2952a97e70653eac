"""SIPp as a caller: a scenario that streams real speech as RTP."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from . import g711
from .g711 import Samples

SCENARIO = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="leave a voicemail">
  <send retrans="500"><![CDATA[
INVITE sip:{user}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
From: "SIPp" <sip:0398765432@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:{user}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:0398765432@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=sendrecv
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
From: "SIPp" <sip:0398765432@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:{user}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <nop><action><exec rtp_stream="{audio},1,8,PCMA/8000"/></action></nop>
  <pause milliseconds="{milliseconds}"/>
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
From: "SIPp" <sip:0398765432@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:{user}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
"""


def leave_voicemail(target: tuple[str, int], user: str, samples: Samples, directory: Path, calls: int = 1,
                    first_port: int = 7000) -> None:
    """Calls, streams the samples from the ACK on, hangs up when they are over."""
    if not shutil.which("sipp"):
        pytest.skip("SIPp is missing: deploy/install --test")
    audio = directory / "speech.alaw"
    audio.write_bytes(g711.encode("pcma", samples))
    scenario = directory / "scenario.xml"
    milliseconds = len(samples) // 8 + 200
    scenario.write_text(SCENARIO.format(user=user, audio=audio, milliseconds=milliseconds))
    done = subprocess.run(
        ["sipp", f"{target[0]}:{target[1]}", "-sf", str(scenario), "-m", str(calls), "-r", str(calls), "-i", "127.0.0.1",
         "-p", "0", "-mi", "127.0.0.1", "-mp", str(first_port), "-nostdin",
         "-timeout", str(milliseconds // 1000 + 20), "-timeout_error", "-trace_err", "-error_file",
         str(directory / "sipp-errors.log")],
        cwd=directory, capture_output=True, text=True, timeout=milliseconds / 1000 + 40, check=False)
    errors = directory / "sipp-errors.log"
    assert done.returncode == 0, (errors.read_text() if errors.exists() else "") + done.stdout[-3000:] + done.stderr
