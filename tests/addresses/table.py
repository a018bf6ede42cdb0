"""Who gets in where: each address of the site is named here once, and one that isn't fails the matrix.

A new address is a word in the line of those who may. A first word with a colon at its end stands before the others of
its line. What has no name is written as its route.
"""

from collections.abc import Iterator

PATIENT, CARER, STRANGER = "patient", "carer", "stranger"
NURSE, OTHER_NURSE, MANAGER, HEAD_OFFICE = "nurse", "other_nurse", "manager", "head_office"
ROLES = ("anonymous", PATIENT, CARER, STRANGER, NURSE, OTHER_NURSE, MANAGER, HEAD_OFFICE)
"""The patient, their carer, and somebody who is a patient elsewhere; the staff of the clinic, a nurse of another
one, and whoever may do everything. Rows are the first clinic's.
"""
ELSEWHERE = {"anonymous", STRANGER, OTHER_NURSE}
"""Who never reads a word of the first clinic's rows."""

BY_LINK = """
    calendar_feed
    invitation: accept
    staff_invitation: accept
    voice: clip
    notifications: unsubscribe
"""
"""Lets whoever has the link in: it is what they show instead of signing in."""

WHO: tuple[tuple[set[str], str], ...] = (
    (
        set(ROLES),
        BY_LINK
        + """
        health: live ready
        api: index schema docs sign_in
        push: answer renew
        webapp: manifest service_worker
        home: offline
        wagtail_serve wagtaildocs_serve
        media/images/<path:path> notifications:stream admin/jsi18n/
        admin/password_reset/ admin/password_reset/<path:rest> wagtailadmin_sprite
        account_login en/accounts/password/set/ account_signup account_inactive
        account_reset_password account_reset_password_done account_reset_password_from_key
        account_reset_password_from_key_done en/accounts/login/code/ account_confirm_login_code
        """,
    ),
    # Without the secret of a provider or program; and what only leads to the sign-in, or isn't offered.
    (
        set(),
        """
        metrics mail/events/
        inbound: status inbound
        whatsapp: webhook
        voice: call
        admin/login/ wagtailadmin_logout admin/^.*/$
        en/_util/login/ en/_util/authenticate_with_password/<path:rest> documents/authenticate_with_password/<path:rest>
        en/accounts/confirm-email/ en/accounts/confirm-email/<path:key>/
        en/accounts/email/ en/accounts/phone/change/ en/accounts/phone/verify/
        """,
    ),
    # Where there is no second factor, no upload and no task of one's own making, and a kind of thing isn't used.
    (
        set(),
        """
        mfa_deactivate_totp mfa_view_recovery_codes mfa_download_recovery_codes
        periodic_tasks: add delete
        pages: find action
        images: find
        documents: find
        wagtail_bulk_action wagtailadmin_block_preview wagtailadmin_tag_model_autocomplete wagtailsnippets:index
        wagtailadmin_pages: convert_alias
        wagtailadmin_workflows: add_task
        wagtailimages: url_generator url_generator_output create_multiple_from_uploaded_image delete_upload_multiple
        wagtaildocs: create_multiple_from_uploaded_document delete_upload_multiple
        """,
    ),
    (
        set(ROLES) - {"anonymous"},
        """
        api: sign_out sign_out_everywhere messages schedule mark_all_read preferences
        account_logout account_reauthenticate en/accounts/reauthenticate/code/
        account_confirm_reauthentication_code account_change_password
        mfa_index mfa_authenticate mfa_reauthenticate mfa_activate_totp mfa_generate_recovery_codes
        contact_verification: address code
        home:sessions
        privacy: consents who_saw
        my_data: page ask
        notifications: inbox badge read_all preferences device_add device_remove device_test
        medications: today medicines adherence vaccinations
        events: events calendar calendar_make calendar_renew calendar_remove visits
        """,
    ),
    # A link too, but not for somebody else who is signed in.
    ({"anonymous", PATIENT}, "notifications:answer"),
    # Staff are led on to the admin.
    ({PATIENT, CARER, STRANGER}, "home:start"),
    (
        {PATIENT},
        """
        api: message mark_read acknowledge dismiss
        my_data: download erasure withdraw
        notifications: message read acknowledge dismiss restore
        """,
    ),
    # As scheduled messages, which staff look after too.
    ({PATIENT, MANAGER, HEAD_OFFICE}, "api: schedule_status retry cancel_scheduled"),
    (
        {PATIENT, CARER},
        """
        medications: dose dose_take dose_skip dose_snooze dose_undo dose_answer medicine collected record history
        medications: treatment_csv treatment_fhir vaccination_card
        events: event event_join event_leave event_file visit_move visit_cancel visit_coming
        """,
    ),
    (
        {NURSE, OTHER_NURSE, MANAGER, HEAD_OFFICE},
        """
        wagtailadmin_home admin/account/ staff_help staff_rule staff_language
        wagtailadmin_dismissibles wagtailadmin_tag_autocomplete
        admin/test404/ wagtailadmin_error_test
        pages: listing
        images: listing detail
        documents: listing detail
        wagtailadmin_editing_sessions: release
        wagtailadmin_pages: choose_parent confirm_workflow_cancellation revisions_index move_confirm
        wagtailadmin_choose_page wagtailadmin_choose_page_child wagtailadmin_choose_page_search
        wagtailadmin_choose_page_chosen_multiple wagtailadmin_choose_page_external_link
        wagtailadmin_choose_page_email_link wagtailadmin_choose_page_phone_link wagtailadmin_choose_page_anchor_link
        wagtailadmin_workflows: task_chooser task_chooser_results task_chooser_create task_chosen
        wagtailembeds: chooser chooser_upload
        wagtailimages_chooser: choose choose_results chosen_multiple
        wagtaildocs_chooser: choose choose_results chosen_multiple
        wagtailsnippets_notifications_notificationtemplate: list see
        prescriptions: index index_results add
        vaccinations: index index_results add advice
        medicines: index index_results
        clinic_stock: index index_results add warn
        vaccines: index index_results
        overdue_vaccinations: index index_results
        clinic_events: index index_results add
        visits: index index_results add print
        event_series: index index_results add preview
        series_dates: index index_results
        series_fullness: index index_results
        patients: index index_results add
        worklist: index print
        conversations: index index_results
        invitations: index index_results add
        consents: index index_results
        transfers: index index_results
        clinics: index index_results
        patient_chooser: choose choose_results chosen_multiple create
        notification_messages: index index_results
        notification_scheduled: index index_results
        notification_deliveries: index index_results retry_all
        notification_inbound_sms: index index_results
        notification_addresses: index index_results
        short_text_length
        """,
    ),
    (
        {NURSE, MANAGER, HEAD_OFFICE},
        """
        patient_adherence patient_treatment hand_out
        prescriptions: edit stop start history history_results usage stock hand_out count waste correct doses
        vaccinations: edit delete history history_results usage card
        clinic_stock: edit history history_results usage stock count waste correct
        clinic_events: edit history history_results usage cancel attendance export put_on_list mark withdraw
        event_series: edit delete history history_results usage end
        patients: record changes transfer died moved lost back edit history history_results usage number card
        transfers: decide
        worklist: result undo
        conversations: thread size close hand_over whose
        visits: edit history history_results usage came missed undo move cancel collection
        invitations: send revoke
        consents: patient record withdraw
        patient_wishes
        patient_chooser: chosen
        notification_messages: detail
        notification_deliveries: retry
        """,
    ),
    (
        {MANAGER, HEAD_OFFICE},
        """
        patients: delete
        staff: index index_results add edit delete history history_results usage
        staff_invitations: index index_results add send withdraw
        clinics: edit history history_results usage
        announcements: index index_results add detail edit progress report test send approve send_back
        announcements: withdraw stop copy delete
        message_series: index index_results add detail edit ask test approve send_back withdraw end leave
        erasures: index index_results add decide
        access_log: index index_results export
        medicines: add
        wagtailsnippets_notifications_notificationtemplate: add preview_on_add
        notification_scheduled: cancel
        notification_costs: index index_results
        programmes: index index_results add edit change end
        clinic_languages
        manager manager_csv manager_fhir home:figures
        imports: index index_results add show left act
        home_api: imports import
        """,
    ),
    (
        {HEAD_OFFICE},
        """
        admin/reports/site-history/ admin/reports/site-history/results/ first_steps danger_words
        wagtailadmin_explore wagtailadmin_explore_results wagtailadmin_explore_root
        clinic_stock: delete
        clinics: add delete
        districts: index index_results add edit delete history history_results usage
        district_managers: index index_results add edit delete history history_results usage
        medicines: edit delete history history_results usage
        notification_planned: index index_results
        notification_publications: index index_results retry
        periodic_tasks: edit history history_results index index_results run runs runs_results usage
        prescriptions: delete
        routing_plans: edit index
        message_prices: add delete edit history history_results index index_results usage
        vaccines: add delete edit history history_results usage
        whatsapp_templates: index index_results add edit delete history history_results usage suggest
        wagtailadmin_collections: add delete edit index set_privacy
        wagtailadmin_pages: add add_subpage collect_workflow_action_data copy delete edit history
        wagtailadmin_pages: history_results lock move preview_on_add preview_on_edit revisions_compare
        wagtailadmin_pages: revisions_revert revisions_unschedule revisions_view search search_results
        wagtailadmin_pages: set_page_position set_privacy type_use type_use_results unlock unpublish usage
        wagtailadmin_pages: view_draft workflow_action workflow_history workflow_history_detail
        wagtailadmin_pages: workflow_preview
        wagtailadmin_reports: aging_pages aging_pages_results locked_pages locked_pages_results
        wagtailadmin_reports: page_types_usage page_types_usage_results workflow workflow_results
        wagtailadmin_reports: workflow_tasks workflow_tasks_results
        wagtailadmin_workflows: add disable disable_task edit edit_task enable enable_task index
        wagtailadmin_workflows: index_results remove select_task_type task_index task_index_results usage
        wagtailadmin_workflows: usage_results
        wagtaildocs: add add_multiple delete delete_multiple document_usage edit edit_multiple index
        wagtaildocs: index_results
        wagtaildocs_chooser: chosen create
        wagtailimages: add add_multiple delete delete_multiple edit edit_multiple image_usage index
        wagtailimages: index_results preview
        wagtailimages_chooser: chosen create select_format
        wagtailsites: add copy delete edit history history_results index index_results usage
        wagtailsnippets_notifications_notificationtemplate: edit delete usage history history_results
        wagtailsnippets_notifications_notificationtemplate: preview_on_edit revisions_view revisions_revert
        wagtailsnippets_notifications_notificationtemplate: revisions_compare revisions_unschedule unpublish
        wagtailsnippets_notifications_notificationtemplate: lock unlock
        wagtailusers_groups: add delete edit history history_results index index_results usage
        wagtailusers_users: password_link
        wagtailusers_users: add delete edit history history_results index index_results usage
        wagtailadmin_editing_sessions: ping
        voice_clips: index index_results add edit delete history history_results usage
        pages: detail
        """,
    ),
)


def classified() -> Iterator[tuple[str, frozenset[str]]]:
    """Every name with who gets in, as often as it stands here."""
    for who, text in WHO:
        for name in names(text):
            yield name, frozenset(who)


def names(text: str) -> Iterator[str]:
    for line in filter(str.strip, text.splitlines()):
        first, *others = line.split()
        if first.endswith(":"):
            yield from (first + other for other in others)
        else:
            yield from (first, *others)
