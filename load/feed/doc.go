// Package feed is a crowd of subscribers to an exchange's feed, cheap enough to share a machine with it: raw sockets, one
// goroutine that waits for all of them, and messages that are read where they lie. Each subscriber's chain is followed, so
// a message that is missing or out of order is found. Over TLS a crowd is dearer: each subscriber has a goroutine.
package feed
