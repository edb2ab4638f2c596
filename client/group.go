package client

import (
	"context"

	"github.com/hustings/hustings/api"
)

// CreateGroup makes an order group. An empty key is made up.
func (c *Client) CreateGroup(ctx context.Context, key string, g api.CreateGroup) (a api.GroupAnswer, err error) {
	err = c.post(ctx, groupsPath, key, g, &a)
	return a, err
}

// Groups returns the account's order groups.
func (c *Client) Groups(ctx context.Context) (g api.Groups, err error) {
	err = c.get(ctx, groupsPath, nil, &g)
	return g, err
}

// Group returns one of the account's order groups.
func (c *Client) Group(ctx context.Context, group api.ID) (g api.Group, err error) {
	err = c.get(ctx, groupPath(group), nil, &g)
	return g, err
}

// ResetGroup lets a group take orders again and forgets its fills.
func (c *Client) ResetGroup(ctx context.Context, group api.ID) (a api.GroupAnswer, err error) {
	err = c.post(ctx, groupPath(group)+"/reset", "", nil, &a)
	return a, err
}

// TriggerGroup cancels a group's orders and has it refuse new ones.
func (c *Client) TriggerGroup(ctx context.Context, group api.ID) (a api.GroupAnswer, err error) {
	err = c.post(ctx, groupPath(group)+"/trigger", "", nil, &a)
	return a, err
}

// DeleteGroup cancels a group's orders and ends it.
func (c *Client) DeleteGroup(ctx context.Context, group api.ID) (a api.GroupAnswer, err error) {
	err = c.Do(ctx, Request{Method: "DELETE", Path: groupPath(group)}, &a)
	return a, err
}

// CancelGroup cancels all orders of a group, which takes new ones all the same.
func (c *Client) CancelGroup(ctx context.Context, group api.ID) (a api.MassCancelAnswer, err error) {
	err = c.Do(ctx, Request{Method: "DELETE", Path: "/api/orders?group=" + group.String()}, &a)
	return a, err
}

// SetDeadMansSwitch has all orders of the account cancelled unless it is called again in time.
func (c *Client) SetDeadMansSwitch(ctx context.Context, s api.DeadMansSwitch) (a api.DeadMansSwitchAnswer, err error) {
	err = c.Do(ctx, Request{Method: "PUT", Path: "/api/dead-mans-switch", Body: s}, &a)
	return a, err
}

const groupsPath = "/api/groups"

func groupPath(group api.ID) string { return groupsPath + "/" + group.String() }
