/** Where the lab's answers are other ones than those that a 4.22 server gave, and why. Nothing else may differ. */
export interface Difference {
  readonly name: string;
  readonly reason: string;
  /** "virtualmachine.cpuused"; the object may be *. */
  readonly places: readonly string[];
  readonly kinds: readonly ("absent" | "extra" | "other")[];
  /** Only in these exchanges. */
  readonly in?: RegExp;
}

export const differences: readonly Difference[] = [
  {
    name: "blanked out",
    reason: "keys and passwords are not in the recordings: something else stands in their place",
    places: ["loginresponse.sessionkey", "keypair.privatekey", "virtualmachine.password"],
    kinds: ["other"],
  },
  {
    name: "keys from the first start",
    reason: "the recorded administrator had no keys yet; the lab's has them from its first start",
    places: ["user.apikey", "userkeys.apikey", "userkeys.secretkey"],
    kinds: ["extra"],
    in: /^00-/,
  },
  {
    name: "hypervisor",
    reason: "the recorded cloud had the simulator and its formats, VHD and RAW; the lab says KVM and QCOW2",
    places: ["*.hypervisor", "template.format", "virtualmachine.templateformat"],
    kinds: ["other"],
  },
  {
    name: "format in texts",
    reason: "a template's format stands in the error text, and there it is QCOW2 as well",
    places: ["jobresult.errortext"],
    kinds: ["other"],
    in: /^08-tmpl-05[67]-deleteTemplate-in-use/,
  },
  {
    name: "extension in texts",
    reason: "the lab registers no VHD: it was asked for RAW, and says so",
    places: ["registertemplateresponse.errortext", "header.X-Description"],
    kinds: ["other"],
    in: /^08-tmpl-068-/,
  },
  {
    name: "version",
    reason: "the recorded server was a snapshot build of 4.22.0.0",
    places: ["capability.cloudstackversion", "listzonesresponse.attributes"],
    kinds: ["other"],
  },
  {
    name: "names of places",
    reason: "hosts, stores, clusters and pods have the lab's names",
    places: [
      "downloaddetails.datastore",
      "virtualmachine.hostname",
      "volume.storage",
      "volume.clustername",
      "volume.podname",
    ],
    kinds: ["other"],
  },
  {
    name: "one host",
    reason: "the recorded cloud had two hosts; all of the lab's machines are on one",
    places: ["virtualmachine.hostid"],
    kinds: ["other"],
    in: /^08-tmpl-054-/,
  },
  {
    name: "name servers",
    reason: "the lab's guests ask their own router",
    places: ["zone.dns1", "zone.internaldns1", "network.dns1"],
    kinds: ["other"],
  },
  {
    name: "sizes of files",
    reason: "the simulator's copies have no files, and so no size of one; the lab's have",
    places: ["template.physicalsize", "template.size"],
    kinds: ["extra"],
  },
  {
    name: "size of a snapshot",
    reason: "the simulator's snapshots take no room; the lab tells what theirs takes",
    places: ["snapshot.physicalsize"],
    kinds: ["other"],
  },
  {
    name: "source of the built-in template",
    reason: "the lab makes its base image itself: it comes from no URL",
    places: ["template.url"],
    kinds: ["absent"],
  },
  {
    name: "addresses of images",
    reason: "the recorded addresses are those of machines that are not here",
    places: ["template.url"],
    kinds: ["other"],
  },
  {
    name: "system template",
    reason: "the lab has no system machines, and no template for them",
    places: ["listtemplatesresponse.count", "listtemplatesresponse.template"],
    kinds: ["other", "absent"],
    in: /^02-lookup-012-listTemplates-all$/,
  },
  {
    name: "OS types",
    reason: "the lab has a selection of the server's 374 types, those that people use today",
    places: ["listostypesresponse.count", "ostype.name", "ostype.description"],
    kinds: ["other"],
  },
  {
    name: "no load balancers, no VPN",
    reason: "the lab has no commands for them, so its networks do not claim these services",
    places: ["network.service", "networkoffering.service"],
    kinds: ["absent"],
  },
  {
    name: "no scaling of what runs",
    reason:
      "a machine of the lab gets other CPUs and memory at its next start only, and no group of them scales itself",
    places: [
      "serviceoffering.dynamicscalingenabled",
      "capability.dynamicscalingenabled",
      "network.supportsvmautoscaling",
    ],
    kinds: ["other"],
  },
  {
    name: "no routed networks",
    reason: "the lab has isolated, shared and layer 2 networks, none in routed mode",
    places: ["zone.routedmodeenabled"],
    kinds: ["other"],
  },
  {
    name: "no Kubernetes",
    reason: "the lab has none of that plugin's commands",
    places: ["capability.kubernetesserviceenabled"],
    kinds: ["other"],
  },
  {
    name: "no snapshots of what runs",
    reason: "a running machine's disk cannot be frozen whole: as a server with kvm.snapshot.enabled=false",
    places: ["capability.kvmsnapshotenabled"],
    kinds: ["other"],
  },
  {
    name: "statistics",
    reason: "nobody measures guests in the lab; the server has no numbers either before its first look",
    places: [
      "virtualmachine.cpuused",
      "virtualmachine.networkkbsread",
      "virtualmachine.networkkbswrite",
      "virtualmachine.diskkbsread",
      "virtualmachine.diskkbswrite",
      "virtualmachine.diskioread",
      "virtualmachine.diskiowrite",
      "virtualmachine.memorykbs",
      "virtualmachine.memoryintfreekbs",
      "virtualmachine.memorytargetkbs",
    ],
    kinds: ["absent"],
  },
  {
    name: "first moments of a template",
    reason: "a row and its place are one step in the lab; on the server the place comes a little later",
    places: ["template.created", "template.zoneid", "template.zonename"],
    kinds: ["extra"],
    in: /^08-tmpl-020-/,
  },
  {
    name: "registered at once",
    reason: "the simulator does not fetch anything; the lab does, and says how far it is",
    places: [
      "template.isready",
      "template.status",
      "template.size",
      "template.physicalsize",
      "downloaddetails.downloadState",
      "downloaddetails.downloadPercent",
    ],
    kinds: ["other", "absent"],
    in: /^08-tmpl-070-registerTemplate$/,
  },
  {
    name: "no torn captures",
    reason:
      "the server copies on while the instance is started again and gets a torn disk; the lab fails the job",
    places: [
      "queryasyncjobresultresponse.jobstatus",
      "queryasyncjobresultresponse.jobresultcode",
      "queryasyncjobresultresponse.jobinstanceid",
      "jobresult.template",
      "jobresult.errorcode",
      "jobresult.errortext",
      "answer.status",
      "header.X-Description",
      "listtemplatesresponse.count",
      "listtemplatesresponse.template",
      "listtemplatesresponse.uuidList",
      "listtemplatesresponse.errorcode",
      "listtemplatesresponse.cserrorcode",
      "listtemplatesresponse.errortext",
    ],
    kinds: ["other", "absent", "extra"],
    in: /^23-slow-01[67]-/,
  },
  {
    name: "why a machine does not start",
    reason: "the server names the instance once more, which helps nobody; the lab gives its driver's reason",
    places: ["jobresult.errortext"],
    kinds: ["other"],
    in: /^32-faildeploy-003-/,
  },
  {
    name: "disk of a failed deployment",
    reason: "what a failed deployment made of the disk is taken away at once",
    places: ["virtualmachine.pooltype"],
    kinds: ["absent"],
    in: /^32-faildeploy-004-/,
  },
  {
    name: "public templates of users",
    reason:
      "the recorded server was set to allow.public.user.templates=false for this one; the lab allows them",
    places: [
      "answer.status",
      "header.X-Description",
      "createtemplateresponse.errorcode",
      "createtemplateresponse.cserrorcode",
      "createtemplateresponse.errortext",
    ],
    kinds: ["other"],
    in: /^50-user-err-008-/,
  },
];
