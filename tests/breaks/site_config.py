"""The site around the apps: its environment, its processes, its log, and whom it believes."""

from tests.breaks.edit import Break

BREAKS = (
    Break(
        name="any_log_format_is_taken",
        file="site_config/environment.py",
        old='if name not in {"text", "json"}:',
        new="if not name:",
        tests=("tests/site_config/test_production.py::test_a_malformed_variable_is_named",),
    ),
    Break(
        name="a_provider_without_its_keys_is_taken",
        file="site_config/environment.py",
        old=("        for key in SMS_KEYS[provider]\n        if not globals()[key]"),
        new=("        for key in SMS_KEYS[provider][:1]\n        if not globals()[key]"),
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
        old='return f"{kind_of(error)}: {error}" if quotes(error) else kind_of(error)',
        new='return f"{kind_of(error)}: {error}"',
        tests=(
            "tests/site_config/test_logs.py::test_a_traceback_says_where_and_of_what_kind_but_quotes_nothing",
        ),
    ),
    Break(
        name="the_log_names_a_calendars_address",
        file="site_config/logs.py",
        old='return _CALENDAR_KEY.sub("-", value) if isinstance(value, str) else value',
        new="return value",
        tests=("tests/events/ical/test_feed.py::TestWhoMayRead::test_the_log_does_not_name_the_address",),
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
        old="    _rotate_keys()\n",
        new="",
        tests=("tests/site_config/test_start.py",),
    ),
)
