package projection_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

// abroad is a shard on which only account 9 is known, which got 100 units and sent 30 of them on in three pieces.
func abroad(tb testing.TB) *projection.View {
	v := projection.New()
	mustApply(tb, v, start, &exchange.RulesSwitched{Version: exchange.TransferRules},
		&exchange.TransferReceived{Account: 9, From: 1, Number: 1, Amount: 100, Cash: 100},
		&exchange.TransferSent{Account: 9, To: 3, Number: 1, Amount: 5, Cash: 95},
		&exchange.TransferSent{Account: 9, To: 1, Number: 1, Amount: 10, Cash: 85},
		&exchange.TransferSent{Account: 9, To: 1, Number: 2, Amount: 15, Cash: 70},
		&exchange.TransferReleased{To: 1, Number: 1, Amount: 10})
	return v
}

func TestCourierFindsWhatIsUnderWay(t *testing.T) {
	v := abroad(t)
	if err := v.Check(); err != nil {
		t.Fatal(err)
	}
	want := []exchange.Transfer{{To: 1, Number: 2, Account: 9, Amount: 15}, {To: 3, Number: 1, Account: 9, Amount: 5}}
	if got := v.Outbox(); !slices.Equal(got, want) {
		t.Errorf("under way are %+v", got)
	}
	if v.Received(1) != 1 || v.Received(2) != 0 || v.Received(70) != 0 {
		t.Errorf("received %d, %d and %d", v.Received(1), v.Received(2), v.Received(70))
	}
	if got, want := v.Totals(), (projection.Totals{Cash: 70, Outbox: 20, Received: 100, Released: 10, Accounts: 1}); got != want {
		t.Errorf("totals %+v", got)
	}
}

func TestAccountsOfOtherShards(t *testing.T) {
	v := abroad(t)
	if got, ok := v.Account(9); !ok || got != (projection.Account{ID: 9, Cash: 70, Version: 1, MaxOpenOrders: projection.DefaultMaxOpenOrders, Tier: exchange.TierStandard}) {
		t.Errorf("account 9 is %+v, %v", got, ok)
	}
	if _, ok := v.Account(8); ok {
		t.Error("there is an account 8, of which nobody has heard")
	}
	if got, ok := v.AccountByName(""); ok {
		t.Errorf("somebody has no name and is found by it: %+v", got)
	}
	if err := apply(v, start, &exchange.FundsDeposited{Account: 8, Amount: 1, Cash: 1}); err == nil || !strings.Contains(err.Error(), "no account 8") {
		t.Errorf("a deposit to nobody: %v", err)
	}
}

func TestStatementTellsOfTransfers(t *testing.T) {
	got := projection.LedgerEntries(3, start, &exchange.TransferReceived{Account: 9, Amount: 100, Repaid: 30, Cash: 75}, 9)
	want := []projection.Entry{{Seq: 3, Time: start, Kind: projection.EntryReceived, Cash: 100, Balance: 105},
		{Seq: 3, Time: start, Kind: projection.EntryRepayment, Cash: -30, Balance: 75}}
	if !slices.Equal(got, want) {
		t.Errorf("received: %+v", got)
	}
	got = projection.LedgerEntries(3, start, &exchange.TransferSent{Account: 9, To: 2, Amount: 10, Cash: 5}, 9)
	if want := []projection.Entry{{Seq: 3, Time: start, Kind: projection.EntrySent, Cash: -10, Balance: 5}}; !slices.Equal(got, want) {
		t.Errorf("sent: %+v", got)
	}
	if s := projection.EntrySent.String() + " " + projection.EntryReceived.String(); s != "sent received" {
		t.Error(s)
	}
}

// built is abroad as a shard would build it, with one thing changed.
func built(tb testing.TB, change func(n1, n3 *projection.Neighbour, a *projection.Account)) *projection.View {
	b := projection.NewBuilder(6, start)
	b.SetRules(exchange.TransferRules)
	b.SetTransferred(100, 10)
	n1 := projection.Neighbour{ID: 1, Released: 1, Received: 1, Outbox: []exchange.Transfer{{To: 1, Number: 2, Account: 9, Amount: 15}}}
	n3 := projection.Neighbour{ID: 3, Outbox: []exchange.Transfer{{To: 3, Number: 1, Account: 9, Amount: 5}}}
	a := projection.Account{ID: 9, Cash: 70, Version: 1, MaxOpenOrders: projection.DefaultMaxOpenOrders, Tier: exchange.TierStandard}
	change(&n1, &n3, &a)
	if err := errors.Join(b.AddNeighbour(&n1), b.AddNeighbour(&n3), b.AddAccount(&a)); err != nil {
		tb.Fatal(err)
	}
	return b.View()
}

func TestTransfersAreCheckedAndCompared(t *testing.T) {
	for _, c := range []struct {
		name, diff, check string
		change            func(n1, n3 *projection.Neighbour, a *projection.Account)
	}{
		{"nothing", "", "", func(n1, n3 *projection.Neighbour, a *projection.Account) {}},
		{"received", "shard 1: received 1, other 2", "", func(n1, _ *projection.Neighbour, _ *projection.Account) { n1.Received++ }},
		{"released", "shard 1: released 1, other 0", "behind transfer 0 to shard 1", func(n1, _ *projection.Neighbour, _ *projection.Account) { n1.Released-- }},
		{"fewer", "shard 3: transfers under way 1, other 0", "add up to 0.0085, deposits less withdrawals to 0.0090",
			func(_, n3 *projection.Neighbour, _ *projection.Account) { n3.Outbox = nil }},
		{"amount", "shard 3: transfer", "add up to 0.0091", func(_, n3 *projection.Neighbour, _ *projection.Account) { n3.Outbox[0].Amount++ }},
		{"whose", "shard 3: transfer", "behind transfer 0 to shard 3", func(_, n3 *projection.Neighbour, _ *projection.Account) { n3.Outbox[0].Account = 8 }},
		{"account", "account 9: exists true, other false", "", func(n1, n3 *projection.Neighbour, a *projection.Account) {
			a.ID, n1.Outbox[0].Account, n3.Outbox[0].Account = 10, 10, 10
		}},
	} {
		v := built(t, c.change)
		diff := strings.Join(abroad(t).Diff(v), "\n")
		if (c.diff == "") != (diff == "") || !strings.Contains(diff, c.diff) {
			t.Errorf("%s: differences are\n%s", c.name, diff)
		}
		if err := v.Check(); (c.check == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.check) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
