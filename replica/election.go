package replica

import (
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

	asked *raftpb.Message // for a vote, while this replica still believed in its leader
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
	case m.GetType() != raftpb.MsgPreVote:
	case e.leader != 0:
		e.asked = m
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
		l.stand()
	}
	if l.ticks%statusTicks == 0 {
		l.publish()
	}
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
	switch l.node.BasicStatus().RaftState {
	case raft.StateFollower, raft.StatePreCandidate:
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
	_ = l.node.ForgetLeader() // so that it grants a vote at once
	l.drain()                 // so that all here know that there is none
	l.election.silent = max(l.election.silent, l.r.config.Group.electionTicks()+1)
	if m := l.election.asked; m != nil {
		l.election.asked = nil
		l.step(m)
	}
	l.stand()
}
