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

func newClusterStatusCommand() *cobra.Command {
	var o operator
	return statusCommand(&o, "Show shards, leaders, members, lag and health",
		`Show for each shard who leads, its term and place in the log, and for each member its role, how many entries it is behind
and how it is.

The exit code is 0 when all members are well, 1 when one is not but orders are accepted, 2 when nobody leads or answers
wait for a synchronous copy, and 3 when no node could be asked.`,
		func(ctx context.Context) (api.Cluster, string, error) {
			status, err := askStatus(ctx, &o, (*client.Client).Cluster, func(s *api.Cluster) string { return s.Health })
			return status, status.Health, err
		}, drawCluster)
}

// statusCommand makes a command that shows a status once, or again and again. Ask returns it with its health, which is empty if
// nobody has answered.
func statusCommand[T any](o *operator, short, long string, ask func(context.Context) (T, string, error), draw func(T) string) *cobra.Command {
	var asJSON, watch bool
	var every time.Duration
	show := func(ctx context.Context, w io.Writer) error { // what it returns carries the exit code
		status, health, err := ask(ctx)
		if err != nil && health == "" {
			return exitError{err, exitNoAnswer}
		}
		if err := printEither(w, asJSON, status, draw); err != nil {
			return err
		}
		return healthExit(health)
	}
	c := &cobra.Command{
		Use: "status", Short: short, Long: long, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			if watch {
				return watching(ctx, c.OutOrStdout(), asJSON, every, show)
			}
			return show(ctx, c.OutOrStdout())
		},
	}
	o.flags(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON, as the operator's API gives it")
	c.Flags().BoolVar(&watch, "watch", false, "show it again and again, until Ctrl-C")
	c.Flags().DurationVar(&every, "every", time.Second, "how often --watch does")
	return c
}

// askStatus asks for a status, several nodes if need be until one knows all leaders.
func askStatus[T any](ctx context.Context, o *operator, ask func(*client.Client, context.Context) (T, error), health func(*T) string) (status T, err error) {
	err = o.do(ctx, askPatience, func(ctx context.Context, c *client.Client) error {
		answer, err := ask(c, ctx)
		if err != nil {
			return err
		}
		if status = answer; health(&status) == api.HealthNoLeader {
			return &client.Error{Problem: *api.CodeNoLeader.Problem("", "")} // another node may know one
		}
		return nil
	})
	return status, err
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
