package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/vfs"
)

// newRunCommand runs the whole exchange in this process.
func newRunCommand() *cobra.Command {
	config := node.Config{Version: version()}
	var jsonLog, verbose bool
	var deposits string
	c := &cobra.Command{
		Use:   "run",
		Short: "Run an exchange, all roles in this process",
		Long: `Run an exchange, all roles in this process, with everything it needs embedded.

It keeps its data in one directory, goes on where it stopped, and drains and exits on Ctrl-C. The first start makes the
operator's key in DATA/admin.key.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch deposits {
			case "traders":
				config.TraderDeposits = true
			case "operator":
			default:
				return fmt.Errorf("--deposits %s: must be traders or operator", deposits)
			}
			config.Log = newLog(c.ErrOrStderr(), jsonLog, verbose)
			return run(c, config)
		},
	}
	f := c.Flags()
	f.StringVar(&config.Dir, "data", "data", "directory of the exchange's data")
	f.StringVar(&config.Listen, "listen", "127.0.0.1:8080", "address of the API")
	f.StringVar(&config.AdminListen, "admin-listen", "127.0.0.1:8081", "address of the operator's API")
	f.StringVar(&deposits, "deposits", "traders", "who may pay money in: traders (play money) or operator")
	f.StringSliceVar(&config.Feed.Origins, "feed-origins", nil, "origins of pages that may connect to the feed beside the exchange's own (* for all)")
	f.BoolVar(&config.AccessLog, "access-log", false, "log every request")
	f.DurationVar(&config.DrainDelay, "drain-delay", 0, "how long readiness fails before the listeners close, for load balancers to notice")
	f.BoolVar(&jsonLog, "log-json", false, "log as JSON")
	f.BoolVar(&verbose, "verbose", false, "log details")
	return c
}

func newLog(w io.Writer, asJSON, verbose bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	if verbose {
		options.Level = slog.LevelDebug
	}
	if asJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func run(c *cobra.Command, config node.Config) error {
	_, statErr := os.Stat(filepath.Join(config.Dir, node.AdminKeyFile))
	err := serve(c, config, func(n *node.Node, took time.Duration) {
		greet(c.OutOrStdout(), n, config, os.IsNotExist(statErr), took)
	})
	if errors.Is(err, vfs.ErrLocked) {
		return fmt.Errorf("another hustings runs on %s: stop it, or choose another directory with --data\n  (%w)", config.Dir, err)
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w: stop whatever uses it, or choose other addresses with --listen and --admin-listen", err)
	}
	return err
}

// serve starts a node, greets when it has started, and serves until it is interrupted or fails.
func serve(c *cobra.Command, config node.Config, greet func(n *node.Node, took time.Duration)) error {
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	for {
		err := serveOnce(c, config, greet, interrupts)
		if !errors.Is(err, node.ErrRestart) {
			return err
		}
		config.Log.Warn("starts again", "reason", err)
	}
}

// serveOnce serves until the node has stopped, be it to be started again.
func serveOnce(c *cobra.Command, config node.Config, greet func(*node.Node, time.Duration), interrupts <-chan os.Signal) error {
	begun := time.Now()
	n, err := startNode(config, interrupts)
	if err != nil {
		return err
	}
	greet(n, time.Since(begun))
	select {
	case <-interrupts:
		signal.Reset() // a second Ctrl-C ends the program at once
		fmt.Fprintln(c.OutOrStdout(), "\nStopping: answering what is under way. Press Ctrl-C again to stop at once.")
	case <-n.Failed():
	}
	if err := n.Close(); err != nil {
		return err
	}
	fmt.Fprintln(c.OutOrStdout(), "Stopped. Everything that was acknowledged is on disk.")
	return nil
}

// startNode starts a node, and gives up when interrupted: a start can take long, and may be cut off at any point.
func startNode(config node.Config, interrupts <-chan os.Signal) (*node.Node, error) {
	type result struct {
		*node.Node
		error
	}
	started := make(chan result, 1)
	go func() {
		n, err := node.Start(config)
		started <- result{n, err}
	}()
	select {
	case r := <-started:
		return r.Node, r.error
	case <-interrupts:
		return nil, errors.New("interrupted while starting")
	}
}

// greet says where everything is and how to trade.
func greet(w io.Writer, n *node.Node, config node.Config, first bool, took time.Duration) {
	rec := n.Replica().Recovery()
	key := filepath.Join(config.Dir, node.AdminKeyFile)
	fmt.Fprintf(w, "Hustings %s\n\n", config.Version)
	fmt.Fprintf(w, "  API            http://%s/api\n", n.Addr())
	fmt.Fprintf(w, "  operator's API http://%s/api/admin   key in %s\n", n.AdminAddr(), key)
	fmt.Fprintf(w, "  data           %s\n", config.Dir)
	if first {
		fmt.Fprintf(w, "  started        new, in %v\n", took.Round(time.Millisecond))
	} else {
		fmt.Fprintf(w, "  started        in %v: snapshot %v, %d commands replayed in %v\n", took.Round(time.Millisecond),
			rec.SnapshotTime.Round(time.Millisecond), rec.Commands, rec.ReplayTime.Round(time.Millisecond))
	}
	for _, damage := range rec.Damaged {
		fmt.Fprintf(w, "  WARNING        %v; recovered from an older snapshot\n", damage)
	}
	fmt.Fprintf(w, firstTrade, n.Addr(), n.AdminAddr(), key)
}
