"""Pages of a patient's doses, medicines and vaccinations."""
