package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/config"
	"github.com/hustings/hustings/feed"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/setup"
	"github.com/hustings/hustings/vfs"
)

// newServeCommand runs one node of an exchange on several machines.
func newServeCommand() *cobra.Command {
	var path string
	var jsonLog, verbose bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run one node of an exchange on several machines",
		Long: `Run one node of an exchange on several machines, as a file says. hustings cluster create makes such files, and
docs/configuration.md explains them.

The node keeps its data in one directory, goes on where it stopped, and drains and exits on Ctrl-C.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f, err := config.Load(path)
			if err != nil {
				return err
			}
			nc := nodeConfig(f)
			if knownRules != "" {
				if nc.Replica.Rules, err = strconv.Atoi(knownRules); err != nil {
					return fmt.Errorf("the program was linked with rules %s: %w", knownRules, err)
				}
			}
			nc.Log = newLog(c.ErrOrStderr(), jsonLog, verbose)
			err = serve(c, nc, func(n *node.Node, took time.Duration) { greetNode(c.OutOrStdout(), n, nc, took) })
			if errors.Is(err, vfs.ErrLocked) {
				return fmt.Errorf("another hustings runs on %s: stop it, or give this node a directory of its own (data in %s)\n  (%w)",
					nc.Dir, path, err)
			}
			if errors.Is(err, syscall.EADDRINUSE) {
				return fmt.Errorf("%w: stop whatever uses it, or change [listen] in %s", err, path)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&path, "config", setup.ConfigFile, "file with the node's configuration")
	f.BoolVar(&jsonLog, "log-json", false, "log as JSON")
	f.BoolVar(&verbose, "verbose", false, "log details")
	return c
}

// nodeConfig is what a file says, in the words of package node.
func nodeConfig(f *config.File) node.Config {
	c := &node.Cluster{
		Node: f.Node, Listen: string(f.Listen.Peers), Region: f.Region,
		Credentials: node.Credentials(f.TLS), Secrets: node.Secrets(f.Secrets),
		Heartbeat: time.Duration(f.Timing.Heartbeat), Election: time.Duration(f.Timing.Election),
	}
	for _, m := range f.Members {
		c.Members = append(c.Members, node.Member{Node: m.Node, Address: string(m.Peers)})
	}
	return node.Config{
		Dir: f.Data, Listen: string(f.Listen.API), AdminListen: string(f.Listen.Admin), Cluster: c, Version: version(),
		TraderDeposits: f.Deposits == config.Traders, AccessLog: f.AccessLog, DrainDelay: time.Duration(f.DrainDelay),
		Feed: feed.Config{
			Origins: strings.Fields(f.Feed.Origins), MaxConnections: int(f.Feed.Connections), MaxSubscriptions: int(f.Feed.Subscriptions),
			MaxQueue: int(f.Feed.Queue), MaxRequests: int(f.Feed.Requests), Ring: int(f.Feed.Ring),
		},
	}
}

// greetNode says where everything is. What run says to a first-time user would be out of place here.
func greetNode(w io.Writer, n *node.Node, config node.Config, took time.Duration) {
	k := config.Cluster
	fmt.Fprintf(w, "Hustings %s\n\n", config.Version)
	fmt.Fprintf(w, "  node           %d of an exchange with %d first members\n", k.Node, len(k.Members))
	fmt.Fprintf(w, "  API            http://%s/api\n", n.Addr())
	fmt.Fprintf(w, "  operator's API http://%s/api/admin   key in %s\n", n.AdminAddr(), k.Secrets.Admin)
	fmt.Fprintf(w, "  other nodes    %s\n", k.Listen)
	fmt.Fprintf(w, "  data           %s\n", config.Dir)
	fmt.Fprintf(w, "  started        in %v\n\n", took.Round(time.Millisecond))
}
