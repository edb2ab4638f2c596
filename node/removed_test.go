package node

import (
	"testing"

	"github.com/hustings/hustings/replica"
)

// TestRemoved: who has applied all that can have been decided of this node's log says whether it is still a member, and nobody else does.
func TestRemoved(t *testing.T) {
	one, two, three := replica.NewID(1, 7), replica.NewID(2, 7), replica.NewID(3, 7)
	own := replica.Status{Last: 21, LastTerm: 7, Members: []replica.MemberStatus{
		{Member: replica.Member{Replica: one}}, {Member: replica.Member{Replica: two}}, {Member: replica.Member{Replica: three}}}}
	without := []replica.ID{one, two}
	for _, c := range []struct {
		name        string
		index, term uint64
		members     []replica.ID
		own         replica.Status
		want        bool
	}{
		{"it has the same log, and has applied it", 21, 7, without, own, true},
		{"it has gone on since", 30, 7, without, own, true},
		{"it is in a later term, and what is more here was never decided", 20, 8, without, own, true},
		{"it still counts this node", 30, 7, []replica.ID{one, two, three}, own, false},
		{"it is behind: this node may have joined since", 20, 7, without, own, false},
		{"it is in an earlier term", 30, 6, without, own, false},
		{"it is of another generation", 30, 7, []replica.ID{one.In(1), two.In(1)}, own, false},
		{"it knows of no members", 30, 7, nil, own, false},
		{"this node has not joined yet", 30, 7, without, replica.Status{}, false},
	} {
		g := group{Applied: logEnd{Last: c.index, LastTerm: c.term}, Members: c.members}
		if got := g.removed(three, c.own); got != c.want {
			t.Errorf("%s: removed %v", c.name, got)
		}
	}
}
