from __future__ import annotations

import pytest

from heatwall.simulator.rtsp_transport import TcpTransport, UdpTransport, choose_transport


@pytest.mark.parametrize(
    ("header", "transport"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1", TcpTransport(0, 1)),
        ("RTP/AVP/TCP;unicast;interleaved=4-5;mode=play", TcpTransport(4, 5)),
        ("RTP/AVP/TCP;unicast", TcpTransport(0, 1)),
        ('RTP/AVP;unicast;client_port=5000-5001;mode="PLAY"', UdpTransport(5000, 5001)),
        ("RTP/AVP/UDP;unicast;client_port=5000", UdpTransport(5000, 5001)),
        (
            "RTP/AVP;multicast;client_port=1-2, RTP/AVP/TCP;unicast;interleaved=2-3",
            TcpTransport(2, 3),
        ),
        ("RTP/AVP;multicast", None),
        ("RTP/AVP;unicast", None),
        ("RTP/SAVP;unicast;client_port=1-2", None),
        ("RTP/AVP/TCP;interleaved=300-301", None),
        ("RTP/AVP;unicast;client_port=70000-70001", None),
        ("RTP/AVP;unicast;client_port=1-2;mode=record", None),
        ("", None),
    ],
)
def test_the_first_offer_that_can_be_served_is_chosen(
    header: str, transport: TcpTransport | UdpTransport | None
) -> None:
    assert choose_transport(header) == transport


def test_the_answer_repeats_what_was_agreed() -> None:
    assert TcpTransport(2, 3).header(0xAB) == "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=000000AB"
    answer = UdpTransport(5000, 5001).header(1, (6000, 6001))
    assert answer == "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;ssrc=00000001"
