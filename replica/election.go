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
	leader  ID
	silent  int  // ticks since its last word
	leaving bool // this leader is handing over
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
	ticks := l.r.config.Group.electionTicks()
	rank, votes := l.rank()
	wait := ticks + 1 + rank*max(1, ticks/staggers) // one more than others believe in the leader
	if !votes || l.election.silent < wait {
		return
	}
	l.election.silent = ticks - max(1, ticks/staggers) // once more, soon, if nobody is elected
	switch l.node.BasicStatus().RaftState {
	case raft.StateFollower, raft.StatePreCandidate:
		_ = l.node.ForgetLeader() // a follower without a leader is left as it is
		_ = l.node.Campaign()
	}
}

// rank is this replica's place among the voters beside the leader, from 0, and whether it votes.
func (l *loop) rank() (rank int, votes bool) {
	for _, m := range l.r.storage.members.Load().Members {
		switch {
		case m.Role != Voter || m.Replica == l.election.leader:
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
	l.election.silent = max(l.election.silent, l.r.config.Group.electionTicks()+1)
	l.stand()
}
