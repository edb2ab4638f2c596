// Package peer connects the nodes of an exchange with each other: messages that go one way, calls that are answered,
// and bulk (snapshots, journal) over HTTP/2.
//
// What it promises
//
//   - Every connection is TLS 1.3 with certificates on both sides. Who a node is stands in its certificate, by number,
//     and not in its address. A node without a certificate by the authority, or of another number than the one dialled,
//     or of this node's own number, is refused, and the log says why. The files may be replaced at any time; new
//     connections go by them, and those to a node whose authority is none any more are ended.
//   - Messages of one link arrive in order and unchanged, or not at all. They are lost with their link; what is lost
//     is not sent again.
//   - Send never blocks and never waits for more messages to come: everything that waits goes out in one write.
//     What waits for a node is bounded; when the bound is reached messages are dropped, small ones (heartbeats, votes)
//     a little later than others.
//   - A link that broke is told at once where the other side's system says so (the process died), and within some 3 s
//     where nobody does (the machine vanished).
//   - Urgent calls wait behind no others and are never turned away; who makes them bounds them. A node whose program knows
//     no links for them gets them on the other one.
//   - A call's error says whether the call surely never left (ErrNotSent), was answered by an error (*RemoteError), or
//     may have been carried out.
//   - Close leaves no goroutine.
//
// Limits
//
//   - A message, request or answer has at most 16 MiB; whatever is longer goes over HTTP/2.
//   - The package gives no meaning to shards, methods and payloads, and knows nothing of consensus: it does not
//     decide who is a member. Every node with a certificate may connect.
//
// # Links
//
// A node has one TCP port. ALPN says what a connection is for: "hustings/1" and "hustings-urgent/1" a link, "h2" bulk. Each node dials
// three links to each other node: one for messages, one for calls, so that a large call does not delay a heartbeat, and one for urgent
// calls, so that neither do many calls delay those, nor is one turned away. Messages go only from the node that dialled, so between two
// nodes there are six links.
//
//	A  ── messages ─────────▶  B
//	A  ── calls ───────────▶   B    answers come back on it
//	A  ── urgent calls ────▶   B    answers come back on it
//	A  ◀───────── messages ──  B
//	A  ◀─────────── calls ──   B
//	A  ◀──── urgent calls ──   B
//
// # Frames, version 1
//
// Numbers are little-endian. docs/formats/peer.md has every byte.
//
//	0        4      5      6      8       12         20
//	┌────────┬──────┬──────┬──────┬───────┬──────────┬─────────┐
//	│ length │ kind │ code │ zero │ shard │ id       │ payload │   length is the payload's
//	└────────┴──────┴──────┴──────┴───────┴──────────┴─────────┘
//
//	kind       code        shard  id   payload
//	1 hello                            who, to whom, what for: the first frame, in both directions
//	2 message              shard       a message
//	3 call     method      shard  id   a request
//	4 answer                      id   an answer
//	5 error    error code         id   what went wrong, text
//	6 cancel                      id   nobody waits for the answer any more
package peer
