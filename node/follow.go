package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/replica"
)

// What must be the same for all shards is changed at home only: who the members are, their roles, addresses and synchronous
// copies, the version of the rules, whether orders are taken, and which acts need a second operator. The leader of every other shard makes its own shard as home is, again and again, so
// whatever happens on the way, it comes to that.

const (
	followEvery   = time.Second
	followLimit   = 10 * time.Second       // of one round
	followChanges = 100 * time.Millisecond // between rounds at least
)

// follow makes a shard as home is while it is led here: at once when home has changed, and every now and then.
func (n *Node) follow(h *hosted) {
	for n.ctx.Err() == nil {
		homeChanged := n.homeChanged()
		_, leaderChanged := h.replica.Leader()
		if h.replica.Leading() {
			round, cancel := context.WithTimeout(n.ctx, followLimit)
			if err := n.align(round, h); err != nil && n.ctx.Err() == nil {
				n.log.Info("a shard is not yet as the home shard is", "shard", h.id, "error", err)
			}
			cancel()
		}
		if !n.wait(followChanges) {
			return
		}
		select {
		case <-homeChanged:
		case <-leaderChanged:
		case <-time.After(followEvery):
		case <-n.ctx.Done():
		}
	}
}

// homeChanged returns a channel that is closed when the members of the home shard change; nil where they never do.
func (n *Node) homeChanged() <-chan struct{} {
	if n.member == nil {
		return nil
	}
	return n.member.homeChanged()
}

// align takes all steps that a shard led here needs to be as home is. One that fails does not keep the others from being taken.
func (n *Node) align(ctx context.Context, h *hosted) error {
	home := n.shards.of(exchange.HomeShard)
	if home.replica.Err() == nil {
		if err := home.replica.Fresh(ctx); err != nil { // what was so once is not to be done over again
			return err
		}
	}
	errs := []error{alignRules(ctx, h, home.replica.View().Rules()), alignHalt(ctx, h, home.replica.View().Halted()),
		alignApprovals(ctx, h, home.replica.View().Approvals())}
	if m := n.member; m != nil {
		for _, s := range stepsTo(m.membersOf(home), m.membersOf(h), m.self()) {
			if err := s.take(ctx, h.replica); err != nil {
				errs = append(errs, fmt.Errorf("%v: %w", s, err))
			}
			if !h.replica.Leading() {
				break
			}
		}
	}
	return errors.Join(errs...)
}

// membersOf are the members of a shard as of what this node has applied, also where the replica has been removed since.
func (m *member) membersOf(h *hosted) replica.Members {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.members[h.id]
}

// followed reports ErrChanging while a vote that was taken away at home still counts on another shard. One more that is taken
// away now could leave that shard without a majority.
func (m *member) followed() error {
	home := m.membersOf(m.shards.of(exchange.HomeShard))
	for _, h := range m.shards.all()[1:] {
		for _, is := range m.membersOf(h) {
			if wanted, stays := home.Find(is.Replica); is.Role == replica.Voter && !(stays && max(wanted.Role, wanted.Wanted) == replica.Voter) {
				return fmt.Errorf("shard %d still counts the vote of node %d: %w", h.id, is.Replica.Node(), replica.ErrChanging)
			}
		}
	}
	return nil
}

// alignRules switches a version of the rules on that holds at home.
func alignRules(ctx context.Context, h *hosted, version int) error {
	if h.replica.View().Rules() >= version {
		return nil
	}
	if err := tell(ctx, h.replica, &exchange.SwitchRules{Version: uint32(version)}); err != nil {
		return fmt.Errorf("switching shard %d to rules %d: %w", h.id, version, err)
	}
	return nil
}

// alignHalt halts order entry, or lets it go on, as at home. The operator's command does so at once, on the shards that answer.
func alignHalt(ctx context.Context, h *hosted, halted bool) error {
	view := h.replica.View()
	if view.Rules() < exchange.GuardRules || view.Halted() == halted {
		return nil
	}
	if err := tell(ctx, h.replica, &exchange.SetHalt{Halted: halted, Reason: "as on the home shard"}); err != nil {
		return fmt.Errorf("halting shard %d, or letting it go on: %w", h.id, err)
	}
	return nil
}

// alignApprovals has as many acts need a second operator as at home. To have more need one reaches the shards that answer at once; to
// have fewer was agreed to at home, and comes to others this way.
func alignApprovals(ctx context.Context, h *hosted, asked exchange.Approvals) error {
	view := h.replica.View()
	if view.Rules() < exchange.ApprovalRules || view.Approvals() == asked {
		return nil
	}
	if err := tell(ctx, h.replica, &exchange.SetApprovals{Approvals: asked, Followed: true}); err != nil {
		return fmt.Errorf("telling shard %d which acts need a second operator: %w", h.id, err)
	}
	return nil
}

// step is one change of the members of a shard.
type step struct {
	do     doing
	member replica.Member // as it is to be
}

type doing uint8

const (
	doAddMember doing = iota // or give it its address, or have it become a voter
	doDemote
	doMark // as a synchronous copy, or as none
	doRemoveMember
	doLeave // hand over: what is to be done is about the leader
)

func (s step) String() string {
	return fmt.Sprintf("%s %v", [...]string{"adding", "demoting", "marking", "removing", "handing over from"}[s.do], s.member.Replica)
}

func (s step) take(ctx context.Context, r *replica.Replica) error {
	id := s.member.Replica
	switch s.do {
	case doAddMember:
		return r.AddMember(ctx, s.member)
	case doDemote:
		return r.SetRole(ctx, id, replica.Learner)
	case doMark:
		return r.SetSynchronous(ctx, id, s.member.Synchronous)
	case doRemoveMember:
		return r.RemoveMember(ctx, id)
	default:
		return r.HandOver(ctx, 0)
	}
}

// stepsTo returns what makes the members of a shard those of home. Votes are taken away only when those that home has in
// their place are there, and not from the leader, self: it lets another one lead first.
func stepsTo(home, members replica.Members, self replica.ID) (steps []step) {
	if len(home) == 0 {
		return nil
	}
	complete := true
	var lose []step
	for _, wanted := range home {
		role := max(wanted.Role, wanted.Wanted)
		is, there := members.Find(wanted.Replica)
		if !there {
			added := replica.Member{Replica: wanted.Replica, Wanted: role, Address: wanted.Address}
			if older, on := members.OfNode(wanted.Replica.Node()); on { // whose disk was lost
				added.Synchronous = older.Synchronous && wanted.Synchronous
			}
			steps = append(steps, step{doAddMember, added})
			is = added
		} else if is.Address != wanted.Address || max(is.Role, is.Wanted) < role {
			changed := is
			changed.Address, changed.Wanted = wanted.Address, max(is.Wanted, role)
			steps = append(steps, step{doAddMember, changed})
		}
		if there && is.Synchronous != wanted.Synchronous {
			steps = append(steps, step{doMark, wanted})
		}
		complete = complete && is.Role >= wanted.Role
		if role == replica.Learner && max(is.Role, is.Wanted) == replica.Voter {
			lose = append(lose, step{doDemote, wanted})
		}
	}
	for _, is := range members {
		_, stays := home.Find(is.Replica)
		if _, replaced := home.OfNode(is.Replica.Node()); !stays && !replaced {
			lose = append(lose, step{doRemoveMember, is})
		}
	}
	if !complete {
		return steps
	}
	for _, s := range lose {
		if s.member.Replica == self {
			s.do = doLeave
		}
		steps = append(steps, s)
	}
	return steps
}
