// Wagtail's calendar would write what it can't read over, with today's date, as soon as somebody leaves the field, in
// every date field of the admin. What was typed stays as it is: the form reads it, or says beside it what is wrong.
(function ($) {
  "use strict";
  $.fn.datetimepicker.defaults.validateOnBlur = false;
})(window.jQuery);
