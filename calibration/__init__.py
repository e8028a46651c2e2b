"""Sensor and body calibration; plain arrays in, frozen artefacts out."""
