"""Medicines: when doses are due, what is left of a stock, who is reminded, and who may answer."""

from tests.breaks.edit import Break

BREAKS = (
    Break(
        name="a_dose_is_reminded_of_at_the_hour_that_its_patient_left",
        file="medications/services/reminders.py",
        old="    return Dose.objects.filter(~Exists(unmoved(now=now)",
        new="    return Dose.objects.exclude(Exists(unmoved(now=now).none()",
        tests=(
            "tests/medications/services/test_reminders.py::TestAChangedClock::test_moved_it_is_reminded_of_at_its_new_hour_alone",
        ),
    ),
    Break(
        name="a_medicine_from_a_file_has_doses_at_once",
        file="medications/services/prescriptions_from_files.py",
        old="prescription.is_silent = True",
        new="prescription.is_silent = False",
        tests=(
            "tests/medications/admin/importing/test_prescriptions.py::"
            "test_nothing_is_sent_and_nothing_missed_until_staff_say_so",
        ),
    ),
    Break(
        name="a_changed_plan_starts_a_silent_medicine",
        file="medications/selectors/replanning.py",
        old="prescription.ended_at is not None or prescription.is_silent or",
        new="prescription.ended_at is not None or",
        tests=(
            "tests/medications/admin/importing/test_prescriptions.py::"
            "test_a_change_before_the_start_plans_nothing",
        ),
    ),
    Break(
        name="milligrams_from_a_file_become_tablets",
        file="medications/admin/importing/prescription_row.py",
        old="elif is_strength and number > _MANY:",
        new="elif is_strength and number > _MANY and not given:",
        tests=(
            "tests/medications/admin/importing/test_prescriptions.py::"
            "test_milligrams_are_no_tablets_whatever_the_column_says",
        ),
    ),
    Break(
        name="an_undo_takes_a_medicine_away_that_was_worked_with",
        file="medications/services/prescriptions_from_files.py",
        old="free = locked - _used(locked) - {int(each) for each in edited}",
        new="free = locked",
        tests=(
            "tests/medications/admin/importing/test_prescriptions.py::"
            "test_an_undo_takes_away_what_nobody_worked_with",
        ),
    ),
    Break(
        name="a_row_is_of_somebody_with_another_name",
        file="medications/admin/importing/prescription_row.py",
        old="if name and not sound_alike(name, found.get_full_name()):",
        new="if False:",
        tests=(
            "tests/medications/admin/importing/test_prescriptions.py::"
            "test_a_row_with_a_fault_is_refused_beside_its_column",
        ),
    ),
    Break(
        name="a_vaccination_from_a_file_is_recorded_twice",
        file="medications/admin/importing/vaccinations.py",
        old="        if given.on in same.values():\n",
        new="        if False:\n",
        tests=(
            "tests/medications/admin/importing/test_vaccinations.py::"
            "test_what_is_recorded_already_is_left_and_another_day_of_it_is_refused",
        ),
    ),
    Break(
        name="an_undo_takes_a_changed_vaccination_away",
        file="medications/admin/importing/vaccinations.py",
        old="pk__in=there - changed",
        new="pk__in=there",
        tests=(
            "tests/medications/admin/importing/test_vaccinations.py::"
            "test_an_undo_takes_away_what_nobody_changed",
        ),
    ),
    Break(
        name="a_row_is_of_another_clinics_patient",
        file="home/admin/importing/whose_row.py",
        old="Patient.objects.filter(clinic=clinic, erased_at__isnull=True, ",
        new="Patient.objects.filter(erased_at__isnull=True, ",
        tests=(
            "tests/medications/admin/importing/test_vaccinations.py::"
            "test_a_patient_of_another_clinic_is_not_found",
        ),
    ),
    Break(
        name="staff_are_warned_of_stock_from_a_file_at_once",
        file="medications/admin/importing/shelf.py",
        old="is_silent=True",
        new="is_silent=False",
        tests=(
            "tests/medications/admin/importing/test_shelf.py::test_nobody_is_warned_of_it_until_staff_say_so",
        ),
    ),
    Break(
        name="stock_from_a_file_silences_a_shelf",
        file="medications/services/stock_warnings.py",
        old="            if not each.spoken_of:\n",
        new="            if len(each.spoken_of) < len(each.batch_ids):\n",
        tests=(
            "tests/medications/admin/importing/test_shelf.py::"
            "test_of_what_was_on_the_shelf_before_staff_are_warned_as_ever",
        ),
    ),
    Break(
        name="an_undo_takes_counted_stock_away",
        file="medications/services/stock_from_files.py",
        old="        free = locked - touched\n",
        new="        free = locked\n",
        tests=(
            "tests/medications/admin/importing/test_shelf.py::test_an_undo_takes_away_what_nobody_touched",
        ),
    ),
    Break(
        name="by_hand_everybody_is_reminded",
        file="medications/services/reminders.py",
        old="doses = _due(now).filter(schedule_id=schedule_id)",
        new="doses = _due(now).filter(schedule_id__gte=0)",
        tests=(
            "tests/medications/services/test_reminders.py::test_a_schedule_is_reminded_of_by_hand_once_and_no_other_is",
        ),
    ),
    Break(
        name="the_history_counts_what_came_after",
        file="medications/presentation/record_history.py",
        old='id__lte=OuterRef("id")',
        new='id__gte=OuterRef("id")',
        tests=(
            "tests/medications/presentation/test_record_history.py::test_what_staff_did_with_the_stock_at_home",
        ),
    ),
    Break(
        name="repeats_of_a_dose_cost_an_sms_each",
        file="medications/services/reminders.py",
        old='again.exclude(next_reminder_at=F("due_at"))',
        new='again.filter(next_reminder_at=F("due_at"))',
        tests=(
            "tests/medications/test_reached_by_sms.py::test_a_dose_is_reminded_of_once_by_sms_and_why_says_so",
        ),
    ),
    Break(
        name="a_moment_belongs_to_each_of_its_doses",
        file="medications/services/moments.py",
        old="if id_ == moment[0]:",
        new="if id_ in moment:",
        tests=(
            "tests/medications/services/test_reminders.py::test_no_moment_is_parted_between_two_publications",
        ),
    ),
    Break(
        name="who_did_not_answer_the_weekly_question_is_not_called",
        file="medications/selectors/weekly_checks.py",
        old="silent | Q(answer=WeeklyCheck.Answer.CALL)",
        new="Q(answer=WeeklyCheck.Answer.CALL)",
        tests=(
            "tests/medications/services/test_weekly_checks.py::test_who_does_not_answer_is_on_the_list_after_two_days",
        ),
    ),
    Break(
        name="a_cycle_has_a_day_too_many",
        file="medications/rules/dose_kinds/cycle.py",
        old="% (self.on + self.off) < self.on:",
        new="% (self.on + self.off) <= self.on:",
        tests=(
            "tests/medications/rules/test_doses_kinds.py::test_a_cycle_counts_days_on_and_off_from_the_start_date",
        ),
    ),
    Break(
        name="a_dose_is_at_the_second_of_two_equal_times",
        file="medications/rules/wall_time.py",
        old="return datetime.combine(day, at, tzinfo=tz).astimezone(UTC)",
        new="return datetime.combine(day, at.replace(fold=1), tzinfo=tz).astimezone(UTC)",
        tests=(
            "tests/medications/rules/test_doses_clock.py::test_a_wall_time_is_one_instant_whatever_the_clock_does",
        ),
    ),
    Break(
        name="one_of_two_doses_at_one_moment_is_dropped",
        file="medications/rules/doses.py",
        old="due[due_at] = due.get(due_at, Decimal(0)) + quantity",
        new="due[due_at] = quantity",
        tests=(
            "tests/medications/rules/test_doses_clock.py::test_two_times_that_meet_in_a_gap_are_one_dose_of_both_quantities",
        ),
    ),
    Break(
        name="a_batch_expires_a_day_too_soon",
        file="medications/rules/stock.py",
        old="if batch.left and batch.last_usable_day >= day:",
        new="if batch.left and batch.last_usable_day > day:",
        tests=(
            "tests/medications/rules/test_stock.py::test_a_batch_is_good_until_midnight_of_the_patients_day",
        ),
    ),
    Break(
        name="half_a_dose_is_a_dose",
        file="medications/rules/stock.py",
        old=("    if missing:\n        return False\n"),
        new=("    if missing == quantity:\n        return False\n"),
        tests=(
            "tests/medications/rules/test_stock.py::test_run_out_is_the_first_dose_that_cannot_be_met_in_full",
        ),
    ),
    Break(
        name="a_refill_fetched_early_is_lost",
        file="medications/rules/adherence.py",
        old="at_home += sum(collected.get(day, ()))",
        new="at_home = sum(collected.get(day, ()), Decimal(0)) or at_home",
        tests=("tests/medications/rules/test_adherence.py::test_days_covered",),
    ),
    Break(
        name="what_is_unanswered_is_hidden",
        file="medications/rules/adherence.py",
        old="return Outcome.UNANSWERED if due_at <= now else Outcome.AHEAD",
        new="return Outcome.AHEAD",
        tests=("tests/medications/rules/test_adherence.py::test_what_became_of_a_dose",),
    ),
    Break(
        name="a_missed_dose_hides_behind_a_taken_one",
        file="medications/presentation/heat_map.py",
        old="pressing = next((each for each in PRESSING if each in planned), None)",
        new="pressing = next((each for each in PRESSING[::-1] if each in planned), None)",
        tests=(
            "tests/medications/presentation/test_heat_map.py"
            "::test_the_colour_of_a_day_is_that_of_its_most_pressing_dose",
        ),
    ),
    Break(
        name="a_late_vaccination_moves_none",
        file="medications/rules/vaccinations.py",
        old="max(earliest, dose.interval.after(last))",
        new="max(earliest, last)",
        tests=(
            "tests/medications/rules/test_vaccinations.py::test_a_late_dose_moves_the_next_by_the_minimum_interval",
        ),
    ),
    Break(
        name="a_vaccination_has_no_last_age",
        file="medications/rules/vaccinations.py",
        old="ended = ended or (dose.until is not None and soonest >= dose.until.after(born))",
        new="ended = False",
        tests=(
            "tests/medications/rules/test_vaccinations.py::"
            "test_a_three_year_old_is_not_told_of_what_is_no_longer_given",
        ),
    ),
    Break(
        name="the_second_answer_wins",
        file="medications/services/answers.py",
        old="is_open = Dose.objects.filter(id=dose_id, state__in=OPEN_STATES)",
        new="is_open = Dose.objects.filter(id=dose_id)",
        tests=("tests/medications/services/test_answers.py::test_taking_twice_takes_stock_once",),
    ),
    Break(
        name="anybody_answers_anybodys_dose",
        file="medications/services/answers.py",
        old='Dose.objects.filter(patient__in=patients_of(user).order_by().values("pk"))',
        new="Dose.objects.all()",
        tests=("tests/medications/services/test_answers.py::test_somebody_elses_dose_is_not_there",),
    ),
    Break(
        name="an_undone_dose_stays_taken_from_the_stock",
        file="medications/services/answers.py",
        old=(
            "                stock_give_back(dose=dose, user=user, now=now)\n"
            "                dose.refresh_from_db()\n"
        ),
        new="                dose.refresh_from_db()\n",
        tests=(
            "tests/medications/services/test_answers.py::test_undo_gives_the_stock_back_where_it_came_from",
        ),
    ),
    Break(
        name="doses_are_at_the_clinics_time",
        file="medications/selectors/replanning.py",
        old="timezone=patient.zone,",
        new="timezone=patient.clinic.timezone,",
        tests=(
            "tests/medications/services/test_expansion.py::TestClock::test_doses_ahead_move_with_the_patients_zone",
        ),
    ),
    Break(
        name="what_was_taken_counts_for_nothing_when_the_plan_changes",
        file="medications/rules/replanning.py",
        old="stands = dict(_matched(stays, planned))",
        new="stands = dict(_matched([], planned))",
        tests=("tests/medications/services/test_replanning.py::test_a_change_of_the_plan",),
    ),
    Break(
        name="a_dose_that_moved_is_told_at_its_old_time",
        file="medications/recipients/doses.py",
        old='return bool(times) and ("due_at" not in data',
        new='return bool(times) or ("due_at" not in data',
        tests=(
            "tests/medications/test_event_types.py::TestDoseDue::test_a_dose_that_moved_is_not_told_at_its_old_time",
        ),
    ),
    Break(
        name="it_nags_without_end",
        file="medications/services/reminders.py",
        old='reminders_sent=F("reminders_sent") + 1,',
        new="reminders_sent=1,",
        tests=(
            "tests/medications/services/test_reminders.py::test_it_nags_twice_then_the_dose_is_unanswered_then_missed",
        ),
    ),
    Break(
        name="a_dose_is_missed_at_once",
        file="medications/services/reminders.py",
        old="missed_at__lte=now)",
        new="due_at__lte=now)",
        tests=(
            "tests/medications/services/test_reminders.py::test_it_nags_twice_then_the_dose_is_unanswered_then_missed",
        ),
    ),
    Break(
        name="a_refill_makes_nothing_good",
        file="medications/services/stock.py",
        old=(
            "    if others and batch.prescription_id:\n"
            "        settle(act, batch.prescription_id, [*others, batch])\n"
        ),
        new="",
        tests=(
            "tests/medications/services/test_stock.py::test_a_refill_logged_late_makes_good_what_was_taken_since",
        ),
    ),
    Break(
        name="a_count_leaves_what_was_owed",
        file="medications/services/stock_acts.py",
        old="movements = forgiven(act, home) if home else []",
        new="movements: list[StockMovement] = []",
        tests=("tests/medications/services/test_ledger.py::TestCount::test_it_settles_what_was_owed",),
    ),
    Break(
        name="a_dose_is_taken_from_what_is_usable_when_it_is_answered",
        file="medications/services/dose_stock.py",
        old="day=dose.wall(ZoneInfo(dose.patient.zone))[0]",
        new="day=now.astimezone(ZoneInfo(dose.patient.zone)).date()",
        tests=(
            "tests/medications/services/test_ledger.py::TestOwnDay::test_a_dose_after_midnight_is_taken_from_what_was_usable_on_its_day",
        ),
    ),
    Break(
        name="a_correction_overwrites_a_newer_one",
        file="medications/services/answers.py",
        old="if last_answer(dose_id) != seen or not dose.is_planned:",
        new="if not dose.is_planned:",
        tests=(
            "tests/medications/services/test_full_answers.py::TestCorrection::test_two_who_correct_the_same_answer_the_first_wins",
        ),
    ),
    Break(
        name="what_was_counted_is_taken_once_more",
        file="medications/services/dose_stock.py",
        old="if not _is_counted(dose):",
        new="if True:",
        tests=(
            "tests/medications/services/test_full_answers.py::TestCorrection::test_after_a_count_nothing_is_taken_twice",
        ),
    ),
    Break(
        name="the_day_of_what_is_taken_as_needed_begins_at_midnight",
        file="medications/rules/as_needed.py",
        old="if at - DAY < when <= at)",
        new="if at.date() == when.date() and when <= at)",
        tests=("tests/medications/rules/test_as_needed.py::test_the_day_is_24_hours_that_roll",),
    ),
    Break(
        name="too_early_is_recorded_without_a_word",
        file="medications/services/unplanned.py",
        old=(
            "        if rule and limit.is_broken and not all_the_same:\n"
            "            raise LimitReachedError(limit, rule, _next_at(prescription, rule, now))\n"
        ),
        new="",
        tests=(
            "tests/medications/services/test_unplanned.py::test_paracetamol_is_recorded_takes_stock_and_its_limits_hold",
        ),
    ),
    Break(
        name="a_history_forgets_the_reason",
        file="medications/presentation/answer_lines.py",
        old="reason = reason_words(answer.skip_code, answer.skip_reason)",
        new='reason = ""',
        tests=(
            "tests/medications/pages/test_full_answers.py::test_a_correction_keeps_what_stood_and_a_stale_form_changes_nothing",
        ),
    ),
    Break(
        name="a_count_upwards_ends_no_run_out",
        file="medications/models/stock.py",
        old="    StockMovement.Kind.HANDED_OUT,\n    StockMovement.Kind.COUNTED,\n",
        new="    StockMovement.Kind.HANDED_OUT,\n",
        tests=(
            "tests/medications/services/test_stock_warnings.py::TestEachRunOut::test_a_count_upwards_in_the_same_line_is_a_refill",
        ),
    ),
    Break(
        name="equal_rules_are_taken_for_equal_plans",
        file="medications/services/expansion.py",
        old="equal.get(key := repr(ahead))",
        new="equal.get(key := repr(ahead.plan.rules))",
        tests=(
            "tests/medications/services/test_expansion.py::test_what_differs_in_anything_has_doses_of_its_own",
        ),
    ),
    Break(
        name="a_changed_plan_is_not_looked_at",
        file="medications/services/replanning.py",
        old="            look_again(chunk)\n",
        new="",
        tests=(
            "tests/medications/services/test_stock_looks.py::test_what_may_bring_a_run_out_nearer_makes_it_due",
        ),
    ),
    Break(
        name="every_dose_that_is_taken_was_counted_on",
        file="medications/services/dose_stock.py",
        old="        if not as_planned(dose, now=now):\n            look_again([dose.prescription_id])\n",
        new="",
        tests=(
            "tests/medications/services/test_stock_looks.py::test_what_may_bring_a_run_out_nearer_makes_it_due",
        ),
    ),
    Break(
        name="low_stock_is_told_every_day",
        file="medications/services/stock_warnings.py",
        old='"days_left": days_left}, run_out',
        new='"days_left": days_left}, f"{run_out}:{days_left}"',
        tests=(
            "tests/medications/services/test_stock_warnings.py::TestLowAtHome::test_it_warns_once_and_again_only_after_a_refill",
        ),
    ),
    Break(
        name="everybody_is_told_of_missed_doses",
        file="medications/recipients/doses.py",
        old="[carer for carer in carers if carer.alert_missed]",
        new="list(carers)",
        tests=(
            "tests/medications/test_event_types.py::TestDoseMissed::test_only_carers_who_asked_for_it_are_told",
        ),
    ),
    Break(
        name="a_dose_that_was_taken_is_reminded_of",
        file="medications/recipients/doses.py",
        old="_moments(publications, OPEN_STATES)",
        new="_moments(publications, Dose.State.values)",
        tests=(
            "tests/medications/test_event_types.py::TestDoseDue::test_a_dose_answered_between_is_left_out",
        ),
    ),
    Break(
        name="a_missed_dose_cannot_be_answered",
        file="medications/models/dose.py",
        old="OPEN_STATES = (Dose.State.SCHEDULED, Dose.State.UNANSWERED, Dose.State.MISSED)",
        new="OPEN_STATES = (Dose.State.SCHEDULED, Dose.State.UNANSWERED)",
        tests=("tests/medications/services/test_answers.py::test_a_missed_dose_can_still_be_answered",),
    ),
    Break(
        name="half_a_tablet_is_tablets",
        file="medications/formats.py",
        old="plural = 1 if 0 < value <= 1 else 2",
        new="plural = 1 if value == 1 else 2",
        tests=("tests/medications/test_formats.py::test_a_quantity_has_its_unit",),
    ),
    Break(
        name="anybody_sees_anybodys_dose",
        file="medications/selectors/day.py",
        old='_shown().filter(patient__in=patients_of(user).order_by().values("pk"))',
        new="_shown()",
        tests=("tests/medications/pages/test_isolation.py::test_somebody_elses_is_not_there",),
    ),
    Break(
        name="a_wait_is_told_too_short",
        file="medications/views/moments.py",
        old="minutes = -(-wait // timedelta(minutes=1))",
        new="minutes = wait // timedelta(minutes=1)",
        tests=("tests/medications/pages/test_moments.py::test_a_wait",),
    ),
    Break(
        name="nurses_see_the_stock_of_every_clinic",
        file="medications/admin/batches.py",
        old="return StockBatch.objects.filter(clinic__in=clinics_of_staff(user))",
        new="return StockBatch.objects.filter(clinic__isnull=False)",
        tests=(
            "tests/medications/admin/test_clinic_isolation.py::test_a_list_has_the_rows_of_ones_own_clinic_only",
        ),
    ),
    Break(
        name="medicines_of_all_clinics_are_offered",
        file="medications/admin/medicine_form.py",
        old="if chosen_id else medicines_seen_by(to)",
        new="if chosen_id else Medicine.objects.all()",
        tests=(
            "tests/medications/admin/test_medicines.py::test_forms_offer_shared_medicines_and_the_clinics_own",
        ),
    ),
    Break(
        name="a_clinics_medicine_is_given_at_another",
        file="medications/admin/medicine_form.py",
        old="if medicine and medicine.clinic_id and clinic and medicine.clinic_id != clinic.pk:",
        new="if False:",
        tests=(
            "tests/medications/admin/test_medicines.py::test_staff_of_two_clinics_give_a_medicine_only_where_it_is",
        ),
    ),
    Break(
        name="what_was_not_shown_is_prescribed",
        file="medications/admin/prescribe.py",
        old="if self.request.POST.get(SHOWN) != _shown(orders, self._active()):",
        new="if SHOWN not in self.request.POST:",
        tests=(
            "tests/medications/admin/test_prescribe.py::test_what_was_changed_after_it_was_shown_is_shown_again",
            "tests/medications/admin/test_prescribe.py::test_a_form_that_is_sent_twice_prescribes_once",
        ),
    ),
    Break(
        name="a_form_that_is_sent_twice_hands_out_twice",
        file="medications/services/hand_out.py",
        old="if seen != newest_at_home(patient_id):",
        new="if seen is None:",
        tests=("tests/medications/admin/test_hand_out.py::test_a_form_that_is_sent_twice_hands_out_once",),
    ),
    Break(
        name="homes_are_held_by_medicine",
        file="medications/services/hand_out.py",
        old="for prescription_id in sorted({each.prescription.pk for each in handed}):",
        new="for prescription_id in ():",
        tests=(
            "tests/medications/admin/test_hand_out.py::test_homes_are_held_in_the_order_of_everybody_else",
        ),
    ),
    Break(
        name="a_carer_takes_back_the_patients_wish",
        file="medications/services/weekly_checks.py",
        old="wanted = before - {user.pk} |",
        new="wanted = set() |",
        tests=(
            "tests/medications/services/test_weekly_checks.py::test_nobody_takes_back_the_wish_of_somebody_else_to_be_called",
        ),
    ),
    Break(
        name="a_refused_hand_out_leaves_the_prescriptions",
        file="medications/services/prescribing.py",
        old="raise OrderError(place, error) from error",
        new="continue",
        tests=(
            "tests/medications/admin/test_prescribe.py::test_the_shelf_that_was_emptied_meanwhile_undoes_everything",
        ),
    ),
    Break(
        name="50_mg_finds_500_mg",
        file="medications/selectors/catalogue.py",
        old="word == each if each[0].isdigit() else word.startswith(each)",
        new="word.startswith(each)",
        tests=(
            "tests/medications/selectors/test_catalogue.py::test_the_beginning_of_a_word_is_enough_and_a_number_is_that_number",
        ),
    ),
    Break(
        name="expired_packs_are_handed_out",
        file="medications/selectors/ledger.py",
        old="return shelf_batches(prescription).filter(expiry_date__gte=today)",
        new="return shelf_batches(prescription)",
        tests=(
            "tests/medications/admin/test_hand_out.py::test_it_says_what_the_shelf_has",
            "tests/medications/admin/test_prescribe.py::test_packs_are_emptied_by_their_expiry",
            "tests/medications/admin/test_stock_pages.py",
        ),
    ),
    Break(
        name="a_stop_of_yesterday_ends_now",
        file="medications/services/prescriptions.py",
        old="    if last_day == today:\n        return now\n",
        new="    if last_day <= today:\n        return now\n",
        tests=(
            "tests/medications/admin/test_stop.py::test_after_a_day_that_is_over_open_doses_since_then_go_and_answered_ones_stay",
        ),
    ),
    Break(
        name="who_moved_away_is_called_about_missed_doses",
        file="home/models/patient.py",
        old='gone = ("deceased_on", "left_on", "erased_at")',
        new='gone = ("deceased_on", "erased_at")',
        tests=(
            "tests/medications/test_worklist_reasons.py::TestMissed::test_who_is_not_treated_any_more_is_not_called",
        ),
    ),
    Break(
        name="an_answer_of_the_next_day_is_one_to_the_reminder",
        file="medications/selectors/figures.py",
        old=', answered_at__lte=F("sent_at") + ANSWERED_WITHIN)',
        new=")",
        tests=("tests/test_counted_days.py::test_what_is_kept_is_what_counting_now_gives",),
    ),
)
