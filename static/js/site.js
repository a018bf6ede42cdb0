// Says when an HTMX request did not reach us or was refused, and takes it back when the next one succeeds.
(function () {
  "use strict";
  var box = document.getElementById("connection");
  if (box) {
    var notice = box.querySelector(".notice");
    var words = notice.querySelector("p");
    var way = notice.querySelector("[data-way]");
    var say = function (text) { notice.hidden = false; words.textContent = text; way.hidden = true; };
    // To the sign-in page, and from there back to this one.
    var offerSignIn = function () {
      say(box.dataset.signedOut);
      var here = window.location.pathname + window.location.search;
      way.querySelector("a").href = box.dataset.signIn + "?next=" + encodeURIComponent(here);
      way.hidden = false;
    };
    var clear = function () { notice.hidden = true; words.textContent = ""; };
    // What the page asks for by itself (the badge) fails in silence: nobody did anything that could be lost.
    var asked = function (event) {
      var cause = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
      return Boolean(cause && cause.isTrusted);
    };
    var fail = function (event, text) { if (asked(event)) { say(text); } };
    document.body.addEventListener("htmx:sendError", function (event) { fail(event, box.dataset.offline); });
    document.body.addEventListener("htmx:timeout", function (event) { fail(event, box.dataset.offline); });
    document.body.addEventListener("htmx:responseError", function (event) {
      var status = event.detail.xhr.status;
      if (status !== 401) { fail(event, status === 403 ? box.dataset.refused : box.dataset.failed); }
      else if (asked(event)) { offerSignIn(); }
    });
    document.body.addEventListener("htmx:afterRequest", function (event) { if (event.detail.successful) { clear(); } });
    // A session that ran out answers with the sign-in page: that is no fragment. Load the page, which asks to sign in.
    document.body.addEventListener("htmx:beforeSwap", function (event) {
      if (new URL(event.detail.xhr.responseURL).pathname !== box.dataset.signIn) { return; }
      event.detail.shouldSwap = false;
      if (asked(event)) { window.location.reload(); }
    });
    window.addEventListener("offline", function () { say(box.dataset.offline); });
    window.addEventListener("online", clear);
  }
  // What a reader unfolded stays unfolded when the part of the page that holds it is refreshed.
  var unfolded = [];
  document.body.addEventListener("htmx:beforeSwap", function (event) {
    var open = event.detail.target.querySelectorAll("details[id][open]");
    unfolded = Array.prototype.map.call(open, function (each) { return each.id; });
  });
  document.body.addEventListener("htmx:afterSwap", function () {
    unfolded.forEach(function (id) {
      var details = document.getElementById(id);
      if (details) { details.open = true; }
    });
    unfolded = [];
  });
  var summary = document.querySelector("[data-error-summary]");
  if (summary) { summary.focus(); }
})();
