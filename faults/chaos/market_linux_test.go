package chaos

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/faults/history"
)

// market is a market in which some accounts buy Yes and others No, so that they trade and nobody with himself.
type market struct {
	name    string
	id      api.ID
	path    string
	subject *history.Subject

	mu     sync.Mutex
	placed int
	orders []order // that were answered
}

type order struct {
	name  string
	id    api.ID
	token string
}

func (r *run) newMarket(ctx context.Context, name string) (ground, error) {
	var made api.MarketAnswer
	err := r.operate(ctx, client.Request{Method: http.MethodPost, Path: "/api/admin/markets", Key: name,
		Body: api.CreateMarket{Question: "Will " + name + " be believed?"}}, &made)
	return &market{name: name, id: made.Market, path: "/api/markets/" + made.Market.String(), subject: r.history.Market(name)}, err
}

func (m *market) worn() bool {
	calls, open := m.subject.Size()
	return calls >= mostCalls || open >= mostOpen
}

func (m *market) act(ctx context.Context, t *trader) {
	draw := t.random.IntN(10)
	o, has := m.some(t)
	switch {
	case draw < 5 || !has:
		m.place(ctx, t)
	case draw < 7:
		m.cancel(ctx, t, o)
	default:
		m.read(ctx, t)
	}
}

func (m *market) read(ctx context.Context, t *trader) {
	if o, has := m.some(t); has && t.random.IntN(2) == 0 {
		m.readOrder(ctx, t, o)
	} else {
		m.readBook(ctx, t)
	}
}

// some draws one of the orders that were placed last.
func (m *market) some(t *trader) (order, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.orders) == 0 {
		return order{}, false
	}
	last := m.orders[max(0, len(m.orders)-20):]
	return last[t.random.IntN(len(last))], true
}

func (m *market) place(ctx context.Context, t *trader) {
	m.mu.Lock()
	m.placed++
	name := fmt.Sprintf("%s/%d", m.name, m.placed)
	m.mu.Unlock()
	input := history.Place{Name: name, Yes: t.random.IntN(2) == 0, Price: uint16(4800 + 100*t.random.IntN(4)), Quantity: uint32(1 + t.random.IntN(4))}
	outcome, side := api.No, t.run.sides[1]
	if input.Yes {
		outcome, side = api.Yes, t.run.sides[0]
	}
	from := &side[t.random.IntN(len(side))]
	var group api.ID
	if t.random.Float64() < grouped {
		group = from.group
	}
	call := m.subject.Call(t.number, input)
	t.send(ctx, &deed{
		token: from.token, effect: true,
		request: client.Request{Method: "POST", Path: m.path + "/orders", Key: name, Body: api.PlaceOrder{
			Outcome: outcome, Side: api.Buy, Price: api.Price(input.Price), Quantity: input.Quantity, ClientOrderID: name, Group: group}},
		settle: func(a answer) {
			var o api.OrderAnswer
			if json.Unmarshal(a.body, &o) != nil { // a refusal, which this history never deserves
				call.Return(history.Refused{})
				return
			}
			call.Return(history.Placed{Filled: o.Filled, Left: o.Remaining, Cost: int64(o.Cost)})
			m.mu.Lock()
			defer m.mu.Unlock()
			m.orders = append(m.orders, order{name, o.Order, from.token})
		},
	})
}

func (m *market) cancel(ctx context.Context, t *trader, o order) {
	m.mu.Lock()
	m.placed++
	name := fmt.Sprintf("%s/%d", m.name, m.placed)
	m.mu.Unlock()
	call := m.subject.Call(t.number, history.Cancel{Name: o.name})
	t.send(ctx, &deed{
		token:   o.token,
		request: client.Request{Method: "DELETE", Path: m.path + "/orders/" + o.id.String(), Key: name},
		settle: func(a answer) {
			if a.refused() {
				call.Return(history.Refused{})
			} else {
				call.Return(history.Done{})
			}
		},
	})
}

func (m *market) readOrder(ctx context.Context, t *trader, o order) {
	call := m.subject.Call(t.number, history.ReadOrder{Name: o.name})
	a, ok := t.read(ctx, o.token, m.path+"/orders/"+o.id.String()+"?fresh=true")
	var info api.Order
	switch {
	case !ok:
		call.Forget()
	case json.Unmarshal(a.body, &info) != nil:
		call.Return(history.Refused{}) // it is not there
	default:
		call.Return(history.Order{Left: info.Quantity - info.Filled, Cancelled: info.Status == api.StatusCancelled})
	}
}

func (m *market) readBook(ctx context.Context, t *trader) {
	call := m.subject.Call(t.number, history.ReadBook{})
	a, ok := t.read(ctx, "", m.path+"/orderbook?fresh=true")
	var depth api.OrderBook
	switch {
	case !ok:
		call.Forget()
	case json.Unmarshal(a.body, &depth) != nil || len(depth.Books) != 2:
		call.Return(history.Refused{})
	default:
		call.Return(history.Depth{Yes: bids(depth.Books[0]), No: bids(depth.Books[1])})
	}
}

func bids(b api.Book) string {
	var text strings.Builder
	for _, l := range b.Bids {
		text.WriteString(history.Level(l.Quantity, uint16(l.Price)))
	}
	return text.String()
}
