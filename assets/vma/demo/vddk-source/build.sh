#!/usr/bin/env bash
# Builds the demo plugin and packs the demo library as the appliance takes it. Prints the SHA-256 of both, which belong
# into assets/vma/artifacts.yaml.
#
# usage: build.sh   # needs gcc, binutils and the header of the package nbdkit-plugin-dev
set -euo pipefail

source=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2054 # the comma is the linker's
flags=(-O2 -Wall -Wextra -Wno-unused-parameter -fPIC -shared -s "-ffile-prefix-map=$source=." -Wl,--build-id=none)
gcc "${flags[@]}" ${NBDKIT_INCLUDE:+"-I$NBDKIT_INCLUDE"} -o "$source/../nbdkit-vddk-plugin.so" "$source/plugin.c" -ldl

mkdir -p "$work/lib64"
gcc "${flags[@]}" -Wl,-soname,libvixDiskLib.so.8 -o "$work/lib64/libvixDiskLib.so.8.0.3" "$source/library.c"
ln -s libvixDiskLib.so.8.0.3 "$work/lib64/libvixDiskLib.so.8"
ln -s libvixDiskLib.so.8 "$work/lib64/libvixDiskLib.so"
printf 'A demo library that stands in for VMware VDDK. It is not VMware software and reads no VMware disk.\n' \
  >"$work/DEMO-LIBRARY.txt"
tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --directory="$work" DEMO-LIBRARY.txt lib64 |
  gzip --no-name --best >"$source/../vddk-demo-library.tar.gz"
sha256sum "$source/../nbdkit-vddk-plugin.so" "$source/../vddk-demo-library.tar.gz"
