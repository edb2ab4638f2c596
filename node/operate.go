package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hustings/hustings/api"
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
	{errOtherGeneration, 22, api.CodeChangeUnderWay},
}

var (
	errNoHello         = errors.New("the node does not answer at that address")
	errOldRules        = errors.New("its program is too old: upgrade it first")
	errOtherGeneration = errors.New("it has not heard yet that the exchange was begun anew: try again")
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
		leader, changed := o.replica.Load().Leader()
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
	leader, _ := o.replica.Load().Leader()
	const hearing = 500 * time.Millisecond
	waiting, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	leaves := c.Do == doRemove || c.Do == doSetRole && !c.Voter
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
		leader, changed := o.replica.Load().Leader()
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
	r := o.replica.Load()
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
	_, err = o.mesh.Call(ctx, peer.Node(leader.Node()), shard, methodChange, request)
	return refusal(err)
}

// changeHere makes a change, if the replica here leads.
func (m *member) changeHere(ctx context.Context, r *replica.Replica, c change) error {
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
			m.connect(membersOf(r))
		}
	}()
	m.connect(membersOf(r))
	var h helloAnswer
	for {
		var err error
		if h, err = m.hello(ctx, c.Node); err != nil {
			err = fmt.Errorf("%w: %w", errNoHello, err)
		} else if replica.NewID(c.Node, h.Incarnation).Generation() != membersOf(r).Generation() {
			err = errOtherGeneration
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

// joining is what a node says that has begun with an empty disk.
type joining struct {
	Incarnation uint64 `json:"incarnation"`
}

// keepJoining asks for the place that this node has among the members until its replica is one of them.
func (m *member) keepJoining(ctx context.Context, r *replica.Replica) {
	request, err := json.Marshal(joining{m.identity.Load().Incarnation})
	if err != nil {
		panic(err) // it is a number
	}
	for len(membersOf(r)) == 0 {
		for _, c := range m.config.Members {
			if c.Node == m.config.Node {
				continue
			}
			if _, err := m.hello(ctx, c.Node); err == nil && len(membersOf(r)) == 0 {
				m.connect(nil)
			}
			asking, cancel := context.WithTimeout(ctx, 10*time.Second)
			_, err := m.mesh.Call(asking, peer.Node(c.Node), shard, methodJoin, request)
			cancel()
			if err == nil {
				break
			}
			m.log.Debug("a member does not take this node in", "node", c.Node, "error", err)
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}

// takeBack gives a node whose disk was lost its place again, as a learner that gets its vote back when it has caught up.
// A node that has no place needs the operator.
func (m *member) takeBack(ctx context.Context, r *replica.Replica, node uint16, j joining) error {
	if !r.Leading() {
		return replica.ErrNotLeader
	}
	old, found := memberOf(r, node)
	if !found {
		return fmt.Errorf("node %d is no member: add it with hustings cluster add", node)
	}
	id := replica.NewID(node, j.Incarnation)
	if old.Replica == id {
		return nil
	}
	m.log.Warn("a node comes back with an empty disk", "node", node, "role", old.Role.String())
	if id.Generation() != old.Replica.Generation() {
		return fmt.Errorf("node %d: %w", node, errOtherGeneration)
	}
	back := replica.Member{Replica: id, Wanted: max(old.Role, old.Wanted), Address: old.Address, Synchronous: old.Synchronous}
	return r.AddMember(ctx, back)
}

// Status implements gateway.Cluster.
func (o operator) Status(ctx context.Context) (api.Cluster, error) {
	r := o.replica.Load()
	of := api.Cluster{Node: o.config.Node, Region: o.config.Region, Version: o.version}
	shown := o.shardStatus(r)
	if leader := shown.Leader; leader != 0 && leader != o.config.Node {
		b, err := o.mesh.Call(ctx, peer.Node(leader), shard, methodStatus, nil)
		if err == nil {
			err = json.Unmarshal(b, &shown)
		}
		if err != nil {
			o.log.Warn("the leader does not say how the shard is", "node", leader, "error", err)
		}
	}
	of.Shards = []api.ClusterShard{shown}
	for _, l := range o.mesh.Links() {
		of.Links = append(of.Links, api.ClusterLink{Node: uint16(l.Node), Peers: l.Address, Up: !l.Up.IsZero(), Since: since(l.Up),
			QueueBytes: int64(l.QueueBytes), Dropped: l.Dropped})
	}
	return of, nil
}

func since(t time.Time) api.Time {
	if t.IsZero() {
		return 0
	}
	return api.Time(t.UnixNano())
}

// shardStatus says how the shard is as far as this node knows.
func (m *member) shardStatus(r *replica.Replica) api.ClusterShard {
	s := r.Status()
	applied, seq := r.Applied()
	of := api.ClusterShard{Shard: shard, Leader: s.Leader.Node(), From: m.config.Node, Term: s.Term, Commit: s.Commit, Applied: applied,
		Seq: api.ID(seq), Rules: uint32(r.View().Rules()), RulesKnown: m.rulesKnown(s.Members), Check: stateCheck(r)}
	for _, o := range s.Members {
		of.Members = append(of.Members, m.memberStatus(&s, o))
		of.Generation = o.Replica.Generation()
	}
	return of
}

func (m *member) memberStatus(s *replica.Status, o replica.MemberStatus) api.ClusterMember {
	node := o.Replica.Node()
	of := api.ClusterMember{Node: node, Replica: api.ID(o.Replica), Peers: o.Address, Role: o.Role.String(), Leader: o.Replica == s.Leader,
		LastContactMS: -1, Synchronous: o.Synchronous, AwaitedMS: o.Awaited.Milliseconds()}
	if o.Wanted != o.Role {
		of.Wanted = o.Wanted.String()
	}
	if s.Leader == s.Self {
		of.Match, of.Lag, of.Snapshot = o.Match, s.Last-min(s.Last, o.Match), o.Fetching
		of.LastContactMS = o.Silent.Milliseconds()
		of.Connected = o.InTouch
	}
	if o.Replica == s.Self {
		of.Connected, of.LastContactMS, of.Version, of.Region = true, 0, m.version, m.config.Region
		return of
	}
	m.mu.Lock()
	h, known := m.known[node]
	m.mu.Unlock()
	if known {
		of.Version, of.Region = h.Version, h.Region
	}
	return of
}

// stateCheck is how the last comparison of what replicas hash to ended.
func stateCheck(r *replica.Replica) *api.StateCheck {
	c, ok := r.Agreement()
	if !ok {
		return nil
	}
	of := &api.StateCheck{Seq: api.ID(c.Seq), Hash: fmt.Sprintf("%x", c.Hash), Result: api.CheckSame}
	for _, id := range c.Compared {
		of.Nodes = append(of.Nodes, id.Node())
	}
	for _, id := range c.Differing {
		of.Differing, of.Result = append(of.Differing, id.Node()), api.CheckDifferent
	}
	return of
}
