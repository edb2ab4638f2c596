package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// Exit codes of a status.
const (
	exitDegraded = 1
	exitNoLeader = 2
	exitNoAnswer = 3
)

type statusFlags struct {
	operator
	json, watch bool
	every       time.Duration
}

func newClusterStatusCommand() *cobra.Command {
	var f statusFlags
	c := &cobra.Command{
		Use:   "status",
		Short: "Show shards, leaders, members, lag and health",
		Long: `Show for each shard who leads, its term and place in the log, and for each member its role, how many entries it is behind
and how it is.

The exit code is 0 when all members are well, 1 when one is not but orders are accepted, 2 when nobody leads or answers
wait for a synchronous copy, and 3 when no node could be asked.`,
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
func (f *statusFlags) show(ctx context.Context, w io.Writer) error {
	var status api.Cluster
	err := f.do(ctx, askPatience, func(ctx context.Context, c *client.Client) error {
		answer, err := c.Cluster(ctx)
		if err != nil {
			return err
		}
		if status = answer; status.Health == api.HealthNoLeader {
			return &client.Error{Problem: *api.CodeNoLeader.Problem("", "")} // another node may know one
		}
		return nil
	})
	if err != nil && status.Health == "" {
		return exitError{err, exitNoAnswer}
	}
	if err := printEither(w, f.json, status, drawCluster); err != nil {
		return err
	}
	return healthExit(status.Health)
}

// healthExit is the exit code of a status.
func healthExit(health string) error {
	switch health {
	case api.HealthDegraded:
		return exitError{code: exitDegraded}
	case api.HealthWaiting, api.HealthNoLeader:
		return exitError{code: exitNoLeader}
	}
	return nil
}

// watching shows a status again and again. An error is shown like a status: it may pass.
func watching(ctx context.Context, w io.Writer, asJSON bool, every time.Duration, show func(context.Context, io.Writer) error) error {
	const clear = "\x1b[H\x1b[2J"
	screen, ok := w.(*os.File)
	redraw := ok && !asJSON && term.IsTerminal(int(screen.Fd()))
	for {
		if redraw {
			fmt.Fprint(w, clear)
		}
		var coded exitError
		if err := show(ctx, w); errors.As(err, &coded) && coded.error != nil && ctx.Err() == nil {
			fmt.Fprintln(w, coded.error)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
		if !redraw {
			fmt.Fprintln(w)
		}
	}
}
