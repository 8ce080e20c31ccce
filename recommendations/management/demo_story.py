# ruff: noqa: E501 - it is prose
"""What happened in the demo's community so far. All of it is invented.

Weeks are lists of (handle, who nominated, why, {who seconded: why}); who else votes follows from the names.
"""

COMMUNITY = {
    "slug": "custserv",
    "name": "Customer Service Chat",
    "hashtag": "custserv",
    "description": "People who answer. Every Tuesday we talk about serving customers well; all week we tell each other "
    "who does it best.",
    "values": "1. **People first.** Recommend somebody because others will be glad to know them.\n"
    "2. **Say why.** A handle alone helps nobody.\n"
    "3. **Be kind.** No lists of whom not to follow, no jokes at a customer's cost.\n"
    "4. **Take turns.** Whoever was featured rests a while, so that others are seen.",
}

MEMBERS = [
    ("demo-curator", "Maren Okafor"),
    ("demo-member", "Robin Vale"),
    ("demo-ada", "Ada Kowalczyk"),
    ("demo-bao", "Bao Trinh"),
    ("demo-carmen", "Carmen Ibarra"),
    ("demo-dov", "Dov Feldman"),
    ("demo-esi", "Esi Boateng"),
    ("demo-finn", "Finn MacLeod"),
    ("demo-grete", "Grete Solheim"),
    ("demo-hamid", "Hamid Rostami"),
    ("demo-ivy", "Ivy Castellanos"),
    ("demo-jun", "Jun Morita"),
]

NOMINEE = ("demo-ines", "Inés Quiroga", "@ines@ayuda.example")  # who reads what is said of her

Week = list[tuple[str, str, str, dict[str, str]]]

WEEKS: list[Week] = [
    [
        (
            "@ines@ayuda.example",
            "ada",
            "She writes replies without scripts, and shows the drafts she threw away. I learned "
            "more from those than from any course.",
            {"carmen": "Her thread on saying sorry in one sentence is on our wall."},
        ),
        (
            "@jabari@trains.example",
            "bao",
            "Explains a platform change so that you want to hear the next one. Ask him about "
            "tone of voice when everything is late.",
            {},
        ),
        (
            "mina.skies.example",
            "carmen",
            "Turns queueing theory into kindness: why people forgive a wait that is explained, "
            "and never one that is not.",
            {"finn": "The only person who made me enjoy a graph of our hold times."},
        ),
        (
            "@dmitri@tools.example",
            "dov",
            "Mends printers and manuals. Every post ends with the one question he should have asked first.",
            {},
        ),
        (
            "@elif@signs.example",
            "esi",
            "Reminds us, gently and every week, whom we forget when we only answer by phone.",
            {"grete": "Because of her we have captions on every help video now."},
        ),
        (
            "x.com/kofi_example",
            "finn",
            "The calmest gate agent there is. Proof that humour and honesty go together when a flight is cancelled.",
            {},
        ),
        (
            "@leilani@reef.example",
            "grete",
            "Talks to fishermen who are angry for good reasons, and listens until they are not. Patience as a craft.",
            {},
        ),
    ],
    [
        (
            "@gaurav@tools.example",
            "hamid",
            "Answers the question you meant to ask. His notes on reading a bug report between the lines are gold.",
            {"ivy": "He answered mine at midnight, twice, and kindly."},
        ),
        (
            "aroha.skies.example",
            "ivy",
            "A small museum's inbox, in two languages, with more heart than most brands' whole campaigns.",
            {},
        ),
        (
            "@hana@sounds.example",
            "jun",
            "A podcast about hold music should not be this moving. Start with the episode on waiting rooms.",
            {"ada": "I changed our hold music the same day."},
        ),
        (
            "@tove@fjord.example",
            "ada",
            "Ferry timetables and the people who miss them: short stories of a help desk on a windy quay.",
            {},
        ),
        (
            "@agatha@letters.example",
            "bao",
            "Read every complaint for forty years and still likes people. Writes the letters we wish we had sent.",
            {"dov": "Her rule: answer the feeling first, the facts second."},
        ),
        (
            "x.com/lupe_example",
            "carmen",
            "Bilingual support and bilingual puns, both excellent. Shows how to switch language without losing warmth.",
            {},
        ),
    ],
    [
        (
            "@mariam@tea.example",
            "dov",
            "Plain language in Arabic, one sentence at a time. She can make a refund policy sound like an apology.",
            {},
        ),
        (
            "@noam@letters.example",
            "esi",
            "Files bugs with screenshots and biscuits. If your form breaks from right to left, he will find it first.",
            {"hamid": "Patient with developers who have never seen their page mirrored."},
        ),
        (
            "tariq.skies.example",
            "finn",
            "One ramp a week, measured. Nobody has taught me more about checking what we promise on our website.",
            {"esi": "He writes to the owners first, kindly, and they mostly answer."},
        ),
        (
            "@vikram@tools.example",
            "grete",
            "Keeps an honest status page and explains why that is cheaper than a pretty one.",
            {"jun": "We copied his template for bad days, and it held."},
        ),
        (
            "@quynh@bread.example",
            "hamid",
            "Bakery counter at dawn, accessibility audits after lunch. Notices what people do not dare to ask.",
            {},
        ),
        (
            "@chidinma@tea.example",
            "ivy",
            "Trains new agents to say no nicely. Her examples are so good that I steal them openly.",
            {},
        ),
        (
            "soledad.example",
            "jun",
            "Localisation with jokes that survive eleven languages. She shows her failures too.",
            {},
        ),
    ],
]

BOARD: Week = [
    ("@wanjiru@garden.example", "ada", "A seed bank where every packet comes with the story of who grew it. Best onboarding "
     "I have ever had.", {}),
    ("@yusuf@trains.example", "bao", "Lost property, found people. His posts about reuniting umbrellas and owners are the "
     "kindest thing in my feed.", {"carmen": "He treats a lost glove like a lost passport."}),
    ("thandiwe.skies.example", "carmen", "Directs a choir in a call centre and writes about what singing does to a bad "
     "Monday shift.", {}),
    ("@uzma@signs.example", "esi", "Labels everything in Braille and explains why, in two languages. Start with the post on "
     "spice jars.", {}),
    ("@xochitl@sounds.example", "jun", "Field recordings of markets, with notes on how sellers greet. A school of customer "
     "service, by ear.", {}),
    ("x.com/arlo_example", "grete", "Repairs bicycles over the phone by asking you to describe the noise. Listening as a "
     "diagnostic tool.", {"finn": "He fixed my brakes with three questions."}),
]  # fmt: skip
