#!/usr/bin/env bash
# What the firewall lets in: {"offered": [22, 443], "policies": {"input": "drop", "forward": "drop"}, "asWritten": true}.
# The last one is false when rules were added or taken away since its file was loaded.
set -euo pipefail

table=(list table inet ossea)
loaded=$(nft --stateless "${table[@]}" 2>/dev/null || true)
# The same file in a network of its own, where it can change nothing.
written=$(unshare --net bash -c 'nft --file /etc/nftables.conf && nft --stateless "$@"' _ "${table[@]}")
as_written=false
if [[ $loaded == "$written" ]]; then as_written=true; fi

{ nft --json "${table[@]}" 2>/dev/null || true; } | AS_WRITTEN=$as_written python3 -c '
import json
import os
import sys

text = sys.stdin.read()
entries = json.loads(text)["nftables"] if text else []
sets = [entry["set"].get("elem", []) for entry in entries if entry.get("set", {}).get("name") == "offered"]
chains = [entry["chain"] for entry in entries if "chain" in entry]
print(json.dumps({
    "offered": sorted(port for elements in sets for port in elements),
    "policies": {chain["name"]: chain.get("policy") for chain in chains},
    "asWritten": os.environ["AS_WRITTEN"] == "true",
}))
'
