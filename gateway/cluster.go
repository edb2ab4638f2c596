package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/hustings/hustings/api"
)

// A Cluster shows and changes which nodes an exchange has. It may be called concurrently. Each change holds for all
// shards and returns when it is in force; it does nothing where it would change nothing. A change that cannot be is a
// *Refusal; after any other error it may come into force later or never.
type Cluster interface {
	// Status says how the nodes are. What follows from the rest (Self, Leader, Health) is filled in by the gateway.
	Status(ctx context.Context) (api.Cluster, error)
	// AddMember makes a node that listens for others at an address a learner, which gets its vote when it has caught up
	// if it is to be a voter. It returns when the node is a learner.
	AddMember(ctx context.Context, node uint16, address string, voter bool) error
	// SetRole gives a member its vote or takes it away. One that lags far behind gets none.
	SetRole(ctx context.Context, node uint16, voter bool) error
	// SetSynchronous makes a member that has caught up a synchronous copy, or no longer one.
	SetSynchronous(ctx context.Context, node uint16, synchronous bool) error
	// RemoveMember ends a membership, if a majority of the voters that remain is there.
	RemoveMember(ctx context.Context, node uint16) error
	// HandOver makes a voter the leader.
	HandOver(ctx context.Context, node uint16) error
	// Seize begins anew with what this node has, without the members on lost nodes; others that survive get a vote if they
	// had one or are named. It returns when that cannot fail any more for want of agreement; the node restarts then.
	Seize(ctx context.Context, lost, voters []uint16) error
	// SwitchRules switches a version of the rules on that all members know; 0 is the greatest.
	SwitchRules(ctx context.Context, version uint32) error
}

// Refusal is why a change of the cluster cannot be. Nothing was changed.
type Refusal struct {
	Code   api.Code
	Detail string // what is so and what to do; empty: the title of the code
}

func (r *Refusal) Error() string {
	if r.Detail == "" {
		return r.Code.Title
	}
	return r.Detail
}

// changeLimit bounds how long a change may take. It ends before the connection does.
const changeLimit = 15 * time.Second

func (c *call) getCluster() *api.Problem {
	if c.s.cluster == nil {
		return api.CodeNoCluster.Problem("", "")
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), waitLimit)
	defer cancel()
	status, err := c.s.cluster.Status(ctx)
	if err != nil {
		return c.clusterProblem(err)
	}
	judge(&status)
	return c.answer(status)
}

// changeCluster makes a change and answers with how the cluster is then.
func (c *call) changeCluster(change func(context.Context, Cluster) error) *api.Problem {
	if c.s.cluster == nil {
		return api.CodeNoCluster.Problem("", "")
	}
	c.recordIfPossible()
	ctx, cancel := context.WithTimeout(c.r.Context(), changeLimit)
	defer cancel()
	if err := change(ctx, c.s.cluster); err != nil {
		return c.clusterProblem(err)
	}
	return c.getCluster()
}

func (c *call) addMember() *api.Problem {
	req, p := decode[api.AddMember](&c.scan, c.body)
	if p != nil {
		return p
	}
	voter, p := voterRole(req.Role)
	if p == nil {
		p = checkNode(req.Node)
	}
	if p == nil {
		p = checkAddress(req.Peers)
	}
	if p != nil {
		return p
	}
	return c.changeCluster(func(ctx context.Context, k Cluster) error {
		return k.AddMember(ctx, req.Node, req.Peers, voter)
	})
}

func (c *call) setRole() *api.Problem {
	node, p := c.nodeNumber()
	if p != nil {
		return p
	}
	req, p := decode[api.SetRole](&c.scan, c.body)
	if p != nil {
		return p
	}
	voter, p := voterRole(req.Role)
	if p != nil {
		return p
	}
	return c.changeCluster(func(ctx context.Context, k Cluster) error { return k.SetRole(ctx, node, voter) })
}

func (c *call) setSynchronous() *api.Problem {
	node, p := c.nodeNumber()
	if p != nil {
		return p
	}
	req, p := decode[api.SetSynchronous](&c.scan, c.body)
	if p != nil {
		return p
	}
	return c.changeCluster(func(ctx context.Context, k Cluster) error { return k.SetSynchronous(ctx, node, req.Synchronous) })
}

func (c *call) seize() *api.Problem {
	req, p := decode[api.Seize](&c.scan, c.body)
	if p == nil && len(req.Lost) == 0 {
		p = api.CodeMissingField.Problem("lost", "Name the nodes that are lost.")
	}
	if p != nil {
		return p
	}
	return c.changeCluster(func(ctx context.Context, k Cluster) error { return k.Seize(ctx, req.Lost, req.Voters) })
}

func (c *call) switchRules() *api.Problem {
	req, p := decode[api.SwitchRules](&c.scan, c.body)
	if p != nil {
		return p
	}
	return c.changeCluster(func(ctx context.Context, k Cluster) error { return k.SwitchRules(ctx, req.Version) })
}

func (c *call) removeMember() *api.Problem {
	node, p := c.nodeNumber()
	if p != nil {
		return p
	}
	return c.changeCluster(func(ctx context.Context, k Cluster) error { return k.RemoveMember(ctx, node) })
}

func (c *call) handOver() *api.Problem {
	req, p := decode[api.HandOver](&c.scan, c.body)
	if p == nil {
		p = checkNode(req.Node)
	}
	if p != nil {
		return p
	}
	return c.changeCluster(func(ctx context.Context, k Cluster) error { return k.HandOver(ctx, req.Node) })
}

func (c *call) nodeNumber() (uint16, *api.Problem) {
	id, err := api.ParseID(c.r.PathValue("node"))
	if err != nil || id > 1<<16-1 {
		return 0, api.CodeMemberNotFound.Problem("node", "")
	}
	return uint16(id), nil
}

func checkNode(node uint16) *api.Problem {
	if node == 0 {
		return api.CodeInvalidField.Problem("node", "node must be the number of a node, 1 and up.")
	}
	return nil
}

func checkAddress(address string) *api.Problem {
	host, port, err := net.SplitHostPort(address)
	n, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || host == "" || portErr != nil || n == 0 {
		return api.CodeInvalidField.Problem("peers", "peers must be a host and a port, such as 10.0.0.4:7000.")
	}
	return nil
}

func voterRole(role string) (voter bool, p *api.Problem) {
	switch role {
	case api.Voter:
		return true, nil
	case api.Learner:
		return false, nil
	}
	return false, api.CodeInvalidField.Problem("role", `role must be "voter" or "learner".`)
}

func (c *call) clusterProblem(err error) *api.Problem {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Code.Problem("", refusal.Detail)
	}
	c.s.log.Error("ask or change the cluster", "route", c.endpoint.Name, "error", err)
	detail := fmt.Sprintf("It is not certain whether this was done (%v). Look at the status, and ask again.", err)
	if !c.endpoint.Mutation() {
		detail = fmt.Sprintf("The cluster cannot be seen from here now (%v).", err)
	}
	return api.CodeUnavailable.Problem("", detail)
}
