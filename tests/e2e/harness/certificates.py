"""A certification authority of the test's own, by the openssl command."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*words: object) -> None:
    """Runs the command; its words only when it fails."""
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class Authority:
    """Its certificate is at `file`; issue() makes certificates of servers."""

    def __init__(self, home: Path, name: str) -> None:
        self.home = home
        self.name = name
        self.file = home / f"{name}.pem"
        self.key = home / f"{name}.key"
        self._count = 0
        openssl("req", "-x509", *KEY, "-keyout", self.key, "-out", self.file, "-days", 30, "-subj", f"/CN={name}")

    def issue(self, name: str = "IP:127.0.0.1", expired: bool = False) -> tuple[Path, Path]:
        """Certificate and key for a subject alternative name."""
        self._count += 1
        at = self.home / f"{self.name}-{self._count}"
        request, extensions, index = at.with_suffix(".csr"), at.with_suffix(".ext"), at.with_suffix(".index")
        extensions.write_text(f"subjectAltName={name}\n")
        openssl("req", *KEY, "-keyout", at.with_suffix(".key"), "-out", request, "-subj", "/CN=relay")
        index.write_text("")
        settings = at.with_suffix(".cnf")
        settings.write_text(f"[ca]\ndefault_ca=it\n[it]\ndatabase={index}\nrand_serial=yes\ndefault_md=sha256\n"
                            f"new_certs_dir={self.home}\npolicy=any\n[any]\ncommonName=supplied\n")
        dates = ("20200101000000Z", "20210101000000Z") if expired else ("20200101000000Z", "20490101000000Z")
        openssl("ca", "-batch", "-notext", "-config", settings, "-cert", self.file, "-keyfile", self.key, "-in", request,
                "-out", at.with_suffix(".pem"), "-startdate", dates[0], "-enddate", dates[1], "-extfile", extensions)
        return at.with_suffix(".pem"), at.with_suffix(".key")


def context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """For a server. (Of no side: aiosmtpd connects to itself with it.)"""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS)
    made.load_cert_chain(*certificate)
    return made
