from home.models.access_record import AccessRecord
from home.models.care_role import CareRole, Relation
from home.models.clinic import Clinic
from home.models.clinic_count import ClinicCount
from home.models.clinic_language import ClinicLanguage
from home.models.clock_change import ClockChange
from home.models.consent import Consent
from home.models.conversation import Conversation, ConversationAnswer, DangerWords
from home.models.data_export import DataExport
from home.models.erasure import Erasure
from home.models.follow_up import FollowUp
from home.models.imports import Import, ImportRow
from home.models.invitation import Invitation
from home.models.pages import HomePage, InformationPage
from home.models.patient import Left, Patient, Sex, in_care, is_here
from home.models.patient_note import PatientNote
from home.models.region import Region, RegionRole
from home.models.search_key import SearchKey
from home.models.staff_invitation import StaffInvitation
from home.models.staff_role import StaffRole
from home.models.transfer import Transfer
from home.models.user import User
from home.models.user_session import UserSession
from home.models.worklist_entry import WorklistEntry, WorklistRefresh

__all__ = [
    "AccessRecord",
    "CareRole",
    "Clinic",
    "ClinicCount",
    "ClinicLanguage",
    "ClockChange",
    "Consent",
    "Conversation",
    "ConversationAnswer",
    "DangerWords",
    "DataExport",
    "Erasure",
    "FollowUp",
    "HomePage",
    "Import",
    "ImportRow",
    "InformationPage",
    "Invitation",
    "Left",
    "Patient",
    "PatientNote",
    "Region",
    "RegionRole",
    "Relation",
    "SearchKey",
    "Sex",
    "StaffInvitation",
    "StaffRole",
    "Transfer",
    "User",
    "UserSession",
    "WorklistEntry",
    "WorklistRefresh",
    "in_care",
    "is_here",
]
