package shard

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

// moveOfGroup is a market with two orders of a group that is about to move to another shard.
type moveOfGroup struct {
	*testing.T
	home, other *Shard
	parts       [][]byte
}

func (m *moveOfGroup) change(action exchange.GroupAction) {
	m.Helper()
	apply(m.T, m.home, 1, &exchange.ChangeGroup{Account: 1, Group: 1, Action: action})
}

// tell tells the other shard how the group is at home.
func (m *moveOfGroup) tell() {
	m.Helper()
	apply(m.T, m.other, 1, &exchange.SetGroup{GroupTerms: m.home.groups.At(1).terms(1)})
}

func (m *moveOfGroup) write() { m.parts = m.home.WriteMarket(1, 1) }

// adopt brings the parts up to one.
func (m *moveOfGroup) adopt(from, to int) {
	m.Helper()
	for i := from; i < to; i++ {
		apply(m.T, m.other, 1, &exchange.AdoptMarket{From: 1, Market: 1, Move: 1, Part: uint32(i), Last: i == len(m.parts)-1, Data: m.parts[i]})
	}
}

// A group may be cancelled at any moment while orders of it are under way. What was accepted before is gone in the end, and what
// was accepted after a reset stays.
func TestAGroupIsCancelledWhileItsOrdersAreUnderWay(t *testing.T) {
	adoptAll := func(m *moveOfGroup) { m.adopt(0, len(m.parts)) }
	trip := func(m *moveOfGroup) {
		m.change(exchange.TriggerGroup)
		m.change(exchange.ResetGroup)
	}
	for _, test := range []struct {
		name string
		left int
		move func(*moveOfGroup)
	}{
		{"never", 2, func(m *moveOfGroup) { m.write(); adoptAll(m) }},
		{"before it is written", 0, func(m *moveOfGroup) { trip(m); m.write(); adoptAll(m) }},
		{"before it comes", 0, func(m *moveOfGroup) { m.write(); trip(m); m.tell(); adoptAll(m) }},
		{"and not reset before it comes", 0, func(m *moveOfGroup) { m.write(); m.change(exchange.TriggerGroup); m.tell(); adoptAll(m) }},
		{"and deleted before it comes", 0, func(m *moveOfGroup) { m.write(); m.change(exchange.DeleteGroup); m.tell(); adoptAll(m) }},
		{"before the last part", 0, func(m *moveOfGroup) {
			m.write()
			m.adopt(0, len(m.parts)-1)
			trip(m)
			m.tell()
			m.adopt(len(m.parts)-1, len(m.parts))
		}},
		{"after the last part", 0, func(m *moveOfGroup) { m.write(); adoptAll(m); trip(m); m.tell() }},
		{"by a mass cancel there", 0, func(m *moveOfGroup) {
			m.write()
			adoptAll(m)
			apply(m.T, m.other, 1, &exchange.MassCancel{Account: 1, Group: 1})
		}},
		{"reset only", 2, func(m *moveOfGroup) { m.write(); m.change(exchange.ResetGroup); m.tell(); adoptAll(m) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &moveOfGroup{T: t, home: New(), other: New()}
			for _, s := range []*Shard{m.home, m.other} {
				apply(t, s, 1, &exchange.SwitchRules{Version: exchange.GroupRules})
			}
			order := exchange.PlaceOrder{Account: 1, Market: 1, Side: exchange.Buy, Price: 5_000, Quantity: 3, Group: 1}
			apply(t, m.home, 1, &exchange.Register{Name: "alice"}, &exchange.Deposit{Account: 1, Amount: 900_0000},
				&exchange.SendTransfer{Account: 1, To: 2, Amount: 1},
				&exchange.CreateMarket{Spec: exchange.MarketSpec{Question: "Will they come?", Tick: exchange.TickRule{Middle: 1}, PositionLimit: 100}},
				&exchange.CreateGroup{Account: 1, Limit: 9, Window: exchange.Duration(1e9)},
				// Ids of the orders that come are greater than all that the other shard has given.
				&order, &order, &exchange.FreezeMarket{Market: 1, To: 2})
			apply(t, m.other, 1, &exchange.ReceiveTransfer{From: 1, Number: 1, Account: 1, Amount: 1})
			m.tell()
			test.move(m)
			for m.other.Backlog() {
				apply(t, m.other, 1)
			}
			if got := m.other.OpenOrders(); got != test.left {
				t.Errorf("%d orders are left", got)
			}
			if view, err := m.other.View(); err != nil || view.Check() != nil {
				t.Error(err, view.Check())
			}
		})
	}
}

// A state of rules that know of no copies is written as ever, and is the same once it is read.
func TestGroupsOfEarlierRulesAreReadAgain(t *testing.T) {
	s := New()
	apply(t, s, 1, &exchange.SwitchRules{Version: exchange.MoveRules}, &exchange.Register{Name: "alice"},
		&exchange.CreateGroup{Account: 1, Limit: 9, Window: exchange.Duration(1e9)},
		&exchange.ChangeGroup{Account: 1, Group: 1, Action: exchange.TriggerGroup})
	before, load := dump(t, s.Freeze())
	s.Thaw()
	again := load()
	if sum, _ := dump(t, again.Freeze()); sum != before {
		t.Error("the state that was read differs")
	}
	again.Thaw()
	for _, x := range []*Shard{s, again} {
		apply(t, x, 2, &exchange.SwitchRules{Version: exchange.GroupRules}, &exchange.ChangeGroup{Account: 1, Group: 1, Action: exchange.ResetGroup},
			&exchange.CountGroup{From: 3, Account: 1, Group: 1, Version: 2, Filled: 4})
	}
	first, load := dump(t, s.Freeze())
	s.Thaw()
	second, _ := dump(t, again.Freeze())
	again.Thaw()
	if third, _ := dump(t, load().Freeze()); first != second || second != third {
		t.Error("the states differ under the rules that know of copies")
	}
	last := load()
	for i, filled := range []uint64{9, 10} { // of which 4 were counted before
		r := apply(t, last, 3, &exchange.CountGroup{From: 3, Account: 1, Group: 1, Version: 2, Filled: filled})[0]
		if want := uint32(2 + i); r.Version != want {
			t.Errorf("%d contracts where the limit is 9 make version %d, not %d", filled, r.Version, want)
		}
	}
}
