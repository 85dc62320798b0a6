import * as pulumi from "@pulumi/pulumi";
import { Problem, Problems } from "../common/problem.ts";

/** Runs the program; a fault that was written for people ends it with its text alone, a bug keeps its stack. */
export async function explained<T>(program: () => Promise<T>): Promise<T> {
  try {
    return await program();
  } catch (error) {
    if (error instanceof Problem || error instanceof Problems) throw new pulumi.RunError(error.message);
    throw error;
  }
}
