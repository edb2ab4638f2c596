package journal

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/vfs"
)

const dir = "/journal"

// makeEvent is an event that names two keys: one of a few and one of many.
func makeEvent(few, many uint32, size int) []byte {
	b := make([]byte, max(size, 12))
	binary.LittleEndian.PutUint16(b, uint16(len(b)))
	b[2], b[3] = byte(few), 1
	binary.LittleEndian.PutUint32(b[4:], few)
	binary.LittleEndian.PutUint32(b[8:], many)
	for i := 12; i < len(b); i++ {
		b[i] = byte(i) ^ byte(many)
	}
	return b
}

func fewKey(event []byte) Key  { return 1<<56 | Key(binary.LittleEndian.Uint32(event[4:])) }
func manyKey(event []byte) Key { return 2<<56 | Key(binary.LittleEndian.Uint32(event[8:])) }

func testIndexer(event []byte, keys []Key) []Key {
	return append(keys, fewKey(event), manyKey(event), manyKey(event))
}

// maker derives the same records whenever it begins with the same seed.
type maker struct {
	random *rand.Rand
	index  uint64
	time   int64
	seq    uint64
	events int // at most so many in a record
	size   int // and so many bytes in an event
}

func newMaker(seed uint64) *maker {
	return &maker{random: rand.New(rand.NewPCG(seed, 1)), events: 6, size: 120}
}

// smallMaker makes small events, for tests that go over every byte.
func smallMaker(seed uint64) *maker {
	m := newMaker(seed)
	m.size = 24
	return m
}

func (m *maker) next() Record {
	m.index += 1 + m.random.Uint64N(3)
	m.time += m.random.Int64N(3) * 500
	r := Record{Index: m.index, Time: m.time, FirstSeq: m.seq + 1, Count: uint32(1 + m.random.IntN(m.events))}
	for range r.Count {
		few, many := m.random.Uint32N(3), m.random.Uint32N(200)
		r.Events = append(r.Events, makeEvent(few, many, 12+m.random.IntN(m.size-11))...)
	}
	m.seq = r.LastSeq()
	return r
}

func (m *maker) records(n int) []Record {
	made := make([]Record, n)
	for i := range made {
		made[i] = m.next()
	}
	return made
}

func testOptions() Options {
	return Options{Shard: 3, SegmentBytes: 4096, Indexer: testIndexer, KeyVersion: 1, TailBytes: 1, IndexPages: 16}
}

type tester interface {
	Helper()
	Fatalf(string, ...any)
}

func mustOpen(t tester, fs vfs.FS, o Options) *Journal {
	t.Helper()
	j, _, err := Open(fs, dir, o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return j
}

func mustAppend(t tester, j *Journal, records ...Record) {
	t.Helper()
	for _, r := range records {
		if err := j.Append(r); err != nil {
			t.Fatalf("append: %v", err)
		}
	}
}

func mustClose(t tester, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

// written makes a closed journal of records in memory.
func written(t tester, records []Record, o Options) *vfs.Mem {
	t.Helper()
	fs := vfs.NewMem()
	j := mustOpen(t, fs, o)
	mustAppend(t, j, records...)
	mustClose(t, j)
	return fs
}

// signed makes a closed journal of records with a checkpoint behind those that are chosen by their place.
func signed(t testing.TB, records []Record, chosen func(i int) bool) *vfs.Mem {
	t.Helper()
	signer, _ := keys(t)
	fs := vfs.NewMem()
	j := mustOpen(t, fs, testOptions())
	for i, r := range records {
		mustAppend(t, j, r)
		if !chosen(i) {
			continue
		}
		if _, err := j.Checkpoint(signer); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, j)
	return fs
}

// contents are the files of a journal by name.
func contents(t tester, fs vfs.FS) map[string][]byte {
	t.Helper()
	entries, err := fs.ReadDir(dir)
	if err != nil {
		t.Fatalf("%v", err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		b, err := vfs.ReadFile(fs, dir+"/"+e.Name())
		if err != nil {
			t.Fatalf("%v", err)
		}
		files[e.Name()] = b
	}
	return files
}

func restore(t tester, files map[string][]byte) *vfs.Mem {
	t.Helper()
	fs := vfs.NewMem()
	if err := fs.MkdirAll(dir); err != nil {
		t.Fatalf("%v", err)
	}
	for name, content := range files {
		if err := vfs.WriteFile(fs, dir+"/"+name, content); err != nil {
			t.Fatalf("%v", err)
		}
	}
	return fs
}

func equalRecords(a, b Record) bool {
	return a.Index == b.Index && a.Time == b.Time && a.FirstSeq == b.FirstSeq && a.Count == b.Count &&
		bytes.Equal(a.Events, b.Events)
}

// readAll polls all records from a Seq.
func readAll(t tester, j *Journal, from uint64) []Record {
	t.Helper()
	var all []Record
	c := j.Subscribe(from)
	for {
		r, found, err := c.Poll()
		if err != nil {
			t.Fatalf("poll event %d: %v", c.Seq(), err)
		}
		if !found {
			return all
		}
		r.Events = bytes.Clone(r.Events)
		all = append(all, r)
	}
}

func sameRecords(t tester, got, want []Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range got {
		if !equalRecords(got[i], want[i]) {
			t.Fatalf("record %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

// keys makes a signer and its verifier, always the same.
func keys(t testing.TB) (note.Signer, note.Verifier) {
	t.Helper()
	seed := bytes.NewReader(bytes.Repeat([]byte("hustings"), 16))
	private, public, err := note.GenerateKey(seed, "exchange.example/shard/3")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

func verifyOptions() VerifyOptions { return VerifyOptions{Indexer: testIndexer, KeyVersion: 1} }

func mustVerify(t tester, fs vfs.FS, o VerifyOptions) Report {
	t.Helper()
	report, err := Verify(fs, dir, o)
	if err != nil || len(report.Problems) > 0 {
		t.Fatalf("verify: %v, %v", err, report.Problems)
	}
	return report
}

func eventsOf(records []Record) [][]byte {
	var all [][]byte
	for _, r := range records {
		for _, event := range r.All() {
			all = append(all, event)
		}
	}
	return all
}
