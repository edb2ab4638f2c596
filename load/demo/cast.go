package demo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// Who trades.
const (
	makers   = 3
	informed = 2
	crowd    = 8
)

// Cash of a trader: below the least the treasurer pays in as much as is needed to have enough.
const (
	cashLeast  api.Money = 200_000_0000
	cashEnough api.Money = 1_000_000_0000
)

// trader is one of the cast.
type trader struct {
	name    string
	account api.ID
	key     api.ID
	*client.Client
}

// cast is the accounts that all pits share.
type cast struct {
	makers, informed, crowd []*trader
	all                     []*trader
}

// hire makes the accounts, or takes those of an earlier run.
func (c *Config) hire(ctx context.Context) (*cast, error) {
	all := new(cast)
	for _, role := range []struct {
		name string
		n    int
		list *[]*trader
	}{{"maker", makers, &all.makers}, {"informed", informed, &all.informed}, {"crowd", crowd, &all.crowd}} {
		for i := range role.n {
			t, err := c.hireOne(ctx, fmt.Sprintf("demo-%s-%d", role.name, i+1))
			if err != nil {
				return nil, err
			}
			*role.list = append(*role.list, t)
			all.all = append(all.all, t)
		}
	}
	return all, nil
}

func (c *Config) hireOne(ctx context.Context, name string) (*trader, error) {
	account, err := c.account(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("the account %s: %w", name, err)
	}
	const valid = 30 * 24 * time.Hour
	key, err := c.Admin.CreateKeyFor(ctx, account, "", api.CreateKey{Label: "demo", ExpiresAt: api.Time(time.Now().Add(valid).UnixNano())})
	if err != nil {
		return nil, fmt.Errorf("a key for the account %s: %w", name, err)
	}
	return &trader{name, account, key.Key, c.Public.As(key.Secret).Fresh()}, nil
}

// account makes an account, or finds the one that has the name.
func (c *Config) account(ctx context.Context, name string) (api.ID, error) {
	a, err := c.Admin.CreateAccount(ctx, name)
	if client.Code(err) != "name_taken" {
		return a.Account, err
	}
	page, err := c.Admin.Fresh().Accounts(ctx, url.Values{"name": {name}})
	if err != nil {
		return 0, err
	}
	if len(page.Accounts) == 0 {
		return 0, errors.New("its name is taken, and nobody has it")
	}
	return page.Accounts[0].Account, nil
}

// treasure pays in for whoever runs low, again and again.
func (r *run) treasure(ctx context.Context) error {
	for {
		for _, t := range r.cast.all {
			if err := r.topUp(ctx, t); err != nil {
				return err
			}
		}
		select {
		case <-time.After(r.config.treasury):
		case <-ctx.Done():
			return nil
		}
	}
}

// topUp pays in if a trader runs low.
func (r *run) topUp(ctx context.Context, t *trader) error {
	a, err := r.config.Admin.Fresh().AccountOf(ctx, t.account)
	if err != nil {
		return fmt.Errorf("looking after the cash of %s: %w", t.name, err)
	}
	if a.Cash >= cashLeast {
		return nil
	}
	amount := cashEnough - a.Cash
	if _, err := r.config.Admin.DepositTo(ctx, t.account, "", api.Transfer{Amount: amount, Reference: "demo"}); err != nil {
		return fmt.Errorf("paying in for %s: %w", t.name, err)
	}
	r.tally.deposited(amount)
	return nil
}

// dismiss takes the cast's orders out of the books and ends its keys.
func (r *run) dismiss(ctx context.Context) error {
	var failed []error
	for _, t := range r.cast.all {
		_, err := t.CancelAll(ctx, 0)
		_, errKey := r.config.Admin.RevokeKeyOf(ctx, t.account, t.key)
		failed = append(failed, err, errKey)
	}
	return errors.Join(failed...)
}
