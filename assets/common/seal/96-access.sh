#!/usr/bin/env bash
# title: The way in
# order: 96
# why: a host key, a user or a key of the builder in the template would open every clone to whoever has it
# what: removes host keys, the keys of all users, passwords, the build user with its rights and the payload; nobody logs in after it
# verified-by: seal/builder seal/payload identity/host-keys security/passwords
set -euo pipefail
# shellcheck source=lib/build-machine.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/build-machine.bash"

builder=ossea-build
mapfile -t all_homes < <(homes)
for home in "${all_homes[@]}"; do erase "$home"/.ssh/authorized_keys*; done
erase "$root"/etc/ssh/ssh_host_*
rm -rf "$root/var/tmp/appliance"

{ grep -rlE "^[[:space:]]*${builder}[[:space:]]" "$root/etc/sudoers.d" 2>/dev/null || true; } | xargs --no-run-if-empty rm -f
rm -f "$root"/etc/sudoers.d/90-cloud-init-users "$root/var/mail/$builder" "$root/var/spool/cron/crontabs/$builder" \
  "$root/var/lib/systemd/linger/$builder" "$root/var/lib/sudo/lectured/$builder"
if [[ -z $root ]] && getent passwd "$builder" >/dev/null; then
  # --force: its session is the one that runs this.
  userdel --force "$builder" 2>/dev/null || { getent passwd "$builder" >/dev/null && exit 1; }
fi
erase "$root/home/${builder:?}"
# Whatever password somebody set by hand opens nothing.
sed -i -E 's/^([^:]+):([^!*:][^:]*)?:/\1:!:/' "$root/etc/shadow"
erase "$root"/etc/passwd- "$root"/etc/shadow- "$root"/etc/group- "$root"/etc/gshadow- "$root"/etc/subuid- "$root"/etc/subgid-
