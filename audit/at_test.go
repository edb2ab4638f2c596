package audit

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

func at(t testing.TB, fsys vfs.FS, market exchange.MarketID, when exchange.Time) *Instant {
	t.Helper()
	i, err := At(dir, market, when, Options{FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestThePastIsAsItWasSeen(t *testing.T) {
	fsys := fixture(t)
	before := snapshotOf(t, fsys)
	for _, s := range fixtureSeen {
		i := at(t, fsys, s.market, s.at)
		m, _ := i.View.Market(s.market)
		d, _ := i.View.Depth(s.market, 0, 10)
		if got := m.Books[0].Last; got != s.last || s.last == 0 {
			t.Errorf("market %d at %v: last price %v, was %v", s.market, s.at.Std(), got, s.last)
		}
		if got := fmt.Sprint(d.Bids); got != s.bids {
			t.Errorf("market %d at %v: bids %v, were %v", s.market, s.at.Std(), got, s.bids)
		}
		if got := fmt.Sprint(i.View.Holders(s.market)); got != s.holdings {
			t.Errorf("market %d at %v: positions\n%v, were\n%v", s.market, s.at.Std(), got, s.holdings)
		}
		if i.Time > s.at || i.End < i.Time || i.Cut != nil {
			t.Errorf("market %d at %v: %+v", s.market, s.at.Std(), i)
		}
	}
	same(t, fsys, before)
}

func TestInstantsThatAreNone(t *testing.T) {
	fsys := fixture(t)
	first := fixtureSeen[0].at
	if _, err := At(dir, 1, 1, Options{FS: fsys}); !errors.Is(err, ErrBefore) {
		t.Errorf("before the beginning: %v", err)
	}
	if _, err := At(dir, 3, first, Options{FS: fsys}); !errors.Is(err, ErrNoMarket) {
		t.Errorf("no such market: %v", err)
	}
	if _, err := At(dir, 1, fixtureNoMarket, Options{FS: fsys}); !errors.Is(err, ErrNoMarket) {
		t.Errorf("before the market: %v", err)
	}
}

// A torn journal is read up to where it is whole, and stays as it is on disk.
func TestTheTornJournalIsReadAndNotMended(t *testing.T) {
	fsys := fixture(t)
	active := unsealed(t, fsys)
	content := get(t, fsys, active)
	put(t, fsys, active, content[:len(content)-10])
	sealed := files(t, fsys, "journal", ".index")
	if err := fsys.Remove(sealed[0]); err != nil { // opening the journal builds it again
		t.Fatal(err)
	}
	before := snapshotOf(t, fsys)
	seen := fixtureSeen[0]
	i := at(t, fsys, seen.market, seen.at)
	if m, _ := i.View.Market(seen.market); m.Books[0].Last != seen.last {
		t.Errorf("last price %v, was %v", m.Books[0].Last, seen.last)
	}
	if i.Cut == nil || i.Cut.File != active {
		t.Errorf("cut: %v", i.Cut)
	}
	same(t, fsys, before)
}
