#!/usr/bin/env python3
"""Rebuild a market's books from the feed, and compare them with those of the HTTP API.

    python3 examples/feed.py 127.0.0.1:8080 MARKET [MESSAGES]

It needs nothing but Python. It checks the chain and the checksum of every message, and after so many messages (default: 1, the
image) goes on until the API has the same books, and prints them. If nothing comes for 30 s before that, it fails. The format is in
docs/formats/feed.md.
"""
import base64, json, os, socket, struct, sys, urllib.request


class WebSocket:
    """The part of RFC 6455 that a client of the feed needs."""

    def __init__(self, address, path):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        status = self.file.readline()
        if b" 101 " not in status:
            raise SystemExit(f"the feed refused the connection: {status.decode().strip()}")
        while self.file.readline() not in (b"\r\n", b""):
            pass

    def send(self, payload, opcode=1):
        mask = os.urandom(4)
        size = len(payload)
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def receive(self):
        """Return the next message as text. The feed sends each in one frame."""
        while True:
            first, size = self.file.read(2)
            if size == 126:
                (size,) = struct.unpack("!H", self.file.read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self.file.read(8))
            payload = self.file.read(size)
            opcode = first & 0x0F
            if opcode == 8:
                raise SystemExit(f"the feed closed the connection: {payload[2:].decode()}")
            if opcode == 9:
                self.send(payload, 10)
            elif opcode == 1:
                return json.loads(payload)


TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def ticks(price):
    return int(price[0] + price[2:])  # four decimals, always


class Books:
    """A market's books: for each outcome two sides, price in ticks -> quantity."""

    def __init__(self, image):
        self.names = [book["outcome"] for book in image["books"]]
        self.books = [[{ticks(l["price"]): l["quantity"] for l in book[side]} for side in ("bids", "asks")] for book in image["books"]]

    def change(self, c):
        side = self.books[c["book"]][c["side"] == "sell"]
        if c["quantity"]:
            side[ticks(c["price"])] = c["quantity"]
        else:
            side.pop(ticks(c["price"]), None)

    def levels(self, book, side):
        return sorted(self.books[book][side].items(), reverse=side == 0)

    def checksum(self):
        sums = [crc32c(b"".join(struct.pack("<BHQ", side, price, quantity) for side in (0, 1) for price, quantity in self.levels(book, side)))
                for book in range(len(self.books))]
        return sums[0] if len(sums) == 1 else crc32c(struct.pack(f"<{len(sums)}I", *sums))


class Follower:
    """Follows the chain of one market's books."""

    def __init__(self, address, market):
        self.address, self.market, self.books, self.at = address, market, None, None
        self.feed = WebSocket(address, "/ws")
        self.feed.send(json.dumps({"op": "subscribe", "channels": ["book"], "markets": [market]}).encode())

    def take(self):
        """Take the next message in that says something about the books, and check it."""
        while True:
            message = self.feed.receive()
            kind = message["type"]
            if kind == "error":
                raise SystemExit(message["problem"]["detail"])
            if kind not in ("image", "delta"):
                continue  # ack; gap, after which an image follows; heartbeat
            place = message["epoch"], int(message["seq"])
            if kind == "image":
                self.books = Books(message)
            else:
                prev = message.get("prev_epoch", message["epoch"]), int(message["prev"])
                if prev > self.at:
                    raise SystemExit(f"a gap between {self.at} and {prev}")
                if place <= self.at:
                    continue  # known already
                for change in message["changes"]:
                    self.books.change(change)
            self.at = place
            if self.books.checksum() != message["checksum"]:
                raise SystemExit(f"at {place} the checksum is {self.books.checksum()}, the message says {message['checksum']}")
            return

    def agrees(self):
        """Report whether the API has these books."""
        url = f"http://{self.address}/api/markets/{self.market}/orderbook?depth=1000&seq={self.at[1]}"
        with urllib.request.urlopen(url) as answer:
            theirs = {book["outcome"]: book for book in json.load(answer)["books"]}
        return all(self.books.levels(book, side) == [(ticks(l["price"]), l["quantity"]) for l in theirs[name][word]]
                   for book, name in enumerate(self.books.names) for side, word in enumerate(("bids", "asks")))


def main():
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    follower = Follower(*sys.argv[1:3])
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1):
        follower.take()
    while not follower.agrees():  # the API may have gone on: then more messages come
        follower.take()
    for book, name in enumerate(follower.books.names):
        for side, word in enumerate(("bids", "asks")):
            print(name, word, " ".join(f"{quantity}@{price / 10000:.4f}" for price, quantity in follower.books.levels(book, side)) or "-")
    print("equal to the order book of the API at epoch %d, seq %d" % follower.at)


main()
