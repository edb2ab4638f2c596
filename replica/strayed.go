package replica

import (
	"bytes"
	"errors"
	"fmt"
	"sync/atomic"

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

// unproven is what a replica has of which nobody has shown yet that its generation has it too.
type unproven struct {
	executed atomic.Uint64 // index of the last entry that was executed; 0: nothing is to be proven
	journal  atomic.Bool   // the end of the journal is
}

// began finds out what is to be proven. A group's founding is in all its generations. Without members there is at most a part of a journal,
// copied before a start and perhaps before a generation.
func (u *unproven) began(r *Replica) {
	members, self, tip := r.storage.members.Load().Members, r.config.Group.Self.Generation(), r.journal.Last()
	if members.Generation() == self {
		return
	}
	if executed := max(r.applier.index, tip.Index); len(members) > 0 && executed > genesisIndex {
		u.executed.Store(executed)
	}
	u.journal.Store(tip.Seq > 0)
}

// strayed takes a leader's entries for the proof that it has what was executed here, or for that of the opposite: they follow
// on the last entry that may be the same in both logs.
func (l *loop) strayed(m *raftpb.Message) bool {
	u := &l.r.unproven
	executed := u.executed.Load()
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
			u.executed.Store(0)
			u.journal.Store(false)
		}
	case raftpb.MsgSnap: // it was compared before it was fetched
		u.executed.Store(0)
	}
	return false
}

// lastUnproven returns the last event of the journal here if it is to be compared with the journal of who offers a snapshot; nil if
// that need not be. A snapshot that does not follow on what is here cannot be taken.
func (f *fetcher) lastUnproven(index, seq uint64) (*journal.Record, error) {
	u, last := &f.r.unproven, f.r.journal.Last().Seq
	switch executed := u.executed.Load(); {
	case executed > 0 && index <= executed:
		return nil, fmt.Errorf("%w: they go on from a state after entry %d, and %d was executed", ErrStrayed, index, executed)
	case !u.journal.Load():
		return nil, nil
	case seq < last:
		return nil, fmt.Errorf("%w: they go on from a state after event %d, and %d is in the journal", ErrStrayed, seq, last)
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
