"""Where the broker is: ``mqtt(s)://[user[:password]@]host[:port]``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from monitor.model.errors import ConfigError

PASSWORD_VARIABLE = "LUMBAR_MQTT_PASSWORD"  # noqa: S105 - the name of a variable
"""Environment variable for the password: better than a URL, which process lists show."""

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_FORM = "mqtt(s)://[user@]host[:port]"


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A broker and how to sign in; printing it never shows the password.

    Parameters
    ----------
    host, port
        Where it listens.
    tls
        Whether the connection is encrypted and the broker's certificate checked.
    user, password
        How to sign in; None where the broker asks nobody.
    """

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """Return host and port as a person reads them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def broker_address(url: str) -> BrokerAddress:
    """Return the address that `url` names.

    Raises
    ------
    ConfigError
        If it is no such URL. The message never holds the password.
    """
    url = url if "//" in url else f"mqtt://{url}"
    shown = re.sub(r"//.*@", "//...@", url, flags=re.DOTALL)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as wrong:
        raise ConfigError(f"broker {shown!r}: port or address is not valid; write {_FORM}") from wrong
    if parts.scheme not in _PORTS:
        raise ConfigError(f"broker {shown!r}: {parts.scheme}:// is not spoken here; write {_FORM}")
    if not host or re.search(r"[\s\x00-\x1f]", host):
        raise ConfigError(f"broker {shown!r}: names no host; write {_FORM}")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ConfigError(f"broker {shown!r}: has something after host and port; write {_FORM}")
    if port == 0:
        raise ConfigError(f"broker {shown!r}: port 0 is no port; write {_FORM}")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else os.environ.get(PASSWORD_VARIABLE)
    if password is not None and user is None:
        # A password set for another broker is no reason to fail at one that asks nobody.
        password = None
    return BrokerAddress(host, port or _PORTS[parts.scheme], parts.scheme == "mqtts", user, password)
