package ledger

import (
	"testing"

	"github.com/hustings/hustings/exchange"
)

// Cash from another shard repays what the account owes the house first, as a deposit does, and no money is made on the way.
func TestReceivedCashRepays(t *testing.T) {
	var from, to Ledger
	var pool Pool
	sender, a := from.Account(from.Register(10)), to.Account(to.Register(10))
	from.Deposit(sender, 9_0000)
	if owed := to.TakeBack(a, &pool, 3_0000); owed != 3_0000 {
		t.Fatalf("owes %v", owed)
	}
	for _, want := range []struct{ sent, repaid, cash exchange.Money }{{1_0000, 1_0000, 0}, {5_0000, 2_0000, 3_0000}, {1_0000, 0, 4_0000}} {
		from.Send(sender, want.sent)
		if repaid := to.Receive(a, want.sent); repaid != want.repaid || a.Cash != want.cash {
			t.Errorf("a transfer of %v repaid %v and left %v", want.sent, repaid, a.Cash)
		}
		if from.Totals.Outbox != want.sent {
			t.Errorf("%v is under way, want %v", from.Totals.Outbox, want.sent)
		}
		from.ReleaseSent(want.sent)
		if from.Totals.Drift() != 0 || to.Totals.Drift() != 0 {
			t.Errorf("after a transfer of %v the sums are off by %v and %v", want.sent, from.Totals.Drift(), to.Totals.Drift())
		}
	}
	if sender.Cash != 2_0000 || from.Totals.Outbox != 0 {
		t.Errorf("%v is left, %v under way", sender.Cash, from.Totals.Outbox)
	}
}
