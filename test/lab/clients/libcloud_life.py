"""A provider's whole life cycle with Apache Libcloud; endpoint and keys from the environment. Prints one line a step."""

import os
from urllib.parse import urlsplit

from libcloud.common.types import InvalidCredsError, ProviderError
from libcloud.compute.providers import get_driver
from libcloud.compute.types import NodeState, Provider

url = urlsplit(os.environ["CLOUDSTACK_API_URL"])


def connect(secret):
    return get_driver(Provider.CLOUDSTACK)(
        key=os.environ["CLOUDSTACK_API_KEY"], secret=secret, secure=False, host=url.hostname, port=url.port, path=url.path
    )


def step(name):
    print(name, flush=True)


def named(rows, name):
    found = [row for row in rows if row.name == name]
    assert len(found) == 1, (name, rows)
    return found[0]


driver = connect(os.environ["CLOUDSTACK_SECRET_KEY"])
driver.connection.poll_interval = 0.05
location = named(driver.list_locations(), "lab-zone")
image = driver.list_images(location=location)[0]
size = driver.list_sizes(location=location)[0]
offering = named(driver.ex_list_network_offerings(), "DefaultIsolatedNetworkOfferingWithSourceNatService")
assert driver.ex_list_os_types() and driver.ex_list_disk_offerings()
step("look-ups")

pair = driver.create_key_pair("libcloud-key")
assert "PRIVATE KEY" in pair.private_key
assert named(driver.list_key_pairs(), "libcloud-key").fingerprint == pair.fingerprint
network = driver.ex_create_network("libcloud-net", "a network", offering, location)
step("key pair and network")

node = driver.create_node(
    name="libcloud-vm", size=size, image=image, location=location, networks=[network], ex_keyname="libcloud-key", ex_displayname="a machine", ex_start_vm=True
)
assert node.state == NodeState.RUNNING, node
assert driver.ex_create_tags([node.id], "UserVm", {"team": "migration"})
assert driver.ex_get_node(node.id).extra["tags"] == {"team": "migration"}
step("instance with tags")

address = driver.ex_allocate_public_ip(network_id=network.id)
firewall = driver.ex_create_firewall_rule(address, "203.0.113.0/24", "TCP", start_port=22, end_port=22)
rule = driver.ex_create_port_forwarding_rule(node, address, 22, 2222, "TCP")
egress = driver.ex_create_egress_firewall_rule(network.id, "0.0.0.0/0", "TCP", start_port=443, end_port=443)
assert [each.id for each in driver.ex_list_port_forwarding_rules()] == [rule.id]
assert driver.ex_delete_port_forwarding_rule(node, rule)
assert driver.ex_delete_firewall_rule(firewall) and driver.ex_delete_egress_firewall_rule(egress)
assert driver.ex_release_public_ip(address)
step("address and rules")

volume = driver.create_volume(5, "libcloud-data", location=location)
assert driver.attach_volume(node, volume) and driver.detach_volume(volume) and driver.destroy_volume(volume)
step("volume")

assert driver.reboot_node(node)
driver.ex_stop(node)
assert driver.ex_get_node(node.id).state == NodeState.STOPPED
driver.ex_start(node)
step("power")

assert driver.destroy_node(node, ex_expunge=True)
assert driver.list_nodes() == []
assert driver.ex_delete_network(network)
# It wants the text "true" of old servers for an answer, so that what it returns says nothing.
driver.delete_key_pair(pair)
assert driver.list_key_pairs() == []
step("everything removed")

try:
    connect("wrong").list_locations()
    raise AssertionError("a wrong secret was taken")
except (InvalidCredsError, ProviderError) as refusal:
    assert "401" in str(refusal) or isinstance(refusal, InvalidCredsError), refusal
step("wrong keys refused")
