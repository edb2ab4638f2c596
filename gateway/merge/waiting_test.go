package merge

import (
	"context"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/journal"
)

// follower is the read model of a shard on a node that is behind. It sees something new when somebody waits for it.
type follower struct {
	*projection.View
	t      *testing.T
	events *journal.Cursor
	waited int
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
	if l.Seq() < seq {
		l.waited++
		l.see()
	}
	return l.View.WaitSeq(ctx, seq)
}

// A read at another node that names the Seq of an answer sees what was answered, on whichever shard that was: the shard is waited
// for, the cash that came to it is not at home any more, and no other shard is waited for.
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
	if a, _ := node.Account(id); a.Cash+a.Held > cash {
		t.Errorf("an account with %v has %v", exchange.Money(cash), a.Cash+a.Held)
	}
	if behind[1].waited != 1 || behind[0].waited == 0 || behind[2].waited != 0 {
		t.Errorf("the shards were waited for %d, %d and %d times", behind[0].waited, behind[1].waited, behind[2].waited)
	}
}

// Waiting for cash that a read model will never see to have been sent has an end.
func TestWaitingForWhatWasLostEnds(t *testing.T) {
	home := projection.New()
	awaitSent(t.Context(), home, 2, 1)
	if home.Sent(2) != 0 {
		t.Error("it was sent after all")
	}
}
