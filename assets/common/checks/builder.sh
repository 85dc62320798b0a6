#!/usr/bin/env bash
# What is left of the builder: {"traces": ["user", "/home/ossea-build"]}.
set -euo pipefail

builder=ossea-build
traces=()
if getent passwd "$builder" >/dev/null; then traces+=("user"); fi
if getent group "$builder" >/dev/null; then traces+=("group"); fi
for path in "/home/$builder" "/var/mail/$builder"; do
  if [[ -e $path ]]; then traces+=("$path"); fi
done
while IFS= read -r file; do traces+=("$file"); done < <(grep -rlw -- "$builder" /etc/sudoers /etc/sudoers.d /etc/ssh \
  /etc/passwd- /etc/shadow- 2>/dev/null || true)
printf '%s\n' "${traces[@]}" | python3 -c 'import json, sys; print(json.dumps({"traces": sys.stdin.read().split()}))'
