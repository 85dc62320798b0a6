"""A provider's whole life cycle with the client `cs`; endpoint and keys from the environment. Prints one line a step."""

import os

from cs import CloudStack, CloudStackException

cloud = CloudStack(
    endpoint=os.environ["CLOUDSTACK_API_URL"],
    key=os.environ["CLOUDSTACK_API_KEY"],
    secret=os.environ["CLOUDSTACK_SECRET_KEY"],
    poll_interval=0.05,
    # Its own retries would hide what this test looks for.
    retry=0,
)
names = set()


def step(name):
    print(name, flush=True)


def only(rows):
    assert len(rows) == 1, rows
    return rows[0]


zone = cloud.listZones(fetch_list=True)[0]
template = only(cloud.listTemplates(templatefilter="featured", fetch_list=True, zoneid=zone["id"]))
offering = cloud.listServiceOfferings(fetch_list=True)[0]
isolated = only(cloud.listNetworkOfferings(name="DefaultIsolatedNetworkOfferingWithSourceNatService", fetch_list=True))
assert len(cloud.listOsTypes(fetch_list=True, page_size=5)) == cloud.listOsTypes()["count"]
step("look-ups, page by page")

pair = cloud.createSSHKeyPair(name="cs-key")["keypair"]
assert "PRIVATE KEY" in pair["privatekey"]
network = cloud.createNetwork(name="cs-net", displaytext="ümläut & more", zoneid=zone["id"], networkofferingid=isolated["id"])["network"]
assert network["displaytext"] == "ümläut & more"
group = cloud.createAffinityGroup(name="cs-group", type="host anti-affinity", fetch_result=True)["affinitygroup"]
step("key pair, network, affinity group")

text = cloud.registerUserData(name="cs-data", userdata="I2Nsb3VkLWNvbmZpZwojIGNzCg==")["userdata"]
assert only(cloud.listUserData(name="cs-data", fetch_list=True))["id"] == text["id"]
security = cloud.createSecurityGroup(name="cs-web")["securitygroup"]
cloud.authorizeSecurityGroupIngress(securitygroupid=security["id"], protocol="tcp", startport=80, endport=80, cidrlist="203.0.113.0/24", fetch_result=True)
assert only(only(cloud.listSecurityGroups(id=security["id"], fetch_list=True))["ingressrule"])["startport"] == 80
step("user data and security group")

machine = cloud.deployVirtualMachine(
    zoneid=zone["id"],
    templateid=template["id"],
    serviceofferingid=offering["id"],
    networkids=[network["id"]],
    name="cs-vm",
    keypair="cs-key",
    affinitygroupids=group["id"],
    userdataid=text["id"],
    details=[{"rootDiskController": "virtio"}],
    fetch_result=True,
)["virtualmachine"]
assert machine["state"] == "Running" and machine["nic"][0]["networkid"] == network["id"], machine
assert machine["details"]["rootDiskController"] == "virtio", machine["details"]
cloud.createTags(resourceids=machine["id"], resourcetype="UserVm", tags=[{"key": "team", "value": "migration"}], fetch_result=True)
assert only(cloud.listVirtualMachines(id=machine["id"], fetch_list=True))["tags"][0]["value"] == "migration"
assert cloud.getVirtualMachineUserData(virtualmachineid=machine["id"])["virtualmachineuserdata"]["userdata"] == text["userdata"]
assert only(cloud.listHosts(type="Routing", fetch_list=True))["id"] == machine["hostid"] and cloud.listIsos(fetch_list=True) == []
step("instance with tags")

address = cloud.associateIpAddress(networkid=network["id"], fetch_result=True)["ipaddress"]
cloud.createFirewallRule(ipaddressid=address["id"], protocol="tcp", startport=22, endport=22, cidrlist="203.0.113.0/24", fetch_result=True)
cloud.createPortForwardingRule(
    ipaddressid=address["id"], protocol="tcp", publicport=2222, privateport=22, virtualmachineid=machine["id"], fetch_result=True
)
cloud.createEgressFirewallRule(networkid=network["id"], protocol="all", fetch_result=True)
forwarding = only(cloud.listPortForwardingRules(ipaddressid=address["id"], fetch_list=True))
assert (forwarding["publicport"], forwarding["privateport"]) == ("2222", "22"), forwarding
changed = cloud.updatePortForwardingRule(id=forwarding["id"], privateport=2200, fetch_result=True)["portforwardingrule"]
assert (changed["publicport"], changed["privateport"], changed["privateendport"]) == ("2222", "2200", "2200"), changed
other = cloud.associateIpAddress(networkid=network["id"], fetch_result=True)["ipaddress"]
cloud.enableStaticNat(ipaddressid=other["id"], virtualmachineid=machine["id"])
assert only(cloud.listPublicIpAddresses(isstaticnat=True, associatednetworkid=network["id"], fetch_list=True))["virtualmachineid"] == machine["id"]
cloud.disableStaticNat(ipaddressid=other["id"], fetch_result=True)
cloud.disassociateIpAddress(id=other["id"], fetch_result=True)
step("address and rules")

volume = cloud.createVolume(
    name="cs-data", zoneid=zone["id"], diskofferingid=only(cloud.listDiskOfferings(name="Custom", fetch_list=True))["id"], size=5, fetch_result=True
)["volume"]
cloud.attachVolume(id=volume["id"], virtualmachineid=machine["id"], fetch_result=True)
cloud.detachVolume(id=volume["id"], fetch_result=True)
fixed = only(cloud.listDiskOfferings(name="20 GiB", fetch_list=True))
moved = cloud.resizeVolume(id=volume["id"], diskofferingid=fixed["id"], fetch_result=True)["volume"]
assert (moved["diskofferingid"], moved["size"]) == (fixed["id"], 20 * 2**30), moved
cloud.deleteVolume(id=volume["id"])
step("volume")

try:
    root = only(cloud.listVolumes(virtualmachineid=machine["id"], type="ROOT", fetch_list=True))
    cloud.createTemplate(name="cs-torn", displaytext="t", ostypeid=template["ostypeid"], volumeid=root["id"], fetch_result=True)
    raise AssertionError("a running instance was captured")
except CloudStackException as refusal:
    assert refusal.error["errorcode"] == 530, refusal.error
cloud.stopVirtualMachine(id=machine["id"], fetch_result=True)
larger = [each for each in cloud.listServiceOfferings(fetch_list=True) if each["cpunumber"] > machine["cpunumber"]][0]
assert cloud.scaleVirtualMachine(id=machine["id"], serviceofferingid=larger["id"], fetch_result=True)["virtualmachine"]["serviceofferingid"] == larger["id"]
assert cloud.resizeVolume(id=root["id"], size=root["size"] // 2**30 + 2, fetch_result=True)["volume"]["size"] == root["size"] + 2 * 2**30
assert cloud.updateVirtualMachine(id=machine["id"], displayname="a larger one")["virtualmachine"]["displayname"] == "a larger one"
kept = cloud.createVMSnapshot(virtualmachineid=machine["id"], name="before", fetch_result=True)["vmsnapshot"]
assert only(cloud.listVMSnapshot(virtualmachineid=machine["id"], fetch_list=True))["displayname"] == "before"
cloud.deleteVMSnapshot(vmsnapshotid=kept["id"], fetch_result=True)
step("changes in place")

captured = cloud.createTemplate(name="cs-template", displaytext="t", ostypeid=template["ostypeid"], volumeid=root["id"], fetch_result=True)["template"]
assert captured["isready"] is True and captured["size"] > 0, captured
cloud.updateTemplatePermissions(id=captured["id"], isextractable=True)
assert cloud.extractTemplate(id=captured["id"], mode="HTTP_DOWNLOAD", zoneid=zone["id"], fetch_result=True)["template"]["url"]
second = [each for each in cloud.listZones(fetch_list=True) if each["id"] != zone["id"]][0]
cloud.copyTemplate(id=captured["id"], sourcezoneid=zone["id"], destzoneid=second["id"], fetch_result=True)
copies = cloud.listTemplates(templatefilter="self", id=captured["id"], fetch_list=True)
assert sorted(each["zoneid"] for each in copies) == sorted([zone["id"], second["id"]]) and all(each["isready"] for each in copies), copies
assert cloud.listTemplatePermissions(id=captured["id"])["templatepermission"]["ispublic"] is False
cloud.updateTemplate(id=captured["id"], displaytext="once more", details=[{"rootDiskController": "virtio"}])
snapshot = cloud.createSnapshot(volumeid=root["id"], fetch_result=True)["snapshot"]
cloud.deleteSnapshot(id=snapshot["id"], fetch_result=True)
step("template and snapshot")

clone = cloud.deployVirtualMachine(
    zoneid=zone["id"], templateid=captured["id"], serviceofferingid=offering["id"], networkids=network["id"], name="cs-clone", fetch_result=True
)["virtualmachine"]
for each in (clone, machine):
    cloud.destroyVirtualMachine(id=each["id"], fetch_result=True)
    assert cloud.recoverVirtualMachine(id=each["id"])["virtualmachine"]["state"] == "Stopped"
    cloud.destroyVirtualMachine(id=each["id"], expunge=True, fetch_result=True)
cloud.deleteTemplate(id=captured["id"], fetch_result=True)
cloud.deleteNetwork(id=network["id"], fetch_result=True)
cloud.deleteUserData(id=text["id"])
cloud.deleteSecurityGroup(id=security["id"])
cloud.deleteAffinityGroup(id=group["id"], fetch_result=True)
cloud.deleteSSHKeyPair(name="cs-key")
assert cloud.listVirtualMachines(fetch_list=True) == [] and cloud.listPublicIpAddresses(fetch_list=True) == []
step("everything removed")

told = cloud.listEvents(type="VM.CREATE", resourceid=machine["id"], fetch_list=True)
assert [each["state"] for each in reversed(told)] == ["Created", "Scheduled", "Started", "Completed"], told
assert cloud.listAsyncJobs(startdate="2020-01-01")["count"] > 10 and cloud.listAsyncJobs() == {}
step("events and jobs")

try:
    CloudStack(endpoint=os.environ["CLOUDSTACK_API_URL"], key=os.environ["CLOUDSTACK_API_KEY"], secret="wrong").listZones()
    raise AssertionError("a wrong secret was taken")
except CloudStackException as refusal:
    assert refusal.response.status_code == 401, refusal
step("wrong keys refused")
