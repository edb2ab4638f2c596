package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// shardChange is a change of shards, after which markets move.
type shardChange struct {
	operator
	noWait bool
}

// command makes the command of a change.
func (s *shardChange) command(use, short, long string, args cobra.PositionalArgs, run func(context.Context, *cobra.Command, []string) error) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Args: args,
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			return run(ctx, c, args)
		},
	}
	s.flags(c.Flags())
	c.Flags().BoolVar(&s.noWait, "no-wait", false, "do not wait until the markets have moved")
	return c
}

func newShardAddCommand() *cobra.Command {
	var s shardChange
	points := uint16(api.SharePoints)
	c := s.command("add [NUMBER]", "Add a shard, and let markets move to it",
		`Add a shard, by default the next one, on all nodes. It is founded, gets its points when it is ready, and the markets that belong
there then move to it, one by one, while they trade. Of N shards with the same points each has about 1/N of the markets.

Of a shard that there is, this changes the points. If it is interrupted, give the command again: it goes on where it was.`,
		cobra.MaximumNArgs(1), func(ctx context.Context, c *cobra.Command, args []string) (err error) {
			ask := api.AddShard{Points: points}
			if len(args) > 0 {
				if ask.Shard, err = shardNumber(args[0]); err != nil {
					return err
				}
			}
			return s.add(ctx, c, ask)
		})
	c.Flags().Uint16Var(&points, "points", points, "to which its share of the markets is in proportion; 0: only what is put there with move")
	return c
}

// founding bounds how long it is tried to add a shard whose founding takes its time.
const founding = 2 * time.Minute

// passing are refusals after which the same is asked for again.
var passing = []string{api.CodeUnavailable.Code, api.CodeNoLeader.Code, api.CodeNotLeader.Code}

func (s *shardChange) add(ctx context.Context, c *cobra.Command, ask api.AddShard) error {
	var status api.Shards
	w := c.OutOrStdout()
	for end, said := time.Now().Add(founding), false; ; {
		err := s.do(ctx, changePatience, func(ctx context.Context, c *client.Client) (err error) {
			status, err = c.AddShard(ctx, ask)
			return err
		})
		if err == nil {
			break
		}
		if !slices.Contains(passing, client.Code(err)) || time.Now().After(end) {
			return err
		}
		if !said {
			fmt.Fprintf(w, "The shard is not ready yet (%v). Goes on trying.\n", err)
			said = true
		}
		if !sleep(ctx, time.Second) {
			return errors.Join(errors.New("interrupted: give the command again to go on"), err)
		}
	}
	n := status.Added
	of := shardOf(status, n)
	fmt.Fprintf(w, "Shard %d takes orders, with %d points. ", n, of.Points)
	return s.await(ctx, c, fmt.Sprintf("Shard %d has the markets that belong there.", n), func(status api.Shards) uint64 {
		of := shardOf(status, n)
		return of.Arriving + of.Leaving
	}, status)
}

func newShardDrainCommand() *cobra.Command {
	var s shardChange
	return s.command("drain NUMBER", "Let all markets leave a shard",
		`Take a shard's points, and the markets that were put there, away: all of its markets move to the others while they trade. Those that
have ended stay. The shard itself stays too, for its journal is the history of the markets that were there; add it again to use it again.

If this is interrupted, give the command again: it goes on where it was.`,
		cobra.ExactArgs(1), func(ctx context.Context, c *cobra.Command, args []string) error {
			n, err := shardNumber(args[0])
			if err != nil {
				return err
			}
			var status api.Shards
			err = s.do(ctx, changePatience, func(ctx context.Context, c *client.Client) (err error) {
				status, err = c.DrainShard(ctx, n)
				return err
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "Shard %d gets no more markets. ", n)
			left := func(status api.Shards) uint64 { return shardOf(status, n).Leaving }
			return s.await(ctx, c, fmt.Sprintf("Shard %d has no markets but those that have ended.", n), left, status)
		})
}

func newShardMoveCommand() *cobra.Command {
	var s shardChange
	return s.command("move MARKET=SHARD", "Put a market on a shard",
		`Put a market on a shard, wherever its id would place it: a hot one on a shard of its own, for example, which was added with
--points 0. Shard 0 is where its id places it. It trades on; for some milliseconds its orders wait.`,
		cobra.ExactArgs(1), func(ctx context.Context, c *cobra.Command, args []string) error {
			market, shard, err := parseMove(args[0])
			if err != nil {
				return err
			}
			return s.move(ctx, c.OutOrStdout(), market, shard)
		})
}

func (s *shardChange) move(ctx context.Context, w io.Writer, market api.ID, shard uint32) error {
	err := s.do(ctx, changePatience, func(ctx context.Context, c *client.Client) error {
		_, err := c.MoveMarket(ctx, market, shard)
		return err
	})
	if err != nil {
		return err
	}
	const pause = 50 * time.Millisecond
	for {
		// What the change that was made would still move is what has not moved yet.
		plan, err := s.plan(ctx, api.PlanShards{Change: api.ChangeMove, Market: market, Shard: shard})
		switch {
		case err == nil && plan.Moving == 0:
			fmt.Fprintf(w, "Market %d is on shard %d.\n", market, plan.Shard)
			return nil
		case s.noWait && err == nil:
			fmt.Fprintf(w, "Market %d goes to shard %d.\n", market, plan.Shard)
			return nil
		}
		if !sleep(ctx, pause) {
			return errors.Join(errNoWaiting, err)
		}
	}
}

// shardOf finds a shard in a status.
func shardOf(s api.Shards, n uint32) api.Shard {
	for _, of := range s.Shards {
		if of.Shard == n {
			return of
		}
	}
	return api.Shard{}
}
