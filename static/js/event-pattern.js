// Shows the next dates of a series while its pattern is being filled in.
(function () {
  "use strict";
  var PAUSE = 400; // milliseconds without a change before the server is asked
  window.wagtail.app.register("event-pattern", class extends window.StimulusModule.Controller {
    static targets = ["dates"];

    disconnect() {
      clearTimeout(this.timer);
      if (this.asked) this.asked.abort();
    }

    ask() {
      clearTimeout(this.timer);
      this.timer = setTimeout(this.show.bind(this), PAUSE);
    }

    async show() {
      // What was asked before is answered too late.
      if (this.asked) this.asked.abort();
      this.asked = new AbortController();
      var dates = this.datesTarget;
      var form = new FormData(this.element.closest("form"));
      if (dates.dataset.clinic) form.set("clinic", dates.dataset.clinic);
      try {
        var answer = await fetch(dates.dataset.url, {
          method: "POST", body: form, credentials: "same-origin", signal: this.asked.signal
        });
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        dates.innerHTML = await answer.text();
      } catch (error) {
        if (error.name !== "AbortError") dates.textContent = dates.dataset.failed;
      }
    }
  });
})();
