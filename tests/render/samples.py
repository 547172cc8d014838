"""Sample values for tests: a letterhead, the ketamine story in our own words, invented stories of fictional outlets."""

from __future__ import annotations

from datetime import UTC, date, datetime

from digest.model import (
    Article,
    BiasCounts,
    BiasPercent,
    Coverage,
    Edition,
    Evidence,
    Identifiers,
    KeyPoint,
    Quantity,
    Slot,
    Story,
)
from digest.render.seal import Letterhead

LETTERHEAD = Letterhead(
    id="weekly",
    name="The Weekly Health Digest",
    from_address="digest@news.example.org",
    from_name="The Weekly Health Digest",
    reply_to="editors@news.example.org",
    postal_address="Health Digest, 1 Sample Street, Exampletown EX1 2MP",
    language="en-GB",
    direction="ltr",
    base_url="https://news.example.org",
    timezone="Europe/London",
    disclaimer=None,
    sender_id="digest01",
    list_id="weekly.news.example.org",
)

KETAMINE = Story(
    id="ketamine-for-chronic-pain",
    topic="Pain",
    headline="No good evidence for ketamine against chronic pain, review of 67 trials finds",
    summary=(
        "A Cochrane review of 67 trials with over 2,300 adults finds no clear benefit of ketamine and related "
        "medicines for chronic pain, and more side effects."
    ),
    key_points=(
        KeyPoint(
            "Off-label ketamine showed no clear benefit in any of the painful conditions studied, at any dose.", 3
        ),
        KeyPoint("Sixty-seven trials with over 2,300 adults were weighed; most were small and short.", 1),
        KeyPoint("The most common unwanted effects were “delusions, delirium and paranoia”, nausea and vomiting."),
        KeyPoint(
            "Whether ketamine eases low mood or spares people opioids remains unknown: hardly any trial asked.", 1
        ),
        KeyPoint("The authors call for larger trials before the medicine is used more widely."),
    ),
    articles=(
        Article(
            title="Does ketamine help against lasting pain? A large review casts doubt",
            excerpt=(
                "Researchers who went through 67 trials of ketamine and its relatives found little that would convince "
                "them of a benefit, and serious side effects such as delusions and nausea. Nobody measured well "
                "whether it lifts low mood or saves opioids, which leaves much open for people with nerve pain."
            ),
        ),
        Article(title="Ketamine for chronic pain: not enough evidence, says a new review"),
        Article(
            title="Review: use of ketamine in chronic pain is not backed by evidence",
            excerpt=(
                "Ketamine is an anaesthetic given for short procedures. It is also often prescribed off-label for "
                "nerve pain, fibromyalgia and complex regional pain syndrome. The new Cochrane review found no clear "
                "evidence that it helps in any of these."
            ),
        ),
    ),
    articles_total=11,
    coverage=Coverage(reported=BiasPercent(center=100)),
    evidence=Evidence(
        study_type="systematic review",
        preprint=False,
        participants=Quantity(2300, "over"),
        trials=67,
        publisher="Cochrane",
    ),
    day=date(2026, 11, 18),
)

SLEEP = Story(
    id="afternoon-naps",
    topic="Sleep",
    headline="Short afternoon naps do not spoil the night, trial in shift workers suggests",
    summary="Nurses who napped for 20 minutes after lunch slept as long at night as those who did not.",
    key_points=(
        KeyPoint("412 nurses were put by chance into a napping and a non-napping group for eight weeks.", 1),
        KeyPoint("Night sleep differed by four minutes on average, which may be chance.", 2),
    ),
    articles=(
        Article(
            title="Napping nurses sleep just as well",
            outlet="The Harbour Courier",
            url="https://harbour-courier.example/health/naps?ref=digest&id=12",
            excerpt="A twenty-minute nap after lunch left the night untouched.",
        ),
        Article(
            title="Daytime naps and night sleep in shift workers: a randomised trial",
            outlet="Journal of Invented Sleep Research",
            url="https://jisr.example/articles/10.5555/naps.2026",
        ),
        Article(title="Should you nap at work?", outlet="Northern Herald", url="https://northern-herald.example/nap"),
    ),
    articles_total=13,
    coverage=Coverage(
        counts=BiasCounts(left=4, center=4, right=3, unrated=2),
        factuality_counts=(("high", 6), ("mixed", 5)),
        raters=("Sample Raters",),
        factuality_raters=("Sample Raters",),
    ),
    evidence=Evidence(
        study_type="randomised trial",
        preprint=False,
        peer_reviewed=True,
        participants=Quantity(412),
        identifiers=Identifiers(doi="10.5555/naps.2026"),
        comparison="a 20-minute nap or none",
        funding="the Harbour Sleep Fund",
        conflicts="Two of the authors report consulting fees from Nordkit. The others declare none.",
    ),
)

FOLLOW_UP = Story(
    id="screens-again",
    topic="Sleep",
    headline="Makers of night lamps answer the screen study",
    summary="They say that their lamps were not among those tested.",
    key_points=(KeyPoint("Seven of nine lamps on the market had not been tested.", 1),),
    articles=(
        Article(
            title="Lamp makers answer back",
            outlet="Northern Herald",
            url="https://northern-herald.example/lamps",
            text_by="Gull Agency",
        ),
        Article(
            title="Makers of lamps react",
            outlet="Valley Post",
            url="https://valley-post.example/lamps",
            copy_of="Gull Agency",
        ),
    ),
    articles_total=2,
    coverage=Coverage(
        counts=BiasCounts(center=1),
        factuality_counts=(("mostly factual", 1),),
        raters=("Sample Raters",),
        factuality_raters=("Sample Raters",),
    ),
    update_of="screens",
    update_from="weekly-2026-11-16",
    machine_written=True,
)

PREPRINT = Story(
    id="long-covid-fatigue",
    topic="Infections",
    headline="Pacing may ease tiredness after covid, early results hint",
    summary="People who planned rest before effort reported fewer bad days over six months.",
    articles=(
        Article(
            title="Pacing and post-covid fatigue: a cohort", outlet="OpenArchive", url="https://openarchive.example/p1"
        ),
        Article(title="Rest first, researchers say", outlet="Valley Post"),
    ),
    articles_total=2,
    coverage=Coverage(counts=BiasCounts(left=1, unrated=1)),
    evidence=Evidence(study_type="cohort", preprint=True, peer_reviewed=False, participants=Quantity(1180, "about")),
)

RETRACTED = Story(
    id="walnuts-memory",
    topic="Nutrition",
    headline="Study on walnuts and memory is withdrawn over copied figures",
    summary="The journal took back the paper of 2024 that many kitchens still quote.",
    articles=(
        Article(
            title="Retraction notice", outlet="Annals of Imagined Nutrition", url="https://ain.example/retractions/77"
        ),
    ),
    articles_total=1,
    evidence=Evidence(retracted=True, publisher="Annals of Imagined Nutrition"),
)

PRESS = Story(
    id="home-test",
    topic="Prevention",
    headline="Maker announces a home test for kidney function",
    body=(
        "The company says the kit will cost **about 20 euros**. Nobody else has tried it yet; see the "
        "[announcement](https://kidneykit.example/news) for what is promised.\n\n"
        "- no price for repeat tests was given\n- a licence is still missing"
    ),
    articles=(Article(title="Know your kidneys at home", outlet="KidneyKit", url="https://kidneykit.example/news"),),
    articles_total=1,
    evidence=Evidence(study_type="press release"),
)

STORIES = (KETAMINE, SLEEP, PREPRINT, RETRACTED, PRESS, FOLLOW_UP)


def edition(*stories: Story, number: int = 12) -> Edition:
    """The edition of Monday 2026-11-23 with these stories, or with all samples."""
    chosen = stories or STORIES
    return Edition(
        id="weekly-2026-11-23",
        newsletter="weekly",
        slot=Slot(date(2026, 11, 23), datetime(2026, 11, 23, 7, 0, tzinfo=UTC)),
        number=number,
        subject=chosen[0].headline,
        preheader="Also: naps that spare the night, pacing after covid, and a paper that is no more.",
        intro="Good morning. Six stories this week, and one of them takes something back.",
        stories=chosen,
        reading_minutes=6,
    )
