package client

import (
	"context"
	"strconv"

	"github.com/hustings/hustings/api"
)

// Cluster says how the exchange's nodes are.
func (c *Client) Cluster(ctx context.Context) (a api.Cluster, err error) {
	err = c.get(ctx, clusterPath, nil, &a)
	return a, err
}

// AddMember makes a node a member of the exchange.
func (c *Client) AddMember(ctx context.Context, m api.AddMember) (a api.Cluster, err error) {
	err = c.post(ctx, clusterPath+"/members", "", m, &a)
	return a, err
}

// SetRole makes a member a voter or a learner.
func (c *Client) SetRole(ctx context.Context, node uint16, role string) (a api.Cluster, err error) {
	err = c.Do(ctx, Request{Method: "PUT", Path: memberPath(node), Body: api.SetRole{Role: role}}, &a)
	return a, err
}

// SetSynchronous makes a member a synchronous copy, or no longer one.
func (c *Client) SetSynchronous(ctx context.Context, node uint16, synchronous bool) (a api.Cluster, err error) {
	err = c.Do(ctx, Request{Method: "PUT", Path: memberPath(node) + "/synchronous", Body: api.SetSynchronous{Synchronous: synchronous}}, &a)
	return a, err
}

// Seize lets the node that is asked go on without voters that are lost. It is under way when this returns.
func (c *Client) Seize(ctx context.Context, s api.Seize) (a api.Cluster, err error) {
	err = c.post(ctx, clusterPath+"/seize", "", s, &a)
	return a, err
}

// SwitchRules switches a version of the rules on; 0 is the greatest that all members know.
func (c *Client) SwitchRules(ctx context.Context, version uint32) (a api.Cluster, err error) {
	err = c.post(ctx, clusterPath+"/rules", "", api.SwitchRules{Version: version}, &a)
	return a, err
}

// RemoveMember ends a node's membership.
func (c *Client) RemoveMember(ctx context.Context, node uint16) (a api.Cluster, err error) {
	err = c.Do(ctx, Request{Method: "DELETE", Path: memberPath(node)}, &a)
	return a, err
}

// HandOver lets another node lead.
func (c *Client) HandOver(ctx context.Context, node uint16) (a api.Cluster, err error) {
	err = c.post(ctx, clusterPath+"/leader", "", api.HandOver{Node: node}, &a)
	return a, err
}

const clusterPath = "/api/admin/cluster"

func memberPath(node uint16) string { return clusterPath + "/members/" + strconv.Itoa(int(node)) }
