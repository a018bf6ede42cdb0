// The site's service worker: shows what push services bring, answers from a notice, and keeps today for when there is
// no connection. `medguard` comes from /service-worker.js. Pages always come from the network while there is one.
"use strict";

const PARTS = "medguard-parts-" + medguard.version;
const COPY = "medguard-copy";
const SUBSCRIPTION = "medguard-subscription";
const KEPT = new Set([PARTS, COPY, SUBSCRIPTION]);
const IS_PART = new Set(medguard.parts.map((url) => new URL(url, self.location).href));
const WHATEVER_VARIES = { cacheName: PARTS, ignoreVary: true };
const LANGUAGES = Object.keys(medguard.offline);

// Answers may overtake each other. What is kept is the one that was asked for last; each request gets a number.
let lastAsked = 0;
let lastKept = 0;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

async function install() {
  const cache = await caches.open(PARTS);
  const urls = medguard.parts.concat(Object.values(medguard.offline));
  // Without cookies: what is kept here is nobody's.
  await cache.addAll(urls.map((url) => new Request(url, { cache: "no-cache", credentials: "omit" })));
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => !KEPT.has(name)).map((name) => caches.delete(name)));
  await self.clients.claim();
}

// Pages and their parts -----------------------------------------------------------------------------------

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) { return; }
  if (medguard.entrance.some((path) => url.pathname.startsWith(path)) && request.method !== "GET") {
    // Somebody signs in or out: the next reader is perhaps another.
    lastKept = ++lastAsked;
    event.waitUntil(caches.delete(COPY));
  } else if (request.mode === "navigate" && request.method === "GET" && language(url.pathname)) {
    event.respondWith(page(event));
  } else if (IS_PART.has(url.href)) {
    event.respondWith(part(request));
  } else if (request.headers.get("HX-Request")) {
    event.respondWith(fragment(event));
  }
});

async function page(event) {
  const request = event.request;
  const number = ++lastAsked;
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    return await fromCopy(new URL(request.url).pathname) || await caches.match(offlinePage(request.url), WHATEVER_VARIES);
  }
  if (wants(response, "keep")) {
    event.waitUntil(keep(request.url, response.clone(), number));
  } else if (response.type === "opaqueredirect") {
    // Perhaps to the sign-in page, because the session is over.
    event.waitUntil(renewCopy());
  }
  return response;
}

// A part of a page that shows something newer than what is kept says so: then the whole is fetched again.
async function fragment(event) {
  const response = await fetch(event.request);
  if (wants(response, "renew")) { event.waitUntil(renewCopy({ isAnswered: event.request.method === "POST" })); }
  return response;
}

async function part(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request.url, WHATEVER_VARIES);
    return kept || Response.error();
  }
}

function wants(response, what) {
  return response.headers.get("Offline-Copy") === what;
}

async function keep(url, response, number) {
  if (!response.ok || response.redirected) { return; }
  const page = await response.blob();
  const cache = await caches.open(COPY);
  await Promise.all((await cache.keys()).map((other) => other.url === url || cache.delete(other)));
  const headers = { "Content-Type": "text/html; charset=utf-8", "Kept-At": new Date().toISOString() };
  const policy = response.headers.get("Content-Security-Policy");
  if (policy) { headers["Content-Security-Policy"] = policy; }
  if (number < lastKept) { return; }
  lastKept = number;
  await cache.put(url, new Response(page, { headers: headers }));
}

async function renewCopy({ isAnswered = false } = {}) {
  const number = ++lastAsked;
  // After an answer at once: better nothing than a dose that seems not to be taken.
  if (isAnswered) { lastKept = number; }
  const cache = await caches.open(COPY);
  for (const request of await cache.keys()) {
    if (isAnswered) { await cache.delete(request); }
    let response;
    try {
      response = await fetch(request.url, { credentials: "same-origin", headers: { "X-By-Itself": "1" } });
    } catch (error) {
      // What else there is says itself from when it is.
      continue;
    }
    if (wants(response, "keep") && !response.redirected) {
      await keep(request.url, response, number);
    } else {
      // It is no longer theirs to see.
      await cache.delete(request);
    }
  }
}

// Today as it was last seen, while it still is that day, with the words that say so.
async function fromCopy(path) {
  const cache = await caches.open(COPY);
  for (const request of await cache.keys()) {
    const asked = new URL(request.url).pathname === path || medguard.start.includes(path);
    const response = await cache.match(request);
    const keptOn = new Date(response.headers.get("Kept-At")).toDateString();
    if (asked && keptOn === new Date().toDateString()) {
      const html = (await response.text())
        .replace("<html ", "<html data-offline ")
        .replace('id="as-last-seen" hidden', 'id="as-last-seen"');
      return new Response(html, { headers: response.headers });
    }
  }
  return null;
}

function language(path) {
  return LANGUAGES.find((code) => path.startsWith("/" + code + "/"));
}

function offlinePage(url) {
  return medguard.offline[language(new URL(url).pathname)];
}

// Notices -------------------------------------------------------------------------------------------------

self.addEventListener("push", (event) => event.waitUntil(show(event.data)));

async function show(data) {
  let message;
  try {
    message = data.json();
  } catch (error) {
    // A browser that gets a push must show something; this is all that can be said.
    const code = LANGUAGES.find((each) => self.navigator.language.startsWith(each)) || LANGUAGES[0];
    message = {
      title: "MedGuard", body: medguard.words[code], lang: code, key: "", thread: "unreadable", url: "/" + code + "/", actions: [],
    };
  }
  const shown = await self.registration.getNotifications({ tag: message.thread });
  await self.registration.showNotification(message.title, {
    body: message.body,
    lang: message.lang,
    tag: message.thread,
    // A second reminder is heard; the same message that came twice isn't.
    renotify: !shown.some((each) => each.data && each.data.key === message.key),
    icon: medguard.icon,
    badge: medguard.badge,
    actions: message.actions.map((each) => ({ action: each.action, title: each.title })),
    data: message,
  });
}

self.addEventListener("notificationclick", (event) => event.waitUntil(clicked(event.notification, event.action)));

async function clicked(notification, action) {
  const message = notification.data;
  notification.close();
  const chosen = message.actions.find((each) => each.action === action);
  await (chosen ? answer(message, chosen) : openPage(message.url));
}

async function answer(message, chosen) {
  let given;
  try {
    const response = await fetch(medguard.answer, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: chosen.token }),
    });
    if (!response.ok) { throw new Error("not counted"); }
    given = await response.json();
  } catch (error) {
    // Where it can't be answered from here, the page says how things are.
    return openPage(message.url);
  }
  const noted = { key: message.key, url: message.url, actions: [] };
  await self.registration.showNotification(message.title, {
    body: given.said,
    lang: message.lang,
    tag: message.thread,
    silent: true,
    icon: medguard.icon,
    badge: medguard.badge,
    data: noted,
  });
  await renewCopy({ isAnswered: true });
}

async function openPage(path) {
  const url = new URL(path, self.location.origin);
  if (url.origin !== self.location.origin) { return; }
  const windows = await self.clients.matchAll({ type: "window" });
  // No other page is taken away: somebody may be writing in it.
  const there = windows.find((each) => each.url === url.href);
  await (there ? there.focus() : self.clients.openWindow(url.href));
}

// A browser whose push service changed its address tells us by the old one.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(resubscribe(event)));

async function resubscribe(event) {
  const cache = await caches.open(SUBSCRIPTION);
  const kept = await cache.match("/");
  const old = event.oldSubscription ? event.oldSubscription.toJSON() : kept && await kept.json();
  if (!old) { return; }
  const options = { userVisibleOnly: true, applicationServerKey: medguard.key };
  const fresh = event.newSubscription || await self.registration.pushManager.subscribe(options);
  await cache.put("/", new Response(JSON.stringify(fresh)));
  await fetch(medguard.renew, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ old: old, new: fresh.toJSON() }),
  });
}
