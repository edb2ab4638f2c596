package replica

import (
	"slices"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// election decides when a follower that hears nothing of its leader stands for election. The consensus would do so by
// itself, after a time drawn at random between once and twice the time-out. Here followers take turns, so that the first
// one stands as soon as all agree that the leader is silent, and the votes are not split. What the consensus does by itself
// remains for the case that this does not help.
type election struct {
	leader  ID   // 0: none
	last    ID   // leader that there was, who need not be waited for
	silent  int  // ticks since its last word
	leaving bool // this leader is handing over

	asked   *raftpb.Message // for a vote, while this replica still believed in its leader
	askedAt int             // tick

	refusers []ID   // who voted for somebody else than this candidate
	refused  uint64 // in this term
}

// heard notes a word of the leader.
func (e *election) heard(m *raftpb.Message) {
	switch m.GetType() {
	case raftpb.MsgApp, raftpb.MsgHeartbeat, raftpb.MsgSnap:
		if ID(m.GetFrom()) == e.leader {
			e.silent = 0
		}
	}
}

// canvassed sees, before the consensus does, what somebody says who stands for election. While there is a leader his first
// question has no answer, so it is kept in case that the leader's loss is heard of only now. If there is none he is given
// time; but if he lacks entries that this replica has he cannot win, and this one stands at once.
func (l *loop) canvassed(m *raftpb.Message) {
	e := &l.election
	switch {
	case l.leads:
	case m.GetType() == raftpb.MsgVote:
		e.silent = 0
	case m.GetType() == raftpb.MsgVoteResp && m.GetReject():
		l.refused(m)
	case m.GetType() != raftpb.MsgPreVote:
	case e.leader != 0:
		e.asked, e.askedAt = m, l.ticks
	case l.ahead(m):
		l.campaign()
	default:
		wait, _ := l.patience()
		e.silent = min(e.silent, wait-l.stagger())
	}
}

// ahead reports whether the log here has entries that a candidate's has not.
func (l *loop) ahead(m *raftpb.Message) bool {
	last, err := l.r.storage.LastIndex()
	if err != nil {
		return false
	}
	term, err := l.r.storage.Term(last)
	return err == nil && (term > m.GetLogTerm() || term == m.GetLogTerm() && last > m.GetIndex())
}

// tick passes the time.
func (l *loop) tick() {
	l.ticks++
	l.node.Tick()
	l.reads.tick(l.r.config.Group.electionTicks())
	if l.leads {
		l.examine()
	} else {
		l.election.silent++
		l.agree()
		l.stand()
	}
	if l.ticks%statusTicks == 0 {
		l.publish()
	}
}

// agree answers whoever found the leader silent a little sooner than this replica does.
func (l *loop) agree() {
	if l.election.asked != nil && l.election.silent > l.r.config.Group.electionTicks() {
		l.forget()
	}
}

// forget stops believing in the leader: votes are granted from now on, to who has asked of late as well.
func (l *loop) forget() {
	_ = l.node.ForgetLeader()
	l.drain() // so that all here know that there is none
	m := l.election.asked
	l.election.asked = nil
	if m != nil && l.ticks-l.election.askedAt <= 2*l.r.config.Group.electionTicks() {
		l.step(m)
	}
}

// refused takes in that somebody does not vote for this candidate. Where several stood at the same moment none may win; who cannot win any
// more stands again when it is its turn, instead of waiting as long as for a leader.
func (l *loop) refused(m *raftpb.Message) {
	e, status := &l.election, l.node.BasicStatus()
	if status.RaftState != raft.StateCandidate || m.GetTerm() != status.GetTerm() {
		return
	}
	if e.refused != m.GetTerm() {
		e.refused, e.refusers = m.GetTerm(), nil
	}
	if from := ID(m.GetFrom()); !slices.Contains(e.refusers, from) {
		e.refusers = append(e.refusers, from)
	}
	if l.hopeless() {
		e.silent = l.r.config.Group.electionTicks()
	}
}

// hopeless reports whether this candidate cannot be elected in this term by those who are left beside the last leader.
func (l *loop) hopeless() bool {
	e, voters, left := &l.election, 0, 0
	if e.refused != l.node.BasicStatus().GetTerm() {
		return false
	}
	for _, m := range l.r.storage.members.Load().Members {
		if m.Role != Voter {
			continue
		}
		voters++
		if m.Replica != e.last && !slices.Contains(e.refusers, m.Replica) {
			left++
		}
	}
	return left <= voters/2
}

// stand stands for election if it is this replica's turn.
func (l *loop) stand() {
	if wait, votes := l.patience(); votes && l.election.silent >= wait {
		l.campaign()
	}
}

// patience is how many ticks without a leader this replica waits until it stands for election, and whether it ever does.
func (l *loop) patience() (ticks int, votes bool) {
	rank, votes := l.rank()
	return l.r.config.Group.electionTicks() + 1 + rank*l.stagger(), votes // one more than others believe in the leader
}

// stagger is how many ticks one replica waits longer than another.
func (l *loop) stagger() int { return max(1, l.r.config.Group.electionTicks()/staggers) }

// campaign stands for election.
func (l *loop) campaign() {
	l.election.silent = l.r.config.Group.electionTicks() - l.stagger() // once more, soon, if nobody is elected
	switch state := l.node.BasicStatus().RaftState; {
	case state == raft.StateFollower, state == raft.StatePreCandidate, state == raft.StateCandidate && l.hopeless():
		_ = l.node.ForgetLeader() // a follower without a leader is left as it is
		_ = l.node.Campaign()
	}
}

// rank is this replica's place among the voters beside the last leader, from 0, and whether it votes.
func (l *loop) rank() (rank int, votes bool) {
	for _, m := range l.r.storage.members.Load().Members {
		switch {
		case m.Role != Voter || m.Replica == l.election.last:
		case m.Replica == l.r.config.Group.Self:
			return rank, true
		default:
			rank++
		}
	}
	return rank, false
}

// lost takes in that no connection to a node is left. If the leader was there, its followers need not wait.
func (l *loop) lost(node uint16) {
	for _, m := range l.r.storage.members.Load().Members {
		if m.Replica.Node() == node && m.Replica != l.r.config.Group.Self && l.leads {
			l.node.ReportUnreachable(uint64(m.Replica))
			l.node.ReportSnapshot(uint64(m.Replica), raft.SnapshotFailure)
		}
	}
	if l.leads || l.election.leader == 0 || l.election.leader.Node() != node {
		return
	}
	l.election.silent = max(l.election.silent, l.r.config.Group.electionTicks()+1)
	l.forget()
	l.stand()
}
