package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/node"
)

// atPatience is how long an answer may take: the exchange folds all events of the market up to the instant.
const atPatience = 2 * time.Minute

// fromExchange asks a running exchange: its API for price and book, its operator's API for positions.
func (f *atFlags) fromExchange(ctx context.Context) (*instant, error) {
	public, err := client.New("http://"+f.addr, client.Options{Patience: atPatience})
	if err != nil {
		return nil, err
	}
	defer public.Close()
	then := &instant{Positions: []api.Position{}}
	if then.MarketAt, err = public.MarketAt(ctx, f.market, f.at, f.depth); err != nil {
		return nil, fmt.Errorf("asking the exchange: %w", err)
	}
	return then, f.askPositions(ctx, then)
}

// askPositions reads everybody's positions, for which the operator's key is needed.
func (f *atFlags) askPositions(ctx context.Context, then *instant) error {
	file := f.adminKey
	if file == "" {
		file = filepath.Join(f.data, node.AdminKeyFile)
	}
	key, err := os.ReadFile(file)
	if f.adminKey == "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		then.Notes = append(then.Notes, "positions need the operator's key: name its file with --admin-key")
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the operator's key: %w", err)
	}
	admin, err := client.New("http://"+f.adminAddr, client.Options{Token: strings.TrimSpace(string(key)), Patience: atPatience})
	if err != nil {
		return err
	}
	defer admin.Close()
	for p, err := range admin.EachHolder(ctx, f.market, url.Values{"at": {f.at.String()}}) {
		if err != nil {
			return fmt.Errorf("asking the operator's API for positions: %w", err)
		}
		then.Positions = append(then.Positions, p)
	}
	then.HasPositions = true
	return nil
}
