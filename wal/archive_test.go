package wal_test

import (
	"testing"

	"github.com/hustings/hustings/vfs"
	"github.com/hustings/hustings/wal"
)

// Dropped segments move to the archive, and reading both directories gives every record ever appended.
func TestArchiveKeepsWhatIsDropped(t *testing.T) {
	fsys := vfs.NewMem()
	l, _, err := wal.Open(fsys, "log", wal.Options{SegmentSize: 4096, Archive: "archive"})
	check(t, err)
	const records = 100
	for i := range records {
		_, err := l.AppendSync(record(i, 300))
		check(t, err)
	}
	check(t, l.DropBefore(l.End()))
	check(t, l.Close())
	kept, all := 0, 0
	_, err = wal.Read(fsys, "log", func(wal.Position, wal.Record) error { kept++; return nil })
	check(t, err)
	_, err = wal.ReadArchived(fsys, "log", "archive", func(_ wal.Position, r wal.Record) error {
		if want := record(all, 300); string(r.Payload) != string(want.Payload) {
			t.Fatalf("record %d came back as another one", all)
		}
		all++
		return nil
	})
	check(t, err)
	if all != records || kept >= records/2 {
		t.Errorf("%d records in all and %d in the log, want %d and few", all, kept, records)
	}
	check(t, fsys.Remove("archive/0000000003.wal"))
	if _, err := wal.ReadArchived(fsys, "log", "archive", nil); err == nil {
		t.Error("a missing segment was not missed")
	}
}
