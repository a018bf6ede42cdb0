// Of a dose schedule, shows the fields that the chosen kind uses. Without it all of them stand there, by kind.
(function () {
  "use strict";
  window.wagtail.app.register("schedule-kind", class extends window.StimulusModule.Controller {
    connect() { this.show(); }

    show() {
      var kind = this.element.value;
      this.element.closest("[data-inline-panel-child]").querySelectorAll("[data-kinds]").forEach(function (part) {
        part.hidden = !part.dataset.kinds.split(" ").includes(kind);
      });
      // What heads a group says the kind again.
      this.element.closest("[data-inline-panel-child]").querySelectorAll("[data-kind-group] > .w-field__label").forEach(
        function (heading) { heading.hidden = true; }
      );
    }
  });
})();
