from home.models.access_record import AccessRecord
from home.models.care_role import CareRole, Relation
from home.models.clinic import Clinic
from home.models.consent import Consent
from home.models.data_export import DataExport
from home.models.erasure import Erasure
from home.models.invitation import Invitation
from home.models.pages import HomePage, InformationPage
from home.models.patient import Left, Patient, Sex
from home.models.search_key import SearchKey
from home.models.staff_role import StaffRole
from home.models.user import User
from home.models.user_session import UserSession

__all__ = [
    "AccessRecord",
    "CareRole",
    "Clinic",
    "Consent",
    "DataExport",
    "Erasure",
    "HomePage",
    "InformationPage",
    "Invitation",
    "Left",
    "Patient",
    "Relation",
    "SearchKey",
    "Sex",
    "StaffRole",
    "User",
    "UserSession",
]
