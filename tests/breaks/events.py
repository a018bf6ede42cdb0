"""Clinic events: when they recur, who has a place, who is told, and who may see them."""

from tests.breaks.edit import Break

BREAKS = (
    Break(
        name="a_day_may_not_be_read_on_a_lock_screen_but_whose_visit_may",
        file="notifications/types.py",
        old="if everywhere or param.discreet]",
        new="if everywhere or not param.discreet]",
        tests=(
            "tests/notifications/admin/test_template_form.py::test_a_day_may_stand_where_others_look_and_a_name_may_not",
        ),
    ),
    Break(
        name="who_has_only_a_number_is_not_reminded_of_visits",
        file="events/event_types.py",
        old="        stands_in=_BY_SMS_ALONE,\n        clinical=True,\n        reply_hint=",
        new="        clinical=True,\n        reply_hint=",
        tests=("tests/events/visits/test_by_sms.py::test_reminded_the_day_before_and_says_that_they_come",),
    ),
    Break(
        name="a_call_that_was_a_slip_leaves_its_visit",
        file="events/next_dates.py",
        old="Calendar(next_of, before, visit_promised, visit_take_back)",
        new="Calendar(next_of, before, visit_promised)",
        tests=("tests/events/visits/test_by_call.py::test_a_slip_of_the_finger_takes_the_visit_back",),
    ),
    Break(
        name="who_died_keeps_the_place_for_which_somebody_waits",
        file="events/visits/departures.py",
        old="if departing.ends_care and (number",
        new="if not departing.ends_care and (number",
        tests=(
            "tests/events/test_receivers.py::test_who_died_or_moved_is_expected_no_more_and_whoever_waits_gets_the_place",
        ),
    ),
    Break(
        name="every_second_week_is_counted_from_today",
        file="events/rules/pattern.py",
        old="_monday(config.start_date or first)).days",
        new="_monday(first)).days",
        tests=("tests/events/rules/test_recurrence.py::test_it_recurs_on_these_days",),
    ),
    Break(
        name="public_holidays_are_not_skipped",
        file="events/rules/recurrence.py",
        old=("return day in config.skip_dates or (config.skip_public_holidays and is_public_holiday(day))"),
        new="return day in config.skip_dates",
        tests=(
            "tests/events/rules/test_recurrence.py::test_public_holidays_of_south_africa_are_skipped_when_asked",
        ),
    ),
    Break(
        name="an_event_is_at_a_time_that_no_clock_shows",
        file="events/rules/wall_time.py",
        old="return datetime.combine(day, at, tz).astimezone(UTC).astimezone(tz)",
        new="return datetime.combine(day, at, tz)",
        tests=("tests/events/rules/test_recurrence.py::test_a_clock_change_is_read_as_the_wall_is",),
    ),
    Break(
        name="there_is_one_place_too_many",
        file="events/services/attendance.py",
        old="max(0, event.capacity - places_taken(event))",
        new="max(0, event.capacity + 1 - places_taken(event))",
        tests=(
            "tests/events/services/test_attendance.py::test_a_full_event_has_a_waiting_list_which_is_not_notified_of_a_place",
        ),
    ),
    Break(
        name="the_last_who_waits_moves_up_first",
        file="events/services/attendance.py",
        old='.order_by("asked_at", "id")',
        new='.order_by("-asked_at", "id")',
        tests=("tests/events/services/test_attendance.py::test_more_places_go_to_the_waiting_list_in_order",),
    ),
    Break(
        name="nobody_moves_up_when_somebody_leaves",
        file="events/services/attendance.py",
        old='        attendance.save(update_fields=["state"])\n        move_up([event], now=now)\n',
        new='        attendance.save(update_fields=["state"])\n',
        tests=(
            "tests/events/services/test_attendance.py::test_when_one_leaves_the_first_on_the_waiting_list_moves_up_and_is_notified",
        ),
    ),
    Break(
        name="reminders_come_after_the_start",
        file="events/rules/notice_times.py",
        old='if latest.kind == "event.ended" else starts_at',
        new='if latest.kind == "event.ended" else ends_at',
        tests=(
            "tests/events/rules/test_notice_times.py::test_after_an_outage_only_the_latest_that_is_still_of_use_is_sent",
        ),
    ),
    Break(
        name="all_clinics_have_one_clock",
        file="events/services/generation.py",
        old="planned = expand(config, today, end, series.timezone)",
        new='planned = expand(config, today, end, "Africa/Johannesburg")',
        tests=(
            "tests/events/services/test_generation.py::test_it_keeps_the_wall_clock_of_each_clinic_over_a_clock_change",
        ),
    ),
    Break(
        name="the_time_before_a_move_is_reminded_of",
        file="events/recipients.py",
        old='if event and event.starts_at.isoformat() == publication.payload["starts_at"]:',
        new="if event:",
        tests=("tests/events/test_event_types.py::TestMoved::test_a_pending_reminder_is_dropped",),
    ),
    Break(
        name="the_dead_are_told_of_events",
        file="events/selectors/readers.py",
        old="return attendances.exclude(Q(died) | Q(patient__deceased_on__isnull=False))",
        new="return attendances",
        tests=("tests/events/test_event_types.py::test_people_who_died_are_not_notified",),
    ),
    Break(
        name="an_event_is_over_when_it_begins",
        file="events/models/clinic_event.py",
        old="return self.state == self.State.PLANNED and self.ends_at > now",
        new="return self.state == self.State.PLANNED and self.starts_at > now",
        tests=(
            "tests/events/services/test_attendance.py::test_an_event_that_is_under_way_may_still_be_joined",
        ),
    ),
    Break(
        name="a_calendar_names_what_others_may_see",
        file="events/ical/entries.py",
        old="detailed = detail is Detail.DETAILED",
        new="detailed = detail is not None",
        tests=(
            "tests/events/ical/test_entries.py::test_discreet_it_names_neither_the_event_nor_what_it_is_about",
        ),
    ),
    Break(
        name="an_address_that_was_renewed_still_works",
        file="events/services/feed.py",
        old='{"key": new_key(), "created_at": now,',
        new='{"created_at": now,',
        tests=(
            "tests/events/ical/test_feed.py::TestWhoMayRead::test_a_new_address_ends_the_old_one_at_once",
        ),
    ),
    Break(
        name="everybody_sees_the_events_of_every_clinic",
        file="events/selectors/events.py",
        old="ClinicEvent.objects.filter(Q(clinic__in=clinics) | Q(id__in=listed))",
        new="ClinicEvent.objects.all()",
        tests=("tests/events/pages/test_isolation.py::test_another_clinics_event_is_not_there",),
    ),
    Break(
        name="two_who_asked_at_once_have_one_turn",
        file="events/selectors/lists.py",
        old='id__lte=OuterRef("id")',
        new='id__lt=OuterRef("id")',
        tests=(
            "tests/events/pages/test_list.py::test_two_who_asked_at_the_same_instant_wait_in_the_order_of_their_rows",
        ),
    ),
    Break(
        name="joining_leads_to_another_site",
        file="events/views/event.py",
        old="if there and url_has_allowed_host_and_scheme(there, allowed_hosts=None):",
        new="if there:",
        tests=("tests/events/pages/test_join.py::test_it_never_leads_to_another_site",),
    ),
    Break(
        name="somebody_of_another_clinic_is_put_on_the_list",
        file="events/admin/attendance.py",
        old="if user is not None and event_for(user, self.event_id) is None:",
        new="if False:",
        tests=(
            "tests/events/admin/test_attendance_list.py::test_somebody_of_another_clinic_is_as_unknown_as_nobody",
        ),
    ),
    Break(
        name="who_planned_a_visit_just_now_is_reminded_of_it",
        file="events/rules/visit_times.py",
        old="if (day - planned_on).days > days",
        new="if (day - planned_on).days >= days",
        tests=("tests/events/rules/test_visit_times.py::test_who_has_just_planned_it_is_not_reminded",),
    ),
    Break(
        name="a_visit_is_reminded_of_after_it_was_cancelled",
        file="events/visit_recipients.py",
        old="planned = _standing(data, lambda visit: visit.state == _State.PLANNED)",
        new="planned = _standing(data, lambda visit: True)",
        tests=("tests/events/visits/test_story.py::test_a_message_that_waits_is_asked_again",),
    ),
    Break(
        name="one_visit_that_cannot_be_read_takes_all",
        file="events/visits/passing.py",
        old="                visit.next_step_at = now + _TRY_AGAIN\n                continue\n",
        new="                raise\n",
        tests=("tests/events/visits/test_passing.py::test_a_visit_that_cannot_be_read_holds_up_no_other",),
    ),
    Break(
        name="who_cannot_come_is_forgotten",
        file="events/selectors/visits.py",
        old="not_there = Q(state=_State.MISSED) | Q(state=_State.CANCELLED, decided_side=Visit.Side.PATIENT)",
        new="not_there = Q(state=_State.MISSED)",
        tests=("tests/events/test_worklist_reasons.py::test_who_said_that_they_cannot_come_is_called_too",),
    ),
    Break(
        name="a_guardian_of_two_is_told_of_one",
        file="events/recipients.py",
        old='dedupe_key=f"{publication.id}:event{_of_patient(of_patient)}",',
        new='dedupe_key=f"{events[0].id}:event",',
        tests=(
            "tests/events/services/test_patients_on_lists.py::test_the_guardian_is_told_for_whom_and_no_more_without_consent",
        ),
    ),
    Break(
        name="a_spreadsheet_runs_what_is_in_a_name",
        file="notifications/web/csv_file.py",
        old='return f"\'{text}" if runs else text',
        new="return text",
        tests=("tests/notifications/web/test_csv_file.py::test_a_formula_is_kept_as_text",),
    ),
    Break(
        name="whoever_comes_in_a_year_came_for_the_call",
        file="events/selectors/figures.py",
        old='day__gte=OuterRef("day"), day__lte=until',
        new='day__gte=OuterRef("day")',
        tests=("tests/test_counted_days.py::test_what_is_kept_is_what_counting_now_gives",),
    ),
    Break(
        name="a_public_holiday_is_noted_as_if_there_had_been_an_event",
        file="events/services/generation.py",
        old="_HAS_EVENT = {Outcome.KEPT,",
        new="_HAS_EVENT = {Outcome.PUBLIC_HOLIDAY, Outcome.KEPT,",
        tests=(
            "tests/events/services/test_dates.py::test_it_is_read_later_why_there_was_no_event_on_the_16th_of_december",
        ),
    ),
    Break(
        name="a_form_sent_twice_plans_everything_twice",
        file="events/services/programme.py",
        old="        if is_new:\n",
        new="        if programme:\n",
        tests=("tests/events/services/test_programme.py::test_the_same_form_sent_twice_makes_it_once",),
    ),
    Break(
        name="who_manages_one_clinic_ends_a_programme_at_all",
        file="events/selectors/programmes.py",
        old="filter(programme=programme_id, clinic__in=clinics_managed_by(user))",
        new="filter(programme=programme_id)",
        tests=(
            "tests/events/admin/test_programmes.py::test_who_manages_one_of_its_clinics_ends_it_there_alone",
        ),
    ),
    Break(
        name="a_programme_is_changed_in_another_way_than_was_shown",
        file="events/services/programme.py",
        old="        if seen is not None and digest(planned) != seen:",
        new="        if False:",
        tests=(
            "tests/events/admin/test_programmes.py::test_what_changed_since_it_was_shown_is_shown_again_and_nothing_is_done",
        ),
    ),
    Break(
        name="a_clinic_that_went_its_own_way_is_brought_back",
        file="events/rules/shared_pattern.py",
        old="        if _said(own, names) == _said(shown, names):",
        new="        if True:",
        tests=(
            "tests/events/rules/test_shared_pattern.py::test_what_it_has_of_its_own_stays",
            "tests/events/admin/test_programmes.py::test_a_clinic_that_went_its_own_way_keeps_it_and_the_plan_says_so",
        ),
    ),
    Break(
        name="who_did_not_come_counts_as_having_come",
        file="events/selectors/fullness.py",
        old='came=_sum(listed.get(row["group"], ()), (_CAME,)),',
        new='came=_sum(listed.get(row["group"], ()), (_CAME, _NO_SHOW)),',
        tests=("tests/events/test_fullness.py::test_each_state_is_counted_once_and_who_is_not_noted_too",),
    ),
)
