"use strict";
// Follows changes: asks the server for a new stamp, fetches the page again, and puts the new parts in place of the old
// ones, so that nothing flickers and every frame and pane stays scrolled to where it was.

const scrolled = new Map(); // frame or pane → how far it was scrolled, in pixels
let stamp = document.body.dataset.stamp;
let turn = 0;

const byId = (id) => document.getElementById(id);
const framesOf = (root) => [...root.querySelectorAll("[data-frame]")];

function remember() {
  // A page with a fault is shorter: what it was scrolled to says nothing about the mended one.
  if (document.querySelector(".fault") && !document.querySelector(".device, .pane")) return;
  const faulty = Boolean(document.querySelector(".fault"));
  for (const figure of framesOf(document)) {
    const inside = figure.querySelector("iframe:not(.coming)")?.contentWindow;
    if (inside && !(faulty && scrolled.has(figure.dataset.frame))) scrolled.set(figure.dataset.frame, inside.scrollY);
  }
  for (const pane of document.querySelectorAll("[data-keep]")) scrolled.set(pane.dataset.keep, pane.scrollTop);
}

function restore(frame, key) {
  frame.contentWindow?.scrollTo({ top: scrolled.get(key) ?? 0, behavior: "instant" });
}

// The new document is loaded behind the old one, scrolled, and only then shown.
function exchange(screen, src, key) {
  for (const late of screen.querySelectorAll(".coming")) late.remove();
  const old = screen.querySelector("iframe");
  const next = old.cloneNode();
  next.className = "coming";
  next.addEventListener("load", () => {
    if (!next.isConnected) return;
    restore(next, key);
    next.className = "";
    for (const other of screen.querySelectorAll("iframe")) if (other !== next) other.remove();
  }, { once: true });
  next.setAttribute("src", src);
  screen.append(next);
}

function putStage(fresh) {
  const stage = byId("stage");
  if (fresh.dataset.kind !== stage.dataset.kind) {
    for (const frame of fresh.querySelectorAll("iframe")) frame.className = "coming";
    stage.replaceWith(fresh);
    settle(fresh);
    return;
  }
  for (const figure of framesOf(fresh)) {
    const here = stage.querySelector(`[data-frame="${figure.dataset.frame}"]`);
    const caption = figure.querySelector("figcaption");
    if (!here.querySelector("output")) here.querySelector("figcaption").replaceWith(caption);
    const screen = here.querySelector(".screen");
    const src = figure.querySelector("iframe").getAttribute("src");
    screen.classList.remove("light", "dark", "inverted");
    screen.classList.add(figure.querySelector(".screen").classList.item(1));
    if ([...screen.querySelectorAll("iframe")].at(-1).getAttribute("src") !== src) exchange(screen, src, figure.dataset.frame);
  }
  const pane = fresh.querySelector("[data-keep]");
  if (pane) {
    stage.replaceChildren(pane);
    settle(stage);
  }
}

// After a part was put in place: scroll it, and watch the frame that can be dragged.
function settle(stage) {
  for (const figure of framesOf(stage)) {
    const frame = figure.querySelector("iframe");
    if (frame.className) {
      frame.addEventListener("load", () => {
        restore(frame, figure.dataset.frame);
        frame.className = "";
      }, { once: true });
    }
    const width = figure.querySelector("output");
    if (width) new ResizeObserver(([box]) => { width.textContent = `${Math.round(box.contentRect.width)} px`; }).observe(figure.querySelector(".screen"));
  }
  const pane = stage.querySelector("[data-keep]");
  if (!pane) return;
  const hit = pane.querySelector("#hit");
  if (hit) hit.scrollIntoView({ block: "center" });
  else pane.scrollTop = scrolled.get(pane.dataset.keep) ?? 0;
}

async function show(address) {
  const mine = ++turn;
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== turn) return; // a later click was quicker
  remember();
  for (const id of ["top", "tools", "faults", "inbox", "aside"]) put(id, fresh);
  putStage(fresh.getElementById("stage"));
  document.title = fresh.title;
  stamp = fresh.body.dataset.stamp;
  pulse(true);
}

function put(id, fresh) {
  const old = byId(id), next = fresh.getElementById(id);
  if (old && next && old.isEqualNode(next)) return;
  if (old && next) {
    const top = old.scrollTop;
    const boxes = new Map([...next.querySelectorAll("details")].map((box) => [box.dataset.keep, box]));
    for (const box of old.querySelectorAll("details[open]")) boxes.get(box.dataset.keep)?.setAttribute("open", "");
    old.replaceWith(next);
    next.scrollTop = top;
  } else if (next) document.querySelector("main").append(next);
  else old?.remove();
}

function pulse(on) {
  const mark = byId("pulse");
  mark.className = `pulse ${on ? "on" : "off"}`;
  mark.textContent = on ? "following changes" : "stopped: run digest preview again";
}

async function go(address) {
  history.pushState(null, "", address);
  await show(address).catch(() => pulse(false));
}

document.addEventListener("click", (event) => {
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest("a[href^='?']");
  if (link) {
    event.preventDefault();
    go(link.getAttribute("href"));
  }
  const story = event.target.closest("[data-headline]");
  if (story) showStory(story.dataset.headline);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form.choices");
  if (form) go(`?${new URLSearchParams(new FormData(form))}`);
});

addEventListener("popstate", () => show(location.href).catch(() => pulse(false)));

function showStory(headline) {
  const wanted = headline.replace(/\s+/g, " ").trim();
  for (const frame of document.querySelectorAll(".screen iframe")) {
    const heads = [...(frame.contentDocument?.querySelectorAll("h1,h2,h3") ?? [])];
    const found = heads.find((head) => head.textContent.replace(/\s+/g, " ").trim() === wanted);
    if (found) frame.contentWindow.scrollTo({ top: found.getBoundingClientRect().top + frame.contentWindow.scrollY - 40, behavior: "smooth" });
  }
}

async function follow() {
  for (;;) {
    try {
      const answer = await fetch(`changes?since=${encodeURIComponent(stamp)}`);
      if (!answer.ok) throw new Error(answer.statusText);
      pulse(true);
      if ((await answer.json()).stamp !== stamp) await show(location.href);
    } catch {
      pulse(false);
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

settle(byId("stage"));
pulse(true);
follow();
