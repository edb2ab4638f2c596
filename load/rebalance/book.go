package rebalance

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
)

// An order is known by its market and its id: two markets may have orders of one id.
type order struct {
	market exchange.MarketID
	id     exchange.OrderID
}

// book keeps what clients of the load have seen.
type book struct {
	mu      sync.Mutex
	placed  map[string]order   // orders that were acknowledged, by client order id
	gone    map[order]struct{} // orders whose cancel was acknowledged
	codes   map[string]int     // errors
	retried int
	slowest time.Duration // of the requests since somebody asked
}

func newBook() book {
	return book{placed: map[string]order{}, gone: map[order]struct{}{}, codes: map[string]int{}}
}

// longest returns how long the slowest request took since it was asked before.
func (b *book) longest() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.slowest
	b.slowest = 0
	return d
}

func (b *book) acknowledged(r *client.Request, answer []byte, took time.Duration) {
	market, path, _ := strings.Cut(strings.TrimPrefix(r.Path, "/api/markets/"), "/")
	o := order{market: exchange.MarketID(number(market))}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.slowest = max(b.slowest, took)
	if r.Method == http.MethodPost {
		o.id = exchange.OrderID(number(text(answer, `"order":"`)))
		b.placed[text(r.Raw, `"client_order_id":"`)] = o
		return
	}
	o.id = exchange.OrderID(number(strings.TrimPrefix(path, "orders/")))
	b.gone[o] = struct{}{}
}

func number(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64) // 0 is no id
	return n
}

// text returns what is between a mark and the next quotation mark.
func text(b []byte, mark string) string {
	_, rest, _ := bytes.Cut(b, []byte(mark))
	value, _, _ := bytes.Cut(rest, []byte{'"'})
	return string(value)
}

// tooLate is the code of a cancel of an order that has traded meanwhile, or that was cancelled by the first of two tries.
var tooLate = exchange.RejectOrderNotFound.String()

func (b *book) refused(err error, took time.Duration) {
	code := "no_answer"
	var refused *client.Error
	if errors.As(err, &refused) {
		code = refused.Code
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.slowest = max(b.slowest, took)
	if code != tooLate {
		b.codes[code]++
	}
}

func (b *book) again() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.retried++
}

// trader sends one account's requests to the node that is its home and, where that does not answer, to the next one with the
// same key, as clients do that know of several.
type trader struct {
	run   *run
	token *client.Client
	home  int // index of the node
}

// Send implements orders.Trader.
func (t *trader) Send(ctx context.Context, request client.Request) ([]byte, error) {
	if request.Key == "" && !request.InBody {
		request.Key = client.NewKey()
	}
	nodes, begun := t.run.Public, time.Now()
	for i := 0; ; i++ {
		answer, err := t.token.Via(nodes[(t.home+i)%len(nodes)]).Send(ctx, request)
		if err == nil {
			t.run.acknowledged(&request, answer, time.Since(begun))
			return answer, nil
		}
		if decided(err) || i == len(nodes) || !t.run.failover {
			t.run.refused(err, time.Since(begun))
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

// idOf is an order's place in the exchange, of an answer.
func idOf(market, id api.ID) order {
	return order{exchange.MarketID(market), exchange.OrderID(id)}
}
