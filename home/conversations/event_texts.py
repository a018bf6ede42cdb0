"""The built-in texts of the messages that belong to conversations. A live template in Wagtail takes their place."""

from collections.abc import Mapping

from notifications.types import Texts

REPLY: Mapping[str, Texts] = {
    "en": Texts(
        title="{{ clinic }} answered you",
        body="{{ message }}\n\n{{ clinic }}",
        email_subject="{{ clinic }} answered you",
        email_body="Good day\n\n{{ message }}\n\n{{ clinic }}",
        short_text="From your clinic: {{ message }}",
        email_subject_discreet="Your clinic answered you",
        short_text_discreet="From your clinic: {{ message }}",
    ),
    "af": Texts(
        title="{{ clinic }} het u geantwoord",
        body="{{ message }}\n\n{{ clinic }}",
        email_subject="{{ clinic }} het u geantwoord",
        email_body="Goeiedag\n\n{{ message }}\n\n{{ clinic }}",
        short_text="Van u kliniek: {{ message }}",
        email_subject_discreet="U kliniek het u geantwoord",
        short_text_discreet="Van u kliniek: {{ message }}",
    ),
}
"""A nurse's words leave the house as they are: she is told beside the field that others may see them."""

_READ = {
    "en": "A nurse at your clinic has read your message. In an emergency do not wait: call 10177 or 112.",
    "af": (
        "'n Verpleegkundige by u kliniek het u boodskap gelees. Moenie in 'n noodgeval wag nie: bel 10177 of 112."
    ),
}
READ: Mapping[str, Texts] = {
    "en": Texts(
        title="{{ clinic }} has read your message",
        body=(
            "A nurse at {{ clinic }} has read your message. You hear from the clinic if there is something to do. In "
            "an emergency do not wait: call 10177 or 112, or go to the nearest clinic or hospital."
        ),
        email_subject="{{ clinic }} has read your message",
        email_body=(
            "Good day\n\nA nurse at {{ clinic }} has read your message. You hear from the clinic if there is something "
            "to do. In an emergency do not wait: call 10177 or 112, or go to the nearest clinic or hospital."
        ),
        short_text="A nurse at {{ clinic }} has read your message. In an emergency do not wait: call 10177 or 112.",
        email_subject_discreet="Your message was read",
        short_text_discreet=_READ["en"],
    ),
    "af": Texts(
        title="{{ clinic }} het u boodskap gelees",
        body=(
            "’n Verpleegkundige by {{ clinic }} het u boodskap gelees. U hoor van die kliniek as daar iets is om te "
            "doen. Moenie in ’n noodgeval wag nie: bel 10177 of 112, of gaan na die naaste kliniek of hospitaal."
        ),
        email_subject="{{ clinic }} het u boodskap gelees",
        email_body=(
            "Goeiedag\n\n’n Verpleegkundige by {{ clinic }} het u boodskap gelees. U hoor van die kliniek as daar iets "
            "is om te doen. Moenie in ’n noodgeval wag nie: bel 10177 of 112, of gaan na die naaste kliniek of "
            "hospitaal."
        ),
        short_text=(
            "'n Verpleegkundige by {{ clinic }} het u boodskap gelees. Moenie in 'n noodgeval wag nie: bel 10177 of "
            "112."
        ),
        email_subject_discreet="U boodskap is gelees",
        short_text_discreet=_READ["af"],
    ),
}

_URGENT = {
    "en": "Somebody wrote of an emergency. Please read it now, under Conversations in MedGuard.",
    "af": "Iemand het van 'n noodgeval geskryf. Lees dit asseblief nou, onder Gesprekke in MedGuard.",
}
URGENT: Mapping[str, Texts] = {
    "en": Texts(
        title="{{ clinic }}: somebody wrote of an emergency",
        body=(
            "What they wrote stands on top under Conversations, at {{ clinic }}. Please read it now. They were told to "
            "call 10177 or 112, or to go to the nearest clinic or hospital."
        ),
        email_subject="{{ clinic }}: somebody wrote of an emergency",
        email_body=(
            "Good day\n\nWhat they wrote stands on top under Conversations, at {{ clinic }}. Please read it now. They "
            "were told to call 10177 or 112, or to go to the nearest clinic or hospital."
        ),
        short_text=_URGENT["en"],
        email_subject_discreet="Somebody wrote of an emergency",
        short_text_discreet=_URGENT["en"],
    ),
    "af": Texts(
        title="{{ clinic }}: iemand het van ’n noodgeval geskryf",
        body=(
            "Wat hulle geskryf het, staan bo-aan onder Gesprekke, by {{ clinic }}. Lees dit asseblief nou. Hulle is "
            "gesê om 10177 of 112 te bel, of om na die naaste kliniek of hospitaal te gaan."
        ),
        email_subject="{{ clinic }}: iemand het van 'n noodgeval geskryf",
        email_body=(
            "Goeiedag\n\nWat hulle geskryf het, staan bo-aan onder Gesprekke, by {{ clinic }}. Lees dit asseblief nou. "
            "Hulle is gesê om 10177 of 112 te bel, of om na die naaste kliniek of hospitaal te gaan."
        ),
        short_text=_URGENT["af"],
        email_subject_discreet="Iemand het van 'n noodgeval geskryf",
        short_text_discreet=_URGENT["af"],
    ),
}
