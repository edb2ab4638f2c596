package shard

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// busy drives a shard with orders of every kind, so that a snapshot has something of everything.
type busy struct {
	rng stream
	now exchange.Time
	got uint64 // transfers from shard 2
}

func (b *busy) start(t testing.TB, s *Shard) {
	var cmds []exchange.Command
	for i := range 20 {
		cmds = append(cmds, &exchange.Register{Name: fmt.Sprintf("trader%d", i)},
			&exchange.Deposit{Account: exchange.AccountID(i + 1), Amount: 1e9},
			&exchange.CreateCredential{Account: exchange.AccountID(i + 1), Hash: [32]byte{byte(i)}, ExpireAt: 1 << 60, Label: "key"},
			&exchange.CreateGroup{Account: exchange.AccountID(i + 1), Limit: 50, Window: 1e9})
	}
	for range 3 {
		cmds = append(cmds, &exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Who will win the race?",
			Outcomes: []string{"A", "B", "C"}, TakerFee: 700, MakerShare: 2500, Tick: exchange.TickRule{Middle: 1},
			PositionLimit: 1e6, CloseAt: 1e15}})
	}
	cmds = append(cmds, &exchange.SwitchRules{Version: exchange.TransferRules},
		&exchange.CreateMarket{ID: 9, Spec: exchange.MarketSpec{Question: "Will there be a gap?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: 9}})
	b.now = 1
	apply(t, s, b.now, cmds...)
}

func (b *busy) batch() []byte {
	b.now += exchange.Time(b.rng.n(2e8))
	batch := wire.AppendBatchHead(nil, b.now, 10)
	for range 10 {
		var key exchange.Key
		key[0], key[9] = byte(b.rng.n(8)), byte(b.rng.n(200))
		o := exchange.PlaceOrder{Account: exchange.AccountID(1 + b.rng.n(20)), Key: key, Market: exchange.MarketID(1 + b.rng.n(3)),
			Outcome: exchange.Outcome(b.rng.n(3)), Side: exchange.Side(b.rng.n(2)), SelfTrade: exchange.SelfTrade(b.rng.n(4)),
			Price: exchange.Price(4990 + b.rng.n(20)), Quantity: exchange.Quantity(1 + b.rng.n(30))}
		switch b.rng.n(10) {
		case 0:
			o.TimeInForce, o.ExpireAt = exchange.GoodTillTime, b.now+exchange.Time(1+b.rng.n(1e9))
		case 1:
			o.Group = exchange.GroupID(o.Account)
		case 2:
			batch, _ = wire.AppendCommand(batch, &exchange.SetDeadMan{Account: o.Account, Timeout: 2e9})
			continue
		case 3:
			batch, _ = wire.AppendCommand(batch, &exchange.MassCancel{Account: o.Account})
			continue
		case 4:
			batch, _ = wire.AppendCommand(batch, b.transfer(o.Account))
			continue
		}
		batch = wire.AppendPlaceOrder(batch, &o)
	}
	return batch
}

// transfer sends to one of two shards, receives for accounts that may be new, or releases the first few.
func (b *busy) transfer(account exchange.AccountID) exchange.Command {
	switch b.rng.n(4) {
	case 0:
		b.got++
		return &exchange.ReceiveTransfer{From: 2, Number: b.got, Account: account * 3, Amount: 7}
	case 1:
		return &exchange.ReleaseTransfer{To: 2, Number: 1 + b.rng.n(30)}
	case 2:
		return &exchange.Register{} // an account without a name is not in the way of another
	}
	return &exchange.SendTransfer{Account: account, To: exchange.ShardID(2 + 3*b.rng.n(2)), Amount: 5}
}

func apply(t testing.TB, s *Shard, now exchange.Time, cmds ...exchange.Command) []exchange.Reply {
	t.Helper()
	batch := wire.AppendBatchHead(nil, now, len(cmds))
	for _, c := range cmds {
		batch, _ = wire.AppendCommand(batch, c)
	}
	var out Output
	if err := s.Apply(batch, &out); err != nil {
		t.Fatal(err)
	}
	for i, r := range out.Replies {
		if r.Code != exchange.Accepted {
			t.Fatalf("%T: %v", cmds[i], r.Code)
		}
	}
	return out.Replies
}

func dump(t testing.TB, f *Frozen) (sum [32]byte, load func() *Shard) {
	h := sha256.New()
	l := NewLoader()
	err := f.Chunks(1<<12, func(section Section, from, count uint32, data []byte) error {
		fmt.Fprint(h, section, from, count)
		h.Write(data)
		return l.Chunk(section, from, count, bytes.Clone(data))
	})
	if err != nil {
		t.Fatal(err)
	}
	return [32]byte(h.Sum(nil)), func() *Shard {
		return l.Finish(func(parts ...func()) {
			for _, part := range parts {
				part()
			}
		})
	}
}

// A snapshot read while the shard goes on must be the state at the freeze, and a shard loaded from it must go on exactly
// like the one that never stopped.
func TestSnapshotIsTheStateAtTheFreeze(t *testing.T) {
	const before, after = 400, 400
	live, twin := *New(), *New()
	b := busy{rng: stream{state: 7}}
	b.start(t, &live)
	(&busy{rng: stream{state: 7}}).start(t, &twin)
	var out, want Output
	for range before {
		batch := b.batch()
		if live.Apply(batch, &out) != nil || twin.Apply(batch, &want) != nil {
			t.Fatal("a batch was not applied")
		}
	}
	wantSum, load := dump(t, twin.Freeze())
	twin.Thaw()
	loaded := load()
	frozen := live.Freeze()
	for i := range after {
		batch := b.batch()
		if live.Apply(batch, &out) != nil || loaded.Apply(batch, &want) != nil {
			t.Fatal("a batch was not applied")
		}
		if !bytes.Equal(out.Events, want.Events) || fmt.Sprint(out.Replies) != fmt.Sprint(want.Replies) {
			t.Fatalf("batch %d after the snapshot came out differently", i)
		}
		if i == after/2 {
			if sum, _ := dump(t, frozen); sum != wantSum {
				t.Fatal("the frozen state is not the state at the freeze")
			}
			live.Thaw()
		}
	}
	a, _ := dump(t, live.Freeze())
	c, _ := dump(t, loaded.Freeze())
	if a != c {
		t.Fatal("the loaded shard ended in another state")
	}
	if len(live.Outbox()) == 0 || live.ledger.Totals.Released == 0 || live.ledger.Account(60) == nil || live.ledger.Account(59) != nil {
		t.Fatalf("too few transfers: %+v", live.ledger.Totals)
	}
	if live.OpenOrders() == 0 || live.keys.Len() == 0 || live.Seq() < 5000 {
		t.Fatalf("too little happened: %d orders, %d keys, Seq %d", live.OpenOrders(), live.keys.Len(), live.Seq())
	}
}
