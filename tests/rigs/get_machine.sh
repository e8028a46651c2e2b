#!/bin/sh
# Fetch what the virtual machine of tests/rigs/machine.py is made of, from Debian's packages.
set -eu
cache="${XDG_CACHE_HOME:-$HOME/.cache}/lumbar-monitor-rigs"
apt-get install -y --no-install-recommends \
    bluez busybox-static cpio dbus gcc libc6-dev qemu-system-x86
mkdir -p "$cache"
cd "$cache"
if ! ls linux-image-*.deb >/dev/null 2>&1; then
    image=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\).*/\1/p' | head -n 1)
    apt-get download "$image" # 70 MB, unpacked by the tests and never installed
fi
