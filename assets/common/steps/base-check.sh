#!/usr/bin/env bash
# Refuses a machine that the appliance cannot be built on: operating system, processors, memory, disk.
#
# os=ubuntu-24.04      accepted system, repeated
# cpu=4                at least
# memory_mib=8192      at least; a kernel keeps some for itself, so 8 % less counts as enough
# disk_gib=100         at least; partition table, boot partition and file system take some, so 6 % less is enough
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters 'os=*' cpu= memory_mib= disk_gib=

# A container shows its host's processors, memory and disk, which say nothing about the machine that was asked for.
in_container=no
if systemd-detect-virt --container --quiet 2>/dev/null; then in_container=yes; fi

too_small() {
  if [[ $in_container == yes ]]; then printf 'in a container, so only noted: %s\n' "$*"; else fault "$*"; fi
}

# shellcheck source=/dev/null
seen_os=$(. "$root/etc/os-release" && printf '%s-%s' "${ID:-unknown}" "${VERSION_ID:-unknown}")
if ! values os | grep -qxF -- "$seen_os"; then
  fault "the operating system is $seen_os; the appliance is built on $(values os | paste -sd ' ' | sed 's/ / or /g')"
fi

if [[ ! -d /run/systemd/system ]]; then fault "systemd does not run here"; fi

cpu=$(nproc --all)
if ((cpu < $(value cpu))); then too_small "$cpu processors; $(value cpu) are needed"; fi

memory=$(($(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) / 1024))
if ((memory < $(value memory_mib) * 92 / 100)); then
  too_small "$memory MiB of memory; $(value memory_mib) MiB are needed"
fi

disk=$(($(df --output=size --block-size=M / | tail -n 1 | tr -dc 0-9) / 1024))
if ((disk < $(value disk_gib) * 94 / 100)); then
  too_small "the root file system has $disk GiB; $(value disk_gib) GiB are needed (if the disk has them, it was not grown)"
fi

stop_on_faults
printf '%s, %s processors, %s MiB of memory, %s GiB of disk\n' "$seen_os" "$cpu" "$memory" "$disk"
