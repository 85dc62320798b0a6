import { asyncCommand } from "../command.ts";
import { authorizePlan, securityRuleParams } from "../security-rules.ts";

export const authorizeSecurityGroupIngress = asyncCommand({
  name: "authorizeSecurityGroupIngress",
  description: "Authorizes a particular ingress rule for this security group",
  event: { type: "SG.AUTH.INGRESS", doing: "Adding Ingress Rule. Security Group Id:" },
  commandClass: "user.securitygroup.AuthorizeSecurityGroupIngressCmd",
  params: securityRuleParams,
  response: { id: "string", ingressrule: "list" },
  submit: ({ values }, cloud) => authorizePlan(cloud, values, "ingress"),
});
