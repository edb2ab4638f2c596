package index

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/hustings/hustings/journal/merkle"
	"pgregory.net/rapid"
)

// naive is an index as simple as it can be.
type naive struct {
	seqs  map[Key][]uint64
	marks []Mark // of every record
}

func (n *naive) newest(key Key, before uint64) []uint64 {
	var found []uint64
	for _, seq := range slices.Backward(n.seqs[key]) {
		if seq < before {
			found = append(found, seq)
		}
	}
	return found
}

func (n *naive) oldest(key Key, after uint64) []uint64 {
	found := n.newest(key, 1<<63)
	slices.Reverse(found)
	return slices.DeleteFunc(found, func(seq uint64) bool { return seq <= after })
}

// reader is what Memory and File have in common.
type reader interface {
	Newest(Key, uint64, func(uint64) bool) error
	Oldest(Key, uint64, func(uint64) bool) error
	MarkOfSeq(uint64) (Mark, error)
	MarkBefore(int64, bool) (Mark, error)
	Node(int64) (merkle.Hash, error)
}

// build makes an index of random records, its naive twin and its span.
func build(random *rand.Rand, records, keys int) (*Memory, *naive, Span) {
	span := Span{Shard: 3, Number: 7, FirstSeq: 1001, FirstIndex: 9, FirstTime: 50}
	m := NewMemory(span.FirstSeq, nil)
	n := &naive{seqs: map[Key][]uint64{}}
	seq, offset, time := span.FirstSeq, int64(72), span.FirstTime
	for range records {
		mark := Mark{Seq: seq, Offset: offset, Time: time}
		n.marks = append(n.marks, mark)
		var entries []Entry
		for range 1 + random.IntN(4) {
			// One key in half of the events, the others rare; some named twice.
			for _, key := range []Key{Key(random.IntN(2)), Key(random.IntN(keys)), Key(random.IntN(keys))} {
				entries = append(entries, Entry{seq, key})
				if s := n.seqs[key]; len(s) == 0 || s[len(s)-1] != seq {
					n.seqs[key] = append(s, seq)
				}
			}
			seq++
		}
		m.Add(mark, entries, []merkle.Hash{{byte(seq), byte(seq >> 8)}})
		offset += int64(100 + random.IntN(9000))
		span.LastTime = time
		time += int64(random.IntN(3))
	}
	span.LastSeq, span.LastIndex, span.Size = seq-1, 99, offset
	span.Chain[5] = 42
	return m, n, span
}

func open(t testing.TB, file []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(file), NewCache(16))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func collect(walk func(visit func(uint64) bool) error) ([]uint64, error) {
	var got []uint64
	err := walk(func(seq uint64) bool { got = append(got, seq); return true })
	return got, err
}

func TestPostingsAreThoseOfANaiveMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		keys := rapid.IntRange(2, 3000).Draw(t, "keys")
		m, n, span := build(random, rapid.IntRange(1, 800).Draw(t, "records"), keys)
		f, err := Open(bytes.NewReader(m.Encode(span, 5)), NewCache(16))
		if err != nil {
			t.Fatal(err)
		}
		for name, r := range map[string]reader{"memory": m, "file": f} {
			for range 30 {
				key := Key(random.IntN(keys + 2))
				bound := span.FirstSeq - 2 + random.Uint64N(span.LastSeq-span.FirstSeq+5)
				got, err := collect(func(v func(uint64) bool) error { return r.Newest(key, bound, v) })
				if want := n.newest(key, bound); err != nil || !slices.Equal(got, want) {
					t.Fatalf("%s: newest of %d before %d: %v, %v, want %v", name, key, bound, got, err, want)
				}
				got, err = collect(func(v func(uint64) bool) error { return r.Oldest(key, bound, v) })
				if want := n.oldest(key, bound); err != nil || !slices.Equal(got, want) {
					t.Fatalf("%s: oldest of %d after %d: %v, %v, want %v", name, key, bound, got, err, want)
				}
			}
		}
	})
}

func TestVisitorStopsTheWalk(t *testing.T) {
	m, _, span := build(rand.New(rand.NewPCG(1, 0)), 500, 10)
	for name, r := range map[string]reader{"memory": m, "file": open(t, m.Encode(span, 0))} {
		for way, walk := range map[string]func(Key, uint64, func(uint64) bool) error{"newest": r.Newest, "oldest": r.Oldest} {
			calls := 0
			bound := map[string]uint64{"newest": 1 << 62, "oldest": 0}[way]
			if err := walk(1, bound, func(uint64) bool { calls++; return calls < 3 }); err != nil || calls != 3 {
				t.Errorf("%s, %s: %d calls, %v", name, way, calls, err)
			}
		}
	}
}

// TestMarks checks that a mark is not beyond what is sought and not much before it.
func TestMarks(t *testing.T) {
	m, n, span := build(rand.New(rand.NewPCG(2, 0)), 2000, 10)
	for name, r := range map[string]reader{"memory": m, "file": open(t, m.Encode(span, 0))} {
		for i, record := range n.marks {
			got, err := r.MarkOfSeq(record.Seq)
			if err != nil || got.Seq > record.Seq || got.Offset > record.Offset || record.Offset-got.Offset >= markEvery {
				t.Fatalf("%s: mark of record %+v: %+v, %v", name, record, got, err)
			}
			first := slices.IndexFunc(n.marks, func(k Mark) bool { return k.Time >= record.Time })
			got, err = r.MarkBefore(record.Time, false)
			if err != nil || got.Seq > n.marks[first].Seq {
				t.Fatalf("%s: mark before time %d: %+v, %v; record %d is the first", name, record.Time, got, err, first)
			}
			got, err = r.MarkBefore(record.Time, true)
			if err != nil || got.Time > record.Time || n.marks[i].Offset-got.Offset >= markEvery {
				t.Fatalf("%s: mark not after time %d: %+v, %v", name, record.Time, got, err)
			}
		}
	}
}

func TestNodesAndSpan(t *testing.T) {
	m, n, span := build(rand.New(rand.NewPCG(3, 0)), 300, 10)
	f := open(t, m.Encode(span, 6))
	if f.Span() != span || f.KeyVersion() != 6 {
		t.Errorf("span %+v, key version %d; want %+v, 6", f.Span(), f.KeyVersion(), span)
	}
	for i := range n.marks {
		want, _ := m.Node(int64(i))
		if got, err := f.Node(int64(i)); err != nil || got != want {
			t.Fatalf("node %d: %v, %v; want %v", i, got, err, want)
		}
	}
	if _, err := f.Node(int64(len(n.marks))); !errors.Is(err, ErrDamaged) {
		t.Errorf("a node too many: %v", err)
	}
}

var writeGolden = flag.Bool("write-golden", false, "write the file of a new format version; one that is there is never changed")

func TestFileOfVersion1IsWrittenAsEver(t *testing.T) {
	const name = "testdata/v1.index"
	m, _, span := build(rand.New(rand.NewPCG(9, 0)), 300, 400)
	got := m.Encode(span, 2)
	if _, err := os.Stat(name); *writeGolden && errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes that differ from the %d kept", len(got), len(want))
	}
}

func TestEveryChangedBitIsFound(t *testing.T) {
	m, _, span := build(rand.New(rand.NewPCG(4, 0)), 100, 50)
	file := m.Encode(span, 0)
	if got, err := Check(bytes.NewReader(file), int64(len(file))); err != nil || got != span {
		t.Fatalf("whole file: %+v, %v", got, err)
	}
	for i := range file {
		file[i] ^= 1 << (i % 8)
		var damage *Damage
		_, err := Check(bytes.NewReader(file), int64(len(file)))
		if !errors.As(err, &damage) || damage.Byte/pageLen != int64(i)/pageLen {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		file[i] ^= 1 << (i % 8)
	}
	for _, size := range []int{0, 1, pageLen - 1, pageLen, len(file) - 1} {
		if _, err := Check(bytes.NewReader(file[:size]), int64(size)); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut to %d bytes: %v", size, err)
		}
	}
	longer := append(slices.Clone(file), 0)
	if _, err := Check(bytes.NewReader(longer), int64(len(longer))); !errors.Is(err, ErrDamaged) {
		t.Fatalf("a byte too many: %v", err)
	}
}

func TestDamagedPageIsNotServed(t *testing.T) {
	m, n, span := build(rand.New(rand.NewPCG(5, 0)), 2000, 3000)
	file := m.Encode(span, 0)
	file[len(file)-pageLen/2] ^= 1 // the last page of postings
	f := open(t, file)
	failed := 0
	for key := range n.seqs {
		got, err := collect(func(v func(uint64) bool) error { return f.Newest(key, 1<<62, v) })
		if err == nil && !slices.Equal(got, n.newest(key, 1<<62)) {
			t.Fatalf("key %d: wrong postings", key)
		}
		if errors.Is(err, ErrDamaged) {
			failed++
		}
	}
	if failed == 0 {
		t.Fatal("nothing failed")
	}
}

type countingReader struct {
	io.ReaderAt
	reads int
}

func (c *countingReader) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	return c.ReaderAt.ReadAt(p, off)
}

func TestAbsentKeyReadsOnePage(t *testing.T) {
	m, _, span := build(rand.New(rand.NewPCG(6, 0)), 20_000, 30_000)
	source := &countingReader{ReaderAt: bytes.NewReader(m.Encode(span, 0))}
	const asked = 2000
	passed := 0
	for i := range asked {
		f, err := Open(source, NewCache(16))
		if err != nil {
			t.Fatal(err)
		}
		source.reads = 0
		if _, count, err := f.find(Key(1<<60 + i)); err != nil || count != 0 {
			t.Fatal(count, err)
		}
		if source.reads > 2 { // a filter block may lie across two pages
			passed++
		}
	}
	if passed > asked/50 {
		t.Errorf("%d of %d absent keys pass the filter", passed, asked)
	}
}

func TestReadersBesideTheWriter(t *testing.T) {
	m := NewMemory(1, nil)
	m.Add(Mark{Seq: 1}, []Entry{{1, 7}}, nil)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for last := uint64(0); last < 20_000; {
				previous := uint64(1 << 62)
				newest := uint64(0)
				_ = m.Newest(7, 1<<62, func(seq uint64) bool {
					if newest == 0 {
						newest = seq
					}
					if seq != previous-1 && previous != 1<<62 {
						panic(fmt.Sprintf("%d after %d", seq, previous))
					}
					previous = seq
					return newest-seq < 100
				})
				if newest < last {
					panic("went back")
				}
				last = newest
			}
		})
	}
	for seq := uint64(2); seq <= 20_000; seq++ {
		m.Add(Mark{Seq: seq}, []Entry{{seq, 7}, {seq, Key(seq)}}, nil)
	}
	group.Wait()
}

func BenchmarkAdd(b *testing.B) {
	random := rand.New(rand.NewPCG(7, 0))
	m := NewMemory(1, nil)
	seq := uint64(1)
	entries := make([]Entry, 0, 200)
	for b.Loop() {
		if seq%700_000 < 100 {
			m = NewMemory(seq, m)
		}
		entries = entries[:0]
		for range 100 {
			entries = append(entries, Entry{seq, Key(1<<56 + random.IntN(100))}, Entry{seq, Key(2<<56 + random.IntN(50_000))})
			seq++
		}
		m.Add(Mark{Seq: seq}, entries, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/event")
}

func BenchmarkEncode(b *testing.B) {
	m, _, span := build(rand.New(rand.NewPCG(8, 0)), 250_000, 50_000)
	for b.Loop() {
		b.SetBytes(int64(len(m.Encode(span, 0))))
	}
}

func BenchmarkAbsentKeyCached(b *testing.B) {
	m, _, span := build(rand.New(rand.NewPCG(6, 0)), 20_000, 30_000)
	f, _ := Open(bytes.NewReader(m.Encode(span, 0)), NewCache(1000))
	for i := 0; b.Loop(); i++ {
		_, _, _ = f.find(Key(1<<60 + i))
	}
}
