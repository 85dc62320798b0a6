/** The API's form of a moment: 2026-11-23T08:01:02+0000, no colon in the zone. */
export function apiTime(moment = new Date()): string {
  return `${moment.toISOString().slice(0, 19)}+0000`;
}
