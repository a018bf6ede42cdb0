// Shows what the server says of a form, while the form is being filled in. What the form itself doesn't have may stand
// in data-also, as in a query.
(function () {
  "use strict";
  var PAUSE = 400; // milliseconds without a change before the server is asked
  window.wagtail.app.register("as-typed", class extends window.StimulusModule.Controller {
    static targets = ["answer"];

    disconnect() {
      clearTimeout(this.timer);
      if (this.asked) this.asked.abort();
    }

    ask(event) {
      if (this.answerTarget.contains(event.target)) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(this.show.bind(this), PAUSE);
    }

    async show() {
      // What was asked before is answered too late.
      if (this.asked) this.asked.abort();
      this.asked = new AbortController();
      var said = this.answerTarget;
      var form = new FormData(this.element.closest("form"));
      new URLSearchParams(said.dataset.also || "").forEach(function (value, name) { form.set(name, value); });
      try {
        var answer = await fetch(said.dataset.url, {
          method: "POST", body: form, credentials: "same-origin", signal: this.asked.signal
        });
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        said.innerHTML = await answer.text();
      } catch (error) {
        if (error.name !== "AbortError") said.textContent = said.dataset.failed;
      }
    }
  });
})();
