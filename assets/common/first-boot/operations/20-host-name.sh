#!/usr/bin/env bash
# title: Host name
# order: 20
# why: every clone would bear the build machine's name in logs, prompts and DHCP requests
# what: takes the name that the cloud gave the instance
# verified-by: identity/host-name
set -euo pipefail
# shellcheck source=../lib/instance.bash
source /usr/local/lib/ossea/lib/instance.bash

name=$(metadata meta-data/local-hostname)
name=${name%%.*}
if [[ -z $name ]]; then name=$(cat /proc/sys/kernel/hostname); fi
[[ $name =~ ^[A-Za-z0-9]([A-Za-z0-9-]{0,62})$ ]] || { printf 'the cloud gave a name that cannot be used\n' >&2; exit 1; }

printf '%s\n' "$name" >/etc/hostname
hostname "$name"
sed -i '/^127\.0\.1\.1[[:space:]]/d' /etc/hosts
printf '127.0.1.1 %s\n' "$name" >>/etc/hosts
