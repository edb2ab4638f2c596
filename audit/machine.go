package audit

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/hustings/hustings/exchange/shard"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"
)

// machine runs the log through the state machine of this program.
type machine struct {
	state *shard.Shard // nil: not begun, or it cannot go on
	index uint64       // of the entry that state is the state after
	alter func(batch []byte) []byte
	out   shard.Output

	entries, commands int
	err               error // why it cannot go on

	fs  vfs.FS // where snapshots are
	dir string
}

// begin makes the machine ready for the first entry of a log. If the log does not begin with the shard's first entry
// it starts from a snapshot: the newest, if that is wanted, or the oldest that reaches to the entry. It returns that
// snapshot, or nil.
func (m *machine) begin(fsys vfs.FS, dir string, first uint64, newest bool) (*replica.Snapshot, error) {
	m.fs, m.dir = fsys, dir
	if first == replica.FirstEntry && !newest {
		m.state, m.index = shard.New(), first-1
		return nil, nil
	}
	names, err := replica.Snapshots(fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var chosen *replica.Snapshot
	for _, name := range names {
		s, err := replica.ReadSnapshot(fsys, name)
		var corrupt *replica.CorruptSnapshot
		if errors.As(err, &corrupt) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if s.Index+1 < first || chosen != nil && newest {
			break
		}
		chosen = s
	}
	if chosen == nil {
		m.err = fmt.Errorf("the log begins with entry %d and no snapshot reaches to it", first)
		return nil, nil
	}
	m.state, m.index = chosen.State, chosen.Index
	return chosen, nil
}

// restart goes on from a snapshot where the log lacks entries.
func (m *machine) restart(e *replica.Entry) error {
	m.state, m.index = nil, e.Index
	_, err := m.begin(m.fs, m.dir, e.Index+1, false)
	return err
}

// apply applies an entry that follows the last one, and returns the journal record that it makes; one without events
// if it makes none. The record is good until the next call.
func (m *machine) apply(e *replica.Entry) (journal.Record, error) {
	m.index = e.Index
	if len(e.Data) == 0 {
		return journal.Record{}, nil
	}
	batch := e.Data
	if m.alter != nil {
		batch = m.alter(batch)
	}
	if err := m.state.Apply(batch, &m.out); err != nil {
		m.err, m.state = fmt.Errorf("entry %d: %w", e.Index, err), nil
		return journal.Record{}, m.err
	}
	m.entries++
	if _, count, _, err := wire.ReadBatch(batch); err == nil {
		m.commands += count
	}
	return journal.Record{Index: e.Index, Time: int64(m.out.Time), FirstSeq: uint64(m.out.FirstSeq),
		Count: uint32(m.out.Count), Events: m.out.Events}, nil
}
