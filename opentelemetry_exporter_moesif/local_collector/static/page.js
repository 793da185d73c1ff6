// What every page does: times in the reader's zone, buttons that copy, filters that act at once, calls that arrive.
import { drawCharts } from "./charts.js";
import { morph } from "./morph.js";

const TYPING_MS = 250;
const REFRESH_MS = 250;
const ANNOUNCE_MS = 10000;

document.documentElement.classList.add("scripted");
const main = document.getElementById("main");
const announcement = document.getElementById("announcement");

function localise(root) {
  const today = new Date().toDateString();
  const thisYear = new Date().getFullYear();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const clock = at.toLocaleTimeString([], { hourCycle: "h23" }) + "." + String(at.getMilliseconds()).padStart(3, "0");
    const day = at.toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
    const date = at.getFullYear() === thisYear ? at.toLocaleDateString([], { day: "numeric", month: "short" }) : at.toLocaleDateString("sv");
    const short = at.toDateString() === today ? clock : `${date} ${clock.slice(0, 5)}`;
    element.textContent = "full" in element.dataset ? `${day}, ${clock}` : short;
    element.title = element.dateTime;
  }
}

// --- copy

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent;
  let word = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    word = "Select and copy";
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
  }
  button.textContent = word;
  announcement.textContent = word;
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (button) copy(button);
});

// --- fold

function offerToUnfold() {
  for (const button of document.querySelectorAll("button[data-unfold]")) {
    const folded = document.getElementById(button.dataset.unfold);
    button.hidden = folded.scrollHeight <= folded.clientHeight + 1 && !folded.classList.contains("unfolded");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-unfold]");
  if (!button) return;
  const open = document.getElementById(button.dataset.unfold).classList.toggle("unfolded");
  button.setAttribute("aria-expanded", String(open));
  button.textContent = open ? "Show less" : "Show all";
});
document.addEventListener("toggle", offerToUnfold, true);

// --- look again

let refreshing = Promise.resolve();

function refresh(isWanted = () => true, isNews = false) {
  const address = location.href;
  refreshing = refreshing.then(async () => {
    if (address !== location.href) return; // a later filter has its own refresh under way
    const answer = await fetch(address);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (address !== location.href || !isWanted()) return;
    localise(page);
    document.documentElement.classList.toggle("news", isNews);
    morph(main, page.getElementById("main"));
    morph(document.querySelector(".top nav"), page.querySelector(".top nav"));
    drawCharts();
  }).catch(() => {}); // the server is gone: the live state says so
  return refreshing;
}

// --- filters

let typing;
let query = location.search;

function applyFilters(form, remember) {
  clearTimeout(typing);
  const all = new FormData(form);
  if (all.get("range") !== "chosen") ["from", "to"].forEach((name) => all.delete(name));
  const given = [...all].filter(([, value]) => value !== "");
  const filters = new URLSearchParams(given).toString();
  const address = location.pathname + (filters ? "?" + filters : "");
  if (address === location.pathname + location.search) return;
  history[remember ? "pushState" : "replaceState"](null, "", address);
  query = location.search;
  refresh();
}

main.addEventListener("input", (event) => {
  const form = event.target.closest("#filters");
  if (!form || event.target.type !== "search") return;
  clearTimeout(typing);
  typing = setTimeout(() => applyFilters(form, false), TYPING_MS);
});
main.addEventListener("change", (event) => {
  const form = event.target.closest("#filters");
  if (form) applyFilters(form, true);
});
main.addEventListener("submit", (event) => {
  if (event.target.id !== "filters") return;
  event.preventDefault();
  applyFilters(event.target, true);
});
main.addEventListener("click", (event) => {
  const button = event.target.closest("#more-filters");
  if (!button) return;
  const open = document.documentElement.classList.toggle("filters-open");
  button.setAttribute("aria-expanded", String(open));
});
document.addEventListener("range-chosen", ({ detail }) => {
  const form = document.getElementById("filters");
  const range = form.elements.range;
  if (!range.querySelector("[value=chosen]")) range.add(new Option("Chosen on the chart", "chosen"));
  range.value = "chosen";
  form.elements.from.value = detail.from;
  form.elements.to.value = detail.to;
  applyFilters(form, true);
});
// a step back may lead to other filters, or only from one place on the page to another
addEventListener("popstate", () => location.search !== query && location.reload());

// --- live

const state = document.getElementById("live-state");
const pause = document.getElementById("pause");
let stream;
let due;
let rest = REFRESH_MS;
let announced = 0;

function say(word, name) {
  state.textContent = word;
  state.dataset.state = name;
}

function numberOfCalls() {
  return document.querySelector("#figures dd")?.textContent ?? "0";
}

function isPaused() {
  return pause.getAttribute("aria-pressed") === "true";
}

async function lookAgain() {
  due = undefined;
  const before = numberOfCalls();
  const started = performance.now();
  await refresh(() => !isPaused(), true);
  rest = Math.max(REFRESH_MS, 3 * (performance.now() - started)); // a full collector is asked less often
  const now = numberOfCalls();
  if (now !== before && Date.now() - announced > ANNOUNCE_MS) {
    announced = Date.now();
    announcement.textContent = `${now} calls`;
  }
}

function connect() {
  stream?.close();
  stream = new EventSource("/live");
  stream.onopen = () => say("Live", "on");
  stream.onerror = () => say("Connection lost, trying again", "lost");
  stream.addEventListener("changed", () => (due ??= setTimeout(lookAgain, rest)));
}

function setPaused(paused) {
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Resume" : "Pause";
  if (paused) {
    stream?.close();
    say("Paused", "off");
  } else {
    connect();
  }
}

localise(document);
drawCharts();
offerToUnfold();
if (state) {
  pause.hidden = false;
  pause.addEventListener("click", () => setPaused(!isPaused()));
  const given = new URLSearchParams(location.search);
  setPaused(given.has("before") || given.has("offset")); // an older part of the list stands still
  addEventListener("pagehide", () => stream?.close());
  // a browser opens six connections to a server at most: pages that nobody sees leave theirs to the others
  document.addEventListener("visibilitychange", () => {
    if (isPaused()) return;
    if (document.hidden) stream?.close();
    else connect();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
new ResizeObserver(drawCharts).observe(main);
