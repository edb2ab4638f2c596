// Package floor makes what a load trades with on a running exchange, through its admin API: open markets, and funded
// accounts with a key each. Accounts are made a few at a time, so that a thousand of them take a second or two.
package floor

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// Floor is an exchange with both of its listeners.
type Floor struct {
	Public *client.Client // without a token
	Admin  *client.Client // with the admin key
}

// Trader is an account that can pay for whatever a load makes it do.
type Trader struct {
	Account api.ID
	*client.Client
}

// atOnce is how many accounts are made at the same time.
const atOnce = 32

// OpenMarket opens a market.
func (f *Floor) OpenMarket(ctx context.Context, m api.CreateMarket) (api.ID, error) {
	a, err := f.Admin.CreateMarket(ctx, "", m)
	if err != nil {
		return 0, fmt.Errorf("opening a market: %w", err)
	}
	return a.Market, nil
}

// HireAll makes n accounts, whose names are prefix and a number from 1. Progress, which may be nil, is called with how
// many there are, one call at a time.
func (f *Floor) HireAll(ctx context.Context, prefix string, n int, cash api.Money, progress func(int)) ([]Trader, error) {
	traders := make([]Trader, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	var mu sync.Mutex
	hired := 0
	for i := range traders {
		group.Go(func() (err error) {
			traders[i], err = f.Hire(ctx, prefix+strconv.Itoa(i+1), cash)
			if err != nil || progress == nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			hired++
			progress(hired)
			return nil
		})
	}
	return traders, group.Wait()
}

// Hire makes one account.
func (f *Floor) Hire(ctx context.Context, name string, cash api.Money) (Trader, error) {
	account, err := f.Admin.CreateAccount(ctx, name)
	if err != nil {
		return Trader{}, fmt.Errorf("making the account %s: %w", name, err)
	}
	key, err := f.Admin.CreateKeyFor(ctx, account.Account, "", api.CreateKey{Label: "load"})
	if err != nil {
		return Trader{}, fmt.Errorf("making a key for the account %s: %w", name, err)
	}
	if _, err := f.Admin.DepositTo(ctx, account.Account, "", api.Transfer{Amount: cash, Reference: "load"}); err != nil {
		return Trader{}, fmt.Errorf("funding the account %s: %w", name, err)
	}
	return Trader{Account: account.Account, Client: f.Public.As(key.Secret)}, nil
}
