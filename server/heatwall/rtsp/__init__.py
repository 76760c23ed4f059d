"""RTSP, SDP and RTP as bytes and values, for client and simulator: no sockets, no clocks."""
