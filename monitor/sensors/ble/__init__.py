"""Sensors over Bluetooth Low Energy; the only room that imports bleak."""

from monitor.sensors.ble.radio import Sighting, matching
from monitor.sensors.ble.scanning import ask, scan
from monitor.sensors.ble.source import BleSource
from monitor.sensors.ble.vibration import VibrationSink

__all__ = ["BleSource", "Sighting", "VibrationSink", "ask", "matching", "scan"]
