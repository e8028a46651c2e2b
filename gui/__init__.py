"""The dashboard: the only place that imports Qt (and not in its presenter or ring buffer)."""
