package feed_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/client/feed"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
	server "github.com/hustings/hustings/feed"
	"github.com/hustings/hustings/feed/message"
)

// laggard is the feed of a node that sees what it is given.
type laggard struct {
	*projection.View
	feed *server.Feed
	http *httptest.Server
}

func newLaggard(t *testing.T, c server.Config) *laggard {
	r := &laggard{View: projection.New(), feed: server.New(c)}
	r.http = httptest.NewServer(r.feed)
	t.Cleanup(r.close)
	r.feed.Open(exchange.HomeShard, r.View)
	return r
}

func (r *laggard) close() {
	r.feed.Close()
	r.http.Close()
}

// A node that is behind the one that is gone does not know a market that everybody watches. That is no refusal: it is waited for, or
// asked for again, and goes on from its place.
func TestFeedWaitsForANodeThatIsBehind(t *testing.T) {
	var journal []*shard.Output
	engine := shard.New()
	do := func(commands ...exchange.Command) *shard.Output {
		batch := wire.AppendBatchHead(nil, exchange.Time(1_000+len(journal)), len(commands))
		for _, c := range commands {
			batch = must[[]byte](t)(wire.AppendCommand(batch, c))
		}
		out := new(shard.Output)
		if err := engine.Apply(batch, out); err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Replies {
			if r.Code != exchange.Accepted {
				t.Fatal(r.Code)
			}
		}
		journal = append(journal, out)
		return out
	}
	give := func(r *laggard, outs ...*shard.Output) {
		for _, out := range outs {
			if err := r.Apply(out.Time, out.FirstSeq, out.Events, out.Count); err != nil {
				t.Fatal(err)
			}
		}
	}
	asked := make(chan exchange.Seq, 100)
	first := newLaggard(t, server.Config{})
	behind := newLaggard(t, server.Config{Wait: func(_ context.Context, seq exchange.Seq) *api.Problem {
		asked <- seq
		return nil // it is asked before it knows the market all the same, as one would be of several shards
	}})
	give(first, do(&exchange.SwitchRules{Version: exchange.RulesVersion}), do(&exchange.Register{Name: "ada"}, &exchange.Deposit{Account: 1, Amount: 100_0000}),
		do(&exchange.CreateMarket{ID: 1, Spec: exchange.MarketSpec{Question: "Does it come in time?", PositionLimit: 1_000, Tick: exchange.TickRule{Middle: 1}}}),
		do(&exchange.PlaceOrder{Account: 1, Market: 1, Price: 4_000, Quantity: 7}))
	seen := first.Seq()
	f := &floor{t: t}
	l := f.listen(first.http.URL, feed.Options{Others: []string{behind.http.URL}},
		feed.Subscription{Channels: []message.Channel{message.Book, message.Trade, message.Ticker}, Markets: []api.ID{1}})
	l.until("the image", l.sees(1, exchange.Buy, 4_000, 7))
	first.close()
	for len(l.interrupted) == 0 || client.Code(l.interrupted[len(l.interrupted)-1]) != "market_not_found" {
		l.step("a node that is behind")
	}
	if at := <-asked; at != seen {
		t.Errorf("the node that is behind was to have seen %d, the newest that was told of is %d", at, seen)
	}
	give(behind, journal...)
	give(behind, do(&exchange.PlaceOrder{Account: 1, Market: 1, Price: 4_000, Quantity: 2}))
	l.until("what follows", l.sees(1, exchange.Buy, 4_000, 9))
}
