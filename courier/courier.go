// Package courier says what goes on between two shards needs next: the transfers of cash, and the markets that move. It
// decides, and neither reads nor writes anything itself: whoever drives it brings what the two shards say, and carries the
// commands to the shards that they are for.
//
//	source ──outbox──▶ Deliver ──ReceiveTransfer──▶ destination
//	source ◀──ReleaseTransfer── Release ◀──answer──┘
//
//	source ◀──FreezeMarket──┐                  ┌──AdoptMarket…──▶ destination
//	source ──Moving──▶     Next     ◀──Moving──┴───────────────── destination
//	source ◀──ReleaseMarket─┘   or, given up: AbandonMarket ▶ destination, then ThawMarket ▶ source
//
// Each command may be lost, late, repeated or out of order: the shards do every step once, and a courier that has
// forgotten everything begins again with what they say. It must never be told more than that: what a shard has not
// committed may be undone.
package courier

import "github.com/hustings/hustings/exchange"

// Route is one direction between two shards, and what is known of it. It is for one goroutine.
type Route struct {
	From, To exchange.ShardID
	received uint64
}

// Received takes in the number of the newest transfer that the destination has from the source. Older news is no news.
func (r *Route) Received(number uint64) { r.received = max(r.received, number) }

// Answered takes in the destination's answer to a command of Deliver.
func (r *Route) Answered(c *exchange.ReceiveTransfer, reply exchange.Reply) {
	if reply.Code == exchange.Accepted {
		r.Received(c.Number)
	}
}

// Deliver returns the next commands for the destination, oldest first and most at once. The outbox is all of the source's,
// as it is or as it was. An empty answer means that the destination has it all.
func (r *Route) Deliver(outbox []exchange.Transfer, most int) (next []*exchange.ReceiveTransfer) {
	for _, t := range outbox {
		if t.To == r.To && t.Number > r.received && len(next) < most {
			next = append(next, &exchange.ReceiveTransfer{From: r.From, Number: t.Number, Account: t.Account, Amount: t.Amount})
		}
	}
	return next
}

// Release returns the next commands for the source, oldest first and most at once: what the destination has.
func (r *Route) Release(outbox []exchange.Transfer, most int) (next []*exchange.ReleaseTransfer) {
	for _, t := range outbox {
		if t.To == r.To && t.Number <= r.received && len(next) < most {
			next = append(next, &exchange.ReleaseTransfer{To: r.To, Number: t.Number})
		}
	}
	return next
}
