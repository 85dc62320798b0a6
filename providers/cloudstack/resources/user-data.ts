import * as answers from "../client/answers.ts";
import { faultsIn, filledText, missing, textList } from "./inputs.ts";
import { objectResource } from "./object.ts";
import { resourceSchema } from "./properties.ts";

export interface UserDataInputs {
  name?: string;
  content: string;
  params?: string[];
}

export interface UserDataState extends UserDataInputs {
  name: string;
}

const longestBase64 = 32 * 1024;

export const userData = objectResource<UserDataInputs, UserDataState, answers.UserData>({
  token: "cloudstack:index:UserData",
  title: "user data",
  schema: resourceSchema({
    description:
      "User data that instances and templates can refer to (`registerUserData`, CloudStack 4.18 and newer).\n\nImported by its id.",
    inputs: {
      name: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Unique in the account; by default made from the resource's name.",
      },
      content: {
        type: "string",
        willReplaceOnChanges: true,
        description: "Plain text, at most 32 KiB in base64. An account can register a content only once.",
      },
      params: {
        type: "array",
        items: { type: "string" },
        willReplaceOnChanges: true,
        description: "Names of variables that instances give values for.",
      },
    },
    required: ["content"],
    outputs: {},
    present: ["name", "content"],
  }),
  check: (news) => [
    ...missing({ ...news }, ["content"]),
    ...faultsIn({ ...news }, { name: filledText, content: shortEnough, params: textList }),
  ],
  nameOf: ({ name }) => name,
  listing: { command: "listUserData", row: answers.userData },
  make: ({ name, content, params }, label) => ({
    name: "registerUserData",
    sync: true,
    parameters: {
      name: name ?? label,
      userdata: Buffer.from(content).toString("base64"),
      ...(params && params.length > 0 && { params: params.join(",") }),
    },
  }),
  labelOf: ({ name }) => name,
  chosenByCloud: ["name"],
  uniqueName: ({ name }) => name,
  inputsOf: ({ name, userdata, params }) => ({
    name,
    content: Buffer.from(userdata ?? "", "base64").toString(),
    ...(params && { params: params.split(",") }),
  }),
  stateOf: ({ name }, inputs) => ({ ...inputs, name }),
  remove: (id) => ({ name: "deleteUserData", sync: true, parameters: { id } }),
  removalAdvice: { internal: "an instance or a template still refers to it: give that another one first" },
  difference: (old, news) => ({
    deleteBeforeReplace: news.name === old.state.name || news.content === old.inputs.content,
  }),
});

function shortEnough(value: unknown): string | undefined {
  if (value === "") return "must not be empty";
  const length = Buffer.from(String(value)).toString("base64").length;
  return length <= longestBase64
    ? undefined
    : `is ${length} bytes in base64, CloudStack takes ${longestBase64}`;
}
