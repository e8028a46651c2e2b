"""When to speak, and how: policy, MQTT, sound, broker."""
