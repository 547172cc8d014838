"""Identifiers on the evidence card: linked where their register has an address, shown all the same where not."""

from __future__ import annotations

import pytest

from digest.model import Evidence, Identifiers
from digest.render.evidence import evidence_view
from digest.render.words import words_for

WORDS = words_for("en")


@pytest.mark.parametrize(
    ("identifiers", "name", "url"),
    [
        (Identifiers(doi="10.5555/naps(2026)"), "DOI\u00a010.5555/naps(2026)", "https://doi.org/10.5555/naps(2026)"),
        (Identifiers(pmid="33378609"), "PubMed\u00a033378609", "https://pubmed.ncbi.nlm.nih.gov/33378609/"),
        (Identifiers(pmcid="PMC7787219"), "PMC7787219", "https://pmc.ncbi.nlm.nih.gov/articles/PMC7787219/"),
        (Identifiers(trial="NCT01234567"), "NCT01234567", "https://clinicaltrials.gov/study/NCT01234567"),
        (Identifiers(trial="ISRCTN12345678"), "ISRCTN12345678", "https://www.isrctn.com/ISRCTN12345678"),
        (Identifiers(trial="DRKS00012345"), "DRKS00012345", "https://drks.de/search/en/trial/DRKS00012345"),
    ],
)
def test_an_identifier_leads_to_its_register(identifiers: Identifiers, name: str, url: str) -> None:
    view = evidence_view(Evidence(identifiers=identifiers), WORDS)

    assert view.links == ((name, url),)
    assert view.facts == ()
    assert view.shown


def test_a_trial_of_another_register_is_named_without_a_link() -> None:
    view = evidence_view(Evidence(identifiers=Identifiers(trial="ChiCTR2000029308")), WORDS)

    assert view.links == ()
    assert view.facts == ("ChiCTR2000029308",)


@pytest.mark.parametrize(
    "identifiers",
    [
        Identifiers(doi='10.5555/"><script>'),
        Identifiers(doi="javascript:alert(1)", pmid="1/../x", pmcid="PMC1?x"),
        Identifiers(trial="NCT01234567/../evil"),
    ],
)
def test_a_forged_identifier_leads_nowhere_else(identifiers: Identifiers) -> None:
    links = evidence_view(Evidence(identifiers=identifiers), WORDS).links

    assert [url for _, url in links if not url.startswith("https://doi.org/10.5555/%22%3E%3Cscript%3E")] == []
