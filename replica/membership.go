package replica

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
)

// Errors of changing a group. All but ErrUndecided say that nothing was changed.
var (
	ErrChanging      = errors.New("another change of the members is under way: try again when it is done")
	ErrNoQuorum      = errors.New("too few of the members that would vote are in touch: the group would stop")
	ErrNotCaughtUp   = errors.New("the member has not caught up yet")
	ErrRemoved       = errors.New("this replica was removed from its group; begin with an empty directory to join again")
	ErrUndecided     = errors.New("leadership was lost on the way: look at the members to see whether it was done")
	ErrUnknownMember = errors.New("no such member")

	// ErrOtherGeneration: the group has begun anew, and who is to join has not heard of it.
	ErrOtherGeneration = errors.New("it has not heard yet that the exchange was begun anew: try again")
)

// caughtUp is how many entries a learner may be behind to become a voter.
const caughtUp = 128

// memberChanging is a change on its way through the log.
type memberChanging struct {
	done   chan error // has room for one
	logged bool       // the consensus has taken it
	index  uint64     // of its entry, once that is applied
}

// Change changes one member of the group through the log. Edit is given the members as they are and returns the replica
// that it changes and the members as they are to be. Only the leader can; others answer ErrNotLeader. It returns when the
// change has taken effect.
func (r *Replica) Change(ctx context.Context, edit func(Members) (ID, Members, error)) error {
	done := make(chan error, 1)
	r.inbox.do(func(l *loop) { l.change(edit, done) })
	return r.decided(ctx, done)
}

func (r *Replica) decided(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUndecided, ctx.Err())
	case <-r.failed:
		return r.err
	case <-r.stop:
		return ErrStopping
	}
}

// AddMember adds a learner, which becomes a voter once it has caught up if that is Wanted. Members that are on the same
// node, of an earlier disk of it, are removed first.
func (r *Replica) AddMember(ctx context.Context, m Member) error {
	if len(m.Address) > maxAddress {
		return fmt.Errorf("the address %.40q… is too long", m.Address)
	}
	for {
		var older ID
		err := r.Change(ctx, func(now Members) (id ID, to Members, err error) {
			id, to, older, err = m.joins(now)
			return id, to, err
		})
		if err != nil || older == 0 {
			return err
		}
		r.config.Log.Info("removed the replica that was on a node before", "replica", older.String())
	}
}

// joins adds a member, as a learner if it is new, or first removes an older one that is on the same node.
func (m Member) joins(now Members) (id ID, to Members, older ID, err error) {
	if m.Replica.Generation() != now.Generation() {
		return 0, nil, 0, fmt.Errorf("replica %v: %w", m.Replica, ErrOtherGeneration)
	}
	for _, old := range now {
		if old.Replica.Node() == m.Replica.Node() && old.Replica != m.Replica {
			return old.Replica, now.without(old.Replica), old.Replica, nil
		}
	}
	m.Role = Learner
	if is, there := now.Find(m.Replica); there {
		m.Role, m.Synchronous = is.Role, is.Synchronous
	}
	return m.Replica, now.with(m), 0, nil
}

// RemoveMember removes a replica from the group.
func (r *Replica) RemoveMember(ctx context.Context, id ID) error {
	return r.Change(ctx, id.leaves)
}

// leaves removes a member.
func (id ID) leaves(now Members) (ID, Members, error) {
	if _, there := now.Find(id); !there {
		return 0, nil, ErrUnknownMember
	}
	return id, now.without(id), nil
}

// SetRole makes a voter of a learner that has caught up, or a learner of a voter.
func (r *Replica) SetRole(ctx context.Context, id ID, role Role) error {
	return r.Change(ctx, id.becomes(func(m *Member) { m.Role, m.Wanted = role, role }))
}

// SetSynchronous makes a member that has caught up a synchronous copy, or one that follows as it can. Answers that wait for
// a copy which is none any more are given.
func (r *Replica) SetSynchronous(ctx context.Context, id ID, synchronous bool) error {
	return r.Change(ctx, id.becomes(func(m *Member) { m.Synchronous = synchronous }))
}

// becomes changes something about a member.
func (id ID) becomes(edit func(*Member)) func(now Members) (ID, Members, error) {
	return func(now Members) (ID, Members, error) {
		m, there := now.Find(id)
		if !there {
			return 0, nil, ErrUnknownMember
		}
		edit(&m)
		return id, now.with(m), nil
	}
}

// change proposes a change of the members.
func (l *loop) change(edit func(Members) (ID, Members, error), done chan error) {
	err := func() error {
		if !l.leads {
			return ErrNotLeader
		}
		if l.changing != nil {
			return ErrChanging
		}
		now := l.r.storage.members.Load().Members
		id, to, err := edit(now)
		if err == nil {
			err = l.bearable(id, now, to)
		}
		if err != nil {
			return err
		}
		l.changing = &memberChanging{done: done}
		if err := l.node.ProposeConfChange(changeTo(id, to)); err != nil {
			l.changing = nil
			return ErrNotLeader
		}
		if l.drain(); l.changing != nil && !l.changing.logged { // one of an earlier leader is not applied yet
			l.changing = nil
			return ErrChanging
		}
		return nil
	}()
	if err != nil {
		done <- err
	}
}

// bearable reports why a change would be no good: a voter that lacks too much, or a group that could not decide anything.
func (l *loop) bearable(id ID, from, to Members) error {
	if to.Voters() == 0 {
		return ErrNoQuorum
	}
	before, was := from.Find(id)
	after, is := to.Find(id)
	gains := after.Role > before.Role || was && after.Synchronous && !before.Synchronous
	if is && gains && !l.near(id) {
		return ErrNotCaughtUp
	}
	active := 0
	for _, m := range to {
		if m.Role == Voter && l.inTouch(m.Replica) {
			active++
		}
	}
	if active <= to.Voters()/2 {
		return ErrNoQuorum
	}
	return nil
}

// inTouch reports whether a member was heard of within an election's time-out, or this leader has not led for longer.
func (l *loop) inTouch(id ID) bool {
	return id == l.r.config.Group.Self || l.ticks-l.heard[id] <= l.r.config.Group.electionTicks()
}

// near reports whether a member has nearly all of the log. Who has nothing has not, however short the log is: by an answer to a late word
// of an earlier term the consensus takes him for one who follows.
func (l *loop) near(id ID) (near bool) {
	last, _ := l.r.storage.LastIndex()
	if id == l.r.config.Group.Self {
		return true
	}
	l.node.WithProgress(func(replica uint64, _ raft.ProgressType, p tracker.Progress) {
		if ID(replica) == id {
			near = l.inTouch(id) && p.State == tracker.StateReplicate && p.Match > 0 && p.Match+caughtUp >= last
		}
	})
	return near
}

// changed takes in that a change of the members is applied.
func (l *loop) changed(index uint64, change *raftpb.ConfChangeV2, members Members) {
	if was := l.node.ApplyConfChange(change); !same(was, members.confState()) {
		l.begunAnew(was, members)
	}
	if l.changing != nil {
		l.changing.index = index
	}
	l.r.config.Log.Info("the group has changed", "voters", members.Voters(), "members", len(members))
	l.r.config.Changed(members)
	self := l.r.config.Group.Self
	if _, still := members.Find(self); !still && members.Generation() >= self.Generation() { // before, it had another id
		l.r.fail(ErrRemoved)
	}
}

// begunAnew lets the consensus know all members of a new generation at once: the entry tells it only of one.
func (l *loop) begunAnew(was *raftpb.ConfState, members Members) {
	all := &raftpb.ConfChangeV2{Transition: raftpb.ConfChangeTransitionJointExplicit.Enum()}
	add := func(id uint64, kind raftpb.ConfChangeType) {
		all.Changes = append(all.Changes, &raftpb.ConfChangeSingle{Type: &kind, NodeId: &id})
	}
	for _, id := range slices.Concat(was.Voters, was.Learners) {
		if _, is := members.Find(ID(id)); !is {
			add(id, raftpb.ConfChangeRemoveNode)
		}
	}
	now := members.confState()
	for _, id := range now.Voters {
		add(id, raftpb.ConfChangeAddNode)
	}
	for _, id := range now.Learners {
		add(id, raftpb.ConfChangeAddLearnerNode)
	}
	l.node.ApplyConfChange(all)
	l.node.ApplyConfChange(&raftpb.ConfChangeV2{})
}

// same reports whether the consensus knows the same members.
func same(a, b *raftpb.ConfState) bool {
	slices.Sort(a.Voters)
	slices.Sort(a.Learners)
	return slices.Equal(a.Voters, b.Voters) && slices.Equal(a.Learners, b.Learners) && len(a.VotersOutgoing) == 0
}

// voters are those whose votes the consensus counts.
func (l *loop) voters() (ids []ID) {
	for id := range l.node.Status().Config.Voters.IDs() {
		ids = append(ids, ID(id))
	}
	slices.Sort(ids)
	return ids
}

// finishChange answers who asked for a change that is applied, once the consensus would take another one.
func (l *loop) finishChange() {
	if c := l.changing; c != nil && c.index > 0 && l.node.BasicStatus().Applied >= c.index {
		l.changing = nil
		l.publish() // whoever waits for the change finds it in the status
		c.done <- nil
	}
}

// promote makes voters of learners that are wanted as such and have caught up, one at a time.
func (l *loop) promote() {
	if l.changing != nil {
		return
	}
	for _, m := range l.r.storage.members.Load().Members {
		if m.Role == Learner && m.Wanted == Voter && l.near(m.Replica) {
			l.change(m.Replica.becomes(func(m *Member) { m.Role = Voter }), make(chan error, 1))
			return
		}
	}
}

// HandOver hands leadership over to another voter, or with 0 to the one that has most of the log, and returns when it
// leads. What waits here meanwhile is answered ErrNotLeader, or by the new leader after a retry.
func (r *Replica) HandOver(ctx context.Context, to ID) error {
	if to == r.config.Group.Self && r.Leading() {
		return nil
	}
	for again := false; ; again = true {
		done := make(chan error, 1)
		r.inbox.do(func(l *loop) { l.handOver(to, done) })
		if err := r.decided(ctx, done); again && errors.Is(err, ErrNotLeader) {
			return nil // somebody has taken over after all
		} else if err != nil {
			return err
		}
		if over, err := r.handedOver(ctx); over || err != nil {
			return err
		}
		// The other one did not take over in time: it may have had a change of members to apply first.
	}
}

// handedOver waits for another leader, for as long as the consensus lets the other one try.
func (r *Replica) handedOver(ctx context.Context) (over bool, err error) {
	patience := time.NewTimer(2 * r.config.Group.Election)
	defer patience.Stop()
	for {
		leader, changed := r.Leader()
		if leader != 0 && leader != r.config.Group.Self {
			return true, nil
		}
		select {
		case <-changed:
		case <-patience.C:
			return false, nil
		case <-ctx.Done():
			return false, fmt.Errorf("%w: %w", ErrUndecided, ctx.Err())
		case <-r.failed:
			return false, r.err
		case <-r.stop:
			return false, ErrStopping
		}
	}
}

func (l *loop) handOver(to ID, done chan error) {
	if !l.leads {
		done <- ErrNotLeader
		return
	}
	best, match := ID(0), uint64(0)
	l.node.WithProgress(func(replica uint64, kind raft.ProgressType, p tracker.Progress) {
		id := ID(replica)
		wanted := to == 0 || to == id
		if wanted && id != l.r.config.Group.Self && kind == raft.ProgressTypePeer && l.inTouch(id) && p.Match >= match {
			best, match = id, p.Match
		}
	})
	switch {
	case best == 0:
		err := ErrUnknownMember
		if _, is := l.r.storage.members.Load().Members.Find(to); is {
			err = ErrNotCaughtUp // or it has not answered this leader yet, or has no vote
		}
		done <- fmt.Errorf("nobody can take over: %w", err)
	default:
		l.election.leaving = true
		l.node.TransferLeader(uint64(best))
		done <- nil
	}
}
