package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/desk"
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

func newShardStatusCommand() *cobra.Command {
	var o operator
	return statusCommand(&o, "Show shards, their leaders, and where markets are and go",
		`Show for each shard who leads, its points, to which its share of the markets is in proportion, how many markets it has, how many
of those are to leave it and how many are to come, and how many have ended, which never move.

The exit code is 0 when all shards are well, 1 when one is not but orders are accepted, 2 when one has no leader or its answers
wait for a synchronous copy, and 3 when no node could be asked. That markets move is no fault.`,
		func(ctx context.Context) (api.Shards, string, error) {
			status, err := o.shards(ctx)
			return status, status.Health, err
		}, drawShards)
}

// shards asks for the status, of several nodes if need be until one knows all leaders.
func (o *operator) shards(ctx context.Context) (api.Shards, error) {
	return askStatus(ctx, o, (*client.Client).Shards, func(s *api.Shards) string { return s.Health })
}

// printEither prints an answer as JSON or as a person reads it.
func printEither[T any](w io.Writer, asJSON bool, answer T, draw func(T) string) error {
	return desk.Print(w, asJSON, answer, draw(answer))
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
