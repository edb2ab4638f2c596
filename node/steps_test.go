package node

import (
	"slices"
	"testing"

	"github.com/hustings/hustings/replica"
)

func memberOn(node uint16, incarnation uint64, role, wanted replica.Role) replica.Member {
	return replica.Member{Replica: replica.NewID(node, incarnation), Role: role, Wanted: wanted, Address: "there"}
}

func voter(node uint16) replica.Member { return memberOn(node, 0, replica.Voter, replica.Voter) }

// What a shard must do to have the members that home has.
func TestStepsTo(t *testing.T) {
	learner := func(node uint16) replica.Member { return memberOn(node, 0, replica.Learner, replica.Learner) }
	joining := func(node uint16) replica.Member { return memberOn(node, 0, replica.Learner, replica.Voter) }
	marked := func(m replica.Member) replica.Member { m.Synchronous = true; return m }
	moved := func(m replica.Member) replica.Member { m.Address = "elsewhere"; return m }
	three := replica.Members{voter(1), voter(2), voter(3)}
	back := memberOn(3, 7, replica.Learner, replica.Voter) // of which the disk was lost
	for _, c := range []struct {
		name          string
		home, members replica.Members
		want          []step
	}{
		{"nobody knows who belongs to home", nil, three, nil},
		{"all is as it should be", three, three, nil},
		{"a new one", replica.Members{voter(1), voter(2), voter(3), joining(4)}, three, []step{{doAddMember, joining(4)}}},
		{"it waits for its vote here too", replica.Members{voter(1), voter(2), voter(3), voter(4)},
			replica.Members{voter(1), voter(2), voter(3), joining(4)}, nil},
		{"a vote given", three, replica.Members{voter(1), voter(2), learner(3)}, []step{{doAddMember, joining(3)}}},
		{"a vote taken", replica.Members{voter(1), voter(2), learner(3)}, three, []step{{doDemote, learner(3)}}},
		{"a vote that is not given after all", replica.Members{voter(1), voter(2), learner(3)}, replica.Members{voter(1), voter(2), joining(3)},
			[]step{{doDemote, learner(3)}}},
		{"the leader's vote taken", replica.Members{learner(1), voter(2), voter(3)}, three, []step{{doLeave, learner(1)}}},
		{"one that goes", replica.Members{voter(1), voter(2)}, three, []step{{doRemoveMember, voter(3)}}},
		{"the leader goes", replica.Members{voter(2), voter(3)}, three, []step{{doLeave, voter(1)}}},
		{"nobody goes before the one in his place has a vote", replica.Members{voter(1), voter(2), voter(4)}, three,
			[]step{{doAddMember, joining(4)}}},
		{"a lost disk", replica.Members{voter(1), voter(2), back}, three, []step{{doAddMember, back}}},
		{"a lost copy stays one", replica.Members{voter(1), voter(2), marked(back)}, replica.Members{voter(1), voter(2), marked(voter(3))},
			[]step{{doAddMember, marked(back)}}},
		{"a new copy has to catch up first", replica.Members{voter(1), marked(learner(2))}, replica.Members{voter(1)},
			[]step{{doAddMember, learner(2)}}},
		{"a copy", replica.Members{voter(1), marked(learner(2))}, replica.Members{voter(1), learner(2)}, []step{{doMark, marked(learner(2))}}},
		{"a copy no more", replica.Members{voter(1), learner(2)}, replica.Members{voter(1), marked(learner(2))}, []step{{doMark, learner(2)}}},
		{"another address", replica.Members{voter(1), moved(voter(2))}, replica.Members{voter(1), voter(2)}, []step{{doAddMember, moved(voter(2))}}},
	} {
		if got := stepsTo(c.home, c.members, voter(1).Replica); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, not %+v", c.name, got, c.want)
		}
	}
}
