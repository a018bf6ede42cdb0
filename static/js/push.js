// The card "Notifications on this phone": says what this browser can do, and turns them on.
(function () {
  "use strict";
  var KEPT = "medguard-subscription"; // as in service-worker.js

  var card = function () { return document.getElementById("part-devices"); };
  var show = function (state) {
    card().querySelectorAll("[data-state]").forEach(function (each) { each.hidden = each.dataset.state !== state; });
  };
  var isApple = /iPhone|iPad/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  var isSupported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

  var bytes = function (base64) {
    var text = atob(base64.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(text, function (letter) { return letter.charCodeAt(0); });
  };
  var hex = function (buffer) {
    return Array.from(new Uint8Array(buffer), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  };
  var fingerprint = async function (subscription) {
    return hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint)));
  };
  var isWithKey = function (subscription, key) {
    var theirs = subscription.options && subscription.options.applicationServerKey;
    return !theirs || hex(theirs) === hex(key.buffer);
  };

  // Which of the states of the card holds, and which of the devices this is.
  var look = async function () {
    if (!isSupported) { return show(isApple ? "install" : "unsupported"); }
    if (Notification.permission === "denied") { return show("denied"); }
    var registration = await navigator.serviceWorker.getRegistration();
    var subscription = registration && await registration.pushManager.getSubscription();
    var mine = subscription && isWithKey(subscription, bytes(card().dataset.key)) ? await fingerprint(subscription) : "";
    var row = mine && card().querySelector('[data-device="' + mine + '"]');
    if (row) { row.querySelector("[data-here]").hidden = false; }
    show(row ? "on" : "off");
  };

  var subscribe = async function () {
    if (await Notification.requestPermission() !== "granted") { return look(); }
    var key = bytes(card().dataset.key);
    var manager = (await navigator.serviceWorker.ready).pushManager;
    var old = await manager.getSubscription();
    if (old && !isWithKey(old, key)) { await old.unsubscribe(); }
    var subscription = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await (await caches.open(KEPT)).put("/", new Response(JSON.stringify(subscription)));
    var answer = await fetch(card().dataset.add, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] },
      body: JSON.stringify(subscription),
    });
    if (!answer.ok) {
      var problem = answer.status === 400 ? (await answer.json()).detail : card().dataset.failed;
      card().querySelector("#devices-said").textContent = problem;
      return;
    }
    htmx.swap("#part-devices", await answer.text(), { swapStyle: "outerHTML" });
    await look();
    document.getElementById("devices-heading").focus();
  };

  // Whoever removes this device has it forget its address too.
  var forget = async function () {
    var registration = await navigator.serviceWorker.getRegistration();
    var subscription = registration && await registration.pushManager.getSubscription();
    if (subscription) { await subscription.unsubscribe(); }
    await caches.delete(KEPT);
  };

  document.addEventListener("click", function (event) {
    if (event.target.closest("#device-add")) {
      subscribe().catch(function () { show("failed"); card().querySelector('[data-state="off"]').hidden = false; });
    }
  });
  document.addEventListener("submit", function (event) {
    var here = event.target.closest("[data-device]");
    if (here && !here.querySelector("[data-here]").hidden) { forget(); }
  }, true);
  // A card that came anew shows no state yet.
  document.body.addEventListener("htmx:afterSettle", function () {
    if (card() && !card().querySelector("[data-state]:not([hidden])")) { look(); }
  });
  if (card()) { look(); }
})();
