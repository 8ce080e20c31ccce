"""The people of the demo: all invented, and so are their servers (RFC 2606 keeps `.example` for that)."""

from dataclasses import dataclass

from recommendations.consent import Signal


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be looked up in the demo. `at` is a handle without its @."""

    at: str
    name: str
    bio: str
    signal: Signal = Signal.AUTOMATIC
    members_only: bool = False
    moved_to: str = ""
    picture: bool = False
    silent_since: str = ""  # ISO 8601


MASTODON = (
    Person(
        "amara@care.example",
        "Amara Okafor",
        "Head of support who still takes calls on Mondays. Lagos, two cats, one ukulele.",
        picture=True,
    ),
    Person(
        "bjorn@care.example",
        "Björn Sjöö",
        "I write the emails you get when your parcel is late. Trying to make them kinder.",
    ),
    Person("chidinma@tea.example", "Chidinma", "Tea, tickets, tenderness. Teaching new agents how to say no nicely."),
    Person(
        "dmitri@tools.example",
        "Дмитрий Лебедев",
        "Чиню старые принтеры и документацию к ним. Maintainer of a very small parser.",
    ),
    Person(
        "elif@signs.example",
        "Elif Yıldız",  # noqa: RUF001
        "Sign language interpreter and screen reader user's best ally. Captions, always.",
        picture=True,
    ),
    Person("fumiko@garden.example", "ふみこ", "庭と点字とお客様の声。返事はゆっくりです。"),
    Person(
        "gaurav@tools.example",
        "गौरव मेहता",
        "Open source by night, help desk by day. I answer the question you meant to ask.",
    ),
    Person("hana@sounds.example", "하나", "Podcast about waiting rooms and hold music. 당신의 이야기를 들려주세요."),
    Person(
        "ines@ayuda.example",
        "Inés Quiroga",
        "Atención al cliente sin guiones. Colecciono agradecimientos escritos a mano.",
        picture=True,
    ),
    Person(
        "jabari@trains.example", "Jabari Mwangi", "Station announcer. Yes, that voice. Ask me about platform changes."
    ),
    Person(
        "kaya@letters.example", "Kaya Two Rivers", "Reading aloud to people who cannot, letters and forms above all."
    ),
    Person(
        "leilani@reef.example", "Leilani Kealoha", "Marine biologist on the phone with fishermen. Patience is a method."
    ),
    Person("mariam@tea.example", "مريم الحداد", "أكتب عن اللطف في الردود القصيرة. Arabic plain-language editor."),
    Person(
        "noam@letters.example",
        "נועם בר",
        "Right-to-left layout nerd. I file bugs with screenshots and biscuits.",
        silent_since="2026-03-14",
    ),
    Person(
        "oksana@garden.example",
        "Оксана Шевчук",
        "Насіння, сусіди, спільні інструменти. A lending shed for a whole street.",
        picture=True,
    ),
    Person("paulo@ayuda.example", "Paulo Figueira", "Ex-agent, now I design the forms. Fewer fields every year."),
    Person("quynh@bread.example", "Quỳnh Nguyễn", "Bakery counter at dawn, accessibility audits after lunch."),
    Person("rosalind@slow.example", "Rosalind Achterberg", "Slow replies, long letters, good stamps.", Signal.MANUAL),
    Person(
        "sione@care.example",
        "Sione Tauʻolunga",  # noqa: RUF001
        "Night shift, crisis line. Rest is part of the work.",
        Signal.UNKNOWN,
    ),
    Person("tove@fjord.example", "Tove Rønningen", "Ferry timetables and the people who miss them."),
    Person(
        "uzma@signs.example",
        "عظمیٰ خان",
        "Braille labels for everything in the kitchen. Urdu and English.",
        picture=True,
    ),
    Person("vikram@tools.example", "Vikram Rao", "Keeps the status page honest. If it is down, it says so."),
    Person("wanjiru@garden.example", "Wanjirũ", "Community seed bank. Every seed comes with the story of who grew it."),
    Person("xochitl@sounds.example", "Xóchitl Ramírez", "Field recordings of markets. Silence is not neutral."),
    Person(
        "yusuf@trains.example",
        "Yusuf Demir",
        "Lost property office. You would not believe the umbrellas.",
        picture=True,
    ),
    Person("zofia@slow.example", "Zofia Wiśniewska", "I ask before I am listed, and I usually say yes.", Signal.MANUAL),
    Person("quiet@slow.example", "A quiet one", "Gardening, and being left in peace. #nofollowfriday", Signal.DECLINED),
    Person("hermit@fjord.example", "Hermit", "No bots, no lists. #nobot #noindex", Signal.DECLINED),
    Person("shy@tea.example", "Shy", "Has not said whether they like to be found.", Signal.UNKNOWN),
    Person(
        "agatha@oldtown.example",
        "Agatha Brightwater",
        "Moved house! You will find me at letters.example.",
        Signal.UNKNOWN,
        moved_to="agatha@letters.example",
    ),
    Person(
        "agatha@letters.example",
        "Agatha Brightwater",
        "Complaints department, retired. I still read every word.",
        picture=True,
    ),
    Person("memory@oldtown.example", "In memory of Old Tom", "He answered every letter.", Signal.NEVER),
)

BLUESKY = (
    Person(
        "mina.skies.example",
        "Mina Park",
        "Queue theory and queue kindness. Why the other line is always faster.",
        picture=True,
    ),
    Person("aroha.skies.example", "Aroha Ngata", "Kaitiaki of a small museum's inbox. Replies in te reo and English."),
    Person("benedikt.skies.example", "Benedikt Þórsson", "Volcano hotline volunteer. It is usually just steam."),
    Person(
        "soledad.example", "Soledad Cruz", "Localisation: the joke has to work in all eleven languages.", picture=True
    ),
    Person("tariq.skies.example", "Tariq Aziz", "Wheelchair user reviewing ramps, one a week, with measurements."),
    Person("lumi.skies.example", "Lumi Korhonen", "Only for people who are signed in, please.", members_only=True),
    Person("thandiwe.skies.example", "Thandiwe Dube", "Call centre choir director. We rehearse between calls."),
    Person("nope.skies.example", "Not today", "Thanks for asking, but no. #nofollowfriday", Signal.DECLINED),
)

X = (
    Person("kofi_example", "Kofi Mensah", "Airline gate agent with a sense of humour."),
    Person("lupe_example", "Lupe Herrera", "Bilingual support, bilingual puns."),
    Person("arlo_example", "Arlo Finch", "Bicycle repair over the phone: describe the noise."),
)
