"use strict";
// Everything can be read without this: it opens what a link leads to, copies commands, shows long tables to their
// end, and opens all there is for print.

function reveal() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  if (target) target.scrollIntoView();
}
addEventListener("hashchange", reveal);
addEventListener("DOMContentLoaded", reveal);

async function copy(button) {
  const code = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    document.execCommand("copy");
  }
  button.textContent = "copied";
  setTimeout(() => { button.textContent = "copy"; }, 1500);
}

// The rows of a table beyond the first ones wait as text, so that a long run does not make a slow page.
function showAll(button) {
  const table = button.closest("div").previousElementSibling.querySelector("tbody");
  for (const cells of JSON.parse(button.nextElementSibling.textContent)) {
    const row = table.insertRow();
    for (const [text, kind] of cells) {
      const cell = row.insertCell();
      cell.textContent = text;
      cell.className = kind;
    }
  }
  button.closest("div").remove();
}

addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && button.dataset.does === "copy") copy(button);
  if (button && button.dataset.does === "show-all") showAll(button);
  // A second click on the same link changes no hash, but its target may have been closed since.
  const link = event.target.closest('a[href^="#"]');
  if (link && link.hash === location.hash) reveal();
});

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
