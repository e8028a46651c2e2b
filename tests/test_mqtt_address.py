"""Broker addresses as people write them, and passwords that never show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.address import BrokerAddress, broker_address
from monitor.model.errors import ConfigError


@pytest.fixture(autouse=True)
def no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUMBAR_MQTT_PASSWORD", raising=False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://gym.local", BrokerAddress("gym.local", 1883)),
        ("mqtt://gym.local/", BrokerAddress("gym.local", 1883)),
        ("gym.local:1884", BrokerAddress("gym.local", 1884)),
        ("mqtts://gym.local", BrokerAddress("gym.local", 8883, tls=True)),
        ("mqtt://anna@10.0.0.2:1885", BrokerAddress("10.0.0.2", 1885, user="anna")),
        ("mqtt://anna:p%40ss%3A@gym", BrokerAddress("gym", 1883, user="anna", password="p@ss:")),  # noqa: S106
        ("mqtt://[::1]:1883", BrokerAddress("::1", 1883)),
    ],
)
def test_what_people_write(url: str, expected: BrokerAddress) -> None:
    assert broker_address(url) == expected


def test_password_from_the_environment_only_where_a_user_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBAR_MQTT_PASSWORD", "from-env")
    assert broker_address("mqtt://anna@gym").password == "from-env"  # noqa: S105
    assert broker_address("mqtt://anna:own@gym").password == "own"  # noqa: S105
    assert broker_address("mqtt://gym").password is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mqtt://",
        "http://gym",
        "mqtt://gym:port",
        "mqtt://gym:99999",
        "mqtt://gym:0",
        "mqtt://gym/topic",
        "mqtt://gym?x=1",
        "mqtt://[::1",
        "mqtt://a b",
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(ConfigError, match=r"write mqtt\(s\)://"):
        broker_address(url)


def test_an_address_reads_as_host_and_port() -> None:
    assert str(broker_address("mqtts://anna:secret@gym")) == "gym:8883"
    assert str(broker_address("mqtt://[::1]")) == "[::1]:1883"


@given(
    st.text(min_size=6, max_size=20).map(lambda text: f"S3{text}"),
    st.sampled_from(["mqtt://", "mqtts://", "x://", ""]),
)
def test_no_message_and_no_text_of_an_address_shows_the_password(password: str, scheme: str) -> None:
    try:
        address = broker_address(f"{scheme}anna:{password}@gym:1883")
        shown = f"{address} {address!r}"
    except ConfigError as refused:
        shown = str(refused)
    assert password not in shown
