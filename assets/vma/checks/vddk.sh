#!/usr/bin/env bash
# VDDK as nbdkit's plugin finds it, asked as the user who migrates: {"library": "/usr/lib/...", "version": "8",
# "demo": "" or which demo library stands in, "reason": "", "broken": ["..."], "known": true}. Broken are links that lead
# nowhere; known is whether the linker finds the library by its name.
set -euo pipefail

said=$(runuser -u vma -- nbdkit vddk --dump-plugin 2>&1 || true)
broken=$(find /usr/lib/x86_64-linux-gnu/vmware-vix-disklib /usr/lib/vmware-vix-disklib -xtype l 2>/dev/null || true)
if ldconfig --print-cache | grep --quiet --fixed-strings '=> /usr/lib/vmware-vix-disklib/lib64/libvixDiskLib.so.'; then known=1; else known=0; fi
SAID=$said BROKEN=$broken KNOWN=$known python3 - <<'PYTHON'
import json
import os

lines = os.environ["SAID"].splitlines()
values = dict(line.split("=", 1) for line in lines if "=" in line and line.startswith("vddk_"))
library = values.get("vddk_dll", "")
print(json.dumps({
    "library": library,
    "version": values.get("vddk_library_version", ""),
    "demo": values.get("vddk_demo", ""),
    "reason": "" if library else (lines[-1] if lines else "nbdkit says nothing"),
    "broken": os.environ["BROKEN"].split(),
    "known": os.environ["KNOWN"] == "1",
}))
PYTHON
