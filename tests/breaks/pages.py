"""The engine's pages: the inbox, the interface for programs, the admin and the health of the site."""

from tests.breaks.edit import Break

BREAKS = (
    Break(
        name="a_page_of_a_rule_keeps_an_example_to_itself",
        file="notifications/admin/rule_pages/page.py",
        old="for row in self.rows]",
        new="for row in self.rows[1:]]",
        tests=("tests/home/admin/test_rule_pages.py::test_each_example_has_its_row_without_an_empty_cell",),
    ),
    Break(
        name="an_example_for_nurses_is_not_what_the_rule_says",
        file="notifications/rules/examples/quiet_hours.py",
        old="Example(_NIGHTLY, HOME, _at(25, 6), None)",
        new="Example(_NIGHTLY, HOME, _at(25, 6), _at(26, 6))",
        tests=("tests/notifications/rules/test_quiet_hours.py",),
    ),
    Break(
        name="without_javascript_types_that_are_not_shown_are_turned_off",
        file="notifications/inbox/preferences.py",
        old="if choice.about in shown and not choice.fixed and on != choice.on:",
        new="if not choice.fixed and on != choice.on:",
        tests=("tests/notifications/inbox/test_preferences.py::test_the_grid_is_saved_without_javascript",),
    ),
    Break(
        name="a_program_must_name_a_category_before_its_types",
        file="notifications/api/views/preferences.py",
        old="sorted(chosen, key=lambda about: registry.find(about) is not None)",
        new="chosen",
        tests=(
            "tests/notifications/api/test_preferences.py::test_types_are_compared_with_their_category_whichever_stands_first",
        ),
    ),
    Break(
        name="a_number_in_an_address_may_have_thousands_of_digits",
        file="notifications/web/numbers.py",
        old=" and len(text) <= MOST_DIGITS",
        new="",
        tests=("tests/notifications/web/test_numbers.py",),
    ),
    Break(
        name="anybody_opens_anybodys_message",
        file="notifications/inbox/access.py",
        old="received(user.pk).filter(pk=message_id)",
        new="Notification.objects.filter(pk=message_id)",
        tests=("tests/notifications/inbox/test_list.py::test_what_belongs_to_somebody_else_does_not_exist",),
    ),
    Break(
        name="a_form_leads_to_another_site",
        file="notifications/inbox/views.py",
        old="if not url_has_allowed_host_and_scheme(there, allowed_hosts=None):",
        new="if not there:",
        tests=(
            "tests/notifications/inbox/test_list.py::test_an_answer_leads_to_the_page_of_the_message_but_never_to_another_site",
        ),
    ),
    Break(
        name="opening_the_link_unsubscribes",
        file="notifications/inbox/unsubscribe.py",
        old='done = request.method == "POST"',
        new='done = request.method in ("GET", "POST")',
        tests=("tests/notifications/inbox/test_unsubscribe.py::test_opening_it_changes_nothing",),
    ),
    Break(
        name="a_program_reads_anybodys_message",
        file="notifications/api/access.py",
        old="_found(Notification.objects.filter(recipient_id=user.pk), message_id)",
        new="_found(Notification.objects.all(), message_id)",
        tests=(
            "tests/notifications/api/test_isolation.py::test_somebody_elses_message_is_404_on_every_verb",
        ),
    ),
    Break(
        name="a_token_needs_no_second_step",
        file="notifications/api/access.py",
        old="user.has_perm(MAY_SCHEDULE) and not lacks_second_step(user)",
        new="user.has_perm(MAY_SCHEDULE)",
        tests=(
            "tests/notifications/api/test_sign_in.py::test_a_token_from_before_that_was_asked_opens_nothing_of_others",
        ),
    ),
    Break(
        name="staff_schedule_for_all_clinics",
        file="notifications/api/access.py",
        old="if not found.keys() >= user_ids:",
        new="if False:",
        tests=(
            "tests/notifications/api/test_isolation.py::test_staff_schedule_for_their_own_patients_alone",
        ),
    ),
    Break(
        name="a_body_without_a_length_has_no_bound",
        file="notifications/api/body.py",
        old="    if len(body) > MAX_BYTES:\n        raise BodyTooLargeError\n",
        new="",
        tests=("tests/notifications/api/test_bodies.py::test_under_wsgi_a_chunked_body_is_read_and_bounded",),
    ),
    Break(
        name="tokens_outlive_a_new_password",
        file="notifications/api/tokens.py",
        old="    tokens_end([user.pk])",
        new="    pass",
        tests=("tests/notifications/api/test_sign_in.py::test_a_new_password_takes_back_all_tokens",),
    ),
    Break(
        name="costly_calls_have_no_limit_of_their_own",
        file="notifications/api/views/base.py",
        old="throttle_classes = (EveryCall, CostlyCall)",
        new="throttle_classes = (EveryCall,)",
        tests=("tests/notifications/api/test_throttling.py::test_costly_calls_have_a_limit_of_their_own",),
    ),
    Break(
        name="staff_try_again_what_is_another_clinics",
        file="notifications/admin/reports/deliveries.py",
        old="visible = limit(request.user, Delivery.objects.all())",
        new="visible = Delivery.objects.all()",
        tests=("tests/notifications/admin/test_try_again.py::test_another_clinics_is_404_and_stays",),
    ),
    Break(
        name="staff_see_what_failed_at_another_clinic",
        file="notifications/admin/reports/deliveries.py",
        old="    return limit_in_order(user, rows)\n",
        new="    return rows\n",
        tests=(
            "tests/test_foreign_carers.py"
            "::TestPages::test_what_failed_is_shown_and_tried_again_for_ones_own_patient",
        ),
    ),
    Break(
        name="a_page_of_a_report_leaves_out_what_came_at_one_moment",
        file="notifications/admin/reports/paging.py",
        old="(Q(**{key.name: value}) & beyond if beyond else Q())",
        new="Q()",
        tests=("tests/notifications/admin/test_paging.py::test_pages_follow_each_other_there_and_back",),
    ),
    Break(
        name="what_is_sent_belongs_to_no_clinic",
        file="notifications/pipeline/insert.py",
        old="(id_, message.own.scope_id, address, delivery)",
        new="(id_, None, address, delivery)",
        tests=("tests/notifications/pipeline/test_fan_out.py::test_a_delivery_is_of_its_messages_scope",),
    ),
    Break(
        name="a_silent_consumer_is_well",
        file="notifications/health/checks.py",
        old='Finding("consumer", seen.alive > 0,',
        new='Finding("consumer", seen.alive >= 0,',
        tests=("tests/notifications/test_health.py::test_a_silent_consumer_is_unwell",),
    ),
    Break(
        name="the_metrics_are_open_to_all",
        file="notifications/health/views.py",
        old='return bool(token) and constant_time_compare(given, f"Bearer {token}")',
        new='return not token or constant_time_compare(given, f"Bearer {token}")',
        tests=("tests/notifications/test_metrics.py::test_without_a_token_it_is_closed_to_all",),
    ),
    Break(
        name="who_sees_a_row_opens_its_secondary_pages",
        file="notifications/admin/owned_rows.py",
        old="        if not self.written(user).filter(pk=pk).exists():\n            raise PermissionDenied\n",
        new="",
        tests=(
            "tests/notifications/admin/test_template_permissions.py::test_a_manager_changes_neither_head_offices_texts_nor_finds_another_clinics",
        ),
    ),
    Break(
        name="managers_write_the_words_of_all_clinics",
        file="notifications/admin/template_form.py",
        old='if cleaned.get("scope_id") not in written_by(self.for_user):',
        new="if False:",
        tests=(
            "tests/notifications/admin/test_template_permissions.py::test_a_manager_adds_no_texts_but_those_of_her_clinic",
        ),
    ),
)
