package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// newClusterChangeCommands change who is a member, who votes and who leads.
func newClusterChangeCommands() []*cobra.Command {
	var learner, synchronous bool
	add := changeCommand("add NUMBER=HOST:PORT", "Make a node a member",
		`Make a node that runs a member. It gets a copy of everything while trading goes on, and a vote when it has caught up.`,
		func(ctx context.Context, w io.Writer, o *operator, arg string) error {
			if err := addNode(ctx, w, o, arg, learner); err != nil || !synchronous {
				return err
			}
			number, _, _ := strings.Cut(arg, "=")
			return synchronize(ctx, w, o, number)
		})
	add.Flags().BoolVar(&learner, "learner", false, "give it no vote: it serves reads, and can be promoted later")
	add.Flags().BoolVar(&synchronous, "sync", false, "let every answer wait until it has it on disk, as soon as it has caught up (see cluster sync)")
	return []*cobra.Command{
		add, newClusterSyncCommand(), newClusterSeizeCommand(), newClusterUpgradeCommand(),
		nodeCommand("async NUMBER", "Answer without waiting for a member",
			"Make a member follow as it can: answers do not wait for it any more, and those that did are given.",
			"Node %d is not waited for any more.",
			func(ctx context.Context, c *client.Client, n uint16) (api.Cluster, error) {
				return c.SetSynchronous(ctx, n, false)
			}),
		nodeCommand("remove NUMBER", "End a node's membership",
			"End a node's membership. A node that leads hands over first; stop the process of a removed one. To replace a machine, add\nthe new node before.",
			"Node %d is no member any more. Stop its process if it runs.",
			func(ctx context.Context, c *client.Client, n uint16) (api.Cluster, error) {
				return c.RemoveMember(ctx, n)
			}),
		nodeCommand("promote NUMBER", "Give a learner a vote", "Give a learner that has caught up a vote.", "Node %d is a voter.",
			func(ctx context.Context, c *client.Client, n uint16) (api.Cluster, error) {
				return c.SetRole(ctx, n, api.Voter)
			}),
		nodeCommand("demote NUMBER", "Take a voter's vote away", "Take a voter's vote away. It goes on as a learner.", "Node %d is a learner.",
			func(ctx context.Context, c *client.Client, n uint16) (api.Cluster, error) {
				return c.SetRole(ctx, n, api.Learner)
			}),
		nodeCommand("handover NUMBER", "Let another node lead",
			"Let another node lead, before its machine's maintenance for example: traders see a pause of some milliseconds.",
			"Node %d leads.",
			func(ctx context.Context, c *client.Client, n uint16) (api.Cluster, error) { return c.HandOver(ctx, n) }),
	}
}

func changeCommand(use, short, long string, run func(context.Context, io.Writer, *operator, string) error) *cobra.Command {
	var o operator
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			return run(ctx, c.OutOrStdout(), &o, args[0])
		},
	}
	o.flags(c.Flags())
	return c
}

// nodeCommand changes something about one node and says that it is done.
func nodeCommand(use, short, long, done string, change func(context.Context, *client.Client, uint16) (api.Cluster, error)) *cobra.Command {
	return changeCommand(use, short, long, func(ctx context.Context, w io.Writer, o *operator, arg string) error {
		n, err := strconv.ParseUint(arg, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("%q is no number of a node", arg)
		}
		err = o.do(ctx, changePatience, func(ctx context.Context, c *client.Client) error {
			_, err := change(ctx, c, uint16(n))
			return err
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(w, done+"\n", n)
		return nil
	})
}

// addNode makes a node a learner, and a voter when it has caught up.
func addNode(ctx context.Context, w io.Writer, o *operator, arg string, learner bool) error {
	number, address, _ := strings.Cut(arg, "=")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 || address == "" {
		return fmt.Errorf("%q is no node: write its number and where other nodes connect, such as 4=10.0.0.4:7000", arg)
	}
	member := api.AddMember{Node: uint16(n), Peers: address, Role: api.Voter}
	if learner {
		member.Role = api.Learner
	}
	err = o.do(ctx, changePatience, func(ctx context.Context, c *client.Client) error {
		_, err := c.AddMember(ctx, member)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Node %d is a learner.\n", n)
	if learner {
		return nil
	}
	fmt.Fprintln(w, "It gets a vote when it has caught up. Ctrl-C ends the waiting, not that.")
	if err := awaitVote(ctx, o, uint16(n)); err != nil {
		return err
	}
	fmt.Fprintf(w, "Node %d is a voter.\n", n)
	return nil
}

// awaitVote waits until a member is a voter of every shard. That nobody answers for a while is no reason to give up.
func awaitVote(ctx context.Context, o *operator, node uint16) error {
	const pause = 200 * time.Millisecond
	for {
		voter := false
		err := o.do(ctx, askPatience, func(ctx context.Context, c *client.Client) error {
			status, err := c.Cluster(ctx)
			voter = err == nil && votes(status, node)
			return err
		})
		if voter {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(errors.New("interrupted: hustings cluster status says when it is a voter"), err)
		case <-time.After(pause):
		}
	}
}

// votes reports whether a node is a voter of every shard.
func votes(c api.Cluster, node uint16) bool {
	for _, s := range c.Shards {
		voter := func(m api.ClusterMember) bool { return m.Node == node && m.Role == api.Voter }
		if !slices.ContainsFunc(s.Members, voter) {
			return false
		}
	}
	return true
}
