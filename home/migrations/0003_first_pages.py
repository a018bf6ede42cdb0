"""The home page and two information pages, so that a fresh site has something to say in both languages."""

import json
from uuid import uuid4

from django.db import migrations


def _paragraphs(language, *blocks):
    """Stream data: ("paragraph", {"en": ..., "af": ...}) and so on, in one language."""
    return json.dumps(
        [{"type": kind, "value": _say(value, language), "id": str(uuid4())} for kind, value in blocks]
    )


def _say(value, language):
    if isinstance(value, dict) and "en" in value:
        return value[language]
    return {key: _say(part, language) for key, part in value.items()}


HOME = {
    "title": "Home",
    "slug": "home",
    "heading": {
        "en": "Your clinic reminds you",
        "af": "U kliniek herinner u",
    },
    "introduction": {
        "en": "MedGuard tells you when to take your medicine, when it runs out and when a vaccination is due. "
        "You read it here, and by e-mail if you like, in English or Afrikaans.",
        "af": "MedGuard sê vir u wanneer u u medisyne moet neem, wanneer dit opraak en wanneer ’n inenting "
        "gegee moet word. U lees dit hier, en per e-pos as u wil, in Afrikaans of Engels.",
    },
    "body": [
        (
            "notice",
            {
                "heading": {"en": "Not for emergencies", "af": "Nie vir noodgevalle nie"},
                "text": {
                    "en": "Nobody monitors this website around the clock. In an emergency call 112 from a cellphone, "
                    "or 10177 for an ambulance.",
                    "af": "Niemand hou hierdie webwerf dag en nag dop nie. Skakel in ’n noodgeval 112 vanaf "
                    "’n selfoon, of 10177 vir ’n ambulans.",
                },
            },
        ),
    ],
}

REMINDERS = {
    "title": "How reminders work",
    "slug": "how-reminders-work",
    "heading": {"en": "How reminders work", "af": "Hoe herinneringe werk"},
    "introduction": {
        "en": "What MedGuard tells you, when, and what you can do with it.",
        "af": "Wat MedGuard vir u sê, wanneer, en wat u daarmee kan doen.",
    },
    "body": [
        ("heading", {"en": "When it is time for a dose", "af": "Wanneer dit tyd is vir ’n dosis"}),
        (
            "paragraph",
            {
                "en": "<p>At the time of a dose you get a reminder. It lists everything that is due at that time. If "
                "you don’t answer, we remind you twice more. Press <b>Taken</b>, <b>Skip</b> or <b>Later</b>. If you "
                "pressed the wrong one, you can undo it.</p><p>Times are your local time. If you travel, change your "
                "time zone under Settings, and your reminders move with you.</p>",
                "af": "<p>Wanneer dit tyd is vir ’n dosis, kry u ’n herinnering. Alles wat dan geneem moet word, "
                "staan daarin. As u nie antwoord nie, herinner ons u nog twee keer. Druk <b>Geneem</b>, <b>Slaan "
                "oor</b> of <b>Later</b>. As u die verkeerde een gedruk het, kan u dit ongedaan maak.</p><p>Die tye "
                "is volgens u plaaslike tyd. As u reis, kies dan u nuwe tydsone onder Instellings; die herinneringe "
                "pas daarby aan.</p>",
            },
        ),
        ("heading", {"en": "Before your medicine runs out", "af": "Voordat u medisyne opraak"}),
        (
            "paragraph",
            {
                "en": "<p>Your clinic records how much medicine you have at home. You can also add what you collect. "
                "A few days before it runs out, or before it expires, we warn you so that you can fetch more in "
                "time.</p>",
                "af": "<p>U kliniek teken aan hoeveel medisyne u by die huis het. U kan self ook byvoeg wat u afhaal. "
                "’n Paar dae voordat dit opraak, of voordat dit verval, waarsku ons u sodat u betyds nog kan gaan "
                "haal.</p>",
            },
        ),
        ("heading", {"en": "For someone you care for", "af": "Vir iemand vir wie u sorg"}),
        (
            "paragraph",
            {
                "en": "<p>You can get the reminders of your child, or of a father or mother you look after. If you ask "
                "for it, we also tell you when a dose was missed. Ask at the clinic.</p>",
                "af": "<p>U kan die herinneringe kry van u kind, of van ’n pa of ma na wie u omsien. As u "
                "daarvoor vra, laat ons u ook weet wanneer ’n dosis gemis is. Vra by die kliniek.</p>",
            },
        ),
        (
            "notice",
            {
                "heading": {"en": "Ask the nurse", "af": "Vra die suster of verpleegkundige"},
                "text": {
                    "en": "A reminder never changes what was prescribed. If you are unsure about a dose, or it makes "
                    "you feel unwell, ask your clinic before you change anything.",
                    "af": "’n Herinnering verander nooit wat voorgeskryf is nie. As u onseker is oor ’n dosis, of as dit "
                    "u sleg laat voel, vra u kliniek voordat u iets verander.",
                },
            },
        ),
    ],
}

PRIVACY = {
    "title": "Your privacy",
    "slug": "your-privacy",
    "heading": {"en": "Your privacy", "af": "U privaatheid"},
    "introduction": {
        "en": "What your clinic keeps about you, who may see it, and what you can ask for.",
        "af": "Watter inligting u kliniek oor u bewaar, wie dit mag sien, en waarvoor u kan vra.",
    },
    "body": [
        ("heading", {"en": "What is kept, and why", "af": "Wat bewaar word, en hoekom"}),
        (
            "paragraph",
            {
                "en": "<p>Your name, how to reach you, your medicines, your doses and your vaccinations. They are kept "
                "to remind you and the people who care for you, and for nothing else. The law calls them special "
                "personal information (Protection of Personal Information Act, POPIA).</p>",
                "af": "<p>U naam, hoe om u te bereik, u medisyne, u dosisse en u inentings. Dit word net gebruik om u en "
                "die mense wat vir u sorg te herinner. Die wet noem dit spesiale persoonlike "
                "inligting (die Wet op die Beskerming van Persoonlike Inligting, POPIA).</p>",
            },
        ),
        ("heading", {"en": "Who may see it", "af": "Wie dit mag sien"}),
        (
            "paragraph",
            {
                "en": "<ul><li>you, and the people your clinic has recorded as your guardian or carer</li><li>the "
                "staff of your own clinic, and head office</li></ul><p>No other clinic sees it, and nobody sells it.</p>",
                "af": "<ul><li>u, en diegene wat u kliniek as u voog of versorger aangeteken het</li><li>die personeel "
                "van u eie kliniek, en die hoofkantoor</li></ul><p>Geen ander kliniek sien dit nie, en niemand "
                "verkoop dit nie.</p>",
            },
        ),
        ("heading", {"en": "On a phone that you share", "af": "Op ’n foon wat u deel"}),
        (
            "paragraph",
            {
                "en": "<p>E-mails, SMSes and notifications do not name a medicine or an illness, unless you choose "
                "“detailed” under Settings.</p>",
                "af": "<p>E-posse, SMS’e en kennisgewings noem nie ’n medisyne of ’n siekte nie, tensy u onder "
                "Instellings “volledig” kies.</p>",
            },
        ),
        ("heading", {"en": "What you can ask for", "af": "Waarvoor u kan vra"}),
        (
            "paragraph",
            {
                "en": "<p>You may see what is kept about you, have mistakes put right, have e-mails stopped, and "
                "have your details erased. Ask at your clinic. If you are not satisfied, you can complain to the "
                "Information Regulator of South Africa.</p>",
                "af": "<p>U mag sien wat oor u bewaar word, foute laat regmaak, e-posse laat stopsit en u "
                "besonderhede laat uitvee. Vra by u kliniek. As u nie tevrede is nie, kan u by die "
                "Inligtingsreguleerder van Suid-Afrika kla.</p>",
            },
        ),
    ],
}


def _create(model, content_type, locale, parent_path, text):
    Page = model._meta.get_field("page_ptr").related_model
    taken = set(
        Page.objects.filter(path__startswith=parent_path, depth=len(parent_path) // 4 + 1).values_list(
            "path", flat=True
        )
    )
    path = next(path for n in range(1, 10_000) if (path := f"{parent_path}{n:04d}") not in taken)
    parent = Page.objects.get(path=parent_path)
    page = model.objects.create(
        title=text["title"],
        draft_title=text["title"],
        slug=text["slug"],
        content_type=content_type,
        locale=locale,
        path=path,
        depth=len(path) // 4,
        numchild=0,
        url_path=f"{parent.url_path}{text['slug']}/",
        live=True,
        show_in_menus=True,
        heading=text["heading"]["en"],
        introduction=text["introduction"]["en"],
        **{f"heading_{language}": text["heading"][language] for language in ("en", "af")},
        **{f"introduction_{language}": text["introduction"][language] for language in ("en", "af")},
        **{f"body_{language}": _paragraphs(language, *text["body"]) for language in ("en", "af")},
    )
    Page.objects.filter(pk=parent.pk).update(numchild=parent.numchild + 1)
    return page


def make_pages(apps, schema_editor):
    """Once: a site that has a home page already keeps what it has."""
    HomePage = apps.get_model("home", "HomePage")
    InformationPage = apps.get_model("home", "InformationPage")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    ContentType = apps.get_model("contenttypes", "ContentType")
    if HomePage.objects.exists():
        return
    locale, _ = apps.get_model("wagtailcore", "Locale").objects.get_or_create(language_code="en")
    kind = {
        model: ContentType.objects.get_or_create(app_label="home", model=model._meta.model_name)[0]
        for model in (HomePage, InformationPage)
    }
    root = Page.objects.get(depth=1)
    home = _create(HomePage, kind[HomePage], locale, root.path, HOME)
    for text in (REMINDERS, PRIVACY):
        _create(InformationPage, kind[InformationPage], locale, home.path, text)

    if not Site.objects.filter(is_default_site=True).update(root_page_id=home.pk, site_name="MedGuard"):
        Site.objects.create(
            hostname="localhost", root_page_id=home.pk, is_default_site=True, site_name="MedGuard"
        )
    # Wagtail's own welcome page, which it makes on every fresh database, and nothing that people made.
    welcome = Page.objects.filter(depth=2, slug="home", numchild=0, content_type__model="page")
    Page.objects.filter(pk=root.pk).update(numchild=root.numchild + 1 - welcome.count())
    welcome.delete()


def remove_pages(apps, schema_editor):
    Page = apps.get_model("wagtailcore", "Page")
    for home in apps.get_model("home", "HomePage").objects.all():
        Page.objects.filter(path__startswith=home.path).delete()
        Page.objects.filter(path=home.path[:-4]).update(numchild=Page.objects.filter(depth=2).count())


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0002_pages"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_pages, remove_pages)]
