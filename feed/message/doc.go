// Package message has the messages of the market-data feed, as the exchange writes them and as a client reads them: their
// shapes, their two encodings, and the books that a client builds from them. docs/formats/feed.md specifies all of it.
//
// A chain is the messages of one channel of one market. Each names the one before it, so that a reader sees what it
// has missed:
//
//	image (seq 40) ─▸ delta (prev 40, seq 43) ─▸ delta (prev 43, seq 44) ─▸ …
//
// The package does no I/O and keeps no clock.
package message
