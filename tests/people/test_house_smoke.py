from tests.cast import Cast, settle


def test_cast(cast: Cast) -> None:
    settle()
    from agents.fleet.enums import Verb
    from agents.fleet.permissions import agents_for

    assert list(agents_for(cast.owner, Verb.CONFIGURE)) == [cast.agent]
    assert list(agents_for(cast.manager, Verb.VIEW)) == []
