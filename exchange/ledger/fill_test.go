package ledger

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

// Ten contracts trade at 0.60. Whoever opens pays for the contract, 0.60 for Yes or 0.40 for No; whoever closes gives the
// opposite contract back and is paid what it is worth. What leaves cash enters the book's escrow.
func TestFill(t *testing.T) {
	tests := []struct {
		name    string
		side    exchange.Side
		closing exchange.Quantity
		paid    exchange.Money
		have    [2]exchange.Quantity // of ten Yes and ten No, all reserved
	}{
		{"a buyer opens ten Yes", exchange.Buy, 0, 6_0000, [2]exchange.Quantity{20, 10}},
		{"a buyer opens six Yes and closes four No", exchange.Buy, 4, 6*6_000 - 4*4_000, [2]exchange.Quantity{16, 6}},
		{"a buyer closes ten No", exchange.Buy, 10, -4_0000, [2]exchange.Quantity{10, 0}},
		{"a seller opens ten No", exchange.Sell, 0, 4_0000, [2]exchange.Quantity{10, 20}},
		{"a seller opens six No and closes four Yes", exchange.Sell, 4, 6*4_000 - 4*6_000, [2]exchange.Quantity{6, 16}},
		{"a seller closes ten Yes", exchange.Sell, 10, -6_0000, [2]exchange.Quantity{0, 10}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var l Ledger
			a := l.Account(l.Register(10))
			l.Deposit(a, 100_0000)
			ten := [2]exchange.Quantity{10, 10}
			pos, pool := Position{Have: ten, Reserved: ten}, Pool{Escrow: 50_0000, Have: [2]uint64{100, 100}}
			l.Totals.Escrow, l.Totals.World = 50_0000, 150_0000
			l.Fill(a, &pos, &pool, test.side, 6_000, 10, test.closing)

			if a.Cash != 100_0000-test.paid || pool.Escrow != 50_0000+test.paid || pos.Paid != test.paid {
				t.Errorf("paid %v, cash %v, escrow %v; want %v paid", pos.Paid, a.Cash, pool.Escrow, test.paid)
			}
			if pos.Have != test.have || pool.Have != [2]uint64{90 + uint64(test.have[0]), 90 + uint64(test.have[1])} {
				t.Errorf("the position has %v and all have %v, want %v", pos.Have, pool.Have, test.have)
			}
			if left := 10 - pos.Reserved[test.side.Opposite()]; left != test.closing || pos.Reserved[test.side] != 10 {
				t.Errorf("%v are reserved after %d were closed", pos.Reserved, test.closing)
			}
			if l.Totals.Cash != a.Cash || l.Totals.Escrow != pool.Escrow || l.Totals.Drift() != 0 {
				t.Errorf("totals %+v", l.Totals)
			}
		})
	}
}

// A pair of Yes and No pays 1 whatever happens, so it is turned into cash, but for what resting orders will close.
func TestMerge(t *testing.T) {
	var l Ledger
	a := l.Account(l.Register(10))
	pos := Position{Have: [2]exchange.Quantity{10, 7}, Reserved: [2]exchange.Quantity{0, 4}}
	pool := Pool{Escrow: 20_0000, Have: [2]uint64{20, 20}}
	if pairs := l.Merge(a, &pos, &pool); pairs != 3 || a.Cash != 3_0000 || pos.Paid != -3_0000 {
		t.Errorf("%d pairs gave %v", pairs, a.Cash)
	}
	if pos.Have != [2]exchange.Quantity{7, 4} || !pool.Balanced() || pool.Have[0] != 17 {
		t.Errorf("left are %v of %+v", pos.Have, pool)
	}
	if l.Merge(a, &pos, &pool) != 0 {
		t.Error("reserved contracts were merged")
	}
}

// A deposit repays first what the account owes the house after a void.
func TestDepositRepays(t *testing.T) {
	var l Ledger
	var pool Pool
	a := l.Account(l.Register(10))
	l.Deposit(a, 2_0000)
	if owed := l.TakeBack(a, &pool, 5_0000); owed != 3_0000 || a.Cash != 0 || a.Receivable != 3_0000 || pool.Escrow != 5_0000 {
		t.Errorf("owes %v, account %+v", owed, a)
	}
	for _, want := range []struct{ deposit, repaid, cash exchange.Money }{{1_0000, 1_0000, 0}, {5_0000, 2_0000, 3_0000}, {1_0000, 0, 4_0000}} {
		if repaid := l.Deposit(a, want.deposit); repaid != want.repaid || a.Cash != want.cash || l.Totals.Drift() != 0 {
			t.Errorf("a deposit of %v repaid %v and left %v", want.deposit, repaid, a.Cash)
		}
	}
}
