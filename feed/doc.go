// Package feed sends market data and what concerns an account over WebSocket, and takes orders there.
//
// Everything comes from what the read models of the shards fold. One goroutine, the hub, owns all that is known of markets
// and accounts; a few more, the lanes, own the connections and write to them. They pass each other lists of things to do and
// share nothing else:
//
//	read model ──▸ inlet ─┐                         ┌─▸ lane ─▸ sockets
//	read model ──▸ inlet ─┴▸ hub: markets, streams ─┴─▸ lane ─▸ sockets
//	                         ▲ subscribe                           │
//	                         └──────── a goroutine that reads ◂────┘
//
// A stream is a channel of a market as often as one group of subscribers wants it. A message of it is encoded once for each
// encoding that is asked for, and all who get it share the bytes.
//
// A subscription begins, and begins again after a gap, in one way: its connection has room, so its lane asks the hub for a
// beginning, such as an image, and everything later follows. What a slow connection has no room for is left out, whole
// messages at a time, until it has; nobody waits for it.
//
// The package does not know how callers are authenticated nor how orders are placed: see ports.go.
package feed
