"""The medicines of the demo."""

from home.models import Clinic
from medications.models import Medicine

Form = Medicine.Form

_MEDICINES = {
    "metformin": ("Metformin", "Metformien", "500 mg", Form.TABLET),
    "amlodipine": ("Amlodipine", "Amlodipien", "5 mg", Form.TABLET),
    "simvastatin": ("Simvastatin", "Simvastatien", "10 mg", Form.TABLET),
    "warfarin": ("Warfarin", "Warfarien", "5 mg", Form.TABLET),
    "furosemide": ("Furosemide", "Furosemied", "40 mg", Form.TABLET),
    "prednisone": ("Prednisone", "Prednisoon", "5 mg", Form.TABLET),
    "tld": (
        "Tenofovir, lamivudine and dolutegravir",
        "Tenofovir, lamivudien en dolutegravir",
        "300/300/50 mg",
        Form.TABLET,
    ),
    "paracetamol": ("Paracetamol", "Parasetamol", "500 mg", Form.TABLET),
    "methotrexate": ("Methotrexate", "Metotreksaat", "2.5 mg", Form.TABLET),
    "folic acid": ("Folic acid", "Foliensuur", "5 mg", Form.TABLET),
    "contraceptive": (
        "Levonorgestrel and ethinylestradiol",
        "Levonorgestrel en etinielestradiol",
        "0.15/0.03 mg",
        Form.TABLET,
    ),
    "amoxicillin": ("Amoxicillin", "Amoksisillien", "500 mg", Form.CAPSULE),
    "insulin": ("Isophane insulin", "Isofaaninsulien", "100 IU/ml", Form.INJECTION),
    "vitamin d": ("Vitamin D", "Vitamien D", "50 000 IU", Form.CAPSULE),
}


def make_medicines() -> dict[str, Medicine]:
    """Make the medicines; returned by the keys that the prescriptions use."""
    rows = {
        key: Medicine(name_en=english, name_af=afrikaans, strength=strength, form=form)
        for key, (english, afrikaans, strength, form) in _MEDICINES.items()
    }
    Medicine.objects.bulk_create(rows.values())
    return rows


def add_own_medicine(clinic: Clinic) -> None:
    """A medicine that this clinic makes itself: no other can prescribe it."""
    Medicine.objects.create(
        clinic=clinic, name_en="Zinc cream", name_af="Sinksalf", strength="15%", form=Form.ML
    )
