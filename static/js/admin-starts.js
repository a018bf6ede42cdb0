// Starts what Wagtail's widgets need, as the page says it in data: an inline script could be anybody's, these names are
// ours. notifications/admin/widget_starts.py writes them.
(function () {
  "use strict";
  var CALLS = ["initDateChooser", "initTimeChooser", "initDateTimeChooser", "createTaskChooser"];
  var CLASSES = ["Chooser", "PageChooser", "ImageChooser", "DocumentChooser", "SnippetChooser", "InlinePanel", "MultipleChooserPanel"];

  function start(place) {
    var name = place.dataset.starts, given = JSON.parse(place.dataset.with);
    place.remove();
    if (CALLS.includes(name)) {
      window[name].apply(window, given);
    } else if (CLASSES.includes(name)) {
      Reflect.construct(window[name], given);
    }
  }

  function startAll() {
    document.querySelectorAll("[data-starts]").forEach(start);
  }

  document.addEventListener("DOMContentLoaded", function () {
    startAll();
    new MutationObserver(startAll).observe(document.body, { childList: true, subtree: true });
  });
})();
