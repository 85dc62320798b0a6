# What the cloud tells this instance: CloudStack's virtual router serves metadata and user data at its own address,
# which is the one that gave the DHCP lease.
#
#   need_network       ends the operation with 75 when no interface has an address in time
#   lease_value NAME   a value of the DHCP lease: SERVER_ADDRESS, ROUTER, DNS, DOMAINNAME
#   is_uuid TEXT       whether it is one
#   metadata PATH      prints /latest/PATH, nothing when the cloud has none; ends the operation with 75 when nobody answers
# shellcheck shell=bash

later=75
network_seconds=30
cache=${OSSEA_INSTANCE:-/run/ossea/instance}

lease_value() {
  local lease
  for lease in /run/systemd/netif/leases/*; do
    if [[ -f $lease ]]; then sed -n "s/^$1=//p" "$lease" | head -n 1; fi
  done
}

is_uuid() { [[ $1 =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]]; }

default_router() { ip -4 route show default | awk '{ for (i = 1; i < NF; i++) if ($i == "via") { print $(i + 1); exit } }'; }

need_network() {
  local wait_online=/usr/lib/systemd/systemd-networkd-wait-online
  [[ -x $wait_online ]] || wait_online=/lib/systemd/systemd-networkd-wait-online
  # Asked once a boot: without a network every operation would wait its turn again.
  if [[ -e $cache/no-network ]]; then exit "$later"; fi
  mkdir -p "$cache"
  if ! "$wait_online" --quiet --any --timeout="$network_seconds"; then
    touch "$cache/no-network"
    printf 'no address by DHCP within %s s\n' "$network_seconds" >&2
    exit "$later"
  fi
}

metadata_server() {
  local candidate
  if [[ -f $cache/server ]]; then
    cat "$cache/server"
    return
  fi
  # Looked for once a boot: on a network without one every operation would wait for silence again, and the boot with it.
  if [[ -e $cache/no-server ]]; then return 1; fi
  # With a fixed address there is no lease; the router is then the one of the default route.
  for candidate in $(lease_value SERVER_ADDRESS) $(lease_value ROUTER) $(default_router) data-server; do
    if [[ $(curl --silent --output /dev/null --write-out '%{http_code}' --connect-timeout 3 --max-time 10 \
      --retry 3 --retry-connrefused --retry-delay 1 "http://$candidate/latest/meta-data/") =~ ^[24] ]]; then
      printf '%s\n' "$candidate" | tee "$cache/server"
      return
    fi
  done
  touch "$cache/no-server"
  return 1
}

metadata() {
  local server status draft
  need_network
  if ! server=$(metadata_server); then
    printf 'no metadata server answers\n' >&2
    exit "$later"
  fi
  draft=$(mktemp -p "$cache")
  status=$(curl --silent --output "$draft" --write-out '%{http_code}' --connect-timeout 3 --max-time 10 \
    "http://$server/latest/$1") || status=000
  case $status in
    200) cat "$draft" ;;
    404) ;;
    *)
      rm -f "$draft"
      printf 'the metadata server answered %s\n' "$status" >&2
      exit "$later"
      ;;
  esac
  rm -f "$draft"
}
