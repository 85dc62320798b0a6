/** Looks again as long as somebody looks at the page, and exchanges the parts that have changed. */
const interval = 2000;
const live = document.getElementById("live");

async function look() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of fresh.querySelectorAll("section[id]")) {
    const old = document.getElementById(part.id);
    if (old && old.innerHTML !== part.innerHTML) old.innerHTML = part.innerHTML;
  }
}

async function lookAgain() {
  if (document.visibilityState === "visible") {
    try {
      await look();
      live.textContent = "up to date";
      live.className = "pill good";
    } catch {
      live.textContent = "the lab does not answer";
      live.className = "pill bad";
    }
  }
  setTimeout(lookAgain, interval);
}
setTimeout(lookAgain, interval);
