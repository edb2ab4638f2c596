package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/replica"
)

// readSnapshots checks each snapshot file by itself. States are read again when they are compared, so that only one is
// in memory.
func (v *verification) readSnapshots() error {
	names, err := replica.Snapshots(v.o.FS, v.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, name := range slices.Backward(names) {
		s, err := replica.ReadSnapshot(v.o.FS, name)
		if f, ok := damageOf(CheckSnapshots, err); ok {
			v.report.find(f)
			continue
		}
		if err != nil {
			return err
		}
		v.snapshots = append(v.snapshots, &replica.Snapshot{File: s.File, Index: s.Index, Seq: s.Seq, Sum: s.Sum})
	}
	v.pending = v.snapshots
	return nil
}

// compareSnapshots compares those that are states before an index, which is about to be taken in.
func (v *verification) compareSnapshots(before uint64) error {
	for len(v.pending) > 0 && v.pending[0].Index < before {
		if err := v.compareSnapshot(v.pending[0]); err != nil {
			return err
		}
		v.pending = v.pending[1:]
	}
	return nil
}

// compareSnapshot compares a snapshot with the fold of the journal, and with the state that the log gives.
func (v *verification) compareSnapshot(s *replica.Snapshot) error {
	found := func(format string, args ...any) {
		v.report.find(Finding{Check: CheckFold, File: s.File, Seq: uint64(s.Seq), What: fmt.Sprintf(format, args...)})
	}
	read, err := replica.ReadSnapshot(v.o.FS, s.File)
	if err != nil {
		return err
	}
	view, err := read.View()
	if err != nil {
		found("its state does not fit together: %v", err)
		return nil
	}
	differs := false
	switch {
	case v.foldErr != nil || v.fold.Seq() < s.Seq && v.walk.journalErr != nil:
		v.report.note("%s could not be compared with the journal, which is good up to event %d", s.File, v.fold.Seq())
	case v.fold.Seq() != s.Seq:
		found("it is the state after event %d and entry %d, and at that entry the journal is at event %d", s.Seq, s.Index, v.fold.Seq())
		return nil
	default:
		v.states++
		for _, line := range v.fold.Diff(view) {
			differs = true
			found("%s (by the events first, then in the snapshot)", line)
		}
		if !differs {
			compareStatistics(v.fold, view, found)
		}
		v.check()
	}
	if v.machine.state == nil || v.machine.index != s.Index || differs {
		return nil
	}
	sum, err := replica.SumState(v.machine.state)
	if err != nil {
		return err
	}
	for _, section := range sum.Differing(s.Sum) {
		found("the %s in it are not those that the log gives", sectionNames[section])
	}
	return nil
}

var sectionNames = map[shard.Section]string{
	shard.SectionScalars: "sums and queues", shard.SectionOrders: "orders", shard.SectionExtras: "orders' extras",
	shard.SectionBooks: "books", shard.SectionAccounts: "accounts", shard.SectionPositions: "positions",
	shard.SectionMarkets: "markets", shard.SectionGroups: "order groups", shard.SectionTimers: "timers",
	shard.SectionKeys: "idempotency keys", shard.SectionIdentities: "names of accounts", shard.SectionCredentials: "credentials",
	shard.SectionNeighbours: "other shards", shard.SectionTransits: "transfers under way",
}

// compareStatistics compares what a snapshot keeps for display only.
func compareStatistics(fold, kept *projection.View, found func(format string, args ...any)) {
	compare := func(what string, id any, a, b reflect.Value) {
		for i := range a.NumField() {
			if x, y := a.Field(i).Interface(), b.Field(i).Interface(); !reflect.DeepEqual(x, y) {
				found("%s %v: %s %v (by the events first, then in the snapshot, %v)", what, id, words(a.Type().Field(i).Name), x, y)
			}
		}
	}
	totals := fold.Totals()
	for id, left := exchange.MarketID(1), totals.Markets; left > 0; id++ {
		a, ok := fold.Market(id)
		if !ok {
			continue
		}
		left--
		b, _ := kept.Market(id)
		compare("market", id, reflect.ValueOf(a), reflect.ValueOf(b))
	}
	for id, left := exchange.AccountID(1), totals.Accounts; left > 0; id++ {
		a, ok := fold.Account(id)
		if !ok { // nobody has this id on this shard
			continue
		}
		left--
		b, _ := kept.Account(id)
		compare("account", id, reflect.ValueOf(a), reflect.ValueOf(b))
	}
}
