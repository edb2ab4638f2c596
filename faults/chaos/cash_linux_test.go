package chaos

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/go-json-experiment/json"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/faults/history"
)

// cash is an account into and out of which traders pay.
type cash struct {
	name    string
	account account
	subject *history.Subject
	deeds   atomic.Int64
}

func (r *run) newCash(ctx context.Context, name string) (ground, error) {
	a, err := r.newAccount(ctx, name, 0)
	return &cash{name: name, account: a, subject: r.history.Cash(name)}, err
}

func (c *cash) worn() bool {
	calls, open := c.subject.Size()
	return calls >= mostCalls || open >= mostOpen
}

func (c *cash) act(ctx context.Context, t *trader) {
	amount := int64(1 + t.random.IntN(100))
	switch draw := t.random.IntN(10); {
	case draw < 4:
		c.transfer(ctx, t, "/api/deposits", history.Deposit{Amount: amount}, amount)
	case draw < 7:
		c.transfer(ctx, t, "/api/withdrawals", history.Withdraw{Amount: amount}, amount)
	default:
		c.read(ctx, t)
	}
}

func (c *cash) transfer(ctx context.Context, t *trader, path string, input any, amount int64) {
	name := fmt.Sprintf("%s/%d", c.name, c.deeds.Add(1))
	call := c.subject.Call(t.number, input)
	t.send(ctx, &deed{
		token: c.account.token, effect: true,
		request: client.Request{Method: "POST", Path: path, Key: name, Body: api.Transfer{Amount: api.Money(amount), Reference: name}},
		settle: func(a answer) {
			if a.refused() {
				call.Return(history.Refused{})
			} else {
				call.Return(history.Done{})
			}
		},
	})
}

func (c *cash) read(ctx context.Context, t *trader) {
	call := c.subject.Call(t.number, history.ReadCash{})
	a, ok := t.read(ctx, c.account.token, "/api/account?fresh=true")
	var info api.AccountInfo
	if !ok {
		call.Forget()
	} else if err := json.Unmarshal(a.body, &info); err != nil {
		t.run.log.violation("an account is answered %v: %v", a, err)
		call.Forget()
	} else {
		call.Return(history.Cash{Amount: int64(info.Cash)})
	}
}
