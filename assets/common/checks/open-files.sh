#!/usr/bin/env bash
# Files that let somebody do more than they should: {"setuid": [], "writable": [], "unowned": []}. The first are programs
# that run with their owner's rights and belong to no package, the second what everybody may write to, the third what
# belongs to a user or group that does not exist.
set -euo pipefail

owners_known() { # OPTION DATABASE
  local id known=(-false)
  while IFS=: read -r _ _ id _; do known+=(-o "$1" "$id"); done <"$2"
  printf '%s\n' "${known[@]}"
}
mapfile -t users < <(owners_known -uid /etc/passwd)
mapfile -t groups < <(owners_known -gid /etc/group)

# By number: asking for the name of each file's owner takes many times as long.
find / -xdev \( \
  -type f -perm /6000 -printf 'setuid %p\0' , \
  ! -type l ! -type s -perm -0002 ! -perm -1000 -printf 'writable %p\0' , \
  \( ! \( "${users[@]}" \) -o ! \( "${groups[@]}" \) \) -printf 'unowned %p\0' \
  \) | python3 -c '
import glob
import json
import sys

LONGEST = 20

found = {"setuid": [], "writable": [], "unowned": []}
for entry in sys.stdin.buffer.read().split(b"\0"):
    kind, _, path = entry.decode("utf-8", "replace").partition(" ")
    if path:
        found[kind].append(path)
# Packages name files as they were before /bin became a link into /usr.
names = {path for full in found["setuid"] for path in (full, full.removeprefix("/usr"))}
packaged = set()
for listing in glob.glob("/var/lib/dpkg/info/*.list"):
    with open(listing, encoding="utf-8", errors="replace") as lines:
        packaged.update(names.intersection(line.rstrip("\n") for line in lines))
found["setuid"] = [path for path in found["setuid"] if not {path, path.removeprefix("/usr")} & packaged]
print(json.dumps({kind: sorted(paths)[:LONGEST] for kind, paths in found.items()}))
'
