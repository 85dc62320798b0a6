import { asyncCommand } from "../command.ts";
import { text } from "../parameters.ts";
import { revokePlan } from "../security-rules.ts";

export const revokeSecurityGroupEgress = asyncCommand({
  name: "revokeSecurityGroupEgress",
  description: "Deletes a particular egress rule from this security group",
  event: { type: "SG.REVOKE.EGRESS", doing: "Revoking Egress Rule. Security Group Id:" },
  commandClass: "user.securitygroup.RevokeSecurityGroupEgressCmd",
  params: { id: text("the rule").required() },
  response: { success: "boolean" },
  submit: ({ values }, cloud) => revokePlan(cloud, values.id),
});
