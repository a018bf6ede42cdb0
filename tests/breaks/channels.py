"""The ways out of the house, and what comes back by them."""

from tests.breaks.edit import Break

BREAKS = (
    Break(
        name="what_a_provider_names_is_sent_again",
        file="notifications/channels/receipts.py",
        old="    if _was_taken(channel, ids, provider, provider_id, now):\n        return True\n",
        new="",
        tests=(
            "tests/notifications/channels/test_receipts.py::test_what_was_in_doubt_is_sent_as_soon_as_its_provider_names_it",
        ),
    ),
    Break(
        name="what_a_provider_names_before_its_answer_got_lost_is_forgotten",
        file="notifications/channels/receipts.py",
        old="    if not Delivery.objects.filter(pk__in=ids, state=State.SENDING).exists():\n        return False\n",
        new="    if ids:\n        return False\n",
        tests=(
            "tests/notifications/channels/test_receipts.py::test_what_a_provider_says_before_its_answer_got_lost_counts_then",
        ),
    ),
    Break(
        name="a_call_in_doubt_is_placed_by_the_next_provider_at_once",
        file="notifications/channels/failover.py",
        old="if error.in_doubt and tells_within is not None:",
        new="if error.in_doubt and tells_within is None:",
        tests=(
            "tests/notifications/channels/voice/test_calls.py"
            "::test_a_call_that_may_ring_already_is_placed_by_nobody_until_its_provider_had_time_to_tell",
        ),
    ),
    Break(
        name="an_answer_that_broke_off_counts_as_a_provider_that_cant_be_reached",
        file="notifications/channels/http.py",
        old="isinstance(error.args[0], ProtocolError | ReadTimeoutError)",
        new="isinstance(error.args[0], ReadTimeoutError)",
        tests=(
            "tests/notifications/channels/whatsapp/test_channel.py"
            "::test_a_message_whose_answer_got_lost_is_not_sent_again_once_the_provider_names_it",
        ),
    ),
    Break(
        name="words_about_an_earlier_sending_settle_the_doubt_about_this_one",
        file="notifications/pipeline/batch.py",
        old='return {"provider": Case(When(provider_id="", then=Value(self.may_have_it)), default=F("provider"))}',
        new='return {"provider": self.may_have_it, "provider_id": ""}',
        tests=(
            "tests/notifications/channels/voice/test_calls.py"
            "::test_the_end_of_an_earlier_call_is_not_taken_for_that_of_one_in_doubt",
        ),
    ),
    Break(
        name="a_second_attempt_is_another_mail",
        file="notifications/channels/email/channel.py",
        old='return f"<{message.key}@{domain}>"',
        new='return f"<{message.key}-{id(message)}@{domain}>"',
        tests=(
            "tests/notifications/channels/email/test_channel.py::test_a_second_attempt_has_the_same_message_id",
        ),
    ),
    Break(
        name="a_busy_mailbox_is_given_up_for_good",
        file="notifications/channels/email/channel.py",
        old='{_said(code, answer)}", permanent=code >= 500',
        new='{_said(code, answer)}", permanent=True',
        tests=(
            "tests/notifications/channels/email/test_channel.py::test_what_the_server_says_of_an_address_decides_about_trying_again",
        ),
    ),
    Break(
        name="a_stop_counts_only_alone",
        file="notifications/rules/keywords.py",
        old="    if _after(words, stops) is not None or _after(plain, stops) is not None:",
        new="    if _after(words, stops) == []:",
        tests=("tests/notifications/rules/test_keywords.py::test_whatever_follows_a_stop_changes_nothing",),
    ),
    Break(
        name="a_wish_in_the_midst_of_a_sentence_is_not_heard",
        file="notifications/rules/keywords.py",
        old="_stops(words) or any(map(_wants_none, map(words_of, _SENTENCE_END.split(_plain(text)))))",
        new="_stops(words)",
        tests=("tests/notifications/rules/test_stop_reports.py::test_what_was_reported_stops",),
    ),
    Break(
        name="a_wish_behind_a_good_day_is_not_heard",
        file="notifications/rules/keywords.py",
        old="            words = others",
        new="            break",
        tests=(
            "tests/notifications/rules/test_keywords.py"
            "::test_a_wish_to_get_no_more_messages_is_understood_however_it_is_put",
        ),
    ),
    Break(
        name="suggested_whatsapp_texts_name_the_medicine",
        file="notifications/channels/whatsapp/suggestions.py",
        old="[language].short_text_discreet.strip()",
        new="[language].short_text.strip()",
        tests=(
            "tests/notifications/channels/whatsapp/test_discreet.py::test_by_default_nothing_is_given_away",
        ),
    ),
    Break(
        name="a_call_says_the_whole_message",
        file="notifications/channels/voice/channel.py",
        old='return "", rendered.short_text',
        new='return "", rendered.body',
        tests=("tests/notifications/channels/voice/test_discreet.py::test_by_default_nothing_is_given_away",),
    ),
    Break(
        name="a_cancelled_visit_stops_messages",
        file="notifications/rules/keywords.py",
        old="return rest is not None and _is_about_messages(rest)",
        new="return rest is not None",
        tests=(
            "tests/notifications/rules/test_keywords.py::test_what_is_about_something_else_stops_nothing",
        ),
    ),
    Break(
        name="reports_about_mail_need_no_signature",
        file="notifications/channels/email/webhooks.py",
        old="    view.run_validators(request)\n",
        new="",
        tests=(
            "tests/notifications/channels/email/test_webhooks.py::test_what_is_not_signed_changes_nothing_and_is_logged",
        ),
    ),
    Break(
        name="a_forged_link_unsubscribes",
        file="notifications/channels/email/unsubscribe_links.py",
        old='Signer(salt=_SALT).unsign(token).partition(":")',
        new='token.rpartition(":")[0].partition(":")',
        tests=("tests/notifications/inbox/test_unsubscribe.py::test_a_forged_or_foreign_one_is_refused",),
    ),
    Break(
        name="a_browser_that_is_gone_stays_subscribed",
        file="notifications/channels/push/channel.py",
        old="devices.filter(pk__any_of=Many(set(self.gone))).delete()",
        new='devices.filter(pk__any_of=Many(set(self.gone))).update(failures=F("failures") + 1)',
        tests=(
            "tests/notifications/channels/push/test_channel.py::test_a_dead_subscription_is_removed_and_the_others_get_it",
        ),
    ),
    Break(
        name="a_host_that_only_ends_alike_gets_calls",
        file="notifications/channels/push/hosts.py",
        old="name.endswith(host[1:])",
        new="name.endswith(host[2:])",
        tests=("tests/notifications/channels/push/test_hosts.py::test_a_subdomain_is_one_only_behind_a_dot",),
    ),
    Break(
        name="clinical_sms_go_to_unconfirmed_numbers",
        file="notifications/channels/sms/channel.py",
        old="return dict.fromkeys(unconfirmed(user_ids), Reason.UNVERIFIED)",
        new="return {}",
        tests=(
            "tests/notifications/channels/sms/test_channel.py::test_a_number_that_was_not_confirmed_is_an_obstacle",
        ),
    ),
    Break(
        name="a_number_that_takes_no_sms_is_tried_again",
        file="notifications/channels/sms/gateways/africastalking.py",
        old='raise GatewayError(f"The number was refused. {said}", permanent=True)',
        new='raise GatewayError(f"The number was refused. {said}")',
        tests=(
            "tests/notifications/channels/sms/test_gateways.py::test_an_error_of_africas_talking_says_whether_to_try_again",
        ),
    ),
    Break(
        name="any_signature_is_twilios",
        file="notifications/channels/twilio.py",
        old=(
            "return any(constant_time_compare(given, _signature(each + fields)) for each in _spellings(url))"
        ),
        new="return any(given and each + fields for each in _spellings(url))",
        tests=(
            "tests/notifications/channels/sms/test_webhooks.py::test_what_twilio_did_not_sign_changes_nothing_and_is_logged_without_anybodys_number",
        ),
    ),
    Break(
        name="a_provider_that_was_down_never_comes_back",
        file="notifications/channels/breaker.py",
        old="if row.probe_at is not None and row.probe_at > now:",
        new="if row.probe_at is not None:",
        tests=(
            "tests/notifications/channels/sms/test_failover.py::test_within_five_minutes_of_its_recovery_a_provider_is_back",
        ),
    ),
    Break(
        name="a_provider_gets_all_messages_at_once",
        file="notifications/channels/rate_limit.py",
        old="update(next_slot=slot + seconds)",
        new="update(next_slot=slot)",
        tests=(
            "tests/notifications/channels/sms/test_failover.py::test_a_provider_gets_no_more_a_second_than_it_takes",
        ),
    ),
    Break(
        name="a_refused_number_is_tried_by_every_provider",
        file="notifications/channels/failover.py",
        old=("            if error.permanent:\n                raise\n"),
        new="",
        tests=(
            "tests/notifications/channels/sms/test_failover.py::test_a_number_that_takes_no_sms_is_nobodys_fault_and_tried_nowhere_else",
        ),
    ),
    Break(
        name="a_late_receipt_takes_an_arrival_back",
        file="notifications/channels/receipts.py",
        old="failed = rows.filter(state=State.SENT)",
        new="failed = rows.filter(state__in=(State.SENT, State.DELIVERED))",
        tests=("tests/notifications/channels/sms/test_webhooks.py::test_what_has_arrived_has_arrived",),
    ),
    Break(
        name="a_phone_that_was_off_is_given_up",
        file="notifications/channels/receipts.py",
        old="if receipt.again_after is None or is_old or",
        new="if receipt.again_after is not None or is_old or",
        tests=(
            "tests/notifications/channels/test_receipts.py::test_what_may_pass_is_sent_once_more_and_then_given_up",
        ),
    ),
    Break(
        name="what_was_lost_long_ago_is_sent_once_more",
        file="notifications/channels/receipts.py",
        old="is None or is_old or any(",
        new="is None or any(",
        tests=(
            "tests/notifications/channels/test_receipts.py::test_what_would_come_too_late_or_has_lost_its_text_is_not_sent_once_more",
        ),
    ),
    Break(
        name="who_hangs_up_has_heard_all_messages_of_the_call",
        file="notifications/channels/voice/outcome.py",
        old="Outcome.READ, delivery_id=row.pk)",
        new="Outcome.READ)",
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_what_is_heard_before_the_call_is_written_down_counts",
        ),
    ),
    Break(
        name="a_stop_of_before_ends_what_was_started_since",
        file="notifications/preferences/opt_outs.py",
        old="if _started_since(user_id",
        new="if not user_id and _started_since(user_id",
        tests=(
            "tests/notifications/channels/sms/test_opt_outs.py::test_what_a_receipt_says_late_of_the_time_before_a_start_counts_for_nothing",
        ),
    ),
    Break(
        name="a_receipt_that_is_too_early_is_lost",
        file="notifications/pipeline/batch.py",
        old="apply_kept(self.channel.name, answered, keys)",
        new="pass",
        tests=(
            "tests/notifications/channels/sms/test_channel.py::test_a_receipt_that_is_quicker_than_we_are_counts",
        ),
    ),
    Break(
        name="a_receipt_that_crosses_its_sending_lies_about",
        file="notifications/channels/receipts.py",
        old="if is_new and _apply(",
        new="if not is_new and _apply(",
        tests=(
            "tests/notifications/channels/test_receipts.py::test_a_receipt_that_crosses_its_sending_on_the_way_is_not_left_lying",
        ),
    ),
    Break(
        name="an_unknown_state_is_an_error",
        file="notifications/channels/sms/gateways/africastalking.py",
        old="unknown_state(self.name, status)",
        new="raise LookupError(status)",
        tests=(
            "tests/notifications/channels/sms/test_webhooks.py::test_a_state_that_is_not_documented_is_logged_by_its_name_and_changes_nothing",
        ),
    ),
    Break(
        name="the_file_is_waited_for",
        file="notifications/channels/sms/gateways/file.py",
        old="        return False",
        new="        return True",
        tests=(
            "tests/notifications/channels/test_receipts.py::test_a_message_of_which_nobody_says_anything_shows_that_after_a_day",
        ),
    ),
    Break(
        name="a_wrong_key_of_ours_takes_everybodys_devices",
        file="notifications/channels/push/lost_devices.py",
        old="if service in well or len(devices) == 1",
        new="if devices",
        tests=(
            "tests/notifications/channels/push/test_lost_devices.py::test_when_a_service_refuses_everybody_the_fault_is_ours",
        ),
    ),
    Break(
        name="one_refusal_is_for_ever",
        file="notifications/channels/push/lost_devices.py",
        old="refused_at__gte=over",
        new="refused_at__isnull=False",
        tests=(
            "tests/notifications/channels/push/test_lost_devices.py::test_one_refusal_long_ago_is_no_more_than_that",
        ),
    ),
    Break(
        name="a_stop_at_the_provider_is_unheard",
        file="notifications/channels/sms/providers.py",
        old="if error.opted_out:",
        new="if error.opted_out and error.rest:",
        tests=(
            "tests/notifications/channels/sms/test_opt_outs.py::test_what_the_provider_says_as_we_send_stops_sms",
        ),
    ),
    Break(
        name="who_starts_again_stays_stopped",
        file="notifications/preferences/settings.py",
        old="channel__in=on).delete()",
        new="channel__in=[]).delete()",
        tests=("tests/notifications/channels/sms/test_opt_outs.py::test_it_lasts_until_start",),
    ),
    Break(
        name="a_wish_to_be_called_is_unheard_where_nothing_was_asked",
        file="notifications/replies/interpretation.py",
        old="if (asked is None or chosen is None) and asks_to_be_called(row.text):",
        new="if asked is None and chosen is not None and asks_to_be_called(row.text):",
        tests=(
            "tests/notifications/channels/sms/test_interpretation.py::test_who_asks_to_be_called_is_answered_once",
        ),
    ),
    Break(
        name="the_minutes_of_a_call_are_paid_each_time_they_are_told",
        file="notifications/channels/voice/outcome.py",
        old="sendings__gt=0, seconds=None",
        new="sendings__gt=0",
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_a_call_costs_what_it_costs_to_place_and_each_minute_that_began",
        ),
    ),
    Break(
        name="sums_are_made_anew_without_what_was_sent_again",
        file="notifications/costs/charges.py",
        old='"sendings": F("sendings") + 1,',
        new='"sendings": 1,',
        tests=("tests/notifications/costs/test_rebuilding.py::test_after_any_history",),
    ),
    Break(
        name="whoever_has_no_recording_is_called_all_the_same",
        file="notifications/channels/voice/wording.py",
        old="if all(lacking) else None",
        new="if not self._gateways else None",
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_where_nothing_can_be_played_or_said_nobody_is_called_and_why_says_so_beforehand",
        ),
    ),
    Break(
        name="whoever_picks_up_hears_the_message",
        file="notifications/rules/phone_call.py",
        old="        if key == HEAR:\n",
        new="        if not place.again:\n",
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_who_picks_up_hears_no_message_without_asking_for_it",
        ),
    ),
    Break(
        name="phones_ring_at_night",
        file="notifications/rules/night.py",
        old="NIGHT = QuietHours(time(20), time(8))",
        new="NIGHT = QuietHours(time(23), time(8))",
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_nobody_is_called_at_night_and_why_says_so",
            "tests/notifications/rules/test_night.py::test_it_is_night_from_eight_to_eight_on_their_wall",
        ),
    ),
    Break(
        name="a_call_without_an_hour_waits_for_ever",
        file="notifications/rules/night.py",
        old="    return None\n\n\ndef night_until",
        new="    return moment\n\n\ndef night_until",
        tests=(
            "tests/notifications/pipeline/test_plan_properties.py::test_one_message_a_step_none_after_an_answer_none_too_late_and_none_lost",
        ),
    ),
    Break(
        name="what_went_late_puts_off_no_other_step",
        file="notifications/rules/plans.py",
        old="    if put_off:\n",
        new="    if put_off and turn.step < 2:\n",
        tests=(
            "tests/notifications/rules/test_plans.py::test_a_step_that_is_put_off_puts_off_what_follows_it",
            "tests/notifications/pipeline/test_plan_properties.py::test_one_message_a_step_none_after_an_answer_none_too_late_and_none_lost",
        ),
    ),
    Break(
        name="an_engaged_phone_is_never_called_again",
        file="notifications/channels/voice/outcome.py",
        old='changes = {"state": State.RETRY, "finished_at": None, "due_at": again,',
        new='changes = {"state": State.RETRY, "due_at": again,',
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_who_does_not_answer_is_called_again_and_then_answers",
        ),
    ),
    Break(
        name="nothing_follows_a_call_that_nobody_answers",
        file="notifications/channels/voice/outcome.py",
        old="plan.advance([row.pk], now=now)",
        new="pass",
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_when_nobody_has_answered_the_next_step_goes_at_once",
        ),
    ),
    Break(
        name="a_saving_on_sms_takes_calls_from_who_asked_for_them",
        file="notifications/pipeline/compose.py",
        old="if channel.costs and not channel.rings",
        new="if channel.costs",
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_a_clinic_that_asks_weekly_instead_of_by_sms_still_calls_who_asked_for_that",
        ),
    ),
    Break(
        name="an_old_end_takes_a_new_call_back",
        file="notifications/channels/voice/outcome.py",
        old="rows = Delivery.objects.filter(channel=CHANNEL, provider=provider, provider_id=provider_id)",
        new="rows = Delivery.objects.filter(channel=CHANNEL, provider=provider)",
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_the_end_of_an_earlier_call_says_nothing_of_the_one_under_way",
        ),
    ),
    Break(
        name="anything_is_a_recording",
        file="notifications/channels/voice/audio.py",
        old='return "mp3" if _has_frames(content) else None',
        new='return "mp3"',
        tests=(
            "tests/notifications/channels/voice/test_recordings.py::test_a_file_that_is_no_recording_is_refused_beside_its_field",
        ),
    ),
    Break(
        name="two_computers_answer_each_other_for_ever",
        file="notifications/replies/interpretation.py",
        old='return not lately.exclude(reply="").exclude(interpretation=Interpretation.ANSWER).exists()',
        new="return lately is not None",
        tests=(
            "tests/notifications/channels/sms/test_interpretation.py::test_two_computers_that_answer_each_other_come_to_an_end",
        ),
    ),
    Break(
        name="what_meta_did_not_sign_is_believed",
        file="notifications/channels/whatsapp/gateways/meta.py",
        old='return bool(secret) and constant_time_compare(given, f"sha256={signed}")',
        new='return bool(secret) and bool(signed) and given.startswith("sha256=")',
        tests=(
            "tests/notifications/channels/whatsapp/test_webhooks.py::TestSignature::test_what_meta_did_not_sign_changes_nothing",
        ),
    ),
    Break(
        name="a_paused_template_is_used",
        file="notifications/channels/whatsapp/templates.py",
        old="rows = WhatsAppTemplate.objects.filter(state=State.APPROVED)",
        new="rows = WhatsAppTemplate.objects.exclude(state=State.PENDING)",
        tests=("tests/notifications/channels/whatsapp/test_channel.py::test_only_approved_ones_are_used",),
    ),
    Break(
        name="details_go_to_everybody_by_whatsapp",
        file="notifications/channels/whatsapp/templates.py",
        old="details = [detail, Detail.DISCREET] if detail is Detail.DETAILED else [Detail.DISCREET]",
        new="details = [Detail.DETAILED, Detail.DISCREET]",
        tests=(
            "tests/notifications/channels/whatsapp/test_channel.py::test_details_go_only_to_who_chose_them",
        ),
    ),
    Break(
        name="free_text_goes_out_whenever",
        file="notifications/channels/whatsapp/templates.py",
        old="received_at__gt=now - WINDOW",
        new="received_at__gt=now - 2 * WINDOW",
        tests=("tests/notifications/channels/whatsapp/test_channel.py::test_afterwards_it_does_not",),
    ),
    Break(
        name="a_number_without_whatsapp_is_tried_each_time",
        file="notifications/channels/whatsapp/effects.py",
        old="        refuse(user_id, number, now=now)",
        new="        pass",
        tests=(
            "tests/notifications/channels/whatsapp/test_channel.py::test_a_number_that_is_not_on_whatsapp_is_left_alone_for_a_month",
        ),
    ),
    Break(
        name="a_provider_in_trouble_gets_each_message",
        file="notifications/channels/whatsapp/sending.py",
        old="if failing and failing.probe_at and not breaker.may_try(failing, now):",
        new="if failing and failing.probe_at is None and not breaker.may_try(failing, now):",
        tests=(
            "tests/notifications/channels/whatsapp/test_channel.py::test_a_limit_is_waited_out_and_the_provider_left_alone_meanwhile",
        ),
    ),
    Break(
        name="somebody_elses_button_answers",
        file="notifications/replies/interpretation.py",
        old="    if notification.recipient_id != user_id:\n",
        new="    if notification.recipient_id is None:\n",
        tests=(
            "tests/medications/test_reached_by_whatsapp.py::test_a_button_of_somebody_elses_message_answers_nothing",
        ),
    ),
    Break(
        name="stop_by_whatsapp_stops_sms",
        file="notifications/replies/interpretation.py",
        old="changes = {SWITCHES[channel]: on}",
        new='changes = {SWITCHES["sms"]: on}',
        tests=(
            "tests/medications/test_reached_by_whatsapp.py::test_stop_stops_whatsapp_and_says_how_sms_is_stopped",
        ),
    ),
    Break(
        name="staff_get_whatsapp_without_having_agreed",
        file="home/privacy/gate.py",
        old="wanted = set(user_ids) if channel in OPT_IN else asked.intersection(user_ids)",
        new="wanted = asked.intersection(user_ids)",
        tests=(
            "tests/medications/test_reached_by_whatsapp.py::test_staff_are_written_to_only_once_they_agreed",
        ),
    ),
    Break(
        name="anybody_of_staff_adds_whatsapp_texts",
        file="notifications/admin/whatsapp_templates.py",
        old='    model = WhatsAppTemplate\n    permission_required = "add"',
        new='    permission_required = "add"',
        tests=("tests/notifications/admin/test_whatsapp_templates.py::test_it_is_head_offices",),
    ),
    Break(
        name="a_described_provider_without_credit_is_asked_for_each_message",
        file="notifications/channels/sms/gateways/http.py",
        old="and that isn't a yes.\", rest=REST)",
        new="and that isn't a yes.\")",
        tests=("tests/notifications/channels/sms/test_http_gateway.py",),
    ),
)
