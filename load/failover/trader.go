package failover

import (
	"context"
	"errors"
	"net/http"

	"github.com/hustings/hustings/client"
)

// trader sends one account's requests to the node that is its home and, where that is lost, to the next one.
type trader struct {
	run   *run
	token *client.Client
	home  int // index of the node
}

// Send implements orders.Trader.
func (t *trader) Send(ctx context.Context, request client.Request) ([]byte, error) {
	if request.Key == "" && !request.InBody {
		request.Key = client.NewKey() // the same at every node
	}
	nodes := t.run.Public
	for at := t.home; ; at = (at + 1) % len(nodes) {
		lost := t.run.isFaulty(at)
		answer, err := t.token.Via(nodes[at]).Send(ctx, request)
		if err == nil {
			t.run.acknowledged(t.home, &request, answer)
			return answer, nil
		}
		lost = lost || t.run.isFaulty(at)
		if !lost || decided(err) {
			t.run.refused(err)
			return nil, err
		}
		t.run.again()
	}
}

// decided reports whether an error is the exchange's answer, and not that of a node that is lost, or none.
func decided(err error) bool {
	var refused *client.Error
	return errors.As(err, &refused) && refused.Status < 500
}

// isOrder reports whether a request places an order; otherwise it cancels one.
func isOrder(r *client.Request) bool { return r.Method == http.MethodPost }
