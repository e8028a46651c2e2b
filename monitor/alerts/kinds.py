"""The kinds of alert, as they stand in ids, files and messages; that of a fault bears its name. Pure."""

from __future__ import annotations

LIFT_OFF = "lift_off"
APPROACHING = "approaching"
FINDING = "finding"
RECAP = "recap"
BACK_IN_RANGE = "back_in_range"
SENSOR_LOST = "sensor_lost"
NOT_CALIBRATED = "not_calibrated"
