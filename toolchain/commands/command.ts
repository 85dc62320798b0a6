/** A command of the front end: given the arguments behind its name, it ends with an exit status. */
export type Command = (args: readonly string[]) => Promise<number>;
