package node

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/gateway"
	"github.com/hustings/hustings/replica"
)

// rulesKnown is the greatest version of the rules that all members know, 0 while one has not said.
func (m *member) rulesKnown(members []replica.MemberStatus) uint32 {
	known := uint32(m.rules)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range members {
		if node := o.Replica.Node(); node != m.config.Node {
			known = min(known, m.known[node].Rules)
		}
	}
	return known
}

// beginRules has a new exchange begin with the latest rules that all its founders know, before it takes orders: the leader switches them
// on, the others wait for that. An exchange that is there already keeps its own until the operator says otherwise.
func (n *Node) beginRules(ctx context.Context) error {
	home := n.Replica()
	begins := n.begins()
	for said := time.Now(); uint32(home.View().Rules()) < begins; {
		var err error
		if home.Leading() {
			err = tell(ctx, home, &exchange.SwitchRules{Version: begins})
		}
		if time.Since(said) > 5*time.Second {
			said = time.Now()
			n.log.Info("waits for the rules with which the exchange begins", "rules", begins, "leader", home.Status().Leader.Node(), "error", err)
		}
		select {
		case <-time.After(beginPause):
		case <-ctx.Done():
			return fmt.Errorf("beginning with rules %d: %w", begins, ctx.Err())
		}
	}
	return nil
}

const beginPause = 5 * time.Millisecond

// tell gives a command to a replica that leads, and waits until it has been folded here.
func tell(ctx context.Context, r *replica.Replica, cmd exchange.Command) error {
	frame, err := wire.AppendCommand(nil, cmd)
	if err != nil {
		return err
	}
	var reply [1]exchange.Reply
	if err := r.Submit(ctx, frame, 1, reply[:]); err != nil {
		return err
	}
	return r.View().WaitSeq(ctx, reply[0].Seq)
}

// begins is the version of the rules with which the exchange begins, or began; 0 if that is nothing that this node sees to.
func (n *Node) begins() uint32 {
	if n.member != nil {
		return n.member.identity.Load().Begins
	}
	if n.View().Seq() > 0 {
		return 0
	}
	return uint32(cmp.Or(n.config.Replica.Rules, exchange.RulesVersion))
}

// SwitchRules implements gateway.Cluster. Every member is asked now: one that does not know what the log switches on
// would stop.
func (o operator) SwitchRules(ctx context.Context, version uint32) error {
	r := o.shards.home()
	known := uint32(o.rules)
	least := o.config.Node
	for _, node := range othersOf(r, o.config.Node) {
		h, err := o.hello(ctx, node)
		if err != nil {
			return rulesUnknown("Node %d does not answer, so nobody knows which rules it knows: start it, or remove it. Nothing was switched.", node)
		}
		if h.Rules < known {
			known, least = h.Rules, node
		}
	}
	if version == 0 {
		version = known
	}
	if version > known {
		return rulesUnknown("Node %d knows rules up to %d, not %d: upgrade it first. Nothing was switched.", least, known, version)
	}
	if err := o.Fresh(ctx); err != nil {
		return err
	}
	if version <= uint32(r.View().Rules()) {
		return nil
	}
	frame, err := wire.AppendCommand(nil, &exchange.SwitchRules{Version: version})
	if err != nil {
		return err
	}
	replies := make([]exchange.Reply, 1)
	if err := o.to.Submit(ctx, frame, 1, replies); err != nil {
		return err
	}
	if code := replies[0].Code; code != exchange.Accepted && code != exchange.RejectVersionMismatch { // somebody was faster
		return fmt.Errorf("switching to rules %d: %v", version, code)
	}
	return r.View().WaitSeq(ctx, replies[0].Seq)
}

// Fresh waits until this node has seen what was acknowledged.
func (o operator) Fresh(ctx context.Context) error { return o.shards.home().Fresh(ctx) }

func rulesUnknown(format string, args ...any) error {
	return &gateway.Refusal{Code: api.CodeRulesUnknown, Detail: fmt.Sprintf(format, args...)}
}
