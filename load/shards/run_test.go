package shards

import (
	"testing"
	"time"
)

// Several shards trade, what was moved between them arrives, and everything adds up.
func TestRun(t *testing.T) {
	o := Options{Markets: 2, Workers: 2, Batch: 50, Duration: 100 * time.Millisecond}
	for _, shards := range []int{1, 3} {
		r, err := Run(t.Context(), o, shards)
		if err != nil {
			t.Fatal(err)
		}
		if r.Shards != shards || r.Commands == 0 || r.Trades == 0 || r.Refused*2 > r.Commands || r.PerCore() <= 0 || r.Cores() <= 0 {
			t.Errorf("%+v", r)
		}
	}
	if _, err := Run(t.Context(), o, 0); err == nil {
		t.Error("an exchange without shards works")
	}
}

// Money that is missing is found.
func TestCheckFindsWhatIsMissing(t *testing.T) {
	e, err := openSites(t.Context(), Options{Markets: 1, Workers: 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := e.check(); err != nil {
		t.Error(err)
	}
	e.deposit++
	if e.check() == nil {
		t.Error("what was paid in is not there, and nobody says so")
	}
}
