package shard

import (
	"math"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
)

// answer executes one command.
func answer(t *testing.T, s *Shard, cmd exchange.Command) (exchange.Reply, int) {
	t.Helper()
	batch, err := wire.AppendCommand(wire.AppendBatchHead(nil, 1, 1), cmd)
	if err != nil {
		t.Fatal(err)
	}
	var out Output
	if err := s.Apply(batch, &out); err != nil {
		t.Fatal(err)
	}
	return out.Replies[0], out.Count
}

func newSender(t *testing.T) *Shard {
	s := New()
	apply(t, s, 1, &exchange.SwitchRules{Version: exchange.TransferRules}, &exchange.Register{Name: "alice"},
		&exchange.Deposit{Account: 1, Amount: 100})
	return s
}

// A duplicate is answered the same each time but for when, has no event and moves nothing.
func TestDuplicateTransfersAreToldApart(t *testing.T) {
	s := newSender(t)
	receive := &exchange.ReceiveTransfer{From: 2, Number: 1, Account: 1, Amount: 40}
	if r, events := answer(t, s, receive); r.Cost != 40 || r.ID != 1 || events != 1 {
		t.Errorf("received: %+v, %d events", r, events)
	}
	for range 2 {
		totals := s.Totals()
		r, events := answer(t, s, receive)
		if want := (exchange.Reply{Seq: s.Seq(), Time: 1, ID: 1}); r != want || events != 0 || s.Totals() != totals {
			t.Errorf("received again: %+v, %d events, %+v", r, events, s.Totals())
		}
	}
}

// No sum gets too large, however often money goes round, and what is refused for that can come later.
func TestSumsOfTransfersAreBounded(t *testing.T) {
	s := newSender(t)
	totals := &s.ledger.Totals
	was := *totals
	for _, c := range []struct {
		name string
		set  func()
		cmd  exchange.Command
	}{
		{"everything sent", func() { totals.Released, totals.Received = math.MaxInt64-9, math.MaxInt64-9 },
			&exchange.SendTransfer{Account: 1, To: 2, Amount: 10}},
		{"everything received", func() { totals.Released, totals.Received = math.MaxInt64-9, math.MaxInt64-9 },
			&exchange.ReceiveTransfer{From: 2, Number: 1, Account: 1, Amount: 10}},
		{"what is here, received", func() { totals.World, totals.HouseFees = exchange.MaxWorld-9, exchange.MaxWorld-109 },
			&exchange.ReceiveTransfer{From: 2, Number: 1, Account: 1, Amount: 10}},
		{"what is here, deposited", func() { totals.Received, totals.HouseFees = exchange.MaxWorld-109, exchange.MaxWorld-109 },
			&exchange.Deposit{Account: 1, Amount: 10}},
	} {
		c.set()
		if r, _ := answer(t, s, c.cmd); r.Code != exchange.RejectAmountOutOfRange {
			t.Errorf("%s: %v", c.name, r.Code)
		}
		*totals = was
	}
	if r, _ := answer(t, s, &exchange.ReceiveTransfer{From: 2, Number: 1, Account: 1, Amount: 10}); r.Code != exchange.Accepted {
		t.Errorf("the number that was refused: %v", r.Code)
	}
}

// One wrong id must not make room for all ids below it.
func TestReceiverIsBounded(t *testing.T) {
	s := newSender(t)
	for id, want := range map[exchange.AccountID]exchange.Reject{0: exchange.RejectAccountNotFound,
		exchange.MaxAccounts + 1: exchange.RejectTooManyIDs, math.MaxUint32: exchange.RejectTooManyIDs} {
		if r, _ := answer(t, s, &exchange.ReceiveTransfer{From: 2, Number: 1, Account: id, Amount: 10}); r.Code != want {
			t.Errorf("account %d: %v", id, r.Code)
		}
	}
	if s.ledger.Accounts.Len() != 2 || s.Received(2) != 0 {
		t.Errorf("%d accounts, %d received", s.ledger.Accounts.Len()-1, s.Received(2))
	}
}

// What was released makes room for what is sent next.
func TestOutboxUsesItsRoomAgain(t *testing.T) {
	s := newSender(t)
	for n := range uint64(10) {
		for range 3 {
			answer(t, s, &exchange.SendTransfer{Account: 1, To: 2, Amount: 1})
		}
		for i := range uint64(3) {
			if r, _ := answer(t, s, &exchange.ReleaseTransfer{To: 2, Number: 3*n + i + 1}); r.Cost != 1 {
				t.Fatalf("released: %+v", r)
			}
		}
	}
	if got := s.outbox.transits.Len(); got != 4 {
		t.Errorf("there is room for %d transfers, and there were never more than 3", got-1)
	}
}
