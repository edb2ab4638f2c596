package replica

import (
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/raft/v3/raftpb"
)

// ID names a replica for ever: the number of its node, and in the low 48 bits the incarnation of that node's disk. A node
// that begins with an empty disk has a new incarnation, so that a vote which a lost disk has forgotten is never given
// twice under one name. The upper 8 bits of the incarnation are the generation of the group (see Seize).
type ID uint64

const incarnationBits = 48

// NewID joins a node's number (from 1) with its incarnation (below 2⁴⁸; 0 for the first members of an exchange).
func NewID(node uint16, incarnation uint64) ID {
	return ID(uint64(node)<<incarnationBits | incarnation&(1<<incarnationBits-1))
}

// Node returns the number of the node that the replica is on.
func (id ID) Node() uint16 { return uint16(id >> incarnationBits) }

func (id ID) String() string {
	if low := uint64(id) & (1<<incarnationBits - 1); low != 0 {
		return fmt.Sprintf("%d-%x", id.Node(), low)
	}
	return fmt.Sprint(id.Node())
}

// Role is what a member of a group does.
type Role uint8

// Roles.
const (
	Learner Role = iota // has everything and decides nothing
	Voter
)

func (r Role) String() string { return [...]string{"learner", "voter"}[r&1] }

// Member is a replica that belongs to a group.
type Member struct {
	Replica ID
	Role    Role
	Wanted  Role   // a learner that is to become a voter is made one when it has caught up
	Address string // of its node, for other nodes
	// Synchronous: the leader answers nothing before this member has it on its disk, beside the quorum.
	Synchronous bool
}

// Members are the replicas of a group, in the order of their ids. They are changed by entries of the log, one replica at a
// time, and are values: nobody changes a slice that another one can see.
type Members []Member

const maxAddress = 255

// membersVersion is the first byte of encoded members:
//
//	version u8 │ count u16 │ count × (replica u64 │ marks u8 │ wanted u8 │ length u8 │ address)
//
// Bit 0 of the marks says that it votes, bit 1 that it is synchronous.
const (
	membersVersion  = 1
	markSynchronous = 2
)

var errMembers = errors.New("the list of a group's members is malformed")

func (m Members) append(b []byte) []byte {
	b = append(b, membersVersion)
	b = le.AppendUint16(b, uint16(len(m)))
	for _, member := range m {
		b = le.AppendUint64(b, uint64(member.Replica))
		marks := byte(member.Role)
		if member.Synchronous {
			marks |= markSynchronous
		}
		b = append(b, marks, byte(member.Wanted), byte(len(member.Address)))
		b = append(b, member.Address...)
	}
	return b
}

func readMembers(b []byte) (Members, error) {
	if len(b) < 3 || b[0] != membersVersion {
		return nil, errMembers
	}
	count := int(le.Uint16(b[1:]))
	b = b[3:]
	m := make(Members, 0, count)
	for range count {
		if len(b) < 11 || len(b) < 11+int(b[10]) || b[8] > 3 || b[9] > 1 {
			return nil, errMembers
		}
		end := 11 + int(b[10])
		m = append(m, Member{ID(le.Uint64(b)), Role(b[8] & 1), Role(b[9]), string(b[11:end]), b[8]&markSynchronous != 0})
		b = b[end:]
	}
	if len(b) != 0 || !slices.IsSortedFunc(m, byID) {
		return nil, errMembers
	}
	return m, nil
}

func byID(a, b Member) int {
	switch {
	case a.Replica < b.Replica:
		return -1
	case a.Replica > b.Replica:
		return 1
	}
	return 0
}

// Sorted returns the members in order.
func (m Members) Sorted() Members {
	all := slices.Clone(m)
	slices.SortFunc(all, byID)
	return all
}

// Find returns a member by its id.
func (m Members) Find(id ID) (Member, bool) {
	i, found := slices.BinarySearchFunc(m, Member{Replica: id}, byID)
	if !found {
		return Member{}, false
	}
	return m[i], true
}

// OfNode returns the member that is on a node.
func (m Members) OfNode(node uint16) (Member, bool) {
	for _, member := range m {
		if member.Replica.Node() == node {
			return member, true
		}
	}
	return Member{}, false
}

// Voters returns how many members vote.
func (m Members) Voters() (n int) {
	for _, member := range m {
		n += int(member.Role)
	}
	return n
}

// Synchronous reports whether any member is.
func (m Members) Synchronous() bool {
	return slices.ContainsFunc(m, func(o Member) bool { return o.Synchronous })
}

// with returns the members with one added or changed.
func (m Members) with(member Member) Members {
	return append(m.without(member.Replica), member).Sorted()
}

// without returns the members but one.
func (m Members) without(id ID) Members {
	return slices.DeleteFunc(slices.Clone(m), func(o Member) bool { return o.Replica == id })
}

// confState is what the consensus knows of the members.
func (m Members) confState() *raftpb.ConfState {
	s := &raftpb.ConfState{}
	for _, member := range m {
		if member.Role == Voter {
			s.Voters = append(s.Voters, uint64(member.Replica))
		} else {
			s.Learners = append(s.Learners, uint64(member.Replica))
		}
	}
	return s
}

// changeTo returns the entry that turns members into others, which differ in one replica. The entry says who the members
// are after it, so that nobody needs to follow the changes before it.
func changeTo(id ID, to Members) *raftpb.ConfChangeV2 {
	kind := raftpb.ConfChangeRemoveNode
	if member, stays := to.Find(id); stays {
		kind = raftpb.ConfChangeAddLearnerNode
		if member.Role == Voter {
			kind = raftpb.ConfChangeAddNode
		}
	}
	node := uint64(id)
	return &raftpb.ConfChangeV2{Changes: []*raftpb.ConfChangeSingle{{Type: &kind, NodeId: &node}}, Context: to.append(nil)}
}
