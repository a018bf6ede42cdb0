"""The engine: who is told what by which way and when, and the work that this makes."""

from tests.breaks.edit import Break

BREAKS = (
    Break(
        name="a_clock_that_was_ahead_keeps_its_slots_waiting",
        file="notifications/work/periodic.py",
        old="    _come_back(now)\n",
        new="",
        tests=(
            "tests/notifications/work/test_periodic.py"
            "::test_a_clock_that_was_ahead_keeps_no_slot_waiting_and_none_runs_twice",
        ),
    ),
    Break(
        name="a_broken_connection_counts_as_a_crash",
        file="notifications/work/leases.py",
        old="            if is_lost(error):\n",
        new="            if not error:\n",
        tests=(
            "tests/notifications/work/test_leases.py::test_whoever_outlives_its_connection_gives_back_what_it_holds_and_nothing_of_it_has_crashed",
        ),
    ),
    Break(
        name="what_was_claimed_and_never_heard_of_waits_for_its_lease",
        file="notifications/work/leases.py",
        old="        if taken and is_lost(error):\n            taken.give_back()\n",
        new="",
        tests=(
            "tests/notifications/work/test_leases.py::test_what_was_taken_by_a_commit_whose_answer_never_came_is_given_back",
        ),
    ),
    Break(
        name="a_sign_of_life_holds_a_lock_over_several_statements",
        file="notifications/tasks.py",
        old="    if not ConsumerHeartbeat.objects.filter(consumer=consumer).update(beat_at=now):\n",
        new="    if not ConsumerHeartbeat.objects.update_or_create({'beat_at': now}, consumer=consumer):\n",
        tests=(
            "tests/notifications/test_health.py::test_a_consumers_second_sign_of_life_is_one_statement_that_holds_no_lock",
        ),
    ),
    Break(
        name="whoever_asks_approves_of_it_too",
        file="notifications/models/announcement.py",
        old="if state is None or user.pk in (state.requested_by_id, obj.author_id):",
        new="if state is None:",
        tests=(
            "tests/notifications/admin/test_announcements.py::test_what_reaches_many_waits_for_a_second_person",
            "tests/notifications/announcements/test_series.py::test_it_runs_only_as_it_was_approved",
        ),
    ),
    Break(
        name="another_clinics_manager_approves",
        file="notifications/models/announcement.py",
        old="    return any(each.limit == within for each in audiences.scopes_for(user))",
        new="    return bool(audiences.scopes_for(user))",
        tests=("tests/notifications/announcements/test_series.py::test_it_runs_only_as_it_was_approved",),
    ),
    Break(
        name="an_old_page_approves_of_what_it_doesnt_show",
        file="notifications/announcements/approval.py",
        old="    if seen is None or {state.revision_id, row.latest_revision_id} != {seen}:\n",
        new="    if seen is None:\n",
        tests=(
            "tests/notifications/admin/test_announcements.py::test_what_was_taken_back_and_changed_is_not_approved_by_an_old_page",
        ),
    ),
    Break(
        name="a_stop_leaves_what_is_held_to_be_sent",
        file="notifications/event_types.py",
        old="            if announcement and _stopped([announcement]):\n                break\n",
        new="",
        tests=(
            "tests/notifications/announcements/test_stopping.py::test_nobody_more_is_told_of_what_was_stopped_meanwhile",
        ),
    ),
    Break(
        name="what_was_stopped_is_sent_all_the_same",
        file="notifications/event_types.py",
        old='        else (Reason.STOPPED if each.get("announcement") in stopped else True)',
        new="        else True",
        tests=(
            "tests/notifications/announcements/test_stopping.py::test_a_worker_sends_nothing_more_of_what_was_stopped",
        ),
    ),
    Break(
        name="two_filters_hold_for_two_patients_of_one_person",
        file="notifications/audiences.py",
        old="            subjects = found if subjects is None else subjects & found\n",
        new="            subjects = found if subjects is None else subjects | found\n",
        tests=("tests/home/test_audiences.py::test_two_filters_hold_for_the_same_patient",),
    ),
    Break(
        name="a_series_is_told_of_in_bulk_to_who_comes_late",
        file="notifications/event_types.py",
        old="CATCH_UP = 2\n",
        new="CATCH_UP = 60\n",
        tests=(
            "tests/notifications/announcements/test_series.py::test_a_day_or_two_without_the_task_are_made_up_for_and_more_are_not",
        ),
    ),
    Break(
        name="a_recurring_announcement_is_told_a_day_late",
        file="notifications/event_types.py",
        old="    if now >= ends:",
        new="    if now >= ends + timedelta(days=9):",
        tests=(
            "tests/notifications/announcements/test_recurring.py::test_what_was_planned_and_is_not_told_before_its_day_is_over_has_failed",
        ),
    ),
    Break(
        name="a_recurring_announcement_goes_by_the_clock_of_whoever_looks",
        file="notifications/announcements/recurring.py",
        old="    return timezone.localdate(now, ZoneInfo(zone))",
        new="    return timezone.localdate(now)",
        tests=(
            "tests/notifications/announcements/test_recurring.py::test_its_time_is_that_of_its_clinic_and_not_of_whoever_begins_it",
        ),
    ),
    Break(
        name="what_is_for_one_day_waits_until_the_next",
        file="notifications/event_types.py",
        old="                    valid_until=ends,\n",
        new="",
        tests=(
            "tests/notifications/announcements/test_recurring.py::test_what_waits_until_its_day_is_over_is_not_sent",
        ),
    ),
    Break(
        name="a_corrected_date_tells_a_message_of_a_series_again",
        file="notifications/event_types.py",
        old="            if not told.get((user_id, place), set()).isdisjoint(of_a_day[place, each.day]):",
        new="            if False:",
        tests=(
            "tests/notifications/announcements/test_series.py::test_a_date_that_is_corrected_brings_no_message_twice",
            "tests/notifications/announcements/test_series.py::test_a_date_of_twins_that_is_corrected_brings_no_message_twice",
        ),
    ),
    Break(
        name="what_waits_of_a_series_is_sent_about_who_left_it",
        file="notifications/event_types.py",
        old="key: not key[2] or (key[1], date.fromisoformat(key[2])) in started for key in theirs",
        new="key: True for key in theirs",
        tests=(
            "tests/notifications/announcements/test_series.py::test_who_leaves_is_told_no_more_and_what_waits_is_not_sent",
            "tests/notifications/announcements/test_series.py::test_who_goes_to_another_clinic_has_left_what_is_of_the_first",
        ),
    ),
    Break(
        name="a_series_goes_on_when_its_medicine_is_stopped",
        file="medications/audiences.py",
        old='of_those=F("first"), going_on__gt=0',
        new='of_those=F("first")',
        tests=(
            "tests/notifications/announcements/test_series.py::test_whose_treatment_was_stopped_has_left_it",
        ),
    ),
    Break(
        name="a_series_foresees_twins_as_two_messages",
        file="notifications/announcements/series_ahead.py",
        old="                once.add((user_id, each.day, place))\n",
        new="",
        tests=("tests/notifications/announcements/test_series_ahead.py::test_what_it_says_is_what_comes",),
    ),
    Break(
        name="a_report_on_a_series_counts_all_messages_as_its_first",
        file="notifications/announcements/series_report.py",
        old="        found.steps[int(place)].channels = channels",
        new="        found.steps[0].channels = channels",
        tests=(
            "tests/notifications/announcements/test_series_report.py::test_it_says_of_each_message_what_became_of_it_by_each_channel",
        ),
    ),
    Break(
        name="a_recurring_announcement_is_told_at_a_time_before_it_began",
        file="notifications/announcements/recurring.py",
        old="or announcement.begun_at is None or planned.at < announcement.begun_at:",
        new="or announcement.begun_at is None:",
        tests=(
            "tests/notifications/announcements/test_recurring.py::test_what_was_earlier_on_the_day_on_which_it_begins_is_not_told",
        ),
    ),
    Break(
        name="a_recurring_announcement_outgrows_its_approval",
        file="notifications/announcements/recurring.py",
        old="announcement_publish(told, approved=_is_approved(announcement), now=now)",
        new="announcement_publish(told, approved=True, now=now)",
        tests=(
            "tests/notifications/announcements/test_recurring.py::test_one_that_nobody_approved_is_told_to_nobody_once_its_people_are_too_many",
        ),
    ),
    Break(
        name="pages_are_read_in_one_language_whatever_the_reader_chose",
        file="notifications/languages/listed.py",
        old='return of_page((get_language() or "").partition("-")[0])',
        new="return DEFAULT",
        tests=("tests/notifications/test_announcements.py::test_each_reads_it_in_their_own_language",),
    ),
    Break(
        name="messages_are_in_a_language_that_is_off",
        file="notifications/rules/message_language.py",
        old="return wanted if wanted in usable else second",
        new="return wanted or second",
        tests=(
            "tests/notifications/rules/test_message_language.py::test_it_is_the_second_choice_where_the_wanted_one_cannot_be_used",
            "tests/notifications/pipeline/test_languages.py::test_it_is_the_second_choice_where_that_is_off_and_why_says_so",
        ),
    ),
    Break(
        name="a_spoilt_file_of_a_language_stops_messages",
        file="notifications/languages/files.py",
        old="        return LanguageFile()\n\n\ndef read",
        new="        raise\n\n\ndef read",
        tests=(
            "tests/notifications/pipeline/test_languages.py::test_a_spoilt_file_takes_no_other_reader_with_it",
        ),
    ),
    Break(
        name="links_lead_to_pages_in_a_language_without_pages",
        file="notifications/languages/listed.py",
        old="return language if language in PAGES else DEFAULT",
        new="return language",
        tests=("tests/notifications/channels/test_added_language.py::test_it_goes_by_each_channel",),
    ),
    Break(
        name="a_category_goes_before_its_types",
        file="notifications/types.py",
        old="for about in (event_type, category):",
        new="for about in (category, event_type):",
        tests=(
            "tests/notifications/rules/test_routing.py::test_a_choice_for_the_type_goes_before_that_for_its_category",
            "tests/notifications/pipeline/test_relevance.py::test_what_was_chosen_for_the_type_since_goes_before_its_category",
        ),
    ),
    Break(
        name="fan_out_does_not_read_choices_for_types",
        file="notifications/selectors/people.py",
        old="(event_type or category, channel, on)",
        new="(category, channel, on)",
        tests=(
            "tests/notifications/pipeline/test_fan_out.py::test_the_number_of_queries_does_not_grow_with_the_people",
        ),
    ),
    Break(
        name="who_unsubscribes_keeps_what_a_type_has_of_its_own",
        file="notifications/preferences/choices.py",
        old="if for_good and event_type is None:",
        new="if for_good and event_type is not None:",
        tests=(
            "tests/notifications/inbox/test_preferences.py::test_who_turns_a_category_off_for_good_leaves_no_type_of_it_on",
        ),
    ),
    Break(
        name="a_draft_is_sent_twice_to_one_person",
        file="notifications/services.py",
        old='dedupe_key=f"draft:{notification.pk:012d}",',
        new='dedupe_key=f"draft:{notification.pk:012d}:{len(notification.payload)}:{notification.recipients}",',
        tests=("tests/test_contract.py::test_a_draft_tells_nobody_until_it_is_sent_and_each_person_once",),
    ),
    Break(
        name="saving_quiet_hours_undoes_a_stop",
        file="notifications/preferences/settings.py",
        old="unsaid = set(SWITCHES.values()).difference(said)",
        new="unsaid = set(said).difference(said)",
        tests=(
            "tests/test_contract.py::test_only_what_a_program_says_of_a_channel_is_taken_for_the_persons_word",
        ),
    ),
    Break(
        name="what_a_task_wakes_runs_inside_it",
        file="notifications/work/wakeups.py",
        old="    if _waking.waiting is not None:\n",
        new="    if _waking.waiting is not None and delay:\n",
        tests=(
            "tests/notifications/work/test_wakeups.py::test_what_a_task_wakes_runs_after_it_and_not_inside_it",
            "tests/notifications/work/test_wakeups.py::test_it_takes_as_many_turns_as_there_is_work",
        ),
    ),
    Break(
        name="the_task_that_the_engine_needs_can_be_turned_off",
        file="notifications/work/periodic.py",
        old="if task.essential and not on:",
        new="if task.essential and on:",
        tests=("tests/test_contract.py::test_all_periodic_tasks",),
    ),
    Break(
        name="quiet_hours_drop_what_they_hold",
        file="notifications/rules/routing.py",
        old="return Decision(channel, True, held_by, held, stands_in)",
        new="return Decision(channel, False, held_by)",
        tests=(
            "tests/notifications/rules/test_routing.py::test_it_holds_email_until_quiet_hours_end_or_the_email_time_comes",
        ),
    ),
    Break(
        name="who_has_only_a_number_gets_no_sms",
        file="notifications/rules/routing.py",
        old="event_type.stands_in.issuperset(frozenset(ways) - OPT_IN)",
        new="not ways",
        tests=(
            "tests/notifications/rules/test_only_way.py::test_who_has_only_a_number_is_reached_by_it",
            "tests/medications/test_reached_by_sms.py::test_invited_by_phone_reminded_and_answered",
        ),
    ),
    Break(
        name="no_sms_follows_whatsapp",
        file="notifications/rules/routing.py",
        old="issuperset(frozenset(ways) - OPT_IN)",
        new="issuperset(ways)",
        tests=("tests/notifications/rules/test_only_way.py::test_it_follows_what_somebody_opted_into",),
    ),
    Break(
        name="what_fails_leaves_no_time_for_the_next_step",
        file="notifications/rules/routing.py",
        old="now < valid_until - LAST_MOMENT < start",
        new="now < valid_until - LAST_MOMENT < now",
        tests=(
            "tests/notifications/pipeline/test_plans.py::test_without_time_for_its_minutes_it_still_stands_in_for_one_that_fails",
        ),
    ),
    Break(
        name="an_sms_that_stood_in_is_taken_for_a_choice_taken_back",
        file="notifications/pipeline/relevance.py",
        old='if own.get("stands_in") or "step" in own:',
        new='if own.get("stood_in"):',
        tests=("tests/medications/test_reached_by_sms.py::test_held_in_quiet_hours_it_comes_when_they_end",),
    ),
    Break(
        name="the_next_way_follows_without_waiting",
        file="notifications/rules/plans.py",
        old="            if now < until:\n",
        new="            if now > until:\n",
        tests=(
            "tests/notifications/rules/test_plans.py::test_what_becomes_of_a_step_when_it_is_due",
            "tests/notifications/pipeline/test_plans.py::test_a_step_that_was_late_has_its_minutes_all_the_same",
        ),
    ),
    Break(
        name="what_cant_be_sent_holds_up_the_next_way",
        file="notifications/pipeline/batch.py",
        old="        plan.advance(_ids(alike), now=self.taken.clock())\n",
        new="",
        tests=("tests/notifications/pipeline/test_plans.py::test_what_can_not_be_sent_makes_room_at_once",),
    ),
    Break(
        name="a_step_is_not_asked_whether_its_message_was_read",
        file="notifications/work/plan.py",
        old="seen=row.notification_id in seen, now=now)",
        new="seen=False, now=now)",
        tests=(
            "tests/notifications/pipeline/test_plans.py::test_it_is_looked_at_again_when_it_is_due",
            "tests/notifications/pipeline/test_plan_properties.py",
        ),
    ),
    Break(
        name="an_answer_leaves_the_next_way_waiting",
        file="notifications/replies/reading.py",
        old="            plan.end(ids, now=now)\n",
        new="            pass\n",
        tests=(
            "tests/notifications/pipeline/test_plans.py"
            "::test_whoever_does_anything_with_it_gets_no_more_at_once",
        ),
    ),
    Break(
        name="quiet_hours_are_read_in_utc",
        file="notifications/rules/quiet_hours.py",
        old=("    zone = ZoneInfo(timezone)\n    until = None"),
        new=('    zone = ZoneInfo("UTC")\n    until = None'),
        tests=("tests/notifications/rules/test_routing.py::test_quiet_hours_end_on_the_persons_wall",),
    ),
    Break(
        name="clinical_messages_go_to_unconfirmed_addresses",
        file="notifications/rules/routing.py",
        old="(obstacle not in _ONLY_CLINICAL or is_clinical)",
        new="obstacle not in _ONLY_CLINICAL",
        tests=(
            "tests/notifications/rules/test_routing.py::test_an_unconfirmed_address_keeps_back_only_what_is_clinical",
        ),
    ),
    Break(
        name="email_subjects_are_never_discreet",
        file="notifications/texts/rendering.py",
        old="texts.email_subject if detailed else texts.email_subject_discreet",
        new="texts.email_subject",
        tests=(
            "tests/notifications/texts/test_rendering.py::test_a_discreet_message_names_no_medicine_outside",
        ),
    ),
    Break(
        name="times_are_not_in_the_readers_zone",
        file="notifications/texts/rendering.py",
        old="with translation.override(language), zones.override(timezone):",
        new="with translation.override(language):",
        tests=(
            "tests/notifications/texts/test_rendering.py::test_values_are_written_in_the_readers_language_and_zone_whatever_is_active",
        ),
    ),
    Break(
        name="what_failed_for_good_is_tried_again",
        file="notifications/rules/retries.py",
        old='if getattr(error, "permanent", False) or failures > len(self.delays):',
        new="if failures > len(self.delays):",
        tests=("tests/notifications/rules/test_retries.py::test_a_permanent_error_ends_it_at_once",),
    ),
    Break(
        name="it_is_tried_again_at_the_moment_of_expiry",
        file="notifications/rules/retries.py",
        old="at >= valid_until",
        new="at > valid_until",
        tests=(
            "tests/notifications/rules/test_retries.py::test_it_gives_up_when_the_next_attempt_would_be_too_late",
        ),
    ),
    Break(
        name="a_payload_may_have_any_other_key",
        file="notifications/registry.py",
        old=(
            "for key in payload.keys() - keys.keys():\n"
            '        raise PayloadError(f"{event_type.name}: the payload has an unknown key '
            '“{key}”.")\n'
            "    for"
        ),
        new="for",
        tests=("tests/notifications/test_bus.py::test_a_payload_that_does_not_fit_is_refused_by_key",),
    ),
    Break(
        name="who_lost_the_lease_still_acknowledges",
        file="notifications/work/leases.py",
        old="self.model._default_manager.filter(lease_owner=self.owner)",
        new="self.model._default_manager.all()",
        tests=(
            "tests/notifications/work/test_leases.py::test_whoever_outlived_their_lease_can_no_longer_finish",
        ),
    ),
    Break(
        name="what_is_held_is_claimed_again",
        file="notifications/work/leases.py",
        old="filter(nobodys, due_at__lte=now, finished_at__isnull=True)",
        new="filter(due_at__lte=now, finished_at__isnull=True)",
        tests=("tests/notifications/work/test_leases.py::test_a_row_that_is_held_is_not_taken_again",),
    ),
    Break(
        name="what_kills_its_workers_is_never_given_up",
        file="notifications/work/quarantine.py",
        old="return model._default_manager.filter(POISON, lease_until__lt=now).update(",
        new="return model._default_manager.filter(POISON, lease_until__gt=now).update(",
        tests=(
            "tests/notifications/work/test_leases.py::test_a_row_that_killed_its_worker_three_times_is_given_up",
        ),
    ),
    Break(
        name="each_process_begins_with_what_the_last_one_died_with",
        file="notifications/work/quarantine.py",
        old="return lease_until is None or not crashes",
        new="return True",
        tests=(
            "tests/notifications/work/test_leases.py::test_one_that_was_alone_at_a_crash_waits_for_the_others_of_its_lane",
            "tests/notifications/pipeline/test_digests.py::test_one_that_was_alone_at_a_crash_too_comes_after_the_others",
        ),
    ),
    Break(
        name="the_least_urgent_comes_first",
        file="notifications/models/delivery.py",
        old="sorted(Lane, reverse=True)",
        new="sorted(Lane)",
        tests=(
            "tests/notifications/work/test_leases.py::test_the_most_urgent_and_then_the_oldest_is_taken_first",
        ),
    ),
    Break(
        name="the_sweep_overlooks_publications",
        file="notifications/pipeline/fan_out.py",
        old="one_worker(lambda now: count_due(EventRecord, now=now) > 0)",
        new="one_worker(lambda now: False)",
        tests=("tests/notifications/work/test_sweep.py",),
    ),
    Break(
        name="a_round_that_is_repeated_tells_everybody_again",
        file="notifications/pipeline/compose.py",
        old="            recipient.dedupe_key,\n",
        new='            f"{recipient.dedupe_key}:{now.isoformat()}",\n',
        tests=(
            "tests/notifications/pipeline/test_fan_out.py::test_a_round_that_is_repeated_tells_nobody_twice",
        ),
    ),
    Break(
        name="one_bad_publication_takes_others_with_it",
        file="notifications/pipeline/fan_out.py",
        old="_try_group(taken, [record], done)",
        new="_set_back(taken, record, error)",
        tests=(
            "tests/notifications/pipeline/test_fan_out.py::test_a_bad_publication_is_set_back_without_those_that_were_taken_with_it",
        ),
    ),
    Break(
        name="a_message_is_marked_as_sent_before_it_is",
        file="notifications/pipeline/batch.py",
        old="                    self.ended.append((outgoing, self._try(outgoing, end)))",
        new=(
            "                    self.taken.finish(outgoing.ids, state=Delivery.State.SENT)\n"
            "                    self.ended.append((outgoing, self._try(outgoing, end)))"
        ),
        tests=(
            "tests/notifications/pipeline/test_deliver.py::test_a_transient_error_is_tried_again_later_and_then_is_failed_with_its_reason",
        ),
    ),
    Break(
        name="what_no_longer_holds_is_sent",
        file="notifications/pipeline/batch.py",
        old="run(pack(_still_wanted(taken, rows)))",
        new="run(pack(rows))",
        tests=("tests/notifications/pipeline/test_deliver.py::test_what_no_longer_holds_is_not_sent",),
    ),
    Break(
        name="sendings_are_written_down_at_the_end_of_the_batch",
        file="notifications/pipeline/batch.py",
        old="                ours = self._write_down()",
        new="                ours = True",
        tests=(
            "tests/notifications/pipeline/test_deliver.py::test_each_sending_is_written_down_before_the_next_message_goes",
        ),
    ),
    Break(
        name="what_ended_meanwhile_is_lost",
        file="notifications/pipeline/batch.py",
        old="for outgoing, outcome in self.ended:",
        new="for outgoing, outcome in self.ended[-1:]:",
        tests=(
            "tests/notifications/pipeline/test_deliver.py::test_where_a_key_tells_what_came_twice_all_is_written_down_together",
        ),
    ),
    Break(
        name="two_push_messages_have_one_key_of_ours",
        file="notifications/channels/push/sealing.py",
        old="return _sealed(text, point, secret, key=ec.generate_private_key(_CURVE), salt=os.urandom(16))",
        new="return _sealed(text, point, secret, key=ec.derive_private_key(7, _CURVE), salt=bytes(16))",
        tests=(
            "tests/notifications/channels/push/test_sealing.py::test_its_browser_reads_it_and_no_two_are_sealed_alike",
        ),
    ),
    Break(
        name="a_connection_that_a_push_service_ended_is_used_again",
        file="notifications/channels/push/http.py",
        old="self._heard.ends_connection or not self._heard.is_whole",
        new="False",
        tests=(
            "tests/notifications/channels/push/test_http.py::test_a_service_that_ends_the_connection_is_called_by_another",
        ),
    ),
    Break(
        name="a_push_service_that_is_slow_to_let_us_in_holds_up_the_others",
        file="notifications/channels/push/http.py",
        old="_Line(await asyncio.to_thread(self._connected, origin, within))",
        new="_Line(self._connected(origin, within))",
        tests=(
            "tests/notifications/channels/push/test_http.py::test_one_that_is_slow_to_answer_or_to_let_us_in_holds_up_no_other_call",
        ),
    ),
    Break(
        name="one_that_hangs_holds_up_the_others_of_its_batch",
        file="notifications/pipeline/batch.py",
        old="range(min(at_most, self._number - len(self._under_way)))",
        new="range(min(at_most, 1 - len(self._under_way)))",
        tests=(
            "tests/notifications/pipeline/test_deliver.py::test_one_that_hangs_or_fails_holds_up_none_of_the_others",
        ),
    ),
    Break(
        name="one_row_is_finished_by_whoever_lost_it",
        file="notifications/work/one_row.py",
        old="WHERE id = %s AND lease_owner = %s",
        new="WHERE id = %s AND lease_owner IN (%s, lease_owner)",
        tests=(
            "tests/notifications/work/test_one_row.py::test_another_owners_row_is_left_alone_and_costs_one_query",
        ),
    ),
    Break(
        name="a_mail_that_was_begun_is_quit_on_as_if_it_had_ended",
        file="notifications/channels/email/smtp.py",
        old="        if self.is_begun:",
        new="        if not self.is_begun:",
        tests=(
            "tests/notifications/channels/email/test_channel.py::test_a_mail_that_is_begun_and_not_ended_never_comes",
        ),
    ),
    Break(
        name="a_line_with_a_full_stop_ends_a_mail",
        file="notifications/channels/email/smtp.py",
        old='content.replace(b"\\r\\n.", b"\\r\\n..")',
        new="content",
        tests=(
            "tests/notifications/channels/email/test_channel.py::test_a_line_that_begins_with_a_full_stop_ends_no_mail",
        ),
    ),
    Break(
        name="a_mail_begins_when_the_one_before_is_written_down",
        file="notifications/pipeline/batch.py",
        old="begun = beside.submit(self._try, outgoing, partial(self._hand_to, begin, outgoing))\n"
        "                ours = self._write_down()\n",
        new="ours = self._write_down()\n"
        "                begun = beside.submit(self._try, outgoing, partial(self._hand_to, begin, outgoing))\n",
        tests=(
            "tests/notifications/pipeline/test_deliver.py::test_the_next_is_begun_while_one_is_written_down_and_ended_after_that",
        ),
    ),
    Break(
        name="a_connection_that_the_mail_server_ended_is_used_again",
        file="notifications/channels/email/connections.py",
        old="if _server(kept) == _server(fresh) and _answers(kept):",
        new="if _server(kept) == _server(fresh):",
        tests=(
            "tests/notifications/channels/email/test_channel.py::test_a_kept_connection_that_the_server_has_ended_is_replaced",
        ),
    ),
    Break(
        name="a_digest_that_failed_takes_new_messages_in",
        file="notifications/pipeline/outgoing.py",
        old="digests[row.digest].append(row)",
        new="digests[row.notification.recipient_id].append(row)",
        tests=(
            "tests/notifications/pipeline/test_digests.py::test_one_that_failed_keeps_its_name_and_takes_nothing_new_in",
        ),
    ),
    Break(
        name="what_comes_due_in_quiet_hours_is_given_up",
        file="notifications/pipeline/relevance.py",
        old="Withheld(Delivery.State.PENDING, reason, until)",
        new="Withheld(Delivery.State.EXPIRED, Reason.EXPIRED)",
        tests=(
            "tests/notifications/pipeline/test_digests.py::test_whoever_is_in_their_quiet_hours_when_it_is_sent_is_left_in_peace",
        ),
    ),
    Break(
        name="who_was_deactivated_is_still_told",
        file="notifications/selectors/people.py",
        old="filter(id__any_of=ids, is_active=True)",
        new="filter(id__any_of=ids)",
        tests=(
            "tests/notifications/pipeline/test_relevance.py::test_who_has_no_account_in_use_gets_nothing",
        ),
    ),
    Break(
        name="messages_are_deleted_before_their_retention_ends",
        file="notifications/pipeline/retention.py",
        old="Notification.objects.filter(delete_at__lte=until)",
        new="Notification.objects.filter(created_at__lte=until)",
        tests=(
            "tests/notifications/test_commands.py::test_cancelled_ones_go_after_their_days_and_old_ones_after_their_retention",
        ),
    ),
    Break(
        name="deletion_goes_on_without_a_rest",
        file="notifications/pipeline/retention.py",
        old="time.sleep(took)",
        new="pass",
        tests=("tests/notifications/pipeline/test_retention.py::test_it_rests_as_long_as_it_worked",),
    ),
    Break(
        name="what_is_published_for_later_is_due_at_once",
        file="notifications/pipeline/bus.py",
        old='"due_at": due_at,',
        new='"due_at": now,',
        tests=("tests/notifications/test_bus.py::test_what_is_published_for_later_waits",),
    ),
    Break(
        name="an_idempotency_key_is_everybodys",
        file="notifications/scheduling/scheduler.py",
        old='return f"{scheduled_by or 0}:{sha256(idempotency_key.encode()).hexdigest()}"',
        new="return sha256(idempotency_key.encode()).hexdigest()",
        tests=("tests/notifications/api/test_schedule.py::test_a_key_is_its_owners_alone",),
    ),
    Break(
        name="what_was_sent_is_called_off",
        file="notifications/scheduling/scheduler.py",
        old="id=notification_id, scheduled_status=Notification.Status.PENDING",
        new="id=notification_id",
        tests=("tests/notifications/scheduling/test_scheduler.py::test_what_was_sent_cannot_be_called_off",),
    ),
    Break(
        name="scheduled_messages_go_before_their_time",
        file="notifications/scheduling/sending.py",
        old="scheduled_status=Notification.Status.PENDING, scheduled_at__lte=now)",
        new="scheduled_status=Notification.Status.PENDING)",
        tests=(
            "tests/notifications/scheduling/test_scheduler.py::test_it_waits_until_its_time_and_is_in_the_inbox_then",
        ),
    ),
    Break(
        name="an_answer_by_link_counts_twice",
        file="notifications/replies/reply_links.py",
        old=("        if not first:\n            return Outcome.ALREADY\n"),
        new="",
        tests=(
            "tests/medications/pages/test_answer_links.py::test_it_answers_once_also_when_the_answer_was_taken_back",
        ),
    ),
    Break(
        name="what_waits_goes_to_the_number_that_was_given_up",
        file="notifications/preferences/contacts.py",
        old="return waiting.filter(id__any_of=theirs).update(address=after)",
        new="return len(theirs)",
        tests=(
            "tests/home/contact_verification/test_contact_verification.py::test_waiting_messages_go_to_the_new_number",
        ),
    ),
    Break(
        name="slots_are_read_in_utc",
        file="notifications/rules/slots.py",
        old="CronSim(cron, after.astimezone(ZoneInfo(zone))):",
        new="CronSim(cron, after.astimezone(UTC)):",
        tests=("tests/notifications/rules/test_slots.py::test_slots_are_read_on_the_wall_of_the_zone",),
    ),
    Break(
        name="a_message_wakes_the_pages_of_everybody",
        file="notifications/live/hub.py",
        old="self._signal(self._clients.keys() if failed else user_ids)",
        new="self._signal(self._clients.keys())",
        tests=(
            "tests/notifications/live/test_hub.py::test_a_message_reaches_the_open_page_of_its_reader_alone",
        ),
    ),
    Break(
        name="staff_see_the_messages_of_all_clinics",
        file="notifications/scope.py",
        old="return rows.filter(**condition(_scopes[-1])) if user.is_active and _scopes else rows.none()",
        new="return rows",
        tests=("tests/notifications/admin/test_reports.py::test_staff_see_the_people_of_their_scope_only",),
    ),
    Break(
        name="days_of_other_years_have_no_year",
        file="notifications/web/moments.py",
        old='pattern if day.year == today.year else f"{pattern} Y"',
        new="pattern",
        tests=("tests/notifications/inbox/test_why.py::test_it_says_times_as_people_do",),
    ),
    Break(
        name="a_service_that_is_busy_is_believed_for_weeks",
        file="notifications/channels/retry_after.py",
        old="min(int(text), longest.total_seconds())",
        new="int(text)",
        tests=(
            "tests/notifications/channels/test_retry_after.py::test_who_can_wait_less_than_a_day_says_so",
        ),
    ),
    Break(
        name="a_clinics_own_words_are_left_out",
        file="notifications/selectors/templates.py",
        old="        whose |= Q(scope_id__any_of=scopes)\n",
        new="        pass\n",
        tests=(
            "tests/notifications/pipeline/test_wordings.py::test_each_scope_has_its_own_words_and_the_others_head_offices",
        ),
    ),
    Break(
        name="half_a_part_stands_beside_anothers_half",
        file="notifications/selectors/templates.py",
        old="for group in TEXT_GROUPS if template.is_written(group) for",
        new="for group in TEXT_GROUPS for",
        tests=("tests/notifications/pipeline/test_wordings.py::test_a_part_is_taken_whole_or_not_at_all",),
    ),
    Break(
        name="addresses_of_a_batch_are_readable_in_the_database",
        file="notifications/pipeline/insert.py",
        old="seal_many([address for _id, _scope_id, address, _delivery in rows])",
        new="[address for _id, _scope_id, address, _delivery in rows]",
        tests=(
            "tests/notifications/pipeline/test_fan_out.py"
            "::test_what_leaves_the_site_is_sealed_in_the_table_and_what_people_share_is_sealed_once",
        ),
    ),
    Break(
        name="the_index_of_numbers_rotates_away",
        file="notifications/encryption/keys.py",
        old='index_secret=keys[-1].derived("medguard.index")',
        new='index_secret=keys[0].derived("medguard.index")',
        tests=(
            "tests/notifications/encryption/test_rotation.py"
            "::test_all_comes_under_the_new_key_and_the_old_one_is_needed_no_more",
        ),
    ),
    Break(
        name="what_cant_be_read_is_lost_when_it_is_saved",
        file="notifications/encryption/fields.py",
        old="            return value.sealed\n",
        new="            value = str(value)\n",
        tests=(
            "tests/notifications/encryption/test_fields.py"
            "::test_with_a_key_that_is_lost_a_row_says_so_and_keeps_what_it_has",
        ),
    ),
    Break(
        name="a_rotation_says_it_is_done_when_rows_were_held",
        file="notifications/encryption/rotation.py",
        old="done.left += [*chain.from_iterable(left.values()), *held]",
        new="done.left += chain.from_iterable(left.values())",
        tests=(
            "tests/notifications/encryption/test_rotation.py"
            "::test_a_row_that_others_hold_all_the_time_is_named",
        ),
    ),
    Break(
        name="a_lost_device_just_goes",
        file="notifications/periodic_tasks.py",
        old="        if language:",
        new="        if not language:",
        tests=(
            "tests/notifications/channels/push/test_lost_devices.py::test_one_that_is_refused_for_days_goes_and_its_owner_is_asked_once",
        ),
    ),
    Break(
        name="a_used_key_answers_any_request",
        file="notifications/scheduling/scheduler.py",
        old="if before is not None and again != before:",
        new="if before is None and again != before:",
        tests=(
            "tests/notifications/api/test_schedule.py::test_a_key_that_comes_again_with_another_body_is_422",
        ),
    ),
    Break(
        name="a_channel_that_reaches_nobody_counts_as_sent",
        file="notifications/pipeline/compose.py",
        old="status = Notification.Status.FAILED",
        new="pass",
        tests=(
            "tests/notifications/test_services.py::test_a_channel_that_reaches_somebody_is_sent_and_one_that_reaches_nobody_is_not",
        ),
    ),
    Break(
        name="what_nothing_carries_is_tried_for_ever",
        file="notifications/scheduling/sending.py",
        old='{"failures": 0}',
        new='{"failures": 1}',
        tests=(
            "tests/notifications/test_services.py::test_what_nothing_carries_is_not_tried_again_and_again",
        ),
    ),
    Break(
        name="fillers_are_letters",
        file="notifications/rules/blank.py",
        old='unicodedata.normalize("NFKC", each) in _FILLERS',
        new="each in _FILLERS",
        tests=("tests/notifications/rules/test_blank.py::test_nothing_of_it_is_seen",),
    ),
    Break(
        name="a_fragment_refuses_without_a_way",
        file="notifications/web/access.py",
        old="            response = _way_to_sign_in(request)",
        new="            response = HttpResponse(status=401)",
        tests=(
            "tests/notifications/inbox/test_list.py::test_strangers_are_sent_to_sign_in_and_their_fragments_refused",
        ),
    ),
    Break(
        name="what_another_worker_is_about_to_send_is_free",
        file="notifications/costs/reserving.py",
        old="exact(spent + waiting)",
        new="exact(spent)",
        tests=(
            "tests/notifications/costs/test_budget.py::test_what_another_worker_is_about_to_send_is_spent_already",
        ),
    ),
    Break(
        name="the_price_of_the_shortest_prefix_counts",
        file="notifications/rules/prices.py",
        old="return max(fitting)[2]",
        new="return min(fitting)[2]",
        tests=("tests/notifications/rules/test_prices.py",),
    ),
    Break(
        name="each_message_of_a_digest_is_paid_for",
        file="notifications/pipeline/batch.py",
        old="finish(beside, **said)",
        new="finish(beside, **said, **_charged(answer))",
        tests=("tests/notifications/costs/test_sums.py::test_a_digest_is_one_message",),
    ),
    Break(
        name="a_message_that_failed_was_a_reminder",
        file="notifications/selectors/figures.py",
        old='out = Delivery.objects.filter(notification=OuterRef("pk"), state__in=THROUGH)',
        new='out = Delivery.objects.filter(notification=OuterRef("pk"))',
        tests=("tests/test_counted_days.py::test_what_is_kept_is_what_counting_now_gives",),
    ),
    Break(
        name="a_full_disk_uses_up_a_rows_tries",
        file="notifications/work/leases.py",
        old="self.release(rows, due_at=again, error=said,",
        new="self.postpone(rows, due_at=again, error=said,",
        tests=(
            "tests/notifications/work/test_leases.py::test_no_row_is_to_blame_for_a_full_disk_however_long_it_is_full",
        ),
    ),
    Break(
        name="a_transaction_may_be_open_for_ever",
        file="notifications/selectors/database_state.py",
        old="return self.oldest_seconds > OPEN_FOR",
        new="return self.oldest_seconds < 0",
        tests=("tests/notifications/selectors/test_database_state.py::test_ten_minutes_are_too_long",),
    ),
    Break(
        name="an_error_of_the_database_quotes_the_row_that_it_was_at",
        file="notifications/database_errors.py",
        old='return said.partition("\\n")[0] if isinstance(error, Error) else said',
        new="return said",
        tests=("tests/notifications/test_database_errors.py::test_what_is_said_quotes_no_row",),
    ),
)
