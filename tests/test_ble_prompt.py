"""While a radio delivers, waiting threads have their turn soon; afterwards all is as before."""

from __future__ import annotations

import gc
import sys

from monitor.sensors.ble.prompt import prompt


def test_turns_are_short_for_as_long_as_it_lasts() -> None:
    before_s, frozen = sys.getswitchinterval(), gc.get_freeze_count()
    with prompt():
        assert sys.getswitchinterval() <= 0.001
        assert gc.get_freeze_count() > 1000
    assert sys.getswitchinterval() == before_s
    assert gc.get_freeze_count() == frozen
