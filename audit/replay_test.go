package audit

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
)

func replayLog(t testing.TB, fsys vfs.FS, o ReplayOptions) *Replay {
	t.Helper()
	o.FS = fsys
	r, err := ReplayLog(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReplayOfTheSameProgramGivesTheSame(t *testing.T) {
	fsys := fixture(t)
	before := snapshotOf(t, fsys)
	whole := replayLog(t, fsys, ReplayOptions{})
	if !whole.Same() || whole.Snapshot != "" || whole.Commands < 800 || whole.Events < 1500 {
		t.Errorf("%+v", whole)
	}
	rest := replayLog(t, fsys, ReplayOptions{FromSnapshot: true})
	newest := files(t, fsys, "snapshots", ".snapshot")[1]
	if !rest.Same() || rest.Snapshot != newest || rest.Commands == 0 || rest.Commands >= whole.Commands || rest.LastIndex != whole.LastIndex {
		t.Errorf("from the snapshot: %+v", rest)
	}
	same(t, fsys, before)
}

// moreFor makes the state machine pay out a deposit of an account twice.
func moreFor(account exchange.AccountID) func([]byte) []byte {
	return func(batch []byte) []byte {
		now, count, rest, err := wire.ReadBatch(batch)
		if err != nil {
			return batch
		}
		out := wire.AppendBatchHead(nil, now, count)
		for range count {
			var frame []byte
			if frame, rest, err = wire.Next(rest); err != nil {
				return batch
			}
			if cmd, err := wire.ReadCommand(frame); err == nil {
				if d, ok := cmd.(*exchange.Deposit); ok && d.Account == account {
					d.Amount *= 2
					frame, _ = wire.AppendCommand(nil, d)
				}
			}
			out = append(out, frame...)
		}
		return out
	}
}

func TestReplayShowsAChangeOfBehaviour(t *testing.T) {
	r := replayLog(t, fixture(t), ReplayOptions{Options: Options{alter: moreFor(4)}, Limit: 1})
	if r.Same() || r.Differing < 2 || len(r.Differences) != 1 {
		t.Fatalf("%d entries differ, %d are described", r.Differing, len(r.Differences))
	}
	d := r.Differences[0]
	if len(d.Changes) != 1 || d.Changes[0].Kind() != "FundsDeposited" || d.Changes[0].Recorded.Seq != 11 {
		t.Fatalf("first difference: %+v", d)
	}
	want := []FieldChange{{"amount", "1000000.0000", "2000000.0000"}, {"cash", "1000000.0000", "2000000.0000"}}
	if diff := cmp.Diff(want, d.Changes[0].Differing()); diff != "" {
		t.Error(diff)
	}
	if r.Kinds["FundsDeposited"] != (Tally{Changed: 1}) || r.Kinds["OrderPlaced"].Changed == 0 {
		t.Errorf("kinds: %+v", r.Kinds)
	}
	if len(r.Balances) != 1 || r.Balances[0].Account != 4 || r.Balances[0].Name != "trader4" ||
		r.Balances[0].Replayed.Cash-r.Balances[0].Recorded.Cash != 1e10 {
		t.Errorf("balances: %+v", r.Balances)
	}
	if len(r.State) != 1 || !strings.Contains(r.State[0], "deposits less withdrawals") {
		t.Errorf("state: %q", r.State)
	}
}

// refusing makes the state machine refuse a trader's orders, so that events vanish and others take their places.
func TestReplayShowsEventsThatVanish(t *testing.T) {
	fsys := fixture(t)
	refuse := func(batch []byte) []byte {
		out := bytes.Clone(batch)
		_, count, rest, err := wire.ReadBatch(out)
		for i := 0; i < count && err == nil; i++ {
			var frame []byte
			if frame, rest, err = wire.Next(rest); err != nil {
				break
			}
			if account, _, _ := wire.CommandHead(frame); wire.CommandKind(frame) == exchange.KindPlaceOrder && account == 2 {
				frame[4] = 99 // nobody
			}
		}
		return out
	}
	r := replayLog(t, fsys, ReplayOptions{Options: Options{alter: refuse}, Limit: 1000})
	if r.Kinds["OrderPlaced"].Recorded == 0 || r.Kinds["OrderRejected"].Replayed == 0 || len(r.Balances) < 2 || len(r.Differences) != r.Differing {
		t.Errorf("%+v, balances %+v", r.Kinds, r.Balances)
	}
	first := r.Differences[0].Changes[0]
	if first.Recorded == nil && first.Replayed == nil {
		t.Error("a change of nothing")
	}
}

// An earlier version of an event that says the same is no difference.
func TestOlderEncodingIsNoDifference(t *testing.T) {
	frame := wire.AppendEvent(nil, &exchange.FundsDeposited{Account: 1, Amount: 5, Cash: 5, Reference: "unrecorded"})
	old := bytes.Clone(frame[:32])
	old[0], old[3] = 32, 1
	recorded, replayed := journal.Record{FirstSeq: 1, Count: 1, Events: old}, journal.Record{FirstSeq: 1, Count: 1, Events: frame}
	if all := changes(&recorded, &replayed); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	old[8]++
	if all := changes(&recorded, &replayed); len(all) != 1 {
		t.Errorf("%+v", all)
	}
}

func TestChangesAreAligned(t *testing.T) {
	event := func(account exchange.AccountID) []byte {
		return wire.AppendEvent(nil, &exchange.DeadManSet{Account: account})
	}
	other := wire.AppendEvent(nil, &exchange.PasswordSet{Account: 1})
	for _, c := range []struct {
		recorded, replayed [][]byte
		want               string
	}{
		{[][]byte{event(1), event(2), event(3)}, [][]byte{event(1), event(2), event(3)}, ""},
		{[][]byte{event(1), event(2), event(3)}, [][]byte{event(1), event(3)}, "-2"},
		{[][]byte{event(1), event(3)}, [][]byte{event(1), event(2), event(3)}, "+2"},
		{[][]byte{event(1), event(2)}, [][]byte{event(1), event(5)}, "~2/2"},
		{[][]byte{event(1), event(2)}, [][]byte{event(1), other, event(4)}, "+2 ~2/3"},
		{[][]byte{other, event(1)}, [][]byte{event(1)}, "-1"},
		{nil, [][]byte{event(1)}, "+1"},
	} {
		record := func(frames [][]byte) *journal.Record {
			return &journal.Record{FirstSeq: 1, Count: uint32(len(frames)), Events: bytes.Join(frames, nil)}
		}
		var got []string
		for _, change := range changes(record(c.recorded), record(c.replayed)) {
			got = append(got, sign(&change))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%d and %d events: %q, want %q", len(c.recorded), len(c.replayed), got, c.want)
		}
	}
}

// sign writes a change by the Seqs of its events.
func sign(c *Change) string {
	digit := func(e *Event) string { return string(rune('0' + e.Seq)) }
	switch {
	case c.Replayed == nil:
		return "-" + digit(c.Recorded)
	case c.Recorded == nil:
		return "+" + digit(c.Replayed)
	}
	return "~" + digit(c.Recorded) + "/" + digit(c.Replayed)
}

func TestReplayOfDamagedFilesSaysSo(t *testing.T) {
	fsys := fixture(t)
	name := files(t, fsys, "wal", ".wal")[0]
	flip(t, fsys, name, 700)
	_, err := ReplayLog(dir, ReplayOptions{Options: Options{FS: fsys}})
	if err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("got %v", err)
	}
	lock, err := fsys.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := ReplayLog(dir, ReplayOptions{Options: Options{FS: fsys}}); !errors.Is(err, vfs.ErrLocked) {
		t.Errorf("got %v", err)
	}
}
