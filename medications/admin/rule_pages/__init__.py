"""Rules of doses, stock and vaccinations as pages for staff."""
