"""Blocks of samples to posture, repetitions, lift-offs and causes: pure and synchronous."""
