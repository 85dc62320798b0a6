import { asyncCommand } from "../command.ts";
import { authorizePlan, securityRuleParams } from "../security-rules.ts";

export const authorizeSecurityGroupEgress = asyncCommand({
  name: "authorizeSecurityGroupEgress",
  description: "Authorizes a particular egress rule for this security group",
  event: { type: "SG.AUTH.EGRESS", doing: "Adding Egress Rule. Security Group Id:" },
  commandClass: "user.securitygroup.AuthorizeSecurityGroupEgressCmd",
  params: securityRuleParams,
  response: { id: "string", egressrule: "list" },
  submit: ({ values }, cloud) => authorizePlan(cloud, values, "egress"),
});
