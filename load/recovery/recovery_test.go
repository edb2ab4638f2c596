package recovery

import "testing"

func TestWhatWasBuiltIsRecovered(t *testing.T) {
	c := Config{Dir: t.TempDir(), OpenOrders: 5_000, Accounts: 300, Markets: 7, Tail: 9_000}
	told := 0
	c.Progress = func(done, of int) { told = of - done }
	if err := Build(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	got, err := Measure(t.Context(), c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Commands != c.Tail || got.Accounts != c.Accounts || told != 0 {
		t.Errorf("%d commands were replayed, of %d accounts; want %d, %d (%d commands to go)", got.Commands, got.Accounts, c.Tail, c.Accounts, told)
	}
	if got.OpenOrders < c.OpenOrders*8/10 || got.OpenOrders > c.OpenOrders*12/10 {
		t.Errorf("%d orders are open, %d were when the snapshot was taken", got.OpenOrders, c.OpenOrders)
	}
	if got.Snapshot <= 0 || got.Replay <= 0 || got.Total < got.Snapshot+got.Replay {
		t.Errorf("the times do not add up: %+v", got)
	}
}

func TestMeasureWantsSomethingToRecover(t *testing.T) {
	if _, err := Measure(t.Context(), t.TempDir()); err == nil {
		t.Error("an empty directory was measured")
	}
}

func TestImpossibleStatesAreRefused(t *testing.T) {
	for _, c := range []Config{{}, {OpenOrders: 1 << 24, Accounts: 1, Markets: 1}, {OpenOrders: 1, Accounts: 1, Markets: 1, Tail: -1}} {
		if err := Build(t.Context(), c); err == nil {
			t.Errorf("%+v was built", c)
		}
	}
}
