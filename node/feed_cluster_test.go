package node_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client/feed"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
)

// follower listens to a market, and keeps what it hears of what happened after a Seq.
type follower struct {
	t *testing.T
	*feed.Feed
	after        exchange.Seq
	book, trades []string     // the chains
	at           exchange.Seq // of the book
	images, gaps int
	lost         int // connections
}

// until listens until the book is at least at a Seq, and there were so many trades.
func (l *follower) until(ctx context.Context, seq api.ID, trades int) {
	l.t.Helper()
	for l.at < exchange.Seq(seq) || len(l.trades) < trades {
		m, err := l.Next(ctx)
		if err != nil {
			l.t.Fatalf("the book is at %d, waiting for %d, after %d trades: %v", l.at, seq, len(l.trades), err)
		}
		switch m := m.(type) {
		case *message.Image:
			l.images++
			l.at = m.Seq
		case *message.Delta:
			l.book = l.link(l.book, &m.Link, fmt.Sprint(m.Checksum, m.Changes))
			l.at = m.Seq
		case *message.Trades:
			l.trades = l.link(l.trades, &m.Link, fmt.Sprint(m.Trades))
		case *message.Gap:
			l.gaps++
		case *feed.Interrupted:
			l.lost++
		}
	}
}

// link adds a message to a chain. What the first one goes on from depends on when the node began to follow the market.
func (l *follower) link(chain []string, at *message.Link, what string) []string {
	switch {
	case at.Seq <= l.after:
		return chain
	case len(chain) == 0:
		return append(chain, fmt.Sprint(at.Point, what))
	}
	return append(chain, fmt.Sprint(at.Prev, at.Point, what))
}

// Subscribers of three nodes hear the same chains. Those whose node is stopped go on at another one from their place, whether anybody has
// watched the market there or not.
func TestFeedIsTheSameAtEveryNode(t *testing.T) {
	ctx := bound(t)
	f := newFleet(t, 3)
	watched := must[api.MarketAnswer](t)(f.nodes[2].admin.CreateMarket(ctx, "m", question)).Market
	other := must[api.MarketAnswer](t)(f.nodes[3].admin.CreateMarket(ctx, "n", question)).Market
	maker, _ := trader(t, ctx, f.nodes[3].public, "ada")
	taker, _ := trader(t, ctx, f.nodes[1].public, "bob")
	n := 0
	// trade has two orders that trade placed at each of some nodes, and one that stays.
	trade := func(market api.ID, nodes ...uint16) (last api.OrderAnswer) {
		t.Helper()
		place := func(at uint16, token, side string, price api.Price) api.OrderAnswer {
			t.Helper()
			n++
			return must[api.OrderAnswer](t)(f.nodes[at].public.As(token).Place(ctx, market, fmt.Sprint("k-", n),
				api.PlaceOrder{Outcome: api.Yes, Side: side, Price: price, Quantity: 1}))
		}
		for _, at := range nodes {
			place(at, maker, api.Buy, 4_000)
			place(at, taker, api.Sell, 4_000)
			last = place(at, maker, api.Buy, 100+api.Price(n))
		}
		return last
	}
	follow := func(market, begin api.ID, nodes ...uint16) *follower {
		t.Helper()
		var bases []string
		for _, n := range nodes {
			bases = append(bases, "http://"+f.nodes[n].Addr())
		}
		l := &follower{t: t, after: exchange.Seq(begin),
			Feed: must[*feed.Feed](t)(feed.New(bases[0], feed.Options{Others: bases[1:], Backoff: 10 * time.Millisecond}))}
		t.Cleanup(l.Close)
		err := l.Subscribe(feed.Subscription{Channels: []message.Channel{message.Book, message.Trade}, Markets: []api.ID{market}, MinSeq: begin})
		if err != nil {
			t.Fatal(err)
		}
		l.until(ctx, begin, 0)
		return l
	}
	begin := trade(watched, 1, 2, 3).Seq
	all := []*follower{follow(watched, begin, 1, 2, 3), follow(watched, begin, 2, 3, 1), follow(watched, begin, 3, 1, 2)}
	beginOther := trade(other, 1).Seq
	alone := follow(other, beginOther, 1, 3, 2)
	same := func() {
		t.Helper()
		for i, l := range append(all, alone) {
			if l.images != 1 || l.gaps != 0 {
				t.Errorf("subscriber %d: %d images, %d gaps", i, l.images, l.gaps)
			}
			if l != alone && (!slices.Equal(l.book, all[0].book) || !slices.Equal(l.trades, all[0].trades)) {
				t.Errorf("subscriber %d:\n%v\n%v\nthe first:\n%v\n%v", i, l.book, l.trades, all[0].book, all[0].trades)
			}
		}
	}
	last := trade(watched, 2)
	for _, l := range all { // then each node follows the other market as well
		l.until(ctx, last.Seq, 1)
	}
	last, lastOther := trade(watched, 1, 2, 3), trade(other, 1, 2, 3)
	for _, l := range all {
		l.until(ctx, last.Seq, 4)
	}
	alone.until(ctx, lastOther.Seq, 3)
	same()

	f.nodes[1].close(t)
	last, lastOther = trade(watched, 2, 3), trade(other, 2, 3) // nobody listens in the place of those who were at the first
	for _, l := range all {
		l.until(ctx, last.Seq, 6)
	}
	alone.until(ctx, lastOther.Seq, 5)
	same()
	if all[0].lost == 0 || alone.lost == 0 {
		t.Error("the node was stopped, and nobody has noticed")
	}
}
