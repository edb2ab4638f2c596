package journal

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/hustings/hustings/journal/merkle"
	"github.com/hustings/hustings/vfs"
)

// TestReadersBesideTheWriter reads in every way, from files and memory, while records are appended, segments sealed
// and checkpoints signed.
func TestReadersBesideTheWriter(t *testing.T) {
	signer, verifier := keys(t)
	records := newMaker(70).records(1000)
	events := eventsOf(records)
	o := testOptions()
	o.SegmentBytes = 12_000
	j, _, err := Open(vfs.OS, t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	same := func(seq uint64, _ int64, event []byte) bool {
		if !bytes.Equal(event, events[seq-1]) {
			panic(fmt.Sprintf("event %d: %x", seq, event))
		}
		return true
	}
	readers := []func() error{
		func() error {
			for c := j.Subscribe(1); c.Seq() <= uint64(len(events)); {
				r, err := c.Next(t.Context())
				if err != nil {
					return err
				}
				for seq, event := range r.All() {
					same(seq, 0, event)
				}
			}
			return nil
		},
		func() error { return j.History(1<<56|1, 0, 300, same) },
		func() error { return j.History(2<<56|5, 0, 0, same) },
		func() error { return j.HistoryForward(2<<56|7, 0, 0, same) },
		func() error {
			m, found, err := j.LastAt(j.Last().Time / 2)
			if found && m.LastSeq > j.Last().Seq {
				panic("a moment in the future")
			}
			return err
		},
		func() error {
			if _, err := j.Checkpoint(signer); err != nil {
				return err
			}
			latest, _ := j.Latest()
			if latest.Size == 0 {
				return nil
			}
			p, err := j.Prove(uint64(latest.Size+1) / 2)
			if err == nil {
				_, err = merkle.VerifyInclusion(p.Text(), verifier)
			}
			return err
		},
		j.Sync,
	}
	done := make(chan struct{})
	var group sync.WaitGroup
	for _, read := range readers {
		group.Go(func() {
			for {
				if err := read(); err != nil {
					panic(err)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	mustAppend(t, j, records...)
	close(done)
	group.Wait()
	mustClose(t, j)
}

func TestAppendDoesNotAllocate(t *testing.T) {
	o := testOptions()
	o.SegmentBytes, o.TailBytes = 64<<20, 2*blockBytes
	j := mustOpen(t, discardFS{vfs.NewMem()}, o)
	m := newMaker(71)
	mustAppend(t, j, m.records(20_000)...)
	records := m.records(2101)
	next := 0
	if n := testing.AllocsPerRun(2000, func() {
		mustAppend(t, j, records[next])
		next++
	}); n > 0 {
		t.Errorf("%v allocations a record", n)
	}
	_ = j.Close()
}

// discardFS keeps files but not what is written to them, since memory files allocate.
type discardFS struct{ vfs.FS }

func (d discardFS) Create(name string) (vfs.File, error) {
	f, err := d.FS.Create(name)
	return discardFile{f}, err
}

type discardFile struct{ vfs.File }

func (discardFile) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
