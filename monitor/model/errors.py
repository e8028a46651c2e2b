"""What can go wrong, in words a user can act on: what, where, what to do."""


class MonitorError(Exception):
    """Base of every failure this product explains in one line."""


class DecodeError(MonitorError):
    """Bytes or rows that do not follow their format."""


class SensorError(MonitorError):
    """A sensor or a source of samples that cannot be used."""


class RecordingError(MonitorError):
    """A recording that cannot be written or read."""


class ConfigError(MonitorError):
    """A setting, option or profile that does not make sense."""


class BrokerError(MonitorError):
    """A message broker that cannot be reached or refuses us."""
