package feed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// Trader places orders over a connection to the feed of its own: no answer waits behind market data, and whoever is in the middle of
// a Feed may place an order there and then. It may be used concurrently; the exchange carries out one request after the other, and ends
// a connection on which more than 200 come in a second: use Batch.
//
// A connection that is lost is made again, to another address if there are several. What was not answered on it is sent again with
// the same key, so that it is done once, up to Options.Tries times. A refusal is a *client.Error. What fails otherwise may have been
// done or not: the same call with the same key finds out.
type Trader struct {
	options Options
	bases   []*url.URL
	room    chan struct{} // has an element while somebody has what follows

	line        *line // nil: not connected
	at          int   // of bases: the one to connect to
	cancelAtEnd bool
}

// NewTrader makes a trader for the exchange at an address such as http://127.0.0.1:8080. It connects when it is first used.
func NewTrader(base string, o Options) (*Trader, error) {
	bases, err := o.complete(base)
	if err != nil {
		return nil, err
	}
	return &Trader{options: o, bases: bases, room: make(chan struct{}, 1)}, nil
}

// Place places an order. An empty key is made up, unless the order has a ClientOrderID, which then is the key.
func (t *Trader) Place(ctx context.Context, market api.ID, key string, o api.PlaceOrder) (a api.OrderAnswer, err error) {
	if key == "" && o.ClientOrderID == "" {
		key = client.NewKey()
	}
	err = t.do(ctx, request{Op: "place", Market: market, Key: key, Body: o}, &a)
	return a, err
}

// Amend changes an order. Version is the one that the caller has seen, 0: any. An empty key is made up.
func (t *Trader) Amend(ctx context.Context, market, order api.ID, key string, version uint32, change api.AmendOrder) (a api.AmendAnswer, err error) {
	r := request{Op: "amend", Market: market, Order: order, Key: made(key), Body: change}
	if version != 0 {
		r.IfMatch = strconv.Quote(strconv.FormatUint(uint64(version), 10))
	}
	err = t.do(ctx, r, &a)
	return a, err
}

// Cancel cancels an order.
func (t *Trader) Cancel(ctx context.Context, market, order api.ID) (a api.CancelAnswer, err error) {
	err = t.do(ctx, request{Op: "cancel", Market: market, Order: order, Key: client.NewKey()}, &a)
	return a, err
}

// CancelAll cancels all orders of the account, or (market not 0) those of one market.
func (t *Trader) CancelAll(ctx context.Context, market api.ID) (a api.MassCancelAnswer, err error) {
	err = t.do(ctx, request{Op: "cancel_all", Market: market, Key: client.NewKey()}, &a)
	return a, err
}

// CancelGroup cancels all orders of a group, which takes new ones all the same.
func (t *Trader) CancelGroup(ctx context.Context, group api.ID) (a api.MassCancelAnswer, err error) {
	err = t.do(ctx, request{Op: "cancel_all", Group: group, Key: client.NewKey()}, &a)
	return a, err
}

// Batch cancels and places up to 100 orders. An empty key is made up.
func (t *Trader) Batch(ctx context.Context, key string, b api.Batch) (a api.BatchAnswer, err error) {
	err = t.do(ctx, request{Op: "batch", Key: made(key), Body: b}, &a)
	return a, err
}

// SetDeadMansSwitch has all orders of the account cancelled unless it is called again in time.
func (t *Trader) SetDeadMansSwitch(ctx context.Context, s api.DeadMansSwitch) (a api.DeadMansSwitchAnswer, err error) {
	err = t.do(ctx, request{Op: "dead_mans_switch", Key: client.NewKey(), Body: s}, &a)
	return a, err
}

// CancelOnDisconnect has all orders of the account cancelled, or not any more, when a connection of this trader ends: when it is lost as
// well as at Close. It holds for the connections that are made after it too. An order that was answered may then be gone, whatever the
// answer said; what is sent again after a connection was lost is answered as it was at first.
func (t *Trader) CancelOnDisconnect(ctx context.Context, enabled bool) error {
	if err := t.enter(ctx); err != nil {
		return err
	}
	was := t.cancelAtEnd
	t.cancelAtEnd = enabled // for the next connection too, should this one be lost before the answer
	t.leave()
	err := t.do(ctx, request{Op: opCancelAtEnd, Enabled: &enabled}, nil)
	var refused *client.Error
	if errors.As(err, &refused) && t.enter(context.WithoutCancel(ctx)) == nil {
		t.cancelAtEnd = was
		t.leave()
	}
	return err
}

const opCancelAtEnd = "cancel_on_disconnect"

// Close ends the connection. Used again, the trader connects again.
func (t *Trader) Close() {
	t.room <- struct{}{}
	defer t.leave()
	t.drop()
}

func made(key string) string {
	if key == "" {
		return client.NewKey()
	}
	return key
}

// do has a request carried out, and reads what it is answered with into out.
func (t *Trader) do(ctx context.Context, r request, out any) error {
	text, err := r.text()
	if err != nil {
		return err
	}
	body, err := t.persist(ctx, text)
	if err == nil && out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			return fmt.Errorf("read the answer to %s: %w", r.Op, err)
		}
	}
	return err
}

// persist sends a request until there is an answer that another try could not better.
func (t *Trader) persist(ctx context.Context, text []byte) ([]byte, error) {
	for try := 1; ; try++ {
		body, err := t.once(ctx, text)
		if err == nil || try >= t.options.Tries || ctx.Err() != nil {
			return body, err
		}
		var refused *client.Error
		if errors.As(err, &refused) && (refused.Seq != 0 || !passes(refused)) {
			return nil, err // what the exchange has recorded it will say again
		}
		if (refused == nil || refused.Status >= 500) && try%len(t.bases) != 0 {
			continue // an address that was not asked yet
		}
		select {
		case <-time.After(t.options.pause(max(0, try/len(t.bases)-1))):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// once sends a request on the connection that there is, or on a new one.
func (t *Trader) once(ctx context.Context, text []byte) ([]byte, error) {
	l, err := t.connected(ctx)
	if err != nil {
		return nil, err
	}
	a, err := l.ask(ctx, text)
	if err != nil {
		return nil, err
	}
	body, err := a.outcome()
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status >= 500 {
		t.abandon(ctx, l)
	}
	return body, err
}

// abandon has another address asked next, if there is one. Orders that are cancelled with the connection stay where they are.
func (t *Trader) abandon(ctx context.Context, l *line) {
	if t.enter(ctx) != nil {
		return
	}
	defer t.leave()
	if t.line == l && len(t.bases) > 1 && !t.cancelAtEnd {
		t.drop()
		t.at = (t.at + 1) % len(t.bases)
	}
}

// connected returns a connection that is not known to be lost.
func (t *Trader) connected(ctx context.Context) (*line, error) {
	if err := t.enter(ctx); err != nil {
		return nil, err
	}
	defer t.leave()
	if t.line != nil && !t.line.over() {
		return t.line, nil
	}
	t.drop()
	c, err := dial(ctx, t.bases[t.at], &t.options)
	if err == nil {
		t.line = open(c)
		if t.cancelAtEnd {
			err = t.arm(ctx)
		}
	}
	if err != nil {
		t.drop()
		t.at = (t.at + 1) % len(t.bases)
		return nil, err
	}
	return t.line, nil
}

// arm has the orders cancelled at the end of a new connection, before anything is placed on it.
func (t *Trader) arm(ctx context.Context) error {
	enabled := true
	text, err := (&request{Op: opCancelAtEnd, Enabled: &enabled}).text()
	if err != nil {
		return err
	}
	a, err := t.line.ask(ctx, text)
	if err == nil {
		_, err = a.outcome()
	}
	return err
}

// drop ends the connection.
func (t *Trader) drop() {
	if t.line != nil {
		t.line.end(errClosed)
		t.line = nil
	}
}

func (t *Trader) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case t.room <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *Trader) leave() { <-t.room }

var errClosed = errors.New("the connection to the feed was closed")

// outcome is the body of what was done, or why it was not.
func (a *reply) outcome() ([]byte, error) {
	if a.Type == "ack" || a.Type == "answer" && a.Status < http.StatusMultipleChoices {
		return a.Body, nil
	}
	if a.Type == "answer" {
		return nil, client.Refusal(a.Status, a.Body)
	}
	return nil, &client.Error{Problem: a.Problem}
}
