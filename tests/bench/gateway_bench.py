"""What the finished program costs, in CPU time of its own per unit of work: calls, texts, memory, hang-up to mail.

    /usr/bin/python3 tests/bench/gateway_bench.py [--calls 200] [--texts 5000]

SIPp calls and writes, aiosmtpd takes the mail. CPU time and memory come from /proc, so that a busy machine stretches
the run but hardly the figures. SIP2MAIL_BINARY names the program, else build/sip2mail.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Callable

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import numpy as np  # noqa: E402
from harness import sipp, speech  # noqa: E402
from harness.gateway import Gateway  # noqa: E402
from harness.smtp import Inbox  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
SPOKEN = 20  # seconds of each call

MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="a text">
  <send retrans="500"><![CDATA[
MESSAGE sip:2001@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
From: <sip:0398765432@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:2001@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 MESSAGE
Max-Forwards: 70
Content-Type: text/plain
Content-Length: [len]

Hello, this is text number [call_number].
]]></send>
  <recv response="202"/>
</scenario>
"""


def cpu(pid: int) -> float:
    """Seconds of CPU, user and system, of all threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> int:
    """Resident KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise LookupError("VmRSS")


def measured(gateway: Gateway, work: Callable[[], None]) -> tuple[float, float]:
    """CPU seconds of the gateway and wall seconds that `work` took."""
    before, begin = cpu(gateway.pid), time.monotonic()
    work()
    return cpu(gateway.pid) - before, time.monotonic() - begin


def wait_until(is_so: Callable[[], bool], timeout: float) -> None:
    """Looks five times a second."""
    pause, deadline = threading.Event(), time.monotonic() + timeout
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError
        pause.wait(0.2)


def seconds_to_mail(gateway: Gateway) -> list[float]:
    """From the end of each recording to the relay's 250, sorted."""
    def times(name: str) -> dict[str, datetime]:
        return {e["item"]: datetime.fromisoformat(e["ts"].replace("Z", "+00:00")) for e in gateway.events(name)}

    ended, mailed = times("call.recorded"), times("delivery.done")
    return sorted((mailed[item] - ended[item]).total_seconds() for item in ended)


def calls(directory: Path, count: int, row: Callable[[str, str], None]) -> None:
    """So many calls at once: CPU of a recorded second, of a whole voicemail, memory of a call, hang-up to mail."""
    inbox = Inbox().start()
    said = np.tile(speech.english(directory), 20)[: SPOKEN * 8000]
    greeting = speech.write_wav(directory / "greeting.wav", said[:1600])
    gateway = Gateway(directory / "calls", {
        "call": {"silence": "0s", "greeting": str(greeting)}, "relay": {"url": inbox.url},
        "mailbox.2001": {"email": "user@example.com"}, "sip": {"max-calls": str(count + 10)},
        "media": {"ports": "20000-29999"}}).start()
    idle, peak, recorded = memory(gateway.pid), 0, 0.0

    def work() -> None:
        nonlocal peak, recorded
        before = cpu(gateway.pid)
        caller = threading.Thread(target=sipp.leave_voicemail, args=(gateway.sip(), "2001", said, directory, count, 30000))
        caller.start()
        wait_until(lambda: len(gateway.events("call.answered")) >= count, 60)
        while not gateway.events("call.recorded"):
            peak, recorded = max(peak, memory(gateway.pid)), cpu(gateway.pid) - before
            threading.Event().wait(0.2)
        caller.join()
        wait_until(lambda: len(gateway.events("delivery.done")) >= count, 600)

    whole, _ = measured(gateway, work)
    waits = seconds_to_mail(gateway)
    row(f"a recorded call-second ({count} calls at once)", f"{recorded / count / SPOKEN * 1000:.2f} ms CPU")
    row(f"a whole voicemail of {SPOKEN} s, mailed as MP3", f"{whole / count * 1000:.0f} ms CPU")
    row("memory of a running call", f"{(peak - idle) / count:.0f} KiB")
    row(f"hang-up to the relay's 250, {count} at once: p50, max", f"{waits[len(waits) // 2]:.1f} s, {waits[-1]:.1f} s")
    row("idle memory", f"{idle / 1024:.0f} MiB")
    gateway.stop()
    inbox.stop()


def one_by_one(directory: Path, count: int, row: Callable[[str, str], None]) -> None:
    """Calls one after the other: what a caller's listener waits."""
    inbox = Inbox().start()
    said = np.tile(speech.english(directory), 20)[: 5 * 8000]
    greeting = speech.write_wav(directory / "greeting.wav", said[:1600])
    gateway = Gateway(directory / "one", {
        "call": {"silence": "0s", "greeting": str(greeting)}, "relay": {"url": inbox.url},
        "mailbox.2001": {"email": "user@example.com"}}).start()
    for number in range(count):
        sipp.leave_voicemail(gateway.sip(), "2001", said, directory, 1, 30000)
        wait_until(lambda: len(gateway.events("delivery.done")) > number, 60)  # pylint: disable=cell-var-from-loop
    waits = seconds_to_mail(gateway)
    row("hang-up to the relay's 250, one call of 5 s at a time: p50, max",
        f"{waits[len(waits) // 2] * 1000:.0f} ms, {waits[-1] * 1000:.0f} ms")
    gateway.stop()
    inbox.stop()


def texts(directory: Path, count: int, row: Callable[[str, str], None]) -> None:
    """Texts as fast as they are taken: all are committed before their 202."""
    gateway = Gateway(directory / "texts", {"relay": {"url": "smtp://127.0.0.1:9"},
                                            "mailbox.2001": {"email": "user@example.com"}}).start()
    scenario = directory / "message.xml"
    scenario.write_text(MESSAGE)
    host, port = gateway.sip()

    def work() -> None:
        done = subprocess.run(["sipp", f"{host}:{port}", "-sf", str(scenario), "-m", str(count), "-r", "4000", "-l",
                               "500", "-i", "127.0.0.1", "-p", "0", "-nostdin"], cwd=directory, capture_output=True,
                              text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout[-2000:]

    cost, wall = measured(gateway, work)
    row(f"a durable text ({count} in {wall:.1f} s: {count / wall:.0f} a second)", f"{cost / count * 1e6:.0f} µs CPU")
    gateway.stop()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--texts", type=int, default=5000)
    given = parser.parse_args()

    def row(what: str, value: str) -> None:
        print(f"| {what} | {value} |", flush=True)

    print("| what | measured |\n|---|---|")
    with tempfile.TemporaryDirectory(prefix="sip2mail-bench-") as name:
        calls(Path(name), given.calls, row)
        one_by_one(Path(name), 8, row)
        texts(Path(name), given.texts, row)


if __name__ == "__main__":
    main()
