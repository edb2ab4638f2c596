package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// ground is something that traders act on together, with a history of its own.
type ground interface {
	act(ctx context.Context, t *trader)
	read(ctx context.Context, t *trader) // without changing anything
	worn() bool                          // it has seen enough: a history that is too long, or has too many open ends, takes too long to check
}

const (
	groundsAtOnce = 8 // half of them accounts, half of them markets
	mostCalls     = 250
	mostOpen      = 6
)

// grounds are those that are in use. Worn ones are replaced.
type grounds struct {
	run  *run
	mu   sync.Mutex
	now  []ground
	made int
}

func (g *grounds) pick(random *rand.Rand) ground {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now[random.IntN(len(g.now))]
}

// begin makes the first grounds.
func (g *grounds) begin(ctx context.Context) error {
	for range groundsAtOnce {
		next, err := g.make(ctx)
		if err != nil {
			return err
		}
		g.now = append(g.now, next)
	}
	return nil
}

// renew replaces worn grounds until the context ends.
func (g *grounds) renew(ctx context.Context) {
	for ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
		g.mu.Lock()
		place := -1
		for i := range g.now {
			if g.now[i].worn() {
				place = i
			}
		}
		g.mu.Unlock()
		if place < 0 {
			continue
		}
		next, err := g.make(ctx)
		if err != nil {
			if ctx.Err() == nil {
				g.run.log.violation("the operator cannot make accounts and markets any more: %v", err)
			}
			return
		}
		g.mu.Lock()
		g.now[place] = next
		g.mu.Unlock()
	}
}

// make makes an account or a market, by turns.
func (g *grounds) make(ctx context.Context) (ground, error) {
	g.made++
	if g.made%2 == 1 {
		return g.run.newCash(ctx, fmt.Sprintf("cash-%d", g.made))
	}
	return g.run.newMarket(ctx, fmt.Sprintf("market-%d", g.made))
}

// account is an account and an API key for it.
type account struct {
	id    api.ID
	token string
	group api.ID // an order group of those who trade
}

// operate lets the operator do something, by any node that answers.
func (r *run) operate(ctx context.Context, request client.Request, out any) error {
	ctx, cancel := context.WithTimeout(ctx, healing)
	defer cancel()
	for node := 0; ; node = (node + 1) % nodes {
		err := r.operator[node].Do(ctx, request, out)
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (r *run) newAccount(ctx context.Context, name string, cash api.Money) (a account, err error) {
	var registered api.RegisterAnswer
	var key api.KeyAnswer
	post := func(path, key string, body, out any) {
		if err == nil {
			err = r.operate(ctx, client.Request{Method: http.MethodPost, Path: path, Key: name + key, Body: body}, out)
		}
	}
	const accounts = "/api/admin/accounts"
	post(accounts, "/account", api.CreateAccount{Name: name}, &registered)
	post(accounts+"/"+registered.Account.String()+"/keys", "/key", api.CreateKey{}, &key)
	if cash > 0 {
		post(accounts+"/"+registered.Account.String()+"/deposits", "/money", api.Transfer{Amount: cash}, nil)
	}
	return account{id: registered.Account, token: key.Secret}, err
}
