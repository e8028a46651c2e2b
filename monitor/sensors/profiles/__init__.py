"""One file a device family, sans-I/O: UUIDs, commands, decode(bytes) -> samples."""
