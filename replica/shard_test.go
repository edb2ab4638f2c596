package replica

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/vfs"
)

// The files of a shard say whose they are, and no other shard goes on from them.
func TestFilesAreOfOneShard(t *testing.T) {
	fsys := vfs.NewMem()
	config := testConfig(fsys)
	config.Shard, config.SnapshotEvery = 2, 100
	r := open(t, config)
	found(t, r, 2)
	var last exchange.Seq
	for n := range 400 {
		last = submit(t, r, order(n%2, n))[0].Seq
	}
	shut(t, r)

	report, err := journal.Verify(fsys, JournalDir(config.Dir), journal.VerifyOptions{})
	if err != nil || report.Shard != 2 {
		t.Errorf("the journal is of shard %d, %v", report.Shard, err)
	}
	if _, err := ReadLog(fsys, config.Dir, func(Entry) error { return nil }); err != nil {
		t.Errorf("reading the log: %v", err)
	}
	names, err := listSnapshots(fsys, filepath.Join(config.Dir, "snapshots"))
	if err != nil || len(names) == 0 {
		t.Fatalf("there are the snapshots %v, %v", names, err)
	}
	for _, name := range names {
		if head, err := readSnapshotHead(fsys, name); err != nil || head.shard != 2 {
			t.Errorf("%s is of shard %d, %v", name, head.shard, err)
		}
	}

	config.Shard = 3
	if _, err := Open(config); err == nil || !strings.Contains(err.Error(), "of shard 2") {
		t.Errorf("shard 3 goes on from the files of shard 2: %v", err)
	}
	config.Shard = 2
	r = open(t, config)
	defer shut(t, r)
	if got := exchange.Seq(r.Journal().Last().Seq); got != last || r.Recovery().Snapshot == 0 {
		t.Errorf("shard 2 goes on from snapshot %d and at %d instead of %d", r.Recovery().Snapshot, got, last)
	}
}
