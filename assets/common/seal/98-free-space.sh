#!/usr/bin/env bash
# title: Free space
# order: 98
# why: what was deleted stays on the disk until it is written over: secrets can be found there, and templates are large
# what: gives the free blocks of every file system back to the disk (fstrim), or fills them with zeros where the disk does not take them
# verified-by: template/search
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

fill_with_zeros() { # DEVICE FOLDER
  local zeros=$2/.seal-zeros size
  local reserve reserved=""
  reserve=/sys/fs/ext4/$(basename "$(readlink -f "$1")")/reserved_clusters
  mkdir -p "$zeros"
  # ext4 keeps some blocks back even from root, and what was deleted may lie in these.
  if [[ -w $reserve ]]; then
    reserved=$(cat "$reserve")
    printf '0\n' >"$reserve"
  fi
  # Each ends when the disk is full, which is what is wanted. Large pieces leave gaps that smaller ones still fill.
  for size in 4M 64K 4K 1K; do
    dd if=/dev/zero of="$zeros/$size" bs="$size" conv=fsync status=none 2>/dev/null || true
  done
  if [[ -n $reserved ]]; then printf '%s\n' "$reserved" >"$reserve"; fi
  rm -rf "$zeros"
}

sync
cleaned=0
declare -A seen=()
while read -r source folder; do
  # A container sees single files of its host's file systems.
  if [[ ! -d $folder || -n $root && $folder != "$root" || -v seen[$source] ]]; then continue; fi
  seen[$source]=yes
  if fstrim "$folder" 2>/dev/null; then
    printf '%s: free space given back\n' "$folder"
  elif [[ -w $folder ]]; then
    fill_with_zeros "$source" "$folder"
    printf '%s: the disk takes nothing back (discard); free space filled with zeros\n' "$folder"
  else
    printf '%s: neither can be trimmed nor written\n' "$folder" >&2
    exit 1
  fi
  cleaned=$((cleaned + 1))
done < <(findmnt --real --noheadings --raw --nofsroot --types ext2,ext3,ext4,xfs,btrfs,f2fs,vfat --output SOURCE,TARGET)
if ((cleaned == 0)); then
  printf 'no file system of this machine can be cleaned of what was deleted\n' >&2
  exit 1
fi
sync
