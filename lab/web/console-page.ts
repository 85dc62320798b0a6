/** The page that shows a machine's tty1. */

import { consoleMinutes } from "../cloud/consoles.ts";
import type { Instance } from "../cloud/model.ts";
import { type Html, html } from "./html.ts";
import { layout, refusalPage } from "./layout.ts";
import { filesPath } from "./paths.ts";

export function consolePage({ displayName, name }: Instance): Html {
  const title = displayName === name ? name : `${displayName} (${name})`;
  return layout(
    `${title} - console`,
    html`<div class="console">
<header><h1>${title}</h1><span class="tty">tty1</span><span id="state" class="pill soft" role="status">connecting</span></header>
<div id="screen" aria-label="tty1 of ${title}"></div>
<nav id="keys" aria-label="keys"></nav>
</div>
<script type="module" src="${filesPath}console.js"></script>`,
    html`<link rel="stylesheet" href="${filesPath}xterm.css">`,
  );
}

export function noConsolePage(instance?: Instance): Html {
  if (instance) {
    return refusalPage(
      `${instance.displayName} has no console now`,
      `It is ${instance.state}. Start it, then open its console again.`,
    );
  }
  return refusalPage(
    "This console's link is used up",
    `Each link opens a console once, within ${consoleMinutes} minutes and while its instance is there. Ask for a new one: on the lab's page, or with createConsoleEndpoint.`,
  );
}
