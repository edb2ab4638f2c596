package journal

import (
	"bytes"
	"errors"
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/hustings/hustings/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// resum makes the checksum of a record right.
func resum(b []byte) []byte {
	le.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli))
	return b
}

func TestEmptyJournal(t *testing.T) {
	j := mustOpen(t, vfs.NewMem(), testOptions())
	defer mustClose(t, j)
	if tip := j.Last(); tip != (Tip{Chain: genesis(3)}) {
		t.Errorf("tip %+v", tip)
	}
	if _, found, err := j.FirstAt(0); found || err != nil {
		t.Errorf("a moment: %v, %v", found, err)
	}
	if _, err := j.Prove(1); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("proof: %v", err)
	}
	if err := j.History(1, 0, 0, func(uint64, int64, []byte) bool { panic("an event") }); err != nil {
		t.Error(err)
	}
	if err := j.Sync(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsAppendedIsReadAndStays(t *testing.T) {
	records := newMaker(10).records(300)
	fs := vfs.NewMem()
	j := mustOpen(t, fs, testOptions())
	for i, r := range records {
		mustAppend(t, j, r)
		if tip := j.Last(); tip.Seq != r.LastSeq() || tip.Index != r.Index || tip.Time != r.Time {
			t.Fatalf("after record %d: %+v", i, tip)
		}
	}
	sameRecords(t, readAll(t, j, 1), records)
	tip := j.Last()
	mustClose(t, j)
	j = mustOpen(t, fs, testOptions())
	defer mustClose(t, j)
	if j.Last() != tip {
		t.Errorf("opened again: %+v, want %+v", j.Last(), tip)
	}
	sameRecords(t, readAll(t, j, 1), records)
	report := mustVerify(t, fs, verifyOptions())
	if report.Last != tip || report.Events != int64(tip.Seq) || report.Records != 300 || report.Segments < 5 {
		t.Errorf("report %+v", report)
	}
}

func TestRecordsThatDoNotFollowAreRefused(t *testing.T) {
	j := mustOpen(t, vfs.NewMem(), testOptions())
	defer mustClose(t, j)
	m := newMaker(11)
	mustAppend(t, j, m.records(5)...)
	tip, good := j.Last(), m.next()
	for name, change := range map[string]func(*Record){
		"gap":            func(r *Record) { r.FirstSeq++ },
		"repetition":     func(r *Record) { r.FirstSeq-- },
		"same index":     func(r *Record) { r.Index = tip.Index },
		"earlier":        func(r *Record) { r.Time = tip.Time - 1 },
		"count is wrong": func(r *Record) { r.Count++ },
		"half an event":  func(r *Record) { r.Events = r.Events[:len(r.Events)-1] },
	} {
		r := good
		change(&r)
		if j.Append(r) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	mustAppend(t, j, Record{Index: good.Index - 1}) // an entry without events is passed over
	if j.Last() != tip {
		t.Errorf("tip moved to %+v", j.Last())
	}
	mustAppend(t, j, good)
}

// TestFilesDependOnRecordsOnly writes the same records with other memory, other moments of Sync and of opening again,
// and a crash now and then: all files must be the same bytes.
func TestFilesDependOnRecordsOnly(t *testing.T) {
	records := newMaker(12).records(250)
	want := contents(t, written(t, records, testOptions()))
	if len(want) < 10 {
		t.Fatalf("only %d files", len(want))
	}
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		o := testOptions()
		o.TailBytes = rapid.IntRange(1, 2<<20).Draw(t, "tail")
		fs := vfs.NewMem()
		j := mustOpen(t, fs, o)
		for last := j.Last().Seq; last < records[249].LastSeq(); last = j.Last().Seq {
			switch random.IntN(40) {
			case 0:
				if err := j.Sync(); err != nil {
					t.Fatalf("%v", err)
				}
			case 1:
				mustClose(t, j)
				j = mustOpen(t, fs, o)
			case 2:
				left := fs.CrashKeeping(random.Uint64())
				mustClose(t, j)
				fs = left
				j = mustOpen(t, fs, o)
			default:
				n := slices.IndexFunc(records, func(r Record) bool { return r.FirstSeq == last+1 })
				mustAppend(t, j, records[n])
			}
		}
		mustClose(t, j)
		got := contents(t, fs)
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if !bytes.Equal(got[name], want[name]) {
				t.Fatalf("%s differs: %d bytes, want %d; files %v", name, len(got[name]), len(want[name]), slices.Sorted(maps.Keys(got)))
			}
		}
		if len(got) != len(want) {
			t.Fatalf("files %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	})
}

func TestSegmentsEndAtTheirSize(t *testing.T) {
	m := newMaker(13)
	records := m.records(100)
	huge := m.next()
	for huge.size() < 3*4096 {
		huge.Events = append(huge.Events, makeEvent(1, 2, 3000)...)
		huge.Count++
	}
	m.seq = huge.LastSeq()
	records = append(append(records, huge), m.records(20)...)
	fs := written(t, records, testOptions())
	over := 0
	for name, content := range contents(t, fs) {
		if strings.HasSuffix(name, segmentSuffix) && len(content) > 4096 {
			over++
			if want := segmentHead + huge.size(); len(content) != want {
				t.Errorf("%s has %d bytes", name, len(content))
			}
		}
	}
	if over != 1 {
		t.Errorf("%d segments are too large, want that of the huge record", over)
	}
	mustVerify(t, fs, verifyOptions())
}

func TestJournalOfAnotherShardIsRefused(t *testing.T) {
	fs := written(t, newMaker(14).records(3), testOptions())
	before := contents(t, fs)
	o := testOptions()
	o.Shard = 4
	if _, _, err := Open(fs, dir, o); err == nil || errors.Is(err, ErrCorrupt) {
		t.Errorf("opened for shard 4: %v", err)
	}
	if !maps.EqualFunc(before, contents(t, fs), bytes.Equal) {
		t.Error("its files were changed")
	}
}

func TestClosedJournal(t *testing.T) {
	records := newMaker(15).records(2)
	fs := written(t, records[:1], testOptions())
	j := mustOpen(t, fs, testOptions())
	c := j.Subscribe(1)
	mustClose(t, j)
	mustClose(t, j)
	if err := j.Append(records[1]); !errors.Is(err, ErrClosed) {
		t.Errorf("append: %v", err)
	}
	if err := j.Sync(); !errors.Is(err, ErrClosed) {
		t.Errorf("sync: %v", err)
	}
	if _, err := c.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("next: %v", err)
	}
}
