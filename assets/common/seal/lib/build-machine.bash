# What every operation of the seal begins with: it refuses any machine but one that was made to be sealed. The mark is
# written by the first step of a build and taken away by the seal's last operation, so no clone has it.
#
#   erase PATH...   removes files and folders whose content must not be found in the disk's free space either
#   homes           the home folders of all users who have one, a line each
#
# For tests, APPLIANCE_ROOT is put before all paths; the machine that runs is then left alone.
# shellcheck shell=bash

root=${APPLIANCE_ROOT:-}
build_mark=$root/etc/ossea/build-machine

if [[ ! -f $build_mark ]]; then
  printf 'refused: %s is missing, so this is no build machine, and the seal would destroy its identity\n' "$build_mark" >&2
  exit 1
fi

erase() {
  local path there=()
  for path in "$@"; do if [[ -e $path || -L $path ]]; then there+=("$path"); fi; done
  if ((${#there[@]} == 0)); then return 0; fi
  find "${there[@]}" -xdev -type f -links 1 -exec shred --force --iterations=0 --zero {} +
  rm -rf -- "${there[@]}"
}

homes() {
  local home
  while IFS=: read -r _ _ _ _ _ home _; do
    if [[ $home =~ ^/(root|home|opt|srv|var/lib)(/|$) && -d $root$home ]]; then printf '%s\n' "$root$home"; fi
  done <"$root/etc/passwd" | sort -u
}
