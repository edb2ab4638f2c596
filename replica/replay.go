package replica

import (
	"fmt"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/wal"
)

// replayBytes is how much of the log is read ahead of applying it.
const replayBytes = 1 << 20

// block is a piece of the log on its way from the reader to the state machine.
type block struct {
	buf     []byte // what the entries' data alias
	records []logRecord
}

type logRecord struct {
	kind       uint8
	start, end int // of the payload in buf
}

func (b *block) add(rec wal.Record) {
	start := len(b.buf)
	b.buf = append(b.buf, rec.Payload...)
	b.records = append(b.records, logRecord{rec.Type, start, len(b.buf)})
}

// replay applies the committed entries behind a snapshot. It returns the entries of which it is not known that they are
// committed, and the last hard state. One goroutine reads while this one applies.
func (r *Replica) replay(head snapshotHead) (rest []entry, hard hardState, err error) {
	blocks, spares := make(chan *block, 4), make(chan *block, 8)
	failed := make(chan error, 1)
	go func() {
		defer close(blocks)
		b := &block{}
		err := r.wal.Scan(head.position, func(_ wal.Position, rec wal.Record) error {
			if b.add(rec); len(b.buf) >= replayBytes {
				blocks <- b
				select {
				case b = <-spares:
					b.buf, b.records = b.buf[:0], b.records[:0]
				default:
					b = &block{}
				}
			}
			return nil
		})
		blocks <- b
		failed <- err
	}()
	hard = hardState{term: head.term, commit: head.index}
	for b := range blocks {
		if err == nil {
			rest, err = r.replayBlock(b, rest, &hard)
		}
		if len(rest) == 0 {
			select {
			case spares <- b:
			default:
			}
		}
	}
	if scanned := <-failed; scanned != nil {
		err = scanned
	}
	return rest, hard, err
}

// replayBlock applies what is committed of rest and of a block, and returns what is left.
func (r *Replica) replayBlock(b *block, rest []entry, hard *hardState) ([]entry, error) {
	for _, rec := range b.records {
		payload := b.buf[rec.start:rec.end:rec.end]
		switch rec.kind {
		case recordEntry:
			e, err := readEntry(payload)
			if err != nil {
				return nil, err
			}
			if e.index <= r.applier.index {
				continue
			}
			for len(rest) > 0 && rest[len(rest)-1].index >= e.index { // another leader's entries took their place
				rest = rest[:len(rest)-1]
			}
			rest = append(rest, e)
		case recordHardState, recordRestart:
			h, err := readHardState(payload)
			if err != nil {
				return nil, err
			}
			if rec.kind == recordRestart && !restarted(payload, r.applier.index) {
				h.commit = hard.commit
			}
			*hard = h
			for len(rest) > 0 && rest[0].index <= h.commit {
				if err := r.replayEntry(rest[0]); err != nil {
					return nil, err
				}
				rest = rest[1:]
			}
		default:
			return nil, fmt.Errorf("the log has a record of type %d, which this version does not know", rec.kind)
		}
	}
	return rest, nil
}

// restarted reports whether the snapshot of a restart is there: then the replay that is at an index began with it, or with a later one.
// Otherwise the entries that it would have taken the place of may be missing, and nothing of it counts but the vote.
func restarted(record []byte, index uint64) bool {
	return len(record) >= restartSize && le.Uint64(record[hardStateSize:]) <= index
}

func (r *Replica) replayEntry(e entry) error {
	if e.index != r.applier.index+1 {
		return fmt.Errorf("the log has entry %d where %d should be", e.index, r.applier.index+1)
	}
	r.applier.index, r.applier.term = e.index, e.term
	if !r.storage.alone {
		r.recent.add(e)
	}
	switch {
	case e.kind == raftpb.EntryConfChangeV2:
		_, members, err := readChange(e.data)
		if err != nil {
			return fmt.Errorf("replaying entry %d: %w", e.index, err)
		}
		r.setMembers(members, e.index)
		return nil
	case e.kind != raftpb.EntryNormal:
		return fmt.Errorf("replaying entry %d: kind %v is not one that this version knows", e.index, e.kind)
	case len(e.data) == 0:
		return nil
	}
	if err := r.applier.execute(e.term, e.data); err != nil {
		return fmt.Errorf("replaying entry %d: %w", e.index, err)
	}
	_, count, _, err := wire.ReadBatch(e.data)
	r.recovery.Commands += count
	r.recovery.Entries++
	r.publisher.put(e.index, &r.applier.out)
	return err
}
