/** The parts of Pulumi's package schema that the providers of this project use. */
export interface PropertySpec {
  type?: "string" | "integer" | "number" | "boolean" | "object" | "array";
  $ref?: string;
  items?: PropertySpec;
  additionalProperties?: PropertySpec;
  description?: string;
  default?: string | number | boolean;
  defaultInfo?: { environment: string[] };
  const?: string | number | boolean;
  secret?: boolean;
  /** A moved input of this name replaces the resource: documentation, and what `diff` does by default. */
  willReplaceOnChanges?: boolean;
  /** Like willReplaceOnChanges; generated programs ask the engine for it too. */
  replaceOnChanges?: boolean;
  deprecationMessage?: string;
  oneOf?: PropertySpec[];
  plain?: boolean;
}

export interface ObjectSpec {
  description?: string;
  type?: "object" | "string";
  properties?: Record<string, PropertySpec>;
  required?: readonly string[];
  enum?: readonly { value: string; name?: string; description?: string }[];
}

export interface ResourceSpec {
  description?: string;
  /** What the state holds; inputs that are kept in the state are declared here too. */
  properties?: Record<string, PropertySpec>;
  required?: readonly string[];
  inputProperties?: Record<string, PropertySpec>;
  requiredInputs?: readonly string[];
  deprecationMessage?: string;
}

export interface FunctionSpec {
  description?: string;
  inputs?: ObjectSpec;
  outputs?: ObjectSpec;
}

export interface PackageSpec {
  name: string;
  displayName?: string;
  version: string;
  description?: string;
  keywords?: readonly string[];
  homepage?: string;
  repository?: string;
  publisher?: string;
  license?: string;
  config?: { variables?: Record<string, PropertySpec>; defaults?: readonly string[] };
  provider?: ResourceSpec;
  types?: Record<string, ObjectSpec>;
  resources?: Record<string, ResourceSpec>;
  functions?: Record<string, FunctionSpec>;
  language?: Record<string, unknown>;
}
