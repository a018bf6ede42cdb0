"""The first pages of a site that has them already, in the better words of a fresh one.

A text is replaced where it is still exactly as 0003 made it. What head office wrote stays.
"""

import json
import re

from django.db import migrations

BODIES = ("body_en", "body_af")
BLOCK_KEY = re.compile(r' data-block-key="[^"]*"')
"""Wagtail's editor gives one to each paragraph of a page that is saved, also where nothing was changed."""

MENDED = {
    "MedGuard sê vir u wanneer om u medisyne te neem, wanneer dit opraak en wanneer ’n inenting nodig is. U lees "
    "dit hier, en per e-pos as u wil, in Afrikaans of Engels.": (
        "MedGuard sê vir u wanneer u u medisyne moet neem, wanneer dit opraak en wanneer ’n inenting gegee moet "
        "word. U lees dit hier, en per e-pos as u wil, in Afrikaans of Engels."
    ),
    "Nobody watches this site day and night. In an emergency call 112 from a cellphone, or 10177 for an ambulance.": (
        "Nobody monitors this website around the clock. In an emergency call 112 from a cellphone, or 10177 for an "
        "ambulance."
    ),
    "Niemand hou hierdie werf dag en nag dop nie. Skakel in ’n noodgeval 112 vanaf ’n selfoon, of 10177 vir ’n "
    "ambulans.": (
        "Niemand hou hierdie webwerf dag en nag dop nie. Skakel in ’n noodgeval 112 vanaf ’n selfoon, of 10177 vir "
        "’n ambulans."
    ),
    "<p>At the time of a dose you get one reminder. It lists everything that is due at that time. Press "
    "<b>Taken</b>, <b>Skipped</b> or <b>Later</b>. If you pressed the wrong one, you can undo it.</p><p>The time is "
    "the time on your own wall. If you travel, change your time zone under Settings and the reminders come "
    "along.</p>": (
        "<p>At the time of a dose you get a reminder. It lists everything that is due at that time. If you don’t "
        "answer, we remind you twice more. Press <b>Taken</b>, <b>Skip</b> or <b>Later</b>. If you pressed the "
        "wrong one, you can undo it.</p><p>Times are your local time. If you travel, change your time zone under "
        "Settings, and your reminders move with you.</p>"
    ),
    "<p>Wanneer dit tyd is vir ’n dosis, kry u een herinnering. Alles wat dan geneem moet word, staan daarin. Druk "
    "<b>Geneem</b>, <b>Oorgeslaan</b> of <b>Later</b>. As u die verkeerde een gedruk het, kan u dit ongedaan "
    "maak.</p><p>Die tyd is die tyd op u eie muur. As u reis, verander u tydsone by Instellings en die herinneringe "
    "kom saam.</p>": (
        "<p>Wanneer dit tyd is vir ’n dosis, kry u ’n herinnering. Alles wat dan geneem moet word, staan daarin. As "
        "u nie antwoord nie, herinner ons u nog twee keer. Druk <b>Geneem</b>, <b>Slaan oor</b> of <b>Later</b>. As "
        "u die verkeerde een gedruk het, kan u dit ongedaan maak.</p><p>Die tye is volgens u plaaslike tyd. As u "
        "reis, kies dan u nuwe tydsone onder Instellings; die herinneringe pas daarby aan.</p>"
    ),
    "<p>Your clinic writes down how much medicine you have at home. A few days before it runs out, or before it "
    "expires, you are told so that you can fetch more in time.</p>": (
        "<p>Your clinic records how much medicine you have at home. You can also add what you collect. A few days "
        "before it runs out, or before it expires, we warn you so that you can fetch more in time.</p>"
    ),
    "<p>U kliniek skryf neer hoeveel medisyne u by die huis het. ’n Paar dae voordat dit opraak, of voordat dit "
    "verval, word u gewaarsku sodat u betyds meer kan gaan haal.</p>": (
        "<p>U kliniek teken aan hoeveel medisyne u by die huis het. U kan self ook byvoeg wat u afhaal. ’n Paar dae "
        "voordat dit opraak, of voordat dit verval, waarsku ons u sodat u betyds nog kan gaan haal.</p>"
    ),
    "<p>You can get the reminders of your child, or of a father or mother you look after. If you ask for it, you "
    "are also told when a dose was missed. Ask at the clinic.</p>": (
        "<p>You can get the reminders of your child, or of a father or mother you look after. If you ask for it, we "
        "also tell you when a dose was missed. Ask at the clinic.</p>"
    ),
    "<p>U kan die herinneringe kry van u kind, of van ’n pa of ma na wie u omsien. As u dit vra, word u ook vertel "
    "wanneer ’n dosis gemis is. Vra by die kliniek.</p>": (
        "<p>U kan die herinneringe kry van u kind, of van ’n pa of ma na wie u omsien. As u daarvoor vra, laat ons "
        "u ook weet wanneer ’n dosis gemis is. Vra by die kliniek.</p>"
    ),
    "Vra die verpleegkundige": "Vra die suster of verpleegkundige",
    "A reminder never changes what was prescribed. If you are unsure about a dose, or it does not agree with you, "
    "ask your clinic before you change anything.": (
        "A reminder never changes what was prescribed. If you are unsure about a dose, or it makes you feel unwell, "
        "ask your clinic before you change anything."
    ),
    "’n Herinnering verander nooit wat voorgeskryf is nie. As u onseker is oor ’n dosis, of as dit nie met u "
    "akkordeer nie, vra u kliniek voordat u iets verander.": (
        "’n Herinnering verander nooit wat voorgeskryf is nie. As u onseker is oor ’n dosis, of as dit u sleg laat "
        "voel, vra u kliniek voordat u iets verander."
    ),
    "Wat u kliniek oor u hou, wie dit mag sien, en wat u kan vra.": (
        "Watter inligting u kliniek oor u bewaar, wie dit mag sien, en waarvoor u kan vra."
    ),
    "Wat gehou word, en waarom": "Wat bewaar word, en hoekom",
    "<p>U naam, hoe om u te bereik, u medisyne, u dosisse en u inentings. Dit word gehou om u en die mense wat vir "
    "u sorg te herinner, en vir niks anders nie. Die wet noem dit spesiale persoonlike inligting (die Wet op die "
    "Beskerming van Persoonlike Inligting, POPIA).</p>": (
        "<p>U naam, hoe om u te bereik, u medisyne, u dosisse en u inentings. Dit word net gebruik om u en die "
        "mense wat vir u sorg te herinner. Die wet noem dit spesiale persoonlike inligting (die Wet op die "
        "Beskerming van Persoonlike Inligting, POPIA).</p>"
    ),
    "<ul><li>you, and those your clinic has written down as your guardian or carer</li><li>the staff of your own "
    "clinic, and head office</li></ul><p>No other clinic sees it, and nobody sells it.</p>": (
        "<ul><li>you, and the people your clinic has recorded as your guardian or carer</li><li>the staff of your "
        "own clinic, and head office</li></ul><p>No other clinic sees it, and nobody sells it.</p>"
    ),
    "<ul><li>u, en diegene wat u kliniek as u voog of versorger neergeskryf het</li><li>die personeel van u eie "
    "kliniek, en die hoofkantoor</li></ul><p>Geen ander kliniek sien dit nie, en niemand verkoop dit nie.</p>": (
        "<ul><li>u, en diegene wat u kliniek as u voog of versorger aangeteken het</li><li>die personeel van u eie "
        "kliniek, en die hoofkantoor</li></ul><p>Geen ander kliniek sien dit nie, en niemand verkoop dit nie.</p>"
    ),
    "<p>Messages that leave this site do not name a medicine or an illness, unless you choose “detailed” under "
    "Settings.</p>": (
        "<p>E-mails, SMSes and notifications do not name a medicine or an illness, unless you choose “detailed” "
        "under Settings.</p>"
    ),
    "<p>Boodskappe wat hierdie werf verlaat, noem nie ’n medisyne of ’n siekte nie, tensy u by Instellings "
    "“volledig” kies.</p>": (
        "<p>E-posse, SMS’e en kennisgewings noem nie ’n medisyne of ’n siekte nie, tensy u onder Instellings "
        "“volledig” kies.</p>"
    ),
    "Wat u kan vra": "Waarvoor u kan vra",
    "<p>You may see what is kept about you, have mistakes put right, stop messages by e-mail, and have your details "
    "erased. Ask at your clinic. If you are not satisfied, you can complain to the Information Regulator of South "
    "Africa.</p>": (
        "<p>You may see what is kept about you, have mistakes put right, have e-mails stopped, and have your "
        "details erased. Ask at your clinic. If you are not satisfied, you can complain to the Information "
        "Regulator of South Africa.</p>"
    ),
    "<p>U mag sien wat oor u gehou word, foute laat regmaak, boodskappe per e-pos stop en u besonderhede laat "
    "uitvee. Vra by u kliniek. As u nie tevrede is nie, kan u by die Inligtingsreguleerder van Suid-Afrika kla.</p>": (
        "<p>U mag sien wat oor u bewaar word, foute laat regmaak, e-posse laat stopsit en u besonderhede laat "
        "uitvee. Vra by u kliniek. As u nie tevrede is nie, kan u by die Inligtingsreguleerder van Suid-Afrika "
        "kla.</p>"
    ),
}


def _mended(value):
    """The value of a block, with what is in it."""
    if isinstance(value, str):
        return MENDED.get(BLOCK_KEY.sub("", value), value)
    if isinstance(value, list):
        return [_mended(each) for each in value]
    if isinstance(value, dict):
        return {key: _mended(each) for key, each in value.items()}
    return value


def mend(apps, schema_editor):
    for name in ("HomePage", "InformationPage"):
        for page in apps.get_model("home", name).objects.select_related("latest_revision"):
            _mend_page(page)
            if page.latest_revision:
                _mend_revision(page.latest_revision)


def _mend_page(page):
    changed = []
    if (introduction := _mended(page.introduction_af)) != page.introduction_af:
        page.introduction_af = introduction
        changed.append("introduction_af")
    for body in BODIES:
        blocks = list(getattr(page, body).get_prep_value())
        if (mended := _mended(blocks)) != blocks:
            setattr(page, body, json.dumps(mended))
            changed.append(body)
    if changed:
        page.save(update_fields=changed)


def _mend_revision(revision):
    """The draft that the editor opens: without this, publishing it would bring the old words back."""
    mended = _mended(revision.content)
    for body in BODIES:
        mended[body] = json.dumps(_mended(json.loads(mended.get(body) or "[]")))
    if mended != revision.content:
        revision.content = mended
        revision.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [("home", "0005_known_addresses_are_verified")]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
