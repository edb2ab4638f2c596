package replica

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/vfs"
)

// diskFault is an operation that fails.
type diskFault struct {
	name      string
	on        vfs.Op
	path      string
	skip      int
	skipBytes int64
	once      bool // otherwise from then on for ever
	keep      int
	err       error
}

func (f diskFault) rule() *vfs.Rule {
	r := &vfs.Rule{On: f.on, Path: f.path, Skip: f.skip, SkipBytes: f.skipBytes, Keep: f.keep, Err: f.err}
	if f.once {
		r.Times = 1
	}
	return r
}

const (
	eio    = syscall.EIO
	enospc = syscall.ENOSPC
)

// logFaults keep what was just sent from becoming durable: nothing that is sent after the error is acknowledged.
var logFaults = []diskFault{
	{name: "log sync", on: vfs.OpSync, path: "*.wal", skip: 60, once: true, err: eio},
	{name: "log sync for ever", on: vfs.OpSync, path: "*.wal", skip: 20, err: eio},
	{name: "log write", on: vfs.OpWrite, path: "*.wal", skip: 50, once: true, err: eio},
	{name: "log write, torn", on: vfs.OpWrite, path: "*.wal", skip: 40, once: true, keep: 100, err: eio},
	{name: "log full", on: vfs.OpWrite, path: "*.wal", skipBytes: 100_000, err: enospc},
}

// otherFaults stop the replica when it comes to need what failed.
var otherFaults = []diskFault{
	{name: "no room for a segment", on: vfs.OpPreallocate, path: "next.tmp", skipBytes: 1 << 17, err: enospc},
	{name: "no room in a segment", on: vfs.OpWrite, path: "next.tmp", skipBytes: 150_000, err: enospc},
	{name: "no room for a name", on: vfs.OpCreate, path: "next.tmp", skip: 1, err: enospc},
	{name: "segment sync", on: vfs.OpSync, path: "next.tmp", skip: 2, once: true, err: eio},
	{name: "segment name", on: vfs.OpRename, path: "*.wal", skip: 2, once: true, err: eio},
	{name: "segment names sync", on: vfs.OpSyncDir, path: "wal", skip: 3, once: true, err: eio},
	{name: "archive names sync", on: vfs.OpSyncDir, path: "archive", once: true, err: eio},
	{name: "journal write", on: vfs.OpWrite, path: "*.journal", skip: 2, once: true, err: eio},
	{name: "journal full", on: vfs.OpWrite, path: "*.journal", skipBytes: 80_000, err: enospc},
	{name: "journal sync", on: vfs.OpSync, path: "*.journal", skip: 2, once: true, err: eio},
	{name: "journal segment", on: vfs.OpCreate, path: "*.journal", skip: 1, err: enospc},
	{name: "journal index", on: vfs.OpWrite, path: "*.index.tmp", skip: 1, err: enospc},
	{name: "journal seal", on: vfs.OpRename, path: "*-*.journal", skip: 1, once: true, err: eio},
	{name: "journal names sync", on: vfs.OpSyncDir, path: "journal", skip: 3, once: true, err: eio},
	{name: "checkpoint write", on: vfs.OpWrite, path: "checkpoints", skip: 2, once: true, err: eio},
	{name: "checkpoint sync", on: vfs.OpSync, path: "checkpoints", skip: 2, once: true, err: eio},
}

// TestDiskErrorStopsTheReplica: acknowledgements end, everybody gets an error, and nothing acknowledged is lost, neither
// for a process that starts again nor after a power cut.
func TestDiskErrorStopsTheReplica(t *testing.T) {
	for i, f := range append(slices.Clone(logFaults), otherFaults...) {
		t.Run(f.name, func(t *testing.T) {
			rule, disk, c := f.rule(), vfs.NewMem(), newCrowd(4, 7)
			r := open(t, faultConfig(disk))
			found(t, r, len(c))
			shut(t, r)
			config := faultConfig(vfs.NewFaulty(disk, rule))
			if f.path != "checkpoints" {
				config.Signer = nil // who signs finds out that the journal is broken, too
			}
			r = open(t, config)
			late := lateAcks{r: r, since: func() bool { return r.Err() != nil }}
			if i < len(logFaults) {
				late.since = func() bool { return rule.Fired() > 0 }
			}
			late.trade(t, c)
			if rule.Fired() == 0 {
				t.Fatal("nothing failed")
			}
			stopped(t, r, f.err)

			seq := c.lastSeq(c.acked())
			for name, left := range map[string]*vfs.Mem{"a power cut": disk.Crash(), "a restart": disk} {
				r := open(t, faultConfig(left))
				if err := r.View().WaitSeq(t.Context(), seq); err != nil {
					t.Fatal(err)
				}
				c.retryAll(t, r)
				if examine(t, r, c); t.Failed() {
					t.Fatal("after " + name)
				}
			}
		})
	}
}

// lateAcks lets a crowd trade until the replica stops, and counts what is acknowledged too late.
type lateAcks struct {
	r     *Replica
	since func() bool // acknowledgements of what is sent from now on come too late
}

func (l *lateAcks) trade(t *testing.T, c crowd) {
	t.Helper()
	var wait sync.WaitGroup
	for _, tr := range c {
		wait.Go(func() {
			for {
				late := l.since()
				err := tr.trade(context.Background(), t, l.r)
				if err != nil {
					return
				}
				if late {
					t.Error("a command that was sent after the error was acknowledged")
				}
			}
		})
	}
	within(t, "everybody to get an error", wait.Wait)
}

// stopped checks how a replica behaves that has stopped, and closes it.
func stopped(t *testing.T, r *Replica, cause error) {
	t.Helper()
	<-r.Failed()
	if err := r.Err(); !errors.Is(err, cause) {
		t.Errorf("the replica stopped because of %v, want %v", err, cause)
	}
	if r.Leading() {
		t.Error("it still says that it accepts commands")
	}
	for range 10 {
		err := r.Submit(t.Context(), encode(t, order(0, 1)), 1, make([]exchange.Reply, 1))
		if !errors.Is(err, ErrNotSubmitted) || !errors.Is(err, cause) {
			t.Errorf("it answers commands with %v", err)
		}
	}
	within(t, "the replica to close", func() {
		if err := r.Close(); !errors.Is(err, cause) {
			t.Errorf("closing it says %v", err)
		}
	})
}

// TestFailingSnapshotsStopNothing: they are reported, trading goes on, and recovery takes an older one and more of the log.
func TestFailingSnapshotsStopNothing(t *testing.T) {
	for _, f := range []diskFault{
		{name: "create", on: vfs.OpCreate, path: "*.snapshot.tmp", skip: 1, err: enospc},
		{name: "write", on: vfs.OpWrite, path: "*.snapshot.tmp", skip: 3, err: enospc},
		{name: "full", on: vfs.OpWrite, path: "*.snapshot.tmp", skipBytes: 20_000, err: enospc},
		{name: "sync", on: vfs.OpSync, path: "*.snapshot.tmp", skip: 1, err: eio},
		{name: "rename", on: vfs.OpRename, path: "*.snapshot", skip: 1, err: eio},
		{name: "names sync", on: vfs.OpSyncDir, path: "snapshots", skip: 1, err: eio},
		{name: "remove", on: vfs.OpRemove, path: "*.snapshot", err: eio},
	} {
		t.Run(f.name, func(t *testing.T) {
			rule, disk, c := f.rule(), vfs.NewMem(), newCrowd(4, 7)
			r := open(t, faultConfig(vfs.NewFaulty(disk, rule)))
			found(t, r, len(c))
			var wait sync.WaitGroup
			for _, tr := range c {
				wait.Go(func() {
					for rule.Fired() < 3 {
						if err := tr.trade(context.Background(), t, r); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			within(t, "three snapshots to fail", wait.Wait)
			if err := r.Err(); err != nil {
				t.Fatal(err)
			}
			left := disk.Crash()
			c.retryAll(t, r)
			examine(t, r, c)
			for name, disk := range map[string]*vfs.Mem{"a power cut": left, "a restart": disk} {
				r := open(t, faultConfig(disk))
				c.retryAll(t, r)
				examine(t, r, c)
				if name == "a restart" {
					wantNoRemains(t, disk)
				}
			}
		})
	}
}

// wantNoRemains checks that no snapshot that was given up takes up room.
func wantNoRemains(t *testing.T, disk *vfs.Mem) {
	t.Helper()
	entries, err := disk.ReadDir("data/snapshots")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".tmp") {
			t.Errorf("there is still %s", e.Name())
		}
	}
}
