"""What vendors' agents say in a night fits their trade and language, whatever seed asks."""

import datetime as dt

from agents.rehearsal.vendors.night import ODDS, SAID, night
from console.demo.fleet import AGENTS


def test_every_line_of_every_trade_can_be_said() -> None:
    for trade, languages in SAID.items():
        for language, outcomes in languages.items():
            assert set(outcomes) <= set(ODDS), f"{trade}.{language}"
            said = [
                part.format(name="Ana", company="Hydrant")
                for lines in outcomes.values()
                for line in lines
                for part in line
            ]
            assert all(said), f"{trade}.{language}"


def test_a_night_speaks_of_its_trade_and_of_anything_without_one() -> None:
    day = dt.date(2026, 9, 15)
    told = {each.said for each in night("contracts.en.reader-calm", day)}
    assert told
    assert not told & {each.said for each in night("reader-calm", day)}


def test_every_agent_of_the_demo_that_is_asked_there_has_lines_of_its_own() -> None:
    ways = ("artisan", "monaco", "momentum", "qualified", "claude", "agentforce")
    trades = {(each.work, each.language) for each in AGENTS if each.vendor in ways and not each.locked_out}
    assert {(trade, language) for trade, language in trades if language not in SAID.get(trade, {})} == set()
