package node

import (
	"context"
	"net/http"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/feed"
	"github.com/hustings/hustings/gateway"
)

// desk lets those who are connected to the feed be known and trade as they would over HTTP. Its server is set before anybody can connect.
type desk struct{ server *gateway.Server }

func (d *desk) Authenticate(r *http.Request) (projection.Credential, *api.Problem) {
	return d.server.Authenticate(r)
}

func (d *desk) Do(ctx context.Context, who projection.Credential, r feed.Request) (int, []byte) {
	return d.server.Do(ctx, who, gateway.SocketRequest(r))
}

// openFeed starts the feed.
func (n *Node) openFeed(d *desk) {
	c := n.config.Feed
	if n.config.MaxConns > 0 { // the listener's bound holds for the feed too
		c.MaxConnections = n.config.MaxConns
	}
	c.Alone = n.config.Cluster == nil
	c.Wait = func(ctx context.Context, seq exchange.Seq) *api.Problem { return d.server.Wait(ctx, seq) }
	c.Desk, c.Metrics, c.Log = d, n.metrics.Registry, n.log
	c.Balance = func(id exchange.AccountID) (cash, held exchange.Money) {
		a, _ := n.exchange.Account(id)
		return a.Cash, a.Held
	}
	n.feed = feed.New(c)
}
