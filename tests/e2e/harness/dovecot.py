"""A real Dovecot that does nothing but know accounts: Postfix asks it for its logins, as most Postfixes do."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Optional

import pytest

from .postfix import end, open_home, server
from .wait import until

CONFIG = """\
protocols =
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
ssl = no
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = {home}/passwords
}}
service auth {{
  unix_listener {home}/socket {{
    mode = 0666
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{  # who was wrong once need not wait for seconds
    mode = 0
  }}
}}
"""


class Accounts:
    """One account; its password can change at any time."""

    def __init__(self, user: str, password: str) -> None:
        self.program = server("dovecot")
        said = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout
        version = tuple(int(number) for number in re.findall(r"\d+", said)[:2])
        if version >= (2, 4):
            pytest.skip(f"Dovecot {said.split()[0]} is configured otherwise than 2.3")
        self.user = user
        self.password = password
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.home = open_home("dovecot")
        (self.home / "conf").write_text(CONFIG.format(home=self.home))

    def start(self) -> "Accounts":
        """Ready for Postfix, which asks when a connection begins."""
        (self.home / "passwords").write_text(f"{self.user}:{{PLAIN}}{self.password}\n")
        (self.home / "socket").unlink(missing_ok=True)
        self.process = subprocess.Popen([self.program, "-F", "-c", str(self.home / "conf")], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        until(lambda: (self.home / "socket").exists(), 10, "Dovecot has its socket")
        return self

    def stop(self) -> None:
        """No login until the next start."""
        if self.process:
            end(self.process)
        self.process = None

    @property
    def settings(self) -> dict[str, str]:
        """Those of Postfix that let it ask here."""
        return {"smtpd_sasl_auth_enable": "yes", "smtpd_sasl_type": "dovecot",
                "smtpd_sasl_path": str(self.home / "socket"), "smtpd_sasl_authenticated_header": "yes"}

    def set_password(self, password: str) -> None:
        """From now on. By a new start: a running Dovecot looks at the file only once in a second."""
        self.stop()
        self.password = password
        self.start()

    def close(self) -> None:
        """Ends it and takes its directory away."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
