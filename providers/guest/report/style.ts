/** Style of the report page. System fonts and no outside resource, so that it looks the same without a network. */
export const style = `
:root {
  --page: #f5f6f8; --card: #ffffff; --ink: #18202b; --soft: #5b6675; --line: #e3e7ec;
  --good: #14804a; --good-wash: #e4f5ec; --bad: #c2293b; --bad-wash: #fdeaec; --warn: #97640b; --warn-wash: #fdf3dd;
  --waived: #6b4fb3; --waived-wash: #efeafb;
  --accent: #2b5fd9;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", Menlo, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1319; --card: #171d26; --ink: #e7ebf0; --soft: #98a4b3; --line: #28313d;
    --good: #4cc98a; --good-wash: #143226; --bad: #ff7c88; --bad-wash: #3a1a20; --warn: #e5b455; --warn-wash: #352a13;
    --waived: #b9a2f5; --waived-wash: #2a2342;
    --accent: #82a8ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 48px 24px 64px; }
h1, h2, h3, p, dl, dd, ol { margin: 0; padding: 0; }
h1 { font-size: 32px; line-height: 1.2; letter-spacing: -0.02em; font-weight: 680; }
h2 { font-size: 18px; font-weight: 640; margin: 40px 0 12px; letter-spacing: -0.01em; }
h2::first-letter { text-transform: uppercase; }
h2 small, h3 small { font-size: 13px; font-weight: 400; color: var(--soft); margin-left: 6px; letter-spacing: 0; }
code, .evidence, .id, .inputs th { font-family: var(--mono); font-size: 12.5px; }
header { display: flex; gap: 32px; justify-content: space-between; align-items: center; }
.kicker { color: var(--accent); font-size: 12px; font-weight: 650; letter-spacing: 0.09em; text-transform: uppercase; margin-bottom: 6px; }
.subject { color: var(--soft); margin-top: 8px; }
.lead { margin-top: 4px; }
.verdict { display: flex; flex: none; gap: 10px; align-items: center; padding: 14px 24px 14px 18px; border-radius: 999px;
  font-size: 19px; font-weight: 650; }
.verdict svg { width: 26px; height: 26px; }
svg { fill: none; stroke: currentColor; stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round; }
.good { color: var(--good); background: var(--good-wash); }
.bad { color: var(--bad); background: var(--bad-wash); }
.warn { color: var(--warn); background: var(--warn-wash); }
.waived { color: var(--waived); background: var(--waived-wash); }
.accent { color: var(--accent); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(158px, 1fr)); gap: 14px; list-style: none; }
.card, .scroll, .facts, .red article { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.card { padding: 16px 18px; overflow-wrap: anywhere; }
.card h3 { font-size: 15px; font-weight: 640; text-transform: capitalize; }
.machine, .note { color: var(--soft); font-size: 13px; }
.figure { font-size: 34px; font-weight: 660; letter-spacing: -0.02em; margin: 6px 0 8px; font-variant-numeric: tabular-nums; }
.figure small { font-size: 17px; font-weight: 400; color: var(--soft); }
.bar { display: flex; height: 6px; border-radius: 3px; overflow: hidden; background: var(--line); margin-bottom: 10px; }
.bar i { display: block; background: currentColor; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 11px 16px; border-top: 1px solid var(--line); }
thead th, .inputs tr:first-child > * { border-top: 0; }
.phase { width: 96px; text-align: center; text-transform: capitalize; }
.time { width: 84px; text-align: right; color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th, thead .time, .group th { font-size: 12px; font-weight: 600; color: var(--soft); padding-block: 9px; }
.group th { background: var(--page); color: var(--ink); text-transform: uppercase; letter-spacing: 0.06em; }
.group small { font-weight: 400; font-size: 12px; color: var(--soft); margin-left: 6px; text-transform: none; letter-spacing: 0; }
.evidence { color: var(--soft); overflow-wrap: anywhere; }
summary { cursor: pointer; font-weight: 530; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::after { content: "why"; margin-left: 8px; font-size: 11.5px; font-weight: 400; color: var(--soft); opacity: 0; transition: opacity .12s; }
tr:hover summary::after, summary:focus-visible::after, details[open] summary::after { opacity: 1; }
details p { margin: 4px 0 2px; }
.id, .none { color: var(--soft); }
.pill { display: inline-flex; gap: 4px; align-items: center; padding: 2px 10px 2px 7px; border-radius: 999px; font-size: 12.5px; text-transform: none; }
.pill b { font-weight: 580; }
.pill svg { width: 13px; height: 13px; stroke-width: 3; }
.red article { padding: 16px 20px; margin-bottom: 12px; border-left: 4px solid var(--bad); }
.red .warning { border-left-color: var(--warn); }
.red .waived { color: inherit; background: var(--card); border-left-color: var(--waived); }
.red h3 { font-size: 15px; font-weight: 620; }
.red .evidence { color: var(--ink); margin: 8px 0 10px; white-space: pre-wrap; }
.red dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; font-size: 14px; }
dt { color: var(--soft); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 8px 28px; padding: 16px 20px; }
.facts dd { font-family: var(--mono); font-size: 12.5px; line-height: 23px; overflow-wrap: anywhere; }
.inputs th { font-weight: 400; white-space: nowrap; }
.inputs td { color: var(--soft); overflow-wrap: anywhere; }
.inputs th, .inputs td { padding-block: 7px; }
.terminal { background: #101418; border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; overflow-x: auto; }
.terminal pre { margin: 0 auto; width: max-content; min-width: 80ch; color: #d6dbe1; font: 13px/1.25 var(--mono); }
.starts { list-style: none; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 20px; }
.starts li { display: grid; grid-template-columns: minmax(0, 260px) 1fr 64px; gap: 16px; align-items: center; padding: 4px 0; }
.starts code { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.starts .bar { margin: 0; }
.starts b { font-weight: 400; font-size: 13px; color: var(--soft); text-align: right; font-variant-numeric: tabular-nums; }
.packages summary { font-weight: 400; color: var(--accent); padding: 2px 0 10px; }
.packages summary::after { content: none; }
footer { margin-top: 40px; color: var(--soft); font-size: 13px; }
@media (max-width: 640px) {
  main { padding: 28px 16px 48px; }
  header { flex-direction: column; align-items: flex-start; gap: 18px; }
  h1 { font-size: 26px; }
  .time { display: none; }
  .starts li { grid-template-columns: minmax(0, 1fr) 64px; }
  .starts .bar { display: none; }
  .terminal { padding: 12px; }
  .terminal pre { font-size: 7.2px; }
  .phase { width: 70px; padding-inline: 8px; }
  .facts, .red dl { grid-template-columns: 1fr; gap: 2px; }
  .inputs th, .inputs td { display: block; white-space: normal; overflow-wrap: anywhere; padding-inline: 12px; }
  .inputs th { padding-bottom: 0; }
  .inputs td { border-top: 0; padding-top: 0; }
  th, td { padding-inline: 12px; }
  .facts dd { margin-bottom: 8px; }
}
@media print {
  :root { --page: #ffffff; }
  main { max-width: none; padding: 0; }
  tr, article, .card { break-inside: avoid; }
  .good, .bad, .warn, .bar i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
