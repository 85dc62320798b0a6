/** Named states of the lab: saved, restored, listed, deleted. */
import { Control, notRunning } from "../control/client.ts";
import { LabProblem } from "../errors.ts";
import type { Line } from "./line.ts";

export async function state({ home, args }: Line): Promise<number> {
  const control = new Control(home);
  const [act, name = ""] = args;
  const show = (line: string) => console.log(line);
  switch (act) {
    case "save":
      if (!(await control.saveState(name, show))) throw notRunning();
      console.log(`the state ${name} is saved`);
      return 0;
    case "restore":
      if (!(await control.restoreState(name, show))) throw notRunning();
      console.log(`the lab is in the state ${name}`);
      return 0;
    case "delete":
      await control.removeState(name);
      console.log(`the state ${name} is deleted`);
      return 0;
    case "list":
    case undefined: {
      const states = await control.states();
      if (states.length === 0) console.log("no state is saved");
      for (const { name, saved, instances, templates } of states) {
        console.log(`${name}  ${saved}  ${instances} instances, ${templates} templates`);
      }
      return 0;
    }
    default:
      throw new LabProblem(
        `no such act: state ${act}`,
        "the acts are: save, restore, delete, list",
        "npm run lab -- state list",
      );
  }
}
