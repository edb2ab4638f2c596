package client

import (
	"context"

	"github.com/hustings/hustings/api"
)

// Register makes an account. It needs no token.
func (c *Client) Register(ctx context.Context, name, password string) (a api.RegisterAnswer, err error) {
	err = c.post(ctx, "/api/register", "", api.Register{Name: name, Password: password}, &a)
	return a, err
}

// Login returns a session; use its Secret with As. It needs no token.
func (c *Client) Login(ctx context.Context, name, password string) (a api.KeyAnswer, err error) {
	err = c.post(ctx, "/api/login", "", api.Login{Name: name, Password: password}, &a)
	return a, err
}

// CreateKey makes an API key. Its Secret is in this answer only.
func (c *Client) CreateKey(ctx context.Context, key string, k api.CreateKey) (a api.KeyAnswer, err error) {
	err = c.post(ctx, "/api/keys", key, k, &a)
	return a, err
}

// Logout revokes the key or session that the client speaks with.
func (c *Client) Logout(ctx context.Context) (a api.KeyRevoked, err error) {
	err = c.post(ctx, "/api/logout", "", nil, &a)
	return a, err
}

// SetPassword replaces the password.
func (c *Client) SetPassword(ctx context.Context, p api.SetPassword) (a api.AccountAnswer, err error) {
	err = c.Do(ctx, Request{Method: "PUT", Path: "/api/password", Body: p}, &a)
	return a, err
}

// Keys returns the account's API keys, without their secrets.
func (c *Client) Keys(ctx context.Context) (k api.Keys, err error) {
	err = c.get(ctx, "/api/keys", nil, &k)
	return k, err
}

// RevokeKey ends an API key at once.
func (c *Client) RevokeKey(ctx context.Context, key api.ID) (a api.KeyRevoked, err error) {
	err = c.Do(ctx, Request{Method: "DELETE", Path: "/api/keys/" + key.String()}, &a)
	return a, err
}
