"""lumbar-monitor: lower-back motion on leg day, from one or two small motion sensors."""

__version__ = "0.1.0"
