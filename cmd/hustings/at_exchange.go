package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
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
	query := url.Values{"time": {f.at.String()}, "depth": {strconv.Itoa(f.depth)}}
	path := "/api/markets/" + f.market.String() + "/at?" + query.Encode()
	if err := public.Do(ctx, client.Request{Method: "GET", Path: path}, &then.MarketAt); err != nil {
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
	query := url.Values{"at": {f.at.String()}, "limit": {"200"}}
	for {
		var page api.Positions
		path := "/api/admin/markets/" + f.market.String() + "/positions?" + query.Encode()
		if err := admin.Do(ctx, client.Request{Method: "GET", Path: path}, &page); err != nil {
			return fmt.Errorf("asking the operator's API for positions: %w", err)
		}
		then.Positions = append(then.Positions, page.Positions...)
		if page.NextCursor == "" {
			then.HasPositions = true
			return nil
		}
		query.Set("cursor", page.NextCursor)
	}
}
