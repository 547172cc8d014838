"""Journal queries: what is asked of PubMed, Crossref and Europe PMC, and what is read out of answers of their shape."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from digest.gather.candidate import Candidate, SourceError
from digest.gather.journals import query
from digest.gather.recordreading import read_crossref, read_europepmc, read_pubmed

TODAY = date(2026, 11, 20)

# ── asking ───────────────────────────────────────────────────────────────────────────────────────


def asked(text: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(query(text, TODAY).url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", {k: v[0] for k, v in parse_qs(parts.query).items()}


def test_a_short_pubmed_query_asks_for_the_last_two_weeks() -> None:
    assert asked("pubmed: ketamine AND (chronic pain[tiab])") == (
        "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi",
        {
            "term": "ketamine AND (chronic pain[tiab])", "db": "pubmed", "retmode": "json", "retmax": "100",
            "datetype": "edat", "reldate": "14", "tool": "health-digest",
        },
    )  # fmt: skip


def test_pubmeds_records_are_asked_for_where_the_search_was() -> None:
    found = query("http://127.0.0.1:8080/entrez/eutils/esearch.fcgi?term=x&reldate=7&api_key=k", TODAY)
    assert found.further is not None

    (address,) = found.further(b'{"esearchresult": {"idlist": ["1", "2", "../x", 3]}}')

    parts = urlsplit(address)
    assert address.startswith("http://127.0.0.1:8080/entrez/eutils/efetch.fcgi?")
    assert parse_qs(parts.query) == {
        "db": ["pubmed"], "id": ["1,2"], "retmode": ["xml"], "tool": ["health-digest"], "api_key": ["k"],
    }  # fmt: skip
    assert found.further(b'{"esearchresult": {"idlist": []}}') == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"esearchresult": {"ERROR": "x"}}', b"[" * 100_000])
def test_an_answer_that_is_no_search_result_is_told(body: bytes) -> None:
    found = query("pubmed: x", TODAY)
    assert found.further is not None

    with pytest.raises(ValueError, match="not"):
        found.further(body)


def test_crossref_and_europe_pmc_are_asked_for_the_last_two_weeks() -> None:
    assert asked("crossref: chronic pain") == (
        "https://api.crossref.org/works",
        {
            "query.bibliographic": "chronic pain", "rows": "100", "sort": "created", "order": "desc",
            "filter": "from-created-date:2026-11-06",
        },
    )  # fmt: skip
    assert asked("europepmc: TITLE:ketamine") == (
        "https://www.ebi.ac.uk/europepmc/webservices/rest/search",
        {
            "query": "(TITLE:ketamine) AND FIRST_PDATE:[2026-11-06 TO 2026-11-20]", "pageSize": "100",
            "sort": "P_PDATE_D desc", "format": "json", "resultType": "core",
        },
    )  # fmt: skip


def test_what_an_address_says_itself_stays() -> None:
    assert asked("https://api.crossref.org/works?filter=type:posted-content&rows=5")[1]["rows"] == "5"
    address, values = asked("http://127.0.0.1:1/europepmc/webservices/rest/search?query=FIRST_PDATE:2026&pageSize=9")
    assert address == "http://127.0.0.1:1/europepmc/webservices/rest/search"
    assert (values["query"], values["pageSize"]) == ("FIRST_PDATE:2026", "9")


@pytest.mark.parametrize(
    "text",
    [
        "", "ketamine", "https://example.org/feed", "pubmed:", "https://e.org/eutils/?db=x",
        "https://api.crossref.org/works", "https://e.org/europepmc/webservices/rest/search",
    ],
)  # fmt: skip
def test_what_is_no_query_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"query|needs"):
        query(text, TODAY)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────

PUBMED = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="1">40000001</PMID>
  <Article PubModel="Print-Electronic"><Journal><JournalIssue><PubDate><Year>2027</Year><Month>Jan</Month></PubDate>
    </JournalIssue><Title>The journal of pain</Title></Journal>
    <ArticleTitle>Ketamine for <i>chronic</i> pain: a randomised trial.</ArticleTitle>
    <ELocationID EIdType="doi" ValidYN="Y">10.1000/J.Pain.2026.1</ELocationID>
    <Abstract><AbstractText Label="BACKGROUND">Pain lasts &lt; 3 months.</AbstractText>
      <AbstractText Label="CONCLUSIONS">No <b>lasting</b> relief.</AbstractText></Abstract>
    <GrantList><Grant><Agency>Pain Fund</Agency></Grant><Grant><Agency>Pain Fund</Agency></Grant></GrantList>
    <PublicationTypeList><PublicationType>Journal Article</PublicationType>
      <PublicationType>Randomized Controlled Trial</PublicationType></PublicationTypeList>
    <ArticleDate DateType="Electronic"><Year>2026</Year><Month>11</Month><Day>18</Day></ArticleDate></Article>
  <CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><PMID>9</PMID></CommentsCorrections>
  </CommentsCorrectionsList><CoiStatement>None declared.</CoiStatement></MedlineCitation>
  <PubmedData><ArticleIdList><ArticleId IdType="pubmed">40000001</ArticleId>
  <ArticleId IdType="pmc">PMC1234567</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>40000002</PMID><Article><Journal><Title>J</Title></Journal>
  <ArticleTitle>[A title that was translated].</ArticleTitle></Article></MedlineCitation>
  <PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>2026</Year><Month>11</Month><Day>19</Day></PubMedPubDate>
  </History></PubmedData></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>3</PMID></MedlineCitation></PubmedArticle>
<PubmedBookArticle/></PubmedArticleSet>"""


def test_pubmed_records() -> None:
    first, second = read_pubmed([b"{}", PUBMED.encode()]).items

    assert first == Candidate(
        title="Ketamine for chronic pain: a randomised trial",
        summary="BACKGROUND: Pain lasts < 3 months. CONCLUSIONS: No lasting relief.",
        text="BACKGROUND: Pain lasts < 3 months.\nCONCLUSIONS: No lasting relief.",
        url="https://doi.org/10.1000/j.pain.2026.1",
        guid="pmid:40000001",
        doi="10.1000/j.pain.2026.1",
        published=datetime(2026, 11, 18, tzinfo=UTC),
        outlet="The journal of pain",
        details={
            "pmid": "40000001", "pmcid": "PMC1234567", "types": ["Journal Article", "Randomized Controlled Trial"],
            "retracted": True, "funding": ["Pain Fund"], "conflicts": "None declared.",
        },
    )  # fmt: skip
    assert (second.title, second.url) == ("A title that was translated", "https://pubmed.ncbi.nlm.nih.gov/40000002/")
    assert second.published == datetime(2026, 11, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html/>",
        b"<PubmedArticleSet>",
        b"nonsense",
        b'<!DOCTYPE x [<!ENTITY a "b">]><PubmedArticleSet>&a;</PubmedArticleSet>',
    ],
)
def test_what_is_not_pubmeds_is_told(body: bytes) -> None:
    with pytest.raises(SourceError):
        read_pubmed([b"{}", body])


def test_a_search_that_found_nothing_is_no_fault() -> None:
    assert read_pubmed([b"{}"]).items == ()


def test_crossref_records() -> None:
    works = [
        {
            "DOI": "10.1000/ABC", "title": ["Sleep &amp; light"], "type": "journal-article",
            "container-title": ["Journal of Sleep"], "published-online": {"date-parts": [[2026, 11, 17]]},
            "abstract": "<jats:title>Aims</jats:title><jats:p>To see.</jats:p>", "funder": [{"name": "Sleep Fund"}],
        },
        {
            "DOI": "10.1101/2026.11.01", "title": ["A preprint"], "type": "posted-content", "subtype": "preprint",
            "institution": [{"name": "medRxiv"}], "created": {"date-time": "2026-11-16T10:00:00Z"},
            "published": {"date-parts": [[2026, 11]]}, "updated-by": [{"type": "retraction"}],
        },
        {"DOI": "10.1/none", "title": []},
        {"title": {"odd": 1}, "published": {"date-parts": [["x", None, 3]]}},
        "odd",
    ]  # fmt: skip

    first, second = read_crossref([json.dumps({"message": {"items": works}}).encode()]).items

    assert (first.title, first.text, first.url) == ("Sleep & light", "Aims\nTo see.", "https://doi.org/10.1000/abc")
    assert (first.outlet, first.published) == ("Journal of Sleep", datetime(2026, 11, 17, tzinfo=UTC))
    assert first.details == {"funding": ["Sleep Fund"]}
    assert (second.outlet, second.published) == ("medRxiv", datetime(2026, 11, 16, 10, tzinfo=UTC))
    assert second.details == {"types": ["Preprint"], "retracted": True}


def test_europe_pmc_records() -> None:
    results = [
        {
            "id": "40000001", "source": "MED", "pmid": "40000001", "pmcid": "PMC1", "doi": "10.1000/X",
            "title": "Walking and <i>sleep</i>.", "abstractText": "<h4>Aim</h4>To see.<h4>Conclusion</h4>It helps.",
            "journalInfo": {"journal": {"title": "Walking"}}, "firstPublicationDate": "2026-11-18",
            "pubTypeList": {"pubType": ["Review"]}, "grantsList": {"grant": [{"agency": "Walk Fund"}]},
        },
        {
            "id": "PPR1", "source": "PPR", "title": "Not reviewed", "bookOrReportDetails": {"publisher": "medRxiv"},
            "pubTypeList": {"pubType": ["Preprint"]},
        },
        {"journalInfo": [], "pubTypeList": []},
    ]  # fmt: skip

    first, second = read_europepmc([json.dumps({"resultList": {"result": results}}).encode()]).items

    assert (first.title, first.text) == ("Walking and sleep", "Aim\nTo see.\nConclusion\nIt helps.")
    assert (first.outlet, first.published) == ("Walking", datetime(2026, 11, 18, tzinfo=UTC))
    assert first.details == {"pmid": "40000001", "pmcid": "PMC1", "types": ["Review"], "funding": ["Walk Fund"]}
    assert (second.outlet, second.guid, second.details) == ("medRxiv", "PPR:PPR1", {"types": ["Preprint"]})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"message": 1, "resultList": []}', b"{" * 100_000])
def test_other_json_is_told(body: bytes) -> None:
    for read in (read_crossref, read_europepmc):
        with pytest.raises(SourceError):
            read([body])
