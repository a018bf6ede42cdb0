// Gets the service worker going for whoever is signed in, and keeps no copy of a page for anybody else.
(function () {
  "use strict";
  var COPY = "medguard-copy"; // as in service-worker.js
  var worker = document.currentScript.dataset.worker;
  if (!("serviceWorker" in navigator) || !("caches" in window)) { return; }
  if (document.body.dataset.reader === "known") { navigator.serviceWorker.register(worker, { scope: "/" }); }
  if (document.body.dataset.reader === "stranger") { caches.delete(COPY); }
  var link = document.getElementById("kept-copy");
  if (link) {
    caches.open(COPY).then(function (cache) {
      return cache.keys().then(function (kept) { return kept.length ? cache.match(kept[0]) : null; });
    }).then(function (copy) {
      var day = copy && new Date(copy.headers.get("Kept-At")).toDateString();
      link.hidden = day !== new Date().toDateString();
    });
  }
  if (link || document.documentElement.hasAttribute("data-offline")) {
    var waiting;
    var again = function (pause) {
      clearTimeout(waiting);
      // Phones say so too of a network that leads nowhere, or not yet: only when the site answers. Who goes elsewhere
      // meanwhile, goes.
      fetch(window.location.href, { method: "HEAD", cache: "no-store" }).then(
        function () { window.location.reload(); },
        function () { if (navigator.onLine) { waiting = setTimeout(again, pause, Math.min(2 * pause, 60000)); } }
      );
    };
    window.addEventListener("online", function () { again(1000); });
  }
})();
