/** What all pages of the lab have in common. */
import { type Content, type Html, html } from "./html.ts";
import { filesPath } from "./paths.ts";

export function layout(title: string, body: Content, head: Content = ""): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${filesPath}lab.css">
${head}
</head>
<body>${body}</body>
</html>
`;
}

/** Why there is no page, and what to do. */
export function refusalPage(what: string, next: string): Html {
  return layout(what, html`<main class="refusal"><h1>${what}</h1><p>${next}</p></main>`);
}
