"""Bytes from a sensor to blocks of samples."""
