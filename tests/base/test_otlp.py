"""Spans on the wire: byte for byte what opentelemetry-proto 1.45.2 makes of the same spans."""

from agents.base.otlp import CLIENT, ERROR, Span, Value, request

TRACE, ROOT, CHILD = bytes(range(16)), bytes(range(8)), bytes(range(8, 16))
START = 1_795_237_200_000_000_000
REFERENCE = (
    "0ad5060a1c0a1a0a0c736572766963652e6e616d65120a0a08726f6c6c63616c6c12b4060a0a0a08726f6c6c63616c6c12d3010a10000102"
    "030405060708090a0b0c0d0e0f120800010203040506072a16696e766f6b655f776f726b666c6f7720747269616765300139002091c9b8f6"
    "e91841017e617cb9f6e9184a2a0a1567656e5f61692e6f7065726174696f6e2e6e616d6512110a0f696e766f6b655f776f726b666c6f774a"
    "100a016e120b18ffffffffffffffffff014a0e0a036269671207188080808080204a120a057368617265120921000000000000d03f4a090a"
    "03796573120210014a080a026e6f120210004a0e0a0377686f12070a0541c3b1c3a17a02180112cf040a10000102030405060708090a0b0c"
    "0d0e0f120808090a0b0c0d0e0f220800010203040506072a0f63686174206770742d352d6d696e69300339002091c9b8f6e9184100ea2b05"
    f"b9f6e9184afd030ac801{'78' * 200}12af020aac02{'79' * 300}7a021802"
)


VALUES: dict[str, Value] = {
    "gen_ai.operation.name": "invoke_workflow",
    "n": -1,
    "big": 2**40,
    "share": 0.25,
    "yes": True,
    "no": False,
    "who": "Añá",
}


def test_a_request_is_what_the_reference_makes_of_the_same_spans() -> None:
    root = Span(TRACE, ROOT, "invoke_workflow triage", START, START + 3_000_000_001, attributes=VALUES)
    end = START + 1_000_000_000
    child = Span(TRACE, CHILD, "chat gpt-5-mini", START, end, ROOT, CLIENT, ERROR, {"x" * 200: "y" * 300})
    assert request([root, child], resource={"service.name": "rollcall"}, scope="rollcall").hex() == REFERENCE
