"""What an operator may say of the network, checked before anything changes. Pure: nothing here looks at the machine."""

import ipaddress
import re
from dataclasses import dataclass

HOST_PREFIX = 32
POINT_TO_POINT_PREFIX = 31
DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")


class Mistake(ValueError):
    """What is wrong with an answer, in words for the one who typed it."""


@dataclass(frozen=True)
class Static:
    """One interface with an address of its own; everything as text, the address with its prefix."""

    interface: str
    address: str
    gateway: str | None
    name_servers: tuple[str, ...]
    search: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dhcp:
    """Every Ethernet interface by DHCP; no name servers means those that the lease brings."""

    name_servers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


Settings = Static | Dhcp


def parse_address(text, prefix_text=""):
    """"192.0.2.10/27", or an address and a prefix or a dotted mask apart -> "192.0.2.10/27"."""
    host, slash, own_prefix = text.strip().partition("/")
    address = usable_host(host)
    prefix = parse_prefix(own_prefix if slash else prefix_text)
    network = ipaddress.IPv4Network((int(address) & mask_of(prefix), prefix))
    if prefix < POINT_TO_POINT_PREFIX:
        if address == network.network_address:
            raise Mistake(f"{address} is the address of the network {network} itself")
        if address == network.broadcast_address:
            raise Mistake(f"{address} is the broadcast address of {network}")
    return f"{address}/{prefix}"


def mask_of(prefix):
    return (0xFFFFFFFF << (HOST_PREFIX - prefix)) & 0xFFFFFFFF


def parse_prefix(text):
    """"27", "/27" or "255.255.255.224" -> 27."""
    text = text.strip().removeprefix("/")
    if not text:
        raise Mistake("the prefix is missing: 24, or as a mask 255.255.255.0")
    if re.fullmatch(r"[0-9]{1,2}", text):
        prefix = int(text)
        if not 1 <= prefix <= HOST_PREFIX:
            raise Mistake(f"a prefix is a number from 1 to 32, not {prefix}")
        return prefix
    bits = format(int(dotted(text)), "032b")
    if "01" in bits or "1" not in bits:
        raise Mistake(f"{text} is no mask: its ones must stand together at the front")
    return bits.count("1")


def dotted(text):
    text = text.strip()
    try:
        return ipaddress.IPv4Address(text)
    except ValueError:
        pass
    if ":" in text:
        raise Mistake(f"{text} is an IPv6 address; the appliance speaks IPv4")
    raise Mistake(f"{text or 'nothing'} is no IPv4 address: four numbers from 0 to 255 with dots between them")


def usable_host(text):
    address = dotted(text)
    for no, what in (
        (address.is_loopback, "a loopback address"),
        (address.is_multicast, "a multicast address"),
        (address.is_unspecified or int(address) >> 24 == 0, "no host's address"),
        (int(address) >> 28 == 0xF, "in a reserved range"),
    ):
        if no:
            raise Mistake(f"{address} is {what}")
    return address


def parse_gateway(text, address):
    """An empty answer means no gateway. `address` is "192.0.2.10/27"."""
    if not text.strip():
        return None
    gateway = usable_host(text)
    own = ipaddress.IPv4Interface(address)
    if gateway == own.ip:
        raise Mistake(f"{gateway} is the appliance's own address")
    if gateway not in own.network:
        raise Mistake(f"{gateway} is not in {own.network}, where the appliance could reach it")
    if own.network.prefixlen < POINT_TO_POINT_PREFIX and gateway in (
        own.network.network_address,
        own.network.broadcast_address,
    ):
        raise Mistake(f"{gateway} is no host of {own.network}")
    return str(gateway)


def parse_name_servers(text):
    """Addresses with spaces or commas between them; none is a valid answer."""
    servers = tuple(str(usable_server(word)) for word in words(text))
    if len(set(servers)) != len(servers):
        raise Mistake("a name server is named twice")
    return servers


def usable_server(text):
    address = dotted(text)
    # A resolver of the machine itself may well be meant.
    return address if address.is_loopback else usable_host(text)


def parse_search(text):
    domains = tuple(word.rstrip(".").lower() for word in words(text))
    for domain in domains:
        if not DOMAIN.fullmatch(domain):
            raise Mistake(f"{domain} is no domain name")
    return domains


def words(text):
    return [word for word in re.split(r"[\s,]+", text) if word]


def as_netplan(settings):
    """The whole content of the one netplan file, as netplan's own shape."""
    others = dhcp_interface(Dhcp() if isinstance(settings, Static) else settings)
    if isinstance(settings, Dhcp):
        return network({"others": others})
    own = {
        "match": {"name": settings.interface},
        "dhcp4": False,
        "dhcp6": False,
        "accept-ra": False,
        "link-local": [],
        "addresses": [settings.address],
    }
    if settings.gateway:
        own["routes"] = [{"to": "default", "via": settings.gateway}]
    own |= name_service(settings)
    # netplan writes one file for each of these and networkd takes the first by name: "named" comes before "others".
    return network({"named": own, "others": others | {"optional": True}})


def network(ethernets):
    return {"network": {"version": 2, "renderer": "networkd", "ethernets": ethernets}}


def dhcp_interface(settings):
    overrides = {"use-domains": not settings.search, "use-hostname": False}
    if settings.name_servers:
        overrides["use-dns"] = False
    return {
        "match": {"name": "e*"},
        "dhcp4": True,
        "dhcp6": False,
        "accept-ra": False,
        "link-local": [],
        "dhcp-identifier": "mac",
        "dhcp4-overrides": overrides,
    } | name_service(settings)


def name_service(settings):
    found = {}
    if settings.name_servers:
        found["addresses"] = list(settings.name_servers)
    if settings.search:
        found["search"] = list(settings.search)
    return {"nameservers": found} if found else {}


def of_netplan(content):
    """The settings that a netplan file of ours says; None when somebody wrote it otherwise."""
    ethernets = ((content or {}).get("network") or {}).get("ethernets") or {}
    named = ethernets.get("named")
    one = named or next(iter(ethernets.values()), None)
    if not isinstance(one, dict):
        return None
    servers = one.get("nameservers") or {}
    addresses = tuple(map(str, servers.get("addresses") or ()))
    search = tuple(map(str, servers.get("search") or ()))
    if one.get("dhcp4"):
        return Dhcp(addresses, search)
    if not one.get("addresses") or not (one.get("match") or {}).get("name"):
        return None
    gateway = next((route["via"] for route in one.get("routes") or () if route.get("to") == "default"), None)
    return Static(one["match"]["name"], str(one["addresses"][0]), gateway, addresses, search)
