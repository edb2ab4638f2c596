package feed

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange/projection"
)

// desk is what a connection may do beside listening. It belongs to the goroutine that reads.
type desk struct {
	who           projection.Credential // zero: not authenticated
	from          string                // the client's address
	cancelAtEnd   bool                  // its account's orders
	disconnection string                // the idempotency key of that
}

// authenticate takes a secret.
func (c *conn) authenticate(r *request) *api.Problem {
	if c.feed.config.Desk == nil {
		return api.CodeDisabled.Problem("", "")
	}
	req := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: Path}, RemoteAddr: c.desk.from,
		Header: http.Header{"Authorization": {"Bearer " + r.Secret}}}
	who, p := c.feed.config.Desk.Authenticate(req)
	switch {
	case p != nil:
		return p
	case c.desk.who.Account != 0 && c.desk.who.Account != who.Account:
		return api.CodeForbidden.Problem("secret", "This connection is another account's: open a new one.")
	case c.desk.cancelAtEnd && !mayTrade(who):
		return api.CodeForbidden.Problem("secret", "Orders are cancelled when this connection ends, which this key does not permit.")
	}
	c.desk.who = who
	c.feed.tasks.put(func() { c.feed.identify(c, who) })
	c.ack(r, 1)
	return nil
}

// trade carries out a request of the HTTP API.
func (c *conn) trade(r *request, route *api.Route) *api.Problem {
	path := strings.Replace(strings.Replace(route.Path, "{market}", r.Market.String(), 1), "{order}", r.Order.String(), 1)
	if len(route.Query) > 0 {
		path += r.filter()
	}
	req := Request{Method: route.Method, Path: path, Key: r.Key, Match: r.IfMatch, From: c.desk.from, Body: r.Body}
	status, body := c.feed.config.Desk.Do(context.Background(), c.desk.who, req)
	if len(body) == 0 {
		body = []byte("{}")
	}
	c.say(`{"type":"answer","status":`+strconv.Itoa(status)+`,"body":`+string(body), r.ID)
	return nil
}

// filter is which orders are meant.
func (r *request) filter() string {
	q := url.Values{}
	if r.Market != 0 {
		q.Set("market", r.Market.String())
	}
	if r.Group != 0 {
		q.Set("group", r.Group.String())
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (c *conn) setCancelAtEnd(r *request) *api.Problem {
	switch {
	case r.Enabled == nil:
		return api.CodeMissingField.Problem("enabled", "Say whether, as true or false.")
	case !mayTrade(c.desk.who):
		return api.CodeForbidden.Problem("", "")
	}
	if p := c.stillGood(); p != nil {
		return p
	}
	c.desk.cancelAtEnd = *r.Enabled
	if c.desk.disconnection == "" {
		c.desk.disconnection = randomKey()
	}
	c.ack(r, 1)
	return nil
}

// stillGood refuses whose credential has been revoked or has expired a moment ago: what is asked for now is done at the end of the
// connection, whatever the credential is by then. Whoever reads the account is asked for it as for anything else. That the account
// cannot be read for another reason does not keep orders from being cancelled.
func (c *conn) stillGood() *api.Problem {
	switch status, _ := c.feed.config.Desk.Do(context.Background(), c.desk.who, Request{Method: http.MethodGet, Path: "/api/account", From: c.desk.from}); status {
	case http.StatusUnauthorized:
		return api.CodeUnauthenticated.Problem("", "")
	case http.StatusForbidden:
		return api.CodeForbidden.Problem("", "")
	}
	return nil
}

// How often, and for how long, the cancelling at the end of a connection is tried.
const (
	finishTries = 5
	finishTime  = 10 * time.Second
)

// finish does what was to be done at the end of the connection.
func (c *conn) finish() {
	if !c.desk.cancelAtEnd {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), finishTime)
	defer cancel()
	for range finishTries {
		status, body := c.feed.config.Desk.Do(ctx, c.desk.who, Request{Method: http.MethodDelete, Path: "/api/orders", Key: c.desk.disconnection, From: c.desk.from, Last: true})
		if status < 500 {
			if status >= 400 {
				c.feed.config.Log.Warn("a connection ended, and its orders were not cancelled", "account", c.desk.who.Account, "status", status, "answer", string(body))
			}
			return
		}
	}
	c.feed.config.Log.Error("a connection ended, and its orders could not be cancelled", "account", c.desk.who.Account)
}
