package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/vfs"
)

// follower is a cursor and what it must see next.
type follower struct {
	cursor *Cursor
	next   uint64
}

// cursorModel appends, syncs, crashes and opens again while cursors read.
type cursorModel struct {
	fs        *vfs.Mem
	options   Options
	journal   *Journal
	maker     *maker
	records   []Record // all that were ever derived
	followers []*follower
}

func (m *cursorModel) last() uint64 { return m.journal.Last().Seq }

// append adds the next record: one that was lost in a crash, or a new one.
func (m *cursorModel) append(t *rapid.T) {
	for _, r := range m.records {
		if r.FirstSeq == m.last()+1 {
			mustAppend(t, m.journal, r)
			return
		}
	}
	r := m.maker.next()
	m.records = append(m.records, r)
	mustAppend(t, m.journal, r)
}

func (m *cursorModel) reopen(t *rapid.T, fs *vfs.Mem) {
	mustClose(t, m.journal)
	m.fs = fs
	m.journal = mustOpen(t, fs, m.options)
	for _, f := range m.followers {
		f.cursor = m.journal.Subscribe(f.next)
	}
}

// poll reads up to n records and checks that they are the very next events.
func (m *cursorModel) poll(t *rapid.T, f *follower, n int) {
	for ; n > 0; n-- {
		r, found, err := f.cursor.Poll()
		if err != nil {
			t.Fatalf("event %d: %v", f.next, err)
		}
		if found != (f.next <= m.last()) {
			t.Fatalf("event %d of %d: found %v", f.next, m.last(), found)
		}
		if !found {
			return
		}
		for _, want := range m.records {
			if want.FirstSeq <= f.next && f.next <= want.LastSeq() && !equalRecords(r, want.from(f.next)) {
				t.Fatalf("event %d: %+v, want %+v", f.next, r, want)
			}
		}
		f.next = r.LastSeq() + 1
		if f.cursor.Seq() != f.next {
			t.Fatalf("cursor at %d, want %d", f.cursor.Seq(), f.next)
		}
	}
}

func TestCursorsNeitherMissNorRepeat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &cursorModel{fs: vfs.NewMem(), options: testOptions(), maker: newMaker(rapid.Uint64().Draw(t, "seed"))}
		m.options.TailBytes = rapid.IntRange(0, 3*blockBytes).Draw(t, "tail")
		m.options.SegmentBytes = int64(rapid.IntRange(500, 9000).Draw(t, "segment"))
		m.journal = mustOpen(t, m.fs, m.options)
		defer func() { mustClose(t, m.journal) }()
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				for range rapid.IntRange(1, 30).Draw(t, "records") {
					m.append(t)
				}
			},
			"subscribe": func(t *rapid.T) {
				from := rapid.Uint64Range(1, m.last()+5).Draw(t, "from")
				m.followers = append(m.followers, &follower{m.journal.Subscribe(from), from})
			},
			"poll": func(t *rapid.T) {
				if len(m.followers) > 0 {
					m.poll(t, rapid.SampledFrom(m.followers).Draw(t, "cursor"), rapid.IntRange(1, 60).Draw(t, "records"))
				}
			},
			"sync": func(t *rapid.T) {
				if err := m.journal.Sync(); err != nil {
					t.Fatalf("sync: %v", err)
				}
			},
			"reopen": func(t *rapid.T) { m.reopen(t, m.fs) },
			"crash": func(t *rapid.T) {
				if rapid.Bool().Draw(t, "synced only") {
					m.reopen(t, m.fs.Crash())
				} else {
					m.reopen(t, m.fs.CrashKeeping(rapid.Uint64().Draw(t, "crash seed")))
				}
			},
		})
		for m.last() < m.maker.seq {
			m.append(t)
		}
		for _, f := range m.followers {
			m.poll(t, f, 1<<30)
		}
	})
}

func TestCursorWaits(t *testing.T) {
	j := mustOpen(t, vfs.NewMem(), testOptions())
	records := newMaker(31).records(50)
	var reading, group sync.WaitGroup
	for from := uint64(1); from < 20; from += 6 {
		c := j.Subscribe(from)
		reading.Add(1)
		group.Go(func() {
			for next := from; next <= records[49].LastSeq(); {
				r, err := c.Next(t.Context())
				if err != nil || r.FirstSeq != next {
					panic(fmt.Sprint(r, err, next))
				}
				next = r.LastSeq() + 1
			}
			reading.Done()
			if _, err := c.Next(t.Context()); !errors.Is(err, ErrClosed) {
				panic(err)
			}
		})
	}
	mustAppend(t, j, records...)
	reading.Wait()
	mustClose(t, j)
	group.Wait()
}

func TestCursorStopsWaitingWithItsContext(t *testing.T) {
	j := mustOpen(t, vfs.NewMem(), testOptions())
	defer mustClose(t, j)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := j.Subscribe(1).Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if n := j.waiting.count.Load(); n != 0 {
		t.Errorf("%d cursors wait", n)
	}
}

// TestTailIsReadFromMemory follows the end of a journal whose files cannot be read.
func TestTailIsReadFromMemory(t *testing.T) {
	fs := vfs.NewFaulty(vfs.NewMem())
	o := testOptions()
	o.SegmentBytes, o.TailBytes = 1<<20, 4*blockBytes
	j := mustOpen(t, fs, o)
	fs.Add(&vfs.Rule{On: vfs.OpRead, Path: "*" + segmentSuffix, Err: errors.New("the disk was read")})
	m := newMaker(32)
	c := j.Subscribe(1)
	for range 8000 {
		want := m.next()
		mustAppend(t, j, want)
		if r, found, err := c.Poll(); err != nil || !found || !equalRecords(r, want) {
			t.Fatalf("event %d: %v, %v", want.FirstSeq, found, err)
		}
	}
	if j.segments[0].sealed == false && len(j.segments) < 2 {
		t.Fatal("one segment only")
	}
	if _, _, err := j.Subscribe(1).Poll(); err == nil {
		t.Error("the beginning is in memory still: nothing was tested")
	}
	mustClose(t, j)
}
