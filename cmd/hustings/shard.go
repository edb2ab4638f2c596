package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// newShardCommand is for exchanges whose markets are spread over several shards.
func newShardCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "shard",
		Short: "Watch and change how markets are spread over shards",
		Long: `Watch and change how markets are spread over shards. A shard is a log with markets of its own, led by a node of its own
choice, so that several share the work of an exchange between machines. Markets move from one to another while they trade.`,
		Args: cobra.NoArgs,
	}
	c.AddCommand(newShardStatusCommand(), newShardPlanCommand(), newShardAddCommand(), newShardDrainCommand(), newShardMoveCommand())
	return c
}

type shardStatusFlags struct {
	operator
	json, watch bool
	every       time.Duration
}

func newShardStatusCommand() *cobra.Command {
	var f shardStatusFlags
	c := &cobra.Command{
		Use:   "status",
		Short: "Show shards, their leaders, and where markets are and go",
		Long: `Show for each shard who leads, its points, to which its share of the markets is in proportion, how many markets it has, how many
of those are to leave it and how many are to come, and how many have ended, which never move.

The exit code is 0 when all shards are well, 1 when one is not but orders are accepted, 2 when one has no leader or its answers
wait for a synchronous copy, and 3 when no node could be asked. That markets move is no fault.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			if f.watch {
				return watching(ctx, c.OutOrStdout(), f.json, f.every, f.show)
			}
			return f.show(ctx, c.OutOrStdout())
		},
	}
	f.flags(c.Flags())
	c.Flags().BoolVar(&f.json, "json", false, "print JSON, as the operator's API gives it")
	c.Flags().BoolVar(&f.watch, "watch", false, "show it again and again, until Ctrl-C")
	c.Flags().DurationVar(&f.every, "every", time.Second, "how often --watch does")
	return c
}

// show asks and prints once. What it returns carries the exit code.
func (f *shardStatusFlags) show(ctx context.Context, w io.Writer) error {
	status, err := f.shards(ctx)
	if err != nil && status.Health == "" {
		return exitError{err, exitNoAnswer}
	}
	if err := printEither(w, f.json, status, drawShards); err != nil {
		return err
	}
	return healthExit(status.Health)
}

// shards asks for the status, of several nodes if need be until one knows all leaders.
func (o *operator) shards(ctx context.Context) (status api.Shards, err error) {
	err = o.do(ctx, askPatience, func(ctx context.Context, c *client.Client) error {
		answer, err := c.Shards(ctx)
		if err != nil {
			return err
		}
		if status = answer; status.Health == api.HealthNoLeader {
			return &client.Error{Problem: *api.CodeNoLeader.Problem("", "")} // another node may know one
		}
		return nil
	})
	return status, err
}

// printEither prints an answer as JSON or as a person reads it.
func printEither[T any](w io.Writer, asJSON bool, answer T, draw func(T) string) (err error) {
	if !asJSON {
		_, err = io.WriteString(w, draw(answer))
		return err
	}
	if err := json.MarshalWrite(w, answer, jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w)
	return err
}

// shardNumber reads the number of a shard.
func shardNumber(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is no number of a shard", text)
	}
	return uint32(n), nil
}

var errNoWaiting = errors.New("interrupted: the markets move on. hustings shard status shows how far they are")
