package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// seizing goes on without nodes that are lost for good.
type seizing struct {
	operator
	lost, voters []uint
	yes          bool
}

func newClusterSeizeCommand() *cobra.Command {
	var s seizing
	c := &cobra.Command{
		Use:   "seize --admin URL --key-file FILE --lost 1,2,3",
		Short: "Go on without voters that are lost for good",
		Long: `Go on with the surviving members when a majority of the voters is lost for good, as with a whole region. The survivor that
has most of the log becomes the only voter of a new generation of the group; the others follow it, and get a vote if they
had one or are named with --voters.

Whatever was answered and is on no survivor is lost. With a synchronous copy among the survivors there is no such thing.

First make sure that the lost nodes are stopped or cut off from traders for good. A lost node that comes back and reaches a
survivor stops itself; one that reaches none goes on as if nothing had happened, and no program can prevent that.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			return s.run(ctx, c.InOrStdin(), c.OutOrStdout())
		},
	}
	s.flags(c.Flags())
	c.Flags().UintSliceVar(&s.lost, "lost", nil, "numbers of the nodes that are lost")
	c.Flags().UintSliceVar(&s.voters, "voters", nil, "numbers of surviving learners that get a vote as well")
	c.Flags().BoolVar(&s.yes, "yes", false, "do not ask")
	if err := c.MarkFlagRequired("lost"); err != nil {
		panic(err) // there is no such flag
	}
	return c
}

func (s *seizing) run(ctx context.Context, in io.Reader, w io.Writer) error {
	ask := api.Seize{}
	for into, numbers := range map[*[]uint16][]uint{&ask.Lost: s.lost, &ask.Voters: s.voters} {
		for _, n := range numbers {
			if n == 0 || n > 1<<16-1 {
				return fmt.Errorf("%d is no number of a node", n)
			}
			*into = append(*into, uint16(n))
		}
	}
	if !s.yes {
		fmt.Fprintf(w, "Nodes %s are going to be no members any more, and must never serve again. Are they stopped, or cut off for good?\n"+
			"Type yes to go on without them: ", list(ask.Lost))
		if answer, _ := bufio.NewReader(in).ReadString('\n'); strings.TrimSpace(answer) != "yes" {
			return errors.New("nothing was done")
		}
	}
	begun := time.Now()
	var before api.Cluster
	err := s.do(ctx, changePatience, func(ctx context.Context, c *client.Client) (err error) {
		before, err = c.Seize(ctx, ask)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Node %d goes on with what it has.\n", before.Node)
	after, err := s.awaitGeneration(ctx, before)
	if err != nil {
		return err
	}
	shard := after.Shards[0]
	fmt.Fprintf(w, "Node %d leads generation %d, after %.1f s. Orders are accepted.\n", shard.Leader, shard.Generation, time.Since(begun).Seconds())
	return nil
}

// awaitGeneration waits until the groups that were begun anew, one for each shard, have leaders.
func (s *seizing) awaitGeneration(ctx context.Context, before api.Cluster) (after api.Cluster, err error) {
	const pause = 50 * time.Millisecond
	for {
		err = s.do(ctx, askPatience, func(ctx context.Context, c *client.Client) error {
			after, err = c.Cluster(ctx)
			if err == nil && !later(after, before) {
				return &client.Error{Problem: *api.CodeNoLeader.Problem("", "")} // another node may know more
			}
			return err
		})
		if err == nil {
			return after, nil
		}
		select {
		case <-ctx.Done():
			return after, errors.Join(errors.New("interrupted: hustings cluster status says when it leads"), err)
		case <-time.After(pause):
		}
	}
}

// later reports whether every shard of a status is of a later generation than in another one, and somebody leads it.
func later(after, before api.Cluster) bool {
	for _, was := range before.Shards {
		is := slices.IndexFunc(after.Shards, func(s api.ClusterShard) bool { return s.Shard == was.Shard })
		if is < 0 || after.Shards[is].Generation <= was.Generation || after.Shards[is].Leader == 0 {
			return false
		}
	}
	return len(before.Shards) > 0
}
