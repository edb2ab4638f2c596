package journal

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/vfs"
)

const ending = ".gone-1"

// tenth chooses every tenth record for signed.
func tenth(i int) bool { return i%10 == 9 }

// divided returns the files that belong to a journal and those that were cut off, under the names that they had.
func divided(t tester, fs vfs.FS) (journal, cut map[string][]byte) {
	journal, cut = contents(t, fs), map[string][]byte{}
	for name, content := range journal {
		if had, is := strings.CutSuffix(name, ending); is {
			delete(journal, name)
			cut[had] = content
		}
	}
	return journal, cut
}

// A journal that was cut is the one that was never longer: it goes on to the same files. With what was cut off in its place again
// it is the one from before.
func TestCutJournalWasNeverLonger(t *testing.T) {
	records := newMaker(80).records(150)
	before, o := contents(t, signed(t, records, tenth)), signedOptions(t)
	for n := range len(records) + 1 {
		index := records[max(0, n-1)].Index
		if n == 0 {
			index--
		}
		fs := restore(t, before)
		off, err := Cut(fs, dir, testOptions(), index, ending)
		if err != nil {
			t.Fatal(err)
		}
		left, cut := divided(t, fs)
		if n == len(records) {
			if len(cut) > 0 || !slices.Equal(off.Files, nil) || off.First != 0 || !maps.EqualFunc(left, before, bytes.Equal) {
				t.Errorf("with nothing to be cut off: %+v, %d files", off, len(cut))
			}
			continue
		}
		if off.First != records[n].FirstSeq || off.Last != records[149].LastSeq() {
			t.Errorf("before record %d with event %d: %+v", n, records[n].FirstSeq, off)
		}
		wholeAgain(t, fs, o)
		goesOn(t, fs, records, n, before)
	}
}

// goesOn has a journal that was cut before a record go on, and compares it with the one from before.
func goesOn(t tester, fs vfs.FS, records []Record, n int, before map[string][]byte) {
	t.Helper()
	j := mustOpen(t, fs, testOptions())
	sameRecords(t, readAll(t, j, 1), records[:n])
	mustAppend(t, j, records[n:]...)
	mustClose(t, j)
	got, _ := divided(t, fs)
	heads, _ := splitCheckpoints(got[checkpointsName])
	if len(heads) != n/10 {
		t.Fatalf("%d checkpoints of %d records", len(heads), n)
	}
	got[checkpointsName] = before[checkpointsName]
	if !maps.EqualFunc(got, before, bytes.Equal) {
		t.Fatalf("files %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(before)))
	}
}

// wholeAgain puts what was cut off in its place again and checks that all is there.
func wholeAgain(t tester, fs vfs.FS, o VerifyOptions) {
	t.Helper()
	left, all := divided(t, fs)
	if len(all) == 0 {
		t.Fatalf("nothing was kept of what was cut off")
	}
	cut := slices.Collect(maps.Keys(all))
	for name, content := range left {
		first, _, _ := strings.Cut(strings.TrimSuffix(name, segmentSuffix), "-")
		shortened := slices.ContainsFunc(cut, func(other string) bool { return strings.HasPrefix(other, first) })
		if strings.HasSuffix(name, segmentSuffix) && !shortened || name == checkpointsName && all[name] == nil {
			all[name] = content
		}
	}
	for _, name := range cut { // it was copied once more, by a cut that began anew
		if first, _, sealed := strings.Cut(name, "-"); sealed {
			delete(all, first+segmentSuffix)
		}
	}
	report, err := Verify(restore(t, all), dir, o)
	if err != nil || report.Records != 150 || report.Checkpoints != 15 {
		t.Fatalf("put together again: %v, %+v", err, report)
	}
}

func signedOptions(t testing.TB) VerifyOptions {
	o := verifyOptions()
	_, o.Verifier = keys(t)
	o.RepairIndexes = true
	return o
}

// Whenever the power fails within a cut, the same call finishes it, and nothing is gone that was cut off.
func TestCutSurvivesAnyFault(t *testing.T) {
	records := newMaker(81).records(150)
	before, o := contents(t, signed(t, records, tenth)), signedOptions(t)
	fired := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, len(records)-1).Draw(t, "records")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		disk := restore(t, before)
		for round := 0; ; round++ {
			rule := &vfs.Rule{On: []vfs.Op{vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpSyncDir, vfs.OpTruncate, vfs.OpCreate}[random.IntN(6)],
				Skip: random.IntN(6), Times: 1, Err: syscall.EIO}
			faulty := vfs.NewFaulty(disk)
			if round < 4 {
				faulty.Add(rule)
			}
			_, err := Cut(faulty, dir, testOptions(), records[n].Index-1, ending)
			fired += rule.Fired()
			disk = disk.CrashKeeping(random.Uint64())
			if err == nil {
				break
			}
			if !errors.Is(err, syscall.EIO) {
				t.Fatal(err)
			}
		}
		wholeAgain(t, disk, o)
		goesOn(t, disk, records, n, before)
	})
	if fired == 0 {
		t.Error("no fault fired")
	}
}

// Behind a cut another history can follow.
func TestAnotherHistoryFollowsACut(t *testing.T) {
	records := newMaker(82).records(100)
	fs := signed(t, records, tenth)
	if _, err := Cut(fs, dir, testOptions(), records[44].Index, ending); err != nil {
		t.Fatal(err)
	}
	other := newMaker(84)
	other.seq, other.index, other.time = records[44].LastSeq(), records[44].Index, records[44].Time
	signer, _ := keys(t)
	j := mustOpen(t, fs, testOptions())
	mustAppend(t, j, other.records(100)...)
	if _, err := j.Checkpoint(signer); err != nil {
		t.Fatal(err)
	}
	mustClose(t, j)
	if report := mustVerify(t, fs, signedOptions(t)); report.Records != 145 || report.Checkpoints != 5 {
		t.Errorf("%+v", report)
	}
}

// What was durable is not cut, and neither is anything else then.
func TestCutKeepsWhatWasDurable(t *testing.T) {
	records := newMaker(83).records(60)
	fs := signed(t, records, tenth)
	before := contents(t, fs)
	o := testOptions()
	o.SyncedSeq = records[30].LastSeq()
	if _, err := Cut(fs, dir, o, records[30].Index-1, ending); err == nil || !strings.Contains(err.Error(), "was durable") {
		t.Errorf("cut before what was durable: %v", err)
	}
	if !maps.EqualFunc(contents(t, fs), before, bytes.Equal) {
		t.Error("a cut that is refused has changed the files")
	}
	if _, err := Cut(fs, dir, o, records[30].Index, ending); err != nil {
		t.Error(err)
	}
}
