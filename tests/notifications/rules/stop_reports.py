"""Ways of asking for no more messages that others have reported, each with where it is written down.

Most of these reports are about programs that took only whole texts from a list, and went on sending.
"""

TWILIO = "help.twilio.com/articles/223134027: its keywords, and two texts that it says it passes over"
FCC = "47 CFR 64.1200(a)(10): words that revoke consent in a reply"
AWS = "docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html"
BRAZE = "braze.com/docs, “Fuzzy opt-out”"
SENT = "docs.sent.dm/reference/two-way-messaging, as never matched"
VOYAGE = "help.voyagesms.com/fuzzy-opt-out"
POSTSCRIPT = "help.postscript.io, “Subscriber Opt-out Actions”: what its shops' customers wrote"
IVIP = "ivipmobile.com/faqs, “What Key Words Will Automatically Unsubscribe a Contact”"
SPOKE = "Spoke, src/extensions/message-handlers/auto-optout: its default pattern"
SPOKE_1016 = "github.com/ProgressiveCoders/Spoke/issues/1016"
CIRCLES_372 = "github.com/p2pu/learning-circles/issues/372"
CIRCLES_593 = "github.com/p2pu/learning-circles/issues/593"
CHT_476 = "github.com/medic/cht-core/issues/476"
KALKUN = "github.com/kalkun-sms/Kalkun/wiki/Plugin%3A-Stop-manager"
REACHTEL = "github.com/BogdanTkachEQ/reachtel-fork, lib/smsscripts/inbound_329.php"
OPTINFIX = "optinfix.com/blog/tcpa-consent-revocation-any-reasonable-method-2026"
KOHLS = "Viggiano v. Kohl's Department Stores, D.N.J. 2017: what she wrote before she sued"
EARTH_FARE = "Epps v. Earth Fare, C.D. Cal. 2017: what she wrote before she sued"
INSIDEARM = "insidearm.com/news/00043524"

REPORTED = (
    *(
        (each, TWILIO)
        for each in ("STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL")
    ),
    *((each, TWILIO) for each in ("STOP PLEASE", "PLEASE CANCEL")),
    ("opt out", FCC),
    *((each, AWS) for each in ("OPT-OUT", "REMOVE")),
    ("leave me alone", BRAZE),
    ("Please stop messaging me", SENT),
    *(
        (each, POSTSCRIPT)
        for each in ("do not text", "don't text", "take me off", "remove me", "do not contact")
    ),
    *((each, POSTSCRIPT) for each in ("don't contact", "do not message", "stop texting", "unsubscribe me")),
    *(
        (each, POSTSCRIPT)
        for each in ("stop sending texts", "stop sending me texts", "Stop the text, please!")
    ),
    (
        "Stop sending me text message! I have asked many times and you continue to send them to me!",
        POSTSCRIPT,
    ),
    ("Stop 🛑", POSTSCRIPT),
    (
        "STOP SENDING ME THESE TEXTS... I already ordered one and I don't want to keep getting texts from you",
        POSTSCRIPT,
    ),
    *(
        (each, POSTSCRIPT)
        for each in ("Please remove. Thanks.", "Stop all texts to me!", "Remove this number")
    ),
    ("Please delete me from your text list. Thanks so much!", POSTSCRIPT),
    *((each, POSTSCRIPT) for each in ("Stop sending me text", "Stop sending these, please!", "Stop all")),
    ("Remove my phone number", POSTSCRIPT),
    ("Quit texting me you already ripped me off", POSTSCRIPT),
    ("Please remove my number from your system. Thank you!", POSTSCRIPT),
    *((each, IVIP) for each in ("Stop!", "stop this", "stop texts", "stop calling", "don't text me")),
    *((each, SPOKE) for each in ("remove my name", "take me off this list", "take me off the list")),
    *((each, SPOKE) for each in ("lose my number", "dont contact me", "delete my number")),
    *((each, SPOKE) for each in ("I opt out", "stop2quit")),
    *((each, SPOKE_1016) for each in ("Do not EVER contact me again", "Don't text back")),
    ("please stop sending text reminders", CIRCLES_372),
    ("Stop. Thank you ", CIRCLES_593),
    ("STOP 12345", CHT_476),
    ("STOP ads", KALKUN),
    *(
        (each, OPTINFIX)
        for each in ("Stop texting me", "remove me from your list", "I don't want these messages")
    ),
    ("Please remove me from your text messages, I've asked three times.", OPTINFIX),
    ("Please do not send any further messages", KOHLS),
    ("I don't want these messages anymore. This is your last warning!", KOHLS),
    ("I would appreciate it if we discontinue any further texts.", EARTH_FARE),
    ("Thank you, but I would like the text messages to stop. Can we make this happen?", EARTH_FARE),
    ("I’m simply asking for text to stop. I would appreciate that, thanks.", EARTH_FARE),
    ("It would be great if you would no longer text me. Thanks.", INSIDEARM),
)
"""Each of these stops messages."""

FOR_A_NURSE = (
    *((each, IVIP) for each in ("X", "block", "shut up", "don't call")),
    ("no", REACHTEL),
    ("goodbye", BRAZE),
    ("wrong number", POSTSCRIPT),
    ("I've changed my mind and don't want to receive these anymore", KOHLS),
    ("Count me in! We have got to STOP this terrible bill from passing!!", SPOKE_1016),
    ("Please cancel my order!", VOYAGE),
)
"""What others take for the same, or were afraid to: with us it may be about tablets, a visit or a call, so that
somebody reads it and answers.
"""
