package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/journal"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
	"github.com/hustings/hustings/vfs"

	"github.com/go-json-experiment/json"
)

// deed is a request that is sent until it is answered.
type deed struct {
	request client.Request
	effects []string // names that turn up in the events of its effects
	answer  answer
}

// answer is a body or, if the request was refused, the problem.
type answer struct {
	body    []byte
	problem api.Problem
}

func (a answer) equal(b answer) bool { return bytes.Equal(a.body, b.body) && a.problem == b.problem }

func (a answer) String() string { return fmt.Sprintf("%s%+v", a.body, a.problem) }

// trader sends deeds one after the other, each with an idempotency key.
type trader struct {
	name   string
	token  string
	random *rand.Rand
	deeds  []deed
	acked  int      // of the deeds, these from the beginning are answered
	orders []api.ID // placed last
}

// crowd is traders that trade at the same time.
type crowd []*trader

// newCrowd makes accounts with money, and a market.
func newCrowd(t *testing.T, p *process, size int) crowd {
	t.Helper()
	ctx, operator := t.Context(), p.operator(t)
	defer operator.Close()
	if _, err := operator.CreateMarket(ctx, "", api.CreateMarket{Question: "Will it rain tomorrow?"}); err != nil {
		t.Fatal(err)
	}
	c := make(crowd, size)
	for i := range c {
		name := fmt.Sprintf("trader%d", i)
		account, err := operator.CreateAccount(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := operator.DepositTo(ctx, account.Account, "", api.Transfer{Amount: 1e12}); err != nil {
			t.Fatal(err)
		}
		key, err := operator.CreateKeyFor(ctx, account.Account, "", api.CreateKey{})
		if err != nil {
			t.Fatal(err)
		}
		c[i] = &trader{name: name, token: key.Secret, random: rand.New(rand.NewPCG(uint64(i), 1))}
	}
	return c
}

// next makes up the trader's next deed.
func (t *trader) next() deed {
	name := fmt.Sprintf("%s/%d", t.name, len(t.deeds))
	d := deed{request: client.Request{Method: "POST", Key: name}}
	switch draw := t.random.IntN(10); {
	case draw == 0:
		d.effects = []string{name}
		d.request.Path, d.request.Body = "/api/deposits", api.Transfer{Amount: api.Money(1 + t.random.IntN(9)), Reference: name}
	case draw < 3 && len(t.orders) > 0:
		d.request.Method, d.request.Path = "DELETE", "/api/markets/1/orders/"+t.orders[t.random.IntN(len(t.orders))].String()
	case draw < 5:
		var b api.Batch
		for i := range 1 + t.random.IntN(10) {
			effect := fmt.Sprintf("%s/%d", name, i)
			d.effects = append(d.effects, effect)
			b.Orders = append(b.Orders, api.BatchOrder{Market: 1, PlaceOrder: t.order(effect)})
		}
		d.request.Path, d.request.Body = "/api/orders/batch", b
	default:
		d.effects = []string{name}
		d.request.Path, d.request.Body = "/api/markets/1/orders", t.order(name)
	}
	return d
}

func (t *trader) order(name string) api.PlaceOrder {
	return api.PlaceOrder{Outcome: []string{api.Yes, api.No}[t.random.IntN(2)], Side: api.Buy, Price: api.Price(4950 + t.random.IntN(100)),
		Quantity: uint32(1 + t.random.IntN(9)), ClientOrderID: name}
}

// send sends a request once. An error means that there was no answer.
func send(ctx context.Context, c *client.Client, r client.Request) (answer, error) {
	body, err := c.Send(ctx, r)
	var refused *client.Error
	if errors.As(err, &refused) && refused.Seq > 0 { // the exchange's own decision
		return answer{problem: refused.Problem}, nil
	}
	return answer{body: body}, err
}

// trade sends deeds until one is not answered.
func (t *trader) trade(ctx context.Context, c *client.Client) error {
	for {
		if t.acked == len(t.deeds) {
			t.deeds = append(t.deeds, t.next())
		}
		d := &t.deeds[t.acked]
		a, err := send(ctx, c, d.request)
		if err != nil {
			return err
		}
		d.answer = a
		t.acked++
		var placed api.OrderAnswer
		if d.request.Path == "/api/markets/1/orders" && json.Unmarshal(a.body, &placed) == nil {
			t.orders = append(t.orders[max(0, len(t.orders)-20):], placed.Order)
		}
	}
}

// tradeLimit is when an exchange that should have failed is taken for one that does not.
const tradeLimit = 30 * time.Second

// trade lets everybody trade until there are no answers any more.
func (c crowd) trade(t *testing.T, p *process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), tradeLimit)
	defer cancel()
	base := connect(t, p.public, "")
	defer base.Close()
	var wait sync.WaitGroup
	for _, tr := range c {
		wait.Go(func() {
			var refused *client.Error
			if err := tr.trade(ctx, base.As(tr.token)); errors.As(err, &refused) && refused.Status < 500 {
				t.Errorf("%s asked for what is no good: %v", tr.name, err)
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		t.Fatalf("the exchange still answers after %v", tradeLimit)
	}
}

// retry sends again what was answered from a number of deeds of each trader on. Each must get its first answer.
func (c crowd) retry(t *testing.T, p *process, from []int) (retried int) {
	t.Helper()
	base := connect(t, p.public, "")
	defer base.Close()
	var wait sync.WaitGroup
	for i, tr := range c {
		retried += tr.acked - from[i]
		wait.Go(func() {
			for _, d := range tr.deeds[from[i]:tr.acked] {
				again, err := send(context.Background(), base.As(tr.token), d.request)
				if err != nil || !again.equal(d.answer) {
					t.Errorf("%s %s with key %s was answered %v, and again %v (%v)", d.request.Method, d.request.Path, d.request.Key,
						d.answer, again, err)
					return
				}
			}
		})
	}
	wait.Wait()
	return retried
}

// acked returns how many deeds of each trader are answered.
func (c crowd) acked() []int {
	counts := make([]int, len(c))
	for i, tr := range c {
		counts[i] = tr.acked
	}
	return counts
}

// examine checks the journal of an exchange that does not run: what was answered happened once, nothing happened twice.
func (c crowd) examine(t *testing.T, dir string) {
	t.Helper()
	happened := map[string]int{}
	var decoder wire.Decoder
	_, err := journal.Verify(vfs.OS, replica.JournalDir(node.ShardDir(dir, exchange.HomeShard)), journal.VerifyOptions{Each: func(rec journal.Record) error {
		for _, frame := range rec.All() {
			e, err := decoder.Event(frame)
			if err != nil {
				return err
			}
			switch e := e.(type) {
			case *exchange.OrderPlaced:
				happened[string(e.ClientID)]++
			case *exchange.FundsDeposited:
				happened[e.Reference]++
			}
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range c {
		for i, d := range tr.deeds {
			for _, effect := range d.effects {
				if got := happened[effect]; got > 1 || i < tr.acked && got == 0 {
					t.Errorf("%s %s had effect %s %d times, answered %v", d.request.Method, d.request.Path, effect, got, d.answer)
				}
			}
		}
	}
}
