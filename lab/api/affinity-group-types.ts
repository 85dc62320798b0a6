/** What an affinity group can ask for. The lab has one host: the wishes are kept, and have no effect. */
export const affinityGroupTypes: readonly string[] = [
  "host anti-affinity",
  "host affinity",
  "non-strict host affinity",
  "non-strict host anti-affinity",
];
