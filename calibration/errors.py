"""What a calibration refuses, in words a person can act on."""


class CalibrationError(ValueError):
    """Data or a file that make no calibration: one line that says what, where and what to do."""
