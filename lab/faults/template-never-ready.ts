import type { Fault } from "./fault.ts";

export const templateNeverReady: Fault = {
  name: "template-never-ready",
  description: "createTemplate's job succeeds, but the template keeps isready=false for ever",
  options: {},
  times: 1,
  template: () => "never-ready",
};
