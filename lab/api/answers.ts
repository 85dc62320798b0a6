/** The inner forms of an answer. */
import { invalidValue } from "../cloud/failure.ts";
import type { Answer, Call } from "./command.ts";
import type { Parameters } from "./parameters.ts";

const maxPageSize = 500;

/**
 * A list: count is the total of all pages; a page past the end has the count alone, and a list without anything is
 * empty altogether. Only the rows of the page are rendered.
 */
export function listOf<Row>(
  call: Call<Parameters>,
  name: string,
  rows: readonly Row[],
  view: (row: Row) => unknown,
): Answer {
  if (rows.length === 0) return {};
  if (call.values.retrieveonlyresourcecount === true) return { count: rows.length };
  const page = pageOf(call, rows).map(view);
  return page.length === 0 ? { count: rows.length } : { count: rows.length, [name]: page };
}

export function success(): Answer {
  return { success: true };
}

function pageOf<Row>(call: Call<Parameters>, rows: readonly Row[]): readonly Row[] {
  const { page } = call;
  if (!page) return rows.slice(0, maxPageSize);
  if (page.size > maxPageSize) {
    throw invalidValue(`Page size can't exceed max allowed page size value: ${maxPageSize}`);
  }
  if (page.size === -1) return rows;
  const start = (Math.max(page.number, 1) - 1) * page.size;
  return rows.slice(start, start + page.size);
}
