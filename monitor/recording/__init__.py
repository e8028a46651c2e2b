"""Sessions on disk: writing, reading, importing, exporting."""
