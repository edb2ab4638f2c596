package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

type shardPlanFlags struct {
	operator
	add, move string
	drain     uint16
	points    uint16
	json      bool
}

func newShardPlanCommand() *cobra.Command {
	var f shardPlanFlags
	c := &cobra.Command{
		Use:   "plan --add NUMBER | --drain NUMBER | --move MARKET=SHARD",
		Short: "Show what a change would move, without doing it",
		Long: `Show how many markets would move from where to where if a shard were added, drained, or given other points, or a market put
somewhere. Nothing is done. What is moving already is counted in.`,
		Example: `  hustings shard plan --add next
  hustings shard plan --add 2 --points 1024
  hustings shard plan --drain 3
  hustings shard plan --move 17=4`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			ask, err := f.ask()
			if err != nil {
				return err
			}
			plan, err := f.plan(ctx, ask)
			if err != nil {
				return err
			}
			return printEither(c.OutOrStdout(), f.json, plan, drawPlan)
		},
	}
	f.flags(c.Flags())
	c.Flags().StringVar(&f.add, "add", "", "number of a shard to add, or to give other points; or next")
	c.Flags().Uint16Var(&f.drain, "drain", 0, "number of a shard to drain")
	c.Flags().StringVar(&f.move, "move", "", "a market and the shard to put it on, such as 17=4; shard 0 is where its id places it")
	c.Flags().Uint16Var(&f.points, "points", api.SharePoints, "points of the shard to add")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON, as the operator's API gives it")
	c.MarkFlagsMutuallyExclusive("add", "drain", "move")
	c.MarkFlagsOneRequired("add", "drain", "move")
	return c
}

func (f *shardPlanFlags) ask() (p api.PlanShards, err error) {
	switch {
	case f.add != "":
		p = api.PlanShards{Change: api.ChangeAdd, Points: f.points}
		if f.add != "next" {
			p.Shard, err = shardNumber(f.add)
		}
	case f.move != "":
		p.Change = api.ChangeMove
		p.Market, p.Shard, err = parseMove(f.move)
	case f.drain == 0:
		err = errors.New("0 is no number of a shard")
	default:
		p = api.PlanShards{Change: api.ChangeDrain, Shard: uint32(f.drain)}
	}
	return p, err
}

func (o *operator) plan(ctx context.Context, ask api.PlanShards) (plan api.ShardPlan, err error) {
	err = o.do(ctx, askPatience, func(ctx context.Context, c *client.Client) (err error) {
		plan, err = c.PlanShards(ctx, ask)
		return err
	})
	return plan, err
}

// parseMove reads MARKET=SHARD.
func parseMove(text string) (market api.ID, shard uint32, err error) {
	id, to, _ := strings.Cut(text, "=")
	if market, err = api.ParseID(id); err == nil && to != "0" {
		shard, err = shardNumber(to)
	}
	if err != nil {
		err = fmt.Errorf("%q is no move: write a market and a shard, such as 17=4", text)
	}
	return market, shard, err
}
