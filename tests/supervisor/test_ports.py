import socket

from console.supervisor import ports


def test_a_listening_port_is_not_free() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        assert not ports.is_free(server.getsockname()[1])


def test_a_preferred_port_is_kept_while_it_is_free() -> None:
    port = ports.any_free()

    assert ports.any_free(port) == port


def test_a_busy_preferred_port_is_replaced() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        busy = server.getsockname()[1]

        assert ports.any_free(busy) != busy


def test_the_next_port_is_taken_when_the_wanted_one_is_busy() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        busy = server.getsockname()[1]

        assert ports.next_free(busy) > busy
