"""The site around the apps: its environment, its processes, its log, and whom it believes."""

from tests.breaks.edit import Break

BREAKS = (
    Break(
        name="a_connection_that_broke_leaves_the_others_of_its_pool",
        file="site_config/silence.py",
        old="            pool.drain()\n",
        new="            pass\n",
        tests=(
            "tests/site_config/test_silence.py"
            "::test_a_connection_that_broke_takes_those_with_it_that_were_open_beside_it_once",
        ),
    ),
    Break(
        name="each_broken_connection_empties_the_pool_anew",
        file="site_config/silence.py",
        old="if pool is not None and self.opened > self.emptied.get(pool, 0.0):",
        new="if pool is not None:",
        tests=(
            "tests/site_config/test_silence.py"
            "::test_a_connection_that_broke_takes_those_with_it_that_were_open_beside_it_once",
        ),
    ),
    Break(
        name="a_consumer_waits_for_a_silent_database_for_ever",
        file="site_config/settings.py",
        old="if IS_CONSUMER:\n    silence.limit_answers()\n",
        new="",
        tests=(
            "tests/site_config/test_production.py::test_who_answers_people_or_sends_messages_waits_a_minute_for_the_database_and_no_longer",
        ),
    ),
    Break(
        name="a_connection_to_the_database_is_waited_for_as_long_as_the_system_likes",
        file="site_config/settings.py",
        old="        **silence.TO_POSTGRESQL,\n",
        new="",
        tests=(
            "tests/site_config/test_production.py::test_a_connection_to_postgresql_or_redis_has_limits_and_those_of_the_address_go_before_ours",
        ),
    ),
    Break(
        name="a_consumer_takes_nothing_from_the_queue_where_tasks_run_inline",
        file="site_config/settings.py",
        old="TASKS_INLINE and not IS_CONSUMER",
        new="TASKS_INLINE",
        tests=(
            "tests/site_config/test_production.py::test_a_consumer_takes_from_the_queue_whatever_the_others_do",
        ),
    ),
    Break(
        name="a_start_leaves_migrations_undone",
        file="site_config/database.py",
        old="if set(_migrations()) <= MigrationRecorder",
        new="if set(_migrations()) >= MigrationRecorder",
        tests=("tests/site_config/test_database.py::test_it_migrates_where_one_is_missing",),
    ),
    Break(
        name="the_site_refuses_its_own_address",
        file="site_config/environment.py",
        old="    *_host_of(BASE_URL),\n",
        new="",
        tests=(
            "tests/site_config/test_production.py::test_it_answers_at_its_own_address_whatever_hosts_are_named",
        ),
    ),
    Break(
        name="any_log_format_is_taken",
        file="site_config/environment.py",
        old='if name not in {"text", "json"}:',
        new="if not name:",
        tests=("tests/site_config/test_production.py::test_each_malformed_variable_is_named",),
    ),
    Break(
        name="a_provider_without_its_keys_is_taken",
        file="site_config/environment.py",
        old=("        for key in keys[provider]\n        if not globals()[key]"),
        new=("        for key in keys[provider][:1]\n        if not globals()[key]"),
        tests=("tests/site_config/test_production.py::test_each_key_that_an_sms_provider_lacks_is_named",),
    ),
    Break(
        name="a_crashing_process_is_started_without_a_pause",
        file="site_config/supervisor.py",
        old="child.pause = min(child.pause * 2, LONGEST_PAUSE)",
        new="child.pause = min(child.pause, LONGEST_PAUSE)",
        tests=("tests/site_config/test_supervisor.py::test_it_waits_twice_as_long_before_each_new_start",),
    ),
    Break(
        name="the_log_quotes_what_people_wrote",
        file="site_config/tracebacks.py",
        old='return f"{kind_of(error)}: {words_of(error)}" if quotes(error) else kind_of(error)',
        new='return f"{kind_of(error)}: {error}"',
        tests=(
            "tests/site_config/test_logs.py::test_a_traceback_says_where_and_of_what_kind_but_quotes_nothing",
        ),
    ),
    Break(
        name="the_log_names_a_calendars_address",
        file="site_config/logs.py",
        old="""return _SECRETS.sub(lambda found: f"{found[1] or '?'}-", text)""",
        new="return text",
        tests=("tests/site_config/test_logs.py::test_no_link_that_lets_somebody_in_is_logged",),
    ),
    Break(
        name="any_browser_says_where_it_is",
        file="notifications/web/client_address.py",
        old="return str(get_adapter(request).get_client_ip(request))",
        new=(
            'return request.headers.get("X-Forwarded-For") or '
            "str(get_adapter(request).get_client_ip(request))"
        ),
        tests=(
            "tests/notifications/web/test_client_address.py::test_only_what_our_own_proxies_wrote_is_believed_of_an_address",
        ),
    ),
    Break(
        name="the_site_opens_before_it_is_encrypted",
        file="site_config/start.py",
        old="done = rotation.rotate()",
        new="done = rotation.Rotated()",
        tests=("tests/site_config/test_start.py",),
    ),
    Break(
        name="a_short_key_signs_sessions",
        file="site_config/environment.py",
        old="elif not DEBUG and len(SECRET_KEY) < SHORTEST_SECRET_KEY:",
        new="elif not DEBUG and not SECRET_KEY:",
        tests=("tests/site_config/test_production.py::test_what_is_wrong_with_well_formed_ones_is_named",),
    ),
    Break(
        name="anything_is_a_sender",
        file="site_config/environment.py",
        old="if rest.strip() or not address or any(map(_is_wrong, mailbox.all_defects)):",
        new="if not address:",
        tests=("tests/site_config/test_production.py::test_each_malformed_variable_is_named",),
    ),
    Break(
        name="without_tls_everybody_reaches_it",
        file="site_config/environment.py",
        old='"127.0.0.1" if DEBUG or not BASE_URL.startswith("https://") else "0.0.0.0"',
        new='"127.0.0.1" if DEBUG else "0.0.0.0"',
        tests=(
            "tests/site_config/test_production.py::test_without_tls_only_this_machine_reaches_it_unless_told",
        ),
    ),
    Break(
        name="others_on_the_machine_read_the_data",
        file="site_config/private_files.py",
        old="    os.umask(_OTHERS)\n",
        new="",
        tests=("tests/site_config/test_private_files.py::test_nobody_else_reads_what_it_writes",),
    ),
    Break(
        name="an_empty_form_breaks_wagtail",
        file="site_config/malformed.py",
        old="        return bad_request(request, exception)",
        new="        return None",
        tests=("tests/addresses/test_hostile.py::test_an_id_that_is_none_is_said_to_be_none",),
    ),
    Break(
        name="a_browser_keeps_what_somebody_signed_in_saw",
        file="site_config/headers.py",
        old="        add_never_cache_headers(response)\n",
        new="        pass\n",
        tests=("tests/addresses/test_headers.py::test_who_is_refused_is_told_the_same",),
    ),
    Break(
        name="wagtails_own_list_of_all_changes_is_open_again",
        file="site_config/urls.py",
        old='    path("admin/reports/site-history/", site_history),\n',
        new="",
        tests=("tests/addresses/test_matrix.py::test_each_address_is_in_the_table_once",),
    ),
    Break(
        name="an_older_server_is_told_of_limits_that_it_does_not_know",
        file="site_config/database_limits.py",
        old="if version >= KNOWN_SINCE.get(name, 0)}",
        new="if version}",
        tests=("tests/site_config/test_database_limits.py::test_a_server_is_told_the_limits_that_it_knows",),
    ),
    Break(
        name="a_consumer_has_the_limits_of_a_command",
        file="site_config/database_limits.py",
        old='its_own = {"run_huey": DATABASE_LIMITS_WORK, "migrate"',
        new='its_own = {"huey": DATABASE_LIMITS_WORK, "migrate"',
        tests=("tests/site_config/test_database_limits.py::test_each_process_says_at_its_door_what_it_is",),
    ),
    Break(
        name="a_migration_gives_up_at_once",
        file="site_config/database_limits.py",
        old="            if sqlstate(error) != LOCK_NOT_AVAILABLE:",
        new="            if sqlstate(error):",
        tests=("tests/site_config/test_database_limits.py",),
    ),
    Break(
        name="a_page_that_is_cut_off_is_called_a_mistake",
        file="site_config/unavailable.py",
        old="if error is None or not is_passing(error):",
        new="if error is None or is_passing(error):",
        tests=("tests/site_config/test_unavailable.py",),
    ),
)
