import { asyncCommand } from "../command.ts";
import { text } from "../parameters.ts";
import { revokePlan } from "../security-rules.ts";

export const revokeSecurityGroupIngress = asyncCommand({
  name: "revokeSecurityGroupIngress",
  description: "Deletes a particular ingress rule from this security group",
  event: { type: "SG.REVOKE.INGRESS", doing: "Revoking Ingress Rule. Security Group Id:" },
  commandClass: "user.securitygroup.RevokeSecurityGroupIngressCmd",
  params: { id: text("the rule").required() },
  response: { success: "boolean" },
  submit: ({ values }, cloud) => revokePlan(cloud, values.id),
});
