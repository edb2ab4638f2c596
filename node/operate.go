package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/peer"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/router"
)

// operator shows and changes the cluster, for the gateway. What only the leader knows or can do, it is asked.
type operator struct {
	*member
	to gateway.Submitter
}

// change is a change of the members, as one node asks another for it.
type change struct {
	Do      string `json:"do"`
	Node    uint16 `json:"node"`
	Address string `json:"address,omitempty"`
	Voter   bool   `json:"voter,omitempty"`

	Synchronous bool `json:"synchronous,omitempty"`
}

// takesVote reports whether a change takes a vote away, if there is one.
func (c change) takesVote() bool { return c.Do == doRemove || c.Do == doSetRole && !c.Voter }

const (
	doAdd            = "add"
	doSetRole        = "role"
	doSetSynchronous = "synchronous"
	doRemove         = "remove"
	doHandOver       = "hand over"
)

// refusals are the errors of changes that keep their meaning from one node to another.
var refusals = []struct {
	err    error
	number uint8 // between nodes
	code   api.Code
}{
	{replica.ErrUnknownMember, 16, api.CodeMemberNotFound},
	{replica.ErrNotCaughtUp, 17, api.CodeMemberLags},
	{replica.ErrNoQuorum, 18, api.CodeQuorumAtRisk},
	{replica.ErrChanging, 19, api.CodeChangeUnderWay},
	{replica.ErrNotLeader, router.CodeNotLeader, api.CodeNotLeader},
	{errNoHello, 20, api.CodeInvalidField},
	{errOldRules, 21, api.CodeRulesUnknown},
	{replica.ErrOtherGeneration, 22, api.CodeChangeUnderWay},
}

var (
	errNoHello  = errors.New("the node does not answer at that address")
	errOldRules = errors.New("its program is too old: upgrade it first")
)

func changeCode(err error) uint8 {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return r.number
		}
	}
	return 0
}

// refusal returns an error of a change as the gateway tells it.
func refusal(err error) error {
	var told *peer.RemoteError
	errors.As(err, &told)
	for _, r := range refusals {
		if errors.Is(err, r.err) || told != nil && told.Code == r.number {
			return &gateway.Refusal{Code: r.code, Detail: err.Error()}
		}
	}
	return err
}

// AddMember implements gateway.Cluster.
func (o operator) AddMember(ctx context.Context, node uint16, address string, voter bool) error {
	return o.change(ctx, change{Do: doAdd, Node: node, Address: address, Voter: voter})
}

// SetRole implements gateway.Cluster.
func (o operator) SetRole(ctx context.Context, node uint16, voter bool) error {
	return o.change(ctx, change{Do: doSetRole, Node: node, Voter: voter})
}

// SetSynchronous implements gateway.Cluster.
func (o operator) SetSynchronous(ctx context.Context, node uint16, synchronous bool) error {
	return o.change(ctx, change{Do: doSetSynchronous, Node: node, Synchronous: synchronous})
}

// RemoveMember implements gateway.Cluster.
func (o operator) RemoveMember(ctx context.Context, node uint16) error {
	return o.change(ctx, change{Do: doRemove, Node: node})
}

// HandOver implements gateway.Cluster.
func (o operator) HandOver(ctx context.Context, node uint16) error {
	err := o.change(ctx, change{Do: doHandOver, Node: node})
	for err == nil { // the answer shows the new leader
		leader, changed := o.shards.home().Leader()
		if leader.Node() == node {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

// change has the leader make a change. One that is to lose its vote hands over first: nobody would lead for a while.
func (o operator) change(ctx context.Context, c change) error {
	leader, _ := o.shards.home().Leader()
	const hearing = 500 * time.Millisecond
	waiting, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	leaves := c.takesVote()
	if leaves && leader.Node() == c.Node {
		if err := o.handOverFrom(ctx, leader); err != nil {
			return err
		}
	}
	for {
		err := o.byLeader(ctx, c)
		var r *gateway.Refusal
		if !leaves || !errors.As(err, &r) || r.Code != api.CodeQuorumAtRisk {
			return err
		}
		select { // a new leader has to hear of the others first
		case <-time.After(20 * time.Millisecond):
		case <-waiting.Done():
			return err
		}
	}
}

// handOverFrom has a leader hand over to whom it likes, and waits until another one is known here.
func (o operator) handOverFrom(ctx context.Context, old replica.ID) error {
	if err := o.byLeader(ctx, change{Do: doHandOver}); err != nil {
		return err
	}
	for {
		leader, changed := o.shards.home().Leader()
		if leader != 0 && leader != old {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (o operator) byLeader(ctx context.Context, c change) error {
	r := o.shards.home()
	leader, _ := r.Leader()
	switch leader.Node() {
	case 0:
		return &gateway.Refusal{Code: api.CodeNoLeader}
	case o.config.Node:
		return refusal(o.changeHere(ctx, r, c))
	}
	request, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = o.call(ctx, leader.Node(), exchange.HomeShard, methodChange, request)
	return refusal(err)
}

// changeHere makes a change, if the replica here leads.
func (m *member) changeHere(ctx context.Context, r *replica.Replica, c change) error {
	if c.takesVote() {
		if err := m.followed(); err != nil {
			return err
		}
	}
	switch {
	case c.Do == doAdd:
		return m.add(ctx, r, c)
	case c.Do == doHandOver && c.Node == 0: // to whoever has most
		return r.HandOver(ctx, 0)
	}
	of, found := memberOf(r, c.Node)
	if !found {
		return fmt.Errorf("node %d: %w", c.Node, replica.ErrUnknownMember)
	}
	switch c.Do {
	case doSetRole:
		return r.SetRole(ctx, of.Replica, roleOf(c.Voter))
	case doSetSynchronous:
		return r.SetSynchronous(ctx, of.Replica, c.Synchronous)
	case doRemove:
		return r.RemoveMember(ctx, of.Replica)
	case doHandOver:
		return r.HandOver(ctx, of.Replica)
	}
	return fmt.Errorf("%q is not a change that this version knows", c.Do)
}

func memberOf(r *replica.Replica, node uint16) (replica.Member, bool) {
	for _, s := range r.Status().Members {
		if s.Replica.Node() == node {
			return s.Member, true
		}
	}
	return replica.Member{}, false
}

func roleOf(voter bool) replica.Role {
	if voter {
		return replica.Voter
	}
	return replica.Learner
}

// add adds a node that listens at an address. It is asked which incarnation it is, so it must be there.
func (m *member) add(ctx context.Context, r *replica.Replica, c change) (err error) {
	m.mu.Lock()
	m.extra[c.Node] = c.Address
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		delete(m.extra, c.Node)
		m.mu.Unlock()
		if err != nil { // otherwise the link stays, though the status may not show the new member yet
			m.connect()
		}
	}()
	m.connect()
	var h helloAnswer
	for {
		var err error
		if h, err = m.hello(ctx, c.Node); err != nil {
			err = fmt.Errorf("%w: %w", errNoHello, err)
		} else if replica.NewID(c.Node, h.Incarnation).Generation() != membersOf(r).Generation() {
			err = replica.ErrOtherGeneration
		}
		if err == nil {
			break
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("node %d at %s: %w", c.Node, c.Address, err)
		}
	}
	id := replica.NewID(c.Node, h.Incarnation)
	if h.Rules < uint32(r.View().Rules()) {
		return fmt.Errorf("node %d knows rules up to %d, %d are in force: %w", c.Node, h.Rules, r.View().Rules(), errOldRules)
	}
	added := replica.Member{Replica: id, Wanted: roleOf(c.Voter), Address: c.Address}
	if old, is := memberOf(r, c.Node); is && old.Replica == id {
		added.Synchronous = old.Synchronous
	}
	return r.AddMember(ctx, added)
}

func membersOf(r *replica.Replica) (all replica.Members) {
	for _, s := range r.Status().Members {
		all = append(all, s.Member)
	}
	return all
}
