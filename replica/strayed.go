package replica

import (
	"bytes"
	"errors"
	"fmt"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/hustings/hustings/journal"
)

// A survivor that enters a new generation has perhaps executed more than its group goes on with: the last words of the lost
// voters may reach it after another survivor has begun. The consensus takes what was executed for granted, and would
// acknowledge entries of which it has others. So before it hears anything of the leader, the leader must prove that it
// has the last entry that was executed here, and with it all before it (docs/adr/0008).

// ErrStrayed stops a replica whose group goes on in a new generation without entries that were executed here. It has
// acknowledged nothing there, and can begin with an empty directory under the same id.
var ErrStrayed = errors.New("the group goes on without entries that were executed here")

// unprovenAt returns the index up to which entries were executed here of which nobody has said that the generation has them, 0
// if there are none. A group's founding is in all its generations.
func (r *Replica) unprovenAt() uint64 {
	members := r.storage.members.Load().Members
	executed := max(r.applier.index, r.journal.Last().Index)
	if executed <= genesisIndex || members.Generation() == r.config.Group.Self.Generation() {
		return 0
	}
	return executed
}

// strayed takes a leader's entries for the proof that it has what was executed here, or for that of the opposite: they follow
// on the last entry that may be the same in both logs.
func (l *loop) strayed(m *raftpb.Message) bool {
	executed := l.r.unproven.Load()
	if executed == 0 {
		return false
	}
	switch m.GetType() {
	case raftpb.MsgApp:
		if m.GetIndex() < executed {
			l.r.fail(fmt.Errorf("%w: they are the same up to entry %d at most, and %d was executed", ErrStrayed, m.GetIndex(), executed))
			return true
		}
		if term, err := l.r.storage.Term(m.GetIndex()); err == nil && term == m.GetLogTerm() {
			l.r.unproven.Store(0)
		}
	case raftpb.MsgSnap: // it was compared before it was fetched
		l.r.unproven.Store(0)
	}
	return false
}

// lastUnproven returns the last event of the journal here if it is to be compared with the journal of who offers a snapshot; nil if
// there is nothing to prove. A snapshot that does not follow on what was executed here cannot be taken.
func (f *fetcher) lastUnproven(index, seq uint64) (*journal.Record, error) {
	executed, last := f.r.unproven.Load(), f.r.journal.Last().Seq
	switch {
	case executed == 0:
		return nil, nil
	case index <= executed || seq < last:
		return nil, fmt.Errorf("%w: they go on from a state after entry %d, and %d was executed", ErrStrayed, index, executed)
	case last == 0:
		return nil, nil
	}
	here, _, err := f.r.journal.Subscribe(last).Poll()
	return &here, err
}

// sameEvent checks that an event of another replica's journal is the last of the one here.
func sameEvent(here *journal.Record, there journal.Record) error {
	if there.Index != here.Index || there.Time != here.Time || there.FirstSeq != here.FirstSeq || !bytes.Equal(there.Events, here.Events) {
		return fmt.Errorf("%w: event %d is another one there", ErrStrayed, here.FirstSeq)
	}
	return nil
}
