#!/usr/bin/env bash
# title: Name servers
# order: 50
# why: a system without systemd-resolved would ask the build network's name servers, which a customer has not
# what: writes those of the DHCP lease, on systems whose resolver does not learn them by itself
# verified-by: identity/name-servers
set -euo pipefail
# shellcheck source=../lib/instance.bash
source /usr/local/lib/ossea/lib/instance.bash

# systemd-resolved has its own link here, and learns the servers from networkd.
if [[ -L /etc/resolv.conf ]]; then exit 0; fi
need_network
servers=$(lease_value DNS)
if [[ -z $servers ]]; then exit 0; fi
{
  domain=$(lease_value DOMAINNAME)
  if [[ -n $domain ]]; then printf 'search %s\n' "$domain"; fi
  for server in $servers; do printf 'nameserver %s\n' "$server"; done
} >/etc/resolv.conf
chmod 0644 /etc/resolv.conf
