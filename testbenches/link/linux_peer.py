"""Lets Linux speak with a station through a TAP device: `python -m … specified|simulated NUMBER`.

To be run in a network namespace of its own, as `unshare --map-root-user --net` makes one: it names addresses
that belong to nobody else. Prints what was checked, a line each, and ends with 0; or with 75 and the reason
where the machine does not let it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

from spikelock.models.link.ethernet import Drop, Station

from .ethernet_frames import checksum, icmp_echo
from .stations import Echo, Simulated, Specified

NOT_POSSIBLE = 75
DEVICE = "tap-spikelock"
TUNSETIFF, TAP_WITHOUT_HEADER = 0x400454CA, 0x1002
OWN = Station(address=0x0A09_0002)
ADDRESS, HOST = "10.9.0.2", "10.9.0.1/24"


def opened() -> int:
    """A TAP device, up, with an address. Raises OSError where that is not allowed."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH14x", DEVICE.encode(), TAP_WITHOUT_HEADER))
    Path(f"/proc/sys/net/ipv6/conf/{DEVICE}/disable_ipv6").write_text("1")
    for command in (["addr", "add", HOST, "dev"], ["link", "set", "up", "dev"]):
        done = subprocess.run(["ip", *command, DEVICE], capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(done.stderr.strip())
    return device


@contextlib.contextmanager
def answering(device: int, station: Echo) -> Iterator[None]:
    """The station answers what the device gets. A TAP leaves out padding and frame check sequence."""

    def run() -> None:
        while True:
            frame = os.read(device, 2048).ljust(60, b"\0")
            for answer in station.answer(frame + zlib.crc32(frame).to_bytes(4, "little")):
                assert zlib.crc32(answer) == 0x2144DF1C, "a frame with a wrong check was sent"
                os.write(device, answer[:-4])

    threading.Thread(target=run, daemon=True).start()
    yield


def ping(count: int) -> None:
    """Echo requests of several lengths."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
        raw.settimeout(100)
        for number in range(count):
            body = struct.pack("!HH", os.getpid() & 0xFFFF, number) + os.urandom(20 + 37 * number)
            raw.sendto(icmp_echo(body), (ADDRESS, 0))
            message = raw.recv(2048)[20:]
            assert message[:2] == b"\0\0", "no echo reply"
            assert message[4:] == body, "another echo"
            assert checksum(message) in (0, 0xFFFF), "a wrong checksum"
    print(f"{count} echo replies")


def datagrams(count: int) -> None:
    """Frames of the link, of all lengths, to the port and back; others are not answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(100)
        udp.connect((ADDRESS, OWN.port))
        for number in range(count):
            frame = bytes(1 + i % 255 for i in range(1 + number * 254 // count)) + b"\0"
            udp.send(frame)
            assert udp.recv(2048) == frame, "another datagram"
        udp.send(b"\1\2\0\3\4\5\0")
        assert [udp.recv(2048), udp.recv(2048)] == [b"\1\2\0", b"\3\4\5\0"], "two frames in one datagram"
        udp.send(bytes([7]) * 3000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"\1\0", (ADDRESS, OWN.port + 1))
        udp.send(b"\x09\0")
        assert udp.recv(2048) == b"\x09\0", "an answer to what is for another port, or a fragment"
    print(f"{count + 3} datagrams")


def main() -> int:
    """Runs all that is checked."""
    try:
        device = opened()
    except OSError as error:
        print(f"no TAP device: {error}")
        return NOT_POSSIBLE
    station: Echo = Simulated(OWN) if sys.argv[1] == "simulated" else Specified(OWN)
    with answering(device, station):
        ping(3)
        datagrams(int(sys.argv[2]))
        neighbours = Path("/proc/net/arp").read_text()
        assert OWN.mac.to_bytes(6, "big").hex(":") in neighbours, neighbours
        print("a neighbour by ARP")
    assert station.dropped[Drop.FRAGMENT] == 3, station.dropped
    assert station.dropped[Drop.PORT] == 1, station.dropped
    assert station.dropped.keys() <= {Drop.FRAGMENT, Drop.PORT, Drop.STATION, Drop.PROTOCOL}, station.dropped
    print("fragments and another port were counted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
