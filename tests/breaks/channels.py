"""The ways out of the house, and what comes back by them."""

from tests.breaks.edit import Break

BREAKS = (
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
        old="    if _after(words, _STOPS) is not None:",
        new="    if _after(words, _STOPS) == []:",
        tests=("tests/notifications/rules/test_keywords.py::test_whatever_follows_a_stop_changes_nothing",),
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
        old="devices.filter(pk__any_of=set(self.gone)).delete()",
        new='devices.filter(pk__any_of=set(self.gone)).update(failures=F("failures") + 1)',
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
        old="rows.filter(state=State.SENT).update(",
        new="rows.filter(state__in=(State.SENT, State.DELIVERED)).update(",
        tests=("tests/notifications/channels/sms/test_webhooks.py::test_what_has_arrived_has_arrived",),
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
        name="an_engaged_phone_is_never_called_again",
        file="notifications/channels/voice/outcome.py",
        old='changes = {"state": State.RETRY, "finished_at": None, "due_at": again}',
        new='changes = {"state": State.RETRY, "due_at": again}',
        tests=(
            "tests/notifications/channels/voice/test_calls.py::test_who_does_not_answer_is_called_again_and_then_answers",
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
)
