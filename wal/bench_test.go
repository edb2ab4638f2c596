package wal_test

import (
	"encoding/binary"
	"path/filepath"
	"testing"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// BenchmarkAppendSync makes 16 KiB durable at a time, and the disk has to fill the segments with zeros meanwhile.
// Compare with BenchmarkRawAppendSync.
func BenchmarkAppendSync(b *testing.B) {
	l, _, err := wal.Open(vfs.OS, b.TempDir(), wal.Options{})
	check(b, err)
	defer l.Close()
	payload := pattern(16 << 10)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		check(b, second(l.AppendSync(wal.Record{Type: 1, Shard: 2, Payload: payload})))
		check(b, l.DropBefore(l.End()))
	}
}

// BenchmarkRawAppendSync does what the disk has to do for BenchmarkAppendSync, and nothing else.
func BenchmarkRawAppendSync(b *testing.B) {
	f, err := vfs.OS.Create(filepath.Join(b.TempDir(), "raw"))
	check(b, err)
	defer f.Close()
	const size = 64 << 20
	_, err = f.WriteAt(make([]byte, size), 0)
	check(b, err)
	check(b, f.Sync())
	block := pattern(16<<10 + 512)
	b.SetBytes(16 << 10)
	b.ReportAllocs()
	offset := int64(0)
	for b.Loop() {
		_, err := f.WriteAt(block, offset)
		check(b, err)
		check(b, f.Sync())
		if offset += int64(len(block)); offset+int64(len(block)) > size {
			offset = 0
		}
	}
}

// BenchmarkAppend gathers batches of 16 KiB and writes them to memory: what the log itself costs.
func BenchmarkAppend(b *testing.B) {
	l, _, err := wal.Open(nullFS{vfs.NewMem()}, "/", wal.Options{})
	check(b, err)
	defer l.Close()
	payload := pattern(16 << 10)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := l.AppendSync(wal.Record{Type: 1, Shard: 2, Payload: payload})
		check(b, err)
		check(b, l.DropBefore(l.End()))
	}
}

func BenchmarkScanSmall(b *testing.B) { benchmarkScan(b, 64, 256) }
func BenchmarkScanLarge(b *testing.B) { benchmarkScan(b, 16<<10, 1) }

// benchmarkScan reads 64 MiB of records, so many to a batch, from the page cache.
func benchmarkScan(b *testing.B, size, batch int) {
	l, _, err := wal.Open(vfs.OS, b.TempDir(), wal.Options{SegmentSize: 16 << 20})
	check(b, err)
	defer l.Close()
	payload := pattern(size)
	records := 64 << 20 / size
	for i := range records {
		check(b, l.Append(wal.Record{Type: 1, Shard: uint32(i), Payload: payload}))
		if (i+1)%batch == 0 {
			_, err := l.Sync()
			check(b, err)
		}
	}
	b.SetBytes(int64(records * size))
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		n := 0
		check(b, l.Scan(0, func(wal.Position, wal.Record) error { n++; return nil }))
		if n != records {
			b.Fatalf("%d records, want %d", n, records)
		}
	}
	b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// pattern returns bytes that differ from place to place and are not zero.
func pattern(size int) []byte {
	p := make([]byte, 0, size+4)
	for i := uint32(0); len(p) < size; i++ {
		p = binary.LittleEndian.AppendUint32(p, i*2654435761|0x01010101)
	}
	return p[:size]
}

// nullFS is a file system that forgets what is written into its files.
type nullFS struct{ vfs.FS }

func (n nullFS) Create(name string) (vfs.File, error) {
	f, err := n.FS.Create(name)
	return nullFile{f}, err
}

func (n nullFS) OpenReadWrite(name string) (vfs.File, error) {
	f, err := n.FS.OpenReadWrite(name)
	return nullFile{f}, err
}

type nullFile struct{ vfs.File }

func (nullFile) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
func (nullFile) Preallocate(int64) error                { return nil }
func (nullFile) Truncate(int64) error                   { return nil }
func (nullFile) Sync() error                            { return nil }
