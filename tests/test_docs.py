"""What the docs say of the project is so."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_page_about_complaints_names_tests_that_there_are():
    page = (ROOT / "docs" / "complaints.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", page)
    missing = [
        (path, test) for path, test in named if f"def {test}" not in (ROOT / path).read_text()
    ]
    assert named
    assert missing == []


def test_every_link_between_pages_leads_to_a_file():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        (page.relative_to(ROOT), link)
        for page in pages
        if page.parent.name != "contracts"
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert broken == []
