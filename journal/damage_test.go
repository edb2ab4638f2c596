package journal

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hustings/hustings/vfs"
)

func TestTailTornAtAnyByteIsCutAndWrittenAgain(t *testing.T) {
	records := smallMaker(20).records(7)
	whole := contents(t, written(t, records, Options{Shard: 3}))
	content := whole[activeName(1)]
	ends := []int{segmentHead}
	for _, r := range records {
		ends = append(ends, ends[len(ends)-1]+r.size())
	}
	for size := range content {
		fs := restore(t, map[string][]byte{activeName(1): content[:size]})
		j, recovery, err := Open(fs, dir, Options{Shard: 3})
		if err != nil {
			t.Fatalf("cut at %d: %v", size, err)
		}
		good := 0
		for good < len(records) && ends[good+1] <= size {
			good++
		}
		sameRecords(t, readAll(t, j, 1), records[:good])
		atEnd := size == ends[good] && good > 0
		if (recovery.Cut == nil) != atEnd {
			t.Fatalf("cut at %d: recovery %+v", size, recovery)
		}
		if c := recovery.Cut; c != nil && (c.Seq != j.Last().Seq+1 && size > segmentHead || c.Byte > int64(size)) {
			t.Fatalf("cut at %d: reported %v", size, c)
		}
		mustAppend(t, j, records[good:]...)
		mustClose(t, j)
		if got := contents(t, fs); !maps.EqualFunc(got, whole, bytes.Equal) {
			t.Fatalf("cut at %d: other files after writing again", size)
		}
	}
}

// TestTornEndIsNoCorruption checks what Verify says of a torn end, and of whole records behind a damaged length.
func TestTornEndIsNoCorruption(t *testing.T) {
	records := newMaker(21).records(5)
	content := contents(t, written(t, records, Options{Shard: 3}))[activeName(1)]
	end := len(content) - records[4].size()
	fs := restore(t, map[string][]byte{activeName(1): content[:len(content)-7]})
	report, err := Verify(fs, dir, VerifyOptions{})
	if err != nil || len(report.Problems) != 1 || report.Problems[0].Byte != int64(end) || report.Records != 4 {
		t.Errorf("torn: %+v, %v", report, err)
	}
	content[segmentHead+2] ^= 1 // a length that leads beyond the file
	fs = restore(t, map[string][]byte{activeName(1): content})
	report, err = Verify(fs, dir, VerifyOptions{})
	var damage *Corruption
	if !errors.As(err, &damage) || damage.Byte != segmentHead || damage.Seq != 1 {
		t.Errorf("length damaged: %+v, %v", report, err)
	}
}

// signedJournal is a journal of several segments and two checkpoints.
func signedJournal(t *testing.T, records []Record) map[string][]byte {
	t.Helper()
	return contents(t, signed(t, records, func(i int) bool { return i == len(records)/3 || i == len(records)*2/3 }))
}

// changes flips one bit after the other: one in each byte, or in every so many bytes of a file as step says.
func changes(t *testing.T, files map[string][]byte, step func(name string) int, visit func(fs vfs.FS, name string, at int)) {
	fs := restore(t, files)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content := files[name]
		for at := 0; at < len(content); at += step(name) {
			changed := bytes.Clone(content)
			changed[at] ^= 1 << (at * 7 % 8)
			if err := vfs.WriteFile(fs, dir+"/"+name, changed); err != nil {
				t.Fatal(err)
			}
			visit(fs, name, at)
		}
		if err := vfs.WriteFile(fs, dir+"/"+name, content); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABitFlippedAnywhereIsFoundAndNamed(t *testing.T) {
	files := signedJournal(t, smallMaker(22).records(40))
	_, verifier := keys(t)
	o := verifyOptions()
	o.Verifier = verifier
	mustVerify(t, restore(t, files), o)
	without := VerifyOptions{Verifier: verifier}
	step := func(name string) int {
		if strings.HasSuffix(name, indexSuffix) {
			return 41 // within a page one byte is like another
		}
		return 1
	}
	changes(t, files, step, func(fs vfs.FS, name string, at int) {
		for _, options := range []VerifyOptions{o, without} {
			if at%8 > 0 && strings.HasSuffix(name, segmentSuffix) && options.Indexer == nil {
				continue
			}
			report, err := Verify(fs, dir, options)
			var found *Corruption
			if len(report.Problems) > 0 {
				found = report.Problems[0]
			} else if !errors.As(err, &found) {
				t.Fatalf("%s, byte %d: not found", name, at)
			}
			if !strings.HasSuffix(found.File, name) || found.Byte > int64(at) {
				t.Fatalf("%s, byte %d: named as %v", name, at, found)
			}
			if strings.HasSuffix(name, segmentSuffix) {
				if record, seq := recordAt(t, files, name, at); found.Byte != record || found.Seq > seq && record > 0 {
					t.Fatalf("%s, byte %d, in the record at %d of event %d: named as %v", name, at, record, seq, found)
				}
			}
		}
	})
}

// recordAt returns where the record that holds a byte of a segment begins, and its first Seq.
func recordAt(t *testing.T, files map[string][]byte, name string, at int) (int64, uint64) {
	t.Helper()
	if at < segmentHead {
		return 0, 0
	}
	n, ok := parseName(name, segmentSuffix)
	if !ok {
		t.Fatal(name)
	}
	pristine := smallMaker(22).records(40)
	record := int64(segmentHead)
	for _, r := range pristine {
		if r.FirstSeq < n.first {
			continue
		}
		if int64(at) < record+int64(r.size()) {
			return record, r.FirstSeq
		}
		record += int64(r.size())
	}
	t.Fatalf("no record at byte %d of %s", at, name)
	return 0, 0
}

// TestAFlippedBitIsNeverServed reads a damaged journal in every way: each either fails or gives what was written.
func TestAFlippedBitIsNeverServed(t *testing.T) {
	records := newMaker(23).records(60)
	files := signedJournal(t, records)
	events := eventsOf(records)
	step := func(name string) int { return 61 }
	changes(t, files, step, func(damaged vfs.FS, name string, at int) {
		fs := restore(t, contents(t, damaged))
		j, _, err := Open(fs, dir, testOptions())
		if err != nil {
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrVersion) {
				t.Fatalf("%s, byte %d: %v", name, at, err)
			}
			return
		}
		defer j.Close()
		if err := readDamaged(j, events); err != nil {
			t.Fatalf("%s, byte %d: %v", name, at, err)
		}
	})
}

func readDamaged(j *Journal, events [][]byte) error {
	var wrong error
	check := func(seq uint64, _ int64, event []byte) bool {
		if !bytes.Equal(event, events[seq-1]) {
			wrong = fmt.Errorf("event %d: %x", seq, event)
		}
		return wrong == nil
	}
	for c := j.Subscribe(1); wrong == nil; {
		r, found, err := c.Poll()
		if !found || err != nil {
			break
		}
		for seq, event := range r.All() {
			check(seq, 0, event)
		}
	}
	for few := range Key(3) {
		_ = j.History(1<<56|few, 0, 0, check)
		_ = j.HistoryForward(1<<56|few, 0, 0, check)
	}
	for seq := uint64(1); seq <= uint64(len(events)); seq += 7 {
		if p, err := j.Prove(seq); err == nil {
			check(p.Seq, 0, p.Event)
		}
	}
	return wrong
}

func TestDamageBelowWhatIsDurableIsRefused(t *testing.T) {
	records := newMaker(24).records(10)
	content := contents(t, written(t, records, Options{Shard: 3}))[activeName(1)]
	at := segmentHead
	for _, r := range records[:6] {
		at += r.size()
	}
	content[at+recordHead+3] ^= 1 // in record 6
	for synced, wantRefused := range map[uint64]bool{
		records[5].LastSeq(): false, records[6].FirstSeq: true, records[9].LastSeq(): true,
	} {
		fs := restore(t, map[string][]byte{activeName(1): content})
		_, _, err := openAndClose(fs, Options{Shard: 3, SyncedSeq: synced})
		var damage *Corruption
		if wantRefused && (!errors.As(err, &damage) || damage.Byte != int64(at) || damage.Seq != records[6].FirstSeq) {
			t.Errorf("synced up to %d: %v", synced, err)
		}
		if wantRefused != (err != nil) || wantRefused && !bytes.Equal(contents(t, fs)[activeName(1)], content) {
			t.Errorf("synced up to %d: %v, or the file was changed", synced, err)
		}
	}
	fs := restore(t, map[string][]byte{activeName(1): content[:at]})
	if _, _, err := openAndClose(fs, Options{Shard: 3, SyncedSeq: records[6].FirstSeq}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("whole, but too short: %v", err)
	}
}

func openAndClose(fs vfs.FS, o Options) (Tip, Recovery, error) {
	j, recovery, err := Open(fs, dir, o)
	if err != nil {
		return Tip{}, recovery, err
	}
	return j.Last(), recovery, j.Close()
}

func TestMissingSegmentIsNamed(t *testing.T) {
	files := contents(t, written(t, newMaker(25).records(120), testOptions()))
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(n string) bool { return !strings.HasSuffix(n, segmentSuffix) })
	delete(files, names[1])
	fs := restore(t, files)
	first, _ := parseName(names[1], segmentSuffix)
	for what, err := range map[string]error{
		"open":   second(openAndClose(fs, testOptions())),
		"verify": last(Verify(fs, dir, verifyOptions())),
	} {
		var damage *Corruption
		if !errors.As(err, &damage) || damage.Seq != first.first {
			t.Errorf("%s: %v, want event %d", what, err, first.first)
		}
	}
}

func second(_ Tip, _ Recovery, err error) error { return err }
func last[T any](_ T, err error) error          { return err }
