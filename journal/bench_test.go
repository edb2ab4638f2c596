package journal

import (
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hustings/hustings/vfs"
)

// benchRecords are records of count events of 90 bytes with two keys each.
func benchRecord(random *rand.Rand, count int) Record {
	r := Record{Count: uint32(count)}
	for range count {
		r.Events = append(r.Events, makeEvent(random.Uint32N(100), random.Uint32N(50_000), 90)...)
	}
	return r
}

func benchmarkAppend(b *testing.B, count int) {
	j, _, err := Open(vfs.OS, b.TempDir(), Options{Shard: 1, Indexer: testIndexer, KeyVersion: 1})
	if err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	records := make([]Record, 64)
	for i := range records {
		records[i] = benchRecord(random, count)
	}
	seq, i := uint64(1), uint64(0)
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		r := &records[i%64]
		i++
		r.Index, r.Time, r.FirstSeq = i, int64(i), seq
		seq += uint64(count)
		if err := j.Append(*r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(seq-1), "ns/event")
	b.ReportMetric(float64(processorTime(b)-before)/float64(seq-1), "cpu-ns/event")
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}

// processorTime is what the process used, in ns: with sealing in the background and without what others do.
func processorTime(b *testing.B) int64 {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}

func BenchmarkAppend1(b *testing.B)   { benchmarkAppend(b, 1) }
func BenchmarkAppend10(b *testing.B)  { benchmarkAppend(b, 10) }
func BenchmarkAppend100(b *testing.B) { benchmarkAppend(b, 100) }

// benchJournal is a journal of so many events, records of 100.
func benchJournal(b *testing.B, events int) *Journal {
	j, _, err := Open(vfs.OS, b.TempDir(), Options{Shard: 1, SegmentBytes: 16 << 20, Indexer: testIndexer, KeyVersion: 1})
	if err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for seq := 1; seq < events; seq += 100 {
		r := benchRecord(random, 100)
		r.Index, r.Time, r.FirstSeq = uint64(seq), int64(seq), uint64(seq)
		if err := j.Append(r); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() { j.Close() })
	return j
}

func BenchmarkCursor(b *testing.B) {
	j := benchJournal(b, 500_000)
	events := 0
	for b.Loop() {
		c := j.Subscribe(1)
		for {
			r, found, err := c.Poll()
			if err != nil {
				b.Fatal(err)
			}
			if !found {
				break
			}
			for _, e := range r.All() {
				events += int(e[3])
			}
		}
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkHistoryRareKey(b *testing.B) {
	j := benchJournal(b, 1_000_000)
	for i := 0; b.Loop(); i++ {
		err := j.History(2<<56|Key(i%50_000), 0, 100, func(uint64, int64, []byte) bool { return true })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProve(b *testing.B) {
	j := benchJournal(b, 300_000)
	signer, _ := keys(b)
	if _, err := j.Checkpoint(signer); err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := j.Prove(uint64(1 + i*7919%300_000)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	o := Options{Shard: 1, Indexer: testIndexer, KeyVersion: 1}
	j, _, err := Open(vfs.OS, dir, o)
	if err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for seq := 1; seq < 600_000; seq += 100 {
		r := benchRecord(random, 100)
		r.Index, r.Time, r.FirstSeq = uint64(seq), int64(seq), uint64(seq)
		if err := j.Append(r); err != nil {
			b.Fatal(err)
		}
	}
	for {
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
		if !b.Loop() {
			return
		}
		if j, _, err = Open(vfs.OS, dir, o); err != nil {
			b.Fatal(err)
		}
	}
}
