package merge

import (
	"context"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/journal"
)

// follower is the read model of a shard on a node that is behind: it sees something new when somebody waits for it, or, once it is
// late, has asked a few times what was sent.
type follower struct {
	*projection.View
	t      *testing.T
	events *journal.Cursor
	waited int
	late   int // how often it is asked before it sees something new
}

func (f *fixture) follower(shard exchange.ShardID) *follower {
	l := &follower{View: projection.New(), t: f.T, events: f.sites[shard-1].Journal().Subscribe(1)}
	l.see()
	return l
}

// see takes in everything that has happened.
func (l *follower) see() {
	l.t.Helper()
	for {
		rec, some, err := l.events.Poll()
		if err == nil && some {
			err = l.Apply(exchange.Time(rec.Time), exchange.Seq(rec.FirstSeq), rec.Events, int(rec.Count))
		}
		if err != nil {
			l.t.Fatal(err)
		}
		if !some {
			return
		}
	}
}

func (l *follower) WaitSeq(ctx context.Context, seq exchange.Seq) error {
	l.waited++
	l.see()
	return l.View.WaitSeq(ctx, seq)
}

func (l *follower) Sent(to exchange.ShardID) uint64 {
	if l.late--; l.late == 0 {
		l.see()
	}
	return l.View.Sent(to)
}

// A read at another node that names the Seq of an answer waits for the shard that gave it, and for no other. What has come to that
// shard is not at home any more, though the node has not heard yet that it was sent: it hears of it in a moment, or at any rate the
// read has an end.
func TestReadsWaitForTheShardThatAnswered(t *testing.T) {
	f := newFixture(t, 3)
	markets := f.markets()
	const cash = 100_000
	id := f.trader("olivia", cash)
	behind := [3]*follower{f.follower(1), f.follower(2), f.follower(3)}
	node := New(Shard{ID: 1, View: behind[0]}, f.places)
	node.Open(Shard{ID: 2, View: behind[1]})
	node.Open(Shard{ID: 3, View: behind[2]})

	placed := f.accepted(f.buy(id, markets[1], 5_000, 2))[0] // with cash that comes from home
	f.until(func() bool { return f.Totals().Outbox == 0 })
	f.accepted(f.buy(id, markets[2], 5_000, 2))
	if shard, _ := SplitSeq(placed.Seq); shard != 2 {
		t.Fatalf("the answer is of shard %d", shard)
	}
	if err := node.WaitSeq(t.Context(), placed.Seq); err != nil {
		t.Fatal(err)
	}
	if o, ok := node.Order(markets[1], exchange.OrderID(placed.ID)); !ok || o.Remaining != 2 {
		t.Errorf("the order is %+v, %v", o, ok)
	}
	if behind[0].waited != 0 || behind[1].waited != 1 || behind[2].waited != 0 {
		t.Errorf("the shards were waited for %d, %d and %d times", behind[0].waited, behind[1].waited, behind[2].waited)
	}
	if a, _ := node.Account(id); a.Held != 10_000 {
		t.Errorf("where home is never heard of again the account is %+v", a)
	}
	behind[0].late = 5
	if a, _ := node.Account(id); a.Cash+a.Held > cash {
		t.Errorf("an account with %v has %v", exchange.Money(cash), a.Cash+a.Held)
	}
}
