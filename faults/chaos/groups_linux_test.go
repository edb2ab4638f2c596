package chaos

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// grouped is the share of orders that name their account's order group, wherever their market is.
const grouped = 0.3

// makeGroup makes an order group that nobody's fills trigger.
func (r *run) makeGroup(ctx context.Context, a *account) (err error) {
	var made api.GroupAnswer
	err = r.public[0].As(a.token).Do(ctx, client.Request{Method: http.MethodPost, Path: "/api/groups", Key: "group-of-" + a.id.String(),
		Body: api.CreateGroup{Limit: 1_000_000, WindowSeconds: 1}}, &made)
	a.group = made.Group
	return err
}

// triggerGroups triggers the order groups of those who traded. When that is answered none of their orders trades any more, on
// whichever shard it is, and in a while none rests.
func (r *run) triggerGroups(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), healing)
	defer cancel()
	for _, side := range r.sides {
		for i, a := range side {
			path := "/api/groups/" + a.group.String()
			must(t, r.public[i%nodes].As(a.token).Do(ctx, client.Request{Method: http.MethodPost, Path: path + "/trigger"}, nil))
			for node := range nodes {
				for n := r.resting(ctx, t, node, &a); n > 0; n = r.resting(ctx, t, node, &a) {
					if ctx.Err() != nil {
						r.log.violation("by node %d %d orders of group %v rest after it was triggered", node+1, n, a.group)
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
			}
		}
	}
}

// resting counts the orders of an account's group that rest, by what a node knows.
func (r *run) resting(ctx context.Context, t *testing.T, node int, a *account) (count int) {
	t.Helper()
	for o, err := range r.public[node].As(a.token).Fresh().EachOrder(ctx, url.Values{"limit": {"200"}}) {
		if err != nil {
			if ctx.Err() == nil {
				t.Error(err)
			}
			return count
		}
		if o.Group == a.group {
			count++
		}
	}
	return count
}
