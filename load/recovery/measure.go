package recovery

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/hustings/hustings/replica"
)

// Result is how a replica came up.
type Result struct {
	Snapshot   time.Duration // reading the snapshot into the state machine
	ReadModel  time.Duration // filling the read model from it
	Replay     time.Duration // reading and applying the log behind it, while the read model catches up
	Total      time.Duration // until commands are taken
	Commands   int           // replayed
	OpenOrders int           // when it was up
	Accounts   int
	Positions  int // pairs of account and market with contracts
}

// Measure opens the replica in a directory and takes the time until it takes commands.
func Measure(ctx context.Context, dir string) (*Result, error) {
	begun := time.Now()
	r, err := replica.Open(replica.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	if err := r.Ready(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	took := time.Since(begun)
	rec, totals := r.Recovery(), r.View().Totals()
	if totals.Accounts == 0 {
		return nil, errors.Join(errors.New("the directory holds nothing to recover"), r.Close())
	}
	return &Result{
		Snapshot: rec.SnapshotTime, ReadModel: rec.ViewTime, Replay: rec.ReplayTime, Total: took,
		Commands: rec.Commands, OpenOrders: int(totals.OpenOrders), Accounts: int(totals.Accounts), Positions: int(totals.Positions),
	}, r.Close()
}
