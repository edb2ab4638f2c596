// Shows only the entries that have every word that is typed. Without this script the page shows all of them.
"use strict";
const input = document.getElementById("search");
const found = document.getElementById("found");
const entries = Array.from(document.querySelectorAll("[data-entry]"), (e) => ({ e, text: e.textContent.toLowerCase() }));
const groups = Array.from(document.querySelectorAll("[data-group]"));

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { e, text } of entries) {
    const has = words.every((w) => text.includes(w));
    e.hidden = !has;
    shown += has;
  }
  for (const g of groups) {
    g.hidden = words.length > 0 && !g.querySelector("[data-entry]:not([hidden])");
  }
  found.textContent = words.length === 0 ? "" : shown === 1 ? "1 found" : shown + " found";
}

// A link to an entry opens it.
function openTarget() {
  const e = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (e instanceof HTMLDetailsElement) {
    e.open = true;
  }
}

input.closest("[hidden]").hidden = false;
input.value = new URLSearchParams(location.search).get("q") ?? ""; // so that a search can be linked to
search();
input.addEventListener("input", search);
addEventListener("hashchange", openTarget);
addEventListener("keydown", (k) => {
  if (k.key === "/" && document.activeElement !== input) {
    k.preventDefault();
    input.focus();
  }
});
openTarget();
